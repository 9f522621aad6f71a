//! From what was measured and what is wanted to what will be made. In: [`MediaInfo`] and a [`Ladder`]. Out: a
//! [`Recipe`]: everything that decides the bytes of the outputs, and nothing else. Pure; never enlarges for the web.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::copy::{self, CopyRecipe};
use super::loudness::Target;
use crate::av::H264Encoder;
use crate::bitstream::sps;
use crate::preset::{BurnSubtitles, Ladder, OneEar, QualityTarget, Rung, Scaler};
use crate::probe::gops::ClosedGops;
use crate::probe::quality::{Fields, Side};
use crate::probe::{CleanAperture, Hdr, MediaInfo, Orientation, Scan, VideoInfo};
use crate::thumbnail::storyboard::TILE_WIDTH;
use crate::typeset::subtitles;
use crate::units::{BitRate, FrameRate, Millis};

/// Counts up whenever this program makes other bytes of the same recipe.
pub const RECIPE_VERSION: u32 = 12;

/// Sources of more frames a second are not made twice as fast: nothing beyond 60 is played everywhere.
const FASTEST_DOUBLED: f64 = 30.1;

/// The shorter side of the smallest rung that is made by scaling, in pixels.
const SMALLEST_SIDE: u32 = 90;
/// Steps of the constant rate factor for half the bits.
const COARSER: f32 = 6.0;

/// Sides of a stereo sound that differ by more are repaired, where that is asked for: what the built-in rule sets call
/// one ear.
const ONE_EAR_DB: f64 = 18.0;

/// Everything that decides the bytes of one submission's outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// [`RECIPE_VERSION`].
    pub version: u32,
    /// How to make the picture upright, progressive and bt709.
    pub treatment: Treatment,
    /// Constant frame rate of all outputs.
    pub frame_rate: FrameRate,
    /// Frames of each output.
    pub frames: u64,
    /// Distance of the regular IDR pictures in frames; at cuts there may be more.
    pub gop_frames: u32,
    /// Length of an HLS segment in frames; a multiple of `gop_frames`.
    pub segment_frames: u32,
    /// How each lower rung is made from the next larger one.
    pub scaler: Scaler,
    /// The quality that the film's own rate factors are searched for; none where the rungs' are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<QualityTarget>,
    /// What encodes the picture. The hall's own films (slates, what is made to fit) are always x264's, so that they can be joined.
    pub encoder: H264Encoder,
    /// x264's preset.
    pub x264_preset: String,
    /// Further options of x264.
    pub x264_options: BTreeMap<String, String>,
    /// The rungs that are made, best first; never empty.
    pub rungs: Vec<Rung>,
    /// The top rung carries the upload's own packets; none where it is encoded.
    pub copy: Option<CopyRecipe>,
    /// The hall's picture.
    pub hall: HallPicture,
    /// Subtitles that are a part of the hall's picture; none where nobody asked, or the film has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn: Option<BurnRecipe>,
    /// The sound.
    pub audio: AudioRecipe,
}

/// Which subtitles are drawn on the hall's picture, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BurnRecipe {
    /// Language tag (BCP 47); the first that there are where it is not given.
    pub language: Option<String>,
    /// [`subtitles::LOOK_VERSION`].
    pub look: u32,
}

/// What has to be done to the picture before it is scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Treatment {
    /// Fields of the source.
    pub scan: Scan,
    /// How whole frames are made of fields, where there are fields.
    pub whole_frames: WholeFrames,
    /// The part of the source's picture that is shown; none where all of it is.
    pub clean: Option<CleanAperture>,
    /// The source says how transparent it is.
    pub alpha: bool,
    /// Turn and mirroring of the source.
    pub orientation: Orientation,
    /// High dynamic range of the source.
    pub hdr: Option<Hdr>,
    /// Colours of the source's red, green and blue.
    pub primaries: Primaries,
    /// Matrix coefficients of the source, as swscale names them.
    pub matrix: Matrix,
    /// The source uses the full range.
    pub full_range: bool,
}

