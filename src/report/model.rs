//! `report.json`, the machine's truth: `"schema": "zhanbo.report/1"`. Other programs read these names; a field is
//! added freely, but renamed or taken away only with a new number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::av::Measure;
use crate::check::{Finding, Overridden, Verdict};
use crate::id::{ContentHash, SubmissionId};
use crate::intake::proposal::NameProposal;
use crate::preset::ProgrammeFile;
use crate::probe::MediaInfo;
use crate::text::Text;
use crate::transcode::hall::HallFormat;
use crate::units::{Bytes, Millis};

/// The value of the field `schema`.
pub const SCHEMA: &str = "zhanbo.report/1";

/// One whole run, as a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `zhanbo.report/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// What was judged, and by which rules.
    pub showcase: Showcase,
    /// What judged it.
    pub tool: Tool,
    /// When the run started, RFC 3339 in UTC.
    pub started_at: String,
    /// The regions in the order of the notice.
    pub regions: Vec<Region>,
    /// Every submission, by regions and then by names.
    pub submissions: Vec<SubmissionReport>,
    /// Whatever else was found in the inbox, so that every file is accounted for.
    pub other_files: Vec<OtherFile>,
    /// Every unit of the roster and what it handed in, in the roster's order; empty where there is no roster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roster: Vec<RosterUnit>,
    /// Submissions by link: recorded, never fetched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkSubmission>,
    /// What the secretary decided in showcase.toml, and whether it came to anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<DecisionReport>,
    /// What the secretary should know about the run as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Text>,
    /// What the hall plays, in order.
    pub programme: Vec<ProgrammeItem>,
    /// What should be known about the programme.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programme_remarks: Vec<Text>,
    /// Sums over all submissions.
    pub totals: Totals,
    /// What is different from the last run that found anything different; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
}

/// The event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Showcase {
    /// The event's title.
    pub title: Text,
    /// Name of the rule set.
    pub preset: String,
    /// Name of the ladder.
    pub ladder: String,
    /// Last day on which returned videos may be handed in again, `2021-07-20`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resubmit_by: Option<String>,
    /// How the programme is to be; none where an older program wrote the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<ProgrammeSettings>,
    /// What showcase.toml says about the website.
    #[serde(default, skip_serializing_if = "Website::is_default")]
    pub site: Website,
}

/// Everything that decides the programme beside the videos, so that it can be made again from the output folder alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProgrammeSettings {
    /// Which videos play where nothing else is written.
    pub plays: Plays,
    /// The event's title on slates; empty where nobody gave it one.
    #[serde(default)]
    pub event: String,
    /// What showcase.toml says of it.
    pub wishes: ProgrammeFile,
    /// What all items have in common.
    pub format: HallFormat,
    /// The regions in the order of the rule set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

/// Which videos play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plays {
    /// What the regions recommend.
    #[default]
    Recommended,
    /// Everything that was accepted.
    Accepted,
}

/// What the website says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Website {
    /// Where it will be, without a slash at the end; without it no page names its own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// First day on which the programme's videos are on it, `2021-07-15`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<String>,
    /// The line at the foot of every page, where it is not the notice's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copyright: Option<Text>,
}

impl Website {
    fn is_default(&self) -> bool {
        *self == Website::default()
    }
}

/// The program and its libraries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Our version.
    pub version: String,
    /// FFmpeg's libraries as linked.
    pub libav: Libav,
    /// How uploads were kept away from the rest of the computer.
    pub sandbox: Sandbox,
}

/// Versions of FFmpeg's libraries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Libav {
    /// FFmpeg's own version text.
    pub ffmpeg: String,
    /// libavcodec, `major.minor.micro`.
    pub avcodec: String,
    /// libavformat, `major.minor.micro`.
    pub avformat: String,
    /// libavfilter, `major.minor.micro`.
    pub avfilter: String,
    /// Licence under which these libraries were built; it binds a distributed binary.
    pub license: String,
}

/// Which walls stood between an upload and the rest of the computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each wall stands or does not, whatever the others do"
)]
pub struct Sandbox {
    /// Each submission was read in a process of its own.
    pub process: bool,
    /// libav got descriptors only, and a list of demuxers and decoders.
    pub guarded_input: bool,
    /// The kernel restricted the worker's files (Landlock).
    pub landlock: bool,
    /// The kernel restricted the worker's system calls (seccomp).
    pub seccomp: bool,
}

