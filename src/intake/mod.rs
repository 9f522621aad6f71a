//! Intake. In: the inbox's folder. Out: an [`Inbox`]: submissions with their companions, and everything else accounted
//! for. Never changes the inbox, never follows a link, never opens a video, but for 64 bytes of files
//! whose name does not say what they are. Office documents are read by whoever calls, through [`ReadDocuments`].
//!
//! [`survey`] lists the folder (`walk`), asks each name what it is ([`kind`]) and whose it is (`region`), takes the
//! names of videos apart ([`name`]), gives introductions and subtitles to their videos (`companion`), and reads what
//! the regions recommend (`recommendation`).

mod attachment;
mod clutter;
mod companion;
mod finding;
mod introduction;
pub mod kind;
pub mod name;
pub mod packed;
mod packed_finding;
mod peek;
mod recommendation;
mod region;
mod survey;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::check::Finding;
use crate::document::{Document, DocumentFault};
use crate::id::SubmissionId;
use crate::report::model::OtherFile;
use crate::text::Text;
use crate::units::Bytes;

/// Why there is no [`Inbox`].
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// No such folder.
    #[error("the inbox {} does not exist", .0.display())]
    Missing(PathBuf),
    /// A file, not a folder.
    #[error("the inbox {} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// A folder that cannot be listed.
    #[error("the inbox {} cannot be read", path.display())]
    Unreadable {
        /// The inbox.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// More than anybody hands in.
    #[error("the inbox {} has more entries than the limit of {limit}", path.display())]
    TooManyEntries {
        /// The inbox.
        path: PathBuf,
        /// Most entries that are read.
        limit: usize,
    },
}

impl IntakeError {
    /// What to do about it.
    pub fn hint(&self) -> Text {
        match self {
            IntakeError::Missing(_) => Text::new(
                "请检查路径；收件夹里每个片区一个文件夹。",
                "check the path; an inbox holds a folder for each region",
            ),
            IntakeError::NotAFolder(_) => Text::new(
                "请给出放着各片区材料的文件夹；如果是压缩包，请先解压。",
                "name the folder that holds the regions' deliveries; unpack it first if it is an archive",
            ),
            IntakeError::Unreadable { .. } => Text::new(
                "请检查您对这个文件夹的读取权限。",
                "check that you may read this folder",
            ),
            IntakeError::TooManyEntries { .. } => Text::new(
                "请确认给出的是收件夹而不是整个磁盘；确实太多时请分几次运行。",
                "make sure that this is the inbox and not a whole disk; if there really is so much, run in parts",
            ),
        }
    }
}

pub use attachment::{Attachment, AttachmentKind};
pub use introduction::Introduction;
pub use walk::Listing;

/// Reads office documents for intake, which knows neither workers nor memories.
pub trait ReadDocuments {
    /// What these files say, in their order.
    fn read_all(&self, files: &[&Companion]) -> Vec<Result<Document, DocumentFault>>;
}

/// Looks through the inbox. `regions` are the preset's, in the order of the notice; there may be none. Archives stay
/// closed: `run` opens them between [`list`] and [`sort`].
pub fn survey(
    inbox: &Path,
    regions: &[String],
    documents: &dyn ReadDocuments,
) -> Result<Inbox, IntakeError> {
    Ok(sort(list(inbox)?, regions, documents))
}

/// Lists the inbox.
pub fn list(inbox: &Path) -> Result<Listing, IntakeError> {
    walk::list(inbox)
}

/// Gives everything that is listed its place.
pub fn sort(listing: Listing, regions: &[String], documents: &dyn ReadDocuments) -> Inbox {
    survey::sort(listing, regions, documents)
}

/// Everything that lies in the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbox {
    /// The regions in the order of the notice, then those it does not name.
    pub regions: Vec<RegionDelivery>,
    /// All submissions, in the order of regions and then of names.
    pub submissions: Vec<Submission>,
    /// All other files.
    pub other_files: Vec<OtherFile>,
}

/// What one region handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionDelivery {
    /// The region's name; empty for files that lie in no region's folder.
    pub name: String,
    /// What the region recommends for the annual meeting, in the order it was written.
    pub recommendations: Vec<Recommendation>,
    /// What was found about the delivery itself.
    pub findings: Vec<Finding>,
    /// Pictures and scans that belong to none of its videos.
    pub attachments: Vec<Attachment>,
}

/// "This unit's video, please": one line of a region's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The unit.
    pub unit: Option<String>,
    /// The video's title.
    pub title: String,
    /// File in which it was written, inside the inbox.
    pub source: String,
}

/// A file that belongs to a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// Path inside the inbox, `/` between parts.
    pub source: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size.
    pub bytes: Bytes,
}

/// What a file's name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedName {
    /// The unit, if the name has one.
    pub unit: Option<String>,
    /// The title, if the name has one.
    pub title: Option<String>,
    /// The name as the notice wants it, where it is not so yet but can be derived: `单位《视频名称》.mp4`.
    pub proposal: Option<String>,
}

/// One video as handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Stable from run to run.
    pub id: SubmissionId,
    /// The region's name; empty for files that lie in no region's folder.
    pub region: String,
    /// Path inside the inbox, `/` between parts; not UTF-8 is shown with U+FFFD.
    pub source: String,
    /// Where it lies.
    pub path: PathBuf,
    /// The file's name as it was handed in.
    pub original_name: String,
    /// What the name says.
    pub name: ParsedName,
    /// Size of the file.
    pub bytes: Bytes,
    /// Why it is not even opened: a link, a device, a pipe.
    pub not_a_file: Option<Text>,
    /// The introduction, if there is one.
    pub introduction: Option<Companion>,
    /// Subtitle files.
    pub subtitles: Vec<Companion>,
    /// Its other documents, and what they say.
    pub papers: Papers,
}

/// What lies beside a video on paper, so to speak.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Papers {
    /// What the introduction says.
    pub introduction: Option<Introduction>,
    /// What lies in the introduction's place and is none.
    pub refused: Option<Refused>,
    /// The script (讲稿) in Word, if there is one.
    pub script: Option<Companion>,
    /// Pictures and scans.
    pub attachments: Vec<Attachment>,
}

/// A file that should have been a document and could not be taken for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Path inside the inbox, `/` between parts.
    pub source: String,
    /// Why, as a part of a sentence.
    pub why: Text,
    /// What to do, as a sentence without a full stop.
    pub remedy: Text,
}

#[cfg(test)]
mod tests;
