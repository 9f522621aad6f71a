//! What a film looks and sounds like, whatever it was scaled to or encoded with. In: pictures and sound of the film as they
//! are decoded. Out: a [`Signature`]: a few hundred [`Look`]s with their times, and a fingerprint of the sound. Never
//! compares: that is `dedup`'s.
//!
//! A look is the sign of the difference of neighbouring cells of a coarse grey picture (a double gradient), and which of
//! these differences are strong enough to mean something. Scaling, encoding, brightness and contrast leave the strong
//! signs as they are; on flat ground, where an encoder decides the sign, nothing is said.

use base64::Engine;
use rusty_chromaprint::{Configuration, Fingerprinter};
use serde::{Deserialize, Serialize};

use super::Orientation;
use super::sampler::{Sample, Watch};
use crate::av::Frame;
use crate::units::Millis;

/// Counts up when looks or sound are taken in another way: only equal versions can be compared.
pub const VERSION: u32 = 2;
/// Looks in one signature.
pub const MAX_LOOKS: usize = 600;
/// Views of one film.
pub const MAX_VIEWS: usize = 3;
/// Items of sound in one signature: some two hours.
pub const MAX_SOUND: usize = 60_000;
/// Between two items of sound, in milliseconds: 1365 samples at 11,025 Hz.
pub const SOUND_STEP_MS: f64 = 1365.0 * 1000.0 / 11_025.0;

/// Bits of a look: gradients along rows, then along columns.
pub const BITS: u32 = 256;
/// Cells of a row and of a column between which gradients are taken.
const ACROSS: usize = 16;
const DOWN: usize = 8;
/// Differences of grey below this are an encoder's doing.
const WEAK: f64 = 1.5;
/// A difference is strong from this part of the picture's mean difference.
const STRONG_PART: f64 = 0.25;
/// Strong bits below which a picture shows too little to be recognised by.
const FEWEST_STRONG: u32 = 24;

/// Columns and rows of the small pictures that are kept until the film's borders are known.
const SMALL: usize = 128;
/// Pictures closer than this are alike anyway.
const SPACING: Millis = Millis(240);
/// Grey values around a bar's or a margin's own that still belong to it.
const BORDER_NOISE: u8 = 12;
/// Bars are no brighter than this.
const DARK: u8 = 40;
/// A line belongs to a bar if so many of a hundred of its pixels have the bar's colour …
const BAR_PIXELS: usize = 95;
/// … and to a margin if so many have: something may hang into it …
const MARGIN_PIXELS: usize = 80;
/// … in so many of ten pictures that show anything.
const BORDER_PICTURES: usize = 5;
/// Bars or margins that leave less than a quarter of the width or height are none.
const LEAST_LEFT: usize = SMALL / 4;

/// One picture, reduced to what survives encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The signs of the differences between neighbouring cells.
    pub signs: [u64; 4],
    /// Which of them are strong.
    pub strong: [u64; 4],
}

impl Look {
    /// Enough is to be seen to recognise the picture.
    pub fn is_telling(&self) -> bool {
        count(self.strong) >= FEWEST_STRONG
    }

    /// How alike two pictures are: 1 for the same, about 0 for two that have nothing to do with each other.
    pub fn likeness(&self, other: &Look) -> f64 {
        let (mut common, mut either, mut differing) = (0, 0, 0);
        for i in 0..4 {
            let both = self.strong[i] & other.strong[i];
            common += both.count_ones();
            either += (self.strong[i] | other.strong[i]).count_ones();
            differing += (both & (self.signs[i] ^ other.signs[i])).count_ones();
        }
        (f64::from(common) - 2.0 * f64::from(differing)) / f64::from(either.max(1))
    }
}

fn count(bits: [u64; 4]) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

/// A film's looks and sound.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(into = "Packed", try_from = "Packed")]
pub struct Signature {
    /// [`VERSION`] of the program that took it.
    pub version: u32,
    /// Length of the film.
    pub duration_ms: Millis,
    /// When the pictures are shown, rising.
    pub times: Vec<Millis>,
    /// The pictures as a whole, and once more without bars and without margins where the film has any; each as long as
    /// `times`. What touches a bar says nothing in any of them.
    pub views: Vec<Vec<Look>>,
    /// Chromaprint items of the sound, one every [`SOUND_STEP_MS`]; empty where there is no sound.
    pub sound: Vec<u32>,
}