impl Treatment {
    /// The picture is as it should be already.
    pub const NONE: Treatment = Treatment {
        scan: Scan::Progressive,
        whole_frames: WholeFrames::OneAFrame,
        clean: None,
        alpha: false,
        orientation: Orientation {
            rotation: 0,
            mirrored: false,
        },
        hdr: None,
        primaries: Primaries::Bt709,
        matrix: Matrix::Bt709,
        full_range: false,
    };
}

/// How whole frames are made of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WholeFrames {
    /// One of each two fields.
    OneAFrame,
    /// One of each field: twice as many, as smooth as the source was.
    OneAField,
    /// Those of the film that the fields were made of by 3:2 pulldown: four of five.
    OfFilm,
}

impl WholeFrames {
    /// Frames a second that come out.
    fn rate(self, source: FrameRate) -> FrameRate {
        let (times, by) = match self {
            WholeFrames::OneAFrame => (1, 1),
            WholeFrames::OneAField => (2, 1),
            WholeFrames::OfFilm => (4, 5),
        };
        let (num, den) = (
            source.num.saturating_mul(times),
            source.den.saturating_mul(by),
        );
        FrameRate { num, den }
    }
}

/// Primaries (ITU-T H.273) that sources come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Primaries {
    /// BT.709, and whatever has no tag or one that nobody meets.
    Bt709,
    /// BT.2020.
    Bt2020,
    /// BT.601 with 525 lines: NTSC.
    #[serde(rename = "bt601-525")]
    Bt601Lines525,
    /// BT.601 with 625 lines: PAL.
    #[serde(rename = "bt601-625")]
    Bt601Lines625,
}

/// Matrix coefficients (ITU-T H.273) that sources come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matrix {
    /// BT.709.
    Bt709,
    /// BT.601, both 525 and 625 lines.
    Bt601,
    /// BT.2020 non-constant luminance.
    Bt2020,
    /// SMPTE 240M.
    Smpte240m,
    /// FCC.
    Fcc,
    /// No matrix: the source is RGB.
    Rgb,
}

/// Where the hall's picture comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HallPicture {
    /// The top rung has the hall's size already: encoded once, packaged twice.
    SameAsTop,
    /// Scaled to fit and padded.
    Own(OwnPicture),
}

/// A picture made for the hall alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnPicture {
    /// Size with its padding, and rate control.
    pub rung: Rung,
    /// Width of the film inside, in pixels.
    pub film_width: u32,
    /// Height of the film inside, in pixels.
    pub film_height: u32,
}

/// What becomes of the sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AudioRecipe {
    /// Bit rate of the AAC.
    pub bit_rate: BitRate,
    /// Samples per second.
    pub sample_rate: u32,
    /// The source has sound; else the outputs carry silence, so that all of them are alike.
    pub from_source: bool,
    /// The source has more than two channels.
    pub folded: bool,
    /// The side that goes to both, where only one has sound and that is to be repaired.
    pub one_ear: Option<Side>,
    /// How loud the web's sound is to be.
    pub web: Target,
    /// How loud the hall's sound is to be.
    pub hall: Target,
}

impl Recipe {
    /// Samples of each output's sound: as long as the picture.
    pub fn samples(&self) -> u64 {
        let (num, den) = (
            u128::from(self.frame_rate.num),
            u128::from(self.frame_rate.den),
        );
        let samples =
            (u128::from(self.frames) * den * u128::from(self.audio.sample_rate) + num / 2) / num;
        u64::try_from(samples).unwrap_or(u64::MAX)
    }

    /// The rung that small pictures are made of: the smallest that need not be enlarged for them, else the best.
    pub fn preview_rung(&self) -> usize {
        self.rungs
            .iter()
            .rposition(|rung| rung.width >= TILE_WIDTH)
            .unwrap_or(0)
    }

    /// Length of each output.
    pub fn duration(&self) -> Millis {
        self.frame_rate.start_of(self.frames)
    }

