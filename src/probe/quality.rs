//! How good picture and sound are, as numbers: what was measured on the decoded frames and samples. Plain data. Never
//! judges: how much is too much stands in presets, and `check` compares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Scan;
use crate::units::Millis;

/// From when to when something lasts, from the start of the presentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    /// Start.
    pub from_ms: Millis,
    /// End.
    pub to_ms: Millis,
}

impl Stretch {
    /// How long it lasts.
    pub fn length(self) -> Millis {
        Millis(self.to_ms.0.saturating_sub(self.from_ms.0))
    }

    /// The part of it that lies in `frame`; of no length where they do not meet.
    #[must_use]
    pub fn within(self, frame: Stretch) -> Stretch {
        Stretch {
            from_ms: self.from_ms.max(frame.from_ms),
            to_ms: self.to_ms.min(frame.to_ms),
        }
    }
}

/// How long these stretches last together.
pub fn total(stretches: &[Stretch]) -> Millis {
    Millis(stretches.iter().map(|stretch| stretch.length().0).sum())
}

/// How much of the film was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct LookedAt {
    /// Frames that were decoded.
    pub frames: u64,
    /// Every frame of the film was; else key frames and short stretches after them.
    pub every_frame: bool,
    /// Every frame was, in the full decode from which the outputs are made.
    #[serde(default)]
    pub while_making: bool,
}

/// What lies around a picture inside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Surround {
    /// Black bars.
    Black,
    /// Bars of one colour.
    Flat,
    /// A blurred picture.
    Blurred,
}

/// The part of the picture, as displayed, that holds the film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContentBox {
    /// Width as displayed, in square pixels.
    pub width: u32,
    /// Height as displayed, in square pixels.
    pub height: u32,
    /// What lies around it.
    pub surround: Surround,
}

/// Whole frames or fields, measured on frames that follow each other in which something moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Fields {
    /// Frames in which top fields come first.
    pub top_first: u64,
    /// Frames in which bottom fields come first.
    pub bottom_first: u64,
    /// Whole frames.
    pub progressive: u64,
    /// Frames whose top field, and only that, was there in the frame before: 3:2 pulldown does that.
    #[serde(default)]
    pub top_repeated: u64,
    /// The same with the bottom field.
    #[serde(default)]
    pub bottom_repeated: u64,
}

impl Fields {
    /// Frames that must agree before anything is said …
    const FEWEST: u64 = 8;
    /// … and where no frame says otherwise.
    const FEWEST_OF_ONE_MIND: u64 = 4;
    /// Repeated fields before pulldown is believed: a camera has none.
    const FEWEST_REPEATED: u64 = 4;

    /// The order of the fields where whole frames of a film were spread over them by 3:2 pulldown; none where not.
    ///
    /// Of five frames one then repeats a top field, and one a bottom field: two in five, where a camera never does. Where little
    /// moves some are missed.
    pub fn pulldown(self) -> Option<Scan> {
        let (repeated, fields) = (
            self.top_repeated + self.bottom_repeated,
            self.top_first + self.bottom_first,
        );
        let all = fields + self.progressive;
        let both = self.top_repeated.min(self.bottom_repeated) * 4 >= repeated;
        let is = repeated >= Self::FEWEST_REPEATED
            && both
            && repeated * 4 >= all
            && fields * 3 <= all * 2;
        let order = if self.top_first >= self.bottom_first {
            Scan::TopFirst
        } else {
            Scan::BottomFirst
        };
        is.then_some(order)
    }

    /// What the film is made of; none where too few frames tell, or where they do not agree.
    ///
    /// Whole frames hardly ever look like fields, but fields do look like whole frames where two of one moment came together: so a
    /// film is made of fields if a third of its frames show them, four in five of these in the same order.
    pub fn scan(self) -> Option<Scan> {
        let fields = self.top_first + self.bottom_first;
        let all = fields + self.progressive;
        let agree = |count: u64, of: u64| {
            let most = count >= Self::FEWEST && count * 5 >= of * 4;
            most || (count >= Self::FEWEST_OF_ONE_MIND && count == all)
        };
        if agree(self.progressive, all) {
            Some(Scan::Progressive)
        } else if fields * 3 < all {
            None
        } else if agree(self.top_first, fields) {
            Some(Scan::TopFirst)
        } else if agree(self.bottom_first, fields) {
            Some(Scan::BottomFirst)
        } else {
            None
        }
    }
}

/// What was measured on the pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PictureQuality {
    /// How much was looked at.
    pub looked_at: LookedAt,
    /// Where the picture is black for a second or longer.
    pub black: Vec<Stretch>,
    /// Where the picture does not change for a second or longer, black or not.
    pub frozen: Vec<Stretch>,
    /// The film inside its bars; none where it fills the picture.
    pub content: Option<ContentBox>,
    /// Over how many pixels the sharper edges extend, as if the picture had 1080 lines: 1 to 3 in a sharp picture, 5 and
    /// more in a blurred one. None where there are no edges to measure.
    pub edge_width: Option<f32>,
    /// How much stronger the borders of 8x8 blocks are than what lies between: 1 where nothing is to be seen of them.
    pub blocking: Option<f32>,
    /// Whole frames or fields.
    pub fields: Fields,
    /// Packets that could not be decoded, and frames that came out damaged.
    pub damaged: u64,
    /// How likely there are subtitles in the picture, 0 to 1: text-like change in the lower third. Never a proof.
    pub burnt_in_text: f32,
}

/// What was measured on the sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SoundQuality {
    /// Loudness range in LU (EBU Tech 3342).
    pub loudness_range_lu: Option<f64>,
    /// Where nothing is louder than -60 dBFS, for three seconds or longer.
    pub silent: Vec<Stretch>,
    /// How often the sound stays at full scale for three samples or more.
    pub clipped: u64,
    /// When it does, the first few times.
    pub clipped_at: Vec<Millis>,
    /// Mean level of each channel in dBFS (RMS); none for a channel without any sound.
    pub channel_levels_dbfs: Vec<Option<f64>>,
    /// How alike left and right are: 1 the same, 0 unrelated, -1 the same upside down. None where there are not two.
    pub correlation: Option<f64>,
    /// Packets that could not be decoded.
    pub damaged: u64,
}

/// A side of a stereo sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
}

impl SoundQuality {
    /// A side below this is as good as empty, in dBFS.
    pub const NOTHING: f64 = -90.0;
    /// Where the louder side is below this, there is no sound to miss, in dBFS.
    const AUDIBLE: f64 = -55.0;

    /// Levels of left and right in dBFS, where the sound is stereo and can be heard at all.
    pub fn sides(&self) -> Option<(f64, f64)> {
        let [left, right] = self.channel_levels_dbfs[..] else {
            return None;
        };
        let (left, right) = (
            left.unwrap_or(Self::NOTHING),
            right.unwrap_or(Self::NOTHING),
        );
        (left.max(right) >= Self::AUDIBLE).then_some((left, right))
    }

    /// The side that has the sound, where the other is more than so many dB below.
    pub fn one_ear(&self, max_difference: f64) -> Option<Side> {
        let (left, right) = self.sides()?;
        let louder = if left > right {
            Side::Left
        } else {
            Side::Right
        };
        ((left - right).abs() > max_difference).then_some(louder)
    }
}
