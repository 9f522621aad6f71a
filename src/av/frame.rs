//! One decoded picture or run of samples. Reference-counted by libav: cloning shares the pixels and never copies.

use std::ffi::CStr;
use std::ptr;
use std::slice;

use ffmpeg_next::ffi;

use super::{AvError, check};

/// Samples are held below this, 24 dB over full scale: more than any recorder's headroom.
const LOUDEST: f32 = 16.0;

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

    /// What a filter wrote onto the frame under this name.
    pub fn metadata(&self, key: &CStr) -> Option<String> {
        // SAFETY: the dictionary belongs to the frame and may be null; the entry is valid until it changes.
        unsafe {
            let entry = ffi::av_dict_get(self.raw().metadata, key.as_ptr(), ptr::null(), 0);
            (!entry.is_null()).then(|| super::c_text((*entry).value))
        }
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

    /// Asks the encoder for an IDR picture here. To be called behind [`Frame::set_pts`].
    pub fn ask_for_idr(&mut self) {
        // SAFETY: `ptr` is valid and ours alone.
        unsafe { (*self.ptr).pict_type = ffi::AVPictureType::AV_PICTURE_TYPE_I }
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

    /// The same picture with both chroma planes in one, and everything else that is known of it. Of 8-bit 4:2:0 only.
    pub(super) fn to_nv12(&self) -> Result<Self, AvError> {
        let what = || "cannot rearrange a picture".to_owned();
        let Some([luma, blue, red]) = self.planes() else {
            return Err(AvError::own(what(), "it is not of 8-bit 4:2:0"));
        };
        let (columns, rows) = (self.width() as usize, self.height() as usize);
        let chroma: Vec<u8> = blue
            .into_iter()
            .zip(red)
            .flat_map(|(u, v)| [u, v])
            .collect();
        let frame = Frame::empty();
        // SAFETY: the frame is described before its buffer is allocated; then each plane has `linesize` bytes, at least its
        // width, for each of its rows, and both planes given hold as many rows of that width.
        unsafe {
            let raw = &mut *frame.ptr;
            raw.format = ffi::AVPixelFormat::AV_PIX_FMT_NV12 as i32;
            (raw.width, raw.height) = (self.raw().width, self.raw().height);
            check(ffi::av_frame_get_buffer(raw, 0), what)?;
            for (index, (plane, rows)) in [(luma, rows), (chroma, rows / 2)].iter().enumerate() {
                let stride = usize::try_from(raw.linesize[index]).unwrap_or(0);
                for (row, line) in plane.chunks_exact(columns).take(*rows).enumerate() {
                    let to = raw.data[index].add(row * stride);
                    std::ptr::copy_nonoverlapping(line.as_ptr(), to, columns);
                }
            }
            check(ffi::av_frame_copy_props(raw, self.ptr), what)?;
        }
        Ok(frame)
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

    /// One row of brightness in 8 bits, whatever the depth: the first plane of YUV and grey, green of RGB. `scratch` is
    /// written where the row has to be converted. Empty where the pixel format has no such thing.
    pub fn brightness_row<'a>(&'a self, row: u32, scratch: &'a mut Vec<u8>) -> &'a [u8] {
        let raw = self.raw();
        // SAFETY: libav's table; null for a number that is no pixel format.
        let descriptor = unsafe {
            ffi::av_pix_fmt_desc_get(std::mem::transmute::<i32, ffi::AVPixelFormat>(raw.format))
        };
        if descriptor.is_null() || row >= self.height() {
            return &[];
        }
        // SAFETY: not null, and static.
        let descriptor = unsafe { &*descriptor };
        let has = |flag: std::ffi::c_int| {
            u64::try_from(flag).is_ok_and(|flag| descriptor.flags & flag != 0)
        };
        if has(ffi::AV_PIX_FMT_FLAG_PAL as _)
            || has(ffi::AV_PIX_FMT_FLAG_BITSTREAM as _)
            || has(ffi::AV_PIX_FMT_FLAG_HWACCEL as _)
        {
            return &[];
        }
        let component = &descriptor.comp[usize::from(has(ffi::AV_PIX_FMT_FLAG_RGB as _))];
        let positive = |value: std::ffi::c_int| usize::try_from(value).unwrap_or(0);
        let (plane, step) = (positive(component.plane), positive(component.step));
        let (offset, depth) = (positive(component.offset), positive(component.depth));
        let width = self.width() as usize;
        let bytes_each = depth.div_ceil(8);
        let needed = width.saturating_sub(1) * step + offset + bytes_each;
        if raw.data[plane].is_null()
            || positive(raw.linesize[plane]) < needed
            || !(8..=16).contains(&depth)
        {
            return &[];
        }
        // SAFETY: libav allocates `linesize` bytes for each of `height` rows of this plane, and `needed` fit into them.
        let bytes = unsafe {
            let start = raw.data[plane]
                .offset(isize::try_from(row).unwrap_or(0) * raw.linesize[plane] as isize);
            slice::from_raw_parts(start, needed)
        };
        if step == 1 && depth == 8 {
            return &bytes[offset..];
        }
        scratch.clear();
        if bytes_each == 1 {
            scratch.extend(bytes[offset..].iter().step_by(step));
        } else {
            let down = positive(component.shift) + depth - 8;
            let big = has(ffi::AV_PIX_FMT_FLAG_BE as _);
            scratch.extend(bytes[offset..].chunks(step).map(|pixel| {
                let pair = [pixel[0], pixel[1]];
                let value = if big {
                    u16::from_be_bytes(pair)
                } else {
                    u16::from_le_bytes(pair)
                };
                (value >> down).to_le_bytes()[0]
            }));
        }
        scratch
    }

    /// The rows of blue and red chroma that belong to a row of brightness; none but in 8-bit YUV with a plane for each. They
    /// are as long as there are samples: shorter than the row where chroma is subsampled.
    pub fn chroma_row(&self, row: u32) -> Option<(&[u8], &[u8])> {
        let raw = self.raw();
        // SAFETY: libav's table; null for a number that is no pixel format, and static otherwise.
        let descriptor = unsafe {
            ffi::av_pix_fmt_desc_get(std::mem::transmute::<i32, ffi::AVPixelFormat>(raw.format))
                .as_ref()
        }?;
        let other = [
            ffi::AV_PIX_FMT_FLAG_RGB,
            ffi::AV_PIX_FMT_FLAG_PAL,
            ffi::AV_PIX_FMT_FLAG_BITSTREAM,
            ffi::AV_PIX_FMT_FLAG_HWACCEL,
        ];
        let is_other = |flag: &i32| u64::try_from(*flag).is_ok_and(|f| descriptor.flags & f != 0);
        let in_planes = (1..=2_usize).all(|index| {
            let component = &descriptor.comp[index];
            component.depth == 8
                && component.step == 1
                && usize::try_from(component.plane) == Ok(index)
        });
        if other.iter().any(is_other)
            || descriptor.nb_components < 3
            || !in_planes
            || row >= self.height()
        {
            return None;
        }
        let width = self.width().div_ceil(1 << descriptor.log2_chroma_w) as usize;
        let row = isize::try_from(row >> descriptor.log2_chroma_h).ok()?;
        let plane = |index: usize| {
            let (start, line) = (raw.data[index], raw.linesize[index]);
            if start.is_null() || usize::try_from(line).ok()? < width {
                return None;
            }
            // SAFETY: libav allocates `linesize` bytes for each chroma row, and rounds their number up.
            Some(unsafe { slice::from_raw_parts(start.offset(row * line as isize), width) })
        };
        Some((plane(1)?, plane(2)?))
    }

    /// The samples of each channel as floats, whatever the format; false where the format is none that is known.
    pub fn channels_into(&self, channels: &mut Vec<Vec<f32>>) -> bool {
        let raw = self.raw();
        let count = usize::try_from(raw.ch_layout.nb_channels).unwrap_or(0);
        let samples = self.samples();
        channels.resize(count, Vec::new());
        // SAFETY: libav's number of a sample format; both calls only read tables.
        let (bytes, planar) = unsafe {
            let format = std::mem::transmute::<i32, ffi::AVSampleFormat>(raw.format);
            (
                usize::try_from(ffi::av_get_bytes_per_sample(format)).unwrap_or(0),
                ffi::av_sample_fmt_is_planar(format) != 0,
            )
        };
        let Some(read) = sample_reader(raw.format) else {
            return false;
        };
        let in_a_plane = if planar { 1 } else { count };
        for (index, channel) in channels.iter_mut().enumerate() {
            channel.clear();
            let (plane, first) = if planar { (index, 0) } else { (0, index) };
            // SAFETY: `extended_data` has a pointer for each plane, to `samples` samples of each of its channels.
            let data = unsafe {
                let start = *raw.extended_data.add(plane);
                if start.is_null() {
                    return false;
                }
                slice::from_raw_parts(start, samples * in_a_plane * bytes)
            };
            let own = data.chunks_exact(bytes).skip(first).step_by(in_a_plane);
            channel.extend(own.map(read));
        }
        true
    }

    /// A picture of 8-bit 4:2:0 in bt709's limited range from its planes, row by row without gaps; both sides are even.
    pub fn from_planes(width: u32, height: u32, planes: [&[u8]; 3]) -> Result<Self, AvError> {
        let mut frame = Frame::empty();
        let (columns, rows) = ((width & !1) as usize, (height & !1) as usize);
        let sizes = [
            (columns, rows),
            (columns / 2, rows / 2),
            (columns / 2, rows / 2),
        ];
        if planes
            .iter()
            .zip(sizes)
            .any(|(plane, (w, h))| plane.len() < w * h)
        {
            return Err(AvError::own(
                "cannot make a picture",
                "its planes are too short",
            ));
        }
        // SAFETY: the frame is filled before its buffer is allocated; then each plane has `linesize` bytes, at least its
        // width, for each of its rows, and the planes given hold as many rows of that width.
        unsafe {
            let raw = &mut *frame.as_mut_ptr();
            raw.format = ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as i32;
            raw.width = i32::try_from(columns).unwrap_or(0);
            raw.height = i32::try_from(rows).unwrap_or(0);
            raw.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
            raw.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
            check(ffi::av_frame_get_buffer(raw, 0), || {
                "cannot allocate a picture".into()
            })?;
            for (index, (plane, (w, h))) in planes.into_iter().zip(sizes).enumerate() {
                let stride = usize::try_from(raw.linesize[index]).unwrap_or(0);
                for row in 0..h {
                    let to = raw.data[index].add(row * stride);
                    std::ptr::copy_nonoverlapping(plane[row * w..].as_ptr(), to, w);
                }
            }
        }
        Ok(frame)
    }

    /// Room for a picture of 8-bit 4:2:0 in bt709's limited range, both sides even. What is in it is not said.
    pub fn blank(width: u32, height: u32) -> Result<Self, AvError> {
        let mut frame = Frame::empty();
        // SAFETY: the frame is described before its buffer is allocated.
        unsafe {
            let raw = &mut *frame.as_mut_ptr();
            raw.format = ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as i32;
            raw.width = i32::try_from(width & !1).unwrap_or(0);
            raw.height = i32::try_from(height & !1).unwrap_or(0);
            raw.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
            raw.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
            raw.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
            raw.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
            raw.sample_aspect_ratio = ffi::AVRational { num: 1, den: 1 };
            check(ffi::av_frame_get_buffer(raw, 0), || {
                "cannot allocate a picture".into()
            })?;
        }
        Ok(frame)
    }

    /// A row of a plane of [`Frame::blank`], to be written; chroma has half as many of half the length.
    pub fn row_mut(&mut self, plane: usize, row: usize) -> &mut [u8] {
        let half = usize::from(plane > 0);
        let (width, rows) = (
            self.width() as usize >> half,
            self.height() as usize >> half,
        );
        let raw = self.raw();
        let planar = raw.format == ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as i32;
        // SAFETY: the frame is valid. Pixels that somebody shares are not ours to write.
        let alone = unsafe { ffi::av_frame_is_writable(self.ptr) } > 0;
        if !planar || !alone || plane > 2 || row >= rows {
            return &mut [];
        }
        let stride = usize::try_from(raw.linesize[plane]).unwrap_or(0);
        // SAFETY: `blank` allocated `stride` bytes, at least `width`, for each of `rows` rows; they are nobody else's, as
        // the frame is borrowed mutably and shared with nobody.
        unsafe { slice::from_raw_parts_mut(raw.data[plane].add(row * stride), width) }
    }

    /// Depth in bits where the picture is 4:2:0 in three planes, 10 bits in little-endian words; none of any other.
    pub fn depth_of_420(&self) -> Option<u32> {
        use ffi::AVPixelFormat as P;
        let known = [
            (P::AV_PIX_FMT_YUV420P, 8),
            (P::AV_PIX_FMT_YUVJ420P, 8),
            (P::AV_PIX_FMT_YUV420P10LE, 10),
        ];
        let found = known
            .iter()
            .find(|(format, _)| *format as i32 == self.format());
        found.map(|(_, depth)| *depth)
    }

    /// Whether the picture has more than 8 bits for what it has most of.
    pub fn is_deep(&self) -> bool {
        // SAFETY: libav's table; null for a number that is no pixel format, and static otherwise.
        let descriptor = unsafe {
            ffi::av_pix_fmt_desc_get(std::mem::transmute::<i32, ffi::AVPixelFormat>(
                self.format(),
            ))
            .as_ref()
        };
        descriptor.is_some_and(|descriptor| descriptor.comp[0].depth > 8)
    }

    /// Writes a row of a plane of a picture that has [`Frame::depth_of_420`] as numbers; none where there is no such row.
    pub fn numbers(&self, plane: usize, row: usize, numbers: &mut Vec<u16>) {
        numbers.clear();
        let half = usize::from(plane > 0);
        let width = (self.width() as usize).div_ceil(1 << half);
        let rows = (self.height() as usize).div_ceil(1 << half);
        let raw = self.raw();
        let Some(depth) = self.depth_of_420().filter(|_| plane < 3 && row < rows) else {
            return;
        };
        let bytes = width * if depth > 8 { 2 } else { 1 };
        let stride = usize::try_from(raw.linesize[plane]).unwrap_or(0);
        if raw.data[plane].is_null() || stride < bytes {
            return;
        }
        // SAFETY: libav allocates `stride` bytes for each row of a plane, chroma's numbers rounded up.
        let line = unsafe { slice::from_raw_parts(raw.data[plane].add(row * stride), bytes) };
        if depth > 8 {
            let pairs = line.chunks_exact(2);
            // Uncompressed pictures may hold more than their depth says.
            let most = (1 << depth) - 1;
            numbers.extend(pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]]).min(most)));
        } else {
            numbers.extend(line.iter().map(|value| u16::from(*value)));
        }
    }

    /// The planes of a picture of 8-bit 4:2:0, row by row without gaps; none of any other.
    pub fn planes(&self) -> Option<[Vec<u8>; 3]> {
        let raw = self.raw();
        let planar = raw.format == ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as i32;
        let (columns, rows) = (self.width() as usize, self.height() as usize);
        if !planar || columns % 2 != 0 || rows % 2 != 0 {
            return None;
        }
        let plane = |index: usize, w: usize, h: usize| {
            let mut out = Vec::with_capacity(w * h);
            for row in 0..h {
                let offset = isize::try_from(row).unwrap_or(0) * raw.linesize[index] as isize;
                // SAFETY: libav allocates `linesize` bytes, at least the plane's width, for each of its rows.
                let line = unsafe { slice::from_raw_parts(raw.data[index].offset(offset), w) };
                out.extend_from_slice(line);
            }
            out
        };
        Some([
            plane(0, columns, rows),
            plane(1, columns / 2, rows / 2),
            plane(2, columns / 2, rows / 2),
        ])
    }

    /// A black picture to paste others into.
    pub fn canvas(width: u32, height: u32) -> Result<Self, AvError> {
        let mut frame = Frame::empty();
        // SAFETY: the frame is filled before its buffer is allocated; afterwards each plane has `linesize` bytes for each
        // of its rows, and chroma has half the rows.
        unsafe {
            let raw = &mut *frame.as_mut_ptr();
            raw.format = ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P as i32;
            raw.width = i32::try_from(width & !1).unwrap_or(0);
            raw.height = i32::try_from(height & !1).unwrap_or(0);
            raw.color_range = ffi::AVColorRange::AVCOL_RANGE_JPEG;
            check(ffi::av_frame_get_buffer(raw, 0), || {
                "cannot allocate a picture".into()
            })?;
            for (plane, (rows, value)) in [
                (raw.height, 0),
                (raw.height / 2, 128),
                (raw.height / 2, 128),
            ]
            .into_iter()
            .enumerate()
            {
                let bytes = usize::try_from(raw.linesize[plane] * rows).unwrap_or(0);
                std::ptr::write_bytes(raw.data[plane], value, bytes);
            }
        }
        Ok(frame)
    }

    /// Copies a small picture into this one, both as [`Frame::canvas`] makes them; what does not fit is left out.
    pub fn paste(&mut self, tile: &Frame, x: u32, y: u32) {
        let format = ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P as i32;
        if self.format() != format || tile.format() != format {
            return;
        }
        let (x, y) = (x & !1, y & !1);
        let width = tile.width().min(self.width().saturating_sub(x)) & !1;
        let height = tile.height().min(self.height().saturating_sub(y)) & !1;
        for plane in 0..3_usize {
            let half = u32::from(plane > 0);
            let columns = (width >> half) as usize;
            for row in 0..height >> half {
                let (to, from) = (self.raw(), tile.raw());
                // SAFETY: rows and columns were cut to both pictures' sizes, and the two do not share their buffers: this
                // one was allocated by `canvas` and is borrowed mutably.
                unsafe {
                    let to_row = isize::try_from((y >> half) + row).unwrap_or(0)
                        * to.linesize[plane] as isize;
                    let from_row =
                        isize::try_from(row).unwrap_or(0) * from.linesize[plane] as isize;
                    std::ptr::copy_nonoverlapping(
                        from.data[plane].offset(from_row),
                        to.data[plane].offset(to_row).add((x >> half) as usize),
                        columns,
                    );
                }
            }
        }
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
        let plane =
            |i: usize| unsafe { slice::from_raw_parts(raw.data[i].cast::<f32>(), self.samples()) };
        // Floats in a file may be no numbers, for one of which an encoder refuses the whole frame, or absurd ones, for one of
        // which the whole film would be turned down.
        let plane = |i: usize| -> Vec<f32> {
            let samples = plane(i).iter();
            samples
                .map(|s| {
                    if s.is_finite() {
                        s.clamp(-LOUDEST, LOUDEST)
                    } else {
                        0.0
                    }
                })
                .collect()
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

    /// Whether this picture is coded by itself, not as a change of others.
    pub fn is_intra(&self) -> bool {
        self.raw().pict_type == ffi::AVPictureType::AV_PICTURE_TYPE_I
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

/// How one sample of a format becomes a float between -1 and 1.
fn sample_reader(format: i32) -> Option<fn(&[u8]) -> f32> {
    use ffi::AVSampleFormat as F;
    let is = |packed: F, planar: F| format == packed as i32 || format == planar as i32;
    if is(F::AV_SAMPLE_FMT_FLT, F::AV_SAMPLE_FMT_FLTP) {
        Some(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]]))
    } else if is(F::AV_SAMPLE_FMT_S16, F::AV_SAMPLE_FMT_S16P) {
        Some(|b| f32::from(i16::from_ne_bytes([b[0], b[1]])) / 32768.0)
    } else if is(F::AV_SAMPLE_FMT_S32, F::AV_SAMPLE_FMT_S32P) {
        Some(|b| i32::from_ne_bytes([b[0], b[1], b[2], b[3]]) as f32 / 2_147_483_648.0)
    } else if is(F::AV_SAMPLE_FMT_U8, F::AV_SAMPLE_FMT_U8P) {
        Some(|b| (f32::from(b[0]) - 128.0) / 128.0)
    } else if is(F::AV_SAMPLE_FMT_DBL, F::AV_SAMPLE_FMT_DBLP) {
        #[expect(clippy::cast_possible_truncation, reason = "less precision is enough")]
        Some(|b| f64::from_ne_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32)
    } else {
        None
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: frees our own frame and sets the pointer to null.
        unsafe { ffi::av_frame_free(&raw mut self.ptr) }
    }
}
