//! What a run says while it goes on. In: facts from the stages. Out: [`Event`]s, for whoever listens: bars, plain lines,
//! JSON lines, tests. Nobody prints but `ui`.

use serde::Serialize;

use crate::id::SubmissionId;
use crate::report::model::{JobOutcome, Totals};
use crate::text::Text;
use crate::units::{Bytes, Millis};

/// Number of the event format in `--json`.
pub const SCHEMA: &str = "zhanbo.events/1";

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run began.
    RunStarted {
        /// [`SCHEMA`].
        schema: &'static str,
        /// Our version.
        version: &'static str,
    },
    /// The encoder that was asked for does not work here, and x264 is used.
    EncoderRefused {
        /// Which, why, and what takes its place.
        why: Text,
    },
    /// The inbox was listed.
    InboxListed {
        /// Videos found.
        submissions: usize,
        /// Bytes of all of them.
        bytes: Bytes,
    },
    /// An archive is being opened.
    Unpacking {
        /// Its path inside the inbox.
        source: String,
        /// Its size, all volumes together.
        bytes: Bytes,
    },
    /// An archive was opened, or why not.
    Unpacked {
        /// Its path inside the inbox.
        source: String,
        /// Files in it.
        files: usize,
        /// Known from an earlier run, so not opened again.
        remembered: bool,
    },
    /// One file was hashed and measured.
    Surveyed {
        /// Which.
        id: SubmissionId,
        /// Its path inside the inbox.
        source: String,
        /// Known from an earlier run, so not read again.
        remembered: bool,
    },
    /// All files are known and judged, and it is decided what will be done. Once more where making a film showed more of it,
    /// and others are to be made in its place: then `to_make`, `film_ms` and `work` are what comes on top.
    Planned {
        /// Submissions to be made.
        to_make: usize,
        /// Submissions made by an earlier run and still right.
        up_to_date: usize,
        /// Submissions that are not made because of their verdict.
        returned: usize,
        /// Length of all films to be made together.
        film_ms: Millis,
        /// Work in all of them, in the unit of `job_started`.
        work: u64,
    },
    /// A job began.
    JobStarted {
        /// Which submission.
        id: SubmissionId,
        /// Its name for people.
        label: String,
        /// Why it is made.
        reason: Text,
        /// Work in it: thousands of pixels to be encoded.
        work: u64,
    },
    /// A job got further.
    JobProgressed {
        /// Which submission.
        id: SubmissionId,
        /// Parts done, of 1000.
        permille: u64,
    },
    /// A job ended.
    JobFinished {
        /// Which submission.
        id: SubmissionId,
        /// Its name for people.
        label: String,
        /// How it ended.
        outcome: JobOutcome,
        /// Why.
        reason: Text,
        /// Time by the clock.
        wall_ms: Millis,
    },
    /// Files are being compared with what they must be.
    VerifyStarted {
        /// Files that a manifest names.
        files: usize,
        /// Bytes of those that are there.
        bytes: u64,
    },
    /// So many more bytes were read.
    VerifyProgressed {
        /// Bytes since the last such event.
        bytes: u64,
    },
    /// All of them were.
    VerifyFinished {
        /// Files that a manifest names.
        files: usize,
        /// What is wrong.
        problems: usize,
    },
    /// A part of the programme is being made.
    Programme {
        /// Which.
        what: Text,
    },
    /// The operator wants to stop; running jobs are ended and finished ones kept.
    Stopping,
    /// The website is written.
    WebsiteMade {
        /// Films on it.
        films: usize,
        /// Films of the programme that are not on it before the day of the reveal.
        withheld: usize,
        /// What the secretary should know about it.
        remarks: Vec<Text>,
    },
    /// Everything is written.
    RunFinished {
        /// Sums.
        totals: Box<Totals>,
    },
}

/// Whoever listens to a run.
pub trait Listener: Send + Sync {
    /// Something happened. Called from any thread.
    fn on_event(&self, event: &Event);
}
