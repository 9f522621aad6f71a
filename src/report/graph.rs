//! The sound of a film as a drawing: the waveform above, the loudness below it. In: the two curves as measured. Out:
//! coordinates for the page's own SVG; numbers only, so nothing from outside gets into an attribute.

use std::fmt::Write as _;

// The drawing is 640 wide and 128 high in its own units; the template says so too.
/// Where the curves begin, right of the scale's numbers, and how wide they are.
const LEFT: f32 = 40.0;
const WIDTH: f32 = 600.0;
/// Middle and half height of the waveform.
const WAVE: (f32, f32) = (20.0, 18.0);
/// Where the scale has 0 LUFS, and the height of one LU: the scale reaches down to -60.
const LOUDNESS: (f32, f32) = (48.0, 1.25);
const LOWEST: f32 = -60.0;
/// More columns than this nobody can see; a page holds hundreds of drawings.
const COLUMNS: usize = 150;
/// The level that EBU R 128 asks of a programme; drawn as a line to compare with, not as a limit.
const TARGET_LUFS: f32 = -23.0;

/// What the page draws.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SoundGraph {
    /// Outline of the waveform, closed.
    pub(crate) wave: String,
    /// The loudness, interrupted where there is silence.
    pub(crate) loudness: String,
    /// Height of the line at [`TARGET_LUFS`].
    pub(crate) target_y: f32,
    /// Lines of the scale: height and number.
    pub(crate) scale: Vec<(f32, i16)>,
}

/// The drawing; none where there is no sound to draw.
pub(crate) fn sound_graph(waveform: &[u8], loudness: &[Option<f32>]) -> Option<SoundGraph> {
    if waveform.is_empty() && loudness.is_empty() {
        return None;
    }
    let peaks = columns(waveform, |part| part.iter().copied().max().unwrap_or(0));
    let levels = columns(loudness, |part| {
        part.iter().flatten().copied().reduce(f32::max)
    });
    Some(SoundGraph {
        wave: outline(&peaks),
        loudness: line(&levels),
        target_y: height(TARGET_LUFS),
        scale: [0, -20, -40, -60]
            .map(|level| (height(f32::from(level)), level))
            .into(),
    })
}

/// At most [`COLUMNS`] values, each standing for an equal part of the curve.
fn columns<T, U>(curve: &[T], fold: impl Fn(&[T]) -> U) -> Vec<U> {
    let wanted = curve.len().min(COLUMNS);
    (0..wanted)
        .map(|at| {
            let (from, to) = (at * curve.len() / wanted, (at + 1) * curve.len() / wanted);
            fold(&curve[from..to])
        })
        .collect()
}

fn x(at: usize, of: usize) -> f32 {
    let steps = of.saturating_sub(1).max(1);
    LEFT + WIDTH * at as f32 / steps as f32
}

fn height(lufs: f32) -> f32 {
    LOUDNESS.0 - lufs.clamp(LOWEST, 0.0) * LOUDNESS.1
}

fn outline(peaks: &[u8]) -> String {
    let half = |peak: u8| WAVE.1 * f32::from(peak.min(100)) / 100.0;
    let mut path = String::new();
    let above = peaks
        .iter()
        .enumerate()
        .map(|(at, peak)| (at, -half(*peak)));
    let below = peaks
        .iter()
        .enumerate()
        .rev()
        .map(|(at, peak)| (at, half(*peak)));
    for (at, offset) in above.chain(below) {
        let letter = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(
            path,
            "{letter}{:.0} {:.1}",
            x(at, peaks.len()),
            WAVE.0 + offset
        );
    }
    if !path.is_empty() {
        path.push('Z');
    }
    path
}

fn line(levels: &[Option<f32>]) -> String {
    let (mut path, mut drawing) = (String::new(), false);
    for (at, level) in levels.iter().enumerate() {
        let Some(level) = level.filter(|level| level.is_finite()) else {
            drawing = false;
            continue;
        };
        let letter = if drawing { 'L' } else { 'M' };
        let _ = write!(
            path,
            "{letter}{:.0} {:.1}",
            x(at, levels.len()),
            height(level)
        );
        // A point alone is seen as a dot: the page draws lines with round ends.
        if !drawing {
            path.push_str("h0");
        }
        drawing = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_interrupts_the_loudness_and_the_waveform_is_mirrored() {
        let graph = sound_graph(&[0, 100, 50], &[Some(-23.0), None, Some(-90.0)]).unwrap();
        assert_eq!(
            graph.wave,
            "M40 20.0L340 2.0L640 11.0L640 29.0L340 38.0L40 20.0Z"
        );
        assert_eq!(graph.loudness, "M40 76.8h0M640 123.0h0");
        assert!((graph.target_y - 76.75).abs() < 0.01);
        let scale = [(48.0, 0), (73.0, -20), (98.0, -40), (123.0, -60)];
        assert_eq!(graph.scale, scale);
    }

    #[test]
    fn a_long_curve_keeps_its_loudest_moments_in_few_columns() {
        let mut waveform = vec![10; 600];
        waveform[333] = 100;
        let graph = sound_graph(&waveform, &[]).unwrap();
        assert_eq!(graph.wave.matches('L').count() + 1, 2 * COLUMNS);
        assert_eq!(graph.wave.matches(" 2.0").count(), 1);
        assert_eq!(graph.loudness, "");
    }

    #[test]
    fn no_sound_is_no_drawing_and_odd_numbers_draw_nothing_odd() {
        assert_eq!(sound_graph(&[], &[]), None);
        let graph = sound_graph(&[255], &[Some(f32::NAN), Some(9.0), Some(f32::INFINITY)]).unwrap();
        assert_eq!(graph.wave, "M40 2.0L40 38.0Z");
        assert_eq!(graph.loudness, "M340 48.0h0");
    }
}
