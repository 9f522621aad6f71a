//! What a ladder can say: the rungs for the website and the hall's master. Never looks at a source: fitting rungs to a
//! picture is `transcode`'s.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{Problem, Step};
use super::programme::BurnSubtitles;
use super::{Document, check_name, quantity};
use crate::av::H264Encoder;
use crate::text::Text;
use crate::units::{BitRate, Millis};

/// Widest picture that we make.
pub const MAX_WIDTH: u32 = 4096;
/// Highest picture that we make.
pub const MAX_HEIGHT: u32 = 2304;

/// x264's presets that give High profile, fastest first.
const X264_PRESETS: [&str; 9] = [
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];

/// Options that the ladder's other keys decide, or that make x264 read or write files of its own.
const NOT_OPTIONS: [&str; 22] = [
    "bitrate",
    "crf",
    "crf-max",
    "cqm",
    "cqmfile",
    "dump-yuv",
    "fps",
    "input-res",
    "keyint",
    "min-keyint",
    "open-gop",
    "pass",
    "preset",
    "profile",
    "qp",
    "qpfile",
    "scenecut",
    "stats",
    "threads",
    "tune",
    "vbv-bufsize",
    "vbv-maxrate",
];

/// What is made of a video: rungs for the website, and the hall's master.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// Always `zhanbo.ladder/1`.
    #[schemars(extend("const" = Ladder::SCHEMA))]
    pub schema: String,
    /// Name of the ladder: lower-case letters, digits and `-`.
    pub name: String,
    /// Title of the ladder, in both languages or one text for both.
    #[serde(with = "super::title")]
    #[schemars(with = "super::title::OneOrBoth")]
    pub title: Text,
    /// What all pictures have in common.
    pub video: VideoSettings,
    /// The sound, the same for all rungs.
    pub audio: AudioSettings,
    /// The rungs for the website, best first.
    pub rungs: Vec<Rung>,
    /// The master that the hall plays.
    pub hall: Hall,
    /// A quality that each film is to reach. Where it is given, pieces of each film are encoded and compared with what went in, until
    /// the largest `crf` of its best rung is found that reaches it; the others move by as much. Where it is not, `crf` is used as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<QualityTarget>,
}

/// A quality that each film is to reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QualityTarget {
    /// Mean VMAF (model v0.6.1) from 50 to 99, where FFmpeg was built with libvmaf. 93 where not given.
    #[serde(default = "vmaf")]
    pub vmaf: f64,
    /// Mean SSIM of luma and chroma from 0.8 to 0.999, where it was not. 0.98 where not given.
    #[serde(default = "ssim")]
    pub ssim: f64,
    /// The smallest `crf` that may be used, however hard a film is. 16 where not given.
    #[serde(default = "crf_min")]
    pub crf_min: f32,
    /// The largest `crf` that may be used, however easy a film is. 32 where not given.
    #[serde(default = "crf_max")]
    pub crf_max: f32,
}

fn vmaf() -> f64 {
    93.0
}

fn ssim() -> f64 {
    0.98
}

fn crf_min() -> f32 {
    16.0
}

fn crf_max() -> f32 {
    32.0
}

impl QualityTarget {
    fn check(&self) -> Result<(), Problem> {
        let wrong =
            |key: &'static str, reason| Err(Problem::new(["quality".into(), key.into()], reason));
        if !(50.0..=99.0).contains(&self.vmaf) {
            return wrong(
                "vmaf",
                format!("a VMAF of {} is not between 50 and 99", self.vmaf),
            );
        }
        if !(0.8..=0.999).contains(&self.ssim) {
            return wrong(
                "ssim",
                format!("an SSIM of {} is not between 0.8 and 0.999", self.ssim),
            );
        }
        for (key, crf) in [("crf_min", self.crf_min), ("crf_max", self.crf_max)] {
            if !(0.0..=51.0).contains(&crf) {
                return wrong(key, format!("{key} {crf} is not between 0 and 51"));
            }
        }
        if self.crf_min > self.crf_max {
            let (least, most) = (self.crf_min, self.crf_max);
            return wrong(
                "crf_min",
                format!("crf_min {least} is above crf_max {most}"),
            );
        }
        Ok(())
    }
}

