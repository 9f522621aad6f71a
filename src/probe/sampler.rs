//! Which pictures of a film are decoded while it is measured. In: the packets of the picture, in the order of the file.
//! Out: [`Sample`]s to a [`Watch`]er, in the order of the film. Never reads a file, never looks at a picture itself.
//!
//! A full decode costs eight times what a check may cost, so there is a budget of decoded frames:
//!
//! - A film that fits into it as a whole is decoded as a whole; where every frame is going to be looked at anyway
//!   ([`Looks::InPassing`]), only a very short one does.
//! - Else a key frame every second at most, [`MOST_KEY_FRAMES`] in the film, and after a key frame a stretch of frames
//!   that follow each other, about a second, as far as the budget goes by then.
//! - Where no key frame comes for a long time (screen recordings have one in the whole file), the packets that were kept
//!   back are decoded after all, and one picture in [`LONG_STEP`] is looked at.

use std::collections::VecDeque;

use super::Millis;
use serde::{Deserialize, Serialize};

use crate::av::{
    AvError, Decoded, Decoder, Frame, Input, Packet, PacketFacts, StreamFacts, Timestamps,
};

/// Pixels of the picture by which the budget is counted: a larger picture gets fewer frames.
const REFERENCE_PIXELS: u64 = 1920 * 1080;
/// A film of at most so many frames of the reference size is decoded as a whole.
const WHOLE_FILM: u64 = 900;
/// Of a longer film so many frames of the reference size are decoded …
const LEAST_FRAMES: u64 = 240;
/// … and so many where every frame is looked at later, but of a short film no more than one in [`SHARE_IN_PASSING`], or
/// [`FEWEST_IN_PASSING`] …
const LEAST_IN_PASSING: u64 = 120;
const SHARE_IN_PASSING: u64 = 8;
const FEWEST_IN_PASSING: u64 = 48;
/// … or one frame in so many, whichever is more.
const ONE_IN: u64 = 32;
/// A film without sound may spend so many times as much: there is nothing else to know it by.
const SILENT_FACTOR: u64 = 3;
/// About so many key frames are looked at, evenly over the film.
const MOST_KEY_FRAMES: i64 = 150;
/// Key frames closer than this, in microseconds, are not looked at.
const KEY_SPACING: i64 = 900_000;
/// A stretch is this long, in microseconds.
const STRETCH: i64 = 1_000_000;
/// A stretch of fewer frames shows too little: the budget is saved for the next one.
const SHORTEST_STRETCH: u64 = 12;
/// So long after a key frame without another, in microseconds, the frames between are decoded after all.
const LONG_GOP: i64 = 20_000_000;
/// Bytes of packets that are kept back, in wait for the next key frame.
const MOST_KEPT_BACK: u64 = 48 << 20;
/// Between two pictures that are looked at far from any key frame, in microseconds.
const LONG_STEP: i64 = 2_000_000;
/// Rates that a header may claim; beyond, thirty frames a second are assumed.
const CLAIMED_RATES: std::ops::RangeInclusive<f64> = 0.1..=120.0;

/// How closely a film is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// At every frame where the film is short.
    Closely,
    /// At no more than is needed of a long one: every frame will be looked at when it is made.
    InPassing,
}

/// One picture of the film.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// When it is shown, from the start of the presentation.
    pub time_ms: Millis,
    /// The picture, as the decoder gave it: neither turned nor scaled.
    pub frame: &'a Frame,
    /// The sample before this one is the film's frame before this one.
    pub consecutive: bool,
}

/// Somebody who looks at samples.
pub trait Watch {
    /// Looks at the next picture.
    fn see(&mut self, sample: &Sample<'_>);
}

/// How much was decoded, and how well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// Frames that came out of the decoder.
    pub frames: u64,
    /// Packets that could not be decoded, and frames that the decoder calls damaged.
    pub damaged: u64,
    /// Every packet of the film was decoded.
    pub every_frame: bool,
}

/// Chooses and decodes.
pub struct Sampler {
    decoder: Decoder,
    time_base: Timestamps,
    origin: i64,
    budget: Budget,
    mode: Mode,
    /// From which time on the next key frame is wanted.
    next_key: i64,
    /// The last key frame whose packets are being decoded or kept back.
    key: i64,
    kept_back: VecDeque<Packet>,
    kept_bytes: u64,
    /// Time of the frame that came out last in this stretch.
    last: Option<i64>,
    next_long: i64,
    looked: Looked,
}

