//! The codecs of pictures that people meet. In: FFmpeg's name of a codec. Out: the word for presets and the word for
//! people. Never decides whether a codec can be decoded: that is `av`'s.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A codec of pictures, called as in presets.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    /// H.264, also called AVC.
    H264,
    /// H.265, also called HEVC.
    Hevc,
    /// AV1.
    Av1,
    /// VP8.
    Vp8,
    /// VP9.
    Vp9,
    /// MPEG-1 video.
    Mpeg1,
    /// MPEG-2 video, as on DVD.
    Mpeg2,
    /// MPEG-4 part 2: Xvid, `DivX`.
    Mpeg4,
    /// Windows Media Video, and VC-1.
    Wmv,
    /// DV tapes.
    Dv,
    /// Apple `ProRes`.
    Prores,
    /// Avid `DNxHD` and `DNxHR`.
    Dnxhd,
    /// Motion JPEG.
    Mjpeg,
}

impl VideoCodec {
    /// The codec that FFmpeg calls so; none for one that no preset can name.
    pub fn from_ffmpeg(name: &str) -> Option<Self> {
        Some(match name {
            "h264" => VideoCodec::H264,
            "hevc" => VideoCodec::Hevc,
            "av1" => VideoCodec::Av1,
            "vp8" => VideoCodec::Vp8,
            "vp9" => VideoCodec::Vp9,
            "mpeg1video" => VideoCodec::Mpeg1,
            "mpeg2video" => VideoCodec::Mpeg2,
            "mpeg4" | "msmpeg4v1" | "msmpeg4v2" | "msmpeg4v3" => VideoCodec::Mpeg4,
            "wmv1" | "wmv2" | "wmv3" | "vc1" => VideoCodec::Wmv,
            "dvvideo" => VideoCodec::Dv,
            "prores" => VideoCodec::Prores,
            "dnxhd" => VideoCodec::Dnxhd,
            "mjpeg" => VideoCodec::Mjpeg,
            _ => return None,
        })
    }

    /// The codec as people call it.
    pub fn spoken(self) -> &'static str {
        match self {
            VideoCodec::H264 => "H.264 (AVC)",
            VideoCodec::Hevc => "H.265 (HEVC)",
            VideoCodec::Av1 => "AV1",
            VideoCodec::Vp8 => "VP8",
            VideoCodec::Vp9 => "VP9",
            VideoCodec::Mpeg1 => "MPEG-1",
            VideoCodec::Mpeg2 => "MPEG-2",
            VideoCodec::Mpeg4 => "MPEG-4 (Xvid, DivX)",
            VideoCodec::Wmv => "Windows Media Video (WMV)",
            VideoCodec::Dv => "DV",
            VideoCodec::Prores => "ProRes",
            VideoCodec::Dnxhd => "DNxHD",
            VideoCodec::Mjpeg => "Motion JPEG",
        }
    }
}
