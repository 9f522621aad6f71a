//! What a rule set can say: the notice as data. One optional table for each rule; a table that is not there is a rule
//! that does not apply. Never judges: `check` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::Problem;
use super::{Document, check_name, quantity};
use crate::check::Level;
use crate::probe::{Container, VideoCodec};
use crate::text::Text;
use crate::units::{Bytes, Millis};

/// A notice's rules, and for which regions and dates they hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Always `zhanbo.rules/1`.
    #[schemars(extend("const" = RuleSet::SCHEMA))]
    pub schema: String,
    /// Name of the rule set: lower-case letters, digits and `-`.
    pub name: String,
    /// Title of the rule set, in both languages or one text for both.
    #[serde(with = "super::title")]
    #[schemars(with = "super::title::OneOrBoth")]
    pub title: Text,
    /// What an event is called that has no title; the rule set's own where it is not given.
    #[serde(
        default,
        with = "super::title::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<super::title::OneOrBoth>")]
    pub event: Option<Text>,
    /// The notice in short, in both languages or one text for both.
    #[serde(with = "super::title")]
    #[schemars(with = "super::title::OneOrBoth")]
    pub notice: Text,
    /// The regions in the order of the notice; empty where there are none.
    #[serde(default)]
    pub regions: Vec<String>,
    /// When videos may be handed in; measured against the dates of `[[delivery]]` in showcase.toml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The notice takes links instead of videos: they are recorded and never fetched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub links: bool,
    /// The rules.
    #[serde(default)]
    pub rules: Rules,
}

/// From the first day to the last, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day, `"2021-06-23"`; none where the notice names only the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day, `"2021-07-12"`.
    pub until: Date,
}

impl Window {
    /// Refuses a window in which no day lies; `at` is where it stands in its file.
    pub(super) fn check(&self, at: &'static str) -> Result<(), Problem> {
        let Some(from) = self.from.as_ref().filter(|from| self.until < **from) else {
            return Ok(());
        };
        let reason = format!(
            "the window ends on {}, before it starts on {}",
            self.until.as_str(),
            from.as_str()
        );
        Err(Problem::new([at.into(), "until".into()], reason))
    }
}

/// A day of the calendar, `YYYY-MM-DD`; days sort as they follow each other.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "Written")]
#[schemars(!try_from, extend("pattern" = r"^\d{4}-\d{2}-\d{2}$"))]
pub struct Date(String);

impl Date {
    /// The day as `YYYY-MM-DD`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn year(&self) -> Option<u16> {
        self.0.split('-').next()?.parse().ok()
    }

    /// How many days this one is after another; negative where it is before.
    pub fn days_after(&self, other: &Date) -> i64 {
        self.number() - other.number()
    }

    /// Days in the proleptic Gregorian calendar, from a year that starts in March, so that a leap day comes last.
    fn number(&self) -> i64 {
        let part = |range| {
            self.0
                .get(range)
                .and_then(|t: &str| t.parse().ok())
                .unwrap_or(0_i64)
        };
        let (year, month, day) = (part(0..4), part(5..7), part(8..10));
        let (year, month) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        365 * year + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + day
    }
}

/// A text that is not a day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a date: write \"2021-06-23\", year, month and day")]
pub struct NotADate(String);

impl std::str::FromStr for Date {
    type Err = NotADate;
    fn from_str(text: &str) -> Result<Self, NotADate> {
        Date::try_from(Written::Text(text.to_owned()))
    }
}

impl From<jiff::civil::Date> for Date {
    fn from(day: jiff::civil::Date) -> Self {
        Date(day.to_string())
    }
}

/// TOML has dates of its own; people write them with and without quotes.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a date: \"2021-06-23\", year, month and day"
)]
enum Written {
    Text(String),
    Toml(toml::value::Datetime),
}

