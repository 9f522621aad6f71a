//! How much a picture is like the one that it was made from. In: pairs of frames of one size. Out: a number for each pair, by a
//! measure that people know: VMAF (0 to 100) or SSIM (Wang et al. 2004, 0 to 1). Writes to no file but one in memory.

use std::ffi::CStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;

use serde::{Deserialize, Serialize};

use super::{AvError, Decoded, Frame, Graph, GraphBuilder, Source, Timestamps, has_filter};

/// What FFmpeg's filter `ssim` writes onto each frame: luma and both chroma planes together, by their sizes.
const SSIM_OF_ALL: &CStr = c"lavfi.ssim.All";

/// By what pictures are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Video Multimethod Assessment Fusion, model v0.6.1, 0 to 100.
    Vmaf,
    /// Structural similarity, luma and chroma, 0 to 1.
    Ssim,
}

impl Measure {
    /// The better one of those that this build of FFmpeg has.
    pub fn best() -> Self {
        if has_filter(Measure::Vmaf.filter()) {
            Measure::Vmaf
        } else {
            Measure::Ssim
        }
    }

    /// A score as people write it: `VMAF 93.4`, `SSIM 0.9712`.
    pub fn written(self, score: f64) -> String {
        match self {
            Measure::Vmaf => format!("VMAF {score:.1}"),
            Measure::Ssim => format!("SSIM {score:.4}"),
        }
    }

    fn filter(self) -> &'static str {
        match self {
            Measure::Vmaf => "libvmaf",
            Measure::Ssim => "ssim",
        }
    }
}

/// A comparison that goes on.
#[derive(Debug)]
pub struct Comparison {
    graph: Graph,
    /// Where libvmaf writes what it found, once it has seen all: it has no other way to tell.
    log: Option<File>,
    pairs: i64,
    scores: Vec<f64>,
}

impl Comparison {
    /// A comparison of frames that have the sizes of these two.
    pub fn new(measure: Measure, made: &Frame, original: &Frame) -> Result<Self, AvError> {
        let mut builder = GraphBuilder::new(1)?;
        let mut side = |frame| {
            builder.source(&Source {
                frame,
                time_base: Timestamps { num: 1, den: 1 },
                sar: (1, 1),
            })
        };
        let sides = [side(made)?, side(original)?];
        let log = match measure {
            Measure::Ssim => None,
            Measure::Vmaf => Some(log().map_err(|error| {
                AvError::own(
                    "cannot compare pictures",
                    format!("no memory file: {error}"),
                )
            })?),
        };
        let options = log.as_ref().map(|log| {
            let path = format!("/proc/self/fd/{}", log.as_raw_fd());
            [("log_path", path), ("log_fmt", "json".to_owned())]
        });
        let options = options.as_ref().map_or(&[][..], |options| options);
        let compared = builder.behind(&sides, measure.filter(), options)?;
        builder.sink(compared, false)?;
        Ok(Comparison {
            graph: builder.build()?,
            log,
            pairs: 0,
            scores: Vec::new(),
        })
    }

    /// One more pair.
    pub fn add(&mut self, made: &Frame, original: &Frame) -> Result<(), AvError> {
        for (source, frame) in [made, original].into_iter().enumerate() {
            let mut frame = frame.share()?;
            frame.set_pts(self.pairs);
            self.graph.push_into(source, &frame)?;
        }
        self.pairs += 1;
        self.pull()
    }

    /// A number for each pair, in their order.
    pub fn finish(mut self) -> Result<Vec<f64>, AvError> {
        self.graph.finish()?;
        self.pull()?;
        let Comparison {
            graph,
            log,
            pairs,
            mut scores,
        } = self;
        // This lets libvmaf write.
        drop(graph);
        if let Some(mut log) = log {
            let mut text = String::new();
            let read = log.read_to_string(&mut text);
            scores = read.ok().and_then(|_| scores_of(&text)).unwrap_or_default();
        }
        if i64::try_from(scores.len()).ok() != Some(pairs) {
            let why = format!("{pairs} pairs gave {} numbers", scores.len());
            return Err(AvError::own("cannot compare pictures", why));
        }
        Ok(scores)
    }

    fn pull(&mut self) -> Result<(), AvError> {
        let mut frame = Frame::empty();
        while self.graph.pull(0, &mut frame)? == Decoded::Frame {
            let score = frame.metadata(SSIM_OF_ALL);
            self.scores
                .extend(score.and_then(|text| text.parse::<f64>().ok()));
        }
        Ok(())
    }
}

fn log() -> std::io::Result<File> {
    Ok(rustix::fs::memfd_create(c"scores", rustix::fs::MemfdFlags::CLOEXEC)?.into())
}

/// The VMAF of each frame, as libvmaf writes it.
fn scores_of(log: &str) -> Option<Vec<f64>> {
    #[derive(Deserialize)]
    struct Log {
        frames: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        metrics: Metrics,
    }
    #[derive(Deserialize)]
    struct Metrics {
        vmaf: f64,
    }
    let log: Log = serde_json::from_str(log).ok()?;
    Some(
        log.frames
            .into_iter()
            .map(|entry| entry.metrics.vmaf)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stripes, moved by so many pixels.
    fn stripes(moved: usize) -> Frame {
        let luma: Vec<u8> = (0..64 * 48)
            .map(|at| {
                if ((at % 64 + moved) / 4).is_multiple_of(2) {
                    60
                } else {
                    180
                }
            })
            .collect();
        let chroma = vec![128; 32 * 24];
        Frame::from_planes(64, 48, [&luma, &chroma, &chroma]).unwrap()
    }

    fn compared(measure: Measure, pairs: &[(usize, usize)]) -> Vec<f64> {
        let mut comparison = Comparison::new(measure, &stripes(0), &stripes(0)).unwrap();
        for (made, original) in pairs {
            comparison
                .add(&stripes(*made), &stripes(*original))
                .unwrap();
        }
        comparison.finish().unwrap()
    }

    #[test]
    fn equal_pictures_are_alike_and_others_less_so_each_pair_on_its_own() {
        let scores = compared(Measure::Ssim, &[(0, 0), (1, 0), (4, 0), (3, 3)]);
        assert!(scores[0] > 0.9999 && scores[3] > 0.9999, "{scores:?}");
        assert!(scores[1] < 0.95 && scores[2] < scores[1], "{scores:?}");
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "what is skipped is skipped aloud")]
    fn vmaf_is_told_for_each_pair_where_this_build_has_it() {
        if Measure::best() != Measure::Vmaf {
            eprintln!("SKIPPED: this build of FFmpeg has no libvmaf");
            return;
        }
        let scores = compared(Measure::Vmaf, &[(0, 0), (4, 0)]);
        assert!(scores[0] > 90.0 && scores[1] < 60.0, "{scores:?}");
    }

    #[test]
    fn the_log_of_libvmaf_is_read_and_half_a_log_is_not() {
        let log = r#"{"version": "2.3.1", "fps": 9.5, "frames": [
            {"frameNum": 0, "metrics": {"integer_motion": 0.0, "vmaf": 97.428}},
            {"frameNum": 1, "metrics": {"integer_motion": 4.1, "vmaf": 88.5}}],
            "pooled_metrics": {"vmaf": {"mean": 92.96}}}"#;
        assert_eq!(scores_of(log), Some(vec![97.428, 88.5]));
        assert_eq!(scores_of(&log[..100]), None);
    }
}
