//! How sharp a picture is. In: whole looks. Out: over how many pixels its sharper edges extend. Only edges count, so a soft
//! background or a face out of focus does not make a picture blurred as long as something in it is sharp.

use super::Plane;

/// An edge rises by at least this much.
const RISE: usize = 40;
/// Bins of steepness.
const BINS: usize = 64;
/// Edges that a picture must have.
const FEWEST_EDGES: u32 = 100;
/// The steepest one edge in so many stands for the picture.
const STEEPEST_ONE_IN: u32 = 8;
/// Pictures that must have edges.
const FEWEST_PICTURES: usize = 3;

/// Measures edges.
#[derive(Default)]
pub(super) struct Edges {
    widths: Vec<f32>,
}

impl Edges {
    pub(super) fn see(&mut self, picture: &Plane) {
        let mut bins = [0_u32; BINS];
        let step = (picture.height() / 135).max(1);
        for row in picture.rows().step_by(step) {
            count(row, &mut bins);
        }
        self.widths.extend(width(&bins));
    }

    /// The width of the edges in the sharper half of the pictures, in pixels of a picture 1080 lines high at most: what a
    /// larger one is shown as.
    pub(super) fn width(mut self, height: u32) -> Option<f32> {
        if self.widths.len() < FEWEST_PICTURES {
            return None;
        }
        self.widths.sort_unstable_by(f32::total_cmp);
        let shrunk = (1080.0 / height.max(1) as f32).min(1.0);
        Some(self.widths[self.widths.len() / 4] * shrunk)
    }
}

/// Edges are runs of a row that only rise or only fall; their width is what the steepest step would take for all of it.
fn count(row: &[u8], bins: &mut [u32; BINS]) {
    let (mut rise, mut steepest, mut up) = (0_usize, 0_usize, true);
    for pair in row.windows(2) {
        let step = usize::from(pair[0].abs_diff(pair[1]));
        if step > 0 && up != (pair[1] > pair[0]) {
            note(rise, steepest, bins);
            (rise, steepest, up) = (0, 0, !up);
        }
        rise += step;
        steepest = steepest.max(step);
    }
    note(rise, steepest, bins);
}

fn note(rise: usize, steepest: usize, bins: &mut [u32; BINS]) {
    if rise >= RISE {
        bins[(steepest * BINS / rise).min(BINS - 1)] += 1;
    }
}

fn width(bins: &[u32; BINS]) -> Option<f32> {
    let all: u32 = bins.iter().sum();
    if all < FEWEST_EDGES {
        return None;
    }
    let mut seen = 0;
    for (bin, count) in bins.iter().enumerate().rev() {
        seen += count;
        if seen * STEEPEST_ONE_IN >= all {
            return Some(BINS as f32 / (bin as f32 + 0.5));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars with edges that extend over so many pixels.
    fn measured(edge: usize) -> f32 {
        let mut edges = Edges::default();
        for shift in 0..4 {
            edges.see(&Plane::made(640, 360, |x, _| {
                let at = (x + shift) % 80;
                let up = at.min(edge) * 120 / edge;
                let down = at.saturating_sub(40).min(edge) * 120 / edge;
                60 + u8::try_from(up - down).unwrap()
            }));
        }
        edges.width(360).unwrap()
    }

    #[test]
    fn the_width_of_an_edge_is_measured_in_pixels() {
        for edge in [1, 2, 4, 8, 12] {
            let width = measured(edge);
            assert!((width / edge as f32 - 1.0).abs() < 0.35, "{edge}: {width}");
        }
    }

    #[test]
    fn one_sharp_edge_among_soft_ones_makes_a_sharp_picture_and_none_says_nothing() {
        let mut edges = Edges::default();
        for _ in 0..4 {
            edges.see(&Plane::made(640, 360, |x, _| {
                let soft = (x % 160) * 120 / 160;
                60 + u8::try_from(soft).unwrap()
            }));
        }
        assert!(edges.width(360).unwrap() < 2.0);
        let mut flat = Edges::default();
        for _ in 0..4 {
            flat.see(&Plane::made(640, 360, |_, _| 128));
        }
        assert_eq!(flat.width(360), None);
    }
}
