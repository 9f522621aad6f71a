//! Announced bit rates against counted bytes (RFC 8216 §4.1 and §4.3.4.2; Apple 1.26 to 1.30, 9.13).

use crate::lint::attributes::Attributes;
use crate::lint::clause::Clause;
use crate::lint::finding::Findings;
use crate::lint::package::{Package, Rendition};

/// Apple 1.26, 1.27.
const TOLERANCE: f64 = 0.10;
/// Segments of one run; a playlist of empty segments would have runs without end.
const MAX_RUN: usize = 1000;
/// Apple 1.30.
const PEAK_OVER_AVERAGE: f64 = 2.0;

/// Bit rates as counted, in bit/s.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rates {
    pub(super) peak: f64,
    pub(super) average: f64,
}

pub(super) fn check(package: &Package, findings: &mut Findings) {
    let Some((file, _, content)) = &package.multivariant else {
        return;
    };
    for (list, uri) in &content.variants {
        let Some(alone) = package.rendition(uri.as_deref()).and_then(count) else {
            continue;
        };
        let beside = ["AUDIO", "SUBTITLES"]
            .map(|kind| largest(package, kind, list.get(kind), uri.as_deref()));
        // Where a size is not known, nothing can be compared; why is told elsewhere.
        let [Some(sound), Some(text)] = beside else {
            continue;
        };
        let all = Rates {
            peak: alone.peak + sound.peak + text.peak,
            average: alone.average + sound.average + text.average,
        };
        compare(file, list, alone, all, findings);
    }
    for list in &content.i_frames {
        if let Some(rates) = package.rendition(list.get("URI")).and_then(count) {
            compare(file, list, rates, rates, findings);
        }
    }
}

/// The largest of a group, as one member plays at a time; zero without a group, none where a size is not known.
fn largest(
    package: &Package,
    kind: &str,
    group: Option<&str>,
    variant: Option<&str>,
) -> Option<Rates> {
    let mut most = Rates::default();
    let Some(content) = package.multivariant().filter(|_| group.is_some()) else {
        return Some(most);
    };
    for list in &content.media {
        let is_member = list.get("TYPE") == Some(kind) && list.get("GROUP-ID") == group;
        // Without a URI of its own it is inside the variant.
        let Some(uri) = list
            .get("URI")
            .filter(|uri| is_member && Some(*uri) != variant)
        else {
            continue;
        };
        let own = count(package.rendition(Some(uri))?)?;
        most.peak = most.peak.max(own.peak);
        most.average = most.average.max(own.average);
    }
    Some(most)
}

/// None where a segment's size is not known.
pub(super) fn count(rendition: &Rendition) -> Option<Rates> {
    let target = rendition.media.target_duration?.1 as f64;
    let mut segments = Vec::new();
    for (listed, loaded) in rendition.pairs() {
        segments.push((loaded.bytes? as f64 * 8.0, listed.seconds));
    }
    let sum = segments.iter().fold((0.0, 0.0), |(b, s), (bits, seconds)| {
        (b + bits, s + seconds)
    });
    if sum.1 <= 0.0 {
        return None;
    }
    let average = sum.0 / sum.1;
    let peak = peak(&segments, target).unwrap_or(average);
    Some(Rates { peak, average })
}

/// Over any contiguous run of segments that lasts 0.5 to 1.5 target durations.
fn peak(segments: &[(f64, f64)], target: f64) -> Option<f64> {
    let mut peak: Option<f64> = None;
    for first in 0..segments.len() {
        let (mut bits, mut seconds) = (0.0, 0.0);
        for (more_bits, more_seconds) in segments[first..].iter().take(MAX_RUN) {
            bits += more_bits;
            seconds += more_seconds;
            if seconds > target * 1.5 {
                break;
            }
            if seconds >= target * 0.5 && seconds > 0.0 {
                peak = Some(peak.unwrap_or(0.0).max(bits / seconds));
            }
        }
    }
    peak
}

fn compare(file: &str, list: &Attributes, alone: Rates, all: Rates, findings: &mut Findings) {
    let pairs = [
        (
            "AVERAGE-BANDWIDTH",
            Clause::AverageTrue,
            alone.average,
            all.average,
        ),
        ("BANDWIDTH", Clause::PeakTrue, alone.peak, all.peak),
    ];
    for (name, clause, alone, all) in pairs {
        let Some(says) = list.integer(name).map(|rate| rate as f64) else {
            continue;
        };
        let near = |measured: f64| (says - measured).abs() <= measured * TOLERANCE;
        if near(all) {
            continue;
        }
        let clause = if near(alone) {
            Clause::CountsEverything
        } else {
            clause
        };
        findings.add(
            clause,
            file,
            list.line,
            format!("{name}={says:.0}，实测画面 {alone:.0}，连同声音和字幕 {all:.0} b/s"),
            format!(
                "{name}={says:.0}; measured {alone:.0} b/s alone, {all:.0} with sound and subtitles"
            ),
        );
    }
    // The clause stands among those of the picture's encode: sound in a rendition of its own, which is quiet in one scene and
    // music in the next, is not what it is about.
    if alone.peak > alone.average * PEAK_OVER_AVERAGE && list.has("FRAME-RATE") {
        findings.add(
            Clause::PeakBelowTwice,
            file,
            list.line,
            format!("峰值 {:.0}，平均 {:.0} b/s", alone.peak, alone.average),
            format!(
                "the peak is {:.0}, the average {:.0} b/s",
                alone.peak, alone.average
            ),
        );
    }
}
