//! Playing a file of the programme from end to end, as the hall will. In: a file. Out: [`Played`], what every frame and every
//! sample of it was. Runs in the worker; never judges.

use std::collections::BTreeSet;
use std::fs::File;

use serde::{Deserialize, Serialize};

use crate::av::{
    AvError, Decoded, Decoder, Demuxed, Frame, Input, Packet, PacketFacts, StreamFacts, StreamKind,
    Timestamps,
};
use crate::probe::Scan;
use crate::transcode::loudness::Meter;

/// Brightness up to here is black, as in `blackdetect`: 10 % above video black.
const BLACK: u8 = 38;
/// Of a black picture so many of a hundred points are black.
const BLACK_PERCENT: usize = 98;
/// Every so many-th row and column is looked at.
const STEP: usize = 8;
/// Samples below this are silence: -60 dBFS.
const SILENT: f32 = 0.001;
/// Threads of a decoder.
const THREADS: usize = 2;

/// What was played.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Played {
    /// Pictures.
    pub picture: Option<PlayedPicture>,
    /// Sound.
    pub sound: Option<PlayedSound>,
    /// Streams beyond one of pictures and one of sound.
    pub other_streams: usize,
    /// Where the chapters begin, in microseconds.
    pub chapters: Vec<i64>,
    /// What could not be decoded, and frames that the decoder knows to be damaged.
    pub errors: u64,
    /// Why reading stopped before the end.
    pub broken: Option<String>,
}

/// Pictures that were played.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlayedPicture {
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// All sizes of frames that came.
    pub sizes: BTreeSet<(u32, u32)>,
    /// All pixel formats that came.
    pub pixel_formats: BTreeSet<String>,
    /// Frames that are marked as interlaced.
    pub interlaced: u64,
    /// Frames.
    pub frames: u64,
    /// Frames a second by the container.
    pub rate: (i32, i32),
    /// When the first is shown, in microseconds.
    pub first_us: i64,
    /// When the last is shown, in microseconds.
    pub last_us: i64,
    /// Frames that are not later than the one before them.
    pub backward: u64,
    /// Black frames at the start.
    pub black_start: u64,
    /// Black frames at the end.
    pub black_end: u64,
}

/// Sound that was played.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PlayedSound {
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// Samples a second.
    pub rate: u32,
    /// Channels.
    pub channels: u32,
    /// Samples of each channel.
    pub samples: u64,
    /// When the first is heard, in microseconds.
    pub first_us: i64,
    /// The farthest that a sample's time is away from where counting puts it, in microseconds.
    pub gap_us: i64,
    /// Integrated loudness in LUFS; none for silence, and where there are not two channels.
    pub loudness_lufs: Option<f64>,
    /// Samples of silence at the start; all of them in silence.
    pub silent_start: u64,
    /// Samples of silence at the end.
    pub silent_end: u64,
}

/// Plays all of it. `progress` is told the bytes that are done.
pub fn play(source: File, progress: &mut dyn FnMut(u64)) -> Result<Played, AvError> {
    let mut input = Input::open(source)?;
    let streams = input.streams();
    let main = |kind| StreamFacts::main(&streams, kind);
    let picture = main(StreamKind::Video)
        .map(|facts| Pictures::new(&input, facts))
        .transpose()?;
    let sound = main(StreamKind::Audio)
        .map(|facts| Sound::new(&input, facts))
        .transpose()?;
    let used = usize::from(picture.is_some()) + usize::from(sound.is_some());
    let mut hall = Hall {
        picture,
        sound,
        errors: 0,
    };
    let mut played = Played {
        other_streams: streams.len() - used,
        chapters: input.chapters().iter().map(|c| c.start_us).collect(),
        ..Played::default()
    };
    let (mut packet, mut bytes) = (Packet::empty(), 0_u64);
    loop {
        match input.read(&mut packet) {
            Demuxed::Packet => {}
            Demuxed::End => break,
            Demuxed::Broken(error) => {
                played.broken = Some(error.to_string());
                break;
            }
        }
        bytes += PacketFacts::of(&packet).bytes;
        hall.take(&packet);
        progress(bytes);
    }
    hall.finish();
    played.errors = hall.errors;
    played.picture = hall.picture.map(|picture| picture.seen);
    played.sound = hall.sound.map(Sound::heard);
    Ok(played)
}

/// Where it is shown and heard.
struct Hall {
    picture: Option<Pictures>,
    sound: Option<Sound>,
    errors: u64,
}

impl Hall {
    fn take(&mut self, packet: &Packet) {
        let facts = PacketFacts::of(packet);
        let decoder = match (&mut self.picture, &mut self.sound) {
            (Some(picture), _) if picture.index == facts.stream => &mut picture.decoder,
            (_, Some(sound)) if sound.index == facts.stream => &mut sound.decoder,
            _ => return,
        };
        let taken = decoder.send(packet).is_ok();
        self.errors += u64::from(!taken || facts.corrupt);
        self.drain();
    }

    fn finish(&mut self) {
        let picture = self.picture.as_mut().map(|picture| &mut picture.decoder);
        let sound = self.sound.as_mut().map(|sound| &mut sound.decoder);
        for decoder in picture.into_iter().chain(sound) {
            self.errors += u64::from(decoder.finish().is_err());
        }
        self.drain();
    }

