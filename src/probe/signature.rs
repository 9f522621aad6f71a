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
pub const VERSION: u32 = 1;
/// Looks in one signature.
pub const MAX_LOOKS: usize = 600;
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
/// Grey values around a border's own that still belong to it.
const BORDER_NOISE: u8 = 12;
/// A line is a border if so many of ten of its pixels have the border's colour …
const BORDER_PIXELS: usize = 8;
/// … in so many of ten pictures that show anything.
const BORDER_PICTURES: usize = 7;
/// Borders that leave less than a quarter of the width or height are none.
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
    /// The pictures as a whole, and once more without borders where the film has borders; each as long as `times`.
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
        let whole = Area::whole();
        let looks = |area: Area| small.iter().map(|s| look(s, area)).collect::<Vec<Look>>();
        let inside = inside_borders(&small);
        let views = std::iter::once(looks(whole))
            .chain((inside != whole).then(|| looks(inside)))
            .collect();
        let sound = self.sound.map_or_else(Vec::new, |mut sound| {
            sound.printer.finish();
            let items = sound.printer.fingerprint();
            items[..items.len().min(MAX_SOUND)].to_vec()
        });
        Signature {
            version: VERSION,
            duration_ms: duration,
            times,
            views,
            sound,
        }
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

fn look(small: &[u8], area: Area) -> Look {
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
    let mean = differences.iter().map(|d| d.abs()).sum::<f64>() / differences.len() as f64;
    let least = WEAK.max(STRONG_PART * mean);
    let mut look = Look {
        signs: [0; 4],
        strong: [0; 4],
    };
    for (at, difference) in differences.iter().enumerate() {
        look.signs[at / 64] |= u64::from(*difference > 0.0) << (at % 64);
        look.strong[at / 64] |= u64::from(difference.abs() >= least) << (at % 64);
    }
    look
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

/// What a film shows without the bars around it: lines at the edges that keep one colour nearly all over and nearly always.
fn inside_borders(small: &[Vec<u8>]) -> Area {
    let telling: Vec<&Vec<u8>> = small
        .iter()
        .filter(|s| look(s, Area::whole()).is_telling())
        .collect();
    let line = |at: usize, along_row: bool| -> Vec<Vec<u8>> {
        let pixel = |s: &Vec<u8>, i: usize| {
            if along_row {
                s[at * SMALL + i]
            } else {
                s[i * SMALL + at]
            }
        };
        telling
            .iter()
            .map(|s| (0..SMALL).map(|i| pixel(s, i)).collect())
            .collect()
    };
    let is_border = |at: usize, along_row: bool| is_border(&line(at, along_row));
    let inside = |along_row: bool| {
        let first = (0..SMALL).find(|at| !is_border(*at, along_row));
        let last = (0..SMALL).rev().find(|at| !is_border(*at, along_row));
        match (first, last) {
            (Some(first), Some(last)) if last + 1 - first >= LEAST_LEFT => (first, last + 1),
            _ => (0, SMALL),
        }
    };
    if telling.is_empty() {
        return Area::whole();
    }
    Area {
        columns: inside(false),
        rows: inside(true),
    }
}

fn is_border(pictures: &[Vec<u8>]) -> bool {
    let mut colours: Vec<u8> = pictures.iter().map(|line| middle(line.clone())).collect();
    let colour = middle(std::mem::take(&mut colours));
    let covered = |line: &&Vec<u8>| {
        let own = line
            .iter()
            .filter(|p| p.abs_diff(colour) <= BORDER_NOISE)
            .count();
        own * 10 >= line.len() * BORDER_PIXELS
    };
    pictures.iter().filter(covered).count() * 10 >= pictures.len() * BORDER_PICTURES
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
            .take(2)
            .map(|text| {
                Ok(words(text, "looks", LOOK_BYTES, MAX_LOOKS)?
                    .chunks_exact(LOOK_BYTES)
                    .map(unpacked)
                    .collect())
            })
            .collect::<Result<Vec<Vec<Look>>, SignatureError>>()?;
        if packed.views.len() > 2 || views.iter().any(|view| view.len() != times.len()) {
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