/// What all pictures have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VideoSettings {
    /// Preset of x264, from `superfast` to `placebo`: slower makes smaller files. `ultrafast` is left out: it gives no High profile.
    pub preset: String,
    /// Further options of x264 by name, such as `trellis = "1"`.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// Time from one regular keyframe to the next, `"2s"`; at cuts there may be more.
    #[serde(with = "quantity::duration")]
    #[schemars(with = "String")]
    pub gop: Millis,
    /// Length of an HLS segment, `"6s"`; a multiple of `gop`.
    #[serde(with = "quantity::duration")]
    #[schemars(with = "String")]
    pub segment: Millis,
    /// How each lower rung is made from the next larger one: `bicubic`, or `lanczos`, which is sharper and takes a little longer.
    /// `bicubic` where not given.
    #[serde(default)]
    pub scaler: Scaler,
    /// What encodes: `auto` (which is x264), `x264`, or a part of the graphics hardware: `h264_nvenc`, `h264_qsv`, `h264_vaapi`,
    /// `h264_videotoolbox`. One that does not work on a computer is told, and x264 is used.
    #[serde(default)]
    pub encoder: EncoderChoice,
    /// A source that already is what the best rung wants is packaged as it is and not encoded again. True where not given.
    #[serde(default = "copies")]
    pub copy: bool,
    /// Sources made of fields come out with twice as many frames (25 interlaced become 50), as smooth as they were, for about
    /// twice the work. False where not given.
    #[serde(default)]
    pub double_rate: bool,
}

/// How a picture is made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scaler {
    /// Cubic, B = 0, C = 0.6.
    #[default]
    Bicubic,
    /// Windowed sinc of three lobes.
    Lanczos,
}

/// Which encoder is wanted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum EncoderChoice {
    /// 画质最好的：x264 / the one with the best quality for its bits: x264
    #[default]
    Auto,
    /// 处理器上的 x264 / x264, on the processor
    X264,
    /// NVIDIA 显卡 / NVIDIA
    H264Nvenc,
    /// Intel 核显 / Intel Quick Sync
    H264Qsv,
    /// Linux 上的 AMD、Intel 显卡 / VA-API, AMD and Intel on Linux
    H264Vaapi,
    /// 苹果电脑 / Apple
    H264Videotoolbox,
}

impl EncoderChoice {
    /// The encoder that this means.
    pub fn encoder(self) -> H264Encoder {
        match self {
            // Quality for the bits is what the website is judged by, and hardware has less of it: it has to be asked for.
            EncoderChoice::Auto | EncoderChoice::X264 => H264Encoder::X264,
            EncoderChoice::H264Nvenc => H264Encoder::Nvenc,
            EncoderChoice::H264Qsv => H264Encoder::Qsv,
            EncoderChoice::H264Vaapi => H264Encoder::Vaapi,
            EncoderChoice::H264Videotoolbox => H264Encoder::Videotoolbox,
        }
    }
}

fn copies() -> bool {
    true
}

/// The sound, AAC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AudioSettings {
    /// Bit rate, `"128k"`: from 32k to 512k.
    #[serde(with = "quantity::bit_rate")]
    #[schemars(with = "String")]
    pub bit_rate: BitRate,
    /// Samples per second: 32000, 44100 or 48000.
    pub sample_rate: u32,
    /// 1 (mono) or 2 (stereo).
    pub channels: u32,
    /// How loud the website's sound is made, integrated over the film, in LUFS: from -40 to -9; or `"keep"`.
    #[serde(default = "web_loudness")]
    pub loudness: Loudness,
    /// The true peak that the website's sound may reach, in dBTP: from -9 to 0. Counts where the loudness is changed.
    #[serde(default = "true_peak_max")]
    pub true_peak_max: f64,
    /// What becomes of a sound that is in one ear only.
    #[serde(default)]
    pub one_ear: OneEar,
}

