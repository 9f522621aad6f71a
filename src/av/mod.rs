//! The only room that knows FFmpeg. In: descriptors, parameters, frames. Out: our own types: [`Input`], [`Decoder`],
//! [`Graph`], [`Encoder`], [`Frame`], [`EncodedPacket`]. Never opens a path, never follows a reference inside a file,
//! never lets an option be ignored unseen. Uploads reach it in worker
//! processes only; the parent asks it for versions and for what this build of FFmpeg can do.
#![expect(unsafe_code, reason = "FFI is confined to `av`; see ARCHITECTURE.md")]

mod bitstream;
mod compare;
mod decode;
mod encode;
mod filter;
mod frame;
mod input;

use std::ffi::{CStr, CString};
use std::ptr;

use ffmpeg_next::ffi;

pub use bitstream::BitstreamFilter;
pub use compare::{Comparison, Measure};
pub use decode::{Decoded, Decoder, StillKind, decode_still};
pub use encode::{
    AudioSettings, EncodedPacket, Encoder, H264Encoder, JpegQuality, Part, VideoSettings,
    WebpQuality, can_encode_webp, encode_jpeg, encode_webp, small_picture,
};
pub use ffmpeg_next::Packet;
pub use filter::{Chain, Graph, GraphBuilder, NodeId, Source, upright};
pub use frame::{AudioSamples, Frame};
pub use input::{Chapter, Demuxed, Input, PacketFacts, StreamFacts, StreamKind, Timestamps};

/// Limits on what an upload may make libav do.
pub mod limits {
    /// One allocation of libav, in bytes: a frame of [`MAX_PIXELS`] in 16-bit 4:4:4 still fits.
    pub const MAX_ALLOCATION: usize = 512 << 20;
    /// Pixels in one picture, 8192x4608: more than any 8K camera writes.
    pub const MAX_PIXELS: i64 = 8192 * 4608;
    /// Streams in one file. Cameras write up to six.
    pub const MAX_STREAMS: usize = 64;
}

/// A call into libav that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {reason} (libav {code})")]
pub struct AvError {
    /// What was tried.
    pub what: String,
    /// libav's own words.
    pub reason: String,
    /// libav's code, `AVERROR_…`.
    pub code: i32,
}

impl AvError {
    fn new(what: impl Into<String>, code: i32) -> Self {
        AvError {
            what: what.into(),
            reason: words_for(code),
            code,
        }
    }

    /// Something that is refused before libav sees it.
    pub(crate) fn refused(what: impl Into<String>, reason: impl Into<String>) -> Self {
        AvError::own(what, reason)
    }

    /// An error of ours about libav: no code of libav's fits.
    pub(crate) fn own(what: impl Into<String>, reason: impl Into<String>) -> Self {
        AvError {
            what: what.into(),
            reason: reason.into(),
            code: ffi::AVERROR_BUG,
        }
    }
}

/// libav's words for one of its codes.
fn words_for(code: i32) -> String {
    let mut words = [0_u8; ffi::AV_ERROR_MAX_STRING_SIZE];
    // SAFETY: libav writes no more bytes than it is told, and a NUL at the end.
    unsafe { ffi::av_strerror(code, words.as_mut_ptr().cast(), words.len()) };
    let text = CStr::from_bytes_until_nul(&words).unwrap_or_default();
    text.to_string_lossy().into_owned()
}

/// Turns libav's return convention (negative is an error) into a `Result`.
fn check(code: i32, what: impl FnOnce() -> String) -> Result<i32, AvError> {
    if code < 0 {
        Err(AvError::new(what(), code))
    } else {
        Ok(code)
    }
}

/// Sets libav up in a worker: quiet but for errors, and no allocation beyond [`limits::MAX_ALLOCATION`].
pub fn init_worker() {
    // SAFETY: both calls only store an integer in libav.
    unsafe {
        ffi::av_log_set_level(ffi::AV_LOG_ERROR);
        ffi::av_max_alloc(limits::MAX_ALLOCATION);
    }
}

