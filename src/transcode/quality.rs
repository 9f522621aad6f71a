//! A rate factor of a film's own, where the ladder names a quality instead of one for all: pieces of the film are encoded as the
//! best rung would be and compared with what went in, until the largest factor is found that still reaches the target. In: the
//! open upload, a recipe. Out: the factor, and what it was measured to give. Writes nothing, and holds the frames that an encoder
//! delays, never a piece.

use std::collections::VecDeque;
use std::fs::File;

use super::ladder::{HallPicture, Recipe};
use super::make::{self, MakeError, MakeOrder, Note, NoteKind};
use super::reader::{Pictures, Streams};
use crate::av::{
    Comparison, Decoded, Decoder, Demuxed, EncodedPacket, Encoder, Frame, Input, Measure, Packet,
    PacketFacts,
};
use crate::preset::{QualityTarget, Rung};
use crate::report::model::QualityReport;
use crate::text::Text;
use crate::units::Millis;

/// One piece for so much of a film.
const FILM_PER_PIECE: Millis = Millis(30_000);
/// Fewer say too little of a film.
const FEWEST_PIECES: u64 = 3;
/// More cost time and say hardly more.
const MOST_PIECES: u64 = 8;
/// Rate factors are tried in steps of this.
const STEP: f32 = 0.5;
/// The search ends after so many at the latest.
const MOST_TRIES: u64 = 6;
/// So much above the target, on the measure's scale, is as good as on it.
const CLOSE: f64 = 0.3;
/// What one rate factor more takes off, on the measure's scale, as long as it is not known of this film.
const USUAL_SLOPE: f64 = 1.2;
/// The first guess goes no further than this.
const LONGEST_STRIDE: f32 = 6.0;

/// What the search found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// For the report.
    pub(super) report: QualityReport,
    /// By how much all rate factors of the recipe move.
    moved: f32,
}

impl Found {
    /// The recipe with its rate factors moved: those of all pictures by as much as the one that was searched for.
    pub(super) fn applied(&self, recipe: &Recipe, target: &QualityTarget) -> Recipe {
        let mut recipe = recipe.clone();
        let moved =
            |crf: f32| (crf + self.moved).clamp(target.crf_min.min(crf), target.crf_max.max(crf));
        for rung in &mut recipe.rungs {
            rung.crf = moved(rung.crf);
        }
        if let HallPicture::Own(own) = &mut recipe.hall {
            own.rung.crf = moved(own.rung.crf);
        }
        recipe
    }

    /// That the target was not reached.
    pub(super) fn note(&self) -> Option<Note> {
        let QualityReport {
            measure,
            target,
            reached,
            crf,
            ..
        } = &self.report;
        let score = measure.written(*reached);
        let text = Text::new(
            format!("画质没有达到目标：{score}，目标 {target}，CRF 已经用到最小的 {crf}"),
            format!(
                "the picture misses its target: {score} where {target} is wanted, at the smallest rate factor, {crf}"
            ),
        );
        let kind = NoteKind::QualityMissed;
        (reached < target).then_some(Note { kind, text })
    }
}

/// The rate factor for a film; none where no picture of it is encoded, or no piece of it could be decoded. `tick` is told how many
/// thousandths are done, at most.
pub(super) fn search(
    upload: &File,
    order: &MakeOrder,
    target: &QualityTarget,
    tick: &dyn Fn(u64),
) -> Result<Option<Found>, MakeError> {
    let recipe = &order.recipe;
    // A copied rung is as good as it is.
    let index = usize::from(recipe.copy.is_some());
    let Some(rung) = recipe.rungs.get(index) else {
        return Ok(None);
    };
    let measure = Measure::best();
    let wanted = match measure {
        Measure::Vmaf => target.vmaf,
        Measure::Ssim => target.ssim,
    };
    let places = places(upload, recipe)?;
    let ticks = MOST_TRIES * places.len().max(1) as u64;
    let mut done = 0;
    let mut tried = |crf: f32| {
        let rung = Rung {
            crf,
            ..rung.clone()
        };
        let trial = Trial {
            order,
            index,
            rung: &rung,
            measure,
        };
        let scores = trial.run(upload, &places, &mut || {
            done += 1;
            tick(done * 1000 / ticks);
        })?;
        Ok((!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64))
    };
    let scale = Scale { measure, wanted };
    let found = scale.largest(rung.crf, (target.crf_min, target.crf_max), &mut tried)?;
    let Some((crf, reached)) = found else {
        return Ok(None);
    };
    Ok(Some(Found {
        moved: crf - rung.crf,
        report: QualityReport {
            measure,
            target: wanted,
            reached,
            rung: rung.name.clone(),
            crf,
            pieces: u32::try_from(places.len()).unwrap_or(u32::MAX),
        },
    }))
}