/// How loud something is made: a number of LUFS, or `"keep"`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "WrittenLoudness", into = "WrittenLoudness")]
#[schemars(with = "WrittenLoudness")]
pub enum Loudness {
    /// As it is.
    Keep,
    /// Integrated loudness by BS.1770.
    Lufs(f64),
}

/// A loudness as it is written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a loudness in LUFS such as -18, or \"keep\" to leave it as it is"
)]
enum WrittenLoudness {
    /// In LUFS.
    Lufs(f64),
    /// Not changed.
    Word(Keep),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Keep {
    Keep,
}

impl From<WrittenLoudness> for Loudness {
    fn from(written: WrittenLoudness) -> Self {
        match written {
            WrittenLoudness::Lufs(lufs) => Loudness::Lufs(lufs),
            WrittenLoudness::Word(Keep::Keep) => Loudness::Keep,
        }
    }
}

impl From<Loudness> for WrittenLoudness {
    fn from(loudness: Loudness) -> Self {
        match loudness {
            Loudness::Lufs(lufs) => WrittenLoudness::Lufs(lufs),
            Loudness::Keep => WrittenLoudness::Word(Keep::Keep),
        }
    }
}

/// What becomes of a stereo sound of which one side is empty, or nearly so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OneEar {
    /// It stays as it is.
    #[default]
    Keep,
    /// The side that has sound goes to both.
    Repair,
}

/// The web's loudness where a ladder says nothing: what AES TD1008 gives for speech.
fn web_loudness() -> Loudness {
    Loudness::Lufs(-18.0)
}

/// The hall's loudness where a ladder says nothing: EBU R 128.
fn hall_loudness() -> Loudness {
    Loudness::Lufs(-23.0)
}

/// The true peak where a ladder says nothing: EBU R 128.
fn true_peak_max() -> f64 {
    -1.0
}

/// One rung: a size and what it may cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Name, used as a folder's: lower-case letters and digits, `1080p`.
    pub name: String,
    /// Width of the box that the picture is fitted into, in pixels, even.
    pub width: u32,
    /// Height of the box that the picture is fitted into, in pixels, even.
    pub height: u32,
    /// Quality (x264's constant rate factor) from 0 to 51, lower is better.
    pub crf: f32,
    /// Peak bit rate, `"5000k"`, held over `buffer`.
    #[serde(with = "quantity::bit_rate")]
    #[schemars(with = "String")]
    pub max_bit_rate: BitRate,
    /// Size of the decoder's buffer (VBV) in bits, `"10000k"`.
    #[serde(with = "quantity::bit_rate")]
    #[schemars(with = "String")]
    pub buffer: BitRate,
}

/// The hall's master: all items alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hall {
    /// Width in pixels, even.
    pub width: u32,
    /// Height in pixels, even.
    pub height: u32,
    /// Quality (x264's constant rate factor) from 0 to 51, lower is better.
    pub crf: f32,
    /// Peak bit rate, `"8000k"`, held over `buffer`.
    #[serde(with = "quantity::bit_rate")]
    #[schemars(with = "String")]
    pub max_bit_rate: BitRate,
    /// Size of the decoder's buffer (VBV) in bits, `"16000k"`.
    #[serde(with = "quantity::bit_rate")]
    #[schemars(with = "String")]
    pub buffer: BitRate,
    /// How loud the hall's sound is made, as `[audio] loudness`.
    #[serde(default = "hall_loudness")]
    pub loudness: Loudness,
    /// The true peak that the hall's sound may reach, as `[audio] true_peak_max`.
    #[serde(default = "true_peak_max")]
    pub true_peak_max: f64,
    /// Subtitles that are part of the hall's picture, as showcase.toml asks for them.
    #[serde(skip)]
    #[schemars(skip)]
    pub burn_subtitles: BurnSubtitles,
}

impl Document for Ladder {
    const SCHEMA: &'static str = "zhanbo.ladder/1";