/// Takes a signature while a film is decoded.
pub struct SignatureTaker {
    pictures: Vec<(Millis, Vec<u8>)>,
    spacing: Millis,
    sound: Option<Sound>,
}

impl std::fmt::Debug for SignatureTaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignatureTaker")
            .field("pictures", &self.pictures.len())
            .finish_non_exhaustive()
    }
}

impl Default for SignatureTaker {
    fn default() -> Self {
        SignatureTaker {
            pictures: Vec::new(),
            spacing: SPACING,
            sound: None,
        }
    }
}

struct Sound {
    printer: Fingerprinter,
    rate: u32,
    scratch: Vec<i16>,
}

impl Sound {
    fn start(rate: u32) -> Option<Self> {
        let mut printer = Fingerprinter::new(&Configuration::preset_test2());
        printer.start(rate, 1).ok()?;
        Some(Sound {
            printer,
            rate,
            scratch: Vec::new(),
        })
    }

    // All channels together: stereo and its mono copy are the same sound.
    fn hear(&mut self, channels: &[Vec<f32>]) {
        let Some((first, others)) = channels.split_first() else {
            return;
        };
        let scale = f32::from(i16::MAX) / channels.len() as f32;
        self.scratch.clear();
        self.scratch.extend((0..first.len()).map(|at| {
            let others = others.iter().filter_map(|channel| channel.get(at));
            let sum = first[at] + others.sum::<f32>();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "saturates: too loud is clipped"
            )]
            let sample = (sum * scale) as i16;
            sample
        }));
        self.printer.consume(&self.scratch);
    }
}

impl Watch for SignatureTaker {
    fn see(&mut self, sample: &Sample<'_>) {
        let at = sample.time_ms;
        let too_close = |last: &(Millis, Vec<u8>)| at.0 < last.0.0 + self.spacing.0;
        if self.pictures.last().is_some_and(too_close) {
            return;
        }
        if let Some(small) = small(sample.frame) {
            self.pictures.push((at, small));
        }
        if self.pictures.len() > MAX_LOOKS {
            self.thin_out();
        }
    }
}

impl SignatureTaker {
    /// Every other picture of a film that gave too many.
    fn thin_out(&mut self) {
        let mut keep = false;
        self.pictures.retain(|_| {
            keep = !keep;
            keep
        });
        self.spacing = Millis(self.spacing.0 * 2);
    }

    /// Listens to the samples of each channel. A change of shape in the middle of a film ends the fingerprint.
    pub fn hear(&mut self, channels: &[Vec<f32>], rate: u32) {
        if self.sound.is_none() {
            self.sound = Sound::start(rate);
        }
        let Some(sound) = self.sound.as_mut().filter(|s| s.rate == rate) else {
            return;
        };
        sound.hear(channels);
    }

    /// The signature of a film of this length, turned as it is shown.
    pub fn finish(self, duration: Millis, turn: Orientation) -> Signature {
        let (times, small): (Vec<Millis>, Vec<Vec<u8>>) = self.pictures.into_iter().unzip();
        let small: Vec<Vec<u8>> = small.into_iter().map(|s| upright(s, turn)).collect();
        let sound = self.sound.map_or_else(Vec::new, |mut sound| {
            sound.printer.finish();
            let items = sound.printer.fingerprint();
            items[..items.len().min(MAX_SOUND)].to_vec()
        });
        taken(duration, times, &small, sound)
    }
}