/// A measure on a scale on which a step of the rate factor is about as long everywhere.
struct Scale {
    measure: Measure,
    wanted: f64,
}

impl Scale {
    /// VMAF as it is; SSIM in quarters of a decibel: of them, too, a step of the rate factor takes a little more than one.
    fn of(&self, score: f64) -> f64 {
        match self.measure {
            Measure::Vmaf => score,
            Measure::Ssim => -10.0 * (1.0 - score).max(1e-6).log10() * 4.0,
        }
    }

    /// The largest rate factor in the range that reaches the target, and what it reached; where none does, the smallest. None where
    /// there is no score.
    fn largest(
        &self,
        first: f32,
        (least, most): (f32, f32),
        score_of: &mut dyn FnMut(f32) -> Result<Option<f64>, MakeError>,
    ) -> Result<Option<(f32, f64)>, MakeError> {
        let (mut good, mut bad): (Option<Try>, Option<Try>) = (None, None);
        let mut crf = on_step(first).clamp(least, most);
        for left in (0..MOST_TRIES).rev() {
            let Some(score) = score_of(crf)? else {
                return Ok(None);
            };
            let over = self.of(score) - self.of(self.wanted);
            let here = Try { crf, score, over };
            *(if over >= 0.0 { &mut good } else { &mut bad }) = Some(here);
            let is_done = if over >= 0.0 {
                over <= CLOSE || crf >= most
            } else {
                crf <= least
            };
            crf = match (good, bad) {
                _ if is_done => break,
                (Some(good), Some(bad)) if bad.crf - good.crf <= STEP => break,
                (Some(good), Some(bad)) => good.towards(&bad),
                // The last try is kept for the smallest, while nothing is good enough.
                (None, _) if left == 1 => least,
                _ => here.further().clamp(least, most),
            };
        }
        Ok(good.or(bad).map(|found| (found.crf, found.score)))
    }
}

/// What a rate factor gave.
#[derive(Debug, Clone, Copy)]
struct Try {
    crf: f32,
    score: f64,
    /// How far above the target, on the [`Scale`]; below it where negative.
    over: f64,
}

impl Try {
    /// Where a straight line between a good one and a bad one meets the target, but at least a step from both.
    fn towards(&self, bad: &Try) -> f32 {
        let share = self.over / (self.over - bad.over);
        let between = on_step(self.crf + (bad.crf - self.crf) * narrow(share));
        between.max(self.crf + STEP).min(bad.crf - STEP)
    }

    /// Where the target would be for a usual film: at least a step, at most a stride away.
    fn further(&self) -> f32 {
        let stride = narrow(self.over / USUAL_SLOPE);
        let there = on_step(self.crf + stride.clamp(-LONGEST_STRIDE, LONGEST_STRIDE));
        if self.over >= 0.0 {
            there.max(self.crf + STEP)
        } else {
            there.min(self.crf - STEP)
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rate factors have three digits"
)]
fn narrow(number: f64) -> f32 {
    number as f32
}

fn on_step(crf: f32) -> f32 {
    (crf / STEP).floor() * STEP
}

/// Where a piece of the film is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// The packet of the picture from which it can be decoded, counted from 0 in the order of the file.
    key: u64,
    /// When it begins, in microseconds from the film's start.
    from: i64,
}

