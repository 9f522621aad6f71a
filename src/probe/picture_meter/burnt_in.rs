//! Text that changes in the lower third. In: whole looks. Out: how likely that is subtitles. A likelihood, never a proof: a
//! news ticker and a slide look alike to it.
//!
//! Letters are bright strokes of one brightness, a few pixels wide, many of them in a few rows, with little of the kind
//! above and below. Subtitles are lines of them that stand at the same height in many pictures and are not the same in all.

use super::Plane;

/// The part of the picture that is looked at begins at this share of its height, in hundredths.
const FROM: usize = 62;
/// A stroke is at least this bright …
const BRIGHT: u8 = 165;
/// … and darker by this much to either side.
const CONTRAST: u8 = 55;
/// A stroke is at most the picture's height divided by this wide.
const STROKES_A_HEIGHT: usize = 60;
/// Strokes in a row of text.
const STROKES: u32 = 8;
/// A line of text is this high, in thousandths of the picture.
const HEIGHTS: std::ops::RangeInclusive<usize> = 20..=110;
/// Rows above and below a line of text have less than one stroke for so many of its own.
const QUIET: u32 = 4;
/// Heights at which lines stand are told apart in steps of this share of the picture, in thousandths.
const STEP: usize = 25;
/// Parts of a row in which strokes are counted, to see whether a line is another one.
const PARTS: usize = 96;
/// Strokes by which a part must differ, in the sum over all parts, as a share of all, in hundredths.
const CHANGED: u32 = 20;
/// Pictures that must have been seen.
const FEWEST: usize = 4;
/// Of all pictures, this share with a line at one height is as likely as it gets.
const CERTAIN: f32 = 0.4;

/// A line of text in one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::probe) struct TextBand {
    /// Its middle, in thousandths of the picture's height.
    middle: usize,
    /// Where its strokes are.
    parts: [u32; PARTS],
}

impl TextBand {
    /// How much text there is.
    pub(in crate::probe) fn strokes(&self) -> u32 {
        self.parts.iter().sum()
    }

    /// Whether this is another text than the other.
    pub(in crate::probe) fn differs_from(&self, other: &TextBand) -> bool {
        let pairs = self.parts.iter().zip(&other.parts);
        let difference: u32 = pairs.map(|(a, b)| a.abs_diff(*b)).sum();
        difference * 100 >= (self.strokes() + other.strokes()) * CHANGED
    }
}

/// Follows lines of text.
#[derive(Default)]
pub(super) struct BurntIn {
    looks: usize,
    bands: Vec<TextBand>,
}

impl BurntIn {
    pub(super) fn see(&mut self, picture: &Plane) -> Option<TextBand> {
        self.looks += 1;
        let band = line_of_text(picture)?;
        self.bands.push(band);
        Some(band)
    }

    /// From 0 to 1.
    pub(super) fn likelihood(&self) -> f32 {
        if self.looks < FEWEST {
            return 0.0;
        }
        let near = |band: &&TextBand, middle: usize| band.middle.abs_diff(middle) <= STEP;
        let best = self
            .bands
            .iter()
            .map(|band| band.middle)
            .max_by_key(|middle| self.bands.iter().filter(|b| near(b, *middle)).count());
        let Some(middle) = best else { return 0.0 };
        let line: Vec<&TextBand> = self.bands.iter().filter(|b| near(b, middle)).collect();
        let texts = 1 + line.windows(2).filter(|p| p[0].differs_from(p[1])).count();
        if texts < 3 {
            return 0.0;
        }
        let coverage = line.len() as f32 / self.looks as f32 / CERTAIN;
        let change = texts as f32 / (line.len() as f32 / 4.0).clamp(3.0, 8.0);
        coverage.min(1.0) * change.min(1.0)
    }
}

