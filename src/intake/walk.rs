//! The inbox as the file system shows it. In: a folder. Out: every entry below it, in one order for ever. Never follows
//! a link, never opens a file, never goes deeper or further than its limits.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, FileType};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::IntakeError;
use super::kind;
use super::packed::Packed;
use crate::report::model::OtherFile;
use crate::text::Text;
use crate::units::Bytes;

/// Folders inside folders, counted from the inbox; whatever lies deeper is reported and left alone.
pub(super) const MAX_DEPTH: usize = 8;
/// Entries in the whole inbox, folders included.
pub(super) const MAX_ENTRIES: usize = 100_000;

/// What stands behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    File,
    Link,
    Pipe,
    Device,
}

/// One name that is not a folder.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    /// Path inside the inbox, byte for byte; through archives as if they were folders.
    pub(super) relative: PathBuf,
    /// Where it counts as lying: the same, but an archive named for a region is that region's folder.
    pub(super) place: PathBuf,
    pub(super) shape: Shape,
    pub(super) bytes: Bytes,
}

impl Entry {
    /// The last part of the name, for people.
    pub(super) fn name(&self) -> String {
        lossy(self.relative.file_name().unwrap_or_default())
    }

    /// The first part of the name, if it is a folder's.
    pub(super) fn top_folder(&self) -> Option<&OsStr> {
        let mut parts = self.place.iter();
        let first = parts.next()?;
        parts.next().map(|_| first)
    }

    /// The folder inside the inbox.
    pub(super) fn folder(&self) -> &Path {
        self.place.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn source(&self) -> String {
        source_of(&self.relative)
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Listing {
    pub(super) entries: Vec<Entry>,
    /// Names of the folders right below the inbox.
    pub(super) top_folders: Vec<OsString>,
    /// Folders that were not entered, and why.
    pub(super) notes: Vec<OtherFile>,
    /// What is known of archives, by their path inside the inbox.
    pub(super) packed: BTreeMap<PathBuf, Packed>,
}

/// Lists the whole inbox.
pub(super) fn list(inbox: &Path) -> Result<Listing, IntakeError> {
    list_at_most(inbox, MAX_ENTRIES)
}

fn list_at_most(inbox: &Path, limit: usize) -> Result<Listing, IntakeError> {
    let unreadable = |source| IntakeError::Unreadable {
        path: inbox.to_owned(),
        source,
    };
    match fs::metadata(inbox) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(IntakeError::NotAFolder(inbox.to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(IntakeError::Missing(inbox.to_owned()));
        }
        Err(error) => return Err(unreadable(error)),
    }
    let mut walk = Walk {
        inbox,
        limit,
        seen: 0,
        listing: Listing::default(),
    };
    let top = walk.read_folder(inbox)?.map_err(unreadable)?;
    walk.take_all(top, Path::new(""), 0)?;
    Ok(walk.listing)
}

/// A path inside the inbox as people read it: `/` between parts, U+FFFD for what is not UTF-8.
pub(super) fn source_of(relative: &Path) -> String {
    let parts: Vec<_> = relative.iter().map(lossy).collect();
    parts.join("/")
}

fn lossy(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

struct Walk<'a> {
    inbox: &'a Path,
    limit: usize,
    seen: usize,
    listing: Listing,
}

impl Walk<'_> {
    /// The entries of one folder by name; the inner error is the folder's own, the outer one ends the walk.
    fn read_folder(
        &mut self,
        folder: &Path,
    ) -> Result<std::io::Result<Vec<DirEntry>>, IntakeError> {
        let reader = match fs::read_dir(folder) {
            Ok(reader) => reader,
            Err(error) => return Ok(Err(error)),
        };
        let mut entries = Vec::new();
        for entry in reader {
            self.seen += 1;
            if self.seen > self.limit {
                return Err(IntakeError::TooManyEntries {
                    path: self.inbox.to_owned(),
                    limit: self.limit,
                });
            }
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => return Ok(Err(error)),
            }
        }
        entries.sort_by_key(DirEntry::file_name);
        Ok(Ok(entries))
    }

    fn take_all(
        &mut self,
        entries: Vec<DirEntry>,
        folder: &Path,
        depth: usize,
    ) -> Result<(), IntakeError> {
        for entry in entries {
            let relative = folder.join(entry.file_name());
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) => {
                    self.note_unreadable(&source_of(&relative), &error);
                    continue;
                }
            };
            if metadata.is_dir() {
                self.enter(&entry, &relative, depth + 1)?;
            } else {
                self.listing.entries.push(Entry {
                    path: entry.path(),
                    place: relative.clone(),
                    relative,
                    shape: shape_of(metadata.file_type()),
                    bytes: Bytes(metadata.len()),
                });
            }
        }
        Ok(())
    }

    fn enter(
        &mut self,
        folder: &DirEntry,
        relative: &Path,
        depth: usize,
    ) -> Result<(), IntakeError> {
        let shown = format!("{}/", source_of(relative));
        if let Some(note) = kind::litter_folder(&lossy(&folder.file_name())) {
            self.note(shown, note, false);
            return Ok(());
        }
        if depth == 1 {
            self.listing.top_folders.push(folder.file_name());
        }
        if depth > MAX_DEPTH {
            self.note(shown, too_deep(), true);
            return Ok(());
        }
        match self.read_folder(&folder.path())? {
            Ok(entries) => self.take_all(entries, relative, depth),
            Err(error) => {
                self.note_unreadable(&shown, &error);
                Ok(())
            }
        }
    }

    fn note_unreadable(&mut self, shown: &str, error: &std::io::Error) {
        let note = Text::new(
            format!("无法读取（{error}），里面的内容没有处理；请检查权限后再运行。"),
            format!(
                "cannot be read ({error}), so nothing in it was handled; check the permissions and run again"
            ),
        );
        self.note(shown.to_owned(), note, true);
    }

    fn note(&mut self, path: String, note: Text, attention: bool) {
        self.listing.notes.push(OtherFile {
            path,
            note,
            attention,
        });
    }
}

