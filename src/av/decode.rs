//! Decoding. In: packets of one stream. Out: frames. Never decodes a codec that is not on the list, nor a picture
//! beyond [`limits::MAX_PIXELS`].

use std::ptr;

use ffmpeg_next as ffmpeg;
use ffmpeg_next::ffi;

use super::{AvError, Frame, Input, check, limits};

/// Codecs that phones, cameras and editors write. What is not here is returned with "please export as H.264".
const CODECS: &[&str] = &[
    "h264",
    "hevc",
    "av1",
    "vp8",
    "vp9",
    "mpeg1video",
    "mpeg2video",
    "mpeg4",
    "msmpeg4v1",
    "msmpeg4v2",
    "msmpeg4v3",
    "wmv1",
    "wmv2",
    "wmv3",
    "vc1",
    "h263",
    "flv1",
    "dvvideo",
    "prores",
    "dnxhd",
    "mjpeg",
    "theora",
    "cfhd",
    "rawvideo",
    "qtrle",
    "png",
    "aic",
    "jpeg2000",
    "aac",
    "ac3",
    "eac3",
    "mp1",
    "mp2",
    "mp3",
    "opus",
    "vorbis",
    "flac",
    "alac",
    "dts",
    "amr_nb",
    "amr_wb",
    "wmav1",
    "wmav2",
    "pcm_s16le",
    "pcm_s16be",
    "pcm_s24le",
    "pcm_s24be",
    "pcm_s32le",
    "pcm_s32be",
    "pcm_f32le",
    "pcm_f32be",
    "pcm_u8",
    "pcm_s8",
    "pcm_mulaw",
    "pcm_alaw",
    "pcm_dvd",
    "pcm_bluray",
    "adpcm_ms",
    "adpcm_ima_wav",
    "adpcm_ima_qt",
];

/// Kinds of still pictures that we write, or show in the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StillKind {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
}

impl StillKind {
    /// By a file's first bytes; none for what is none of them.
    pub fn of(bytes: &[u8]) -> Option<StillKind> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(StillKind::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Some(StillKind::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(StillKind::Webp),
            _ => None,
        }
    }
}

/// A still picture, decoded from the bytes of its file: one decoder, no demuxer, and no more than
/// [`limits::MAX_PIXELS`]. In a worker where the file came from outside.
pub fn decode_still(kind: StillKind, bytes: &[u8]) -> Result<Frame, AvError> {
    let name = match kind {
        StillKind::Png => c"png",
        StillKind::Jpeg => c"mjpeg",
        StillKind::Webp => c"webp",
    };
    let what = || format!("cannot decode a picture of kind {kind:?}");
    // SAFETY: the context is fresh and ours. On an early return `decoder` drops and frees it.
    let mut decoder = unsafe {
        let codec = ffi::avcodec_find_decoder_by_name(name.as_ptr());
        let decoder = Decoder::blank(codec, what)?;
        (*decoder.context).max_pixels = limits::MAX_PIXELS;
        check(
            ffi::avcodec_open2(decoder.context, codec, ptr::null_mut()),
            what,
        )?;
        decoder
    };
    let mut picture = Frame::empty();
    decoder.send(&ffmpeg::Packet::copy(bytes))?;
    decoder.finish()?;
    match decoder.receive(&mut picture)? {
        Decoded::Frame => Ok(picture),
        _ => Err(AvError::own(what(), "there is no picture in it")),
    }
}

/// What [`Decoder::receive`] came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded {
    /// The frame was filled.
    Frame,
    /// More packets are wanted first.
    NeedsInput,
    /// All frames are out.
    End,
}

/// A decoder for one stream.
pub struct Decoder {
    context: *mut ffi::AVCodecContext,
}

// SAFETY: a codec context may be used from any one thread at a time; `Decoder` is its only owner.
unsafe impl Send for Decoder {}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Decoder")
    }
}

impl Decoder {
    /// Whether a codec (FFmpeg's name) is one that we decode.
    pub fn supports(codec: &str) -> bool {
        CODECS.contains(&codec)
    }

    /// A decoder that is not open yet; `codec` is null or libav's own.
    fn blank(codec: *const ffi::AVCodec, what: impl Fn() -> String) -> Result<Self, AvError> {
        if codec.is_null() {
            let why = "this build of FFmpeg has no such decoder";
            return Err(AvError::own(what(), why));
        }
        let decoder = Decoder {
            // SAFETY: libav's codecs live as long as the program; a null context is looked at below.
            context: unsafe { ffi::avcodec_alloc_context3(codec) },
        };
        if decoder.context.is_null() {
            return Err(AvError::own(what(), "out of memory"));
        }
        Ok(decoder)
    }

