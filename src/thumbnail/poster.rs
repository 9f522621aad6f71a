//! Which frame becomes the poster: not black, not white, not flat, and sharp. In: frames. Out: a score.

use crate::av::Frame;

/// Rows and columns are looked at in steps of this many pixels.
const STEP: usize = 4;

/// The brightness of a picture and how much there is to see in it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    /// Mean luma, 0 to 255.
    mean: f64,
    /// Standard deviation of luma.
    contrast: f64,
    /// Mean difference of neighbouring pixels: edges, so sharpness.
    detail: f64,
}

/// How good a poster this frame is: higher is better, 0 for black and for a single colour.
pub fn score(frame: &Frame) -> f64 {
    let rows: Vec<&[u8]> = (0..frame.height())
        .step_by(STEP)
        .map(|row| frame.luma_row(row))
        .collect();
    look(&rows).map_or(0.0, judge)
}

fn look(rows: &[&[u8]]) -> Option<Look> {
    let (mut count, mut sum, mut squares, mut edges) = (0_u64, 0_u64, 0_u64, 0_u64);
    for row in rows {
        for pair in row.windows(2).step_by(STEP) {
            let (here, next) = (u64::from(pair[0]), u64::from(pair[1]));
            count += 1;
            sum += here;
            squares += here * here;
            edges += here.abs_diff(next);
        }
    }
    let n = (count > 0).then_some(count as f64)?;
    let mean = sum as f64 / n;
    let variance = (squares as f64 / n - mean * mean).max(0.0);
    Some(Look {
        mean,
        contrast: variance.sqrt(),
        detail: edges as f64 / n,
    })
}

// A picture in the middle of the scale counts fully, one near black or white hardly.
fn judge(look: Look) -> f64 {
    let exposure = 1.0 - ((look.mean - 118.0) / 118.0).abs().min(1.0);
    exposure * look.contrast * (1.0 + look.detail).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pixel: impl Fn(usize, usize) -> u8) -> f64 {
        let rows: Vec<Vec<u8>> = (0..40)
            .map(|y| (0..64).map(|x| pixel(x, y)).collect())
            .collect();
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        look(&rows).map_or(0.0, judge)
    }

    #[test]
    fn a_scene_beats_black_white_grey_and_a_blur() {
        #[expect(clippy::cast_possible_truncation, reason = "a test pattern")]
        let scene = of(|x, y| ((x * 37 + y * 11) % 200 + 20) as u8);
        let blur = of(|x, _| 80 + u8::try_from(x).unwrap());
        for flat in [of(|_, _| 16), of(|_, _| 255), of(|_, _| 128)] {
            assert!(flat < f64::EPSILON);
        }
        assert!(scene > blur && blur > 0.0);
    }

    #[test]
    fn no_picture_scores_nothing() {
        assert_eq!(look(&[]), None);
    }
}
