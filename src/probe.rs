//! What a file turned out to be. In: an upload behind a guarded descriptor (in the worker). Out: [`MediaInfo`], plain
//! data. Never judges: limits and verdicts are `check`'s.

mod boxes;
mod codec;
pub mod essence;
pub mod evidence;
pub mod full_look;
pub mod gops;
mod measure;
mod picture_meter;
mod pictures;
pub mod quality;
pub mod sampler;
pub mod side_by_side;
pub mod signature;
mod sniff;
mod sound_meter;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;
use crate::units::{BitRate, Bytes, FrameRate, Millis};

pub use codec::VideoCodec;
pub use measure::{Measured, measure};
pub use quality::{PictureQuality, SoundQuality};

/// The container, by what the bytes are and not by what the name ends in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// ISO base media file with an MP4 brand (ISO/IEC 14496-14).
    Mp4,
    /// QuickTime movie: brand `qt  `, or no brand at all.
    Mov,
    /// MPEG-1 or MPEG-2 program stream, or a bare MPEG video stream: what `.mpg` holds.
    Mpg,
    /// MPEG transport stream.
    MpegTs,
    /// Matroska.
    Matroska,
    /// WebM.
    Webm,
    /// Microsoft AVI.
    Avi,
    /// Windows Media (ASF).
    Asf,
    /// Flash video.
    Flv,
}

impl Container {
    /// The word used in presets and in the report.
    pub fn name(self) -> &'static str {
        match self {
            Container::Mp4 => "mp4",
            Container::Mov => "mov",
            Container::Mpg => "mpg",
            Container::MpegTs => "mpeg-ts",
            Container::Matroska => "matroska",
            Container::Webm => "webm",
            Container::Avi => "avi",
            Container::Asf => "asf",
            Container::Flv => "flv",
        }
    }

    /// How the name of such a file normally ends; the first is the usual one.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Container::Mp4 => &["mp4", "m4v"],
            Container::Mov => &["mov", "qt"],
            Container::Mpg => &["mpg", "mpeg", "vob", "m2p"],
            Container::MpegTs => &["ts", "mts", "m2ts"],
            Container::Matroska => &["mkv"],
            Container::Webm => &["webm"],
            Container::Avi => &["avi"],
            Container::Asf => &["wmv", "asf"],
            Container::Flv => &["flv", "f4v"],
        }
    }
}

/// How the picture must be turned before it is shown, from the display matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Orientation {
    /// Clockwise turn in degrees: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Mirrored left to right before it is turned.
    pub mirrored: bool,
}

/// The part of the stored picture that is meant to be shown (ISO/IEC 14496-12 §12.1.4), in stored pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CleanAperture {
    /// Columns to its left.
    pub left: u32,
    /// Rows above it.
    pub top: u32,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
}

/// High dynamic range, by transfer characteristics (ITU-T H.273).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Hdr {
    /// SMPTE ST 2084, the perceptual quantizer.
    Pq,
    /// ARIB STD-B67, hybrid log-gamma.
    Hlg,
}

/// How the two fields of a frame are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scan {
    /// Whole frames.
    Progressive,
    /// Interlaced, top field first.
    TopFirst,
    /// Interlaced, bottom field first.
    BottomFirst,
}

/// The picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoInfo {
    /// Codec by FFmpeg's name: `h264`, `hevc`, `mpeg2video`.
    pub codec: String,
    /// Profile, where the codec has one.
    pub profile: Option<String>,
    /// Width as stored, in pixels.
    pub width: u32,
    /// Height as stored, in pixels.
    pub height: u32,
    /// The part of it that is meant to be shown; none where all of it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean_aperture: Option<CleanAperture>,
    /// Width on the screen, after pixel aspect ratio and rotation, in square pixels.
    pub display_width: u32,
    /// Height on the screen, after pixel aspect ratio and rotation, in square pixels.
    pub display_height: u32,
    /// Clockwise turn in degrees from the display matrix: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Mirrored left to right before it is turned.
    pub mirrored: bool,
    /// Sample (pixel) aspect ratio as `w:h`; `1:1` where the file says nothing.
    pub sar: (u32, u32),
    /// Frames per second, measured over all packets.
    pub frame_rate: FrameRate,
    /// Frames do not all last equally long.
    pub variable_frame_rate: bool,
    /// Field order as flagged.
    pub scan: Scan,
    /// High dynamic range, if it is.
    pub hdr: Option<Hdr>,
    /// Pixel format by FFmpeg's name: `yuv420p10le`.
    pub pixel_format: String,
    /// Colour primaries by FFmpeg's name; `unknown` where untagged.
    pub color_primaries: String,
    /// Transfer characteristics by FFmpeg's name; `unknown` where untagged.
    pub color_transfer: String,
    /// Matrix coefficients by FFmpeg's name; `unknown` where untagged.
    pub color_space: String,
    /// Full (PC) instead of limited (TV) range.
    pub full_range: bool,
    /// Packets, so frames as sent; those that an edit list hides are not counted.
    pub packets: u64,
    /// When the first frame is shown, from the start of the presentation.
    pub start_ms: Millis,
    /// When the last frame ends, from the start of the presentation.
    pub end_ms: Millis,
    /// Mean bit rate of the video packets.
    pub bit_rate: BitRate,
}

