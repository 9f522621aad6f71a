//! Pictures whose numbers mean something else than bt709's, made into some that mean that. In: frames of 4:2:0 in 8 or 10
//! bits, as large as they are to be. Out: frames of 8-bit 4:2:0, limited range, bt709. Other matrices and ranges are
//! arithmetic; HDR and other primaries are looked up in a table from luma and colour differences to luma and colour differences,
//! so that no picture is ever blown up to red, green and blue. Never scales, never reads a file.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of 8 and 16 bits, which the formulas keep in their range or which were brought there"
)]

use super::colour::{Change, Rgb};
use super::ladder::{Matrix, Primaries, Treatment};
use crate::av::{AvError, Frame};

/// Steps of a table from black to white, and from one end of a colour difference to the other, grey among them.
const LUMA_STEPS: usize = 65;
const CHROMA_STEPS: usize = 65;
/// And of half that size.
const FINE_STEPS: usize = 2 * CHROMA_STEPS - 1;
/// Weights of four columns add up to this number of bits.
const WEIGHT_BITS: u32 = 16;
/// 8×8 thresholds that no two neighbours share (Bayer): where 10 bits become 8, they hide the steps.
const THRESHOLDS: [[u8; 8]; 8] = [
    [0, 32, 8, 40, 2, 34, 10, 42],
    [48, 16, 56, 24, 50, 18, 58, 26],
    [12, 44, 4, 36, 14, 46, 6, 38],
    [60, 28, 52, 20, 62, 30, 54, 22],
    [3, 35, 11, 43, 1, 33, 9, 41],
    [51, 19, 59, 27, 49, 17, 57, 25],
    [15, 47, 7, 39, 13, 45, 5, 37],
    [63, 31, 55, 23, 61, 29, 53, 21],
];

/// Luma from 0 to 1, and the differences of blue and red from it, from -0.5 to 0.5.
type Ycc = [f64; 3];

/// What has to be done to the colours of a picture, and by which numbers.
#[derive(Debug)]
pub(super) struct Recolour {
    depth: u32,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Linear(Linear),
    Table(Box<Table>),
}

/// Whether a picture's numbers mean anything else than bt709's. Red, green and blue are told to swscale, unless their colours differ.
pub(super) fn is_needed(treatment: &Treatment) -> bool {
    let other = treatment.matrix != Matrix::Bt709 || treatment.full_range;
    Change::of(treatment).is_some() || (other && treatment.matrix != Matrix::Rgb)
}

/// Matrix and range that a picture has when it gets here: its own, but for red, green and blue, which swscale has made into
/// those of their standard.
pub(super) fn arrives_as(treatment: &Treatment) -> (Matrix, bool) {
    match treatment.matrix {
        Matrix::Rgb if treatment.primaries == Primaries::Bt2020 => (Matrix::Bt2020, false),
        Matrix::Rgb => (Matrix::Bt709, false),
        other => (other, treatment.full_range),
    }
}

impl Recolour {
    /// For frames of this depth in bits.
    pub(super) fn new(treatment: &Treatment, depth: u32) -> Self {
        let (matrix, full_range) = arrives_as(treatment);
        let source = Coding::new(matrix, full_range);
        let way = match Change::of(treatment) {
            Some(change) => Way::Table(Box::new(Table::new(&source, &change, depth))),
            None => Way::Linear(Linear::new(&source)),
        };
        Recolour { depth, way }
    }

    /// The frame in bt709, with the same time stamp.
    pub(super) fn apply(&self, frame: &Frame) -> Result<Frame, AvError> {
        if frame.depth_of_420() != Some(self.depth) {
            let format = frame.pixel_format();
            let reason = format!("it is {format}, not 4:2:0 of {} bits", self.depth);
            return Err(AvError::own("cannot change a picture's colours", &reason));
        }
        let mut out = Frame::blank(frame.width(), frame.height())?;
        match &self.way {
            Way::Linear(linear) => linear.apply(frame, &mut out, self.depth),
            Way::Table(table) => table.apply(frame, &mut out, self.depth),
        }
        if let Some(pts) = frame.pts() {
            out.set_pts(pts);
        }
        Ok(out)
    }
}

/// How a source's numbers say red, green and blue.
struct Coding {
    /// Weights of red and blue in its luma.
    red: f64,
    blue: f64,
    full_range: bool,
}