/// Places that stand for the whole film, in the order of the file: one in the middle of each of as many equal parts.
fn places(upload: &File, recipe: &Recipe) -> Result<Vec<Place>, MakeError> {
    let (mut input, streams) = opened(upload, recipe)?;
    let origin = input.start_time();
    let mut keys = Vec::new();
    let mut packet = Packet::empty();
    let mut count = 0;
    // Where the file breaks off is told by those who make the film.
    while matches!(input.read(&mut packet), Demuxed::Packet) {
        let facts = PacketFacts::of(&packet);
        if facts.stream != streams.video.index {
            continue;
        }
        if let Some(ticks) = facts.timestamp().filter(|_| facts.key) {
            let micros = streams.video.time_base.to_micros(ticks);
            keys.push((micros.saturating_sub(origin), count));
        }
        count += 1;
    }
    let film = recipe.duration();
    let piece = recipe.frame_rate.start_of(u64::from(recipe.gop_frames));
    Ok(spread(&keys, film, piece))
}

/// The same from the key frames' times in microseconds and their numbers.
fn spread(keys: &[(i64, u64)], film: Millis, piece: Millis) -> Vec<Place> {
    let wanted = (film.0 / FILM_PER_PIECE.0).clamp(FEWEST_PIECES, MOST_PIECES);
    let room = (film.0 / piece.0.max(1)).max(1);
    let pieces = wanted.min(room);
    let places = (0..pieces).map(|index| {
        let middle = film.0 * (2 * index + 1) / (2 * pieces);
        let from = i64::try_from(middle.saturating_sub(piece.0 / 2)).unwrap_or(0) * 1000;
        let before = keys.iter().filter(|(micros, _)| *micros <= from);
        let key = before.max().map_or(0, |(_, count)| *count);
        Place { key, from }
    });
    places.collect()
}

fn opened(upload: &File, recipe: &Recipe) -> Result<(Input, Streams), MakeError> {
    let mut input = Input::open(make::rewound(upload)?)?;
    let streams = Streams::pick(&input.streams(), recipe)?;
    input.keep_only(&[streams.video.index]);
    Ok((input, streams))
}

/// One rate factor on all pieces.
struct Trial<'a> {
    order: &'a MakeOrder,
    /// Which of the rungs.
    index: usize,
    rung: &'a Rung,
    measure: Measure,
}

impl Trial<'_> {
    /// A number for each frame of all pieces; `tick` is called behind each piece.
    fn run(
        &self,
        upload: &File,
        places: &[Place],
        tick: &mut dyn FnMut(),
    ) -> Result<Vec<f64>, MakeError> {
        // This one picture, and those that it is made from.
        let whole = &self.order.recipe;
        let recipe = Recipe {
            rungs: whole.rungs[..=self.index].to_vec(),
            hall: HallPicture::SameAsTop,
            ..whole.clone()
        };
        let (mut input, streams) = opened(upload, &recipe)?;
        let mut decoder = Decoder::open(&input, streams.video.index, self.order.threads)?;
        let mut walk = Walk {
            trial: self,
            recipe: &recipe,
            streams: &streams,
            origin: input.start_time(),
            places,
            piece: None,
            scores: Vec::new(),
            tick,
        };
        let (mut packet, mut count, mut is_decoding) = (Packet::empty(), 0, false);
        while !walk.places.is_empty() && matches!(input.read(&mut packet), Demuxed::Packet) {
            if PacketFacts::of(&packet).stream != streams.video.index {
                continue;
            }
            let is_wanted = walk.places.first().is_some_and(|place| place.key <= count);
            count += 1;
            if !is_wanted {
                is_decoding = false;
                continue;
            }
            if !std::mem::replace(&mut is_decoding, true) {
                decoder.flush();
            }
            // What is damaged is judged by those who make the film.
            let _ = decoder.send(&packet);
            walk.drain(&mut decoder)?;
        }
        if is_decoding && !walk.places.is_empty() {
            decoder.finish()?;
            walk.drain(&mut decoder)?;
            walk.finish_piece()?;
        }
        Ok(walk.scores)
    }
}

/// A way through the upload from piece to piece.
struct Walk<'a, 'b> {
    trial: &'a Trial<'a>,
    recipe: &'a Recipe,
    streams: &'a Streams,
    origin: i64,
    /// Those that are not finished.
    places: &'a [Place],
    piece: Option<(Pictures, Piece)>,
    scores: Vec<f64>,
    tick: &'b mut dyn FnMut(),
}

