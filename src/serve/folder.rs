//! Opening what is under OUT. In: plain names, from `address`. Out: an open file, or that there is none. Walks by
//! descriptors and follows no link at any step, so nothing outside can be reached, however quickly somebody puts a link in the way.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::address::Wanted;

/// What a folder shows.
const INDEX: &str = "index.html";

/// The folder that is served.
#[derive(Debug)]
pub(super) struct Folder {
    root: OwnedFd,
}

/// What is behind an address.
#[derive(Debug)]
pub(super) enum Found {
    /// A file, its name and what is known of it.
    File {
        /// Open for reading.
        file: File,
        /// The name, by which its kind is known.
        name: String,
        /// Its size.
        bytes: u64,
        /// When it was written.
        modified: SystemTime,
    },
    /// A folder with a page; its address ends in a slash.
    Folder,
}

impl Folder {
    /// The folder itself may be behind a link: the operator named it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Folder { root })
    }

    /// What is behind an address; none where there is nothing to be shown. Folders are never listed.
    pub(super) fn find(&self, wanted: &Wanted) -> io::Result<Option<Found>> {
        match self.walk(wanted) {
            Err(error) if is_nothing(&error) => Ok(None),
            other => other,
        }
    }

    fn walk(&self, wanted: &Wanted) -> io::Result<Option<Found>> {
        let mut here = self.root.try_clone()?;
        let mut name = None;
        for step in &wanted.names {
            here = open(&here, step)?;
            name = Some(step.as_str());
        }
        let file = File::from(here);
        let meta = file.metadata()?;
        if meta.is_dir() {
            return index_of(&file, wanted.as_folder);
        }
        let shown = meta.is_file() && !wanted.as_folder;
        Ok(name.filter(|_| shown).map(|name| found(file, name, &meta)))
    }
}

/// Nothing there, a link, a file on the way, a socket: there is nothing for a visitor.
fn is_nothing(error: &io::Error) -> bool {
    let nothing = [
        Errno::NOENT,
        Errno::LOOP,
        Errno::NOTDIR,
        Errno::NAMETOOLONG,
        Errno::NXIO,
    ];
    Errno::from_io_error(error).is_some_and(|errno| nothing.contains(&errno))
}

fn index_of(folder: &File, as_folder: bool) -> io::Result<Option<Found>> {
    let file = File::from(open(folder, INDEX)?);
    let meta = file.metadata()?;
    Ok(meta.is_file().then(|| {
        if as_folder {
            found(file, INDEX, &meta)
        } else {
            Found::Folder
        }
    }))
}

fn found(file: File, name: &str, meta: &fs::Metadata) -> Found {
    Found::File {
        file,
        name: name.to_owned(),
        bytes: meta.len(),
        modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
    }
}

// Without waiting: a pipe that took a file's name must not hold a thread for ever.
fn open(folder: impl std::os::fd::AsFd, name: &str) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    Ok(rustix::fs::openat(folder, name, flags, Mode::empty())?)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files to be found")]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::serve::address::wanted;

    fn text(folder: &Folder, path: &str) -> Option<String> {
        match folder.find(&wanted(path)?).unwrap()? {
            Found::File { mut file, .. } => {
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                Some(text)
            }
            Found::Folder => Some("a folder".to_owned()),
        }
    }

    #[test]
    fn files_and_front_pages_are_found_and_folders_are_not_listed() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("site/media")).unwrap();
        fs::write(root.path().join("site/index.html"), "home").unwrap();
        let folder = Folder::open(root.path()).unwrap();
        assert_eq!(text(&folder, "/site/index.html").as_deref(), Some("home"));
        assert_eq!(text(&folder, "/site/").as_deref(), Some("home"));
        assert_eq!(text(&folder, "/site").as_deref(), Some("a folder"));
        for nothing in [
            "/",
            "/site/media",
            "/site/media/",
            "/site/index.html/",
            "/site/index.html/x",
            "/report/report.html",
        ] {
            assert_eq!(text(&folder, nothing), None, "{nothing}");
        }
        let long = format!("/site/{}", "a".repeat(300));
        assert_eq!(text(&folder, &long), None);
    }

    #[test]
    fn no_link_is_followed_and_no_pipe_is_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.html"), "secret").unwrap();
        fs::write(outside.path().join("index.html"), "secret").unwrap();
        let site = root.path().join("site");
        fs::create_dir(&site).unwrap();
        symlink(outside.path(), site.join("way-out")).unwrap();
        symlink(outside.path().join("secret.html"), site.join("page.html")).unwrap();
        symlink(outside.path().join("index.html"), site.join("index.html")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            site.join("pipe.mp4"),
            rustix::fs::FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let folder = Folder::open(root.path()).unwrap();
        for nothing in [
            "/site/way-out/secret.html",
            "/site/page.html",
            "/site/",
            "/site",
            "/site/pipe.mp4",
        ] {
            assert_eq!(text(&folder, nothing), None, "{nothing}");
        }
    }
}