impl Coding {
    fn new(matrix: Matrix, full_range: bool) -> Self {
        // ITU-T H.273, table 4.
        let (red, blue) = match matrix {
            Matrix::Bt709 | Matrix::Rgb => (0.2126, 0.0722),
            Matrix::Bt601 => (0.299, 0.114),
            Matrix::Bt2020 => (0.2627, 0.0593),
            Matrix::Smpte240m => (0.212, 0.087),
            Matrix::Fcc => (0.30, 0.11),
        };
        Coding {
            red,
            blue,
            full_range,
        }
    }

    fn rgb(&self, [luma, cb, cr]: Ycc) -> Rgb {
        let red = luma + 2.0 * (1.0 - self.red) * cr;
        let blue = luma + 2.0 * (1.0 - self.blue) * cb;
        let green = (luma - self.red * red - self.blue * blue) / (1.0 - self.red - self.blue);
        [red, green, blue]
    }

    fn ycc(&self, [red, green, blue]: Rgb) -> Ycc {
        let luma = self.red * red + (1.0 - self.red - self.blue) * green + self.blue * blue;
        let cb = (blue - luma) / (2.0 * (1.0 - self.blue));
        let cr = (red - luma) / (2.0 * (1.0 - self.red));
        [luma, cb, cr]
    }

    /// Black, and lengths from black to white and from end to end of a colour difference, in numbers of 8 bits.
    fn range(&self) -> (f64, f64, f64) {
        if self.full_range {
            (0.0, 255.0, 255.0)
        } else {
            (16.0, 219.0, 224.0)
        }
    }
}

const BT709: Coding = Coding {
    red: 0.2126,
    blue: 0.0722,
    full_range: false,
};

/// What is added to a number with this many bits behind the point before they are cut off: a half, or a threshold where the
/// source has more bits than what comes out.
fn rounding(depth: u32, row: usize, bits: u32) -> [u16; 8] {
    if depth <= 8 {
        return [1 << (bits - 1); 8];
    }
    THRESHOLDS[row % 8].map(|threshold| ((u32::from(threshold) * 2 + 1) << bits >> 7) as u16)
}

/// Another matrix or range, with fixed points. Grey stays grey, so that chroma does not depend on luma.
#[derive(Debug)]
struct Linear {
    /// Of luma in its own result, with 12 bits behind the point.
    luma: u32,
    /// Of both colour differences in luma and in each of them, with 12 bits behind the point.
    rows: [[i16; 2]; 3],
    /// What is added to luma, in sixteenths.
    black: i32,
}

impl Linear {
    fn new(source: &Coding) -> Self {
        let (black, luma, chroma) = source.range();
        // What a colour difference of one does, in 8 bits of the result.
        let effect = |ycc: Ycc| {
            let [y, cb, cr] = BT709.ycc(source.rgb(ycc));
            [y * 219.0, cb * 224.0, cr * 224.0].map(|value| value / chroma)
        };
        let (blue, red) = (effect([0.0, 1.0, 0.0]), effect([0.0, 0.0, 1.0]));
        // Less than two in all of them.
        let fixed = |value: f64| (value * 4096.0).round() as i16;
        Linear {
            luma: u32::from(fixed(219.0 / luma).unsigned_abs()),
            rows: [0, 1, 2].map(|row| [fixed(blue[row]), fixed(red[row])]),
            black: ((16.0 - black * 219.0 / luma) * 16.0).round() as i32,
        }
    }

    fn apply(&self, frame: &Frame, out: &mut Frame, depth: u32) {
        let up = 16 - depth;
        let middle = 1 << (depth - 1);
        let (mut blue, mut red, mut luma) = (Vec::new(), Vec::new(), Vec::new());
        let mut shift: Vec<i16> = Vec::new();
        // In sixteenths of a number of 8 bits.
        let sixteenths = |[b, r]: [i16; 2], cb: u16, cr: u16| {
            let (cb, cr) = (cb.cast_signed() - middle, cr.cast_signed() - middle);
            (i32::from(b) * i32::from(cb) + i32::from(r) * i32::from(cr)) >> depth
        };
        for row in 0..out.height() as usize / 2 {
            frame.numbers(1, row, &mut blue);
            frame.numbers(2, row, &mut red);
            let dither = rounding(depth, row, 4);
            for plane in [1, 2] {
                in_eights(out.row_mut(plane, row), &blue, &red, |to, blue, red| {
                    for at in 0..8 {
                        let value = sixteenths(self.rows[plane], blue[at], red[at]);
                        let value = value + 128 * 16 + i32::from(dither[at]);
                        to[at] = (value >> 4).clamp(0, 255) as u8;
                    }
                });
            }
            shift.clear();
            shift.extend(blue.iter().zip(&red).flat_map(|(blue, red)| {
                let value = (sixteenths(self.rows[0], *blue, *red) + self.black) as i16;
                [value, value]
            }));
            for row in [2 * row, 2 * row + 1] {
                frame.numbers(0, row, &mut luma);
                let dither = rounding(depth, row, 4);
                in_eights(out.row_mut(0, row), &luma, &shift, |to, luma, shift| {
                    for at in 0..8 {
                        let scaled = ((u32::from(luma[at] << up) * self.luma) >> 16) as i16;
                        let value = scaled + shift[at] + dither[at].cast_signed();
                        to[at] = (value >> 4).clamp(0, 255) as u8;
                    }
                });
            }
        }
    }
}

