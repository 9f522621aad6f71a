//! How sharp a picture is. In: whole looks. Out: over how many pixels its sharper edges extend. Only edges count, so a soft
//! background or a face out of focus does not make a picture blurred as long as something in it is sharp.

use super::Plane;

/// An edge rises by at least this much …
const RISE: usize = 40;
/// … or, in a picture with too few of these, by this much: a dim or a pale one.
const SLIGHT_RISE: usize = 20;
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
        let (mut clear, mut slight) = ([0_u32; BINS], [0_u32; BINS]);
        let step = (picture.height() / 135).max(1);
        for row in picture.rows().step_by(step) {
            for_each_edge(row, |edge| {
                edge.count(RISE, &mut clear);
                edge.count(SLIGHT_RISE, &mut slight);
            });
        }
        self.widths.extend(width(&clear).or_else(|| width(&slight)));
    }

    /// The width of the edges in the sharper half of the pictures, as if the picture were 1080 lines high. A larger one is
    /// shown as that many. A smaller one is enlarged, but nobody expects it to look as sharp: its edges count as wider by
    /// the fourth root of what they are enlarged by.
    pub(super) fn width(mut self, height: u32) -> Option<f32> {
        if self.widths.len() < FEWEST_PICTURES {
            return None;
        }
        self.widths.sort_unstable_by(f32::total_cmp);
        let shown = 1080.0 / height.max(1) as f32;
        let scale = if shown > 1.0 { shown.powf(0.25) } else { shown };
        Some(self.widths[self.widths.len() / 4] * scale)
    }
}

/// A run of a row that only rises or only falls. Its width is what the steepest step would take for all of it.
#[derive(Clone, Copy, Default)]
struct Edge {
    rise: usize,
    steepest: usize,
}

impl Edge {
    fn count(self, least_rise: usize, bins: &mut [u32; BINS]) {
        if self.rise >= least_rise {
            bins[(self.steepest * BINS / self.rise).min(BINS - 1)] += 1;
        }
    }
}

fn for_each_edge(row: &[u8], mut see: impl FnMut(Edge)) {
    let (mut edge, mut up) = (Edge::default(), true);
    for pair in row.windows(2) {
        let step = usize::from(pair[0].abs_diff(pair[1]));
        if step > 0 && up != (pair[1] > pair[0]) {
            see(edge);
            (edge, up) = (Edge::default(), !up);
        }
        edge.rise += step;
        edge.steepest = edge.steepest.max(step);
    }
    see(edge);
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

    /// Bars with edges that extend over so many pixels and rise by so much, in a picture of so many lines.
    fn measured(edge: usize, rise: usize, lines: u32) -> f32 {
        let mut edges = Edges::default();
        for shift in 0..4 {
            edges.see(&Plane::made(640, 360, |x, _| {
                let at = (x + shift) % 80;
                let up = at.min(edge) * rise / edge;
                let down = at.saturating_sub(40).min(edge) * rise / edge;
                60 + u8::try_from(up - down).unwrap()
            }));
        }
        edges.width(lines).unwrap()
    }

    #[test]
    fn the_width_of_an_edge_is_measured_in_pixels() {
        for edge in [1, 2, 4, 8, 12] {
            for rise in [120, 30] {
                let width = measured(edge, rise, 1080);
                assert!((width / edge as f32 - 1.0).abs() < 0.35, "{edge}: {width}");
            }
        }
    }

    #[test]
    fn edges_count_by_the_size_at_which_a_picture_is_shown() {
        let width = |lines| measured(4, 120, lines);
        assert!((width(2160) * 2.0 - width(1080)).abs() < 0.01);
        let (small, large) = (width(480), width(1080));
        assert!(
            small > large * 1.2 && small < large * 1.3,
            "{small} {large}"
        );
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
        assert!(edges.width(1080).unwrap() < 2.0);
        let mut flat = Edges::default();
        for _ in 0..4 {
            flat.see(&Plane::made(640, 360, |_, _| 128));
        }
        assert_eq!(flat.width(360), None);
    }
}
