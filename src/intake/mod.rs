//! Intake. In: the inbox's folder. Out: an [`Inbox`]: submissions with their companions, and everything else accounted
//! for. Never changes the inbox, never follows a link, never opens a video.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::check::Finding;
use crate::id::SubmissionId;
use crate::report::model::OtherFile;
use crate::units::Bytes;

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
    pub not_a_file: Option<crate::text::Text>,
    /// The introduction, if there is one.
    pub introduction: Option<Companion>,
    /// Subtitle files.
    pub subtitles: Vec<Companion>,
}
