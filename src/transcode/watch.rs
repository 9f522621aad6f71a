//! Everybody who looks on while a film is decoded once for all its outputs. In: frames as the decoder gives them, and as
//! the filters leave them. Out: the poster's frame, the storyboard, and what every frame showed where that was asked for. Never holds
//! back the encoders for more than a look.

use super::make::MakeOrder;
use super::stills;
use crate::av::{AvError, Frame, StreamFacts};
use crate::probe::full_look::{FrameMeter, FullLook};
use crate::thumbnail::poster;
use crate::thumbnail::storyboard::Sheets;

/// The poster is chosen among this many frames.
const POSTER_CANDIDATES: u64 = 24;

/// The onlookers.
pub(super) struct Watchers {
    meter: Option<FrameMeter>,
    poster: Poster,
    storyboard: Sheets,
}

/// What they saw.
pub(super) struct Seen {
    /// The frame that makes the best poster, as large as the top rung.
    pub(super) poster: Option<Frame>,
    /// The storyboard's sheets as JPEG files.
    pub(super) sheets: Vec<Vec<u8>>,
    /// What every frame showed, where the order wants to know.
    pub(super) look: Option<FullLook>,
}

impl Watchers {
    pub(super) fn new(order: &MakeOrder, video: &StreamFacts) -> Self {
        let look = order.look.clone();
        Watchers {
            meter: look.map(|info| FrameMeter::new(*info, video)),
            poster: Poster::new(order.recipe.frames),
            storyboard: Sheets::new(stills::board(&order.recipe)),
        }
    }

    /// A frame came out of the decoder; `micros` is when it is shown, from the presentation's start.
    pub(super) fn decoded(&mut self, frame: &Frame, micros: Option<i64>) {
        if let Some(meter) = &mut self.meter {
            meter.see(frame, micros);
        }
    }

    /// A frame of the top rung came out of the filters.
    pub(super) fn top(&mut self, frame: &Frame) -> Result<(), AvError> {
        self.poster.offer(frame)
    }

    /// A frame of the rung that small pictures are made of came out of the filters.
    pub(super) fn preview(&mut self, frame: &Frame, micros: i64) -> Result<(), AvError> {
        self.storyboard.see(frame, micros)
    }

    /// No more frames; so many places were damaged.
    pub(super) fn finish(self, damaged: u64) -> Result<Seen, AvError> {
        Ok(Seen {
            poster: self.poster.best.map(|(_, frame)| frame),
            sheets: self.storyboard.finish()?,
            look: self.meter.map(|meter| meter.finish(damaged)),
        })
    }
}

/// Keeps the best of a few frames spread over the film.
struct Poster {
    every: u64,
    seen: u64,
    best: Option<(f64, Frame)>,
}

impl Poster {
    fn new(frames: u64) -> Self {
        Poster {
            every: (frames / POSTER_CANDIDATES).max(1),
            seen: 0,
            best: None,
        }
    }

    fn offer(&mut self, frame: &Frame) -> Result<(), AvError> {
        // Offset by half a step: the very first frame is often black or an editor's cover.
        let wanted = self.seen % self.every == self.every / 2;
        self.seen += 1;
        if !wanted && self.best.is_some() {
            return Ok(());
        }
        let score = poster::score(frame);
        if self.best.as_ref().is_none_or(|(best, _)| score > *best) {
            self.best = Some((score, frame.share()?));
        }
        Ok(())
    }
}
