//! A master that does not fit the programme, made to fit. In: a master of ours, in the worker. Out: the same film at the
//! programme's frame rate with the parameter sets that all items share; the sound is copied packet by packet. Never
//! touches the master.

use std::fs::File;

use serde::{Deserialize, Serialize};

use super::clip::{PictureSpool, lay_out_and_tidy};
use super::clock::Clock;
use super::hall::{HallFormat, HallStreams, SECOND_GENERATION_CRF, read_packet};
use super::make::MakeError;
use super::mp4::{Codec, Sample, Track};
use super::track::Spool;
use crate::av::{Decoded, Decoder, Frame, Input, Packet, PacketFacts};
use crate::layout::Staging;
use crate::units::FrameRate;

/// Name of what is made, inside the staging folder.
pub const CONFORMED: &str = "conformed.mp4";

/// What the worker is asked to make of a master.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConformOrder {
    /// What all items have in common.
    pub format: HallFormat,
    /// The programme's frame rate.
    pub frame_rate: FrameRate,
    /// How many frames the result has.
    pub frames: u64,
    /// Threads of decoder and encoder.
    pub threads: usize,
}

/// Makes the programme's version of a master. `progress` is told how many frames are done.
pub fn conform(
    master: File,
    staging: &Staging,
    order: &ConformOrder,
    progress: &mut dyn FnMut(u64),
) -> Result<(), MakeError> {
    let mut input = Input::open(master)?;
    let streams = HallStreams::of(&input, "the master")?;
    let sound_index = streams.sound.index;
    input.keep_only(&[streams.picture.index, sound_index]);
    let (format, rate) = (&order.format, order.frame_rate);
    let mut decoder = Decoder::open(&input, streams.picture.index, order.threads)?;
    let encoder = format.picture_encoder(rate, SECOND_GENERATION_CRF, order.threads)?;
    let mut show = Show {
        picture: PictureSpool::new(staging, CONFORMED, format, rate, encoder)?,
        clock: Clock::new(rate, order.frames),
        held: None,
    };
    let mut sound = CopiedSound::new(staging, format, input.configuration(sound_index))?;
    let mut packet = Packet::empty();
    let mut frame = Frame::empty();
    while read_packet(&mut input, &mut packet)? {
        if packet.stream() == sound_index {
            sound.add(&packet)?;
            continue;
        }
        decoder.send(&packet)?;
        while decoder.receive(&mut frame)? == Decoded::Frame {
            let ticks = frame.timestamp().unwrap_or(0);
            show.next(streams.picture.time_base.to_micros(ticks), &frame)?;
            progress(show.clock_position());
        }
    }
    decoder.finish()?;
    while decoder.receive(&mut frame)? == Decoded::Frame {
        let ticks = frame.timestamp().unwrap_or(0);
        show.next(streams.picture.time_base.to_micros(ticks), &frame)?;
        progress(show.clock_position());
    }
    show.finish()?;
    let sound = sound.finish(format.sample_at(rate, order.frames));
    lay_out_and_tidy(staging, CONFORMED, &[&show.picture.spool, &sound])
}

/// Frames on the programme's clock.
struct Show {
    picture: PictureSpool,
    clock: Clock,
    held: Option<Frame>,
}

impl Show {
    fn next(&mut self, micros: i64, frame: &Frame) -> Result<(), MakeError> {
        if let Some(mut shown) = self.held.replace(frame.share()?) {
            let slots = self.clock.until(micros);
            self.show(&mut shown, slots)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), MakeError> {
        let Some(mut last) = self.held.take() else {
            return Err(MakeError::Mismatch("the master has no picture".into()));
        };
        let slots = self.clock.rest();
        self.show(&mut last, slots)?;
        self.picture.finish()
    }

    fn show(&mut self, frame: &mut Frame, slots: std::ops::Range<u64>) -> Result<(), MakeError> {
        for slot in slots {
            frame.set_pts(i64::try_from(slot).unwrap_or(i64::MAX));
            self.picture.add(frame)?;
        }
        Ok(())
    }

    fn clock_position(&self) -> u64 {
        self.clock.position()
    }
}

/// The master's sound, packet by packet.
struct CopiedSound {
    spool: Spool,
    first: Option<i64>,
}

impl CopiedSound {
    fn new(staging: &Staging, format: &HallFormat, config: Vec<u8>) -> Result<Self, MakeError> {
        let track = Track {
            codec: Codec::Aac {
                config,
                sample_rate: format.sample_rate,
                bit_rate: u32::try_from(format.audio_bit_rate.0).unwrap_or(u32::MAX),
            },
            timescale: format.sample_rate,
            starts_at: 0,
        };
        Ok(CopiedSound {
            spool: Spool::new(staging, format!("{CONFORMED}.sound"), track)?,
            first: None,
        })
    }

    fn add(&mut self, packet: &Packet) -> Result<(), MakeError> {
        let facts = PacketFacts::of(packet);
        self.first.get_or_insert(facts.timestamp().unwrap_or(0));
        let data = packet.data().unwrap_or_default();
        let sample = Sample {
            size: u32::try_from(data.len()).unwrap_or(u32::MAX),
            duration: u32::try_from(facts.duration).unwrap_or(0),
            composition_offset: 0,
            key: true,
        };
        self.spool.add(sample, data)
    }

    /// Cut to the picture's end: half a frame at most, as both were made equally long.
    fn finish(mut self, samples: u64) -> Spool {
        // A first packet before zero is the encoder's priming, which the edit list leaves out.
        let priming = self.first.unwrap_or(0).min(0).unsigned_abs();
        let full = &mut self.spool.full;
        full.track.starts_at = u32::try_from(priming).unwrap_or(0);
        let mut left = samples + priming;
        for sample in &mut full.samples {
            sample.duration = u32::try_from(left.min(u64::from(sample.duration))).unwrap_or(0);
            left -= u64::from(sample.duration);
        }
        self.spool
    }
}
