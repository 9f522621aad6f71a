//! A picture that is drawn on: three planes of bt709 in limited range, as the encoder takes them. In: colours, rows of
//! coverage. Out: planes. Pure.

use crate::av::{AvError, Frame};

/// A colour of the hall's picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Colour {
    planes: [f32; 3],
}

impl Colour {
    /// From sRGB, by the coefficients of ITU-R BT.709.
    pub(crate) fn rgb(red: u8, green: u8, blue: u8) -> Self {
        let [r, g, b] = [red, green, blue].map(|c| f32::from(c) / 255.0);
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        Colour {
            planes: [
                16.0 + 219.0 * luma,
                128.0 + 224.0 * (b - luma) / 1.8556,
                128.0 + 224.0 * (r - luma) / 1.5748,
            ],
        }
    }

    /// Some of this one and the rest of another.
    pub(crate) fn mix(self, other: Colour, part: f32) -> Colour {
        let mut planes = self.planes;
        for (own, other) in planes.iter_mut().zip(other.planes) {
            *own += (other - *own) * part.clamp(0.0, 1.0);
        }
        Colour { planes }
    }
}

/// Black in limited range, as planes.
const BLACK: [f32; 3] = [16.0, 128.0, 128.0];

/// A picture; both sides are even.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
    planes: [Vec<u8>; 3],
}

impl Canvas {
    /// All black.
    pub(crate) fn black(width: u32, height: u32) -> Self {
        let (width, height) = ((width & !1) as usize, (height & !1) as usize);
        let area = width * height;
        Canvas {
            width,
            height,
            planes: [vec![16; area], vec![128; area / 4], vec![128; area / 4]],
        }
    }

    /// A frame of 8-bit 4:2:0; none of any other.
    pub(crate) fn of(frame: &Frame) -> Option<Self> {
        Some(Canvas {
            width: frame.width() as usize,
            height: frame.height() as usize,
            planes: frame.planes()?,
        })
    }

    /// Every point by its place, from 0 to 1 in both directions. Slow gradients are dithered, so that they make no steps.
    pub(crate) fn fill(&mut self, colour: impl Fn(f32, f32) -> Colour) {
        let (width, height) = (self.width, self.height);
        for (index, plane) in self.planes.iter_mut().enumerate() {
            let step = if index == 0 { 1 } else { 2 };
            let (columns, rows) = (width / step, height / step);
            for row in 0..rows {
                for column in 0..columns {
                    let at = |place: usize, of: usize| (place as f32 + 0.5) / of as f32;
                    let value = colour(at(column, columns), at(row, rows)).planes[index];
                    plane[row * columns + column] = to_byte(value + dither(column, row));
                }
            }
        }
    }

    /// Lays a colour over one point; `cover` is how much of it, 0 to 1. What lies outside is left out.
    pub(crate) fn blend(&mut self, x: i32, y: i32, colour: Colour, cover: f32) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x >= self.width || y >= self.height {
            return;
        }
        let luma = &mut self.planes[0][y * self.width + x];
        *luma = towards(*luma, colour.planes[0], cover);
        let chroma = (y / 2) * (self.width / 2) + x / 2;
        for index in [1, 2] {
            // Four points share one value.
            let value = &mut self.planes[index][chroma];
            *value = towards(*value, colour.planes[index], cover / 3.0);
        }
    }

    /// A rectangle.
    pub(crate) fn rectangle(&mut self, (x, y): (i32, i32), (w, h): (i32, i32), colour: Colour) {
        for row in y..y + h {
            for column in x..x + w {
                self.blend(column, row, colour, 1.0);
            }
        }
    }

    /// Everything nearer to black: `light` is how much is left, 0 to 1. Dithered again, as there are fewer codes now; at another place
    /// of the pattern, so that the two do not add up.
    pub(crate) fn dimmed(&self, light: f32) -> Self {
        let mut dark = self.clone();
        for (index, (plane, black)) in dark.planes.iter_mut().zip(BLACK).enumerate() {
            let columns = if index == 0 {
                self.width
            } else {
                self.width / 2
            };
            for (row, line) in plane.chunks_mut(columns.max(1)).enumerate() {
                for (column, value) in line.iter_mut().enumerate() {
                    let dimmed = black + (f32::from(*value) - black) * light;
                    *value = to_byte(dimmed + dither(column + 3, row + 5));
                }
            }
        }
        dark
    }

    /// For the encoder.
    pub(crate) fn to_frame(&self) -> Result<Frame, AvError> {
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(0);
        let [y, u, v] = &self.planes;
        Frame::from_planes(side(self.width), side(self.height), [y, u, v])
    }

    /// How bright each point is, row by row, from black to white.
    pub(crate) fn coverage(&self) -> Vec<u8> {
        let luma = self.planes[0].iter();
        luma.map(|value| to_byte((f32::from(*value) - BLACK[0]) * 255.0 / 219.0))
            .collect()
    }

    /// One row of brightness, for tests that look at what was drawn.
    #[cfg(test)]
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.planes[0][y * self.width..(y + 1) * self.width]
    }
}

