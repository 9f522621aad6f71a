//! Copy-through: may the top rung carry the packets of the upload? In: what was measured and what the rung wants. Out: a
//! [`CopyRecipe`], or nothing where the picture has to be encoded. Pure.
//!
//! A copy is taken where nobody could tell it from an encode by the package: High profile, bt709, square pixels, whole frames on
//! the constant rate, an IDR picture at least as often as the ladder wants, a rate under the rung's cap. The other rungs
//! get their IDR pictures at the same frames, so that players can switch.

use serde::{Deserialize, Serialize};

use super::hls::{MediaPlaylist, Segment};
use super::ladder::Treatment;
use crate::preset::Rung;
use crate::probe::gops::{ClosedGops, Gop};
use crate::probe::{MediaInfo, VideoInfo};
use crate::units::FrameRate;

/// A group may be this much longer than the ladder wants, in frames: 2.002 s are two seconds of 23.976 frames.
const GOP_TOLERANCE: u64 = 1;
/// Groups shorter than half a second on the whole would spoil the rungs that must follow them.
const FEWEST_FRAMES_A_GOP: f64 = 0.5;
/// A segment may be this much longer than the ladder wants, in seconds: its target duration is the same (RFC 8216
/// §4.3.3.1 rounds).
const SEGMENT_TOLERANCE: f64 = 0.4;
/// The film may be this many frames longer than its picture: the last frame of sound reaches beyond it.
const TAIL: u64 = 1;
/// Peak over average (Apple 1.30).
const MOST_ABOVE_AVERAGE: u64 = 2;

/// The top rung's picture as it was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyRecipe {
    /// Frames that are IDR pictures, rising from 0.
    pub idrs: Vec<u64>,
    /// Frames by which reordering delays the picture.
    pub delay: u32,
}

/// What all pictures of this film have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common<'a> {
    pub(super) treatment: &'a Treatment,
    pub(super) frame_rate: FrameRate,
    pub(super) gop_frames: u32,
    pub(super) segment_frames: u32,
    pub(super) frames: u64,
}

/// The copy for this top rung, if one is as good as an encode.
pub(super) fn copy(
    media: &MediaInfo,
    gops: &ClosedGops,
    rung: &Rung,
    common: &Common<'_>,
) -> Option<CopyRecipe> {
    let video = media.video.as_ref()?;
    let fits = is_wanted_picture(video, rung)
        && is_untreated(common.treatment)
        && is_whole(media)
        && gops.frame_rate == common.frame_rate
        && (gops.frames..=gops.frames + TAIL).contains(&common.frames)
        && is_cut_often_enough(gops, common);
    let copy = CopyRecipe {
        idrs: gops.gops.iter().map(|gop| gop.frame).collect(),
        delay: gops.delay,
    };
    (fits && is_under_the_cap(gops, &copy, rung, common)).then_some(copy)
}

impl CopyRecipe {
    /// Frames of each segment: as long as the ladder wants, or up to the last IDR picture before that.
    pub(super) fn segments(
        &self,
        wanted: u32,
        frames: u64,
        rate: FrameRate,
    ) -> impl Iterator<Item = u64> {
        let longest = u64::from(wanted) + segment_tolerance(rate);
        let mut start = 0;
        let idrs = self.idrs.iter().copied().chain([frames]);
        let ends: Vec<u64> = idrs.filter(|idr| *idr > 0 && *idr <= frames).collect();
        let mut lengths = Vec::new();
        for (at, end) in ends.iter().enumerate() {
            let next = ends.get(at + 1);
            if next.is_none_or(|next| next - start > longest) {
                lengths.push(end - start);
                start = *end;
            }
        }
        lengths.into_iter()
    }

    /// Whether this frame is an IDR picture.
    pub(super) fn is_idr(&self, frame: u64) -> bool {
        self.idrs.binary_search(&frame).is_ok()
    }

    /// The longest distance of two IDR pictures, in frames.
    pub(super) fn longest_gop(&self, frames: u64) -> u64 {
        longest_gap(&self.idrs, frames)
    }
}

