//! What all items of the hall's programme have in common. In: a ladder and a frame rate. Out: encoder settings that give
//! the same parameter sets for every item, and what a finished master is, to be compared with them.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::h264::AvcConfig;
use super::make::MakeError;
use super::mp4::{Codec, Track};
use crate::av::{
    AudioSettings, Demuxed, Encoder, H264Encoder, Input, Packet, PacketFacts, StreamFacts,
    StreamKind, VideoSettings,
};
use crate::preset::Ladder;
use crate::units::{BitRate, FrameRate, Millis};

/// Quality of what is made for the programme from a master: near enough to it that nobody sees a second generation.
pub const SECOND_GENERATION_CRF: f32 = 17.0;

/// Size, rate control and sound of every item, whatever its frame rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HallFormat {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Quality of slates (x264's constant rate factor).
    pub crf: f32,
    /// Peak bit rate of the picture.
    pub max_bit_rate: BitRate,
    /// The decoder's buffer in bits.
    pub buffer: BitRate,
    /// Distance of IDR pictures.
    pub gop_ms: Millis,
    /// x264's preset.
    pub x264_preset: String,
    /// Further options of x264.
    pub x264_options: BTreeMap<String, String>,
    /// Bit rate of the AAC.
    pub audio_bit_rate: BitRate,
    /// Samples per second.
    pub sample_rate: u32,
}

impl HallFormat {
    /// As this ladder makes masters.
    pub fn of(ladder: &Ladder) -> HallFormat {
        let hall = &ladder.hall;
        HallFormat {
            width: hall.width,
            height: hall.height,
            crf: hall.crf,
            max_bit_rate: hall.max_bit_rate,
            buffer: hall.buffer,
            gop_ms: ladder.video.gop,
            x264_preset: ladder.video.preset.clone(),
            x264_options: ladder.video.options.clone(),
            audio_bit_rate: ladder.audio.bit_rate,
            sample_rate: ladder.audio.sample_rate,
        }
    }

    /// The number of the first sample at frame number `frame`.
    pub fn sample_at(&self, frame_rate: FrameRate, frame: u64) -> u64 {
        let (num, den) = (u128::from(frame_rate.num), u128::from(frame_rate.den));
        let samples = (u128::from(frame) * den * u128::from(self.sample_rate) + num / 2) / num;
        u64::try_from(samples).unwrap_or(u64::MAX)
    }

    pub(super) fn picture_encoder(
        &self,
        frame_rate: FrameRate,
        crf: f32,
        threads: usize,
    ) -> Result<Encoder, MakeError> {
        let gop = frame_rate.frames_in(self.gop_ms);
        Ok(Encoder::h264(&VideoSettings {
            encoder: H264Encoder::X264,
            width: self.width,
            height: self.height,
            frame_rate,
            crf,
            max_bit_rate: self.max_bit_rate,
            buffer_bits: self.buffer.0,
            gop_frames: u32::try_from(gop).unwrap_or(u32::MAX),
            preset: self.x264_preset.clone(),
            options: self
                .x264_options
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            threads,
        })?)
    }

    pub(super) fn sound_encoder(&self) -> Result<Encoder, MakeError> {
        Ok(Encoder::aac(&AudioSettings {
            bit_rate: self.audio_bit_rate,
            sample_rate: self.sample_rate,
        })?)
    }

    pub(super) fn picture_track(
        &self,
        frame_rate: FrameRate,
        config: AvcConfig,
        delay: u32,
    ) -> Track {
        let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
        Track {
            codec: Codec::Avc {
                config,
                width: side(self.width),
                height: side(self.height),
            },
            timescale: frame_rate.num,
            starts_at: delay * frame_rate.den,
        }
    }

    pub(super) fn sound_track(&self, encoder: &Encoder) -> Track {
        Track {
            codec: Codec::Aac {
                config: encoder.headers(),
                sample_rate: self.sample_rate,
                bit_rate: u32::try_from(self.audio_bit_rate.0).unwrap_or(u32::MAX),
            },
            timescale: self.sample_rate,
            starts_at: encoder.priming(),
        }
    }
}

/// What a finished file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames per second; none where the pictures are not equally spaced at a rate of the programme.
    pub frame_rate: Option<FrameRate>,
    /// How many pictures.
    pub frames: u64,
    /// BLAKE3 of SPS and PPS: what can be joined has the same.
    pub parameter_sets: String,
}

/// Streams of a file of ours.
pub(super) struct HallStreams {
    pub(super) picture: StreamFacts,
    pub(super) sound: StreamFacts,
}

impl HallStreams {
    pub(super) fn of(input: &Input, name: &str) -> Result<Self, MakeError> {
        let streams = input.streams();
        let pick = |kind| StreamFacts::main(&streams, kind);
        match (pick(StreamKind::Video), pick(StreamKind::Audio)) {
            (Some(picture), Some(sound)) => Ok(HallStreams { picture, sound }),
            _ => Err(MakeError::Mismatch(format!(
                "{name} has not both a picture and a sound"
            ))),
        }
    }
}

/// What a file of ours is; its packets are counted, nothing is decoded.
pub fn describe<S: Read + Seek + Send + 'static>(file: S) -> Result<Described, MakeError> {
    let mut input = Input::open(file)?;
    let streams = HallStreams::of(&input, "the master")?;
    let picture = &streams.picture;
    input.keep_only(&[picture.index]);
    let mut packet = Packet::empty();
    let (mut frames, mut times) = (0_u64, Vec::new());
    while read_packet_of(&mut input, picture.index, &mut packet)? {
        times.push(PacketFacts::of(&packet).timestamp().unwrap_or(i64::MIN));
        frames += 1;
    }
    times.sort_unstable();
    let rate = FrameRate::STANDARD.into_iter().find(|rate| {
        times.iter().enumerate().all(|(index, ticks)| {
            let micros = picture.time_base.to_micros(*ticks);
            let wanted = index as f64 * 1e6 / rate.as_f64();
            (micros as f64 - wanted).abs() < 1000.0
        })
    });
    Ok(Described {
        width: picture.width,
        height: picture.height,
        frame_rate: rate,
        frames,
        parameter_sets: parameter_sets(&input.configuration(picture.index)),
    })
}

/// The next packet, if there is one.
pub(super) fn read_packet(input: &mut Input, packet: &mut Packet) -> Result<bool, MakeError> {
    match input.read(packet) {
        Demuxed::Packet => Ok(true),
        Demuxed::End => Ok(false),
        Demuxed::Broken(error) => Err(error.into()),
    }
}

/// The next packet of one stream, if there is one. What libav had read before it was told to leave the others out still
/// comes.
pub(super) fn read_packet_of(
    input: &mut Input,
    stream: usize,
    packet: &mut Packet,
) -> Result<bool, MakeError> {
    while read_packet(input, packet)? {
        if packet.stream() == stream {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A short text for a decoder configuration record.
pub(super) fn parameter_sets(record: &[u8]) -> String {
    let sets = AvcConfig::from_record(record).map(|config| [config.sps, config.pps].concat());
    let bytes = sets.as_deref().unwrap_or(record);
    blake3::hash(bytes).to_hex()[..16].to_owned()
}
