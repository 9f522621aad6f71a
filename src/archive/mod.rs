//! Opening a packed delivery. In: an archive's volumes as open files, and a staging folder. Out: numbered files in that
//! folder and a [`Manifest`] in which every entry has its [`Fate`]. Runs in the worker only. Never opens a path, never
//! writes under a name that came out of an archive, never follows or makes a link, never unpacks "everything":
//! each entry is decided by itself, and counted while it is written.
//!
//! Formats by content, never by name: ZIP by its own directory (`directory`, `zip`), 7z (`seven`), RAR, tar and the rest
//! by libarchive (`stream`). What they hand over is collected by the `desk`, which holds the limits; when all is
//! there, all names together decide how they are read (`names`), and a name that leads outside is refused (`parts`).

mod desk;
mod directory;
mod kind;
mod names;
mod parts;
mod rar;
mod seven;
mod stream;
mod volumes;
mod zip;

use std::fs::File;
use std::io;

use serde::{Deserialize, Serialize};

use crate::id::ContentHash;
use crate::layout::Staging;

pub use kind::{HEAD_BYTES, Kind};
pub use names::Encoding;

use desk::Desk;
use volumes::Volumes;

/// Name of the manifest in the folder of what was unpacked.
pub const MANIFEST: &str = "manifest.json";
/// Its name as long as the files beside it may not have reached the disk.
pub const FRESH_MANIFEST: &str = "manifest.new";
/// Counts up when a manifest, or what is written beside it, changes its meaning; older ones are unpacked again.
pub const MANIFEST_VERSION: u32 = 1;
/// Archives inside archives: the delivery itself is the first.
pub const MAX_DEPTH: usize = 3;
/// Volumes of one archive.
pub const MAX_VOLUMES: usize = 100;
/// Entries of one archive that are looked at; a region sends some hundreds.
pub const MAX_ENTRIES: usize = 20_000;
/// Bytes that one delivery may unpack to, with all archives inside: some five hundred videos of the largest size.
pub const MAX_UNPACKED: u64 = 256 << 30;
/// How many times its own size an archive may unpack to. Videos stay at 1, documents at 20, bombs begin at 1000.
pub const MAX_RATIO: u64 = 200;
/// Below this much, no ratio is a bomb.
pub const RATIO_FROM: u64 = 64 << 20;
/// Bytes that must stay free on the disk.
pub const KEEP_FREE: u64 = 1 << 30;
/// Bytes of a path inside an archive.
pub const MAX_PATH: usize = 1024;
/// Folders inside folders inside an archive.
pub const MAX_PARTS: usize = 16;
/// Memory that one decoder may ask for: the dictionary of 7-Zip's "ultra" has 64 MiB.
pub const MAX_DICTIONARY: u64 = 1 << 30;

/// Limits of one unpacking; the constants above, smaller where a disk or an outer archive says so, or a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Entries.
    pub entries: usize,
    /// Bytes written.
    pub bytes: u64,
    /// Bytes that must stay free on the disk.
    pub keep_free: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            entries: MAX_ENTRIES,
            bytes: MAX_UNPACKED,
            keep_free: KEEP_FREE,
        }
    }
}

/// What was in an archive, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub version: u32,
    /// What kind of archive; none where the content is none that is known.
    pub kind: Option<Kind>,
    /// How its names were read.
    pub encoding: Encoding,
    /// Every entry, in the archive's order.
    pub entries: Vec<Entry>,
    /// Entries beyond the limit, which are counted and not listed.
    pub beyond: u64,
    /// What is wrong with the archive as a whole.
    pub trouble: Vec<Trouble>,
}

/// One entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The name as it was read, for people.
    pub name: String,
    /// The name as it stands in the archive, where it is not plain text: bytes as `\xd6`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// The name as folders and a file; empty where it is refused.
    pub path: Vec<String>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// A folder: nothing to extract.
    Folder,
    /// Extracted.
    Extracted {
        /// The number that is its name in the store.
        file: u32,
        /// Its size.
        bytes: u64,
        /// Its content.
        blake3: ContentHash,
    },
    /// Not extracted.
    Refused(Refusal),
}

/// Why an entry was not extracted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A symbolic or hard link.
    Link,
    /// A device, a pipe, a socket, a "delete this" mark.
    Special,
    /// The name leads out of the folder: `..`, `/…`, `C:\…`.
    Escapes,
    /// The name is empty or has a zero byte.
    BadName,
    /// The name is longer or deeper than the limits.
    LongName,
    /// Behind a password.
    Encrypted,
    /// Content or checksum are wrong.
    Broken {
        /// What the decoder says.
        why: String,
    },
    /// The archive ends before the entry does.
    CutOff,
    /// Another size than the archive says.
    WrongSize {
        /// As the archive says.
        declared: u64,
        /// As counted; the count stops when it is too much.
        actual: u64,
    },
    /// A compression that cannot be read.
    Method {
        /// Which.
        name: String,
    },
    /// Lies on the same bytes as another entry, as bombs do.
    Overlaps,
    /// The archive met a limit at or before this entry.
    PastLimit,
}

/// What is wrong with an archive as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The content is no archive that is known.
    NotAnArchive,
    /// The list of names itself is behind a password.
    Encrypted,
    /// It ends too early.
    CutOff,
    /// It cannot be read on from some place.
    Damaged {
        /// What the reader says.
        why: String,
    },
    /// A volume is missing.
    VolumeMissing,
    /// A kind that cannot be read.
    Unsupported {
        /// What it is.
        what: String,
    },
    /// More entries than the limit.
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// More content than the limit.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Unpacks to much more than it is.
    Ratio {
        /// Bytes of the archive.
        packed: u64,
        /// Bytes written when it was stopped.
        unpacked: u64,
    },
    /// Entries lie on the same bytes.
    Overlaps {
        /// How many.
        entries: usize,
    },
    /// Too little room on the disk.
    DiskFull {
        /// Bytes that are free.
        free: u64,
    },
    /// Names fit no encoding well.
    NamesUnsure,
}

/// Unpacks an archive into a staging folder. Errors are the disk's or the staging folder's, never the archive's.
pub fn unpack(
    volumes: Vec<File>,
    staging: &Staging,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> io::Result<Manifest> {
    let mut volumes = Volumes::new(volumes)?;
    let kind = kind::of(&mut volumes)?;
    let mut desk = Desk::new(staging, limits, volumes.len(), progress);
    match kind {
        None => desk.trouble(Trouble::NotAnArchive),
        Some(Kind::Zip) => zip::walk(volumes, &mut desk)?,
        Some(Kind::SevenZip) => seven::walk(volumes, &mut desk)?,
        Some(kind) => stream::walk(volumes, kind, &mut desk)?,
    }
    desk.settle(kind)
}

/// Name of a file in the store.
pub fn file_name(number: u32) -> String {
    format!("{number:04}")
}