/// Works on a row eight places at a time, the last of them filled up: that is what processors have instructions for.
fn in_eights<T: Copy + Default>(
    to: &mut [u8],
    first: &[u16],
    second: &[T],
    each: impl Fn(&mut [u8; 8], &[u16; 8], &[T; 8]),
) {
    let length = to.len().min(first.len()).min(second.len());
    let (blocks, rest) = to[..length].as_chunks_mut();
    let (firsts, first) = first[..length].as_chunks();
    let (seconds, second) = second[..length].as_chunks();
    for ((to, first), second) in blocks.iter_mut().zip(firsts).zip(seconds) {
        each(to, first, second);
    }
    let (mut last, mut from, mut beside) = ([0; 8], [0; 8], [T::default(); 8]);
    from[..first.len()].copy_from_slice(first);
    beside[..second.len()].copy_from_slice(second);
    each(&mut last, &from, &beside);
    rest.copy_from_slice(&last[..rest.len()]);
}

/// Two numbers that are weighed together, each in half of the word.
type Pair = u64;

fn pair(low: u16, high: u16) -> Pair {
    u64::from(low) | u64::from(high) << 32
}

/// A step of a table, and how far a number is beyond it, of 256: the upper and the lower byte.
type Place = u16;

fn place(at: Place) -> (usize, i32) {
    (usize::from(at >> 8), i32::from(at & 255))
}

/// Luma of one colour: of each step, and of the next one beside it.
type LumaColumn = [[u16; 2]; LUMA_STEPS - 1];
/// Both colour differences of one colour.
type ChromaColumn = [Pair; LUMA_STEPS];

/// From luma and colour differences to luma and colour differences, with steps between which it is interpolated. Numbers
/// have 8 bits behind the point; luma changes fastest, red slowest.
#[derive(Debug)]
struct Table {
    /// For each number of 10 bits of luma and of a colour difference its place.
    luma_places: Box<[Place; 1024]>,
    chroma_places: Box<[Place; 1024]>,
    /// Most pixels ask here: colour differences have such fine steps that the nearest one will do.
    luma: Vec<LumaColumn>,
    chroma: Vec<ChromaColumn>,
}

impl Table {
    fn new(source: &Coding, change: &Change, depth: u32) -> Self {
        let whole = |value: f64, most: f64| (value * 256.0).round().clamp(0.0, most * 256.0) as u16;
        let (mut luma, mut chroma) = (Vec::new(), Vec::new());
        for red in 0..CHROMA_STEPS {
            for blue in 0..CHROMA_STEPS {
                let (cb, cr) = (chroma_of(blue), chroma_of(red));
                let mut step = 0;
                let column = [(); LUMA_STEPS].map(|()| {
                    let rgb = source.rgb([luma_of(step), cb, cr]);
                    step += 1;
                    let [y, cb, cr] = BT709.ycc(change.apply(rgb.map(|v| v.clamp(0.0, 1.0))));
                    let [cb, cr] = [cb, cr].map(|c| whole(128.0 + 224.0 * c, 240.0));
                    (whole(16.0 + 219.0 * y, 235.0), pair(cb, cr))
                });
                luma.push(column.map(|(luma, _)| luma));
                chroma.push(column.map(|(_, chroma)| chroma));
            }
        }
        let (black, white, ends) = source.range();
        let scale = f64::from(1_u32 << (depth - 8));
        let luma_places = places(
            &(0..LUMA_STEPS).map(luma_of).collect::<Vec<_>>(),
            |number| (number / scale - black) / white,
        );
        let chroma_places = places(
            &(0..CHROMA_STEPS).map(chroma_of).collect::<Vec<_>>(),
            |number| (number / scale - 128.0) / ends,
        );
        Table {
            luma_places,
            chroma_places,
            luma: finer(&luma),
            chroma,
        }
    }