/// The signature of upright pictures and of sound.
fn taken(duration: Millis, times: Vec<Millis>, small: &[Vec<u8>], sound: Vec<u32>) -> Signature {
    let inside = insides(small);
    // A film may have bars for a while only, behind a card that has none.
    let seen: Vec<Area> = small.iter().map(|s| without_bars(&[s])).collect();
    let looks = |area: Area| -> Vec<Look> {
        let pictures = small.iter().zip(&seen);
        pictures
            .map(|(s, seen)| look(s, area, seen.within(inside.bars)))
            .collect()
    };
    let mut areas = vec![Area::whole(), inside.bars, inside.margin];
    areas.dedup();
    let views = areas.into_iter().map(looks).collect();
    Signature {
        version: VERSION,
        duration_ms: duration,
        times,
        views,
        sound,
    }
}

/// A part of a small picture: columns and rows, ends excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Area {
    columns: (usize, usize),
    rows: (usize, usize),
}

impl Area {
    fn whole() -> Self {
        Area {
            columns: (0, SMALL),
            rows: (0, SMALL),
        }
    }

    fn within(self, other: Area) -> Self {
        let both = |a: (usize, usize), b: (usize, usize)| (a.0.max(b.0), a.1.min(b.1));
        Area {
            columns: both(self.columns, other.columns),
            rows: both(self.rows, other.rows),
        }
    }
}

/// The brightness of a picture in [`SMALL`] x [`SMALL`] cells; none where the pixel format has none.
fn small(frame: &Frame) -> Option<Vec<u8>> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut scratch = Vec::new();
    let mut small = Vec::with_capacity(SMALL * SMALL);
    for row in 0..SMALL {
        let mut sums = [0_u32; SMALL];
        let mut counts = [0_u32; SMALL];
        for y in spread(row, height) {
            let line = frame.brightness_row(u32::try_from(y).unwrap_or(0), &mut scratch);
            if line.len() < width || width == 0 {
                return None;
            }
            for (column, (sum, count)) in sums.iter_mut().zip(&mut counts).enumerate() {
                for x in spread(column, width) {
                    *sum += u32::from(line[x]);
                    *count += 1;
                }
            }
        }
        let cells = sums.iter().zip(counts);
        small.extend(cells.map(|(sum, n)| u8::try_from(sum / n.max(1)).unwrap_or(u8::MAX)));
    }
    Some(small)
}

/// A few places spread evenly over a cell of a line: more would not change its mean by much.
fn spread(cell: usize, size: usize) -> impl Iterator<Item = usize> {
    const MOST: usize = 6;
    let from = cell * size / SMALL;
    let to = ((cell + 1) * size / SMALL).max(from + 1).min(size);
    (from..to).step_by(to.saturating_sub(from).div_ceil(MOST).max(1))
}

fn upright(small: Vec<u8>, turn: Orientation) -> Vec<u8> {
    let last = SMALL - 1;
    // Where a pixel of the upright picture lies in the stored one.
    let from = |x: usize, y: usize| {
        let (x, y) = match turn.rotation {
            90 => (y, last - x),
            180 => (last - x, last - y),
            270 => (last - y, x),
            _ => (x, y),
        };
        if turn.mirrored { (last - x, y) } else { (x, y) }
    };
    if turn == Orientation::default() {
        return small;
    }
    let mut turned = Vec::with_capacity(small.len());
    for y in 0..SMALL {
        for x in 0..SMALL {
            let (x, y) = from(x, y);
            turned.push(small[y * SMALL + x]);
        }
    }
    turned
}

/// The look of a part of a picture. Gradients that touch anything outside of `seen` say nothing.
fn look(small: &[u8], area: Area, seen: Area) -> Look {
    let sums = Sums::of(small, area);
    let along_rows = sums.grid(ACROSS + 1, DOWN);
    let along_columns = sums.grid(ACROSS, DOWN + 1);
    let mut differences = Vec::with_capacity(BITS as usize);
    for row in along_rows.chunks(ACROSS + 1) {
        differences.extend(row.windows(2).map(|pair| pair[1] - pair[0]));
    }
    for (above, below) in along_columns.iter().zip(&along_columns[ACROSS..]) {
        differences.push(below - above);
    }
    let seen = gradients_within(area, seen);
    let sum: f64 = differences
        .iter()
        .zip(&seen)
        .filter(|(_, is)| **is)
        .map(|(d, _)| d.abs())
        .sum();
    let mean = sum / seen.iter().filter(|is| **is).count().max(1) as f64;
    let least = WEAK.max(STRONG_PART * mean);
    let mut look = Look {
        signs: [0; 4],
        strong: [0; 4],
    };
    for (at, difference) in differences.iter().enumerate() {
        look.signs[at / 64] |= u64::from(*difference > 0.0) << (at % 64);
        look.strong[at / 64] |= u64::from(seen[at] && difference.abs() >= least) << (at % 64);
    }
    look
}