impl TryFrom<Written> for Date {
    type Error = NotADate;
    fn try_from(written: Written) -> Result<Self, NotADate> {
        let text = match written {
            Written::Text(text) => text,
            Written::Toml(date) => date.to_string(),
        };
        if is_day(&text) {
            Ok(Date(text))
        } else {
            Err(NotADate(text))
        }
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let &[year, month, day] = parts.as_slice() else {
        return false;
    };
    let digits =
        |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return false;
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    let year = number(year);
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let last = match number(month) {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&number(day))
}

/// One optional table for each rule, called by the rule's name; `zhanbo rule NAME` explains each.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Rules {
    /// Which way round the picture is, as displayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orientation: Option<OrientationRule>,
    /// The film inside the picture is landscape, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fake_landscape: Option<FakeLandscapeRule>,
    /// The longest a video may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration: Option<DurationRule>,
    /// The shortest a video may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_duration: Option<DurationRule>,
    /// The largest a file may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<SizeRule>,
    /// Which containers are taken, by content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerRule>,
    /// Which codecs of the picture are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<CodecRule>,
    /// The name ends as its content wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<PlainRule>,
    /// How a file is to be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub naming: Option<NamingRule>,
    /// A Word document introduces the video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction: Option<PlainRule>,
    /// The introduction speaks of this video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction_content: Option<IntroductionContentRule>,
    /// A script (讲稿) in Word lies beside the video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<PlainRule>,
    /// Pictures and scans are of the right size and format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<AttachmentsRule>,
    /// The smallest a picture may be on the screen, or the size that it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture_size: Option<PictureSizeRule>,
    /// The picture is sharp and shows no blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture_clear: Option<PictureClearRule>,
    /// The picture is neither black nor still for long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture_continuous: Option<PictureContinuousRule>,
    /// The mark for interlacing fits the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interlacing: Option<PlainRule>,
    /// How many frames a second there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<FrameRateRule>,
    /// There is a sound track.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<PlainRule>,
    /// The sound is to be heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound_level: Option<SoundLevelRule>,
    /// The sound is not clipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound_clipped: Option<SoundClippedRule>,
    /// The sound is in both ears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound_channels: Option<SoundChannelsRule>,
    /// Loud and quiet passages are not too far apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loudness_range: Option<LoudnessRangeRule>,
    /// Everything that was decoded could be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<DamageRule>,
    /// There are subtitles, beside the video or in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitles: Option<SubtitlesRule>,
    /// The unit stands in the roster; judged as advice where there is a roster and no table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<PlainRule>,
    /// The unit is handed in by its own region; judged as advice where there is a roster and no table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<PlainRule>,
    /// A unit hands in one work; judged as advice where there is a roster and no table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_submission: Option<PlainRule>,
    /// The delivery came within the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<PlainRule>,
}

/// A rule without an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlainRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
}

/// What an introduction has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntroductionContentRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Least number of characters.
    #[serde(default = "least_characters")]
    pub min_characters: usize,
}

fn least_characters() -> usize {
    20
}

/// Limits on pictures and scans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachmentsRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The largest a picture may be: `"10M"`.
    #[serde(with = "quantity::size")]
    #[schemars(with = "String")]
    pub picture_max: Bytes,
    /// The largest a scan may be: `"30M"`.
    #[serde(with = "quantity::size")]
    #[schemars(with = "String")]
    pub scan_max: Bytes,
    /// Formats of pictures that are taken: `["jpg"]`.
    pub pictures: Vec<AttachmentFormat>,
    /// Formats of scans that are taken: `["pdf", "jpg"]`.
    pub scans: Vec<AttachmentFormat>,
}

/// A format of pictures or scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AttachmentFormat {
    /// JPEG.
    Jpg,
    /// PNG.
    Png,
    /// PDF.
    Pdf,
}

impl AttachmentFormat {
    /// The format's name for people.
    pub fn name(self) -> &'static str {
        match self {
            AttachmentFormat::Jpg => "JPG",
            AttachmentFormat::Png => "PNG",
            AttachmentFormat::Pdf => "PDF",
        }
    }
}

/// Which way round the picture has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrientationRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// `landscape` (wider than high) or `portrait` (higher than wide).
    #[serde(default)]
    pub allowed: Shape,
}

/// The outline of a picture. A square is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Wider than high.
    #[default]
    Landscape,
    /// Higher than wide.
    Portrait,
}

/// A limit on the length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DurationRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// `"5m"`, `"4m30s"`, `"90s"`; a video of exactly this length passes.
    #[serde(with = "quantity::duration")]
    #[schemars(with = "String")]
    pub limit: Millis,
}

/// A limit on the size of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SizeRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// `"1GiB"`, `"500MB"`, `"2G"` (which is 2 GiB); a file of exactly this size passes.
    #[serde(with = "quantity::size")]
    #[schemars(with = "String")]
    pub limit: Bytes,
}