impl Walk<'_, '_> {
    fn drain(&mut self, decoder: &mut Decoder) -> Result<(), MakeError> {
        let mut frame = Frame::empty();
        while decoder.receive(&mut frame) == Ok(Decoded::Frame) {
            let (Some(place), Some(ticks)) = (self.places.first(), frame.timestamp()) else {
                continue;
            };
            let micros = self.streams.video.time_base.to_micros(ticks);
            if micros.saturating_sub(self.origin) < place.from || frame.is_damaged() {
                continue;
            }
            frame.set_pts(ticks);
            self.show(&frame)?;
        }
        Ok(())
    }

    /// A frame of the piece as it came out of the decoder.
    fn show(&mut self, frame: &Frame) -> Result<(), MakeError> {
        if self
            .piece
            .as_ref()
            .is_some_and(|(pictures, _)| !pictures.takes(frame))
        {
            // A film that changes its size in mid-piece: it goes on behind it.
            return self.finish_piece();
        }
        let (pictures, piece) = match &mut self.piece {
            Some(piece) => piece,
            none => none.insert((
                Pictures::new(self.recipe, frame, &self.streams.video)?,
                Piece::new(self.trial)?,
            )),
        };
        pictures.push(frame)?;
        piece.take(pictures)?;
        if piece.is_full() {
            self.finish_piece()?;
        }
        Ok(())
    }

    fn finish_piece(&mut self) -> Result<(), MakeError> {
        if let Some((mut pictures, mut piece)) = self.piece.take() {
            pictures.finish()?;
            piece.take(&mut pictures)?;
            self.scores.extend(piece.finish()?);
        }
        self.places = self.places.get(1..).unwrap_or_default();
        (self.tick)();
        Ok(())
    }
}

/// A piece that is encoded, decoded and compared at once.
struct Piece {
    encoder: Encoder,
    /// Parameter sets, which decoders want before the first picture.
    headers: Vec<u8>,
    decoder: Decoder,
    index: usize,
    measure: Measure,
    comparison: Option<Comparison>,
    /// What went in and did not come out yet.
    waiting: VecDeque<Frame>,
    frames: u32,
    length: u32,
}

impl Piece {
    fn new(trial: &Trial<'_>) -> Result<Self, MakeError> {
        let length = trial.order.recipe.gop_frames.max(1);
        let encoder = Encoder::h264(&make::video_settings(trial.order, trial.rung, length))?;
        Ok(Piece {
            headers: encoder.headers(),
            encoder,
            decoder: Decoder::h264()?,
            index: trial.index,
            measure: trial.measure,
            comparison: None,
            waiting: VecDeque::new(),
            frames: 0,
            length,
        })
    }

    fn is_full(&self) -> bool {
        self.frames >= self.length
    }

    /// All frames that are ready, as long as there is room.
    fn take(&mut self, pictures: &mut Pictures) -> Result<(), MakeError> {
        let mut frame = Frame::empty();
        // What it is made from must not pile up.
        for larger in 0..self.index {
            while pictures.pull(larger, &mut frame)? {}
        }
        while pictures.pull(self.index, &mut frame)? {
            if self.is_full() {
                continue;
            }
            frame.set_pts(i64::from(self.frames));
            self.frames += 1;
            self.encoder.send(&frame)?;
            self.waiting
                .push_back(std::mem::replace(&mut frame, Frame::empty()));
            self.compare()?;
        }
        Ok(())
    }

    fn compare(&mut self) -> Result<(), MakeError> {
        while let Some(unit) = self.encoder.receive()? {
            self.decoder.send(&packet(&self.headers, &unit))?;
            self.compare_decoded()?;
        }
        Ok(())
    }