    fn apply(&self, frame: &Frame, out: &mut Frame, depth: u32) {
        let (mut blue, mut red) = (Vec::new(), Vec::new());
        let mut lumas = [Vec::new(), Vec::new()];
        let mut lines = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        let width = out.width() as usize;
        for (line, length) in lines.iter_mut().zip([width, width, width / 2, width / 2]) {
            line.resize(length, 0);
        }
        for row in 0..out.height() as usize / 2 {
            frame.numbers(1, row, &mut blue);
            frame.numbers(2, row, &mut red);
            for (half, luma) in lumas.iter_mut().enumerate() {
                frame.numbers(0, 2 * row + half, luma);
            }
            let round = [2 * row, 2 * row + 1, row].map(|row| rounding(depth, row, 8));
            let [upper, lower, out_blue, out_red] = &mut lines;
            let upper = upper
                .as_chunks_mut()
                .0
                .iter_mut()
                .zip(lumas[0].as_chunks().0);
            let lower = lower
                .as_chunks_mut()
                .0
                .iter_mut()
                .zip(lumas[1].as_chunks().0);
            let chroma = out_blue.iter_mut().zip(out_red.iter_mut());
            let sources = blue.iter().zip(&red);
            let blocks = upper.zip(lower).zip(chroma).zip(sources).enumerate();
            for (column, (((upper, lower), (to_blue, to_red)), (cb, cr))) in blocks {
                let near = self.near(*cb, *cr);
                let own = &self.luma[near.fine];
                let mut all = 0;
                for (round, (to, from)) in [(&round[0], upper), (&round[1], lower)] {
                    let [left, right]: &mut [u8; 2] = to;
                    let numbers: &[u16; 2] = from;
                    let x = 2 * column % 8;
                    *left = self.luma_at(own, numbers[0], round[x]);
                    *right = self.luma_at(own, numbers[1], round[x + 1]);
                    all += u32::from(numbers[0]) + u32::from(numbers[1]);
                }
                let middle = ((all + 2) / 4) as u16;
                (*to_blue, *to_red) = self.chroma_at(&near, middle, round[2][column % 8]);
            }
            let rows = [(0, 2 * row), (0, 2 * row + 1), (1, row), (2, row)];
            for (line, (plane, row)) in lines.iter().zip(rows) {
                out.row_mut(plane, row).copy_from_slice(line);
            }
        }
    }

    /// Where a colour is.
    fn near(&self, cb: u16, cr: u16) -> Near {
        let (blue, b) = place(self.chroma_places[usize::from(cb) % 1024]);
        let (red, r) = place(self.chroma_places[usize::from(cr) % 1024]);
        let half = |step: usize, beyond: i32| 2 * step + (beyond as usize + 64) / 128;
        let (b_left, r_left) = (256 - b as u64, 256 - r as u64);
        let (b_part, r_part) = (b as u64, r as u64);
        Near {
            fine: half(red, r) * FINE_STEPS + half(blue, b),
            first: red * CHROMA_STEPS + blue,
            weights: [
                b_left * r_left,
                b_part * r_left,
                b_left * r_part,
                b_part * r_part,
            ],
        }
    }

    fn luma_at(&self, column: &LumaColumn, number: u16, round: u16) -> u8 {
        let (step, beyond) = place(self.luma_places[usize::from(number) % 1024]);
        let [here, next] = column[step % column.len()].map(i32::from);
        blended(here, next, beyond, round)
    }

    fn chroma_at(&self, near: &Near, number: u16, round: u16) -> (u8, u8) {
        const BESIDE: [usize; 4] = [0, 1, CHROMA_STEPS, CHROMA_STEPS + 1];
        let (step, beyond) = place(self.luma_places[usize::from(number) % 1024]);
        let step = step % (LUMA_STEPS - 1);
        let (mut here, mut next) = (0, 0);
        for (beside, weight) in BESIDE.iter().zip(near.weights) {
            // No number is above 255 · 256, so that neither half of the word reaches into the other one.
            let column = &self.chroma[near.first + beside];
            here += column[step] * weight;
            next += column[step + 1] * weight;
        }
        let low = |word: u64| (word as u32 >> WEIGHT_BITS).cast_signed();
        let blue = blended(low(here), low(next), beyond, round);
        (
            blue,
            blended(low(here >> 32), low(next >> 32), beyond, round),
        )
    }
}