/// Which containers are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The containers that are taken: `["mp4", "mpg", "mov"]`.
    pub allowed: Vec<Container>,
}

/// Which codecs of the picture are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodecRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The codecs that are taken: `["h264"]`.
    pub allowed: Vec<VideoCodec>,
}

/// How many frames a second there have to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrameRateRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Least frames per second, as `25`; 23.976 passes for 24.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Most frames per second, as `60`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// How files are to be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamingRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// `unit-title`: `单位《视频名称》.mp4`; `unit-category-date`: `二级党组织+类别+报送日期.mp4`.
    #[serde(default)]
    pub pattern: NamePattern,
}

/// A way to name files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NamePattern {
    /// `单位《视频名称》.mp4`: the unit, then the title in title marks.
    #[default]
    UnitTitle,
    /// `二级党组织+类别+报送日期.mp4`: unit, category and the day of the delivery, `20200703`.
    UnitCategoryDate,
}

/// The smallest a picture may be on the screen, or the size that it should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureSizeRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Least width in pixels, after rotation and pixel aspect ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_width: Option<u32>,
    /// Least height in pixels, after rotation and pixel aspect ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_height: Option<u32>,
    /// The width that it should have, in pixels; together with `height`, instead of the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height that it should have, in pixels; together with `width`, instead of the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

impl PictureSizeRule {
    /// The one size that is wanted, where there is one.
    pub fn exact(&self) -> Option<(u32, u32)> {
        self.width.zip(self.height)
    }

    fn check(&self) -> Result<(), Problem> {
        let at = || ["rules".into(), "picture-size".into()];
        let least = self.min_width.is_some() || self.min_height.is_some();
        let exact = self.width.is_some() || self.height.is_some();
        if self.width.is_some() != self.height.is_some() {
            return Err(Problem::new(
                at(),
                "picture-size needs `width` and `height` together",
            ));
        }
        if least == exact {
            let reason = "picture-size needs `min_width`, `min_height` or both; or else `width` and `height`";
            return Err(Problem::new(at(), reason));
        }
        Ok(())
    }
}

impl FrameRateRule {
    fn check(&self) -> Result<(), Problem> {
        let at = |key: &'static str| ["rules".into(), "frame-rate".into(), key.into()];
        for (key, rate) in [("min", self.min), ("max", self.max)] {
            if rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
                return Err(Problem::new(
                    at(key),
                    "a frame rate is a number above zero, as 25",
                ));
            }
        }
        match (self.min, self.max) {
            (None, None) => Err(Problem::new(
                at("level"),
                "frame-rate needs `min`, `max` or both",
            )),
            (Some(min), Some(max)) if max < min => {
                let reason =
                    format!("the least rate {min} is above the most {max}: nothing can pass");
                Err(Problem::new(at("min"), reason))
            }
            _ => Ok(()),
        }
    }
}

/// The film inside the picture is landscape, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FakeLandscapeRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The least share of the picture that the film fills, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_area: Option<u32>,
}

/// How sharp a picture is, and how few blocks it shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureClearRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The widest edges in a picture of 1080 lines at most, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_edge_width: Option<f64>,
    /// How many times as strong as what lies between the borders of 8x8 blocks may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_blocking: Option<f64>,
}

/// How long a picture may be black, and how long still.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureContinuousRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The longest black stretch, `"5s"`.
    #[serde(with = "quantity::duration")]
    #[schemars(with = "String")]
    pub max_black: Millis,
    /// The longest still stretch, `"20s"`.
    #[serde(with = "quantity::duration")]
    #[schemars(with = "String")]
    pub max_frozen: Millis,
    /// The level holds from this share of the film on, in percent; below, a finding is advice.
    #[serde(default = "half")]
    pub share: u32,
}

fn half() -> u32 {
    50
}

/// How loud the sound is at least.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoundLevelRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The least loudness of the whole film in LUFS, -40.
    pub min_loudness: f64,
    /// The longest silence, `"20s"`; without it none is looked for.
    #[serde(
        default,
        with = "quantity::optional_duration",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub max_silence: Option<Millis>,
}

/// How often the sound may be clipped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoundClippedRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Places a minute at which the sound stays at full scale.
    pub max_per_minute: u32,
}