/// One region's account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Region {
    /// The region's name; empty for files that lie in no region's folder.
    pub name: String,
    /// Number of videos received.
    pub received: usize,
    /// Number of videos accepted, with or without warnings.
    pub accepted: usize,
    /// Number of videos returned, unreadable or duplicate.
    pub returned: usize,
    /// The submission recommended for the annual meeting, if it is settled.
    pub recommended: Option<SubmissionId>,
    /// What was found about the delivery itself.
    pub findings: Vec<Finding>,
}

/// How two submissions are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DuplicateKind {
    /// Byte for byte.
    Exact,
    /// The same encoded picture and sound in another wrapping.
    Essence,
    /// The same film as people see it.
    Near,
}

/// Which earlier submission this one repeats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DuplicateOf {
    /// The submission that stands first.
    pub id: SubmissionId,
    /// How they are the same.
    pub kind: DuplicateKind,
    /// Likeness from 0 to 1; 1 for exact.
    pub score: f64,
    /// What this film shows at a time, the other one shows so many milliseconds later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<i64>,
    /// The other one is a work of an earlier year; then `id` is the one it had then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<EarlierWork>,
}

/// A work that was shown in an earlier year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct EarlierWork {
    /// The year.
    pub year: u16,
    /// The unit.
    pub unit: String,
    /// The work's title.
    pub title: String,
    /// The showcase's title.
    pub showcase: String,
}

impl EarlierWork {
    /// `单位《作品》（2021，展播）`.
    pub fn label(&self) -> String {
        format!(
            "{}《{}》（{}，{}）",
            self.unit, self.title, self.year, self.showcase
        )
    }
}

/// A person's word on whether two videos are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Confirmed {
    /// They are the same film.
    pub same: bool,
    /// Who compared them.
    pub by: String,
    /// Why; stays on record.
    pub reason: String,
}

/// One submission's record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubmissionReport {
    /// Stable from run to run.
    pub id: SubmissionId,
    /// Path inside the inbox, `/` between parts.
    pub source: String,
    /// BLAKE3 of the source; none where it could not be read.
    pub source_blake3: Option<ContentHash>,
    /// The region's name; empty for files that lie in no region's folder.
    pub region: String,
    /// The unit, from the name.
    pub unit: Option<String>,
    /// The video's title, from the name.
    pub title: Option<String>,
    /// The file's name as it was handed in, kept for ever.
    pub original_name: String,
    /// Path of the introduction inside the inbox.
    pub introduction: Option<String>,
    /// The name as the notice wants it, where the name as handed in is another: how sure we are, and each step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_proposal: Option<NameProposal>,
    /// What the introduction says, paragraph by paragraph; empty where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introduction_text: Vec<String>,
    /// Path of the script (讲稿) inside the inbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Paths of pictures and scans inside the inbox.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// The verdict by the rules, where the secretary decided otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Overridden>,
    /// Which submission it repeats.
    pub duplicate_of: Option<DuplicateOf>,
    /// What a person said who compared the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
    /// Everything found, requirements first.
    pub findings: Vec<Finding>,
    /// What was measured; none where the file could not be read.
    pub media: Option<MediaInfo>,
    /// A small picture from the film (JPEG, base64), for people to recognise it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail_jpeg: Option<String>,
    /// What a person looks at before believing a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceReport>,
    /// A later delivery of the same unit and title that takes this one's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<SubmissionId>,
    /// When a run first accepted it, RFC 3339 in UTC; stays, whatever is made or judged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_accepted: Option<String>,
    /// What was made.
    pub outputs: Option<Outputs>,
    /// How the making went; none where only checked.
    pub job: Option<Job>,
}

/// Pictures and curves that show what was found; paths inside the output folder.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceReport {
    /// Twelve pictures spread over the film, JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_sheet: Option<String>,
    /// The lower third at a few moments, where burnt-in subtitles may stand, JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle_strip: Option<String>,
    /// This film above the one that it seems to repeat, at the same moments, JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_by_side: Option<String>,
    /// Peak of the sound in equal steps of the film, percent of full scale.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waveform: Vec<u8>,
    /// Short-term loudness in LUFS in the same steps; none below -70 LUFS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loudness: Vec<Option<f32>>,
}

