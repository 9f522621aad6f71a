//! Which frame becomes the poster. In: frames. Out: a score; the highest wins. Knows no faces, only the colours of skin, and
//! reads no text.
//!
//! The score is a product, taken on every fourth pixel of every fourth row:
//!
//! - **exposure**: 1 where the mean brightness lies in the middle of the scale, 0 for a black or a white picture;
//! - **contrast**: the standard deviation of brightness, so that a single colour scores nothing;
//! - **sharpness**: the logarithm of the mean difference between neighbouring pixels;
//! - **colour**: up to half as much again, by how far colours lie from grey and from each other (the measure of Hasler and
//!   Süsstrunk, on chroma);
//! - **skin**: up to half as much again where an eighth of the picture has the chroma of skin (the box of Chai and Ngan);
//!   more than three fifths are a wall or sand, and count for nothing;
//! - **emptiness**: of 32x18 cells, those in which nothing changes. A title card is text on a ground of one colour, or of a
//!   slow gradient: from half of the picture on the score falls, to a twentieth where nine tenths are empty.

use crate::av::Frame;

/// Rows and columns are looked at in steps of this many pixels.
const STEP: u32 = 4;
/// Columns and rows of cells.
const CELLS: (usize, usize) = (32, 18);
/// Nothing changes in a cell whose brightness varies by no more than this.
const FLAT: u8 = 12;
/// Two flat cells have one colour if brightness and chroma differ by no more than this.
const SAME: u32 = 8;
/// Of a gradient, which is not one colour, more must be empty by this share of the picture.
const GRADIENT: f64 = 0.2;
/// The score falls from this share of empty cells to the other …
const EMPTY: (f64, f64) = (0.5, 0.9);
/// … by this much.
const EMPTY_COSTS: f64 = 0.95;
/// What full colour, or skin, adds.
const BONUS: f64 = 0.5;
/// Colourfulness of a vivid picture.
const VIVID: f64 = 40.0;
/// Skin: brightness, blue and red chroma.
const SKIN: [std::ops::RangeInclusive<u8>; 3] = [60..=235, 77..=127, 133..=173];
/// So much of the picture is a face that fills it well …
const FACE: f64 = 0.125;
/// … and so much is none.
const WALL: f64 = 0.6;

/// How good a poster this frame is: higher is better, 0 for black and for a single colour.
pub fn score(frame: &Frame) -> f64 {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut look = Look::new(width, height);
    let mut scratch = Vec::new();
    for y in (0..frame.height()).step_by(STEP as usize) {
        let luma = frame.brightness_row(y, &mut scratch);
        look.add(y as usize, luma, frame.chroma_row(y));
    }
    look.score()
}

/// Sums over a picture.
struct Look {
    width: usize,
    height: usize,
    luma: Spread,
    chroma: [Spread; 2],
    edges: u64,
    skin: u64,
    cells: Vec<Cell>,
}

/// Count, sum and sum of squares.
#[derive(Default)]
struct Spread {
    count: u64,
    sum: u64,
    squares: u64,
}

impl Spread {
    fn add(&mut self, value: u8) {
        let value = u64::from(value);
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        (self.squares as f64 / self.count.max(1) as f64 - mean * mean).max(0.0)
    }
}

/// One of [`CELLS`].
#[derive(Clone, Copy)]
struct Cell {
    darkest: u8,
    brightest: u8,
    /// Brightness, blue and red chroma.
    sums: [u32; 3],
    count: u32,
}

impl Cell {
    const EMPTY: Cell = Cell {
        darkest: u8::MAX,
        brightest: 0,
        sums: [0; 3],
        count: 0,
    };

    fn add(&mut self, pixel: [u8; 3]) {
        self.darkest = self.darkest.min(pixel[0]);
        self.brightest = self.brightest.max(pixel[0]);
        for (sum, value) in self.sums.iter_mut().zip(pixel) {
            *sum += u32::from(value);
        }
        self.count += 1;
    }

    /// Its colour, where nothing changes in it.
    fn colour(&self) -> Option<[u32; 3]> {
        let is_flat = self.brightest.saturating_sub(self.darkest) <= FLAT;
        (self.count > 0 && is_flat).then(|| self.sums.map(|sum| sum / self.count))
    }
}