/// Which gradients of an area lie, with both their cells, within what is seen.
fn gradients_within(area: Area, seen: Area) -> Vec<bool> {
    // The cells `from..from + over` of `count` on an axis.
    let within =
        |axis: (usize, usize), seen: (usize, usize), count: usize, from: usize, over: usize| {
            let cell = (axis.1 - axis.0) as f64 / count as f64;
            let (low, high) = (
                axis.0 as f64 + from as f64 * cell,
                axis.0 as f64 + (from + over) as f64 * cell,
            );
            low >= seen.0 as f64 && high <= seen.1 as f64
        };
    let (columns, rows) = ((area.columns, seen.columns), (area.rows, seen.rows));
    let mut all = Vec::with_capacity(BITS as usize);
    for row in 0..DOWN {
        all.extend((0..ACROSS).map(|at| {
            within(columns.0, columns.1, ACROSS + 1, at, 2) && within(rows.0, rows.1, DOWN, row, 1)
        }));
    }
    for row in 0..DOWN {
        all.extend((0..ACROSS).map(|at| {
            within(columns.0, columns.1, ACROSS, at, 1) && within(rows.0, rows.1, DOWN + 1, row, 2)
        }));
    }
    all
}

/// Sums of grey over everything left of and above a point, from which the mean of any rectangle follows.
struct Sums {
    columns: usize,
    rows: usize,
    corners: Vec<f64>,
}

impl Sums {
    fn of(small: &[u8], area: Area) -> Self {
        let (columns, rows) = (area.columns.1 - area.columns.0, area.rows.1 - area.rows.0);
        let mut sums = vec![0.0; (columns + 1) * (rows + 1)];
        for y in 0..rows {
            let mut row = 0.0;
            for x in 0..columns {
                row += f64::from(small[(y + area.rows.0) * SMALL + x + area.columns.0]);
                let at = (y + 1) * (columns + 1) + x + 1;
                sums[at] = sums[at - columns - 1] + row;
            }
        }
        Sums {
            columns,
            rows,
            corners: sums,
        }
    }

    /// The means of a grid of cells, whose borders may lie between pixels.
    fn grid(&self, across: usize, down: usize) -> Vec<f64> {
        let (width, height) = (
            self.columns as f64 / across as f64,
            self.rows as f64 / down as f64,
        );
        let mut cells = Vec::with_capacity(across * down);
        for row in 0..down {
            for column in 0..across {
                let (left, top) = (column as f64 * width, row as f64 * height);
                let (right, bottom) = (left + width, top + height);
                let sum = self.at(right, bottom) - self.at(left, bottom) - self.at(right, top)
                    + self.at(left, top);
                cells.push(sum / (width * height));
            }
        }
        cells
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "x and y lie between 0 and the number of columns and rows"
    )]
    fn at(&self, x: f64, y: f64) -> f64 {
        let (column, row) = (
            (x as usize).min(self.columns - 1),
            (y as usize).min(self.rows - 1),
        );
        let (dx, dy) = (x - column as f64, y - row as f64);
        let at = row * (self.columns + 1) + column;
        let below = at + self.columns + 1;
        let above = self.corners[at] * (1.0 - dx) + self.corners[at + 1] * dx;
        above * (1.0 - dy) + (self.corners[below] * (1.0 - dx) + self.corners[below + 1] * dx) * dy
    }
}

/// What a film shows without the black bars around it, and without what is of one colour around that: a slide's margin, a
/// studio's wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Insides {
    bars: Area,
    margin: Area,
}

