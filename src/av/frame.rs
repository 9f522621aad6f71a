//! One decoded picture or run of samples. Reference-counted by libav: cloning shares the pixels and never copies.

use std::slice;

use ffmpeg_next::ffi;

use super::{AvError, check};

/// A decoded frame.
pub struct Frame {
    ptr: *mut ffi::AVFrame,
}

// SAFETY: a frame's buffers are reference-counted atomically, and a `Frame` is the only owner of its AVFrame.
unsafe impl Send for Frame {}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("width", &self.width())
            .field("height", &self.height())
            .finish_non_exhaustive()
    }
}

/// Sound as two planes of 32-bit floats, left and right.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AudioSamples {
    /// Left channel, -1 to 1.
    pub left: Vec<f32>,
    /// Right channel, -1 to 1.
    pub right: Vec<f32>,
}

impl Frame {
    /// An empty frame, to be filled by a decoder or a graph.
    pub fn empty() -> Self {
        // SAFETY: allocation only; libav aborts us nowhere, and a null pointer is checked here.
        let ptr = unsafe { ffi::av_frame_alloc() };
        assert!(!ptr.is_null(), "out of memory");
        Frame { ptr }
    }

    pub(super) fn as_ptr(&self) -> *const ffi::AVFrame {
        self.ptr
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut ffi::AVFrame {
        self.ptr
    }

    fn raw(&self) -> &ffi::AVFrame {
        // SAFETY: `ptr` is valid from construction to drop.
        unsafe { &*self.ptr }
    }

    /// A second handle on the same pixels.
    pub fn share(&self) -> Result<Self, AvError> {
        let copy = Frame::empty();
        // SAFETY: both frames are valid and `copy` is empty.
        check(unsafe { ffi::av_frame_ref(copy.ptr, self.ptr) }, || {
            "cannot share a frame".into()
        })?;
        Ok(copy)
    }

    /// Lets go of the pixels.
    pub fn clear(&mut self) {
        // SAFETY: `ptr` is valid.
        unsafe { ffi::av_frame_unref(self.ptr) }
    }

    /// When it is shown, in the time base of its source; none where unknown.
    pub fn timestamp(&self) -> Option<i64> {
        let raw = self.raw();
        let value = if raw.best_effort_timestamp == ffi::AV_NOPTS_VALUE {
            raw.pts
        } else {
            raw.best_effort_timestamp
        };
        (value != ffi::AV_NOPTS_VALUE).then_some(value)
    }

    /// Presentation time stamp as a filter left it.
    pub fn pts(&self) -> Option<i64> {
        let value = self.raw().pts;
        (value != ffi::AV_NOPTS_VALUE).then_some(value)
    }

    /// Sets the time stamp, in the time base of where it goes; the picture type is left to the encoder.
    pub fn set_pts(&mut self, pts: i64) {
        // SAFETY: `ptr` is valid and ours alone.
        unsafe {
            (*self.ptr).pts = pts;
            (*self.ptr).pict_type = ffi::AVPictureType::AV_PICTURE_TYPE_NONE;
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        u32::try_from(self.raw().width).unwrap_or(0)
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        u32::try_from(self.raw().height).unwrap_or(0)
    }

    /// Whether the decoder reported damage in this frame.
    pub fn is_damaged(&self) -> bool {
        let raw = self.raw();
        raw.decode_error_flags != 0 || raw.flags & ffi::AV_FRAME_FLAG_CORRUPT != 0
    }

    /// Number of samples of one channel.
    pub fn samples(&self) -> usize {
        usize::try_from(self.raw().nb_samples).unwrap_or(0)
    }

    /// Pixel or sample format, FFmpeg's number.
    pub(super) fn format(&self) -> i32 {
        self.raw().format
    }

    /// Everything a filter graph is built for: when it changes, the graph must be built anew.
    pub fn shape(&self) -> (u32, u32, i32, i32) {
        (
            self.width(),
            self.height(),
            self.format(),
            self.raw().sample_rate,
        )
    }

    /// FFmpeg's name of the pixel format.
    pub fn pixel_format(&self) -> String {
        // SAFETY: the number came from libav; the name is static or null.
        unsafe {
            super::c_text(ffi::av_get_pix_fmt_name(std::mem::transmute::<
                i32,
                ffi::AVPixelFormat,
            >(self.format())))
        }
    }

    /// Colour tags by FFmpeg's names: primaries, transfer, matrix.
    pub fn color_names(&self) -> (String, String, String) {
        let raw = self.raw();
        // SAFETY: the names are static or null.
        unsafe {
            (
                super::c_text(ffi::av_color_primaries_name(raw.color_primaries)),
                super::c_text(ffi::av_color_transfer_name(raw.color_trc)),
                super::c_text(ffi::av_color_space_name(raw.colorspace)),
            )
        }
    }

    /// Full (PC) range by its tag.
    pub fn is_full_range(&self) -> bool {
        self.raw().color_range == ffi::AVColorRange::AVCOL_RANGE_JPEG
    }

    /// Sample aspect ratio by the codec; none where it says nothing.
    pub fn sar(&self) -> Option<(u32, u32)> {
        let sar = self.raw().sample_aspect_ratio;
        match (u32::try_from(sar.num), u32::try_from(sar.den)) {
            (Ok(num), Ok(den)) if num > 0 && den > 0 => Some((num, den)),
            _ => None,
        }
    }

    /// One row of the first plane of an 8-bit picture: luma, or grey.
    pub fn luma_row(&self, row: u32) -> &[u8] {
        let raw = self.raw();
        if row >= self.height() || raw.data[0].is_null() || raw.linesize[0] < raw.width {
            return &[];
        }
        // SAFETY: libav allocates `linesize` bytes for each of `height` rows, and a row holds at least `width` bytes.
        unsafe {
            let start =
                raw.data[0].offset(isize::try_from(row).unwrap_or(0) * raw.linesize[0] as isize);
            slice::from_raw_parts(start, self.width() as usize)
        }
    }

    /// The brightness of the picture on a grid of `columns` x `rows` means, 0 to 255: the picture's luma, or its green
    /// where it has none. None for pictures smaller than the grid, and for layouts that hold no samples of their own
    /// (palettes, bit streams, surfaces on a device).
    pub fn grey_grid(&self, columns: usize, rows: usize) -> Option<Vec<u8>> {
        let plane = self.brightness()?;
        let (width, height) = (self.width() as usize, self.height() as usize);
        if width < columns || height < rows {
            return None;
        }
        let edges = |cells: usize, size: usize| -> Vec<usize> {
            (0..=cells).map(|i| i * size / cells).collect()
        };
        let (xs, ys) = (edges(columns, width), edges(rows, height));
        let mut grid = Vec::with_capacity(columns * rows);
        for y in ys.windows(2) {
            let lines: Vec<&[u8]> = spread(y[0], y[1]).map(|row| plane.row(row)).collect();
            for x in xs.windows(2) {
                let (mut sum, mut count) = (0_u32, 0_u32);
                for line in &lines {
                    for column in spread(x[0], x[1]) {
                        sum += u32::from(plane.at(line, column));
                        count += 1;
                    }
                }
                grid.push(u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX));
            }
        }
        Some(grid)
    }

    fn brightness(&self) -> Option<Brightness<'_>> {
        const STRANGE: u64 = (ffi::AV_PIX_FMT_FLAG_BE
            | ffi::AV_PIX_FMT_FLAG_PAL
            | ffi::AV_PIX_FMT_FLAG_BITSTREAM
            | ffi::AV_PIX_FMT_FLAG_HWACCEL
            | ffi::AV_PIX_FMT_FLAG_FLOAT
            | ffi::AV_PIX_FMT_FLAG_BAYER) as u64;
        let raw = self.raw();
        // SAFETY: the number came from libav; the description is static or null.
        let described = unsafe {
            ffi::av_pix_fmt_desc_get(std::mem::transmute::<i32, ffi::AVPixelFormat>(
                self.format(),
            ))
            .as_ref()
        }?;
        if described.flags & STRANGE != 0 {
            return None;
        }
        let is_rgb = described.flags & ffi::AV_PIX_FMT_FLAG_RGB as u64 != 0;
        let component = described.comp[usize::from(is_rgb)];
        let size = |value: i32| usize::try_from(value).ok();
        let (plane, stride) = (
            size(component.plane)?,
            *raw.linesize.get(size(component.plane)?)?,
        );
        let (step, offset) = (size(component.step)?, size(component.offset)?);
        let (depth, shift) = (
            u32::try_from(component.depth).ok()?,
            u32::try_from(component.shift).ok()?,
        );
        let width = self.width() as usize;
        let needed = width.checked_sub(1)? * step + offset + if depth > 8 { 2 } else { 1 };
        if raw.data[plane].is_null() || size(stride)? < needed || !(8..=16).contains(&depth) {
            return None;
        }
        Some(Brightness {
            frame: self,
            plane,
            needed,
            step,
            offset,
            // From the stored value to its eight most significant bits.
            shift: shift + depth - 8,
            wide: depth > 8,
        })
    }