/// Frames by which a segment may be longer than the ladder wants.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "less than half a second of frames"
)]
pub(super) fn segment_tolerance(rate: FrameRate) -> u64 {
    (rate.as_f64() * SEGMENT_TOLERANCE) as u64
}

fn longest_gap(idrs: &[u64], frames: u64) -> u64 {
    let ends = idrs.iter().skip(1).copied().chain([frames]);
    let gaps = idrs
        .iter()
        .zip(ends)
        .map(|(start, end)| end.saturating_sub(*start));
    gaps.max().unwrap_or(0)
}

fn is_wanted_picture(video: &VideoInfo, rung: &Rung) -> bool {
    let size = (video.width, video.height);
    let untagged_or = |tag: &str| tag == "bt709" || tag == "unknown";
    video.codec == "h264"
        && video.profile.as_deref() == Some("High")
        && video.pixel_format == "yuv420p"
        && video.sar == (1, 1)
        && size == (video.display_width, video.display_height)
        && size == (rung.width, rung.height)
        && untagged_or(&video.color_primaries)
        && untagged_or(&video.color_transfer)
}

fn is_untreated(treatment: &Treatment) -> bool {
    *treatment == Treatment::NONE
}

fn is_whole(media: &MediaInfo) -> bool {
    let damaged = media.picture_quality.as_ref().map_or(0, |q| q.damaged);
    media.cut_off_at_ms.is_none() && damaged == 0
}

fn is_cut_often_enough(gops: &ClosedGops, common: &Common<'_>) -> bool {
    let idrs: Vec<u64> = gops.gops.iter().map(|gop| gop.frame).collect();
    let shortest = common.frame_rate.as_f64() * FEWEST_FRAMES_A_GOP;
    longest_gap(&idrs, gops.frames) <= u64::from(common.gop_frames) + GOP_TOLERANCE
        && gops.frames as f64 >= idrs.len() as f64 * shortest
}