    fn drain(&mut self) {
        let mut frame = Frame::empty();
        if let Some(picture) = &mut self.picture {
            while let Some(got) = next(&mut picture.decoder, &mut frame) {
                self.errors += u64::from(!got || frame.is_damaged());
                if got {
                    picture.see(&frame);
                }
            }
        }
        if let Some(sound) = &mut self.sound {
            while let Some(got) = next(&mut sound.decoder, &mut frame) {
                let heard = got && sound.hear(&frame);
                self.errors += u64::from(!heard);
            }
        }
    }
}

/// Whether a frame came or an error; none where there is nothing more now.
fn next(decoder: &mut Decoder, frame: &mut Frame) -> Option<bool> {
    match decoder.receive(frame) {
        Ok(Decoded::Frame) => Some(true),
        Ok(Decoded::NeedsInput | Decoded::End) => None,
        Err(_) => Some(false),
    }
}

struct Pictures {
    index: usize,
    time_base: Timestamps,
    decoder: Decoder,
    scratch: Vec<u8>,
    was_bright: bool,
    seen: PlayedPicture,
}

impl Pictures {
    fn new(input: &Input, facts: StreamFacts) -> Result<Self, AvError> {
        Ok(Pictures {
            index: facts.index,
            time_base: facts.time_base,
            decoder: Decoder::open(input, facts.index, THREADS)?,
            scratch: vec![],
            was_bright: false,
            seen: PlayedPicture {
                codec: facts.codec,
                rate: facts.claimed_rate,
                ..PlayedPicture::default()
            },
        })
    }

    fn see(&mut self, frame: &Frame) {
        let is_black = self.is_black(frame);
        let seen = &mut self.seen;
        let time = frame
            .timestamp()
            .map(|ticks| self.time_base.to_micros(ticks));
        if let Some(time) = time {
            if seen.frames == 0 {
                seen.first_us = time;
            } else {
                seen.backward += u64::from(time <= seen.last_us);
            }
            seen.last_us = time;
        }
        seen.frames += 1;
        seen.sizes.insert((frame.width(), frame.height()));
        if !seen.pixel_formats.contains(&frame.pixel_format()) {
            seen.pixel_formats.insert(frame.pixel_format());
        }
        seen.interlaced += u64::from(frame.scan() != Scan::Progressive);
        if is_black {
            seen.black_start += u64::from(!self.was_bright);
            seen.black_end += 1;
        } else {
            seen.black_end = 0;
            self.was_bright = true;
        }
    }

    fn is_black(&mut self, frame: &Frame) -> bool {
        let (mut dark, mut all) = (0, 0);
        for row in (0..frame.height()).step_by(STEP) {
            let row = frame.brightness_row(row, &mut self.scratch);
            let points = row.iter().step_by(STEP);
            all += points.len();
            dark += points.filter(|point| **point <= BLACK).count();
        }
        all > 0 && dark * 100 >= all * BLACK_PERCENT
    }
}

struct Sound {
    index: usize,
    time_base: Timestamps,
    decoder: Decoder,
    meter: Option<Meter>,
    was_loud: bool,
    heard: PlayedSound,
}

impl Sound {
    fn new(input: &Input, facts: StreamFacts) -> Result<Self, AvError> {
        Ok(Sound {
            index: facts.index,
            time_base: facts.time_base,
            decoder: Decoder::open(input, facts.index, 1)?,
            meter: None,
            was_loud: false,
            heard: PlayedSound {
                codec: facts.codec,
                ..PlayedSound::default()
            },
        })
    }

    /// False where it cannot be measured.
    fn hear(&mut self, frame: &Frame) -> bool {
        let (channels, rate) = self.decoder.audio_shape();
        let time = frame
            .timestamp()
            .map(|ticks| self.time_base.to_micros(ticks));
        if self.heard.samples == 0 {
            (self.heard.channels, self.heard.rate) = (channels, rate);
            self.heard.first_us = time.unwrap_or(0);
            self.meter = Meter::of_loudness(rate).ok().filter(|_| channels == 2);
        }
        if let Some(time) = time {
            let counted = self.heard.first_us + micros(self.heard.samples, self.heard.rate);
            self.heard.gap_us = self.heard.gap_us.max((time - counted).abs());
        }
        let samples = frame.stereo();
        self.heard.samples += frame.samples() as u64;
        self.silence(&samples.left, &samples.right, frame.samples());
        match &mut self.meter {
            Some(meter) if !samples.left.is_empty() => meter.add(&samples).is_ok(),
            _ => true,
        }
    }

    fn silence(&mut self, left: &[f32], right: &[f32], samples: usize) {
        let is_loud = |(left, right): (&f32, &f32)| left.abs() > SILENT || right.abs() > SILENT;
        let mut loud = left.iter().zip(right).map(is_loud);
        let heard = &mut self.heard;
        let Some(first) = loud.clone().position(|is_loud| is_loud) else {
            let silent = samples as u64;
            heard.silent_start += if self.was_loud { 0 } else { silent };
            heard.silent_end += silent;
            return;
        };
        let last = loud.rposition(|is_loud| is_loud).unwrap_or(first);
        heard.silent_start += if self.was_loud { 0 } else { first as u64 };
        heard.silent_end = (samples - 1 - last) as u64;
        self.was_loud = true;
    }

    fn heard(self) -> PlayedSound {
        PlayedSound {
            loudness_lufs: self.meter.and_then(|meter| meter.levels().integrated),
            ..self.heard
        }
    }
}

fn micros(samples: u64, rate: u32) -> i64 {
    let micros = u128::from(samples) * 1_000_000 / u128::from(rate.max(1));
    i64::try_from(micros).unwrap_or(i64::MAX)
}