fn insides(small: &[Vec<u8>]) -> Insides {
    let telling: Vec<&Vec<u8>> = small
        .iter()
        .filter(|s| look(s, Area::whole(), Area::whole()).is_telling())
        .collect();
    if telling.is_empty() {
        return Insides {
            bars: Area::whole(),
            margin: Area::whole(),
        };
    }
    let bars = without_bars(&telling);
    let margin = peeled(&telling, bars, &MARGIN);
    Insides { bars, margin }
}

fn without_bars(pictures: &[&Vec<u8>]) -> Area {
    let area = peeled(pictures, Area::whole(), &BAR);
    // A bar ends within a line, which mixes both: neither bar nor picture.
    let shrunk = |(from, to): (usize, usize)| {
        let first = from + usize::from(from > 0);
        (first, to - usize::from(to < SMALL))
    };
    Area {
        columns: shrunk(area.columns),
        rows: shrunk(area.rows),
    }
}

/// What makes a line at the edge a border.
struct Border {
    /// The brightest it may be.
    brightest: u8,
    /// So many of a hundred of its pixels have the border's colour.
    pixels: usize,
}

const BAR: Border = Border {
    brightest: DARK,
    pixels: BAR_PIXELS,
};
const MARGIN: Border = Border {
    brightest: u8::MAX,
    pixels: MARGIN_PIXELS,
};

/// An area without the lines at its edges that keep one colour nearly all over and nearly always.
fn peeled(pictures: &[&Vec<u8>], area: Area, border: &Border) -> Area {
    let row = |at: usize| -> Vec<Vec<u8>> {
        let (from, to) = area.columns;
        let line = |s: &&Vec<u8>| s[at * SMALL + from..at * SMALL + to].to_vec();
        pictures.iter().map(line).collect()
    };
    let column = |at: usize| -> Vec<Vec<u8>> {
        let (from, to) = area.rows;
        let line = |s: &&Vec<u8>| (from..to).map(|y| s[y * SMALL + at]).collect();
        pictures.iter().map(line).collect()
    };
    Area {
        columns: within_borders(area.columns, column, border),
        rows: within_borders(area.rows, row, border),
    }
}

fn within_borders(
    (from, to): (usize, usize),
    line: impl Fn(usize) -> Vec<Vec<u8>>,
    border: &Border,
) -> (usize, usize) {
    // A border has one colour up to the edge: a white page behind a black bar is another one.
    let run = |places: &mut dyn Iterator<Item = usize>| {
        let mut edge = None;
        let mut belongs = |at: &usize| {
            border
                .colour(&line(*at))
                .is_some_and(|colour| colour.abs_diff(*edge.get_or_insert(colour)) <= BORDER_NOISE)
        };
        places.take_while(|at| belongs(at)).count()
    };
    let (first, last) = (from + run(&mut (from..to)), to - run(&mut (from..to).rev()));
    if last >= first + LEAST_LEFT {
        (first, last)
    } else {
        (from, to)
    }
}

impl Border {
    /// The colour of a line in all pictures, if that is a border's.
    fn colour(&self, pictures: &[Vec<u8>]) -> Option<u8> {
        let colour = middle(pictures.iter().map(|line| middle(line.clone())).collect());
        let covered = |line: &&Vec<u8>| {
            let own = line
                .iter()
                .filter(|p| p.abs_diff(colour) <= BORDER_NOISE)
                .count();
            own * 100 >= line.len() * self.pixels
        };
        let of = pictures.iter().filter(covered).count();
        (colour <= self.brightest && of * 10 >= pictures.len() * BORDER_PICTURES).then_some(colour)
    }
}

fn middle(mut values: Vec<u8>) -> u8 {
    let at = values.len() / 2;
    if values.is_empty() {
        return 0;
    }
    *values.select_nth_unstable(at).1
}

/// A signature as it is written: numbers as base64 of little-endian bytes, a tenth of what JSON would make of them.
#[derive(Serialize, Deserialize)]
struct Packed {
    version: u32,
    duration_ms: Millis,
    times: String,
    views: Vec<String>,
    sound: String,
}