    fn compare_decoded(&mut self) -> Result<(), MakeError> {
        let mut made = Frame::empty();
        while self.decoder.receive(&mut made)? == Decoded::Frame {
            // Pictures come out in the order in which they are shown, which is the order in which they went in.
            let Some(original) = self.waiting.pop_front() else {
                return Err(MakeError::Mismatch(
                    "an encoder gave more pictures than it got".into(),
                ));
            };
            let comparison = match &mut self.comparison {
                Some(comparison) => comparison,
                none => none.insert(Comparison::new(self.measure, &made, &original)?),
            };
            comparison.add(&made, &original)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<f64>, MakeError> {
        self.encoder.finish()?;
        self.compare()?;
        self.decoder.finish()?;
        self.compare_decoded()?;
        if !self.waiting.is_empty() {
            let lost = self.waiting.len();
            return Err(MakeError::Mismatch(format!(
                "an encoder lost {lost} pictures of a piece"
            )));
        }
        Ok(self
            .comparison
            .map(Comparison::finish)
            .transpose()?
            .unwrap_or_default())
    }
}

fn packet(headers: &[u8], unit: &EncodedPacket) -> Packet {
    if unit.key {
        Packet::copy(&[headers, &unit.data].concat())
    } else {
        Packet::copy(&unit.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The search on a film whose quality falls along this line, and the rate factors that were tried.
    fn search_on(
        measure: Measure,
        wanted: f64,
        score: impl Fn(f32) -> f64,
    ) -> ((f32, f64), Vec<f32>) {
        let mut tried = Vec::new();
        let found = Scale { measure, wanted }
            .largest(24.0, (16.0, 32.0), &mut |crf| {
                tried.push(crf);
                Ok(Some(score(crf)))
            })
            .unwrap()
            .unwrap();
        (found, tried)
    }

    #[test]
    fn the_largest_rate_factor_that_reaches_the_target_is_found_in_a_few_tries() {
        for shift in [-7.0, -3.2, -0.4, 0.0, 0.3, 2.8, 7.5] {
            // Steeper the further it is from the best, as VMAF is.
            let score = |crf: f32| {
                let crf = f64::from(crf) - shift;
                99.0 - (crf - 14.0).max(0.0).powi(2) * 0.06
            };
            let ((crf, reached), tried) = search_on(Measure::Vmaf, 93.0, score);
            assert!(reached >= 93.0, "{shift}: {crf} {reached}");
            let next = score(crf + STEP);
            assert!(next < 93.0 || reached <= 93.3, "{shift}: {tried:?}");
            assert!(tried.len() <= 6, "{tried:?}");
        }
        let ssim = |crf: f32| 1.0 - 0.03 * 10f64.powf((f64::from(crf) - 26.2) * 0.03);
        let ((crf, reached), tried) = search_on(Measure::Ssim, 0.97, ssim);
        assert!((25.5..=26.0).contains(&crf), "{tried:?}");
        assert!(reached >= 0.97 && tried.len() <= 5, "{tried:?}");
    }

    #[test]
    fn the_range_holds_however_easy_or_hard_a_film_is() {
        let (easy, _) = search_on(Measure::Vmaf, 93.0, |_| 99.5);
        assert_eq!(easy, (32.0, 99.5));
        let ((crf, reached), tried) = search_on(Measure::Vmaf, 93.0, |crf| 70.0 - f64::from(crf));
        assert_eq!((crf, reached), (16.0, 54.0));
        assert!(tried.len() <= 3, "{tried:?}");
        let nothing = Scale {
            measure: Measure::Vmaf,
            wanted: 93.0,
        };
        let found = nothing.largest(24.0, (16.0, 32.0), &mut |_| Ok(None));
        assert_eq!(found.unwrap(), None, "no piece could be decoded");
        // One that hardly changes still ends at the smallest.
        let ((crf, _), tried) = search_on(Measure::Vmaf, 93.0, |_| 92.9);
        assert_eq!((crf, tried.len()), (16.0, 6), "{tried:?}");
    }

    #[test]
    fn pieces_stand_for_the_whole_film_and_begin_behind_a_key_frame() {
        let keys: Vec<_> = (0..150_u64)
            .map(|n| (i64::try_from(n).unwrap() * 2_000_000, n * 50))
            .collect();
        let five_minutes = spread(&keys, Millis(300_000), Millis(2000));
        assert_eq!(five_minutes.len(), 8);
        assert_eq!(
            five_minutes[0],
            Place {
                key: 8 * 50,
                from: 17_750_000
            }
        );
        assert_eq!(
            five_minutes[7],
            Place {
                key: 140 * 50,
                from: 280_250_000
            }
        );
        // Three at least where there is room for them, and one of a film that is shorter than a piece.
        assert_eq!(spread(&keys, Millis(7000), Millis(2000)).len(), 3);
        assert_eq!(
            spread(&keys, Millis(700), Millis(2000)),
            [Place { key: 0, from: 0 }]
        );
        // Where no packet says that it is a key frame, from the first.
        assert_eq!(spread(&[], Millis(9000), Millis(2000))[2].key, 0);
    }
}