/// What happens to the next packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Everything is decoded.
    Whole,
    /// Nothing is, until a key frame comes.
    Waiting,
    /// So many more packets are.
    Stretch(u64),
    /// A stretch is over: packets are kept back, in case that no key frame comes.
    KeepingBack,
    /// No key frame came: everything is decoded until one comes.
    Long,
}

impl std::fmt::Debug for Sampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sampler")
            .field("mode", &self.mode)
            .field("looked", &self.looked)
            .finish_non_exhaustive()
    }
}

impl Sampler {
    /// A sampler for the picture of an open file of so many bytes.
    pub fn new(
        input: &Input,
        video: &StreamFacts,
        has_sound: bool,
        (bytes, looks): (u64, Looks),
    ) -> Result<Self, AvError> {
        let budget = Budget::new(video, input.header_duration(), has_sound, (bytes, looks));
        Ok(Sampler {
            decoder: Decoder::open(input, video.index, 1)?,
            time_base: video.time_base,
            origin: input.start_time(),
            mode: if budget.fits_the_whole_film() {
                Mode::Whole
            } else {
                Mode::Waiting
            },
            budget,
            next_key: i64::MIN,
            key: 0,
            kept_back: VecDeque::new(),
            kept_bytes: 0,
            last: None,
            next_long: 0,
            looked: Looked::default(),
        })
    }

    /// Takes the next packet of the picture. `time` is when it is shown, in microseconds from the presentation's start;
    /// `read` is how many bytes of the file were read.
    pub fn offer(
        &mut self,
        packet: &Packet,
        facts: &PacketFacts,
        (time, read): (i64, u64),
        watch: &mut dyn Watch,
    ) {
        self.budget.now(time, read);
        if self.mode == Mode::Whole {
            self.decode(packet, watch);
            if self.looked.frames > self.budget.whole + self.budget.whole / 2 {
                self.mode = Mode::KeepingBack;
            }
            return;
        }
        let first = self.next_key == i64::MIN;
        if !matches!(self.mode, Mode::Stretch(_)) && (facts.key || first) && time >= self.next_key {
            self.start_stretch(time, watch);
        }
        match self.mode {
            Mode::Stretch(left) => {
                self.decode(packet, watch);
                self.mode = match left.saturating_sub(1) {
                    0 => Mode::KeepingBack,
                    left => Mode::Stretch(left),
                };
            }
            Mode::KeepingBack => self.keep_back(packet, facts, time, watch),
            Mode::Long => self.decode(packet, watch),
            Mode::Waiting | Mode::Whole => {}
        }
    }

    /// No more packets: lets the last frames out.
    pub fn finish(&mut self, watch: &mut dyn Watch) {
        self.drain(watch);
    }

    /// How much was decoded, and how well.
    pub fn looked(&self) -> Looked {
        Looked {
            every_frame: self.mode == Mode::Whole,
            ..self.looked
        }
    }

    fn start_stretch(&mut self, time: i64, watch: &mut dyn Watch) {
        self.drain(watch);
        self.decoder.skip_unreferenced(false);
        self.kept_back.clear();
        self.kept_bytes = 0;
        self.key = time;
        self.next_key = time.saturating_add(self.budget.key_spacing());
        self.mode = Mode::Stretch(self.budget.stretch(self.looked.frames));
    }

    fn keep_back(
        &mut self,
        packet: &Packet,
        facts: &PacketFacts,
        time: i64,
        watch: &mut dyn Watch,
    ) {
        // A key frame that came too early to be looked at is as good a start as the one before.
        if facts.key {
            self.drain(watch);
            self.kept_back.clear();
            self.kept_bytes = 0;
            self.key = time;
        }
        self.kept_bytes += facts.bytes;
        self.kept_back.push_back(packet.clone());
        if time - self.key < LONG_GOP && self.kept_bytes < MOST_KEPT_BACK {
            return;
        }
        self.mode = Mode::Long;
        self.next_long = self.key.saturating_add(LONG_STEP);
        self.decoder.skip_unreferenced(true);
        self.kept_bytes = 0;
        while let Some(packet) = self.kept_back.pop_front() {
            self.decode(&packet, watch);
        }
    }

    fn decode(&mut self, packet: &Packet, watch: &mut dyn Watch) {
        if self.decoder.send(packet).is_err() {
            self.looked.damaged += 1;
        }
        self.take(false, watch);
    }

    fn drain(&mut self, watch: &mut dyn Watch) {
        if self.decoder.finish().is_ok() {
            self.take(true, watch);
        }
        self.decoder.flush();
        self.last = None;
    }