fn luma_of(step: usize) -> f64 {
    step as f64 / (LUMA_STEPS - 1) as f64
}

/// Steps are the smaller the paler the colour: nearly all are pale, the more so in PQ.
fn chroma_of(step: usize) -> f64 {
    let from_grey = 2.0 * step as f64 / (CHROMA_STEPS - 1) as f64 - 1.0;
    0.5 * from_grey * from_grey.abs()
}

/// The place of every number of 10 bits among these steps; what lies beyond their ends counts as these.
fn places(steps: &[f64], value: impl Fn(f64) -> f64) -> Box<[Place; 1024]> {
    let mut number = 0_u32;
    Box::new([(); 1024].map(|()| {
        let value = value(f64::from(number)).clamp(steps[0], steps[steps.len() - 1]);
        number += 1;
        // The last step has no next one.
        let step = steps
            .partition_point(|step| *step <= value)
            .clamp(1, steps.len() - 1)
            - 1;
        let part = (value - steps[step]) / (steps[step + 1] - steps[step]);
        let beyond = (part * 256.0).round().min(255.0) as u16;
        (step as u16) << 8 | beyond
    }))
}

/// The same with steps of colour differences half as large.
fn finer(luma: &[[u16; LUMA_STEPS]]) -> Vec<LumaColumn> {
    let both_sides = |fine: usize| (fine / 2, fine.div_ceil(2));
    let mut all = Vec::with_capacity(FINE_STEPS * FINE_STEPS);
    for (above, below) in (0..FINE_STEPS).map(both_sides) {
        for (left, right) in (0..FINE_STEPS).map(both_sides) {
            let around = [(above, left), (above, right), (below, left), (below, right)];
            let columns = around.map(|(red, blue)| &luma[red * CHROMA_STEPS + blue]);
            let at = |step: usize| {
                let sum: u32 = columns.iter().map(|column| u32::from(column[step])).sum();
                (sum / 4) as u16
            };
            let mut column = [[0; 2]; LUMA_STEPS - 1];
            for (step, entry) in column.iter_mut().enumerate() {
                *entry = [at(step), at(step + 1)];
            }
            all.push(column);
        }
    }
    all
}

/// Where a colour is in the tables.
struct Near {
    /// The nearest column of luma.
    fine: usize,
    /// The first of the four columns around it, and their weights.
    first: usize,
    weights: [u64; 4],
}