fn towards(value: u8, target: f32, part: f32) -> u8 {
    let value = f32::from(value);
    to_byte(value + (target - value) * part.clamp(0.0, 1.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is between 0 and 255 and has no fraction"
)]
fn to_byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// What is added before rounding: between -0.5 and 0.5 and neither of them, so that a value without a fraction stays. Ordered
/// (Bayer, 8x8), in cells of 2x2 points: an encoder keeps those at half the bits that it needs for single points.
fn dither(x: usize, y: usize) -> f32 {
    let (x, y) = (x / 2, y / 2);
    let step = (0..3).fold(0_u16, |step, bit| {
        let (x, y) = (u16::from(x >> bit & 1 == 1), u16::from(y >> bit & 1 == 1));
        step | ((x ^ y) << 1 | y) << (2 * (2 - bit))
    });
    (f32::from(step) + 0.5) / 64.0 - 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_black_and_grey_have_their_codes() {
        let mut canvas = Canvas::black(4, 2);
        canvas.fill(|x, _| {
            let grey = if x < 0.5 { 0 } else { 255 };
            Colour::rgb(grey, grey, grey)
        });
        let row = canvas.row(0);
        assert!(
            row[0].abs_diff(16) <= 1 && row[3].abs_diff(235) <= 1,
            "{row:?}"
        );
    }

    #[test]
    fn every_patch_of_a_slow_gradient_is_as_bright_on_average_as_it_should_be() {
        let mut canvas = Canvas::black(256, 64);
        let (dark, light) = (Colour::rgb(20, 20, 20), Colour::rgb(24, 24, 24));
        canvas.fill(|x, _| dark.mix(light, x));
        for (canvas, share) in [(canvas.clone(), 1.0), (canvas.dimmed(0.5), 0.5)] {
            for column in (0..256).step_by(16) {
                let sum: u32 = (0..16)
                    .flat_map(|y| canvas.row(y)[column..column + 16].iter())
                    .map(|luma| u32::from(*luma))
                    .sum();
                let middle = (column as f32 + 8.0) / 256.0;
                let wanted = 16.0 + (dark.mix(light, middle).planes[0] - 16.0) * share;
                let found = sum as f32 / 256.0;
                assert!(
                    (found - wanted).abs() < 0.1,
                    "{column}: {found}, not {wanted}"
                );
            }
        }
    }

    #[test]
    fn what_lies_outside_is_left_out_and_black_stays_black() {
        let mut canvas = Canvas::black(4, 4);
        let white = Colour::rgb(255, 255, 255);
        canvas.rectangle((-5, -5), (20, 20), white);
        assert!(canvas.row(3).iter().all(|luma| *luma == 235));
        canvas.blend(i32::MAX, 0, white, 1.0);
        assert_eq!(canvas.dimmed(0.0), Canvas::black(4, 4));
    }
}