    fn take(&mut self, at_the_end: bool, watch: &mut dyn Watch) {
        let mut frame = Frame::empty();
        loop {
            match self.decoder.receive(&mut frame) {
                Ok(Decoded::Frame) => self.show(&frame, at_the_end, watch),
                Ok(_) => return,
                Err(_) => {
                    self.looked.damaged += 1;
                    return;
                }
            }
        }
    }

    fn show(&mut self, frame: &Frame, at_the_end: bool, watch: &mut dyn Watch) {
        self.looked.frames += 1;
        self.looked.damaged += u64::from(frame.is_damaged());
        let time = match frame.timestamp() {
            Some(ticks) => self
                .time_base
                .to_micros(ticks)
                .saturating_sub(self.origin)
                .max(0),
            None => self
                .last
                .map_or(0, |last| last.saturating_add(self.budget.frame_length())),
        };
        // What a decoder lets out in the middle of a film misses the frames whose packets it was not given.
        let gap = self.last.map(|last| time.saturating_sub(last));
        let complete = self.mode == Mode::Whole || !at_the_end;
        let consecutive =
            gap.is_some_and(|gap| complete || gap <= self.budget.frame_length() * 3 / 2);
        self.last = Some(time);
        if self.mode == Mode::Long {
            if time < self.next_long {
                return;
            }
            self.next_long = time.saturating_add(LONG_STEP);
        }
        watch.see(&Sample {
            time_ms: Millis(time.unsigned_abs() / 1000),
            frame,
            consecutive: consecutive && self.mode != Mode::Long,
        });
    }
}

/// How many frames may be decoded, and how they are spread.
#[derive(Debug, Clone, Copy)]
struct Budget {
    /// Length of the film in microseconds, as far as is known.
    length: i64,
    claimed: Option<i64>,
    bytes: u64,
    rate: f64,
    whole: u64,
    least: u64,
    fewest: u64,
    factor: u64,
    time: i64,
}

impl Budget {
    fn new(
        video: &StreamFacts,
        header: Option<i64>,
        has_sound: bool,
        (bytes, looks): (u64, Looks),
    ) -> Self {
        let pixels = (u64::from(video.width) * u64::from(video.height)).max(1);
        let factor = if has_sound { 1 } else { SILENT_FACTOR };
        let scaled =
            |frames: u64| (frames * factor * REFERENCE_PIXELS / pixels).max(SHORTEST_STRETCH);
        let rate = f64::from(video.claimed_rate.0) / f64::from(video.claimed_rate.1.max(1));
        let (whole, least, fewest) = match looks {
            Looks::Closely => (WHOLE_FILM, LEAST_FRAMES, LEAST_FRAMES),
            Looks::InPassing => (LEAST_IN_PASSING, LEAST_IN_PASSING, FEWEST_IN_PASSING),
        };
        Budget {
            length: header.unwrap_or(60_000_000),
            claimed: header,
            bytes,
            rate: if CLAIMED_RATES.contains(&rate) {
                rate
            } else {
                30.0
            },
            whole: scaled(whole),
            least: scaled(least),
            fewest: scaled(fewest),
            factor,
            time: 0,
        }
    }

    fn fits_the_whole_film(&self) -> bool {
        self.claimed.is_some() && self.frames_expected() <= self.whole
    }