/// Both numbers are below 2¹⁶ and have 8 bits behind the point, so that the result is one of 8 bits.
fn blended(here: i32, next: i32, beyond: i32, round: u16) -> u8 {
    let value = here + (((next - here) * beyond) >> 8);
    ((value + i32::from(round)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Hdr;

    /// A frame of one colour in 8 bits; the numbers are luma, blue and red.
    fn flat([luma, blue, red]: [u8; 3]) -> Frame {
        let mut frame = Frame::blank(16, 8).unwrap();
        for (plane, value) in [luma, blue, red].into_iter().enumerate() {
            for row in 0..8 {
                frame.row_mut(plane, row).fill(value);
            }
        }
        frame.set_pts(7);
        frame
    }

    fn recoloured(recolour: &Recolour, numbers: [u8; 3]) -> [u8; 3] {
        let out = recolour.apply(&flat(numbers)).unwrap();
        assert_eq!(out.pts(), Some(7));
        let mut row = Vec::new();
        [0, 1, 2].map(|plane| {
            out.numbers(plane, 3, &mut row);
            assert!(row.iter().all(|value| *value == row[0]), "{row:?}");
            row[0] as u8
        })
    }

    /// By the formulas alone.
    fn computed(treatment: &Treatment, numbers: [u8; 3]) -> [f64; 3] {
        let (matrix, full_range) = arrives_as(treatment);
        let source = Coding::new(matrix, full_range);
        let (black, luma, chroma) = source.range();
        let [y, cb, cr] = numbers.map(f64::from);
        let rgb = source.rgb([
            (y - black) / luma,
            (cb - 128.0) / chroma,
            (cr - 128.0) / chroma,
        ]);
        let rgb = match Change::of(treatment) {
            Some(change) => change.apply(rgb.map(|value| value.clamp(0.0, 1.0))),
            None => rgb,
        };
        let [y, cb, cr] = BT709.ycc(rgb);
        [16.0 + 219.0 * y, 128.0 + 224.0 * cb, 128.0 + 224.0 * cr]
    }

    fn treatments() -> Vec<Treatment> {
        let plain = Treatment::NONE;
        let matrix = |matrix| Treatment { matrix, ..plain };
        let hdr = |hdr| Treatment {
            hdr: Some(hdr),
            primaries: Primaries::Bt2020,
            matrix: Matrix::Bt2020,
            ..plain
        };
        let full = Treatment {
            full_range: true,
            ..plain
        };
        let pal = Treatment {
            primaries: Primaries::Bt601Lines625,
            ..matrix(Matrix::Bt601)
        };
        vec![
            matrix(Matrix::Bt601),
            matrix(Matrix::Smpte240m),
            matrix(Matrix::Fcc),
            full,
            Treatment {
                full_range: true,
                ..matrix(Matrix::Bt601)
            },
            pal,
            hdr(Hdr::Hlg),
            hdr(Hdr::Pq),
        ]
    }

    #[test]
    fn numbers_become_those_of_the_formulas() {
        for treatment in treatments() {
            let recolour = Recolour::new(&treatment, 8);
            let is_table = Change::of(&treatment).is_some();
            let (mut sum, mut all) = (0.0, 0.0);
            for luma in (20..=200).step_by(30) {
                for (blue, red) in [(128, 128), (124, 134), (135, 119), (108, 140), (136, 100)] {
                    let numbers = [luma, blue, red];
                    let wanted = computed(&treatment, numbers);
                    let actual = recoloured(&recolour, numbers);
                    for (actual, wanted) in actual.iter().zip(wanted) {
                        let off = (f64::from(*actual) - wanted.clamp(0.0, 255.0)).abs();
                        // Half is rounding. Where a colour leaves bt709, a table rounds the corner off.
                        let allowed = if is_table { 3.0 } else { 0.75 };
                        sum += off;
                        all += 1.0;
                        assert!(
                            off <= allowed,
                            "{treatment:?} {numbers:?}: {actual}, not {wanted:.2}"
                        );
                    }
                }
            }
            // A quarter is rounding alone.
            assert!(sum / all < 0.45, "{treatment:?}: {} on average", sum / all);
        }
    }

    #[test]
    fn black_and_white_stay_what_they_are() {
        for treatment in treatments() {
            let recolour = Recolour::new(&treatment, 8);
            let (black, white) = if treatment.full_range {
                (0, 255)
            } else {
                (16, 235)
            };
            assert_eq!(recoloured(&recolour, [black, 128, 128]), [16, 128, 128]);
            let [luma, blue, red] = recoloured(&recolour, [white, 128, 128]);
            assert_eq!([blue, red], [128, 128], "{treatment:?}");
            // The light that HLG and PQ call white is rolled off.
            assert!(
                luma == 235 || treatment.hdr.is_some() && luma > 225,
                "{treatment:?}: {luma}"
            );
        }
    }

    #[test]
    fn a_ramp_of_light_stays_a_ramp() {
        for treatment in treatments() {
            let recolour = Recolour::new(&treatment, 8);
            let lumas = (16..=235).map(|luma| recoloured(&recolour, [luma, 128, 128])[0]);
            let lumas: Vec<u8> = lumas.collect();
            assert!(lumas.is_sorted(), "{treatment:?}: {lumas:?}");
        }
    }

    #[test]
    fn what_bt709_is_needs_nothing_and_rgb_only_for_its_colours() {
        assert!(!is_needed(&Treatment::NONE));
        let rgb = Treatment {
            matrix: Matrix::Rgb,
            ..Treatment::NONE
        };
        assert!(!is_needed(&rgb));
        let wide = Treatment {
            primaries: Primaries::Bt2020,
            ..rgb
        };
        assert!(is_needed(&wide));
        assert_eq!(arrives_as(&wide), (Matrix::Bt2020, false));
        assert!(treatments().iter().all(is_needed));
    }

    #[test]
    fn thresholds_differ_and_ten_bits_are_spread_over_their_steps() {
        let mut all: Vec<u8> = THRESHOLDS.iter().flatten().copied().collect();
        all.sort_unstable();
        assert!(all.iter().copied().eq(0..64));
        assert_eq!(rounding(8, 3, 4), [8; 8]);
        let spread: Vec<u16> = (0..8).flat_map(|row| rounding(10, row, 8)).collect();
        assert_eq!(spread.iter().max(), Some(&254));
        assert_eq!(spread.iter().map(|v| u32::from(*v)).sum::<u32>() / 64, 128);
    }
}
