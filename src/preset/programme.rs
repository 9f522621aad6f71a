//! `[programme]` of `showcase.toml`: what the hall plays, in which order, and how it looks. In: TOML. Out: settings whose
//! numbers are within their limits. Whether the videos and pictures that it names are there is seen later, and told.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decision::Accept;
use super::error::Problem;
use crate::units::FrameRate;

/// Longest slate, still or pause, in seconds: an hour.
const MAX_SECONDS: u32 = 3600;
/// Longest fade, in milliseconds.
const MAX_FADE_MS: u32 = 5000;
/// Most items.
const MAX_ITEMS: usize = 1000;

/// What `[programme]` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProgrammeFile {
    /// Which videos play, where no `[[programme.item]]` is written.
    pub order: Order,
    /// Frames per second of everything, `25` or `"30000/1001"`; that of most videos where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<WrittenRate>")]
    pub frame_rate: Option<HallRate>,
    /// A slate with region, unit and title stands before each video.
    pub slates: bool,
    /// How long a slate is shown, in seconds: 1 to 3600.
    pub slate_seconds: u32,
    /// How long a slate takes to come and to go, in milliseconds: 0 to 5000.
    pub fade_ms: u32,
    /// Picture behind the words of slates, a file in the inbox; a calm one is drawn where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// Seconds that are counted down before the first item; none where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub countdown: Option<u32>,
    /// Words at the end; none where they are not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_card: Option<String>,
    /// When the programme begins, `"09:30"`; then the run sheet has the time of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub starts_at: Option<ClockTime>,
    /// Subtitles are made a part of the hall's picture: `true` for the first of each video, or a language, `"zh"` or `"en"`.
    #[serde(skip_serializing_if = "BurnSubtitles::is_off")]
    pub burn_subtitles: BurnSubtitles,
    /// Everything that plays, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub item: Vec<ProgrammeEntry>,
    /// What is meant, and is not to keep the programme from its certificate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<Accept>,
}

impl Default for ProgrammeFile {
    fn default() -> Self {
        ProgrammeFile {
            order: Order::Recommendations,
            frame_rate: None,
            slates: true,
            slate_seconds: 5,
            fade_ms: 500,
            background: None,
            countdown: None,
            end_card: None,
            starts_at: None,
            burn_subtitles: BurnSubtitles::default(),
            item: vec![],
            accept: vec![],
        }
    }
}

/// Which videos play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// What each region recommends, in the order of the regions; every accepted video where nobody recommends anything.
    #[default]
    Recommendations,
    /// Every accepted video, region by region.
    Regions,
}

/// Which subtitles are part of the hall's picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BurnSubtitles {
    /// The first of each video, or none.
    Asked(bool),
    /// Those in this language.
    Language(String),
}

impl Default for BurnSubtitles {
    fn default() -> Self {
        BurnSubtitles::Asked(false)
    }
}

impl BurnSubtitles {
    /// None are.
    pub fn is_off(&self) -> bool {
        *self == BurnSubtitles::default()
    }
}

/// One item: a video by `unit` and `title` or by `source`, or a picture, a pause, or a slate of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProgrammeEntry {
    /// The video's unit, together with `title`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The video's title; enough by itself where it is the only one of its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The video's path inside the inbox, instead of `unit` and `title`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// A picture in the inbox (JPEG, PNG, WebP), shown for `seconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub still: Option<String>,
    /// Seconds of black and silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<u32>,
    /// Words of a slate that opens a section.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slate: Option<String>,
    /// How long a picture or such a slate is shown; as `slate_seconds` where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// A note for the run sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Line of the file, from 1; 0 where it is in none.
    #[serde(skip)]
    #[schemars(skip)]
    pub line: usize,
}

impl ProgrammeFile {
    /// What types cannot say.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let wrong = |key: &'static str, reason: String| {
            Err(Problem::new(["programme".into(), key.into()], reason))
        };
        let seconds = |key, seconds: u32| match seconds {
            1..=MAX_SECONDS => Ok(()),
            _ => wrong(
                key,
                format!("`{key}` is {seconds}, but it must be from 1 to {MAX_SECONDS} seconds"),
            ),
        };
        seconds("slate_seconds", self.slate_seconds)?;
        seconds("countdown", self.countdown.unwrap_or(1))?;
        if self.fade_ms > MAX_FADE_MS {
            let fade = self.fade_ms;
            let reason = format!("`fade_ms` is {fade}, but it must be from 0 to {MAX_FADE_MS}");
            return wrong("fade_ms", reason);
        }
        if let Some(path) = &self.background
            && !stays_inside(path)
        {
            return wrong("background", outside(path));
        }
        if let BurnSubtitles::Language(language) = &self.burn_subtitles
            && !matches!(language.as_str(), "zh" | "en")
        {
            let reason = format!(
                "`burn_subtitles` is \"{language}\", but it must be true, false, \"zh\" or \"en\""
            );
            return wrong("burn_subtitles", reason);
        }
        if self.item.len() > MAX_ITEMS {
            let reason = format!("more than {MAX_ITEMS} items are no programme");
            return wrong("item", reason);
        }
        let mut accepted = self.accept.iter().enumerate();
        accepted.try_for_each(|(index, accept)| accept.check(index))?;
        self.item
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| item.check(index))
    }
}