fn is_under_the_cap(
    gops: &ClosedGops,
    copy: &CopyRecipe,
    rung: &Rung,
    common: &Common<'_>,
) -> bool {
    let rate = gops.frame_rate;
    let mut end = 0;
    let segments = copy
        .segments(common.segment_frames, gops.frames, rate)
        .map(|length| {
            let start = end;
            end += length;
            let inside = |gop: &&Gop| (start..end).contains(&gop.frame);
            Segment {
                uri: String::new(),
                bytes: gops.gops.iter().filter(inside).map(|gop| gop.bytes).sum(),
                ticks: length * u64::from(rate.den),
                key_frames: vec![],
            }
        });
    let playlist = MediaPlaylist {
        timescale: rate.num,
        init: None,
        segments: segments.collect(),
    };
    let rates = playlist.rates(playlist.target_duration());
    rates.peak <= rung.max_bit_rate.0 && rates.peak <= rates.average * MOST_ABOVE_AVERAGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Scan;
    use crate::probe::quality::Fields;
    use crate::transcode::ladder::{Recipe, recipe};
    use crate::units::Millis;

    const RATE: FrameRate = FrameRate { num: 25, den: 1 };

    fn lengths(idrs: &[u64], frames: u64) -> Vec<u64> {
        let copy = CopyRecipe {
            idrs: idrs.to_vec(),
            delay: 2,
        };
        copy.segments(150, frames, RATE).collect()
    }

    #[test]
    fn segments_end_at_the_last_idr_picture_within_six_seconds() {
        assert_eq!(lengths(&[0, 50, 100, 150, 200], 230), [150, 80]);
        assert_eq!(lengths(&[0, 51, 102, 153, 204], 220), [153, 67]);
        assert_eq!(lengths(&[0, 40, 90, 140, 165, 200], 300), [140, 160]);
        assert_eq!(lengths(&[0], 30), [30]);
        assert_eq!(lengths(&[0, 25], 30), [30]);
    }

    /// Three minutes, an IDR picture every second, 4 Mb/s.
    fn stream() -> ClosedGops {
        let gop = |second: u64| Gop {
            frame: second * 25,
            bytes: 500_000,
        };
        ClosedGops {
            frame_rate: RATE,
            frames: 180 * 25,
            delay: 2,
            gops: (0..180).map(gop).collect(),
        }
    }

    fn made_of(change: impl FnOnce(&mut MediaInfo, &mut ClosedGops)) -> Recipe {
        let (mut media, mut gops) = (crate::check::sample::media(), stream());
        if let Some(video) = &mut media.video {
            video.profile = Some("High".into());
        }
        change(&mut media, &mut gops);
        let ladder = crate::preset::ladder(crate::preset::DEFAULT_LADDER).unwrap();
        recipe(&media, Some(&gops), &ladder).unwrap()
    }

    fn is_copied(change: impl FnOnce(&mut MediaInfo, &mut ClosedGops)) -> bool {
        made_of(change).copy.is_some()
    }

    #[test]
    fn what_the_top_rung_wants_is_copied() {
        let copied = made_of(|_, _| {});
        assert_eq!(copied.copy.unwrap().idrs.len(), 180);
        // The last frame of sound reaches beyond the picture: the picture's end counts.
        let longer = made_of(|media, _| media.duration_ms = Millis(180_040));
        assert!(longer.copy.is_some());
        assert_eq!(longer.frames, 180 * 25);
    }

    #[test]
    fn everything_else_is_encoded() {
        let video = |change: fn(&mut VideoInfo)| {
            is_copied(move |media, _| change(media.video.as_mut().unwrap()))
        };
        assert!(!video(|v| v.codec = "hevc".into()));
        assert!(!video(|v| v.profile = Some("Main".into())));
        assert!(!video(|v| v.pixel_format = "yuv420p10le".into()));
        assert!(!video(|v| v.rotation = 180));
        // What was measured counts, and only where nothing told, the mark.
        let marked = |fields| {
            is_copied(move |media, _| {
                media.video.as_mut().unwrap().scan = Scan::TopFirst;
                media.picture_quality.as_mut().unwrap().fields = fields;
            })
        };
        assert!(!marked(Fields::default()));
        assert!(marked(Fields {
            progressive: 100,
            ..Fields::default()
        }));
        assert!(!video(|v| v.full_range = true));
        assert!(!video(|v| v.color_space = "smpte170m".into()));
        assert!(!video(|v| v.color_primaries = "smpte170m".into()));
        assert!(!video(|v| v.sar = (4, 3)));
        assert!(!video(|v| (v.width, v.display_width) = (3840, 3840)));
        assert!(!is_copied(|media, _| media.duration_ms = Millis(181_000)));
        assert!(!is_copied(
            |media, _| media.cut_off_at_ms = Some(Millis(180_000))
        ));
    }

    #[test]
    fn groups_that_are_too_long_too_short_or_too_heavy_are_encoded() {
        assert!(!is_copied(|_, gops| gops
            .gops
            .retain(|gop| gop.frame % 75 == 0)));
        assert!(!is_copied(|_, gops| {
            gops.gops = (0..900)
                .map(|at| Gop {
                    frame: at * 5,
                    bytes: 1000,
                })
                .collect();
        }));
        let weight = |bytes| {
            is_copied(move |_, gops| gops.gops.iter_mut().for_each(|gop| gop.bytes = bytes))
        };
        assert!(weight(625_000), "exactly 5 Mb/s");
        assert!(!weight(625_001));
        let burst = is_copied(|_, gops| {
            for gop in &mut gops.gops {
                gop.bytes = if gop.frame < 150 { 600_000 } else { 1000 };
            }
        });
        assert!(!burst, "far above the average");
    }

    #[test]
    fn a_ladder_can_forbid_it() {
        let mut ladder = crate::preset::ladder(crate::preset::DEFAULT_LADDER).unwrap();
        ladder.video.copy = false;
        let mut media = crate::check::sample::media();
        media.video.as_mut().unwrap().profile = Some("High".into());
        let made = recipe(&media, Some(&stream()), &ladder).unwrap();
        assert_eq!(made.copy, None);
    }
}
