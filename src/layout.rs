//! Every path under OUT, and publishing: write beside, sync, rename (what is written is proven before,
//! by the worker).
//!
//! ```text
//! OUT/
//!   index.html                       opens the report
//!   report/{report.json,report.html,汇总表.xlsx}
//!     notices/<region>.{docx,md}     only for regions that have something to do
//!     evidence/<id>-{contact,subtitles,pair}.jpg
//!   programme/{01-….mp4,…,programme.mp4,programme.json,programme.m3u8,programme.xspf,programme.dpl}
//!     run-sheet.{html,xlsx}  play-{mpv,vlc}.{bat,sh}
//!   masters/<id>.mp4                 the hall's masters
//!   masters/<id>.mp4.b3              what each must contain, for `verify` and `b3sum --check`
//!   masters/programme/<key>.mp4      slates, and masters made to fit, by what they were made from
//!     <hash>.picture  state.json     pictures of the inbox that the programme shows; what is known of its files
//!   site/                            the website: a folder that can be copied to any web server
//!     index.html  v/<slug>/index.html  region/<slug>/index.html  assets/…  robots.txt
//!     sitemap.xml  feed.xml          only where the website's address is known
//!   site/media/<id>/                 one published folder a submission that is shown:
//!     checksums.b3                   what each of its files must contain
//!     web.mp4  poster.jpg  poster.webp  p480.jpg  p480.webp  p960.webp  <lang>.vtt
//!     storyboard.vtt  storyboard-1.jpg …
//!     hls/master.m3u8
//!     hls/<rung>/{index.m3u8,iframes.m3u8,init.mp4,00001.m4s,…}   hls/audio/…   hls/subtitles-<lang>/{index.m3u8,00001.vtt,…}
//!   site-server/                     settings for web servers that show site/
//!   work/                            may be deleted, costs only time
//!     withheld/<id>/                 the same folder of a submission that is not shown, or not shown yet
//!     lock  survey.json  readings/<hash>.json  documents/<hash>.json  pairs/<key>.jpg  ledger/<id>.json  tmp/
//!     staging/<id>/{master.mp4,media/}    while a submission is being made
//!     unpacked/<hash>/{manifest.json,0001,0002,…}    what was in an archive, by the archive's content
//! ```
//! In: names. Out: paths, and files that are whole or not there. Nothing under its final name is ever half made.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::archive::{FRESH_MANIFEST, MANIFEST};
use crate::id::{ContentHash, SubmissionId};

/// File of the hall's master inside a staging folder.
pub const MASTER: &str = "master.mp4";
/// Folder inside a staging folder that becomes `site/media/<id>`.
pub const MEDIA: &str = "media";
/// Progressive MP4 inside a media folder.
pub const WEB_MP4: &str = "web.mp4";
/// Poster inside a media folder.
pub const POSTER: &str = "poster.jpg";
/// The same poster as WebP, where this build of FFmpeg can write it.
pub const POSTER_WEBP: &str = "poster.webp";
/// Width of the poster in pixels, at most: no page shows it wider.
pub const POSTER_WIDTH: u32 = 1280;
/// Widths of the smaller posters that lists show, as JPEG and as WebP: a phone's card, and a card on a fine screen. JPEG is for the few
/// that know no WebP, or for builds of FFmpeg that cannot write it; there the whole poster does for fine screens.
pub const SMALL_POSTERS: ([u32; 1], [u32; 2]) = ([480], [480, 960]);
/// When each tile of the storyboard is shown, and where it is, inside a media folder.
pub const STORYBOARD: &str = "storyboard.vtt";
/// Folder of the HLS package inside a media folder.
pub const HLS: &str = "hls";
/// Multivariant playlist inside the HLS folder.
pub const MULTIVARIANT: &str = "master.m3u8";
/// Media playlist inside a rendition's folder.
pub const PLAYLIST: &str = "index.m3u8";
/// I-frame playlist inside a rung's folder.
pub const I_FRAMES: &str = "iframes.m3u8";
/// Initialisation segment inside a rendition's folder.
pub const INIT: &str = "init.mp4";

