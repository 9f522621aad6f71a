//! What lies around a picture inside the picture, and the borders of blocks. In: whole looks. Out: the box that holds the
//! film, and how strong the 8x8 grid is. Columns and rows are followed over the whole film: a bar is what never changes,
//! and ends at a line that is there in most pictures.

use super::Plane;
use crate::probe::VideoInfo;
use crate::probe::quality::{ContentBox, Surround};

/// A line is flat in a picture if its brightness varies by no more than this …
const FLAT: u8 = 14;
/// … and dark if it is nowhere brighter than this.
const DARK: u8 = 40;
/// A bar's lines are flat in so many of a hundred pictures.
const MOSTLY: u32 = 96;
/// Brightness that jumps by this much over three pixels is an edge.
const EDGE: u8 = 10;
/// The border of a bar is an edge over at least so many of a hundred of its pixels, over all pictures.
const BORDER: u32 = 25;
/// The border of a blurred bar is sharper than what lies in the bar by this factor …
const BORDER_OVER_BLUR: u32 = 4;
/// … and sharper than the lines right before it by this one.
const BORDER_OVER_NEAR: u32 = 3;
/// The film has so many times the detail of its blurred bars, in tenths.
const DETAIL_OVER_BLUR: u64 = 20;
/// Bars at both sides are equally wide, but for this share of the whole, in hundredths.
const UNEVEN: usize = 2;
/// A bar takes at least this share of the whole at each side, in hundredths, and at most the other.
const WIDTHS: (usize, usize) = (4, 46);
/// Pictures that must be seen before anything is said.
const FEWEST: u32 = 3;
/// Differences beyond this are edges of the picture and not of blocks.
const BLOCK_STEP: u8 = 24;

/// Follows columns and rows.
#[derive(Default)]
pub(super) struct Bars {
    looks: u32,
    columns: Lines,
    rows: Lines,
}

/// What is known of each column, or of each row.
#[derive(Default)]
struct Lines {
    /// Pixels looked at in each, over all pictures.
    pixels: u64,
    flat: Vec<u32>,
    dark: Vec<u32>,
    /// Pixels at which an edge lies across.
    edges: Vec<u64>,
    /// Small differences to the line before.
    detail: Vec<u64>,
}

impl Lines {
    fn fit(&mut self, count: usize) {
        self.flat.resize(count, 0);
        self.dark.resize(count, 0);
        self.edges.resize(count, 0);
        self.detail.resize(count, 0);
    }

    fn note(&mut self, line: usize, (least, most): (u8, u8)) {
        self.flat[line] += u32::from(most - least <= FLAT);
        self.dark[line] += u32::from(most <= DARK);
    }
}

impl Bars {
    pub(super) fn see(&mut self, picture: &Plane) {
        if picture.width() < 16 || picture.height() < 16 {
            return;
        }
        self.looks += 1;
        self.columns.fit(picture.width());
        self.rows.fit(picture.height());
        self.see_columns(picture);
        self.see_rows(picture);
    }

    fn see_columns(&mut self, picture: &Plane) {
        let width = picture.width();
        let step = (picture.height() / 270).max(1);
        let (mut least, mut most) = (vec![255_u8; width], vec![0_u8; width]);
        let (mut edges, mut detail) = (vec![0_u32; width], vec![0_u32; width]);
        for row in picture.rows().step_by(step) {
            self.columns.pixels += 1;
            for ((least, most), pixel) in least.iter_mut().zip(&mut most).zip(row) {
                *least = (*least).min(*pixel);
                *most = (*most).max(*pixel);
            }
            for ((sum, here), before) in detail[1..].iter_mut().zip(&row[1..]).zip(row) {
                *sum += u32::from(here.abs_diff(*before).min(BLOCK_STEP));
            }
            for ((count, after), before) in edges[1..].iter_mut().zip(&row[3..]).zip(row) {
                *count += u32::from(after.abs_diff(*before) > EDGE);
            }
        }
        for column in 0..width {
            self.columns.note(column, (least[column], most[column]));
            self.columns.edges[column] += u64::from(edges[column]);
            self.columns.detail[column] += u64::from(detail[column]);
        }
    }

