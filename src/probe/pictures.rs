//! The pictures that a person looks at before believing a finding. In: samples. Out: a contact sheet and a strip of lower
//! thirds, as JPEG. Keeps small pictures only.

use base64::Engine;

use super::evidence::{SHEET_COLUMNS, SHEET_ROWS};
use super::picture_meter::TextBand;
use super::sampler::Sample;
use super::{Millis, Orientation};
use crate::av::{self, AvError, Frame, JpegQuality, Part, StreamFacts};

/// Pictures of the contact sheet.
const TILES: usize = SHEET_COLUMNS * SHEET_ROWS;
/// Widest and highest picture of the contact sheet, in pixels.
const TILE: u32 = 240;
/// Quality of the contact sheet: a sheet of twelve stays below 60 KB.
const SHEET_QUALITY: JpegQuality = JpegQuality(9);
/// Width of the strip, in pixels.
const STRIP_WIDTH: u32 = 480;
/// Most lower thirds in the strip.
const STRIPS: usize = 8;
/// Quality of the strip.
const STRIP_QUALITY: JpegQuality = JpegQuality(7);
/// Length of a film of which nothing is known.
const UNKNOWN_LENGTH: i64 = 60_000_000;

/// How a film's pictures are shown.
#[derive(Debug, Clone, Copy)]
struct Shape {
    turn: Orientation,
    sar: Option<(u32, u32)>,
}

impl Shape {
    /// Size on the screen of a picture, and of its lower third, fitted into a width and a height.
    fn fitted(self, frame: &Frame, (most_wide, most_high): (u32, u32)) -> (u32, u32) {
        let sar = super::measure::believable_sar(self.sar.or_else(|| frame.sar()));
        let (wide, high) =
            super::measure::display_size(frame.width(), frame.height(), sar, self.turn);
        let (wide, high) = (u64::from(wide.max(1)), u64::from(high.max(1)));
        let most = (u64::from(most_wide), u64::from(most_high));
        let (w, h) = if wide * most.1 >= high * most.0 {
            (most.0, high * most.0 / wide)
        } else {
            (wide * most.1 / high, most.1)
        };
        let size = |value: u64| u32::try_from(value).unwrap_or(2).max(2) & !1;
        (size(w), size(h))
    }
}

/// Collects both.
pub(super) struct Pictures {
    shape: Shape,
    step: u64,
    next: u64,
    tiles: Vec<Frame>,
    strips: Vec<(u64, TextBand, Frame)>,
}

impl Pictures {
    pub(super) fn new(video: &StreamFacts, length: Option<i64>) -> Self {
        let length = length.unwrap_or(UNKNOWN_LENGTH).unsigned_abs() / 1000;
        let step = (length / TILES as u64).max(1);
        Pictures {
            shape: Shape {
                turn: video.orientation,
                sar: video.sar,
            },
            step,
            next: step / 3,
            tiles: Vec::new(),
            strips: Vec::new(),
        }
    }

    /// Looks at the next picture and the text in it.
    pub(super) fn see(&mut self, sample: &Sample<'_>, text: Option<&TextBand>) {
        let Millis(now) = sample.time_ms;
        if now >= self.next || self.tiles.is_empty() {
            self.next = (now / self.step + 1) * self.step + self.step / 3;
            let size = self.shape.fitted(sample.frame, (TILE, TILE));
            let tile = av::small_picture(sample.frame, self.shape.turn, Part::Whole, size);
            self.tiles.extend(tile.ok());
        }
        // Where the film is longer than was known, every other picture stays.
        if self.tiles.len() > 2 * TILES {
            let mut stays = false;
            self.tiles.retain(|_| {
                stays = !stays;
                stays
            });
            self.step *= 2;
        }
        if let Some(text) = text {
            self.add_strip(sample, now, text);
        }
    }

    fn add_strip(&mut self, sample: &Sample<'_>, now: u64, text: &TextBand) {
        let is_new = self
            .strips
            .last()
            .is_none_or(|(_, last, _)| text.differs_from(last));
        let least = self.strips.iter().map(|(_, band, _)| band.strokes()).min();
        let is_better = least.is_none_or(|least| text.strokes() > least);
        if !is_new || (self.strips.len() >= STRIPS && !is_better) {
            return;
        }
        let (width, height) = self.shape.fitted(sample.frame, (STRIP_WIDTH, STRIP_WIDTH));
        let size = (width, (height / 3).max(2) & !1);
        let Ok(strip) = av::small_picture(sample.frame, self.shape.turn, Part::LowerThird, size)
        else {
            return;
        };
        if self.strips.len() >= STRIPS {
            self.strips
                .retain(|(_, band, _)| Some(band.strokes()) != least);
        }
        self.strips.push((now, *text, strip));
    }

    /// Contact sheet and strip, as JPEG in base64.
    pub(super) fn finish(self) -> (Option<String>, Option<String>) {
        let chosen: Vec<&Frame> = spread(self.tiles.len())
            .map(|index| &self.tiles[index])
            .collect();
        let strips: Vec<&Frame> = self.strips.iter().map(|(_, _, strip)| strip).collect();
        (
            joined(&chosen, SHEET_COLUMNS, SHEET_QUALITY),
            joined(&strips, 1, STRIP_QUALITY),
        )
    }
}

/// Twelve of so many, evenly; all where there are fewer.
fn spread(count: usize) -> impl Iterator<Item = usize> {
    let wanted = count.min(TILES);
    (0..wanted).map(move |i| (2 * i + 1) * count / (2 * wanted))
}

fn joined(tiles: &[&Frame], columns: usize, quality: JpegQuality) -> Option<String> {
    let cell = (
        tiles.iter().map(|tile| tile.width()).max()?,
        tiles.iter().map(|tile| tile.height()).max()?,
    );
    let jpeg = sheet(tiles, columns, cell, quality).ok()?;
    Some(base64::engine::general_purpose::STANDARD.encode(jpeg))
}

fn sheet(
    tiles: &[&Frame],
    columns: usize,
    (width, height): (u32, u32),
    quality: JpegQuality,
) -> Result<Vec<u8>, AvError> {
    let whole = |count: usize, each: u32| u32::try_from(count).unwrap_or(1) * each;
    let columns = columns.min(tiles.len());
    let rows = tiles.len().div_ceil(columns);
    let mut canvas = Frame::canvas(whole(columns, width), whole(rows, height))?;
    for (index, tile) in tiles.iter().enumerate() {
        let x = whole(index % columns, width) + (width - tile.width()) / 2;
        let y = whole(index / columns, height) + (height - tile.height()) / 2;
        canvas.paste(tile, x, y);
    }
    let size = (canvas.width(), canvas.height());
    av::encode_jpeg(&canvas, Orientation::default(), size, quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_pictures_are_spread_over_what_there_is() {
        let chosen = |count| spread(count).collect::<Vec<_>>();
        assert_eq!(chosen(3), [0, 1, 2]);
        assert_eq!(chosen(12), (0..12).collect::<Vec<_>>());
        assert_eq!(chosen(24), (0..12).map(|i| 2 * i + 1).collect::<Vec<_>>());
        assert_eq!(chosen(0), Vec::<usize>::new());
    }
}