fn line_of_text(picture: &Plane) -> Option<TextBand> {
    let height = picture.height();
    let from = height * FROM / 100;
    let widest = (height / STROKES_A_HEIGHT).max(2);
    let strokes: Vec<u32> = (from..height)
        .map(|y| strokes(picture.row(y), widest, &mut |_| ()))
        .collect();
    let mut best: Option<(u32, usize, usize)> = None;
    let mut start = 0;
    // Between the strokes of one line there may be a row or two with few of them.
    let patience = (height / 180).max(1);
    let mut last = None;
    for at in 0..=strokes.len() {
        if at < strokes.len() && strokes[at] >= STROKES {
            if last.is_none_or(|last| at - last > patience) {
                start = at;
            }
            last = Some(at);
            continue;
        }
        if last == Some(at.wrapping_sub(patience)) || at == strokes.len() {
            let end = last.map_or(start, |last| last + 1);
            if let Some(sum) = is_line(&strokes, start, end, height)
                && best.is_none_or(|(most, _, _)| sum > most)
            {
                best = Some((sum, start, end));
            }
        }
    }
    let (_, start, end) = best?;
    let mut parts = [0; PARTS];
    for y in from + start..from + end {
        let width = picture.width();
        strokes_into(picture.row(y), widest, &mut |x| {
            parts[x * PARTS / width] += 1;
        });
    }
    Some(TextBand {
        middle: (from + usize::midpoint(start, end)) * 1000 / height,
        parts,
    })
}

fn is_line(strokes: &[u32], start: usize, end: usize, height: usize) -> Option<u32> {
    if end <= start || !HEIGHTS.contains(&((end - start) * 1000 / height)) {
        return None;
    }
    let margin = ((end - start) / 3).max(2);
    let sum: u32 = strokes[start..end].iter().sum();
    let mean = |rows: &[u32]| {
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX).max(1);
        rows.iter().sum::<u32>() * 100 / count
    };
    let gap = (height / 270).max(1);
    let above = mean(&strokes[start.saturating_sub(margin + gap)..start.saturating_sub(gap)]);
    let below_from = (end + gap).min(strokes.len());
    let below = mean(&strokes[below_from..(below_from + margin).min(strokes.len())]);
    let inside = mean(&strokes[start..end]);
    (above.max(below) * QUIET <= inside).then_some(sum)
}

fn strokes_into(row: &[u8], widest: usize, at: &mut dyn FnMut(usize)) {
    strokes(row, widest, at);
}

/// Bright pieces of a row between darker ones.
fn strokes(row: &[u8], widest: usize, found: &mut dyn FnMut(usize)) -> u32 {
    let (mut count, mut x) = (0, 3);
    let len = row.len();
    while x + 3 < len {
        let here = row[x];
        if here < BRIGHT || here.saturating_sub(row[x - 3]) < CONTRAST {
            x += 1;
            continue;
        }
        let end =
            (x..(x + widest + 3).min(len)).find(|at| here.saturating_sub(row[*at]) >= CONTRAST);
        match end {
            Some(end) => {
                count += 1;
                found(x);
                x = end + 1;
            }
            None => x += widest,
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of something like letters at a height, on a grey ground.
    fn lettered(text: usize, from: usize) -> Plane {
        Plane::made(640, 360, |x, y| {
            let inside = (from..from + 20).contains(&y) && (150..490).contains(&x);
            let stroke =
                (x / 3 * 7 + (x / 24) * text * 5) % 5 < 2 && !(x / 24 + text).is_multiple_of(4);
            if inside && stroke { 235 } else { 90 }
        })
    }

    fn likelihood(pictures: impl Iterator<Item = Plane>) -> f32 {
        let mut text = BurntIn::default();
        for picture in pictures {
            text.see(&picture);
        }
        text.likelihood()
    }

    #[test]
    fn lines_that_change_at_one_height_look_like_subtitles() {
        assert!(likelihood((0..12).map(|i| lettered(i, 310))) > 0.9);
    }

    #[test]
    fn a_text_that_never_changes_and_a_texture_do_not() {
        assert!(likelihood((0..12).map(|_| lettered(1, 310))) < 0.1);
        let noise = (0..12_usize).map(|i| {
            #[expect(clippy::cast_possible_truncation, reason = "a test pattern")]
            Plane::made(640, 360, move |x, y| {
                (((x * 97 + y * 57 + i * 13) * 131) >> 3) as u8
            })
        });
        assert!(likelihood(noise) < 0.1);
        assert!(likelihood((0..12).map(|i| lettered(i, 40))) < 0.1);
    }
}
