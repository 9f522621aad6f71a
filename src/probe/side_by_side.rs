//! Two films next to each other, for a person to say whether they are the same. In: two open uploads and the moments to
//! compare. Out: one JPEG, this film's pictures above the other's. Decodes only from the key frame before each moment.

use std::fs::File;

use serde::{Deserialize, Serialize};

use super::Orientation;
use crate::av::{
    self, AvError, Decoded, Decoder, Demuxed, Frame, Input, JpegQuality, Packet, PacketFacts,
    StreamFacts, StreamKind,
};
use crate::units::Millis;

/// Pictures next to each other.
pub const MOST_MOMENTS: usize = 4;
/// Size of one picture.
const TILE: (u32, u32) = (320, 180);
/// Between two pictures.
const GAP: u32 = 4;
/// Bytes of packets that are kept until the moment wanted is reached; beyond, the moment is taken earlier.
const MOST_KEPT: u64 = 64 << 20;
/// Every frame is decoded so many milliseconds before a moment that is wanted.
const NEAR_MS: i64 = 500;

/// The same moment in two films.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// From the start of this film.
    pub here: Millis,
    /// From the start of the other one.
    pub there: Millis,
}

/// The pictures of both films at these moments, rising. A moment that cannot be decoded stays black.
pub fn side_by_side(ours: File, theirs: File, moments: &[Moment]) -> Result<Vec<u8>, AvError> {
    let moments = &moments[..moments.len().min(MOST_MOMENTS)];
    let (width, height) = (TILE.0 + GAP, TILE.1 + GAP);
    let columns = u32::try_from(moments.len()).unwrap_or(0).max(1);
    let mut canvas = Frame::canvas(columns * width - GAP, 2 * height - GAP)?;
    let rows = [
        (ours, moments.iter().map(|m| m.here).collect::<Vec<_>>()),
        (theirs, moments.iter().map(|m| m.there).collect()),
    ];
    for (row, (file, times)) in (0..).zip(rows) {
        for (column, tile) in (0..).zip(tiles(file, &times)?) {
            let Some(tile) = tile else {
                continue;
            };
            let x = column * width + (TILE.0 - tile.width().min(TILE.0)) / 2;
            let y = row * height + (TILE.1 - tile.height().min(TILE.1)) / 2;
            canvas.paste(&tile, x, y);
        }
    }
    let size = (canvas.width(), canvas.height());
    av::encode_jpeg(&canvas, Orientation::default(), size, JpegQuality(5))
}

/// One film being looked at.
struct Look<'a> {
    decoder: Decoder,
    stream: &'a StreamFacts,
    origin: i64,
    wanted: &'a [Millis],
    tiles: Vec<Option<Frame>>,
    /// With the time in milliseconds at which each is shown.
    kept: Vec<(i64, Packet)>,
    bytes: u64,
}

fn tiles(file: File, wanted: &[Millis]) -> Result<Vec<Option<Frame>>, AvError> {
    let mut input = Input::open(file)?;
    let Some(stream) = StreamFacts::main(&input.streams(), StreamKind::Video) else {
        return Ok(vec![]);
    };
    let mut look = Look {
        decoder: Decoder::open(&input, stream.index, 1)?,
        stream: &stream,
        origin: input.start_time(),
        wanted,
        tiles: Vec::new(),
        kept: Vec::new(),
        bytes: 0,
    };
    input.keep_only(&[stream.index]);
    let mut packet = Packet::empty();
    while look.tiles.len() < wanted.len() {
        // A file that breaks off is looked at as far as it goes.
        if !matches!(input.read(&mut packet), Demuxed::Packet) {
            break;
        }
        let facts = PacketFacts::of(&packet);
        if facts.stream == stream.index {
            look.keep(&packet, &facts);
        }
    }
    look.decode(None);
    Ok(look.tiles)
}