/// Folder of the published submissions, relative to OUT.
pub const PUBLISHED: &str = "site/media";
/// Folder of settings for web servers, beside the site.
pub const SITE_SERVER: &str = "site-server";

/// Kinds of pictures in `report/evidence/`.
pub const EVIDENCE_KINDS: [&str; 3] = ["contact", "subtitles", "pair"];

/// Name of a smaller poster: `p480.webp`; `kind` is the ending. Short, as the home page has three of them for each film.
pub fn small_poster_name(width: u32, kind: &str) -> String {
    format!("p{width}.{kind}")
}

/// Name of the storyboard's sheet `number`, counted from 1.
pub fn sheet_name(number: usize) -> String {
    format!("storyboard-{number}.jpg")
}

/// Name of media segment `number`, counted from 1.
pub fn segment_name(number: usize, extension: &str) -> String {
    format!("{number:05}.{extension}")
}

/// The tree under OUT.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The tree under this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Layout { root: root.into() }
    }

    /// OUT itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `index.html`.
    pub fn index(&self) -> PathBuf {
        self.root.join("index.html")
    }

    /// `report/`.
    pub fn report(&self) -> PathBuf {
        self.root.join("report")
    }

    /// `report/report.json`.
    pub fn report_json(&self) -> PathBuf {
        self.report().join("report.json")
    }

    /// `work/pages.json`.
    pub fn pages_record(&self) -> PathBuf {
        self.work().join("pages.json")
    }

    /// `report/notices/`.
    pub fn notices(&self) -> PathBuf {
        self.report().join("notices")
    }

    /// `report/evidence/`.
    pub fn evidence(&self) -> PathBuf {
        self.report().join("evidence")
    }

    /// `report/evidence/<id>-<kind>.jpg`, relative to OUT; `kind` is one of [`EVIDENCE_KINDS`].
    pub fn evidence_name(id: &SubmissionId, kind: &str) -> String {
        format!("report/evidence/{id}-{kind}.jpg")
    }

    /// Whether a name in `report/evidence/` is one that we give.
    pub fn is_evidence_name(name: &str) -> bool {
        let parts = name
            .strip_suffix(".jpg")
            .and_then(|stem| stem.split_once('-'));
        parts.is_some_and(|(id, kind)| {
            EVIDENCE_KINDS.contains(&kind) && id.parse::<SubmissionId>().is_ok()
        })
    }

    /// `programme/`.
    pub fn programme(&self) -> PathBuf {
        self.root.join("programme")
    }

    /// `masters/programme/`.
    pub fn hall(&self) -> PathBuf {
        self.root.join("masters/programme")
    }

    /// `masters/programme/<key>.mp4`: a slate, or a master made to fit.
    pub fn hall_file(&self, key: &str) -> PathBuf {
        self.hall().join(format!("{key}.mp4"))
    }

    /// `masters/programme/<hash>.picture`: a picture of the inbox that the programme shows.
    pub fn hall_picture(&self, hash: &ContentHash) -> PathBuf {
        let name = format!("{}.picture", &hash.as_str()[..32]);
        self.hall().join(name)
    }

    /// `masters/programme/state.json`.
    pub fn hall_state(&self) -> PathBuf {
        self.hall().join("state.json")
    }

    /// Makes an empty staging folder for a file of the programme.
    pub fn new_hall_staging(&self, key: &str) -> io::Result<PathBuf> {
        let folder = self.staging().join(format!("programme-{key}"));
        remove_tree(&folder)?;
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Gives a finished file of a staging folder its name, when it is on the disk, and removes the folder.
    pub fn publish_hall_file(&self, staging: &Path, name: &str, target: &Path) -> io::Result<()> {
        let made = staging.join(name);
        File::open(&made)?.sync_all()?;
        let folder = target.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        fs::rename(&made, target)?;
        sync_folder(folder)?;
        remove_tree(staging)
    }

    /// `masters/<id>.mp4`.
    pub fn master(&self, id: &SubmissionId) -> PathBuf {
        self.root.join(Self::master_name(id))
    }

    /// `masters/<id>.mp4`, relative to OUT.
    pub fn master_name(id: &SubmissionId) -> String {
        format!("masters/{id}.mp4")
    }

    /// `masters/<id>.mp4.b3`, relative to OUT: what the master must contain, as `b3sum --check` reads it.
    pub fn master_list_name(id: &SubmissionId) -> String {
        format!("masters/{id}.mp4.b3")
    }

    /// `site/media/<id>`.
    pub fn media(&self, id: &SubmissionId) -> PathBuf {
        self.root.join(Self::media_name(id))
    }

    /// `site/media/<id>`, relative to OUT.
    pub fn media_name(id: &SubmissionId) -> String {
        format!("{PUBLISHED}/{id}")
    }

    /// `site-server/`.
    pub fn site_server(&self) -> PathBuf {
        self.root.join(SITE_SERVER)
    }

    /// `site/`.
    pub fn site(&self) -> PathBuf {
        self.root.join("site")
    }

    /// `work/withheld/<id>`.
    pub fn withheld(&self, id: &SubmissionId) -> PathBuf {
        self.root.join(Self::withheld_name(id))
    }

    /// `work/withheld/<id>`, relative to OUT.
    pub fn withheld_name(id: &SubmissionId) -> String {
        format!("work/withheld/{id}")
    }

    /// Where the newest outputs for the web lie now: what was made is put aside first, and shown by [`Layout::show_only`].
    pub fn media_now(&self, id: &SubmissionId) -> PathBuf {
        self.root.join(self.media_name_now(id))
    }

    /// [`Layout::media_now`], relative to OUT.
    pub fn media_name_now(&self, id: &SubmissionId) -> String {
        if self.withheld(id).is_dir() {
            Self::withheld_name(id)
        } else {
            Self::media_name(id)
        }
    }

    /// `work/`.
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// `work/lock`.
    pub fn lock(&self) -> PathBuf {
        self.work().join("lock")
    }

    /// `work/survey.json`.
    pub fn survey(&self) -> PathBuf {
        self.work().join("survey.json")
    }

    /// `work/ledger/`.
    pub fn ledger(&self) -> PathBuf {
        self.work().join("ledger")
    }

    /// `work/ledger/<id>.json`: what was made for a submission.
    pub fn record(&self, id: &SubmissionId) -> PathBuf {
        self.ledger().join(format!("{id}.json"))
    }

    /// `work/documents/<hash>.json`: what an office document of this content says.
    pub fn document(&self, hash: &ContentHash) -> PathBuf {
        self.work()
            .join("documents")
            .join(format!("{}.json", &hash.as_str()[..32]))
    }

    /// `work/readings/<hash>.json`: what was measured on a content.
    pub fn reading(&self, hash: &ContentHash) -> PathBuf {
        self.work()
            .join("readings")
            .join(format!("{}.json", &hash.as_str()[..32]))
    }

    /// `report/evidence/<id>-pair.jpg`, relative to OUT: a film above the one that it seems to repeat.
    pub fn pair_name(id: &SubmissionId) -> String {
        format!("report/evidence/{id}-pair.jpg")
    }

    /// `work/pairs/<key>.jpg`: such a picture, by what it was made from.
    pub fn remembered_pair(&self, key: &ContentHash) -> PathBuf {
        let name = format!("{}.jpg", &key.as_str()[..32]);
        self.work().join("pairs").join(name)
    }

    /// `work/staging/`.
    pub fn staging(&self) -> PathBuf {
        self.work().join("staging")
    }

    /// `work/unpacked/`.
    pub fn unpacked(&self) -> PathBuf {
        self.work().join("unpacked")
    }

    /// `work/unpacked/<hash>`: what was in the archive of this content.
    pub fn unpacked_from(&self, archive: &ContentHash) -> PathBuf {
        self.unpacked().join(unpacked_name(archive))
    }

    /// `work/tmp/`: small files on their way to their names.
    pub fn temporary(&self) -> PathBuf {
        self.work().join("tmp")
    }

    /// Writes a small file under `work/tmp`, syncs it and gives it its name. Leaves an equal file alone.
    pub fn publish_file(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if fs::read(path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        let partial = self.partial_file(path, bytes)?;
        partial.as_file().sync_all()?;
        partial.persist(path).map_err(|e| e.error)?;
        sync_folder(path.parent().unwrap_or(&self.root))
    }

    /// As [`Layout::publish_file`], for what can be found out again: whole for every process from its first moment, but after
    /// a power cut it may be gone or damaged. Waiting for the disk would cost as much as measuring a small film.
    pub fn remember_file(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let partial = self.partial_file(path, bytes)?;
        partial.persist(path).map_err(|e| e.error)?;
        Ok(())
    }

    // In `work/tmp`, with its folder to be there.
    fn partial_file(&self, path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
        fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
        fs::create_dir_all(self.temporary())?;
        let mut partial = tempfile::NamedTempFile::new_in(self.temporary())?;
        partial.write_all(bytes)?;
        // Temporary files are private; what is published is for everyone whom the folder lets in.
        rustix::fs::fchmod(partial.as_file(), Mode::from_raw_mode(0o644))?;
        Ok(partial)
    }

    /// Writes several small files at once: all of them are on the disk before the first gets its name, which for some
    /// hundreds is a hundred times as fast as one after the other. Leaves equal files alone, and says how many were not.
    pub fn publish_files(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<usize> {
        let is_new = |(path, bytes): &&(PathBuf, Vec<u8>)| {
            !fs::read(path).is_ok_and(|there| there == *bytes)
        };
        let changed: Vec<_> = files.iter().filter(is_new).collect();
        if changed.is_empty() {
            return Ok(0);
        }
        let mut partial = Vec::with_capacity(changed.len());
        for (path, bytes) in &changed {
            partial.push((self.partial_file(path, bytes)?.into_temp_path(), path));
        }
        rustix::fs::syncfs(File::open(self.temporary())?)?;
        for (file, path) in partial {
            file.persist(path).map_err(|e| e.error)?;
        }
        rustix::fs::syncfs(File::open(&self.root)?)?;
        Ok(changed.len())
    }

    /// Under `site/media` lies what is shown, and nothing else of ours: the rest waits in `work/withheld`, from where it
    /// comes back by its name alone. First what must not be seen goes, then the rest comes.
    pub fn show_only(&self, shown: &BTreeSet<SubmissionId>) -> io::Result<()> {
        let media = self.site().join("media");
        let there = submissions_in(&media)?;
        for id in there.difference(shown) {
            self.withhold(id)?;
        }
        for id in shown {
            self.show(id)?;
        }
        for folder in [media, self.work().join("withheld")] {
            if folder.is_dir() {
                sync_folder(&folder)?;
            }
        }
        Ok(())
    }

    fn withhold(&self, id: &SubmissionId) -> io::Result<()> {
        let (shown, withheld) = (self.media(id), self.withheld(id));
        // What was put aside is newer than what is shown.
        if withheld.is_dir() {
            return self.discard(&shown, id);
        }
        fs::create_dir_all(self.work().join("withheld"))?;
        fs::rename(shown, withheld)
    }

    fn show(&self, id: &SubmissionId) -> io::Result<()> {
        let (shown, withheld) = (self.media(id), self.withheld(id));
        if !withheld.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(shown.parent().unwrap_or(&self.root))?;
        let old = self.set_aside(&shown, id)?;
        fs::rename(withheld, shown)?;
        remove_tree(&old)
    }

    fn discard(&self, folder: &Path, id: &SubmissionId) -> io::Result<()> {
        remove_tree(&self.set_aside(folder, id)?)
    }

    // At once out of sight: removing hundreds of files takes a while.
    fn set_aside(&self, folder: &Path, id: &SubmissionId) -> io::Result<PathBuf> {
        fs::create_dir_all(self.temporary())?;
        let old = self.temporary().join(format!("{id}-old"));
        remove_tree(&old)?;
        match fs::rename(folder, &old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(old),
        }
    }

    /// Removes what a killed run left half made. Only for whoever holds the lock.
    pub fn sweep(&self) -> io::Result<()> {
        remove_tree(&self.temporary())?;
        remove_tree(&self.staging())
    }

    /// Makes an empty staging folder for a submission; whatever an earlier run left there goes.
    pub fn new_staging(&self, id: &SubmissionId) -> io::Result<PathBuf> {
        let folder = self.staging().join(id.as_str());
        remove_tree(&folder)?;
        fs::create_dir_all(folder.join(MEDIA))?;
        Ok(folder)
    }

    /// Makes an empty staging folder for an archive.
    pub fn new_unpacking(&self, archive: &ContentHash) -> io::Result<PathBuf> {
        let folder = self.unpacking(archive);
        remove_tree(&folder)?;
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Puts what was unpacked in its place, all at once. It counts in this run only, until [`Layout::settle_unpacked`].
    pub fn publish_unpacked(&self, archive: &ContentHash) -> io::Result<()> {
        let target = self.unpacked_from(archive);
        fs::create_dir_all(self.unpacked())?;
        remove_tree(&target)?;
        fs::rename(self.unpacking(archive), target)
    }

    /// What was unpacked is on the disk, and then counts for later runs too: one sync for all archives, because each
    /// would wait for everything that the whole disk has to write.
    pub fn settle_unpacked(&self, archives: &[ContentHash]) -> io::Result<()> {
        if archives.is_empty() {
            return Ok(());
        }
        rustix::fs::syncfs(File::open(self.unpacked())?)?;
        for archive in archives {
            let folder = self.unpacked_from(archive);
            fs::rename(folder.join(FRESH_MANIFEST), folder.join(MANIFEST))?;
        }
        sync_folder(&self.unpacked())
    }

    /// Removes what was unpacked from archives that are not among these.
    pub fn keep_unpacked(&self, archives: &BTreeSet<ContentHash>) -> io::Result<()> {
        let names: BTreeSet<_> = archives.iter().map(unpacked_name).collect();
        let folders = match fs::read_dir(self.unpacked()) {
            Ok(folders) => folders,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for folder in folders {
            let folder = folder?;
            let name = folder.file_name();
            if !name.to_str().is_some_and(|name| names.contains(name)) {
                remove_tree(&folder.path())?;
            }
        }
        Ok(())
    }

    fn unpacking(&self, archive: &ContentHash) -> PathBuf {
        self.staging()
            .join(format!("unpack-{}", unpacked_name(archive)))
    }

    /// Puts a finished staging folder in its place: everything is on the disk before anything gets its name. What is for the
    /// web is put aside, whatever is shown now: whether it is to be seen is decided when all is judged.
    pub fn publish_submission(&self, id: &SubmissionId) -> io::Result<()> {
        let staging = self.staging().join(id.as_str());
        let (media, master) = (staging.join(MEDIA), staging.join(MASTER));
        if !master.try_exists()? {
            link_or_copy(&media.join(WEB_MP4), &master)?;
        }
        let folder = File::open(&staging)?;
        rustix::fs::syncfs(&folder)?;
        let target = self.withheld(id);
        for parent in [self.master(id), target.clone()] {
            fs::create_dir_all(parent.parent().unwrap_or(&self.root))?;
        }
        let old = staging.join("old");
        match fs::rename(&target, &old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::rename(&media, &target)?;
        fs::rename(&master, self.master(id))?;
        for path in [self.master(id), target] {
            sync_folder(path.parent().unwrap_or(&self.root))?;
        }
        remove_tree(&staging)
    }

    /// Takes away what was published for a submission that is no longer to be shown.
    pub fn withdraw(&self, id: &SubmissionId) -> io::Result<()> {
        remove_tree(&self.media(id))?;
        remove_tree(&self.withheld(id))?;
        let list = self.root.join(Self::master_list_name(id));
        for file in [self.master(id), list] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The submissions that have a folder here; whatever else lies in it is somebody's own.
fn submissions_in(folder: &Path) -> io::Result<BTreeSet<SubmissionId>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let mut found = BTreeSet::new();
    for entry in entries {
        let name = entry?.file_name();
        found.extend(name.to_str().and_then(|name| name.parse().ok()));
    }
    Ok(found)
}

fn unpacked_name(archive: &ContentHash) -> String {
    archive.as_str()[..32].to_owned()
}

/// Opens a file without ever waiting for it or following a link: a pipe that took a file's name is refused.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    Ok(file)
}

/// A second name for a file, or a copy where the file system has no hard links.
pub fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => fs::copy(from, to).map(drop),
    }
}

/// Removes a folder and what is in it, if it is there.
pub fn remove_tree(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A folder that a worker may write in, known by its descriptor alone.
#[derive(Debug)]
pub struct Staging {
    folder: OwnedFd,
}

impl Staging {
    /// The folder behind a descriptor that the parent opened.
    pub fn new(folder: OwnedFd) -> Self {
        Staging { folder }
    }

    /// Creates a file for writing and reading back; folders on the way are made.
    pub fn create(&self, path: &str) -> io::Result<File> {
        if let Some((folders, _)) = path.rsplit_once('/') {
            self.create_folders(folders)?;
        }
        let flags =
            OFlags::CREATE | OFlags::TRUNC | OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(File::from(rustix::fs::openat(
            &self.folder,
            path,
            flags,
            Mode::from_raw_mode(0o644),
        )?))
    }

    /// Writes a whole small file.
    pub fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.create(path)?.write_all(bytes)
    }

    /// Opens a file that was written, for reading.
    pub fn open(&self, path: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(File::from(rustix::fs::openat(
            &self.folder,
            path,
            flags,
            Mode::empty(),
        )?))
    }

    /// Bytes that are free on its disk for us.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let disk = rustix::fs::fstatvfs(&self.folder)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(
            &self.folder,
            path,
            rustix::fs::AtFlags::empty(),
        )?)
    }

    fn create_folders(&self, path: &str) -> io::Result<()> {
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        for end in ends {
            match rustix::fs::mkdirat(&self.folder, &path[..end], Mode::from_raw_mode(0o755)) {
                Err(rustix::io::Errno::EXIST) | Ok(()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl AsFd for Staging {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests make files to be found, and no crash is expected between"
)]
mod tests {
    use super::*;

    fn staging(root: &Path) -> Staging {
        Staging::new(File::open(root).unwrap().into())
    }

    #[test]
    fn a_worker_writes_below_its_folder_only_by_descriptor() {
        let root = tempfile::tempdir().unwrap();
        let staging = staging(root.path());
        staging.write("media/hls/1080p/init.mp4", b"x").unwrap();
        assert_eq!(
            fs::read(root.path().join("media/hls/1080p/init.mp4")).unwrap(),
            b"x"
        );
        assert_eq!(
            io::read_to_string(staging.open("media/hls/1080p/init.mp4").unwrap()).unwrap(),
            "x"
        );
    }

    #[test]
    fn publishing_replaces_the_old_folder_and_withdrawing_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout::new(root.path());
        let id = SubmissionId::of("a.mp4");
        for content in ["first", "second"] {
            let folder = layout.new_staging(&id).unwrap();
            fs::write(folder.join(MEDIA).join(WEB_MP4), content).unwrap();
            layout.publish_submission(&id).unwrap();
            assert_eq!(
                fs::read_to_string(layout.media_now(&id).join(WEB_MP4)).unwrap(),
                content
            );
            assert!(!layout.media(&id).exists(), "nobody has decided to show it");
            assert_eq!(fs::read_to_string(layout.master(&id)).unwrap(), content);
            assert!(!folder.exists());
        }
        layout.withdraw(&id).unwrap();
        assert!(!layout.media_now(&id).exists() && !layout.master(&id).exists());
        layout.withdraw(&id).unwrap();
    }

    fn made(layout: &Layout, id: &SubmissionId, content: &str) {
        let folder = layout.new_staging(id).unwrap();
        fs::write(folder.join(MEDIA).join(WEB_MP4), content).unwrap();
        layout.publish_submission(id).unwrap();
    }

    #[test]
    fn the_website_holds_what_is_shown_and_the_rest_comes_back_by_its_name() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout::new(root.path());
        let [a, b] = ["a.mp4", "b.mp4"].map(SubmissionId::of);
        let both = BTreeSet::from([a.clone(), b.clone()]);
        made(&layout, &a, "a");
        made(&layout, &b, "b");
        let shown = |id: &SubmissionId| fs::read_to_string(layout.media(id).join(WEB_MP4)).ok();
        layout.show_only(&both).unwrap();
        assert_eq!(
            (shown(&a).as_deref(), shown(&b).as_deref()),
            (Some("a"), Some("b"))
        );
        let own = layout.site().join("media/of our own");
        fs::create_dir(&own).unwrap();
        layout.show_only(&BTreeSet::from([a.clone()])).unwrap();
        assert_eq!(
            (shown(&a).as_deref(), shown(&b).as_deref()),
            (Some("a"), None)
        );
        assert_eq!(layout.media_now(&b), layout.withheld(&b));
        assert!(own.exists());
        made(&layout, &a, "a new");
        assert_eq!(shown(&a).as_deref(), Some("a"), "until it is decided");
        layout.show_only(&both).unwrap();
        assert_eq!(
            (shown(&a).as_deref(), shown(&b).as_deref()),
            (Some("a new"), Some("b"))
        );
        made(&layout, &a, "a newer");
        layout.show_only(&BTreeSet::new()).unwrap();
        assert_eq!(shown(&a), None);
        let waits = layout.media_now(&a).join(WEB_MP4);
        assert_eq!(fs::read_to_string(waits).unwrap(), "a newer");
    }

    #[test]
    fn many_files_are_written_at_once_and_equal_ones_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout::new(root.path());
        let file = |name: &str, text: &str| (root.path().join(name), text.as_bytes().to_vec());
        let files = [file("a/1", "one"), file("b/2", "two")];
        assert_eq!(layout.publish_files(&files).unwrap(), 2);
        assert_eq!(layout.publish_files(&files).unwrap(), 0);
        let changed = [file("a/1", "one"), file("b/2", "three")];
        assert_eq!(layout.publish_files(&changed).unwrap(), 1);
        assert_eq!(fs::read(root.path().join("b/2")).unwrap(), b"three");
        assert_eq!(fs::read_dir(layout.temporary()).unwrap().count(), 0);
    }

    #[test]
    fn only_names_that_we_give_are_ours() {
        let id = SubmissionId::of("a.mp4");
        for kind in EVIDENCE_KINDS {
            let path = Layout::evidence_name(&id, kind);
            assert!(Layout::is_evidence_name(path.rsplit('/').next().unwrap()));
        }
        for other in [
            "holiday-contact.jpg",
            "0123456789ab-mine.jpg",
            "0123456789ab.jpg",
            "x",
        ] {
            assert!(!Layout::is_evidence_name(other), "{other}");
        }
    }

    #[test]
    fn an_equal_file_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sub/report.json");
        let layout = Layout::new(root.path());
        layout.publish_file(&path, b"one").unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        layout.publish_file(&path, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        layout.publish_file(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(root.path().join("sub")).unwrap().count(), 1);
    }
}
