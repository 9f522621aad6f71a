//! Subtitles drawn on frames. In: cues, fonts, frames with their time. Out: frames with white letters on a dark edge, two lines
//! at most, above the lower edge of the safe area. A cue is drawn once, however many frames it is on; letters and edges are
//! ours, so that nothing of a subtitle's own style can cover the picture.

use super::canvas::{Canvas, Colour};
use super::letters::{Letters, Style};
use super::wrap;
use crate::av::{AvError, Frame};
use crate::subtitle::Cue;
use crate::units::Millis;

/// Counts up when the same cues give another picture.
pub const LOOK_VERSION: u32 = 1;
/// Lines of one cue on the picture.
const MAX_LINES: usize = 2;
/// Height of a character as a part of the picture's height: what can be read from the last row of a hall.
const SIZE: f32 = 1.0 / 18.0;
/// Sizes that are tried for what is long, as parts of the first.
const SMALLER: [f32; 4] = [1.0, 0.88, 0.76, 0.64];
/// Part of the width that a line may take.
const WIDTH: f32 = 0.84;
/// Part of the height that stays free below: the safe area's 5 % (EBU R 95), and a little.
const BELOW: f32 = 0.06;
/// Thickness of the edge as a part of a character's height.
const EDGE: f32 = 0.07;
/// Directions in which the edge is drawn.
const DIRECTIONS: u16 = 16;
/// White in limited range, and black.
const WHITE: f32 = 235.0;
const BLACK: f32 = 16.0;

/// Draws the cues of one film, in their order.
pub struct Subtitler {
    letters: Letters,
    cues: Vec<Cue>,
    /// The first that is not over.
    next: usize,
    drawn: Option<(usize, Overlay)>,
}

impl std::fmt::Debug for Subtitler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subtitler")
            .field("cues", &self.cues.len())
            .finish_non_exhaustive()
    }
}

impl Subtitler {
    /// Cues in order; fonts as files' bytes.
    pub fn new(cues: Vec<Cue>, family: &str, fonts: Vec<Vec<u8>>) -> Self {
        Subtitler {
            letters: Letters::new(family, fonts),
            cues,
            next: 0,
            drawn: None,
        }
    }

    /// The frame with what is shown at this time, which never goes back; none where nothing is.
    pub fn draw(&mut self, at: Millis, frame: &Frame) -> Result<Option<Frame>, AvError> {
        while self.cues.get(self.next).is_some_and(|cue| cue.end <= at) {
            self.next += 1;
        }
        let Some(cue) = self.cues.get(self.next).filter(|cue| cue.start <= at) else {
            return Ok(None);
        };
        let Some(mut planes) = frame.planes() else {
            return Err(AvError::refused(
                "cannot draw subtitles",
                "the picture is not 8-bit 4:2:0",
            ));
        };
        let size = (frame.width() as usize, frame.height() as usize);
        let is_drawn = self
            .drawn
            .as_ref()
            .is_some_and(|(cue, _)| *cue == self.next);
        if !is_drawn {
            let overlay = Overlay::new(&mut self.letters, &cue.text, size);
            self.drawn = Some((self.next, overlay));
        }
        if let Some((_, overlay)) = &self.drawn {
            overlay.lay_on(&mut planes, size);
        }
        let [y, u, v] = &planes;
        Frame::from_planes(frame.width(), frame.height(), [y, u, v]).map(Some)
    }

    /// Characters that no font had, so far.
    pub fn missing(&self) -> String {
        self.letters.missing()
    }
}

/// Ink over the whole width of a picture.
struct Overlay {
    /// The first row; even.
    top: usize,
    /// How much of each point is the letters' edge, row by row.
    edge: Vec<u8>,
    /// How much is the letters.
    letters: Vec<u8>,
}

impl Overlay {
    fn new(letters: &mut Letters, text: &str, (width, height): (usize, usize)) -> Self {
        let (style, lines) = set(letters, text, (width as f32, height as f32));
        let edge = (style.size * EDGE).max(1.0);
        let rows = style.line_height() * lines.len() as f32 + 2.0 * edge;
        let rows = (to_pixels(rows) + 1) & !1;
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(0);
        let mut dark = Canvas::black(side(width), side(rows));
        let mut light = dark.clone();
        let mut y = edge;
        for line in &lines {
            let middle = width as f32 / 2.0;
            for direction in 0..DIRECTIONS {
                let angle = f32::from(direction) / f32::from(DIRECTIONS) * std::f32::consts::TAU;
                let place = (middle + edge * angle.cos(), y + edge * angle.sin());
                letters.draw(&mut dark, line, style, place);
            }
            letters.draw(&mut light, line, style, (middle, y));
            y += style.line_height();
        }
        let below = to_pixels(height as f32 * BELOW);
        Overlay {
            top: height.saturating_sub(rows + below) & !1,
            edge: dark.coverage(),
            letters: light.coverage(),
        }
    }

    fn lay_on(&self, planes: &mut [Vec<u8>; 3], (width, height): (usize, usize)) {
        let rows = (self.edge.len() / width.max(1)).min(height - self.top);
        for row in 0..rows {
            for column in 0..width {
                let ink = row * width + column;
                let (edge, letters) = (self.edge[ink], self.letters[ink]);
                if edge == 0 && letters == 0 {
                    continue;
                }
                let (x, y) = (column, self.top + row);
                let luma = &mut planes[0][y * width + x];
                *luma = towards(towards(*luma, BLACK, edge), WHITE, letters);
                let chroma = (y / 2) * (width / 2) + x / 2;
                for plane in &mut planes[1..] {
                    // Four points share one value.
                    plane[chroma] = towards(plane[chroma], 128.0, edge.max(letters) / 2);
                }
            }
        }
    }
}

