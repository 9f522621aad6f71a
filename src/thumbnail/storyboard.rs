//! The storyboard: small pictures of a film in sheets, for a player that shows where its slider points. In: the film's
//! length and shape, then its frames in order. Out: JPEG sheets, and which part of which sheet shows which time. Never
//! enlarges a picture; holds one sheet of tiles and one frame.

use crate::av::{AvError, Frame, JpegQuality, Part, encode_jpeg, small_picture};
use crate::probe::Orientation;
use crate::units::Millis;

/// Widest tile, in pixels.
pub const TILE_WIDTH: u32 = 320;
/// A tile stands for this long at least …
const SHORTEST_STEP: u64 = 2000;
/// … and for so much longer that a film has no more tiles than this.
const MOST_TILES: u64 = 100;
/// Tiles in a row of a sheet.
const COLUMNS: usize = 5;
/// Rows of a sheet.
const ROWS: usize = 5;
/// Tiles are small and seen for a moment: a sheet of 25 takes some 150 KB.
const QUALITY: JpegQuality = JpegQuality(6);

/// Which tile stands where and for how long. Follows from length and shape alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Board {
    duration: Millis,
    step: u64,
    tile: (u32, u32),
}

/// One tile: when it is shown, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// From when on it stands for the film.
    pub from: Millis,
    /// Until when.
    pub to: Millis,
    /// Number of its sheet, from 0.
    pub sheet: usize,
    /// Its left upper corner in the sheet.
    pub at: (u32, u32),
    /// Its width and height.
    pub size: (u32, u32),
}

impl Board {
    /// The storyboard of a film of this length, whose frames have this size.
    pub fn new(duration: Millis, (width, height): (u32, u32)) -> Self {
        let wide = width.clamp(2, TILE_WIDTH) & !1;
        let high = u64::from(height) * u64::from(wide) / u64::from(width.max(1));
        Board {
            duration,
            step: duration.0.div_ceil(MOST_TILES).max(SHORTEST_STEP),
            tile: (wide, u32::try_from(high.max(2)).unwrap_or(2) & !1),
        }
    }

    /// Number of tiles; at least one.
    pub fn tiles(&self) -> usize {
        usize::try_from(self.duration.0.div_ceil(self.step).max(1)).unwrap_or(1)
    }

    /// Number of sheets.
    pub fn sheets(&self) -> usize {
        self.tiles().div_ceil(COLUMNS * ROWS)
    }

    /// Width and height of a sheet; the last has only the rows that it needs.
    pub fn sheet_size(&self, sheet: usize) -> (u32, u32) {
        let tiles = self.tiles().saturating_sub(sheet * COLUMNS * ROWS);
        let tiles = tiles.min(COLUMNS * ROWS);
        let (columns, rows) = (tiles.min(COLUMNS), tiles.div_ceil(COLUMNS));
        let (wide, high) = self.tile;
        (wide * pixels(columns), high * pixels(rows))
    }

    /// Where tile `index` is; together they cover the whole film without a gap.
    pub fn tile(&self, index: usize) -> Tile {
        let start = index as u64 * self.step;
        let (wide, high) = self.tile;
        let place = index % (COLUMNS * ROWS);
        Tile {
            from: Millis(start),
            to: Millis((start + self.step).min(self.duration.0)),
            sheet: index / (COLUMNS * ROWS),
            at: (
                wide * pixels(place % COLUMNS),
                high * pixels(place / COLUMNS),
            ),
            size: self.tile,
        }
    }

    /// The moment that tile `index` shows, in microseconds: the middle of its time.
    fn moment(&self, index: usize) -> i64 {
        let tile = self.tile(index);
        i64::try_from(u64::midpoint(tile.from.0, tile.to.0) * 1000).unwrap_or(i64::MAX)
    }
}

fn pixels(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(0)
}

/// Collects the tiles while the film goes by.
#[derive(Debug)]
pub struct Sheets {
    board: Board,
    /// The frame on the screen.
    shown: Option<Frame>,
    next: usize,
    tiles: Vec<Frame>,
    done: Vec<Vec<u8>>,
}

impl Sheets {
    /// Sheets for this storyboard, empty.
    pub fn new(board: Board) -> Self {
        Sheets {
            board,
            shown: None,
            next: 0,
            tiles: Vec::new(),
            done: Vec::new(),
        }
    }