    fn check(&self) -> Result<(), Problem> {
        check_name(&self.name)?;
        self.video.check()?;
        self.audio.check()?;
        if self.rungs.is_empty() {
            return Err(Problem::new(
                ["rungs".into()],
                "a ladder needs at least one rung",
            ));
        }
        for index in 0..self.rungs.len() {
            self.check_rung(index)?;
        }
        let hall = &self.hall;
        Picture {
            width: hall.width,
            height: hall.height,
            crf: hall.crf,
            max_bit_rate: hall.max_bit_rate,
            buffer: hall.buffer,
        }
        .check(&["hall".into()])?;
        check_level("hall", hall.loudness, hall.true_peak_max)?;
        self.quality.as_ref().map_or(Ok(()), QualityTarget::check)
    }
}

impl Ladder {
    fn check_rung(&self, index: usize) -> Result<(), Problem> {
        let rung = &self.rungs[index];
        let at = |key: &'static str| ["rungs".into(), index.into(), key.into()];
        let name_fits = !rung.name.is_empty()
            && rung
                .name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !name_fits {
            let reason = format!(
                "{:?} is not a rung's name: lower-case letters and digits only, as `1080p`",
                rung.name
            );
            return Err(Problem::new(at("name"), reason));
        }
        let above = &self.rungs[..index];
        if above.iter().any(|other| other.name == rung.name) {
            let reason = format!("two rungs are called {:?}", rung.name);
            return Err(Problem::new(at("name"), reason));
        }
        Picture {
            width: rung.width,
            height: rung.height,
            crf: rung.crf,
            max_bit_rate: rung.max_bit_rate,
            buffer: rung.buffer,
        }
        .check(&["rungs".into(), index.into()])?;
        let Some(larger) = above.last() else {
            return Ok(());
        };
        if rung.width >= larger.width || rung.height >= larger.height {
            let key = if rung.width >= larger.width {
                "width"
            } else {
                "height"
            };
            let reason = format!(
                "rungs go from best to worst: {} ({}x{}) is not smaller than {} ({}x{}) above it",
                rung.name, rung.width, rung.height, larger.name, larger.width, larger.height
            );
            return Err(Problem::new(at(key), reason));
        }
        Ok(())
    }
}

impl VideoSettings {
    fn check(&self) -> Result<(), Problem> {
        let at = |key: &'static str| ["video".into(), key.into()];
        if !X264_PRESETS.contains(&self.preset.as_str()) {
            let reason = format!(
                "x264 has no preset {:?}; it has {}",
                self.preset,
                X264_PRESETS.join(", ")
            );
            return Err(Problem::new(at("preset"), reason).meant(&self.preset, X264_PRESETS));
        }
        for (name, value) in &self.options {
            check_option(name, value)?;
        }
        if self.gop.0 == 0 {
            return Err(Problem::new(at("gop"), "keyframes can not be 0 s apart"));
        }
        if self.segment.0 == 0 || !self.segment.0.is_multiple_of(self.gop.0) {
            let reason = format!(
                "a segment of {} ms is not a multiple of the gop of {} ms",
                self.segment.0, self.gop.0
            );
            return Err(Problem::new(at("segment"), reason));
        }
        Ok(())
    }
}

fn check_option(name: &str, value: &str) -> Result<(), Problem> {
    let at = ["video".into(), "options".into()];
    if NOT_OPTIONS.contains(&name.replace('_', "-").as_str()) {
        let reason = format!(
            "x264's option {name:?} can not be set here: zhanbo decides it, from the ladder's other keys where there is one"
        );
        return Err(Problem::new(at, reason));
    }
    let word = |c: char| c.is_ascii_alphanumeric() || "-_.,+".contains(c);
    // The options travel to x264 as `a=b:c=d`: a value that holds a mark could say something else.
    if name.is_empty() || !name.chars().all(word) || !value.chars().all(word) {
        let reason =
            format!("x264's option {name:?} = {value:?} may hold letters, digits and `-_.,+` only");
        return Err(Problem::new(at, reason));
    }
    Ok(())
}

