//! What intake, probe, check and dedup have learnt, one entry a submission. In: their results. Out: [`Catalogue`], from
//! which everything else is decided. Plain data.

use std::path::PathBuf;

use crate::check::{Finding, Overridden, Verdict};
use crate::id::ContentHash;
use crate::intake::{RegionDelivery, Submission};
use crate::ledger::{Reading, Stamp};
use crate::probe::{MediaInfo, Unreadable};
use crate::report::model::{Confirmed, DuplicateOf, OtherFile};

/// All that is known before anything is made.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The regions in the order of the notice.
    pub regions: Vec<RegionDelivery>,
    /// All submissions in the order of the report.
    pub entries: Vec<Entry>,
    /// All other files.
    pub other_files: Vec<OtherFile>,
}

/// One submission with everything known about it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As it was handed in.
    pub submission: Submission,
    /// How the file looked when it was hashed; none where it was not opened.
    pub stamp: Option<Stamp>,
    /// Its content; none where it could not be read.
    pub hash: Option<ContentHash>,
    /// What the worker measured.
    pub reading: Reading,
    /// The subtitle files that can be read.
    pub subtitles: Vec<SubtitleFile>,
    /// Which submission it repeats.
    pub duplicate_of: Option<DuplicateOf>,
    /// What a person said who compared the two.
    pub confirmed: Option<Confirmed>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub findings: Vec<Finding>,
    /// The verdict by the rules, where the secretary decided otherwise.
    pub overridden: Option<Overridden>,
}

/// A subtitle file that goes with a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubtitleFile {
    /// Its name, without folders.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its content.
    pub hash: ContentHash,
}

impl Entry {
    /// The facts, or why there are none.
    pub fn media(&self) -> Result<&MediaInfo, &Unreadable> {
        match &self.reading {
            Reading::Measured(measured) => Ok(&measured.media),
            Reading::Unreadable(unreadable) => Err(unreadable),
        }
    }

    /// `单位《视频名称》`, or the file's name where that cannot be said.
    pub fn label(&self) -> String {
        match (&self.submission.name.unit, &self.submission.name.title) {
            (Some(unit), Some(title)) => format!("{unit}《{title}》"),
            _ => self.submission.original_name.clone(),
        }
    }
}