    /// The samples of a stereo frame of planar floats.
    #[expect(clippy::cast_ptr_alignment, reason = "libav aligns planes for SIMD")]
    pub fn stereo(&self) -> AudioSamples {
        let raw = self.raw();
        let planar = raw.format == ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP as i32;
        if !planar || raw.ch_layout.nb_channels != 2 {
            return AudioSamples::default();
        }
        // SAFETY: a planar stereo frame has two planes of `nb_samples` floats, aligned by libav.
        let plane = |i: usize| unsafe {
            slice::from_raw_parts(raw.data[i].cast::<f32>(), self.samples()).to_vec()
        };
        AudioSamples {
            left: plane(0),
            right: plane(1),
        }
    }

    /// A stereo frame of planar floats.
    #[expect(clippy::cast_ptr_alignment, reason = "libav aligns planes for SIMD")]
    pub(super) fn from_stereo(samples: &AudioSamples, sample_rate: u32) -> Result<Self, AvError> {
        let mut frame = Frame::empty();
        let count = samples.left.len().min(samples.right.len());
        // SAFETY: the frame is filled before its buffer is allocated; each plane then holds `count` floats.
        unsafe {
            let raw = &mut *frame.as_mut_ptr();
            raw.format = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP as i32;
            raw.nb_samples = i32::try_from(count).unwrap_or(0);
            raw.sample_rate = i32::try_from(sample_rate).unwrap_or(0);
            ffi::av_channel_layout_default(&raw mut raw.ch_layout, 2);
            check(ffi::av_frame_get_buffer(raw, 0), || {
                "cannot allocate sound".into()
            })?;
            for (plane, data) in [&samples.left, &samples.right].into_iter().enumerate() {
                std::ptr::copy_nonoverlapping(data.as_ptr(), raw.data[plane].cast::<f32>(), count);
            }
        }
        Ok(frame)
    }