    /// The next frame is on the screen from `micros` on.
    pub fn see(&mut self, frame: &Frame, micros: i64) -> Result<(), AvError> {
        while self.next < self.board.tiles() && self.board.moment(self.next) < micros {
            // Before the first frame players show the first frame.
            let shown = self.shown.take();
            self.take(shown.as_ref().unwrap_or(frame))?;
            self.shown = shown;
        }
        self.shown = Some(frame.share()?);
        Ok(())
    }

    /// No more frames: the sheets as JPEG files; none of a film without a picture.
    pub fn finish(mut self) -> Result<Vec<Vec<u8>>, AvError> {
        if let Some(shown) = self.shown.take() {
            while self.next < self.board.tiles() {
                self.take(&shown)?;
            }
        }
        Ok(self.done)
    }

    fn take(&mut self, frame: &Frame) -> Result<(), AvError> {
        let size = self.board.tile(self.next).size;
        let tile = small_picture(frame, Orientation::default(), Part::Whole, size)?;
        self.tiles.push(tile);
        self.next += 1;
        if self.tiles.len() == COLUMNS * ROWS || self.next == self.board.tiles() {
            self.close_sheet()?;
        }
        Ok(())
    }

    fn close_sheet(&mut self) -> Result<(), AvError> {
        let size = self.board.sheet_size(self.done.len());
        let first = self.next - self.tiles.len();
        let mut canvas = Frame::canvas(size.0, size.1)?;
        for (index, tile) in self.tiles.iter().enumerate() {
            let (x, y) = self.board.tile(first + index).at;
            canvas.paste(tile, x, y);
        }
        let sheet = encode_jpeg(&canvas, Orientation::default(), size, QUALITY)?;
        self.done.push(sheet);
        self.tiles.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(seconds: u64) -> Board {
        Board::new(Millis::from_secs(seconds), (640, 360))
    }

    #[test]
    fn short_films_have_a_tile_every_two_seconds_and_long_ones_a_hundred() {
        for (seconds, tiles, sheets) in [(1, 1, 1), (5, 3, 1), (50, 25, 1), (51, 26, 2)] {
            let board = board(seconds);
            assert_eq!(
                (board.tiles(), board.sheets()),
                (tiles, sheets),
                "{seconds}"
            );
        }
        for seconds in [200, 201, 300, 1800, 36_000] {
            let board = board(seconds);
            assert!((99..=100).contains(&board.tiles()), "{seconds}");
            assert_eq!(board.sheets(), 4, "{seconds}");
        }
    }

    #[test]
    fn tiles_cover_the_film_without_a_gap_and_lie_in_their_sheets() {
        for ms in [1, 1999, 2000, 2001, 61_040, 123_457, 1_000_001] {
            let board = Board::new(Millis(ms), (640, 360));
            let mut end = Millis(0);
            for index in 0..board.tiles() {
                let tile = board.tile(index);
                assert!(tile.from == end && tile.to > tile.from, "{ms}: {tile:?}");
                let (width, height) = board.sheet_size(tile.sheet);
                assert!(tile.sheet < board.sheets());
                assert!(tile.at.0 + 320 <= width && tile.at.1 + 180 <= height);
                assert!(width <= 5 * 320 && height <= 5 * 180);
                end = tile.to;
            }
            assert_eq!(end, Millis(ms));
        }
    }

    #[test]
    fn tiles_have_the_films_shape_and_are_never_enlarged() {
        let tile = |size| Board::new(Millis(1), size).tile(0).size;
        assert_eq!(tile((640, 360)), (320, 180));
        assert_eq!(tile((202, 360)), (202, 360));
        assert_eq!(tile((640, 268)), (320, 134));
        assert_eq!(tile((2, 2)), (2, 2));
    }

    #[test]
    fn the_last_sheet_has_only_the_rows_that_it_needs() {
        let board = board(66);
        assert_eq!(board.tiles(), 33);
        assert_eq!(board.sheet_size(0), (1600, 900));
        assert_eq!(board.sheet_size(1), (1600, 360));
        assert_eq!(
            Board::new(Millis(5000), (640, 360)).sheet_size(0),
            (960, 180)
        );
    }
}
