//! The brightness of one picture, 8 bits a pixel. In: a frame of any format. Out: rows of bytes.

use crate::av::Frame;

/// Rows of brightness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::probe) struct Plane {
    width: usize,
    pixels: Vec<u8>,
}

impl Plane {
    /// Every `step`th row of a frame; none where the format has no brightness to read.
    pub(in crate::probe) fn of(frame: &Frame, step: u32) -> Option<Plane> {
        let width = frame.width() as usize;
        let mut scratch = Vec::new();
        let mut pixels = Vec::with_capacity(width * (frame.height() / step.max(1) + 1) as usize);
        for row in (0..frame.height()).step_by(step.max(1) as usize) {
            pixels.extend_from_slice(frame.brightness_row(row, &mut scratch));
        }
        (width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width))
            .then_some(Plane { width, pixels })
    }

    #[cfg(test)]
    pub(super) fn made(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Plane {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Plane {
            width,
            pixels: pixels.map(|(x, y)| pixel(x, y)).collect(),
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.width)
    }

    pub(super) fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}