    /// The same with subtitles in the hall's picture, which then is an encode of its own; unchanged where nobody asked for it.
    #[must_use]
    pub fn burning(mut self, media: &MediaInfo, ladder: &Ladder) -> Recipe {
        let language = match &ladder.hall.burn_subtitles {
            BurnSubtitles::Asked(false) => return self,
            BurnSubtitles::Asked(true) => None,
            BurnSubtitles::Language(language) => Some(language.clone()),
        };
        if let Some(video) = &media.video {
            self.hall = own_picture(ladder, video);
            self.burn = Some(BurnRecipe {
                language,
                look: subtitles::LOOK_VERSION,
            });
        }
        self
    }

    /// A short text of everything in it, by which two recipes are told apart.
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
    }
}

/// The recipe for a film; none where there is no picture. `gops` says where the picture can be cut without decoding.
pub fn recipe(media: &MediaInfo, gops: Option<&ClosedGops>, ladder: &Ladder) -> Option<Recipe> {
    let video = media.video.as_ref()?;
    let rungs = fit(&ladder.rungs, video.display_width, video.display_height);
    let treatment = treatment(media, video, ladder);
    let frame_rate = output_rate(treatment.whole_frames.rate(video.frame_rate));
    let gop_frames = u32::try_from(frame_rate.frames_in(ladder.video.gop)).unwrap_or(u32::MAX);
    let gops_a_segment = u32::try_from(ladder.video.segment.0 / ladder.video.gop.0.max(1))
        .unwrap_or(1)
        .max(1);
    let segment_frames = gop_frames.saturating_mul(gops_a_segment);
    let frames = frame_rate.frames_in(media.duration_ms);
    let common = copy::Common {
        treatment: &treatment,
        frame_rate,
        gop_frames,
        segment_frames,
        frames,
    };
    let copied = gops
        .filter(|_| ladder.video.copy)
        .and_then(|gops| Some((gops, copy::copy(media, gops, rungs.first()?, &common)?)));
    let rungs: Vec<Rung> = rungs
        .into_iter()
        .map(|rung| within_its_level(rung, frame_rate))
        .collect();
    Some(Recipe {
        version: RECIPE_VERSION,
        frame_rate,
        frames: copied.as_ref().map_or(frames, |(gops, _)| gops.frames),
        gop_frames,
        segment_frames,
        copy: copied.map(|(_, copy)| copy),
        treatment,
        scaler: ladder.video.scaler,
        quality: ladder.quality,
        encoder: ladder.video.encoder.encoder(),
        x264_preset: ladder.video.preset.clone(),
        x264_options: ladder.video.options.clone(),
        hall: hall(ladder, &rungs, video),
        burn: None,
        rungs,
        audio: audio(media, ladder),
    })
}

fn audio(media: &MediaInfo, ladder: &Ladder) -> AudioRecipe {
    let one_ear = match ladder.audio.one_ear {
        OneEar::Keep => None,
        OneEar::Repair => media
            .sound_quality
            .as_ref()
            .and_then(|quality| quality.one_ear(ONE_EAR_DB)),
    };
    AudioRecipe {
        bit_rate: ladder.audio.bit_rate,
        sample_rate: ladder.audio.sample_rate,
        from_source: media.audio.is_some(),
        folded: media.audio.as_ref().is_some_and(|a| a.channels > 2),
        one_ear,
        web: Target {
            loudness: ladder.audio.loudness,
            true_peak_max: ladder.audio.true_peak_max,
        },
        hall: Target {
            loudness: ladder.hall.loudness,
            true_peak_max: ladder.hall.true_peak_max,
        },
    }
}

/// The rungs for a picture of this size on the screen: each scaled down into its box, never up; where several boxes
/// give the same size, the one made for the smallest pictures is kept. Where one alone is left of several, a lower one is
/// made from it: players on a bad line need something to fall back to (HLS Authoring Specification 9.9, 9.10). Never
/// empty while the ladder is not.
pub fn fit(ladder: &[Rung], width: u32, height: u32) -> Vec<Rung> {
    let mut fitted: Vec<Rung> = Vec::new();
    for rung in ladder {
        let (width, height) = inside(width, height, rung.width, rung.height, Enlarge::Never);
        let fits = Rung {
            width,
            height,
            ..rung.clone()
        };
        match fitted.last_mut() {
            Some(last) if (last.width, last.height) == (width, height) => *last = fits,
            _ => fitted.push(fits),
        }
    }
    if let (true, [only]) = (ladder.len() > 1, fitted.as_slice()) {
        let below = below(only);
        fitted.push(below);
    }
    fitted
}