/// A signature that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// A text that is no base64.
    #[error("a signature's numbers are not base64")]
    Base64(#[from] base64::DecodeError),
    /// Numbers that do not belong together.
    #[error(
        "a signature has {actual} bytes of {what}, which is no multiple of {of} or beyond {limit}"
    )]
    Length {
        /// Of what.
        what: &'static str,
        /// Bytes there.
        actual: usize,
        /// Bytes of one.
        of: usize,
        /// Most bytes.
        limit: usize,
    },
    /// Pictures without times, or the other way round.
    #[error("a signature has {views} views, not each with {times} pictures")]
    Views {
        /// Views there.
        views: usize,
        /// Pictures that each should have.
        times: usize,
    },
}

const LOOK_BYTES: usize = 64;

impl From<Signature> for Packed {
    fn from(signature: Signature) -> Self {
        let engine = base64::engine::general_purpose::STANDARD;
        let times: Vec<u8> = signature
            .times
            .iter()
            .flat_map(|t| u32::try_from(t.0).unwrap_or(u32::MAX).to_le_bytes())
            .collect();
        let view = |looks: &Vec<Look>| {
            let words = looks
                .iter()
                .flat_map(|l| l.signs.into_iter().chain(l.strong));
            engine.encode(words.flat_map(u64::to_le_bytes).collect::<Vec<u8>>())
        };
        let sound: Vec<u8> = signature
            .sound
            .iter()
            .flat_map(|i| i.to_le_bytes())
            .collect();
        Packed {
            version: signature.version,
            duration_ms: signature.duration_ms,
            times: engine.encode(times),
            views: signature.views.iter().map(view).collect(),
            sound: engine.encode(sound),
        }
    }
}

impl TryFrom<Packed> for Signature {
    type Error = SignatureError;

    fn try_from(packed: Packed) -> Result<Self, SignatureError> {
        let words = |text: &str, what, of: usize, most: usize| {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text)?;
            if bytes.len() % of != 0 || bytes.len() > most * of {
                return Err(SignatureError::Length {
                    what,
                    actual: bytes.len(),
                    of,
                    limit: most * of,
                });
            }
            Ok(bytes)
        };
        let times: Vec<Millis> = words(&packed.times, "times", 4, MAX_LOOKS)?
            .chunks_exact(4)
            .map(|b| Millis(u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))))
            .collect();
        let views = packed
            .views
            .iter()
            .take(MAX_VIEWS)
            .map(|text| {
                Ok(words(text, "looks", LOOK_BYTES, MAX_LOOKS)?
                    .chunks_exact(LOOK_BYTES)
                    .map(unpacked)
                    .collect())
            })
            .collect::<Result<Vec<Vec<Look>>, SignatureError>>()?;
        if packed.views.len() > MAX_VIEWS || views.iter().any(|view| view.len() != times.len()) {
            return Err(SignatureError::Views {
                views: packed.views.len(),
                times: times.len(),
            });
        }
        let sound = words(&packed.sound, "sound", 4, MAX_SOUND)?
            .chunks_exact(4)
            .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        Ok(Signature {
            version: packed.version,
            duration_ms: packed.duration_ms,
            times,
            views,
            sound,
        })
    }
}