/// A unit of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RosterUnit {
    /// The region it belongs to.
    pub region: String,
    /// Its name today.
    pub unit: String,
    /// What it handed in; empty for a unit that is missing.
    pub submissions: Vec<SubmissionId>,
    /// What is perhaps its own: handed in under a name that is only similar, so a person has to confirm it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_be_confirmed: Vec<SubmissionId>,
    /// It handed in a link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_link: bool,
}

impl RosterUnit {
    /// Whether nothing came from it, not even a link.
    pub fn is_missing(&self) -> bool {
        self.submissions.is_empty() && self.to_be_confirmed.is_empty() && !self.by_link
    }
}

/// A submission that is a link to somewhere else: recorded, never fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkSubmission {
    /// The region.
    pub region: String,
    /// The unit, where it is said.
    pub unit: Option<String>,
    /// The title, where it is said.
    pub title: Option<String>,
    /// Where it points.
    pub url: String,
    /// File in which it was written, inside the inbox.
    pub source: String,
}

/// What a decision does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DecisionKind {
    /// `[[waive]]`: a finding may pass.
    Waive,
    /// `[[override]]`: a verdict of the secretary's own.
    Override,
    /// `[[confirm]]`: two videos are one, or are not.
    Confirm,
    /// `[[delivery]]`: the day on which something came.
    Delivery,
}

/// One decision of the secretary, on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionReport {
    /// What it does.
    pub kind: DecisionKind,
    /// Line of showcase.toml.
    pub line: usize,
    /// Whom it is about, as it is written there.
    pub about: String,
    /// What was decided, in words.
    pub what: Text,
    /// Who decided; empty for a delivery's date.
    pub by: String,
    /// Why; empty for a delivery's date.
    pub reason: String,
    /// There is what it is about, and it could be obeyed; if not, a remark says why.
    pub matched: bool,
}

/// The files of one submission, paths inside the output folder: under `site/` what the website shows, under `work/` what is
/// withheld from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// The hall's master.
    pub master: String,
    /// The progressive MP4 for the web.
    pub web_mp4: String,
    /// HLS multivariant playlist.
    pub hls: String,
    /// Poster, JPEG.
    pub poster: String,
    /// The same as WebP; none where this build of FFmpeg cannot write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster_webp: Option<String>,
    /// The same in smaller widths, JPEG and WebP; the width stands in the name: `p480.webp`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posters: Vec<String>,
    /// Storyboard: a WebVTT file that says which part of which sheet beside it shows which time; none where it is not made.
    pub storyboard: Option<String>,
    /// WebVTT files.
    pub subtitles: Vec<String>,
    /// HLS variants, best first.
    pub variants: Vec<VariantReport>,
    /// How loud they are; none where an older program made them.
    #[serde(default)]
    pub loudness: Option<OutputLoudness>,
    /// How good the picture was measured to be, where the ladder names a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<QualityReport>,
    /// Bytes of all of them together, hard links counted once.
    pub bytes: Bytes,
}

/// One encoded rung, as measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VariantReport {
    /// Rung's name: `1080p`.
    pub rung: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames in the file.
    pub frames: u64,
    /// Frames per second as a fraction, `25/1`.
    pub frame_rate: String,
    /// The upload's own picture, packaged and not encoded again.
    #[serde(default)]
    pub copied: bool,
    /// What encoded it, by FFmpeg's name; none where it is copied, or an older program made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<String>,
    /// Peak over runs of segments (RFC 8216 §4.3.4.2), video only, in bit/s.
    pub peak_bit_rate: u64,
    /// Average, video only, in bit/s.
    pub average_bit_rate: u64,
}

/// The rate factor that was found for a film, and what it was measured to give on pieces of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QualityReport {
    /// By what the pictures were compared.
    pub measure: Measure,
    /// What was asked for, on the measure's scale: 0 to 100 for VMAF, 0 to 1 for SSIM.
    pub target: f64,
    /// Mean over all frames of the pieces.
    pub reached: f64,
    /// The rung that was encoded for it: the best one that is not copied.
    pub rung: String,
    /// Its rate factor. Those of the other pictures moved by as much.
    pub crf: f32,
    /// Pieces that were looked at, a group of pictures each.
    pub pieces: u32,
}

/// How loud the outputs of one submission are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutputLoudness {
    /// HLS and the progressive MP4.
    pub web: SoundLevel,
    /// The hall's master.
    pub hall: SoundLevel,
}