/// How alike both sides of the sound are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoundChannelsRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The largest difference between left and right in dB.
    pub max_difference: f64,
}

/// How far loud and quiet passages may be apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoudnessRangeRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The largest loudness range in LU.
    pub limit: f64,
}

/// How much may be damaged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DamageRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Damaged places in picture and sound that pass.
    #[serde(default)]
    pub max_places: u32,
}

/// There are subtitles, beside the video or in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubtitlesRule {
    /// `requirement` returns the video, `advice` only warns.
    pub level: Level,
    /// The clause of the notice, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// From this likelihood on, in percent, text in the picture is taken for subtitles that a person should confirm.
    #[serde(default = "half")]
    pub burnt_in_likely: u32,
}

impl Document for RuleSet {
    const SCHEMA: &'static str = "zhanbo.rules/1";

    fn check(&self) -> Result<(), Problem> {
        check_name(&self.name)?;
        self.check_regions()?;
        if let Some(window) = &self.window {
            window.check("window")?;
        }
        if self.rules.late.is_some() && self.window.is_none() {
            let reason = "`late` measures against the window: write window = { until = \"2021-07-12\" } above the rules";
            return Err(Problem::new(["rules".into(), "late".into()], reason));
        }
        self.rules.check()
    }
}

impl RuleSet {
    /// How names are read where the notice says so.
    pub fn name_pattern(&self) -> NamePattern {
        let naming = self.rules.naming.as_ref();
        naming.map_or_else(NamePattern::default, |rule| rule.pattern)
    }

    /// The one year in which the notice collects; none where there is no window or it goes over New Year.
    pub fn year(&self) -> Option<u16> {
        let window = self.window.as_ref()?;
        let until = window.until.year()?;
        let from = window.from.as_ref().map_or(Some(until), Date::year);
        from.filter(|from| *from == until)
    }

    fn check_regions(&self) -> Result<(), Problem> {
        for (index, region) in self.regions.iter().enumerate() {
            let at = ["regions".into(), index.into()];
            let is_a_way = region.contains('/') || matches!(region.as_str(), "." | "..");
            if region.trim() != region || region.is_empty() || is_a_way {
                let reason = format!(
                    "{region:?} is not a region's name: no blanks around it, no `/`, not empty"
                );
                return Err(Problem::new(at, reason));
            }
            if self.regions[..index].contains(region) {
                return Err(Problem::new(
                    at,
                    format!("region {region:?} is named twice"),
                ));
            }
        }
        Ok(())
    }
}

impl Rules {
    fn check(&self) -> Result<(), Problem> {
        let at = |rule: &'static str, key: &'static str| ["rules".into(), rule.into(), key.into()];
        let limits = [
            (
                "max-duration",
                self.max_duration.as_ref().map(|r| r.limit.0),
            ),
            (
                "min-duration",
                self.min_duration.as_ref().map(|r| r.limit.0),
            ),
            ("max-size", self.max_size.as_ref().map(|r| r.limit.0)),
        ];
        if let Some((rule, _)) = limits.iter().find(|(_, limit)| *limit == Some(0)) {
            return Err(Problem::new(
                at(rule, "limit"),
                "a limit of zero lets nothing pass",
            ));
        }
        if let (Some(most), Some(least)) = (&self.max_duration, &self.min_duration)
            && least.limit > most.limit
        {
            let reason = format!(
                "min-duration {} is longer than max-duration {}: nothing can pass",
                least.limit, most.limit
            );
            return Err(Problem::new(at("min-duration", "limit"), reason));
        }
        if self
            .container
            .as_ref()
            .is_some_and(|r| r.allowed.is_empty())
        {
            let reason = "no container is allowed: name some, or take the whole table away";
            return Err(Problem::new(at("container", "allowed"), reason));
        }
        let attachments = self.attachments.as_ref();
        if let Some(rule) = attachments.filter(|r| r.pictures.is_empty() || r.scans.is_empty()) {
            let key = if rule.pictures.is_empty() {
                "pictures"
            } else {
                "scans"
            };
            let reason = "no format is allowed: name some, or take the whole table away";
            return Err(Problem::new(at("attachments", key), reason));
        }
        if self.codec.as_ref().is_some_and(|r| r.allowed.is_empty()) {
            let reason = "no codec is allowed: name some, or take the whole table away";
            return Err(Problem::new(at("codec", "allowed"), reason));
        }
        if let Some(rule) = &self.picture_size {
            rule.check()?;
        }
        if let Some(rule) = &self.frame_rate {
            rule.check()?;
        }
        self.check_quality()
    }