    /// A decoder for stream `index` with this many threads.
    pub fn open(input: &Input, index: usize, threads: usize) -> Result<Self, AvError> {
        let facts = input.streams().into_iter().find(|s| s.index == index);
        let (Some(facts), Some(parameters)) = (facts, input.parameters(index)) else {
            return Err(AvError::own(
                "cannot open a decoder",
                format!("there is no stream {index}"),
            ));
        };
        if !Decoder::supports(&facts.codec) {
            return Err(AvError::own(
                "cannot open a decoder",
                format!("codec {} is not on the list", facts.codec),
            ));
        }
        let what = || format!("cannot open the decoder for {}", facts.codec);
        // SAFETY: the context is fresh and ours; `parameters` outlives the calls. On an early return `decoder` drops.
        unsafe {
            let codec = ffi::avcodec_find_decoder((*parameters.as_ptr()).codec_id);
            let decoder = Decoder::blank(codec, what)?;
            check(
                ffi::avcodec_parameters_to_context(decoder.context, parameters.as_ptr()),
                what,
            )?;
            let raw = &mut *decoder.context;
            raw.pkt_timebase = facts.time_base.to_raw();
            raw.max_pixels = limits::MAX_PIXELS;
            raw.thread_count = i32::try_from(threads.max(1)).unwrap_or(1);
            check(
                ffi::avcodec_open2(decoder.context, codec, ptr::null_mut()),
                what,
            )?;
            Ok(decoder)
        }
    }

    /// A decoder for H.264 as our encoders give it, an access unit at a time as an Annex B byte stream with its parameter sets,
    /// in one thread.
    pub fn h264() -> Result<Self, AvError> {
        let what = || "cannot open the decoder for h264".to_owned();
        // SAFETY: the context is fresh and ours. On an early return `decoder` drops.
        unsafe {
            let codec = ffi::avcodec_find_decoder(ffi::AVCodecID::AV_CODEC_ID_H264);
            let decoder = Decoder::blank(codec, what)?;
            (*decoder.context).thread_count = 1;
            let opened = ffi::avcodec_open2(decoder.context, codec, ptr::null_mut());
            check(opened, what)?;
            Ok(decoder)
        }
    }

    /// A decoder that only tells whether there is a whole picture in every packet, in one thread: the deblocking filter, which
    /// cannot fail and is a sixth of the work, is left out, so the frames are not for looking at.
    pub fn open_to_prove(input: &Input, index: usize) -> Result<Self, AvError> {
        let decoder = Decoder::open(input, index, 1)?;
        // SAFETY: the context is open; the field may be changed between packets.
        unsafe { (*decoder.context).skip_loop_filter = ffi::AVDiscard::AVDISCARD_ALL };
        Ok(decoder)
    }

    /// Hands a packet in. Wrong data are reported and may be followed by more packets.
    pub fn send(&mut self, packet: &ffmpeg::Packet) -> Result<(), AvError> {
        use ffmpeg::packet::Ref;
        check(
            // SAFETY: context and packet are valid.
            unsafe { ffi::avcodec_send_packet(self.context, packet.as_ptr()) },
            || "cannot decode".into(),
        )?;
        Ok(())
    }

    /// No more packets: let the last frames out.
    pub fn finish(&mut self) -> Result<(), AvError> {
        // SAFETY: a null packet starts draining.
        let code = unsafe { ffi::avcodec_send_packet(self.context, ptr::null()) };
        if code == ffi::AVERROR_EOF {
            return Ok(());
        }
        check(code, || "cannot finish decoding".into())?;
        Ok(())
    }

    /// Takes the next frame out.
    pub fn receive(&mut self, frame: &mut Frame) -> Result<Decoded, AvError> {
        // SAFETY: context and frame are valid; libav unreferences the frame first.
        match unsafe { ffi::avcodec_receive_frame(self.context, frame.as_mut_ptr()) } {
            code if code == ffi::AVERROR(ffmpeg::util::error::EAGAIN) => Ok(Decoded::NeedsInput),
            ffi::AVERROR_EOF => Ok(Decoded::End),
            code => check(code, || "cannot decode".into()).map(|_| Decoded::Frame),
        }
    }

    /// Forgets what was buffered, after a seek.
    pub fn flush(&mut self) {
        // SAFETY: the context is open.
        unsafe { ffi::avcodec_flush_buffers(self.context) }
    }

    /// Whether pictures that no other picture needs are left out: faster, where not every picture is wanted.
    pub fn skip_unreferenced(&mut self, skip: bool) {
        // SAFETY: the context is open; the field may be changed between packets.
        unsafe {
            (*self.context).skip_frame = if skip {
                ffi::AVDiscard::AVDISCARD_NONREF
            } else {
                ffi::AVDiscard::AVDISCARD_DEFAULT
            };
        }
    }

    /// Profile's name, channels and sample rate as the decoder knows them now.
    pub fn audio_shape(&self) -> (u32, u32) {
        // SAFETY: the context is open.
        let raw = unsafe { &*self.context };
        (
            u32::try_from(raw.ch_layout.nb_channels).unwrap_or(0),
            u32::try_from(raw.sample_rate).unwrap_or(0),
        )
    }

    /// The profile's name, where codec and stream have one.
    pub fn profile(&self) -> Option<String> {
        // SAFETY: the context is open; the name is static or null.
        let name = unsafe {
            super::c_text(ffi::avcodec_profile_name(
                (*self.context).codec_id,
                (*self.context).profile,
            ))
        };
        (!name.is_empty()).then_some(name)
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: frees our own context and sets the pointer to null.
        unsafe { ffi::avcodec_free_context(&raw mut self.context) }
    }
}