    fn see_rows(&mut self, picture: &Plane) {
        self.rows.pixels += picture.width() as u64;
        for y in 0..picture.height() {
            let row = picture.row(y);
            let least = row.iter().copied().min().unwrap_or(0);
            let most = row.iter().copied().max().unwrap_or(0);
            self.rows.note(y, (least, most));
            if y == 0 {
                continue;
            }
            let pairs = row.iter().zip(picture.row(y - 1));
            let detail: u32 = pairs
                .map(|(a, b)| u32::from(a.abs_diff(*b).min(BLOCK_STEP)))
                .sum();
            self.rows.detail[y] += u64::from(detail);
            if y + 2 < picture.height() {
                let pairs = picture.row(y + 2).iter().zip(picture.row(y - 1));
                let edges: u32 = pairs.map(|(a, b)| u32::from(a.abs_diff(*b) > EDGE)).sum();
                self.rows.edges[y] += u64::from(edges);
            }
        }
    }

    /// The box as a viewer sees it; none where the film fills the picture.
    pub(super) fn content(&self, video: &VideoInfo) -> Option<ContentBox> {
        if self.looks < FEWEST {
            return None;
        }
        let (across, along) = (self.columns.bars(self.looks), self.rows.bars(self.looks));
        let surround = across.or(along)?.1;
        let share = |bars: Option<(usize, Surround)>, whole: usize| {
            let bar = bars.map_or(0, |(bar, _)| bar);
            (whole.saturating_sub(2 * bar) as u64, whole.max(1) as u64)
        };
        let mut wide = share(across, self.columns.flat.len());
        let mut high = share(along, self.rows.flat.len());
        if video.rotation % 180 == 90 {
            std::mem::swap(&mut wide, &mut high);
        }
        let part = |whole: u32, (part, of): (u64, u64)| {
            u32::try_from(u64::from(whole) * part / of).unwrap_or(whole)
        };
        Some(ContentBox {
            width: part(video.display_width, wide),
            height: part(video.display_height, high),
            surround,
        })
    }

    /// The strongest of eight phases of the grid against the others, across and along.
    pub(super) fn blocking(&self) -> Option<f32> {
        if self.looks < FEWEST {
            return None;
        }
        let across = grid(&self.columns.detail)?;
        let along = grid(&self.rows.detail)?;
        Some(across.min(along))
    }
}

impl Lines {
    /// How many lines at either end hold no film, and what they hold.
    fn bars(&self, looks: u32) -> Option<(usize, Surround)> {
        self.flat_bars(looks).or_else(|| self.blurred_bars())
    }

    fn flat_bars(&self, looks: u32) -> Option<(usize, Surround)> {
        let mostly = |count: u32| count * 100 >= looks * MOSTLY;
        let is_bar = |line: &usize| mostly(self.flat[*line]) || mostly(self.dark[*line]);
        let count = self.flat.len();
        let before = (0..count).take_while(is_bar).count();
        let after = (0..count).rev().take_while(is_bar).count();
        if before + after >= count {
            return None;
        }
        let bar = even(before, after, count)?;
        let has_border = |line: usize| self.edge_share(line) >= BORDER;
        if !has_border(before) || !has_border(count - after) {
            return None;
        }
        let is_dark = mostly(self.dark[bar / 2]);
        Some((
            bar,
            if is_dark {
                Surround::Black
            } else {
                Surround::Flat
            },
        ))
    }

    fn blurred_bars(&self) -> Option<(usize, Surround)> {
        let count = self.flat.len();
        let (least, most) = (count * WIDTHS.0 / 100, count * WIDTHS.1 / 100);
        let margin = 4;
        // From outside in: the first line that stands out from the bar before it, with one opposite.
        let border = (least.max(3 * margin)..most).find(|bar| {
            let mirrored = (count - bar).saturating_sub(count * UNEVEN / 200);
            let other = (mirrored..(mirrored + count * UNEVEN / 100 + 1).min(count))
                .map(|line| self.edge_share(line))
                .max()
                .unwrap_or(0);
            let before = bar - 3 * margin..bar - margin;
            let quiet = before.map(|line| self.edge_share(line)).max().unwrap_or(0);
            let share = self.edge_share(*bar).min(other);
            share >= BORDER && share >= quiet * BORDER_OVER_NEAR
        })?;
        let sides = || (margin..border - margin).chain(count - border + margin..count - margin);
        let side_edges = sides().map(|line| self.edge_share(line)).sum::<u32>();
        let side_lines = u32::try_from(sides().count()).unwrap_or(u32::MAX).max(1);
        let film = border + margin..count - border - margin;
        let (sides, film) = (self.mean_detail(sides()), self.mean_detail(film));
        let stands_out =
            self.edge_share(border) * side_lines >= side_edges.saturating_mul(BORDER_OVER_BLUR);
        (stands_out && film * 10 >= sides * DETAIL_OVER_BLUR && film > self.pixels / 2)
            .then_some((border, Surround::Blurred))
    }