/// Computes the tables of the usual codecs' decoders, so that a process which is forked from this one has them. What cannot be
/// opened here is left for the process that needs it. Starts no thread.
pub fn fill_tables() {
    for name in [c"h264", c"hevc", c"mpeg2video", c"mjpeg", c"aac", c"mp3"] {
        // SAFETY: the name is a C string; a context is allocated for the codec that was found, opened once and freed.
        unsafe {
            let codec = ffi::avcodec_find_decoder_by_name(name.as_ptr());
            if codec.is_null() {
                continue;
            }
            let mut context = ffi::avcodec_alloc_context3(codec);
            if context.is_null() {
                continue;
            }
            (*context).thread_count = 1;
            (*context).sample_rate = 48_000;
            ffi::av_channel_layout_default(&raw mut (*context).ch_layout, 2);
            let _ = ffi::avcodec_open2(context, codec, ptr::null_mut());
            ffi::avcodec_free_context(&raw mut context);
        }
    }
}

/// Versions and licence of the libraries that this process is linked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibavVersion {
    /// FFmpeg's own version text.
    pub ffmpeg: String,
    /// libavcodec.
    pub avcodec: String,
    /// libavformat.
    pub avformat: String,
    /// libavfilter.
    pub avfilter: String,
    /// The licence the build chose.
    pub license: String,
}

/// What this process is linked with.
pub fn version() -> LibavVersion {
    let dotted = |v: u32| format!("{}.{}.{}", v >> 16, v >> 8 & 0xff, v & 0xff);
    // SAFETY: these functions return constants; the texts are static C strings.
    unsafe {
        LibavVersion {
            ffmpeg: c_text(ffi::av_version_info()),
            avcodec: dotted(ffi::avcodec_version()),
            avformat: dotted(ffi::avformat_version()),
            avfilter: dotted(ffi::avfilter_version()),
            license: c_text(ffi::avutil_license()),
        }
    }
}

/// Whether libavcodec was built with this encoder.
pub fn has_encoder(name: &str) -> bool {
    let Ok(name) = CString::new(name) else {
        return false;
    };
    // SAFETY: `name` is a valid C string for the length of the call.
    unsafe { !ffi::avcodec_find_encoder_by_name(name.as_ptr()).is_null() }
}

/// Whether libavcodec was built with this decoder.
pub fn has_decoder(name: &str) -> bool {
    let Ok(name) = CString::new(name) else {
        return false;
    };
    // SAFETY: `name` is a valid C string for the length of the call.
    unsafe { !ffi::avcodec_find_decoder_by_name(name.as_ptr()).is_null() }
}

/// Whether libavfilter was built with this filter.
pub fn has_filter(name: &str) -> bool {
    let Ok(name) = CString::new(name) else {
        return false;
    };
    // SAFETY: `name` is a valid C string for the length of the call.
    unsafe { !ffi::avfilter_get_by_name(name.as_ptr()).is_null() }
}

/// A C text that may be null and need not be UTF-8.
///
/// # Safety
/// `text` is null or a valid C string.
unsafe fn c_text(text: *const std::ffi::c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller vouches for it.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

/// Options for a libav object; whatever it does not know afterwards is an error and not a silence.
struct Options(*mut ffi::AVDictionary);

impl Options {
    fn new() -> Self {
        Options(ptr::null_mut())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), AvError> {
        let what = || format!("cannot set option {key}={value}");
        let (Ok(k), Ok(v)) = (CString::new(key), CString::new(value)) else {
            return Err(AvError::own(what(), "it contains a NUL"));
        };
        check(
            // SAFETY: the dictionary pointer is ours; libav copies both texts.
            unsafe { ffi::av_dict_set(&raw mut self.0, k.as_ptr(), v.as_ptr(), 0) },
            what,
        )?;
        Ok(())
    }

    fn as_mut_ptr(&mut self) -> *mut *mut ffi::AVDictionary {
        &raw mut self.0
    }

    /// Fails on options that nobody took.
    fn finish(self, what: &str) -> Result<(), AvError> {
        // SAFETY: an empty key with IGNORE_SUFFIX walks the dictionary; the entry is valid until the next change.
        let left = unsafe {
            ffi::av_dict_get(
                self.0,
                c"".as_ptr(),
                ptr::null(),
                ffi::AV_DICT_IGNORE_SUFFIX,
            )
        };
        if left.is_null() {
            return Ok(());
        }
        // SAFETY: `left` is a valid entry with a valid key.
        let key = unsafe { c_text((*left).key) };
        Err(AvError::own(
            what,
            format!("this build of FFmpeg does not know the option {key}"),
        ))
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: frees our own dictionary and sets the pointer to null.
        unsafe { ffi::av_dict_free(&raw mut self.0) }
    }
}