impl ProgrammeEntry {
    fn check(&self, index: usize) -> Result<(), Problem> {
        let wrong = |key: &'static str, reason: String| {
            let at = ["programme".into(), "item".into(), index.into(), key.into()];
            Err(Problem::new(at, reason))
        };
        let by_name = self.title.is_some() || self.unit.is_some();
        let kinds = [
            by_name,
            self.source.is_some(),
            self.still.is_some(),
            self.pause.is_some(),
            self.slate.is_some(),
        ];
        if kinds.iter().filter(|given| **given).count() != 1 {
            let reason = "an item is one thing: a video by `unit` and `title` or by `source`, or a `still`, a `pause` or a `slate`";
            let at = ["programme".into(), "item".into(), index.into()];
            return Err(Problem::new(at, reason));
        }
        if self.unit.is_some() && self.title.is_none() {
            return wrong("unit", "a video is named by `title` too".into());
        }
        let is_shown = self.still.is_some() || self.slate.is_some();
        if self.seconds.is_some() && !is_shown {
            let reason = "`seconds` is for a `still` or a `slate`: a video is as long as it is";
            return wrong("seconds", reason.into());
        }
        for (key, seconds) in [("seconds", self.seconds), ("pause", self.pause)] {
            if seconds.is_some_and(|seconds| !(1..=MAX_SECONDS).contains(&seconds)) {
                let reason = format!("`{key}` must be from 1 to {MAX_SECONDS} seconds");
                return wrong(key, reason);
            }
        }
        match &self.still {
            Some(path) if !stays_inside(path) => wrong("still", outside(path)),
            _ => Ok(()),
        }
    }
}

fn stays_inside(path: &str) -> bool {
    !path.contains(['\\', '\0']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn outside(path: &str) -> String {
    format!("{path:?} is no path inside the inbox: write it without `..`, with `/` between folders")
}

/// A frame rate that films and players have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenRate", into = "WrittenRate")]
pub struct HallRate(pub FrameRate);

/// A frame rate as it is written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected frames per second: 25, 29.97 or \"30000/1001\""
)]
enum WrittenRate {
    /// Whole.
    Whole(u32),
    /// With a fraction, as people write it.
    Decimal(f64),
    /// As a fraction, or a number in quotes.
    Text(String),
}

/// No frame rate of the hall.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "{given} is no frame rate of films: write 24, 25, 30, 50 or 60, or \"24000/1001\", \"30000/1001\" or \"60000/1001\""
)]
pub struct NoRate {
    given: String,
}

impl TryFrom<WrittenRate> for HallRate {
    type Error = NoRate;
    fn try_from(written: WrittenRate) -> Result<Self, NoRate> {
        let (given, rate) = match &written {
            WrittenRate::Whole(number) => (number.to_string(), Some(f64::from(*number))),
            WrittenRate::Decimal(number) => (number.to_string(), Some(*number)),
            WrittenRate::Text(text) => (format!("{text:?}"), fraction(text)),
        };
        let fits = |rate: &FrameRate, wanted: f64| (rate.as_f64() / wanted - 1.0).abs() < 0.0003;
        let found = rate.and_then(|wanted| {
            FrameRate::STANDARD
                .into_iter()
                .find(|rate| fits(rate, wanted))
        });
        found.map(HallRate).ok_or(NoRate { given })
    }
}

fn fraction(text: &str) -> Option<f64> {
    match text.split_once('/') {
        Some((num, den)) => {
            let (num, den): (f64, f64) = (num.trim().parse().ok()?, den.trim().parse().ok()?);
            (den > 0.0).then_some(num / den)
        }
        None => text.trim().parse().ok(),
    }
}

impl From<HallRate> for WrittenRate {
    fn from(HallRate(rate): HallRate) -> Self {
        match rate.den {
            1 => WrittenRate::Whole(rate.num),
            den => WrittenRate::Text(format!("{}/{den}", rate.num)),
        }
    }
}

/// A time of day, in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime {
    minutes: u32,
}

impl ClockTime {
    /// Seconds since midnight.
    pub fn seconds(self) -> u64 {
        u64::from(self.minutes) * 60
    }
}

/// No time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no time of day: write \"09:30\", hours and minutes")]
pub struct NoTime {
    given: String,
}

impl FromStr for ClockTime {
    type Err = NoTime;
    fn from_str(text: &str) -> Result<Self, NoTime> {
        let error = || NoTime {
            given: text.to_owned(),
        };
        // Chinese keyboards write the wide colon.
        let (hours, minutes) = text.trim().split_once([':', '：']).ok_or_else(error)?;
        let (hours, minutes): (u32, u32) = (
            hours.parse().map_err(|_| error())?,
            minutes.parse().map_err(|_| error())?,
        );
        if hours > 23 || minutes > 59 {
            return Err(error());
        }
        Ok(ClockTime {
            minutes: hours * 60 + minutes,
        })
    }
}