/// With no more bits than the level of its size allows: a very small picture would be called a larger one than it is, and old
/// players refuse it (HLS Authoring Specification 1.3). It never needs them.
fn within_its_level(rung: Rung, frame_rate: FrameRate) -> Rung {
    let size = (rung.width, rung.height);
    let (bits, buffer) = sps::bits_of_its_level(size, frame_rate.as_f64());
    Rung {
        max_bit_rate: BitRate(rung.max_bit_rate.0.min(bits)),
        buffer: BitRate(rung.buffer.0.min(buffer)),
        ..rung
    }
}

/// A rung for half the bits: two thirds of the size, or coarser where that would be too small to see anything.
fn below(rung: &Rung) -> Rung {
    let two_thirds = |side: u32| side / 3 * 2;
    let (width, height) = inside(
        rung.width,
        rung.height,
        two_thirds(rung.width),
        two_thirds(rung.height),
        Enlarge::Never,
    );
    let is_visible = width.min(height) >= SMALLEST_SIDE;
    Rung {
        name: format!("{}-low", rung.name),
        width: if is_visible { width } else { rung.width },
        height: if is_visible { height } else { rung.height },
        crf: if is_visible {
            rung.crf
        } else {
            (rung.crf + COARSER).min(51.0)
        },
        max_bit_rate: BitRate(rung.max_bit_rate.0 / 2),
        buffer: BitRate(rung.buffer.0 / 2),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Enlarge {
    Never,
    ToFit,
}

/// The largest size of the same shape inside a box, in even pixels.
fn inside(
    width: u32,
    height: u32,
    box_width: u32,
    box_height: u32,
    enlarge: Enlarge,
) -> (u32, u32) {
    let (w, h) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (bw, bh) = (u64::from(box_width), u64::from(box_height));
    let (num, den) = if bw * h <= bh * w { (bw, w) } else { (bh, h) };
    let (num, den) = if enlarge == Enlarge::Never && num > den {
        (1, 1)
    } else {
        (num, den)
    };
    let even = |side: u64, (num, den): (u64, u64), limit: u64| {
        let scaled = (side * num + den) / (den * 2) * 2;
        scaled.clamp(2, limit.max(2))
    };
    // Rounding changes the shape the more the shorter the side: that one goes first, and the longer one follows it.
    let scale = (num, den);
    let (width, height) = if num == den {
        (even(w, scale, bw), even(h, scale, bh))
    } else if w >= h {
        let height = even(h, scale, bh);
        (even(w, (height, h), bw), height)
    } else {
        let width = even(w, scale, bw);
        (width, even(h, (width, w), bh))
    };
    let side = |side: u64| u32::try_from(side).unwrap_or(2);
    (side(width), side(height))
}

fn hall(ladder: &Ladder, rungs: &[Rung], video: &VideoInfo) -> HallPicture {
    let hall = &ladder.hall;
    if rungs
        .first()
        .is_some_and(|top| (top.width, top.height) == (hall.width, hall.height))
    {
        return HallPicture::SameAsTop;
    }
    own_picture(ladder, video)
}

fn own_picture(ladder: &Ladder, video: &VideoInfo) -> HallPicture {
    let hall = &ladder.hall;
    let (film_width, film_height) = inside(
        video.display_width,
        video.display_height,
        hall.width,
        hall.height,
        Enlarge::ToFit,
    );
    HallPicture::Own(OwnPicture {
        rung: Rung {
            name: "hall".into(),
            width: hall.width,
            height: hall.height,
            crf: hall.crf,
            max_bit_rate: hall.max_bit_rate,
            buffer: hall.buffer,
        },
        film_width,
        film_height,
    })
}

/// A standard rate for what the source has: the same, a whole multiple (12.5 to 25), a whole fraction that is still
/// smooth (120 to 60), or the next above; 60 at most.
pub fn output_rate(source: FrameRate) -> FrameRate {
    let rates = || FrameRate::STANDARD.into_iter();
    // 30 and 30000/1001 are a thousandth apart: half of that tells them apart in multiples.
    let is_near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.0005;
    let wanted = source.as_f64();
    let nearest = FrameRate::nearest_standard(wanted);
    if (nearest.as_f64() / wanted - 1.0).abs() < 0.002 {
        return nearest;
    }
    let multiple = rates().find(|rate| {
        let times = (rate.as_f64() / wanted).round();
        times >= 2.0 && is_near(rate.as_f64(), wanted * times)
    });
    let fraction = rates().filter(|rate| rate.as_f64() >= 50.0).find(|rate| {
        let times = (wanted / rate.as_f64()).round();
        times >= 2.0 && is_near(rate.as_f64() * times, wanted)
    });
    let above = rates().find(|rate| rate.as_f64() >= wanted * 0.98);
    multiple
        .or(fraction)
        .or(above)
        .unwrap_or(FrameRate { num: 60, den: 1 })
}

fn treatment(media: &MediaInfo, video: &VideoInfo, ladder: &Ladder) -> Treatment {
    let fields = media.picture_quality.as_ref().map(|q| q.fields);
    let (scan, whole_frames) = scan(video, fields.unwrap_or_default(), ladder.video.double_rate);
    Treatment {
        scan,
        whole_frames,
        clean: video.clean_aperture,
        alpha: has_alpha(video),
        orientation: Orientation {
            rotation: video.rotation,
            mirrored: video.mirrored,
        },
        hdr: video.hdr,
        primaries: primaries(video),
        matrix: matrix(video),
        full_range: video.full_range || video.pixel_format.starts_with("yuvj"),
    }
}

// The mark in the file is often wrong: what was measured counts, where enough frames told.
fn scan(video: &VideoInfo, fields: Fields, double_rate: bool) -> (Scan, WholeFrames) {
    let rate = video.frame_rate.as_f64();
    let is_ntsc = (29.96..29.98).contains(&rate) && !video.variable_frame_rate;
    if let Some(order) = fields.pulldown().filter(|_| is_ntsc) {
        return (order, WholeFrames::OfFilm);
    }
    let scan = fields.scan().unwrap_or(video.scan);
    if scan != Scan::Progressive && double_rate && rate <= FASTEST_DOUBLED {
        (scan, WholeFrames::OneAField)
    } else {
        (scan, WholeFrames::OneAFrame)
    }
}

// By FFmpeg's names of pixel formats. Uncompressed pictures of 32 bits a pixel hold anything in the fourth byte.
fn has_alpha(video: &VideoInfo) -> bool {
    let with_alpha = [
        "yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ya8", "ya16", "ayuv",
    ];
    let has = |name: &&str| video.pixel_format.starts_with(*name);
    video.codec != "rawvideo" && with_alpha.iter().any(has)
}

// Untagged pictures keep their colours: players believe tags only. HDR without one is BT.2020, which is all it is made in.
fn primaries(video: &VideoInfo) -> Primaries {
    match video.color_primaries.as_str() {
        "bt2020" => Primaries::Bt2020,
        "smpte170m" | "smpte240m" => Primaries::Bt601Lines525,
        "bt470bg" => Primaries::Bt601Lines625,
        "unknown" if video.hdr.is_some() => Primaries::Bt2020,
        _ => Primaries::Bt709,
    }
}

// Untagged pictures of standard definition are BT.601, larger ones BT.709: what every player assumes.
fn matrix(video: &VideoInfo) -> Matrix {
    let is_rgb = ["rgb", "bgr", "gbr", "0rgb", "argb", "abgr", "pal8"];
    match video.color_space.as_str() {
        "bt709" => Matrix::Bt709,
        "smpte170m" | "bt470bg" => Matrix::Bt601,
        "bt2020nc" | "bt2020c" => Matrix::Bt2020,
        "smpte240m" => Matrix::Smpte240m,
        "fcc" => Matrix::Fcc,
        _ if is_rgb
            .iter()
            .any(|name| video.pixel_format.starts_with(name)) =>
        {
            Matrix::Rgb
        }
        _ if video.hdr.is_some() => Matrix::Bt2020,
        _ if video.width <= 1024 && video.height <= 576 => Matrix::Bt601,
        _ => Matrix::Bt709,
    }
}

#[cfg(test)]
mod tests {
    use super::WholeFrames::{OfFilm, OneAField, OneAFrame};
    use super::*;
    use crate::preset::EncoderChoice;

    fn rungs() -> Vec<Rung> {
        let sizes = [
            ("1080p", 1920, 1080),
            ("720p", 1280, 720),
            ("480p", 854, 480),
            ("360p", 640, 360),
        ];
        sizes
            .map(|(name, width, height)| Rung {
                name: name.into(),
                width,
                height,
                crf: 23.0,
                max_bit_rate: BitRate::from_kbps(1000),
                buffer: BitRate::from_kbps(2000),
            })
            .to_vec()
    }

    fn sizes(width: u32, height: u32) -> Vec<String> {
        fit(&rungs(), width, height)
            .iter()
            .map(|r| format!("{} {}x{}", r.name, r.width, r.height))
            .collect()
    }

    #[test]
    fn a_very_small_picture_keeps_within_the_level_of_its_size() {
        let rate = FrameRate { num: 25, den: 1 };
        let rung = fit(&rungs(), 176, 144).remove(0);
        assert!(rung.max_bit_rate > BitRate::from_kbps(240));
        let kept = within_its_level(rung, rate);
        assert_eq!(kept.max_bit_rate, BitRate::from_kbps(240));
        let large = rungs().remove(0);
        assert_eq!(within_its_level(large.clone(), rate), large);
    }

    #[test]
    fn lower_rungs_keep_the_shape_as_nearly_as_even_sides_can() {
        assert_eq!(inside(716, 236, 640, 360, Enlarge::Never), (638, 210));
        assert_eq!(inside(1920, 1080, 854, 480, Enlarge::Never), (854, 480));
        assert_eq!(inside(608, 1080, 1280, 720, Enlarge::Never), (406, 720));
        assert_eq!(inside(1440, 1080, 640, 360, Enlarge::Never), (480, 360));
    }

    #[test]
    fn fields_become_frames_at_the_rate_that_the_ladder_allows() {
        let made = |rate: (u32, u32), fields: Fields, double_rate: bool| {
            let mut media = crate::check::sample::media();
            if let (Some(video), Some(quality)) = (&mut media.video, &mut media.picture_quality) {
                video.frame_rate = FrameRate::new(rate.0, rate.1).unwrap();
                quality.fields = fields;
            }
            let mut ladder = crate::preset::ladder(crate::preset::DEFAULT_LADDER).unwrap();
            ladder.video.double_rate = double_rate;
            let recipe = recipe(&media, None, &ladder).unwrap();
            let Treatment {
                scan, whole_frames, ..
            } = recipe.treatment;
            (scan, whole_frames, recipe.frame_rate.to_string())
        };
        let woven = Fields {
            top_first: 40,
            ..Fields::default()
        };
        let film = Fields {
            top_first: 40,
            progressive: 60,
            top_repeated: 18,
            bottom_repeated: 20,
            ..Fields::default()
        };
        let whole = Fields {
            progressive: 40,
            ..Fields::default()
        };
        let told = |scan, whole_frames, rate: &str| (scan, whole_frames, rate.to_owned());
        let (pal, ntsc) = ((25, 1), (30_000, 1001));
        assert_eq!(
            made(pal, woven, false),
            told(Scan::TopFirst, OneAFrame, "25")
        );
        assert_eq!(
            made(pal, woven, true),
            told(Scan::TopFirst, OneAField, "50")
        );
        assert_eq!(
            made(ntsc, woven, true),
            told(Scan::TopFirst, OneAField, "59.94")
        );
        assert_eq!(
            made((50, 1), woven, true),
            told(Scan::TopFirst, OneAFrame, "50")
        );
        assert_eq!(
            made(ntsc, film, true),
            told(Scan::TopFirst, OfFilm, "23.976")
        );
        assert_eq!(
            made(pal, film, false),
            told(Scan::TopFirst, OneAFrame, "25")
        );
        assert_eq!(
            made(pal, whole, true),
            told(Scan::Progressive, OneAFrame, "25")
        );
    }

    #[test]
    fn never_enlarges_and_never_comes_back_empty() {
        assert_eq!(
            sizes(3840, 2160),
            [
                "1080p 1920x1080",
                "720p 1280x720",
                "480p 854x480",
                "360p 640x360"
            ]
        );
        assert_eq!(
            sizes(1280, 720),
            ["720p 1280x720", "480p 854x480", "360p 640x360"]
        );
        assert_eq!(sizes(768, 432), ["480p 768x432", "360p 640x360"]);
        assert_eq!(sizes(256, 144), ["360p 256x144", "360p-low 170x96"]);
        assert_eq!(sizes(1, 1), ["360p 2x2", "360p-low 2x2"]);
        for (w, h) in [(1920, 804), (960, 720), (1080, 1920), (333, 777)] {
            assert!(
                fit(&rungs(), w, h)
                    .iter()
                    .all(|r| r.width <= w.max(2) + 1 && r.height <= h.max(2) + 1)
            );
        }
    }

    #[test]
    fn a_small_picture_gets_a_second_bit_rate_and_a_ladder_of_one_rung_stays_at_one() {
        let fitted = fit(&rungs(), 128, 96);
        let [only, low] = fitted.as_slice() else {
            panic!("{fitted:?}")
        };
        assert_eq!((low.width, low.height), (128, 96));
        assert!(low.crf > only.crf && low.max_bit_rate < only.max_bit_rate);
        assert_eq!(fit(&rungs()[..1], 128, 96).len(), 1);
        for width in 1..=640 {
            let fitted = fit(&rungs(), width, 180);
            assert!(
                fitted.iter().all(|r| r.width % 2 == 0 && r.height % 2 == 0),
                "{fitted:?}"
            );
        }
    }

    #[test]
    fn keeps_the_shape_of_wide_and_of_old_pictures() {
        assert_eq!(
            sizes(1280, 360),
            ["720p 1280x360", "480p 854x240", "360p 640x180"]
        );
        assert_eq!(sizes(960, 720)[0], "720p 960x720");
        assert_eq!(inside(768, 432, 1920, 1080, Enlarge::ToFit), (1920, 1080));
        assert_eq!(inside(960, 720, 1920, 1080, Enlarge::ToFit), (1440, 1080));
        assert_eq!(inside(1921, 1079, 1920, 1080, Enlarge::Never), (1920, 1078));
    }

    #[test]
    fn output_rates_are_standard_ones() {
        let rate = |num, den| output_rate(FrameRate { num, den }).to_string();
        assert_eq!(rate(25, 1), "25");
        assert_eq!(rate(25, 2), "25");
        assert_eq!(rate(15, 1), "30");
        assert_eq!(rate(1, 1), "24");
        assert_eq!(rate(120, 1), "60");
        assert_eq!(rate(100, 1), "50");
        assert_eq!(rate(29_970, 1000), "29.97");
        assert_eq!(rate(27_521, 1000), "29.97");
        assert_eq!(rate(1000, 1), "50");
        assert_eq!(rate(90_000, 1001), "60");
    }

    fn made_of(change: impl FnOnce(&mut MediaInfo)) -> Recipe {
        let mut media = crate::check::sample::media();
        change(&mut media);
        let ladder = crate::preset::ladder(crate::preset::DEFAULT_LADDER).unwrap();
        recipe(&media, None, &ladder).unwrap()
    }

    #[test]
    fn a_full_hd_film_is_encoded_once_for_hall_and_web() {
        let recipe = made_of(|_| {});
        assert_eq!(recipe.hall, HallPicture::SameAsTop);
        assert_eq!(recipe.rungs.len(), 4);
        assert_eq!(recipe.gop_frames * 3, recipe.segment_frames);
        assert_eq!(recipe.duration(), Millis(180_000));
        assert_eq!(recipe.samples(), 180 * 48_000);
        assert_ne!(
            recipe.fingerprint(),
            made_of(|m| m.audio = None).fingerprint()
        );
    }

    #[test]
    fn one_ear_is_repaired_only_where_it_is_asked_for() {
        let mut media = crate::check::sample::media();
        let mut ladder = crate::preset::ladder(crate::preset::DEFAULT_LADDER).unwrap();
        let mut quality = crate::check::sample::sound_quality();
        quality.channel_levels_dbfs = vec![Some(-60.0), Some(-20.0)];
        media.sound_quality = Some(quality);
        assert_eq!(recipe(&media, None, &ladder).unwrap().audio.one_ear, None);
        ladder.audio.one_ear = OneEar::Repair;
        let repaired = recipe(&media, None, &ladder).unwrap();
        assert_eq!(repaired.audio.one_ear, Some(Side::Right));
        media.sound_quality = Some(crate::check::sample::sound_quality());
        assert_eq!(recipe(&media, None, &ladder).unwrap().audio.one_ear, None);
    }

    #[test]
    fn another_shape_gets_a_padded_master_of_its_own() {
        let recipe = made_of(|media| {
            let video = media.video.as_mut().unwrap();
            (video.display_width, video.display_height) = (960, 720);
        });
        let HallPicture::Own(own) = recipe.hall else {
            panic!("960x720 is not the hall's shape")
        };
        assert_eq!((own.rung.width, own.rung.height), (1920, 1080));
        assert_eq!((own.film_width, own.film_height), (1440, 1080));
    }

    #[test]
    fn half_a_frame_of_sound_is_not_lost_at_ntsc_rates() {
        let recipe = made_of(|media| {
            let video = media.video.as_mut().unwrap();
            video.frame_rate = FrameRate {
                num: 30_000,
                den: 1001,
            };
            media.duration_ms = Millis(1001);
        });
        assert_eq!((recipe.frames, recipe.samples()), (30, 48_048));
    }

    #[test]
    fn matrices_are_taken_from_tags_and_else_from_the_size() {
        let of = |space: &str, format: &str, width, height| {
            let recipe = made_of(|media| {
                let video = media.video.as_mut().unwrap();
                (video.color_space, video.pixel_format) = (space.into(), format.into());
                (video.width, video.height) = (width, height);
            });
            (recipe.treatment.matrix, recipe.treatment.full_range)
        };
        assert_eq!(of("bt709", "yuv420p", 640, 360), (Matrix::Bt709, false));
        assert_eq!(
            of("smpte170m", "yuvj420p", 1920, 1080),
            (Matrix::Bt601, true)
        );
        assert_eq!(
            of("bt2020nc", "yuv420p10le", 1920, 1080),
            (Matrix::Bt2020, false)
        );
        assert_eq!(
            of("smpte240m", "yuv420p", 1920, 1035),
            (Matrix::Smpte240m, false)
        );
        assert_eq!(of("fcc", "yuv420p", 720, 480), (Matrix::Fcc, false));
        assert_eq!(of("gbr", "gbrp", 1920, 1080), (Matrix::Rgb, false));
        assert_eq!(of("unknown", "yuv420p", 720, 576), (Matrix::Bt601, false));
        assert_eq!(of("unknown", "yuv420p", 1920, 1080), (Matrix::Bt709, false));
    }

    #[test]
    fn there_is_no_recipe_without_a_picture() {
        let mut media = crate::check::sample::media();
        media.video = None;
        let ladder = crate::preset::ladder(crate::preset::DEFAULT_LADDER).unwrap();
        assert_eq!(recipe(&media, None, &ladder), None);
    }

    #[test]
    fn the_encoder_is_a_part_of_the_recipe_and_auto_means_x264() {
        let with = |encoder| {
            let mut ladder = crate::preset::ladder("balanced").unwrap();
            ladder.video.encoder = encoder;
            recipe(&crate::check::sample::media(), None, &ladder).unwrap()
        };
        let auto = with(EncoderChoice::Auto);
        assert_eq!(auto.encoder.name(), "libx264");
        assert_eq!(auto.fingerprint(), with(EncoderChoice::X264).fingerprint());
        let other = with(EncoderChoice::H264Qsv);
        assert_ne!(auto.fingerprint(), other.fingerprint());
    }
}