impl Look<'_> {
    fn keep(&mut self, packet: &Packet, facts: &PacketFacts) {
        let time = facts.timestamp().map_or(0, |ticks| self.time(ticks));
        if facts.key {
            self.decode(Some(time));
            self.kept.clear();
            self.bytes = 0;
        }
        if self.bytes < MOST_KEPT {
            self.bytes += facts.bytes;
            self.kept.push((time, packet.clone()));
        }
    }

    fn time(&self, ticks: i64) -> i64 {
        (self
            .stream
            .time_base
            .to_micros(ticks)
            .saturating_sub(self.origin))
            / 1000
    }

    /// Takes the pictures that are wanted before the next key frame: the first at or behind each moment.
    fn decode(&mut self, next_key: Option<i64>) {
        let is_due = |at: &Millis| next_key.is_none_or(|key| to_signed(*at) < key);
        let due = self.wanted[self.tiles.len()..]
            .iter()
            .take_while(|at| is_due(at))
            .count();
        let all = self.tiles.len() + due;
        if due == 0 {
            return;
        }
        let mut last = None;
        for (time, packet) in std::mem::take(&mut self.kept) {
            if self.tiles.len() == all {
                break;
            }
            // What no other frame needs, and nobody will see, is not decoded.
            let wanted = to_signed(self.wanted[self.tiles.len()]);
            self.decoder.skip_unreferenced(time < wanted - NEAR_MS);
            // A packet that is damaged costs its picture.
            if self.decoder.send(&packet).is_ok() {
                self.take(all, &mut last);
            }
        }
        if self.decoder.finish().is_ok() {
            self.take(all, &mut last);
        }
        self.decoder.flush();
        let last = last.and_then(|frame| self.tile(&frame));
        while self.tiles.len() < all {
            self.tiles
                .push(last.as_ref().and_then(|tile| tile.share().ok()));
        }
    }

    fn take(&mut self, all: usize, last: &mut Option<Frame>) {
        let mut frame = Frame::empty();
        while self.decoder.receive(&mut frame) == Ok(Decoded::Frame) {
            let time = frame.timestamp().map_or(0, |ticks| self.time(ticks));
            while self.tiles.len() < all && time >= to_signed(self.wanted[self.tiles.len()]) {
                let shown = self.tile(&frame);
                self.tiles.push(shown);
            }
            *last = Some(std::mem::replace(&mut frame, Frame::empty()));
        }
    }

    fn tile(&self, frame: &Frame) -> Option<Frame> {
        let sar = self.stream.sar.or_else(|| frame.sar()).unwrap_or((1, 1));
        let (width, height) = (
            u64::from(frame.width()) * u64::from(sar.0),
            u64::from(frame.height()) * u64::from(sar.1),
        );
        let turned = self.stream.orientation.rotation % 180 == 90;
        let shape = if turned {
            (height, width)
        } else {
            (width, height)
        };
        av::small_picture(
            frame,
            self.stream.orientation,
            av::Part::Whole,
            fitted(shape),
        )
        .ok()
    }
}

fn to_signed(time: Millis) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// The largest size of this shape that fits into a tile.
fn fitted((width, height): (u64, u64)) -> (u32, u32) {
    let (width, height) = (width.max(1), height.max(1));
    let (most_width, most_height) = (u64::from(TILE.0), u64::from(TILE.1));
    let (fit_width, fit_height) = if width * most_height >= height * most_width {
        (most_width, height * most_width / width)
    } else {
        (width * most_height / height, most_height)
    };
    let even = |size: u64| u32::try_from(size & !1).unwrap_or(2).max(2);
    (even(fit_width), even(fit_height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_fits_into_its_place() {
        assert_eq!(fitted((1920, 1080)), TILE);
        assert_eq!(fitted((1080, 1920)), (100, 180));
        assert_eq!(fitted((4000, 100)), (320, 8));
        assert_eq!(fitted((0, 0)), (180, 180));
    }
}