    /// Field order as the decoder flagged this frame.
    pub fn scan(&self) -> crate::probe::Scan {
        // SAFETY: ffmpeg-next reads the flag where this FFmpeg keeps it. It would free the frame: `ManuallyDrop` forbids.
        let borrowed =
            std::mem::ManuallyDrop::new(unsafe { ffmpeg_next::frame::Video::wrap(self.ptr) });
        if !borrowed.is_interlaced() {
            crate::probe::Scan::Progressive
        } else if borrowed.is_top_first() {
            crate::probe::Scan::TopFirst
        } else {
            crate::probe::Scan::BottomFirst
        }
    }
}

/// Where the brightness of a picture's pixels lies.
struct Brightness<'a> {
    frame: &'a Frame,
    plane: usize,
    /// Bytes of a row that are read.
    needed: usize,
    step: usize,
    offset: usize,
    shift: u32,
    wide: bool,
}

impl Brightness<'_> {
    fn row(&self, row: usize) -> &[u8] {
        let raw = self.frame.raw();
        // SAFETY: `row` is below the height, `needed` is at most the row's length, both checked on the way here; luma and
        // RGB are never subsampled, so this plane has a row for each of the picture's.
        unsafe {
            let start = raw.data[self.plane]
                .offset(isize::try_from(row).unwrap_or(0) * raw.linesize[self.plane] as isize);
            slice::from_raw_parts(start, self.needed)
        }
    }

    fn at(&self, row: &[u8], column: usize) -> u8 {
        let at = column * self.step + self.offset;
        let low = u16::from(row[at]);
        let value = if self.wide {
            low | u16::from(row[at + 1]) << 8
        } else {
            low
        };
        u8::try_from((value >> self.shift) & 0xff).unwrap_or(u8::MAX)
    }
}

/// At most eight places spread evenly over a cell: more would not change its mean by much.
fn spread(from: usize, to: usize) -> impl Iterator<Item = usize> {
    const MOST: usize = 8;
    (from..to).step_by((to - from).div_ceil(MOST).max(1))
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: frees our own frame and sets the pointer to null.
        unsafe { ffi::av_frame_free(&raw mut self.ptr) }
    }
}