/// Lines of a cue and the size they fit in; a line of its own stays one where two fit.
fn set(letters: &mut Letters, text: &str, (width, height): (f32, f32)) -> (Style, Vec<String>) {
    let plain: Vec<String> = text.lines().map(|line| letters.drawable(line)).collect();
    let plain: Vec<String> = plain.into_iter().filter(|line| !line.is_empty()).collect();
    let width = width * WIDTH;
    let style = |part: f32| Style {
        size: height * SIZE * part,
        weight: 700,
        colour: Colour::rgb(255, 255, 255),
    };
    for part in SMALLER {
        let style = style(part);
        let fits = plain.iter().all(|line| letters.width(line, style) <= width);
        if fits && plain.len() <= MAX_LINES {
            return (style, plain);
        }
        // Two languages keep their lines as long as they can; one sentence flows.
        if plain.len() == MAX_LINES && part > SMALLER[2] {
            continue;
        }
        let mut measure = |text: &str| letters.width(text, style);
        if let Some(lines) = wrap::lines(&flowing(&plain), width, MAX_LINES, &mut measure) {
            return (style, lines);
        }
    }
    let style = style(SMALLER[SMALLER.len() - 1]);
    let mut lines = Vec::new();
    for line in plain.iter().take(MAX_LINES) {
        lines.push(wrap::cut(line, width, &mut |text: &str| {
            letters.width(text, style)
        }));
    }
    (style, lines)
}

/// Lines as one; words of letters keep a blank between them.
fn flowing(lines: &[String]) -> String {
    let mut flowing = String::new();
    for line in lines {
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_graphic());
        if is_word(flowing.chars().next_back()) && is_word(line.chars().next()) {
            flowing.push(' ');
        }
        flowing.push_str(line);
    }
    flowing
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length in a picture is small and not negative"
)]
fn to_pixels(length: f32) -> usize {
    length.ceil().max(0.0) as usize
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is between two bytes and has no fraction"
)]
fn towards(value: u8, target: f32, part: u8) -> u8 {
    let value = f32::from(value);
    (value + (target - value) * f32::from(part) / 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typeset::fonts;

    const SIZE: (u32, u32) = (640, 360);

    /// A grey picture with this text on it at one second; none where no font is there, which is said.
    #[expect(clippy::print_stdout, reason = "a test that tests nothing must say so")]
    fn drawn(text: &str) -> Option<[Vec<u8>; 3]> {
        let Ok(found) = fonts::find(text) else {
            println!("SKIPPED: no font for Chinese");
            return None;
        };
        let files = found.files.iter().map(|path| std::fs::read(path).unwrap());
        let cue = Cue {
            start: Millis(1000),
            end: Millis(2000),
            text: text.to_owned(),
        };
        let mut subtitler = Subtitler::new(vec![cue], &found.family, files.collect());
        let area = (SIZE.0 * SIZE.1) as usize;
        let (luma, chroma) = (vec![120; area], vec![100; area / 4]);
        let grey = Frame::from_planes(SIZE.0, SIZE.1, [&luma, &chroma, &chroma]).unwrap();
        assert!(subtitler.draw(Millis(999), &grey).unwrap().is_none());
        let frame = subtitler.draw(Millis(1000), &grey).unwrap().unwrap();
        assert!(subtitler.draw(Millis(2000), &grey).unwrap().is_none());
        frame.planes()
    }

    /// The first and last row, and column, that is not as it was.
    fn touched(luma: &[u8]) -> ((usize, usize), (usize, usize)) {
        let width = SIZE.0 as usize;
        let inked = |at: &usize| luma[*at] != 120;
        let rows: Vec<usize> = (0..luma.len()).filter(inked).map(|at| at / width).collect();
        let columns: Vec<usize> = (0..luma.len()).filter(inked).map(|at| at % width).collect();
        let ends = |all: &[usize]| (*all.iter().min().unwrap(), *all.iter().max().unwrap());
        (ends(&rows), ends(&columns))
    }

    #[test]
    fn letters_are_white_with_a_dark_edge_inside_the_safe_area() {
        let Some([luma, blue, _]) = drawn("春天的脚步") else {
            return;
        };
        assert!(luma.iter().filter(|value| **value >= 230).count() > 200);
        assert!(luma.iter().filter(|value| **value <= 20).count() > 200);
        assert!(blue.iter().any(|value| *value > 120));
        let ((top, bottom), (left, right)) = touched(&luma);
        assert!(top > 300 && bottom <= 342, "rows {top} to {bottom}");
        assert!(left.abs_diff(640 - right) <= 6, "columns {left} to {right}");
    }

    #[test]
    fn however_long_it_is_a_cue_stays_in_two_lines_and_inside() {
        let long = "在灿烂阳光下我们一起走过的那些青春岁月与理想之歌，".repeat(6);
        for text in [
            long.as_str(),
            "一\n二\n三\n四\n五",
            "中文一行\nAnd a line in English",
        ] {
            let Some([luma, ..]) = drawn(text) else {
                return;
            };
            let ((top, bottom), (left, right)) = touched(&luma);
            assert!(top > 270 && bottom <= 342, "{text}: rows {top} to {bottom}");
            assert!(
                left > 32 && right < 608,
                "{text}: columns {left} to {right}"
            );
        }
    }

    #[test]
    fn sentences_flow_into_one_another() {
        let lines = ["We are".to_owned(), "one".to_owned(), "一家人".to_owned()];
        assert_eq!(flowing(&lines), "We are one一家人");
    }
}