fn unpacked(bytes: &[u8]) -> Look {
    let mut words = bytes
        .chunks_exact(8)
        .map(|b| u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]));
    let mut four = || std::array::from_fn(|_| words.next().unwrap_or(0));
    Look {
        signs: four(),
        strong: four(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture that shows blobs of 16 x 16 pixels, `contrast` grey values around 200; each number shows others.
    fn pale(number: u64, contrast: u64) -> Vec<u8> {
        let blob = |x: usize, y: usize| {
            let mut bits = (number * 64 + (y / 16 * 8 + x / 16) as u64 + 1)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            bits = (bits ^ bits >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            200 + (bits >> 40) % (2 * contrast + 1) - contrast
        };
        let places = (0..SMALL * SMALL).map(|at| blob(at % SMALL, at / SMALL));
        places.map(|grey| u8::try_from(grey).unwrap()).collect()
    }

    /// What pads do: the picture scaled to so many rows, black above and below.
    fn letterboxed(picture: &[u8], rows: usize) -> Vec<u8> {
        let above = (SMALL - rows) / 2;
        let mut boxed = vec![16; SMALL * SMALL];
        for y in 0..rows {
            let from = y * SMALL / rows * SMALL;
            boxed[(above + y) * SMALL..][..SMALL].copy_from_slice(&picture[from..from + SMALL]);
        }
        // The bars end within a line.
        for edge in [above, above + rows - 1] {
            boxed[edge * SMALL..][..SMALL]
                .iter_mut()
                .for_each(|grey| *grey = *grey / 2 + 8);
        }
        boxed
    }

    fn signature(pictures: &[Vec<u8>]) -> Signature {
        let times = (0..pictures.len() as u64)
            .map(|at| Millis(at * 250))
            .collect();
        taken(Millis(10_000), times, pictures, vec![])
    }

    /// The likeness of the first pictures, in those views in which they are most alike.
    fn likeness(one: &Signature, other: &Signature) -> f64 {
        let pairs = one
            .views
            .iter()
            .flat_map(|a| other.views.iter().map(move |b| a[0].likeness(&b[0])));
        pairs.reduce(f64::max).unwrap()
    }

    #[test]
    fn bars_make_no_two_pale_pictures_alike() {
        let boxed = |number| signature(&[letterboxed(&pale(number, 6), 95)]);
        let alike = likeness(&boxed(1), &boxed(2));
        assert!(alike < 0.3, "{alike}");
    }

    #[test]
    fn bars_behind_a_card_without_bars_make_no_two_pictures_alike() {
        let behind_a_card = |number| {
            signature(
                &[
                    vec![letterboxed(&pale(number, 6), 95); 5],
                    vec![pale(9, 50); 5],
                ]
                .concat(),
            )
        };
        let alike = likeness(&behind_a_card(1), &behind_a_card(2));
        assert!(alike < 0.3, "{alike}");
    }

    #[test]
    fn a_picture_behind_bars_is_like_itself_without() {
        let alike = likeness(
            &signature(&[pale(1, 6)]),
            &signature(&[letterboxed(&pale(1, 6), 95)]),
        );
        assert!(alike > 0.8, "{alike}");
    }

    #[test]
    fn a_white_page_behind_bars_shows_nothing() {
        let white = signature(&[letterboxed(&vec![235; SMALL * SMALL], 95)]);
        let telling = white
            .views
            .iter()
            .flatten()
            .filter(|look| look.is_telling());
        assert_eq!(telling.count(), 0);
    }

    #[test]
    fn a_picture_in_a_grey_studio_is_like_itself_behind_bars() {
        let mut studio = vec![64; SMALL * SMALL];
        for y in 40..100 {
            studio[y * SMALL + 30..y * SMALL + 90]
                .copy_from_slice(&pale(3, 50)[y * SMALL + 30..y * SMALL + 90]);
        }
        let alike = likeness(
            &signature(&[studio.clone()]),
            &signature(&[letterboxed(&studio, 95)]),
        );
        assert!(alike > 0.6, "{alike}");
    }

    #[test]
    fn a_picture_that_reaches_the_edges_has_one_view() {
        assert_eq!(signature(&[pale(1, 50)]).views.len(), 1);
    }

    #[test]
    fn what_is_written_is_read_again_and_more_views_than_are_taken_are_refused() {
        let mut taken = signature(&[letterboxed(&pale(1, 50), 95)]);
        assert_eq!(taken.views.len(), 2);
        let written = serde_json::to_string(&taken).unwrap();
        assert_eq!(serde_json::from_str::<Signature>(&written).unwrap(), taken);
        taken
            .views
            .extend([taken.views[0].clone(), taken.views[0].clone()]);
        let written = serde_json::to_string(&taken).unwrap();
        let refused = serde_json::from_str::<Signature>(&written)
            .unwrap_err()
            .to_string();
        assert_eq!(refused, "a signature has 4 views, not each with 1 pictures");
    }
}