/// How loud one output is, measured on the finished file, and what was done for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SoundLevel {
    /// Integrated loudness that was asked for, in LUFS; none where the sound was to stay as it is.
    pub target_lufs: Option<f64>,
    /// True peak that is allowed, in dBTP; none where the sound was to stay as it is.
    pub true_peak_max_dbtp: Option<f64>,
    /// Integrated loudness in LUFS (ITU-R BS.1770); none for silence.
    pub integrated_lufs: Option<f64>,
    /// Loudness range in LU (EBU Tech 3342); none for silence.
    pub loudness_range_lu: Option<f64>,
    /// True peak in dBTP (ITU-R BS.1770); none for silence.
    pub true_peak_dbtp: Option<f64>,
    /// Gain that the whole film got, in dB.
    pub gain_db: f64,
    /// What the limiter did; none where it was not needed.
    pub limiter: Option<LimiterReport>,
}

/// What the limiter did to peaks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimiterReport {
    /// The most that it took off, in dB.
    pub deepest_db: f64,
    /// How long it took off more than half a dB, all together.
    pub time_ms: Millis,
}

/// How the making of one submission ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobOutcome {
    /// Made in this run.
    Done,
    /// Made by an earlier run and still right.
    UpToDate,
    /// Not made, because the verdict says so.
    Returned,
    /// Should have been made and was not.
    Failed,
    /// Stopped by the operator before it was done.
    Cancelled,
}

/// One job's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// How it ended.
    pub outcome: JobOutcome,
    /// Why it was run, skipped, or failed.
    pub reason: Text,
    /// Time by the clock, of the run that made it.
    pub wall_ms: Millis,
    /// Processor time (user and system), of the run that made it.
    pub cpu_ms: Millis,
}

/// A file of the inbox that is neither a video nor paired with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OtherFile {
    /// Path inside the inbox, `/` between parts.
    pub path: String,
    /// What it is, or why nothing was done with it.
    pub note: Text,
    /// Somebody should look at it: not just a system's litter.
    pub attention: bool,
}

/// One item of the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgrammeItem {
    /// Place in the running order, from 1.
    pub order: usize,
    /// Which submission.
    pub submission: SubmissionId,
    /// File in `programme/`.
    pub file: String,
    /// When it starts, from the programme's start.
    pub starts_at_ms: Millis,
    /// How long it is.
    pub duration_ms: Millis,
}

/// Sums.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// Submissions received.
    pub received: usize,
    /// Accepted without a warning.
    pub accepted: usize,
    /// Accepted with warnings.
    pub accepted_with_warnings: usize,
    /// Returned.
    pub returned: usize,
    /// Unreadable.
    pub unreadable: usize,
    /// Duplicates, and versions that a later delivery replaced.
    pub duplicate: usize,
    /// Versions that a later delivery replaced: nothing is left to do about them.
    #[serde(default)]
    pub superseded: usize,
    /// Made in this run.
    pub made: usize,
    /// Already made by an earlier run.
    pub up_to_date: usize,
    /// Failed in making.
    pub failed: usize,
    /// Cancelled.
    pub cancelled: usize,
    /// Length of all accepted videos together.
    pub duration_ms: Millis,
    /// Time of the whole run by the clock.
    pub wall_ms: Millis,
}

impl Report {
    /// All remarks: on the run, then on the programme.
    pub fn all_remarks(&self) -> impl Iterator<Item = &Text> {
        self.remarks.iter().chain(&self.programme_remarks)
    }
}

impl Totals {
    /// Duplicates without the versions that a later delivery replaced.
    pub fn repeated(&self) -> usize {
        self.duplicate.saturating_sub(self.superseded)
    }
}

/// How this run's findings differ from an earlier run's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// When the earlier run started, RFC 3339 in UTC.
    pub since: String,
    /// Findings that were not there before.
    pub new: Vec<ChangedFinding>,
    /// Findings that are no more: put right, repaired, or let pass.
    pub fixed: Vec<ChangedFinding>,
    /// Findings that were there and still are.
    pub open: Vec<ChangedFinding>,
    /// Findings on submissions that are no longer in the inbox, or that a later delivery took the place of.
    pub removed: Vec<ChangedFinding>,
}

/// A finding as one line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedFinding {
    /// The submission; none for a finding about a region's delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<SubmissionId>,
    /// The region's name; empty for no region.
    pub region: String,
    /// The submission's name as people read it; empty for a finding about a region's delivery.
    pub name: String,
    /// The rule's name.
    pub rule: String,
    /// What is, or was, wrong.
    pub message: Text,
}