/// The sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioInfo {
    /// Codec by FFmpeg's name: `aac`, `mp2`, `pcm_s16le`.
    pub codec: String,
    /// Profile, where the codec has one: `LC`.
    pub profile: Option<String>,
    /// Number of channels.
    pub channels: u32,
    /// Samples per second.
    pub sample_rate: u32,
    /// When the sound starts, from the start of the presentation.
    pub start_ms: Millis,
    /// When the sound ends, from the start of the presentation.
    pub end_ms: Millis,
    /// Integrated loudness in LUFS (ITU-R BS.1770); none where it was not measured.
    pub loudness_lufs: Option<f64>,
    /// True peak in dBTP (ITU-R BS.1770); none where it was not measured.
    pub true_peak_dbtp: Option<f64>,
}

/// A subtitle track inside the video file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmbeddedSubtitle {
    /// Codec by FFmpeg's name: `mov_text`, `subrip`.
    pub codec: String,
    /// Language as the file gives it (ISO 639-2), if it does.
    pub language: Option<String>,
}

/// Everything measured on one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MediaInfo {
    /// What the file is, by its content.
    pub container: Container,
    /// Length of the presentation, measured on the packets and not taken from a header.
    pub duration_ms: Millis,
    /// Length that the header claims, if it claims one.
    pub header_duration_ms: Option<Millis>,
    /// Size of the file.
    pub bytes: Bytes,
    /// The picture; none where there is no moving picture.
    pub video: Option<VideoInfo>,
    /// The sound; none where there is no sound track.
    pub audio: Option<AudioInfo>,
    /// Subtitle tracks inside the file.
    pub subtitles: Vec<EmbeddedSubtitle>,
    /// Where reading stopped before the end that the file promises.
    pub cut_off_at_ms: Option<Millis>,
    /// How good the picture is; none where nobody looked.
    #[serde(default)]
    pub picture_quality: Option<PictureQuality>,
    /// How good the sound is; none where there is none, or nobody listened.
    #[serde(default)]
    pub sound_quality: Option<SoundQuality>,
}

/// Why a file could not be read as a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Unreadable {
    /// Zero bytes.
    Empty,
    /// A link, a pipe, a device: never opened.
    NotAFile {
        /// What it is.
        what: Text,
    },
    /// A text that points at other files (HLS, DASH, ffconcat, SDP): `kind` names it.
    Playlist {
        /// `HLS`, `ffconcat`, …
        format: String,
    },
    /// Something else altogether: an archive, a picture, a text.
    NotAVideo {
        /// What it looks like.
        looks_like: Text,
    },
    /// The file ends before its content does: an upload that broke off.
    Incomplete {
        /// What is missing.
        detail: Text,
    },
    /// It can be read, but there is no moving picture in it.
    NoPicture,
    /// A container that is not on our list.
    UnsupportedContainer {
        /// FFmpeg's name of it.
        format: String,
    },
    /// A codec of pictures that is not on our list.
    UnsupportedCodec {
        /// FFmpeg's name of it.
        codec: String,
    },
    /// A codec of sound that is not on our list.
    UnsupportedSound {
        /// FFmpeg's name of it; `none` where FFmpeg does not know it either.
        codec: String,
    },
    /// A count, a size or a duration is beyond what we trust.
    BeyondLimit {
        /// What was counted.
        what: Text,
        /// How much there is.
        actual: u64,
        /// How much there may be.
        limit: u64,
    },
    /// The bytes are wrong and cannot be decoded.
    Damaged {
        /// What the reader said.
        detail: String,
    },
    /// The reading process crashed, hung or gave no answer.
    WorkerFailed {
        /// What became of it.
        detail: Text,
    },
}