impl TryFrom<String> for ClockTime {
    type Error = NoTime;
    fn try_from(text: String) -> Result<Self, NoTime> {
        text.parse()
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> String {
        time.to_string()
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SubmissionId;
    use crate::preset::tests::problem;
    use crate::preset::{ShowcaseFile, parse};

    fn read(text: &str) -> ProgrammeFile {
        let file: ShowcaseFile = parse("showcase.toml", text).unwrap();
        file.programme
    }

    fn wrong(lines: &str) -> String {
        problem::<ShowcaseFile>(&format!("[programme]\n{lines}"))
    }

    #[test]
    fn rates_are_read_as_people_write_them() {
        for (written, num, den) in [
            ("25", 25, 1),
            ("29.97", 30_000, 1001),
            ("\"30000/1001\"", 30_000, 1001),
            ("\"50\"", 50, 1),
            ("23.976", 24_000, 1001),
        ] {
            let file = read(&format!("[programme]\nframe_rate = {written}"));
            assert_eq!(file.frame_rate, Some(HallRate(FrameRate { num, den })));
        }
        assert_eq!(read(""), ProgrammeFile::default());
    }

    #[test]
    fn items_are_read_in_their_order_and_written_back() {
        let file = read(
            "[programme]\nstarts_at = \"9:05\"\n[[programme.item]]\nslate = \"上半场\"\n[[programme.item]]\ntitle = \"猫\"\n\
             [[programme.item]]\nstill = \"图/合影.jpg\"\nseconds = 8\n[[programme.item]]\npause = 60",
        );
        assert_eq!(file.item.len(), 4);
        assert_eq!(file.starts_at.unwrap().seconds(), (9 * 60 + 5) * 60);
        let text = toml::to_string(&file).unwrap();
        assert_eq!(toml::from_str::<ProgrammeFile>(&text).unwrap(), file);
        let json = serde_json::to_string(&file).unwrap();
        assert_eq!(serde_json::from_str::<ProgrammeFile>(&json).unwrap(), file);
    }

    #[test]
    fn what_is_meant_names_one_film_what_is_meant_of_it_and_who_said_so() {
        let whole = "[[programme.accept]]\nunit = \"甲大学\"\ntitle = \"雨\"\ncheck = \"black\"\nby = \"秘书处\"\nreason = \"本意\"";
        let accept = &read(whole).accept[0];
        assert!(accept.is_about(None, "甲大学", " 雨"));
        assert!(!accept.is_about(None, "乙大学", "雨"));
        assert_eq!(accept.film(), "甲大学《雨》");
        let by_path = whole.replace(
            "unit = \"甲大学\"\ntitle = \"雨\"",
            "source = \"川北/雨.mp4\"",
        );
        let by_path = &read(&by_path).accept[0];
        assert!(by_path.is_about(Some(&SubmissionId::of("川北/雨.mp4")), "", ""));
        assert!(!by_path.is_about(Some(&SubmissionId::of("雨.mp4")), "", ""));
        for (good, bad, told) in [
            (
                "unit = \"甲大学\"\n",
                "",
                "by `source`, or by `unit` and `title`",
            ),
            ("本意", " ", "`reason` stays on record"),
            ("black", "content", "unknown variant `content`"),
        ] {
            let said = problem::<ShowcaseFile>(&whole.replace(good, bad));
            assert!(said.contains(told), "{said}");
        }
    }

    #[test]
    fn settings_that_would_not_work_are_refused_with_their_line() {
        insta::assert_snapshot!(wrong("frame_rate = 27"), @r#"
        my.toml:2:14: 27 is no frame rate of films: write 24, 25, 30, 50 or 60, or "24000/1001", "30000/1001" or "60000/1001"
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("slate_second = 4"), @r"
        my.toml:2:1: unknown field `slate_second`, expected one of `order`, `frame_rate`, `slates`, `slate_seconds`, `fade_ms`, `background`, `countdown`, `end_card`, `starts_at`, `burn_subtitles`, `item`, `accept`; did you mean `slate_seconds`?
        请看第 2 行，很可能应写作 `slate_seconds`
        ");
        insta::assert_snapshot!(wrong("slate_seconds = 0"), @r"
        my.toml:2:17: `slate_seconds` is 0, but it must be from 1 to 3600 seconds
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("starts_at = \"25:00\""), @r#"
        my.toml:2:13: "25:00" is no time of day: write "09:30", hours and minutes
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("background = \"../a.jpg\""), @r#"
        my.toml:2:14: "../a.jpg" is no path inside the inbox: write it without `..`, with `/` between folders
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("[[programme.item]]\ntitle = \"猫\"\npause = 3"), @r"
        my.toml:2:1: an item is one thing: a video by `unit` and `title` or by `source`, or a `still`, a `pause` or a `slate`
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("[[programme.item]]\ntitle = \"猫\"\nseconds = 3"), @r"
        my.toml:4:11: `seconds` is for a `still` or a `slate`: a video is as long as it is
        请改第 4 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
    }
}