    /// Of a hundred pixels of a line, over how many an edge lies: the strongest of three lines.
    fn edge_share(&self, line: usize) -> u32 {
        let from = line.saturating_sub(2);
        let near = &self.edges[from..(line + 2).min(self.edges.len())];
        let most = near.iter().copied().max().unwrap_or(0);
        u32::try_from(most * 100 / self.pixels.max(1)).unwrap_or(0)
    }

    fn mean_detail(&self, lines: impl Iterator<Item = usize>) -> u64 {
        let (mut sum, mut count) = (0, 0);
        for line in lines {
            sum += self.detail[line];
            count += 1;
        }
        sum / u64::max(count, 1)
    }
}

fn even(before: usize, after: usize, count: usize) -> Option<usize> {
    let least = count * WIDTHS.0 / 100;
    let is_even = before.abs_diff(after) * 100 <= count * UNEVEN;
    (before >= least && after >= least && is_even).then_some(before.min(after))
}

fn grid(detail: &[u64]) -> Option<f32> {
    let mut phases = [0_u64; 8];
    for (line, sum) in detail.iter().enumerate() {
        phases[line % 8] += sum;
    }
    let most = phases.iter().copied().max().unwrap_or(0);
    let others: u64 = (phases.iter().sum::<u64>() - most) / 7;
    (most > 0).then(|| most as f32 / others.max(1) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    /// Detail that is another in every picture.
    fn texture(x: usize, y: usize, picture: usize) -> u8 {
        let hash = ((x * 31 + y * 17 + picture * 101) * 2_654_435_761) >> 7;
        90 + u8::try_from(hash % 90).unwrap()
    }

    fn content(pixel: impl Fn(usize, usize, usize) -> u8) -> Option<(u32, u32, Surround)> {
        let mut bars = Bars::default();
        for picture in 0..4 {
            bars.see(&Plane::made(480, 270, |x, y| pixel(x, y, picture)));
        }
        let media = sample::media();
        let found = bars.content(media.video.as_ref().unwrap())?;
        Some((found.width, found.height, found.surround))
    }

    #[test]
    fn a_film_that_fills_the_picture_has_no_box() {
        assert_eq!(content(texture), None);
        let dim_corner = |x, y, p| if x < 100 { 20 } else { texture(x, y, p) };
        assert_eq!(content(dim_corner), None);
    }

    #[test]
    fn pillars_are_found_whether_black_white_or_blurred() {
        let inside = |x: usize| (164..316).contains(&x);
        for (level, surround) in [(16, Surround::Black), (235, Surround::Flat)] {
            let found = content(|x, y, p| if inside(x) { texture(x, y, p) } else { level });
            let (width, height, kind) = found.unwrap();
            assert_eq!((height, kind), (1080, surround));
            assert!((600..620).contains(&width), "{width}");
        }
        let blurred =
            |x: usize, y: usize, p: usize| 40 + u8::try_from((x + y + p * 9) / 12 % 64).unwrap();
        let found = content(|x, y, p| {
            if inside(x) {
                texture(x, y, p)
            } else {
                blurred(x, y, p)
            }
        });
        let (width, height, kind) = found.unwrap();
        assert_eq!((height, kind), (1080, Surround::Blurred));
        assert!((600..640).contains(&width), "{width}");
    }

    #[test]
    fn a_frame_all_around_is_found_on_both_axes() {
        let found = content(|x, y, p| {
            let inside = (80..400).contains(&x) && (45..225).contains(&y);
            if inside { texture(x, y, p) } else { 16 }
        });
        let (width, height, _) = found.unwrap();
        assert!(
            (1270..1290).contains(&width) && (710..730).contains(&height),
            "{found:?}"
        );
    }

    #[test]
    fn a_light_in_the_middle_of_a_dark_stage_is_no_box() {
        let found = content(|x, y, p| {
            let (dx, dy) = (x.abs_diff(240), y.abs_diff(135));
            let glow = 200_usize.saturating_sub((dx * dx + dy * dy) / 40);
            16 + u8::try_from(glow * usize::from(texture(x, y, p)) / 255).unwrap()
        });
        assert_eq!(found, None);
    }

    #[test]
    fn blocks_show_in_the_grid() {
        let mut bars = Bars::default();
        for picture in 0..4 {
            bars.see(&Plane::made(320, 240, |x, y| {
                texture(x / 8, y / 8, picture) / 8
            }));
        }
        assert!(bars.blocking().unwrap() > 5.0);
        let mut bars = Bars::default();
        for picture in 0..4 {
            bars.see(&Plane::made(320, 240, |x, y| texture(x, y, picture)));
        }
        assert!(bars.blocking().unwrap() < 1.2);
    }
}