impl Look {
    fn new(width: usize, height: usize) -> Self {
        Look {
            width,
            height,
            luma: Spread::default(),
            chroma: Default::default(),
            edges: 0,
            skin: 0,
            cells: vec![Cell::EMPTY; CELLS.0 * CELLS.1],
        }
    }

    /// Looks at row `y`; chroma rows may be shorter than the row of brightness.
    fn add(&mut self, y: usize, luma: &[u8], chroma: Option<(&[u8], &[u8])>) {
        let (width, height) = (self.width.max(1), self.height.max(1));
        for (at, pair) in luma.windows(2).enumerate().step_by(STEP as usize) {
            let here = pair[0];
            self.luma.add(here);
            self.edges += u64::from(here.abs_diff(pair[1]));
            let colour = |row: &[u8]| row.get(at * row.len() / width).copied();
            let both = chroma.and_then(|(blue, red)| Some([colour(blue)?, colour(red)?]));
            let [blue, red] = both.unwrap_or([128; 2]);
            self.chroma[0].add(blue);
            self.chroma[1].add(red);
            let pixel = [here, blue, red];
            let is_skin = SKIN
                .iter()
                .zip(&pixel)
                .all(|(box_, value)| box_.contains(value));
            self.skin += u64::from(is_skin);
            let (column, row) = (at * CELLS.0 / width, y * CELLS.1 / height);
            if let Some(cell) = self.cells.get_mut(row * CELLS.0 + column) {
                cell.add(pixel);
            }
        }
    }

    fn score(&self) -> f64 {
        if self.luma.count == 0 {
            return 0.0;
        }
        let exposure = 1.0 - ((self.luma.mean() - 118.0) / 118.0).abs().min(1.0);
        let sharpness = (1.0 + self.edges as f64 / self.luma.count as f64).ln();
        let worth = exposure * self.luma.variance().sqrt() * sharpness;
        worth * (1.0 + self.colour()) * (1.0 + self.skin()) * self.fullness()
    }

    fn colour(&self) -> f64 {
        let [blue, red] = &self.chroma;
        let apart = (blue.variance() + red.variance()).sqrt();
        let from_grey = (blue.mean() - 128.0).hypot(red.mean() - 128.0);
        BONUS * ((apart + 0.3 * from_grey) / VIVID).min(1.0)
    }

    fn skin(&self) -> f64 {
        let share = self.skin as f64 / self.luma.count as f64;
        if share > WALL {
            return 0.0;
        }
        BONUS * (share / FACE).min(1.0)
    }

    /// 1 where something is to be seen all over, less the emptier the picture is.
    fn fullness(&self) -> f64 {
        let (from, to) = EMPTY;
        let empty = ((self.emptiness() - from) / (to - from)).clamp(0.0, 1.0);
        1.0 - EMPTY_COSTS * empty
    }