impl AudioSettings {
    fn check(&self) -> Result<(), Problem> {
        let at = |key: &'static str| ["audio".into(), key.into()];
        if !(32_000..=512_000).contains(&self.bit_rate.0) {
            let reason = format!("{} bit/s is not between 32k and 512k", self.bit_rate.0);
            return Err(Problem::new(at("bit_rate"), reason));
        }
        if ![32_000, 44_100, 48_000].contains(&self.sample_rate) {
            let reason = format!("{} is not 32000, 44100 or 48000", self.sample_rate);
            return Err(Problem::new(at("sample_rate"), reason));
        }
        if self.channels != 2 {
            let reason = format!("{} is not 2: outputs are stereo", self.channels);
            return Err(Problem::new(at("channels"), reason));
        }
        check_level("audio", self.loudness, self.true_peak_max)
    }
}

/// Loudness and peak within what a sound can be brought to without being spoilt.
fn check_level(table: &'static str, loudness: Loudness, true_peak: f64) -> Result<(), Problem> {
    if let Loudness::Lufs(lufs) = loudness
        && !(-40.0..=-9.0).contains(&lufs)
    {
        let reason = format!("a loudness of {lufs} LUFS is not between -40 and -9");
        return Err(Problem::new([table.into(), "loudness".into()], reason));
    }
    if !(-9.0..=0.0).contains(&true_peak) {
        let reason = format!("a true peak of {true_peak} dBTP is not between -9 and 0");
        return Err(Problem::new([table.into(), "true_peak_max".into()], reason));
    }
    Ok(())
}

/// What rungs and the hall's master have in common.
struct Picture {
    width: u32,
    height: u32,
    crf: f32,
    max_bit_rate: BitRate,
    buffer: BitRate,
}

