//! Every frame of a film, looked at while the film is made. In: the frames of the one full decode, as the decoder gives
//! them. Out: a [`FullLook`]: exact facts in place of the sampled ones. Uses the meter that `check` samples with; never
//! decodes, never judges.
//!
//! What it costs is kept small. Every frame gets the quick look at 135 rows (black, frozen), which is what samples can
//! miss. Bars, edges, blocks and text get a whole picture every 0.9 s, at most 600 in a film; fields get 30 groups of
//! frames that follow each other. Both are spread over the film, and are many more than a verdict needs.

use serde::{Deserialize, Serialize};

use super::picture_meter::PictureMeter;
use super::pictures::Pictures;
use super::quality::PictureQuality;
use super::sampler::{Looked, Sample, Watch};
use super::{Measured, Millis, VideoInfo};
use crate::av::{Frame, StreamFacts};

/// What every frame of a film showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FullLook {
    /// The facts.
    pub picture: PictureQuality,
    /// As [`Evidence::contact_sheet_jpeg`](super::evidence::Evidence::contact_sheet_jpeg).
    pub contact_sheet_jpeg: Option<String>,
    /// As [`Evidence::subtitle_strip_jpeg`](super::evidence::Evidence::subtitle_strip_jpeg).
    pub subtitle_strip_jpeg: Option<String>,
}

impl Measured {
    /// Whether samples are all that is known of the picture.
    pub fn rests_on_samples(&self) -> bool {
        let quality = self.media.picture_quality.as_ref();
        quality.is_none_or(|quality| !quality.looked_at.every_frame)
    }

    /// What the samples showed gives way to what every frame showed. The sound was heard in full already.
    pub fn take_in(&mut self, look: FullLook) {
        self.media.picture_quality = Some(look.picture);
        if look.contact_sheet_jpeg.is_some() {
            self.evidence.contact_sheet_jpeg = look.contact_sheet_jpeg;
            self.evidence.subtitle_strip_jpeg = look.subtitle_strip_jpeg;
        }
    }
}

/// Looks at every frame as it is decoded.
pub struct FrameMeter {
    video: VideoInfo,
    meter: PictureMeter,
    pictures: Pictures,
    frames: u64,
    last: Option<i64>,
}

impl std::fmt::Debug for FrameMeter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameMeter")
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

impl FrameMeter {
    /// A meter for a picture that was measured on samples; `facts` are those of its stream.
    pub fn new(video: VideoInfo, facts: &StreamFacts) -> Self {
        let length = i64::try_from(video.end_ms.0.saturating_mul(1000)).ok();
        FrameMeter {
            meter: PictureMeter::of_every_frame(video.end_ms, video.packets),
            pictures: Pictures::new(facts, length),
            video,
            frames: 0,
            last: None,
        }
    }

    /// Looks at the next frame. `time` is when it is shown, in microseconds from the presentation's start; none where the
    /// decoder does not know.
    pub fn see(&mut self, frame: &Frame, time: Option<i64>) {
        let rate = self.video.frame_rate;
        let step = 1_000_000 * i64::from(rate.den) / i64::from(rate.num.max(1));
        let guess = self.last.map_or(0, |last| last.saturating_add(step));
        let time = time.unwrap_or(guess).max(0);
        let sample = Sample {
            time_ms: Millis(time.unsigned_abs() / 1000),
            frame,
            consecutive: self.last.is_some(),
        };
        self.meter.see(&sample);
        self.pictures.see(&sample, self.meter.text());
        self.last = Some(time);
        self.frames += 1;
    }

    /// What there was to be seen, and how many places were damaged.
    pub fn finish(self, damaged: u64) -> FullLook {
        let looked = Looked {
            frames: self.frames,
            damaged,
            every_frame: true,
        };
        let mut picture = self.meter.finish(&self.video, looked);
        picture.looked_at.while_making = true;
        let (contact_sheet_jpeg, subtitle_strip_jpeg) = self.pictures.finish();
        FullLook {
            picture,
            contact_sheet_jpeg,
            subtitle_strip_jpeg,
        }
    }
}