fn too_deep() -> Text {
    Text::new(
        format!("文件夹嵌套超过 {MAX_DEPTH} 层，里面的内容没有处理；请移到上层后再运行。"),
        format!(
            "lies more than {MAX_DEPTH} folders deep, so nothing in it was handled; move it up and run again"
        ),
    )
}

fn shape_of(kind: FileType) -> Shape {
    if kind.is_file() {
        Shape::File
    } else if kind.is_symlink() {
        Shape::Link
    } else if kind.is_fifo() || kind.is_socket() {
        Shape::Pipe
    } else {
        Shape::Device
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test's inbox needs no publishing"
    )]
    use super::*;

    fn shown(listing: &Listing) -> Vec<String> {
        listing.entries.iter().map(Entry::source).collect()
    }

    #[test]
    fn entries_come_in_the_order_of_their_names() {
        let inbox = tempfile::tempdir().unwrap();
        fs::create_dir(inbox.path().join("b")).unwrap();
        for name in ["c.mp4", "a.mp4", "b/z.mp4", "b/a.mp4"] {
            fs::write(inbox.path().join(name), "x").unwrap();
        }
        let listing = list(inbox.path()).unwrap();
        assert_eq!(shown(&listing), ["a.mp4", "b/a.mp4", "b/z.mp4", "c.mp4"]);
        assert_eq!(listing.top_folders, ["b"]);
    }

    #[test]
    fn a_folder_below_the_eighth_level_is_reported_and_not_entered() {
        let inbox = tempfile::tempdir().unwrap();
        let eighth = "1/2/3/4/5/6/7/8";
        fs::create_dir_all(inbox.path().join(eighth).join("9")).unwrap();
        fs::write(inbox.path().join(eighth).join("in.mp4"), "x").unwrap();
        fs::write(inbox.path().join(eighth).join("9/out.mp4"), "x").unwrap();
        let listing = list(inbox.path()).unwrap();
        assert_eq!(shown(&listing), ["1/2/3/4/5/6/7/8/in.mp4"]);
        assert_eq!(listing.notes[0].path, "1/2/3/4/5/6/7/8/9/");
        assert!(listing.notes[0].attention);
    }

    #[test]
    fn too_many_entries_are_refused_with_the_limit() {
        let inbox = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::write(inbox.path().join(name), "x").unwrap();
        }
        assert!(list_at_most(inbox.path(), 3).is_ok());
        let error = list_at_most(inbox.path(), 2).unwrap_err();
        assert!(error.to_string().ends_with("limit of 2"), "{error}");
    }

    #[test]
    fn a_folder_that_vanished_or_is_closed_is_noted_and_the_walk_goes_on() {
        let inbox = tempfile::tempdir().unwrap();
        let mut walk = Walk {
            inbox: inbox.path(),
            limit: 10,
            seen: 0,
            listing: Listing::default(),
        };
        let gone = walk.read_folder(&inbox.path().join("gone")).unwrap();
        walk.note_unreadable("gone/", &gone.unwrap_err());
        assert!(walk.listing.notes[0].attention);
        fs::create_dir(inbox.path().join("gone")).unwrap();
        let entries = walk.read_folder(inbox.path()).unwrap().unwrap();
        fs::remove_dir(inbox.path().join("gone")).unwrap();
        walk.enter(&entries[0], Path::new("gone"), 1).unwrap();
        walk.take_all(entries, Path::new(""), 0).unwrap();
        assert_eq!(walk.listing.notes.len(), 3);
    }

    #[test]
    fn links_are_neither_followed_nor_entered() {
        let inbox = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/", inbox.path().join("root")).unwrap();
        let listing = list(inbox.path()).unwrap();
        assert_eq!(listing.entries.len(), 1);
        assert_eq!(listing.entries[0].shape, Shape::Link);
    }
}