impl Picture {
    fn check(&self, at: &[Step]) -> Result<(), Problem> {
        let wrong = |key: &'static str, reason: String| {
            let path = at.iter().copied().chain([key.into()]);
            Err(Problem::new(path, reason))
        };
        let sides = [
            ("width", self.width, MAX_WIDTH),
            ("height", self.height, MAX_HEIGHT),
        ];
        for (key, side, limit) in sides {
            if side == 0 || side % 2 != 0 || side > limit {
                return wrong(
                    key,
                    format!("{key} {side} is not an even number from 2 to {limit}"),
                );
            }
        }
        if !(0.0..=51.0).contains(&self.crf) {
            return wrong("crf", format!("crf {} is not between 0 and 51", self.crf));
        }
        for (key, rate) in [("max_bit_rate", self.max_bit_rate), ("buffer", self.buffer)] {
            if !(10_000..=500_000_000).contains(&rate.0) {
                return wrong(
                    key,
                    format!("{key} of {} is not between 10k and 500M", rate.0),
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::tests::problem;

    const GOOD: &str = include_str!("../../presets/output/balanced.toml");

    /// What is said when `good` is replaced by `bad` in the built-in ladder.
    fn wrong(good: &str, bad: &str) -> String {
        assert!(GOOD.contains(good), "{good}");
        problem::<Ladder>(&GOOD.replacen(good, bad, 1))
    }

    #[test]
    fn rungs_go_from_best_to_worst_and_are_even() {
        insta::assert_snapshot!(wrong("width = 1280", "width = 1920"), @"
        my.toml:72:9: rungs go from best to worst: 720p (1920x720) is not smaller than 1080p (1920x1080) above it
        请改第 72 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("height = 720", "height = 1080"), @"
        my.toml:73:10: rungs go from best to worst: 720p (1280x1080) is not smaller than 1080p (1920x1080) above it
        请改第 73 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("width = 854", "width = 853"), @"
        my.toml:80:9: width 853 is not an even number from 2 to 4096
        请改第 80 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("width = 1920", "width = 4098"), @"
        my.toml:64:9: width 4098 is not an even number from 2 to 4096
        请改第 64 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("height = 1080", "height = 2306"), @"
        my.toml:65:10: height 2306 is not an even number from 2 to 2304
        请改第 65 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("width = 640", "width = 0"), @"
        my.toml:88:9: width 0 is not an even number from 2 to 4096
        请改第 88 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("width = 640", "width = -2"), @"
        my.toml:88:9: invalid value: integer `-2`, expected u32
        请改第 88 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
    }

    #[test]
    fn rungs_have_names_that_can_be_folders() {
        insta::assert_snapshot!(wrong("\"720p\"", "\"1080p\""), @r#"
        my.toml:71:8: two rungs are called "1080p"
        请改第 71 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("\"720p\"", "\"../720\""), @r#"
        my.toml:71:8: "../720" is not a rung's name: lower-case letters and digits only, as `1080p`
        请改第 71 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("\"720p\"", "\"\""), @r#"
        my.toml:71:8: "" is not a rung's name: lower-case letters and digits only, as `1080p`
        请改第 71 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
    }

    #[test]
    fn a_ladder_without_a_rung_is_none() {
        let (head, rest) = GOOD.split_once("[[rungs]]").unwrap();
        let (_, hall) = rest.split_once("[hall]").unwrap();
        insta::assert_snapshot!(problem::<Ladder>(&format!("rungs = []\n{head}[hall]{hall}")), @"
my.toml:1:9: a ladder needs at least one rung
请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
");
    }

    #[test]
    fn quality_and_rates_have_bounds() {
        for crf in ["0", "51", "23.5"] {
            let text = GOOD.replacen("crf = 24", &format!("crf = {crf}"), 1);
            assert!(crate::preset::parse::<Ladder>("x", &text).is_ok(), "{crf}");
        }
        insta::assert_snapshot!(wrong("crf = 21", "crf = 51.1"), @"
        my.toml:101:7: crf 51.1 is not between 0 and 51
        请改第 101 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("crf = 24", "crf = -1"), @"
        my.toml:66:7: crf -1 is not between 0 and 51
        请改第 66 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("crf = 24", "crf = nan"), @"
        my.toml:66:7: crf NaN is not between 0 and 51
        请改第 66 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("\"8000k\"", "\"0\""), @"
        my.toml:102:16: max_bit_rate of 0 is not between 10k and 500M
        请改第 102 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("\"16000k\"", "\"16 Mbit\""), @r#"
        my.toml:103:10: "16 Mbit" is not a bit rate: write "128k" or "2.5M" (bits per second)
        请改第 103 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
    }

    #[test]
    fn segments_are_whole_gops() {
        insta::assert_snapshot!(wrong("segment = \"6s\"", "segment = \"5s\""), @"
        my.toml:29:11: a segment of 5000 ms is not a multiple of the gop of 2000 ms
        请改第 29 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("segment = \"6s\"", "segment = \"0s\""), @"
        my.toml:29:11: a segment of 0 ms is not a multiple of the gop of 2000 ms
        请改第 29 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("gop = \"2s\"", "gop = \"0s\""), @"
        my.toml:28:7: keyframes can not be 0 s apart
        请改第 28 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
    }

    #[test]
    fn options_can_not_take_over_what_the_ladder_says() {
        insta::assert_snapshot!(wrong("\"veryfast\"", "\"veryfats\""), @r#"
        my.toml:26:10: x264 has no preset "veryfats"; it has superfast, veryfast, faster, fast, medium, slow, slower, veryslow, placebo; did you mean `veryfast`?
        请看第 26 行，很可能应写作 `veryfast`
        "#);
        insta::assert_snapshot!(wrong("trellis = \"1\"", "keyint = \"1\""), @r#"
        my.toml:27:11: x264's option "keyint" can not be set here: zhanbo decides it, from the ladder's other keys where there is one
        请改第 27 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("trellis = \"1\"", "vbv_maxrate = \"1\""), @r#"
        my.toml:27:11: x264's option "vbv_maxrate" can not be set here: zhanbo decides it, from the ladder's other keys where there is one
        请改第 27 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("trellis = \"1\"", "trellis = \"1:stats=/tmp/x\""), @r#"
        my.toml:27:11: x264's option "trellis" = "1:stats=/tmp/x" may hold letters, digits and `-_.,+` only
        请改第 27 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
    }

    #[test]
    fn sound_is_what_every_player_takes() {
        insta::assert_snapshot!(wrong("\"128k\"", "\"16k\""), @"
        my.toml:55:12: 16000 bit/s is not between 32k and 512k
        请改第 55 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("48000", "96000"), @"
        my.toml:56:15: 96000 is not 32000, 44100 or 48000
        请改第 56 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("channels = 2", "channels = 6"), @"
        my.toml:57:12: 6 is not 2: outputs are stereo
        请改第 57 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
    }

    #[test]
    fn a_quality_is_off_until_its_lines_are_uncommented_and_has_bounds() {
        let ladder = |text: &str| crate::preset::parse::<Ladder>("x", text).unwrap();
        assert_eq!(ladder(GOOD).quality, None);
        let lines = GOOD.replace("# [quality]", "[quality]");
        let lines = ["vmaf", "ssim", "crf_min", "crf_max"]
            .into_iter()
            .fold(lines, |text, key| {
                text.replace(&format!("# {key} ="), &format!("{key} ="))
            });
        let written = ladder(&lines).quality;
        let by_itself = ladder(&GOOD.replace("# [quality]", "[quality]")).quality;
        assert!(written.is_some());
        assert_eq!(written, by_itself, "the commented lines are the defaults");
        let wrong = |good: &str, bad: &str| problem::<Ladder>(&lines.replacen(good, bad, 1));
        insta::assert_snapshot!(wrong("vmaf = 93.0", "vmaf = 100.0"), @"
        my.toml:115:8: a VMAF of 100 is not between 50 and 99
        请改第 115 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("ssim = 0.98", "ssim = 97"), @"
        my.toml:116:8: an SSIM of 97 is not between 0.8 and 0.999
        请改第 116 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("crf_min = 16", "crf_min = 40"), @"
        my.toml:117:11: crf_min 40 is above crf_max 32
        请改第 117 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("crf_max = 32", "crf_max = 52"), @"
        my.toml:118:11: crf_max 52 is not between 0 and 51
        请改第 118 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
    }

    #[test]
    fn loudness_is_a_number_or_keep_and_has_a_default() {
        let ladder = |text: &str| crate::preset::parse::<Ladder>("x", text).unwrap();
        let levels = |ladder: &Ladder| (ladder.audio.loudness, ladder.hall.loudness);
        let (web, hall) = (Loudness::Lufs(-18.0), Loudness::Lufs(-23.0));
        assert_eq!(levels(&ladder(GOOD)), (web, hall));
        let is_new = |line: &&str| {
            ["loudness", "true_peak", "one_ear"]
                .iter()
                .any(|key| line.starts_with(key))
        };
        let older: Vec<_> = GOOD.lines().filter(|line| !is_new(line)).collect();
        let older = older.join("\n");
        assert_eq!(ladder(&older), ladder(GOOD));
        let kept = ladder(&GOOD.replace("loudness = -23", "loudness = \"keep\""));
        assert_eq!(levels(&kept), (web, Loudness::Keep));
        let text = toml::to_string(&kept).unwrap();
        assert_eq!(ladder(&text), kept);
    }

    #[test]
    fn loudness_and_peak_have_bounds() {
        insta::assert_snapshot!(wrong("loudness = -18", "loudness = \"loud\""), @r#"
        my.toml:58:12: expected a loudness in LUFS such as -18, or "keep" to leave it as it is
        请改第 58 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("loudness = -18", "loudness = 18"), @"
        my.toml:58:12: a loudness of 18 LUFS is not between -40 and -9
        请改第 58 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("loudness = -23", "loudness = nan"), @"
        my.toml:104:12: a loudness of NaN LUFS is not between -40 and -9
        请改第 104 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("true_peak_max = -1", "true_peak_max = 1"), @"
        my.toml:59:17: a true peak of 1 dBTP is not between -9 and 0
        请改第 59 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("one_ear = \"keep\"", "one_ear = \"both\""), @"
        my.toml:60:11: unknown variant `both`, expected `keep` or `repair`
        请改第 60 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
    }
}