    fn emptiness(&self) -> f64 {
        let seen = self.cells.iter().filter(|cell| cell.count > 0).count();
        let flat: Vec<[u32; 3]> = self.cells.iter().filter_map(Cell::colour).collect();
        let is_same = |one: &[u32; 3], other: &[u32; 3]| {
            let mut pairs = one.iter().zip(other);
            pairs.all(|(a, b)| a.abs_diff(*b) <= SAME)
        };
        let of_one_colour = flat
            .iter()
            .map(|one| flat.iter().filter(|other| is_same(one, other)).count())
            .max()
            .unwrap_or(0);
        let share = |count: usize| count as f64 / seen.max(1) as f64;
        share(of_one_colour).max(share(flat.len()) - GRADIENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREY: [u8; 3] = [118, 128, 128];

    /// The score of a drawn picture of 640x360 pixels in brightness, blue and red chroma.
    fn of(pixel: impl Fn(usize, usize) -> [u8; 3]) -> f64 {
        let mut look = Look::new(640, 360);
        for y in (0..360).step_by(STEP as usize) {
            let row: Vec<[u8; 3]> = (0..640).map(|x| pixel(x, y)).collect();
            let plane = |index: usize| row.iter().map(|p| p[index]).collect::<Vec<u8>>();
            look.add(y, &plane(0), Some((&plane(1), &plane(2))));
        }
        look.score()
    }

    /// Leaves in the wind: detail everywhere, between dark and bright.
    fn leaves(x: usize, y: usize) -> [u8; 3] {
        let hash = (x / 3 * 73_856_093) ^ (y / 3 * 19_349_663);
        let [_, blue, red] = GREY;
        [30 + u8::try_from(hash % 180).unwrap(), blue, red]
    }

    /// The same, turned to one brightness level by a factor of a hundred.
    fn dimmed(percent: u16) -> impl Fn(usize, usize) -> [u8; 3] {
        move |x, y| {
            let [luma, blue, red] = leaves(x, y);
            let luma = u8::try_from(u16::from(luma) * percent / 100).unwrap();
            [luma, blue, red]
        }
    }

    /// Something like letters in the middle of a ground.
    fn card(ground: impl Fn(usize, usize) -> u8) -> impl Fn(usize, usize) -> [u8; 3] {
        move |x, y| {
            let in_line = (150..210).contains(&y) && (120..520).contains(&x);
            let is_stroke = (x / 5 * 7 + y / 20 * 3) % 5 < 2;
            let luma = if in_line && is_stroke {
                235
            } else {
                ground(x, y)
            };
            [luma, 128, 128]
        }
    }

    #[test]
    fn black_white_and_a_single_colour_score_nothing() {
        for level in [16, 128, 255] {
            assert!(of(|_, _| [level, 90, 160]) < f64::EPSILON, "{level}");
        }
        assert!(Look::new(0, 0).score() < f64::EPSILON);
    }

    #[test]
    fn a_scene_beats_a_dark_one_a_blurred_one_and_a_flat_one() {
        let scene = of(leaves);
        let blurred = of(|x, y| {
            let wave = |at: usize, length: usize| (at % length).abs_diff(length / 2) * 80 / length;
            let luma = 80 + wave(x, 128) + wave(y, 96);
            [u8::try_from(luma).unwrap(), 128, 128]
        });
        let dark = of(dimmed(20));
        let pale = of(|x, y| {
            let [luma, blue, red] = dimmed(20)(x, y);
            [luma + 90, blue, red]
        });
        for (name, worse) in [("blurred", blurred), ("dark", dark), ("pale", pale)] {
            assert!(scene > worse * 1.2, "{name}: {scene} and {worse}");
            assert!(worse > 0.0, "{name}");
        }
    }

    #[test]
    fn a_title_card_loses_against_a_plain_scene_on_any_ground() {
        let plain = of(dimmed(60));
        let lost = |name: &str, ground: fn(usize, usize) -> u8| {
            let card = of(card(ground));
            assert!(plain > card * 1.5, "{name}: {card} against {plain}");
        };
        lost("black", |_, _| 16);
        lost("blue", |_, _| 90);
        lost("white", |_, _| 220);
        lost("gradient", |x, _| 40 + u8::try_from(x / 5).unwrap());
    }

    #[test]
    fn colour_and_faces_are_welcome_and_a_wall_of_skin_is_none() {
        let grey = of(leaves);
        let vivid = of(|x, y| {
            let [luma, ..] = leaves(x, y);
            if x < 320 {
                [luma, 80, 180]
            } else {
                [luma, 180, 90]
            }
        });
        let tinted = |share: usize| {
            of(move |x, y| {
                let [luma, ..] = leaves(x, y);
                let is_skin = x * 100 < 640 * share;
                if is_skin {
                    [luma.max(60), 105, 150]
                } else {
                    [luma, 128, 128]
                }
            })
        };
        assert!(vivid > grey * 1.3, "{vivid} and {grey}");
        assert!(tinted(15) > grey * 1.3, "{} and {grey}", tinted(15));
        assert!(tinted(15) > tinted(95) * 1.1);
    }

    #[test]
    fn a_picture_without_chroma_is_judged_by_its_brightness() {
        let mut look = Look::new(640, 360);
        for y in (0..360).step_by(STEP as usize) {
            let row: Vec<u8> = (0..640).map(|x| leaves(x, y)[0]).collect();
            look.add(y, &row, None);
        }
        assert!((look.score() - of(leaves)).abs() < 1e-9);
    }
}
