//! Measuring the picture on the frames that are decoded. In: [`Sample`]s, and the sizes of all packets. Out: a
//! [`PictureQuality`]. Every sample gets a quick look (black, frozen); some get a whole one (bars, edges, text), at a
//! [`Pace`] that depends on how many there will be. Works on brightness in 8 bits, in integers; never keeps more than three pictures.

mod bars;
mod burnt_in;
mod edges;
mod fields;
mod plane;
mod stillness;

use super::quality::{LookedAt, PictureQuality};
use super::sampler::{Looked, Sample, Watch};
use super::{Millis, VideoInfo};

pub(super) use burnt_in::TextBand;
pub(super) use plane::Plane;

/// Between two whole looks, at least.
const WHOLE_LOOK_EVERY: u64 = 900;
/// Most whole looks at a film of which every frame is seen.
const MOST_WHOLE_LOOKS: u64 = 600;
/// Rows of a quick look.
const QUICK_ROWS: u32 = 135;

/// How the costly looks are spread.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Between two whole looks.
    whole_look_every: u64,
    /// Frames between two groups whose fields are compared.
    fields_pause: u64,
}

/// Measures as the pictures come.
pub(super) struct PictureMeter {
    size: (u32, u32),
    pace: Pace,
    stillness: stillness::Stillness,
    bars: bars::Bars,
    edges: edges::Edges,
    fields: fields::FieldOrder,
    text: burnt_in::BurntIn,
    next: u64,
    seen_text: Option<TextBand>,
}

impl PictureMeter {
    /// For samples, which are few.
    pub(super) fn new() -> Self {
        PictureMeter::at(Pace {
            whole_look_every: WHOLE_LOOK_EVERY,
            fields_pause: fields::SHORTEST_PAUSE,
        })
    }

    /// For every frame of a film of this length and about so many frames.
    pub(super) fn of_every_frame(length: Millis, frames: u64) -> Self {
        PictureMeter::at(Pace {
            whole_look_every: (length.0 / MOST_WHOLE_LOOKS).max(WHOLE_LOOK_EVERY),
            fields_pause: (frames / fields::GROUPS).max(fields::SHORTEST_PAUSE),
        })
    }

    fn at(pace: Pace) -> Self {
        PictureMeter {
            size: (0, 0),
            pace,
            stillness: stillness::Stillness::default(),
            bars: bars::Bars::default(),
            edges: edges::Edges::default(),
            fields: fields::FieldOrder::new(pace.fields_pause),
            text: burnt_in::BurntIn::default(),
            next: 0,
            seen_text: None,
        }
    }

    /// A packet of the picture passed by, decoded or not.
    pub(super) fn packet(&mut self, time: Millis, bytes: u64, key: bool) {
        self.stillness.packet(time, bytes, key);
    }

    /// The line of text in the sample that was seen last, if it was looked at and has one.
    pub(super) fn text(&self) -> Option<&TextBand> {
        self.seen_text.as_ref()
    }

    /// What was measured on a film that ends at `end`.
    pub(super) fn finish(self, video: &VideoInfo, looked: Looked) -> PictureQuality {
        let end = video.end_ms;
        let (black, frozen) = self.stillness.finish(end, looked.every_frame);
        PictureQuality {
            looked_at: LookedAt {
                frames: looked.frames,
                every_frame: looked.every_frame,
                while_making: false,
            },
            black,
            frozen,
            content: self.bars.content(video),
            edge_width: self.edges.width(self.size.1),
            blocking: self.bars.blocking(),
            fields: self.fields.count(),
            damaged: looked.damaged,
            burnt_in_text: self.text.likelihood(),
        }
    }
}

impl Watch for PictureMeter {
    fn see(&mut self, sample: &Sample<'_>) {
        self.seen_text = None;
        let frame = sample.frame;
        let size = (frame.width(), frame.height());
        // What is measured by rows and columns needs pictures of one size.
        if self.size != size {
            *self = PictureMeter {
                size,
                stillness: std::mem::take(&mut self.stillness),
                ..PictureMeter::at(self.pace)
            };
            self.stillness.forget_picture();
        }
        let step = (size.1 / QUICK_ROWS).max(1);
        let Some(quick) = Plane::of(frame, step) else {
            return;
        };
        let pixels = u64::from(size.0) * u64::from(size.1);
        let coded = (sample.consecutive, frame.is_intra());
        let black = self.stillness.see(quick, sample.time_ms, coded, pixels);
        self.fields.see(sample);
        if black || sample.time_ms.0 < self.next {
            return;
        }
        self.next = sample.time_ms.0 + self.pace.whole_look_every;
        if let Some(plane) = Plane::of(frame, 1) {
            self.bars.see(&plane);
            self.edges.see(&plane);
            self.seen_text = self.text.see(&plane);
        }
    }
}
