//! Short films of our own for the hall: slates, pictures, pauses. In: what each frame shows, and the format that all
//! items share. Out: a progressive MP4 with silence in the staging folder. Never reads anything.

use super::h264::{AvcConfig, length_prefixed};
use super::hall::HallFormat;
use super::make::MakeError;
use super::mp4::{Sample, Track};
use super::track::{AAC_FRAME, Spool, lay_out};
use crate::av::{AudioSamples, EncodedPacket, Encoder, Frame};
use crate::layout::Staging;
use crate::units::FrameRate;

/// Quality of a film of our own. At a master's quality, x264 takes a dithered gradient's dither away, and what is left are
/// bands that a dark hall sees (measured: 63 of 100 blocks flat at 20, none at 12). Slates are short and mostly still.
const CRF: f32 = 12.0;
/// Bits for dark, smooth places, too, and for a picture that stays: what a ladder found good for films takes them away.
const STILL_LIFE: [(&str, &str); 4] = [
    ("aq-mode", "3"),
    ("aq-strength", "1.0"),
    ("qcomp", "0.6"),
    ("partitions", "p8x8,b8x8,i8x8,i4x4"),
];
/// Longest film of our own, in frames: an hour at 60 frames a second.
pub const MAX_FRAMES: u64 = 60 * 60 * 60;

/// Pictures on their way into a file that is laid out once all are known.
pub(super) struct PictureSpool {
    pub(super) spool: Spool,
    encoder: Encoder,
    delay: i64,
    ticks: u32,
    decoded: i64,
}

impl PictureSpool {
    pub(super) fn new(
        staging: &Staging,
        name: &str,
        format: &HallFormat,
        frame_rate: FrameRate,
        encoder: Encoder,
    ) -> Result<Self, MakeError> {
        let Some(config) = AvcConfig::from_annex_b(&encoder.headers()) else {
            return Err(MakeError::Mismatch(format!("{name} has no parameter sets")));
        };
        let delay = encoder.reorder_delay();
        let track: Track = format.picture_track(frame_rate, config, delay);
        Ok(PictureSpool {
            spool: Spool::new(staging, format!("{name}.picture"), track)?,
            encoder,
            delay: i64::from(delay),
            ticks: frame_rate.den,
            decoded: 0,
        })
    }

    pub(super) fn add(&mut self, frame: &Frame) -> Result<(), MakeError> {
        self.encoder.send(frame)?;
        self.receive()
    }

    pub(super) fn finish(&mut self) -> Result<(), MakeError> {
        self.encoder.finish()?;
        self.receive()
    }

    fn receive(&mut self) -> Result<(), MakeError> {
        while let Some(packet) = self.encoder.receive()? {
            self.take(&packet)?;
        }
        Ok(())
    }

    fn take(&mut self, packet: &EncodedPacket) -> Result<(), MakeError> {
        let data = length_prefixed(&packet.data);
        let frames = packet.pts - self.decoded + self.delay;
        let frames = u32::try_from(frames).map_err(|_| {
            MakeError::Mismatch(format!("pictures come more than {} late", self.delay))
        })?;
        let sample = Sample {
            size: u32::try_from(data.len()).unwrap_or(u32::MAX),
            duration: self.ticks,
            composition_offset: frames.saturating_mul(self.ticks),
            key: packet.key,
        };
        self.decoded += 1;
        self.spool.add(sample, &data)
    }
}

/// Sound on its way into a file.
pub(super) struct SoundSpool {
    pub(super) spool: Spool,
    encoder: Encoder,
    framer: super::sound::Framer,
    sent: i64,
    /// Samples still to come out, priming included.
    left: u64,
}

impl SoundSpool {
    /// For so many samples.
    pub(super) fn new(
        staging: &Staging,
        name: &str,
        format: &HallFormat,
        samples: u64,
    ) -> Result<Self, MakeError> {
        let encoder = format.sound_encoder()?;
        let track = format.sound_track(&encoder);
        Ok(SoundSpool {
            left: samples + u64::from(track.starts_at),
            spool: Spool::new(staging, format!("{name}.sound"), track)?,
            encoder,
            framer: super::sound::Framer::default(),
            sent: 0,
        })
    }

    pub(super) fn add(&mut self, run: &AudioSamples) -> Result<(), MakeError> {
        for frame in self.framer.push(run, AAC_FRAME) {
            self.encode(&frame)?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<(), MakeError> {
        if let Some(last) = std::mem::take(&mut self.framer).finish(AAC_FRAME) {
            self.encode(&last)?;
        }
        self.encoder.finish()?;
        self.receive()
    }

    fn encode(&mut self, frame: &AudioSamples) -> Result<(), MakeError> {
        self.encoder.send_samples(frame, self.sent)?;
        self.sent += i64::try_from(AAC_FRAME).unwrap_or(0);
        self.receive()
    }

    fn receive(&mut self) -> Result<(), MakeError> {
        while let Some(packet) = self.encoder.receive()? {
            // Behind the end is padding: the last frame counts only as far as the sound goes.
            let duration = self.left.min(AAC_FRAME as u64);
            if duration == 0 {
                continue;
            }
            self.left -= duration;
            let sample = Sample {
                size: u32::try_from(packet.data.len()).unwrap_or(u32::MAX),
                duration: u32::try_from(duration).unwrap_or(0),
                composition_offset: 0,
                key: true,
            };
            self.spool.add(sample, &packet.data)?;
        }
        Ok(())
    }
}

/// Silence of this length.
pub(super) fn silence(samples: usize) -> AudioSamples {
    AudioSamples {
        left: vec![0.0; samples],
        right: vec![0.0; samples],
    }
}

/// Makes a silent film of `frames` pictures, which `paint` gives one by one, and lays it out as `name`.
pub fn clip(
    staging: &Staging,
    name: &str,
    format: &HallFormat,
    (frame_rate, frames): (FrameRate, u64),
    paint: &mut dyn FnMut(u64) -> Result<Frame, MakeError>,
) -> Result<(), MakeError> {
    if frames > MAX_FRAMES {
        return Err(MakeError::Mismatch(format!(
            "{frames} frames are more than the limit of {MAX_FRAMES}"
        )));
    }
    let mut smooth = format.clone();
    let options = STILL_LIFE.map(|(key, value)| (key.to_owned(), value.to_owned()));
    smooth.x264_options.extend(options);
    let encoder = smooth.picture_encoder(frame_rate, CRF.min(format.crf), 1)?;
    let mut picture = PictureSpool::new(staging, name, format, frame_rate, encoder)?;
    for index in 0..frames {
        let mut frame = paint(index)?;
        frame.set_pts(i64::try_from(index).unwrap_or(i64::MAX));
        picture.add(&frame)?;
    }
    picture.finish()?;
    let samples = format.sample_at(frame_rate, frames);
    let mut sound = SoundSpool::new(staging, name, format, samples)?;
    let mut left = samples;
    while left > 0 {
        let run = left.min(u64::from(format.sample_rate.max(1)));
        sound.add(&silence(usize::try_from(run).unwrap_or(0)))?;
        left -= run;
    }
    sound.finish()?;
    lay_out_and_tidy(staging, name, &[&picture.spool, &sound.spool])
}

/// Writes the file and removes the spools.
pub(super) fn lay_out_and_tidy(
    staging: &Staging,
    name: &str,
    spools: &[&Spool],
) -> Result<(), MakeError> {
    lay_out(staging, name, spools)?;
    for spool in spools {
        staging
            .remove(&spool.name)
            .map_err(|source| MakeError::Write {
                name: spool.name.clone(),
                source,
            })?;
    }
    Ok(())
}