    fn check_quality(&self) -> Result<(), Problem> {
        let at = |rule: &'static str, key: &'static str| ["rules".into(), rule.into(), key.into()];
        let percents = [
            (
                at("fake-landscape", "min_area"),
                self.fake_landscape.as_ref().and_then(|r| r.min_area),
            ),
            (
                at("picture-continuous", "share"),
                self.picture_continuous.as_ref().map(|r| r.share),
            ),
            (
                at("subtitles", "burnt_in_likely"),
                self.subtitles.as_ref().map(|r| r.burnt_in_likely),
            ),
        ];
        for (place, percent) in percents {
            if let Some(percent) = percent.filter(|percent| *percent > 100) {
                let reason = format!("{percent} percent is more than all: write 0 to 100");
                return Err(Problem::new(place, reason));
            }
        }
        if self
            .picture_clear
            .as_ref()
            .is_some_and(|r| r.max_edge_width.is_none() && r.max_blocking.is_none())
        {
            let reason = "picture-clear needs `max_edge_width`, `max_blocking` or both";
            return Err(Problem::new(
                ["rules".into(), "picture-clear".into()],
                reason,
            ));
        }
        if let Some(rule) = self.sound_level.as_ref().filter(|r| r.min_loudness >= 0.0) {
            let reason = format!(
                "{} LUFS is louder than anything: loudness is negative, as -40",
                rule.min_loudness
            );
            return Err(Problem::new(at("sound-level", "min_loudness"), reason));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::tests::problem;

    fn wrong(lines: &str) -> String {
        let head =
            "schema = \"zhanbo.rules/1\"\nname = \"x\"\ntitle = \"标题\"\nnotice = \"通知\"\n";
        problem::<RuleSet>(&format!("{head}{lines}"))
    }

    fn date(text: &str) -> Result<Date, NotADate> {
        text.parse()
    }

    #[test]
    fn a_date_may_stand_without_quotes() {
        let window: Window = toml::from_str("from = 2021-06-23\nuntil = \"2021-07-12\"").unwrap();
        let from = window.from.unwrap();
        assert_eq!(from.as_str(), "2021-06-23");
        assert!(from < window.until);
        assert_eq!(window.until.days_after(&from), 19);
    }

    #[test]
    fn days_are_counted_over_the_ends_of_months_and_years() {
        for (later, earlier, days) in [
            ("2021-07-13", "2021-07-12", 1),
            ("2021-03-01", "2021-02-28", 1),
            ("2024-03-01", "2024-02-28", 2),
            ("2000-03-01", "2000-02-28", 2),
            ("2021-01-01", "2020-12-31", 1),
            ("2021-12-31", "2020-12-31", 365),
            ("2021-07-12", "2021-07-12", 0),
            ("2021-07-11", "2021-07-12", -1),
        ] {
            let (later, earlier) = (date(later).unwrap(), date(earlier).unwrap());
            assert_eq!(later.days_after(&earlier), days, "{later:?}");
        }
    }

    #[test]
    fn a_day_is_a_day_of_the_calendar() {
        for day in ["2021-06-23", "2024-02-29", "2000-02-29"] {
            assert_eq!(date(day).unwrap().as_str(), day);
        }
        for text in [
            "2021-6-23",
            "2021-02-29",
            "1900-02-29",
            "2021-13-01",
            "2021-00-01",
            "2021-04-31",
            "2021-01-00",
            "23.06.2021",
            "",
            "2021-06-23-1",
            "二〇二一-06-23",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_slip_in_a_key_or_a_value_names_what_was_meant() {
        insta::assert_snapshot!(wrong("[rules.max-duration]\nlevel = \"requirement\"\nlimt = \"5m\""), @r"
        my.toml:7:1: unknown field `limt`, expected one of `level`, `clause`, `limit`; did you mean `limit`?
        请看第 7 行，很可能应写作 `limit`
        ");
        insta::assert_snapshot!(wrong("[rules.max-duraton]\nlevel = \"requirement\"\nlimit = \"5m\""), @r#"
        my.toml:5:8: unknown field `max-duraton`, expected one of `orientation`, `fake-landscape`, `max-duration`, `min-duration`, `max-size`, `container`, `codec`, `extension`, `naming`, `introduction`, `introduction-content`, `script`, `attachments`, `picture-size`, `picture-clear`, `picture-continuous`, `interlacing`, `frame-rate`, `sound`, `sound-level`, `sound-clipped`, `sound-channels`, `loudness-range`, `damage`, `subtitles`, `unit`, `region`, `second-submission`, `late`; did you mean `max-duration`?
        请看第 5 行，很可能应写作 `max-duration`
        "#);
        insta::assert_snapshot!(wrong("[rules.sound]\nlevel = \"advise\""), @r"
        my.toml:6:9: unknown variant `advise`, expected `requirement` or `advice`; did you mean `advice`?
        请看第 6 行，很可能应写作 `advice`
        ");
        insta::assert_snapshot!(wrong("[rules.container]\nlevel = \"advice\"\nallowed = [\"mp4\", \"MOV\"]"), @r"
        my.toml:7:19: unknown variant `MOV`, expected one of `mp4`, `mov`, `mpg`, `mpeg-ts`, `matroska`, `webm`, `avi`, `asf`, `flv`; did you mean `mov`?
        请看第 7 行，很可能应写作 `mov`
        ");
        insta::assert_snapshot!(wrong("[rules.sound]\nclause = \"x\""), @r"
        my.toml:5:1: missing field `level`
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
    }

    #[test]
    fn a_limit_that_is_none_says_how_to_write_one() {
        insta::assert_snapshot!(wrong("[rules.max-duration]\nlevel = \"advice\"\nlimit = \"五分钟\""), @r#"
        my.toml:7:9: "五分钟" is not a duration: write "5m", "4m30s" or "90s"
        请改第 7 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("[rules.max-duration]\nlevel = \"advice\"\nlimit = 300"), @r#"
        my.toml:7:9: invalid type: integer `300`, expected a duration: write "5m", "4m30s" or "90s"
        请改第 7 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("[rules.max-size]\nlevel = \"advice\"\nlimit = \"1\""), @r#"
        my.toml:7:9: "1" is not a size: write "1GiB", "500MB" or "2G" (which is 2 GiB)
        请改第 7 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("[rules.max-size]\nlevel = \"advice\"\nlimit = \"0B\""), @r"
        my.toml:7:9: a limit of zero lets nothing pass
        请改第 7 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
    }

    #[test]
    fn rules_that_nothing_can_meet_are_refused() {
        insta::assert_snapshot!(wrong(
            "[rules.max-duration]\nlevel = \"advice\"\nlimit = \"5m\"\n[rules.min-duration]\nlevel = \"advice\"\nlimit = \"15m\""
        ), @r"
        my.toml:10:9: min-duration 15:00.000 is longer than max-duration 5:00.000: nothing can pass
        请改第 10 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("[rules.container]\nlevel = \"advice\"\nallowed = []"), @r"
        my.toml:7:11: no container is allowed: name some, or take the whole table away
        请改第 7 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("[rules.picture-size]\nlevel = \"advice\""), @r"
        my.toml:5:1: picture-size needs `min_width`, `min_height` or both; or else `width` and `height`
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("window = { from = \"2021-07-12\", until = \"2021-06-23\" }"), @r"
        my.toml:5:41: the window ends on 2021-06-23, before it starts on 2021-07-12
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("window = { from = 20210623, until = 2021-07-12 }"), @r#"
        my.toml:5:19: expected a date: "2021-06-23", year, month and day
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("window = { from = 2021-06-23T10:00:00, until = 2021-07-12 }"), @r#"
        my.toml:5:19: "2021-06-23T10:00:00" is not a date: write "2021-06-23", year, month and day
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("window = { from = \"2021-07-32\", until = \"2021-06-23\" }"), @r#"
        my.toml:5:19: "2021-07-32" is not a date: write "2021-06-23", year, month and day
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
    }

    #[test]
    fn regions_are_named_once_and_could_be_a_folder() {
        insta::assert_snapshot!(wrong("regions = [\"川北片区\", \"川北片区\"]"), @r#"
        my.toml:5:20: region "川北片区" is named twice
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("regions = [\"川北/川东\"]"), @r#"
        my.toml:5:12: "川北/川东" is not a region's name: no blanks around it, no `/`, not empty
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
    }
}