    /// A header may claim any length: where the bytes read so far show otherwise, it is not believed.
    fn now(&mut self, time: i64, read: u64) {
        self.time = self.time.max(time);
        let by_bytes = i128::from(self.time) * i128::from(self.bytes) / i128::from(read.max(1));
        let believable = i64::try_from(by_bytes * 3)
            .unwrap_or(i64::MAX)
            .max(60_000_000);
        let claimed = self.claimed.unwrap_or(believable).min(believable);
        self.length = claimed.max(self.time / 10 * 11).max(1);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and is not negative"
    )]
    fn frames_expected(&self) -> u64 {
        (self.length as f64 / 1e6 * self.rate) as u64
    }

    fn key_spacing(&self) -> i64 {
        (self.length / MOST_KEY_FRAMES).max(KEY_SPACING)
    }

    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    fn frame_length(&self) -> i64 {
        (1e6 / self.rate) as i64
    }

    /// How many packets may be decoded from here, `spent` frames having been decoded: one where the budget is used up.
    fn stretch(&self, spent: u64) -> u64 {
        let expected = self.frames_expected() * self.factor;
        let least = (expected / SHARE_IN_PASSING).clamp(self.fewest, self.least);
        let all = least.max(expected / ONE_IN);
        let by_now =
            u64::try_from(i128::from(all) * i128::from(self.time.max(0)) / i128::from(self.length))
                .unwrap_or(u64::MAX);
        let left = by_now
            .saturating_add(SHORTEST_STRETCH * 2)
            .saturating_sub(spent);
        if left < SHORTEST_STRETCH {
            return 1;
        }
        let second = u64::try_from(STRETCH / self.frame_length().max(1)).unwrap_or(1);
        left.min(second.max(SHORTEST_STRETCH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::av::StreamKind;
    use crate::probe::Orientation;

    fn video(width: u32, height: u32, rate: i32) -> StreamFacts {
        StreamFacts {
            index: 0,
            id: 1,
            kind: StreamKind::Video,
            codec: "h264".into(),
            time_base: Timestamps { num: 1, den: 1000 },
            claimed_rate: (rate, 1),
            sar: None,
            orientation: Orientation::default(),
            default: true,
            forced: false,
            language: None,
            width,
            height,
        }
    }

    fn budget(size: (u32, u32), seconds: i64, has_sound: bool) -> Budget {
        Budget::new(
            &video(size.0, size.1, 30),
            Some(seconds * 1_000_000),
            has_sound,
            (1_000_000, Looks::Closely),
        )
    }

    /// Frames decoded of a film with a key frame every `gop` seconds.
    fn spent(mut budget: Budget, seconds: i64, gop: i64) -> (u64, u64) {
        let (mut spent, mut keys, mut next) = (0, 0, 0);
        for key in (0..seconds * 1_000_000).step_by(usize::try_from(gop).unwrap()) {
            budget.now(key, u64::try_from(key / seconds).unwrap());
            if key >= next {
                next = key + budget.key_spacing();
                keys += 1;
                spent += budget.stretch(spent);
            }
        }
        (spent, keys)
    }

    #[test]
    fn short_films_are_decoded_whole_and_large_or_long_ones_are_not() {
        let hd = (1920, 1080);
        assert!(budget(hd, 30, true).fits_the_whole_film());
        assert!(!budget(hd, 31, true).fits_the_whole_film());
        assert!(budget(hd, 90, false).fits_the_whole_film());
        assert!(!budget((3840, 2160), 30, true).fits_the_whole_film());
        assert!(budget((640, 360), 240, true).fits_the_whole_film());
    }

    #[test]
    fn in_passing_a_short_film_costs_less_and_a_long_one_the_same() {
        let seen = |seconds: i64, looks| {
            let video = video(1920, 1080, 30);
            Budget::new(&video, Some(seconds * 1_000_000), true, (1_000_000, looks))
        };
        assert!(seen(4, Looks::InPassing).fits_the_whole_film());
        assert!(!seen(5, Looks::InPassing).fits_the_whole_film());
        let gop = 2_000_000;
        let (in_passing, _) = spent(seen(40, Looks::InPassing), 40, gop);
        let (closely, _) = spent(seen(40, Looks::Closely), 40, gop);
        assert!(in_passing * 3 < closely * 2, "{in_passing} of {closely}");
        let (short, _) = spent(seen(10, Looks::InPassing), 10, 1_000_000);
        assert!((40..=80).contains(&short), "{short} of 300");
        let long = |looks| spent(seen(600, looks), 600, gop);
        assert_eq!(long(Looks::InPassing), long(Looks::Closely));
    }

    #[test]
    fn a_film_of_five_minutes_costs_a_thirtieth_of_its_frames_however_its_key_frames_lie() {
        for (gop, most_keys) in [(33_333, 151), (1_000_000, 151), (8_333_333, 37)] {
            let (spent, keys) = spent(budget((1920, 1080), 300, true), 300, gop);
            assert!((220..=420).contains(&spent), "{gop}: {spent} frames");
            assert!(keys <= most_keys, "{gop}: {keys} key frames");
        }
    }

    #[test]
    fn a_header_that_claims_ten_hours_does_not_thin_the_film_out() {
        let mut lied = budget((1920, 1080), 36_000, true);
        lied.now(10_000_000, 100_000);
        assert!(lied.key_spacing() <= 2_000_000, "{}", lied.key_spacing());
    }

    #[test]
    fn a_film_longer_than_its_header_is_thinned_as_it_goes_on() {
        let mut short = budget((1920, 1080), 10, true);
        short.now(600_000_000, 500_000);
        assert!(short.key_spacing() >= 4_000_000, "{}", short.key_spacing());
    }
}
