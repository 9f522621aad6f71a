//! Encoding. In: frames. Out: packets, as the bytes of one access unit each. Never drops an option silently.

use std::ffi::CString;
use std::ptr;
use std::slice;

use ffmpeg_next as ffmpeg;
use ffmpeg_next::ffi;
use serde::{Deserialize, Serialize};

use super::filter::{GraphBuilder, Source, upright};
use super::input::Timestamps;
use super::{AudioSamples, AvError, Decoded, Frame, Options, check};
use crate::probe::Orientation;
use crate::units::{BitRate, FrameRate};

/// Parameter sets of x264 that do not depend on a film's quality: films of one size and rate can be joined without being
/// encoded again.
const STITCHABLE: &str = "stitchable=1";
/// Where FFmpeg takes options of x264 that it has no name for.
const X264_PARAMS: &str = "x264-params";

/// What can make H.264. All but x264 are parts of other hardware, which may be there or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum H264Encoder {
    /// x264, on the processor.
    #[default]
    #[serde(rename = "libx264")]
    X264,
    /// NVIDIA.
    #[serde(rename = "h264_nvenc")]
    Nvenc,
    /// Intel Quick Sync.
    #[serde(rename = "h264_qsv")]
    Qsv,
    /// VA-API, of AMD and Intel on Linux.
    #[serde(rename = "h264_vaapi")]
    Vaapi,
    /// Apple.
    #[serde(rename = "h264_videotoolbox")]
    Videotoolbox,
}

impl H264Encoder {
    /// All that are hardware.
    pub const HARDWARE: [H264Encoder; 4] = [
        H264Encoder::Nvenc,
        H264Encoder::Qsv,
        H264Encoder::Vaapi,
        H264Encoder::Videotoolbox,
    ];

    /// libav's name.
    pub fn name(self) -> &'static str {
        match self {
            H264Encoder::X264 => "libx264",
            H264Encoder::Nvenc => "h264_nvenc",
            H264Encoder::Qsv => "h264_qsv",
            H264Encoder::Vaapi => "h264_vaapi",
            H264Encoder::Videotoolbox => "h264_videotoolbox",
        }
    }
}

/// What an encoder is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoSettings {
    /// Which.
    pub encoder: H264Encoder,
    /// Width in pixels, even.
    pub width: u32,
    /// Height in pixels, even.
    pub height: u32,
    /// Constant frame rate.
    pub frame_rate: FrameRate,
    /// Constant rate factor, 0 to 51.
    pub crf: f32,
    /// Largest bit rate over the buffer.
    pub max_bit_rate: BitRate,
    /// VBV buffer in bits.
    pub buffer_bits: u64,
    /// Largest distance of IDR pictures in frames. x264 puts one at a cut to another scene too, but not closer to the last than a
    /// tenth of it; who needs them at places of their own asks for them ([`Frame::ask_for_idr`]).
    pub gop_frames: u32,
    /// x264's preset; other encoders have their own.
    pub preset: String,
    /// Further options of x264 by FFmpeg's or x264's names; other encoders take none.
    pub options: Vec<(String, String)>,
    /// Threads of this encoder.
    pub threads: usize,
}

impl VideoSettings {
    /// What the ladder gives to x264 by name.
    fn x264_options(&self) -> Vec<(String, String)> {
        if self.encoder != H264Encoder::X264 {
            return vec![];
        }
        let own = |key: &str| self.options.iter().find(|(name, _)| name == key);
        let stitchable = match own(X264_PARAMS) {
            Some((_, value)) => format!("{value}:{STITCHABLE}"),
            None => STITCHABLE.to_owned(),
        };
        let others = self.options.iter().filter(|(key, _)| key != X264_PARAMS);
        let last = (X264_PARAMS.to_owned(), stitchable);
        others.cloned().chain([last]).collect()
    }

    fn describe(&self, raw: &mut ffi::AVCodecContext) {
        raw.width = i32::try_from(self.width).unwrap_or(0);
        raw.height = i32::try_from(self.height).unwrap_or(0);
        raw.pix_fmt = ffi::AVPixelFormat::AV_PIX_FMT_YUV420P;
        let (num, den) = (self.frame_rate.num, self.frame_rate.den);
        let (num, den) = (
            i32::try_from(num).unwrap_or(25),
            i32::try_from(den).unwrap_or(1),
        );
        raw.time_base = ffi::AVRational { num: den, den: num };
        raw.framerate = ffi::AVRational { num, den };
        raw.sample_aspect_ratio = ffi::AVRational { num: 1, den: 1 };
        raw.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
        raw.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
        raw.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
        raw.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
        raw.chroma_sample_location = ffi::AVChromaLocation::AVCHROMA_LOC_LEFT;
        raw.thread_count = i32::try_from(self.threads.max(1)).unwrap_or(1);
    }
}

/// Constant quality below the largest rate, and IDR pictures where we say: each encoder has its own words for that. An option that
/// a build does not have is an error when it is opened.
fn rate_control(settings: &VideoSettings) -> Vec<(&'static str, String)> {
    let quality = settings.crf.to_string();
    // Hardware takes whole numbers. Those that want an average beside a quality get what films take that are hard to encode.
    let whole = settings.crf.round().to_string();
    let average = (settings.max_bit_rate.0 * 3 / 5).to_string();
    let text = str::to_owned;
    match settings.encoder {
        // Captions hidden in the source's pictures would contradict the playlist, which says that there are none: `a53cc`.
        H264Encoder::X264 => vec![
            ("preset", settings.preset.clone()),
            ("profile", text("high")),
            ("crf", quality),
            ("forced-idr", text("1")),
            ("a53cc", text("0")),
        ],
        H264Encoder::Nvenc => vec![
            ("preset", text("p5")),
            ("tune", text("hq")),
            ("profile", text("high")),
            ("rc", text("vbr")),
            ("cq", quality),
            ("b", text("0")),
            ("bf", text("2")),
            ("spatial-aq", text("1")),
            ("forced-idr", text("1")),
            ("no-scenecut", text("1")),
            ("a53cc", text("0")),
        ],
        H264Encoder::Qsv => vec![
            ("preset", text("slow")),
            ("profile", text("high")),
            ("global_quality", whole),
            ("b", average),
            ("bf", text("2")),
            ("forced_idr", text("1")),
            ("idr_interval", text("0")),
            ("adaptive_i", text("0")),
            ("a53cc", text("0")),
        ],
        H264Encoder::Vaapi => vec![
            ("profile", text("high")),
            ("rc_mode", text("QVBR")),
            ("global_quality", whole),
            ("b", average),
            ("bf", text("2")),
            ("idr_interval", text("0")),
        ],
        H264Encoder::Videotoolbox => vec![
            ("profile", text("high")),
            ("b", average),
            ("bf", text("2")),
            ("allow_sw", text("0")),
            ("realtime", text("0")),
            ("a53cc", text("0")),
        ],
    }
}

/// How frames of 8-bit 4:2:0 in three planes get to an encoder.
enum Upload {
    /// As they are.
    AsIs,
    /// With both chroma planes in one.
    Nv12,
    /// So, and into the memory of the hardware.
    Vaapi(Surfaces),
}

impl Upload {
    fn of(settings: &VideoSettings) -> Result<Self, AvError> {
        Ok(match settings.encoder {
            H264Encoder::X264 | H264Encoder::Nvenc | H264Encoder::Videotoolbox => Upload::AsIs,
            H264Encoder::Qsv => Upload::Nv12,
            H264Encoder::Vaapi => Upload::Vaapi(Surfaces::of_vaapi(settings)?),
        })
    }

    fn describe(&self, raw: &mut ffi::AVCodecContext) {
        match self {
            Upload::AsIs => {}
            Upload::Nv12 => raw.pix_fmt = ffi::AVPixelFormat::AV_PIX_FMT_NV12,
            Upload::Vaapi(surfaces) => {
                raw.pix_fmt = ffi::AVPixelFormat::AV_PIX_FMT_VAAPI;
                // SAFETY: a new reference on a valid buffer; the context gives it back when it is freed.
                raw.hw_frames_ctx = unsafe { ffi::av_buffer_ref(surfaces.0) };
            }
        }
    }

    /// The frame as the encoder takes it; none where it is right as it is.
    fn converted(&self, frame: &Frame) -> Result<Option<Frame>, AvError> {
        match self {
            Upload::AsIs => Ok(None),
            Upload::Nv12 => frame.to_nv12().map(Some),
            Upload::Vaapi(surfaces) => surfaces.filled(&frame.to_nv12()?).map(Some),
        }
    }
}

/// Frames in the memory of the hardware: a reference on an `AVHWFramesContext`.
struct Surfaces(*mut ffi::AVBufferRef);

impl Surfaces {
    fn of_vaapi(settings: &VideoSettings) -> Result<Self, AvError> {
        let what = || "cannot use the graphics hardware by VA-API".to_owned();
        let mut device = ptr::null_mut();
        // SAFETY: libav fills `device` or fails; a null name is its own choice of a device.
        let opened = unsafe {
            ffi::av_hwdevice_ctx_create(
                &raw mut device,
                ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_VAAPI,
                ptr::null(),
                ptr::null_mut(),
                0,
            )
        };
        check(opened, what)?;
        // SAFETY: `device` is valid; the frames' context takes its own reference on it, so ours is given back.
        let surfaces = unsafe {
            let frames = ffi::av_hwframe_ctx_alloc(device);
            ffi::av_buffer_unref(&raw mut device);
            Surfaces(frames)
        };
        if surfaces.0.is_null() {
            return Err(AvError::own(what(), "out of memory"));
        }
        // SAFETY: the buffer holds an `AVHWFramesContext` that is not set up yet and ours alone.
        unsafe {
            let context: *mut std::ffi::c_void = (*surfaces.0).data.cast();
            let context = &mut *context.cast::<ffi::AVHWFramesContext>();
            context.format = ffi::AVPixelFormat::AV_PIX_FMT_VAAPI;
            context.sw_format = ffi::AVPixelFormat::AV_PIX_FMT_NV12;
            context.width = i32::try_from(settings.width).unwrap_or(0);
            context.height = i32::try_from(settings.height).unwrap_or(0);
            context.initial_pool_size = 20;
            check(ffi::av_hwframe_ctx_init(surfaces.0), what)?;
        }
        Ok(surfaces)
    }

    fn filled(&self, from: &Frame) -> Result<Frame, AvError> {
        let mut surface = Frame::empty();
        let what = || "cannot bring a picture to the graphics hardware".to_owned();
        // SAFETY: the context is set up, both frames are valid, and `surface` is empty.
        unsafe {
            let raw = surface.as_mut_ptr();
            check(ffi::av_hwframe_get_buffer(self.0, raw, 0), what)?;
            check(ffi::av_hwframe_transfer_data(raw, from.as_ptr(), 0), what)?;
            check(ffi::av_frame_copy_props(raw, from.as_ptr()), what)?;
        }
        Ok(surface)
    }
}

impl Drop for Surfaces {
    fn drop(&mut self) {
        // SAFETY: gives our own reference back and sets the pointer to null.
        unsafe { ffi::av_buffer_unref(&raw mut self.0) }
    }
}

/// What the AAC encoder is asked for; always stereo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioSettings {
    /// Bit rate.
    pub bit_rate: BitRate,
    /// Samples per second.
    pub sample_rate: u32,
}

/// JPEG quantiser scale, 2 (best) to 31.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegQuality(pub u8);

/// WebP quality, 0 to 100 (best).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebpQuality(pub u8);

/// One encoded access unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedPacket {
    /// The bytes; H.264 as an Annex B byte stream.
    pub data: Vec<u8>,
    /// Presentation time, in frames or samples.
    pub pts: i64,
    /// Decoding time, in frames or samples.
    pub dts: i64,
    /// An IDR picture; always so for sound.
    pub key: bool,
}

/// An open encoder.
pub struct Encoder {
    context: *mut ffi::AVCodecContext,
    packet: ffmpeg::Packet,
    sample_rate: u32,
    upload: Upload,
}

// SAFETY: a codec context may be used from any one thread at a time; `Encoder` is its only owner.
unsafe impl Send for Encoder {}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Encoder")
    }
}

impl Encoder {
    /// H.264 High, 8-bit 4:2:0, tagged bt709 limited range, square pixels, closed GOPs, each with an IDR picture at its start.
    pub fn h264(settings: &VideoSettings) -> Result<Self, AvError> {
        let mut options = Options::new();
        for (key, value) in rate_control(settings) {
            options.set(key, &value)?;
        }
        for (key, value) in settings.x264_options() {
            options.set(&key, &value)?;
        }
        options.set("g", &settings.gop_frames.max(1).to_string())?;
        options.set("maxrate", &settings.max_bit_rate.0.to_string())?;
        options.set("bufsize", &settings.buffer_bits.to_string())?;
        options.set("flags", "+cgop+global_header")?;
        let upload = Upload::of(settings)?;
        let mut encoder = Encoder::open(settings.encoder.name(), options, 0, |raw| {
            settings.describe(raw);
            upload.describe(raw);
        })?;
        encoder.upload = upload;
        Ok(encoder)
    }

    /// AAC-LC, stereo.
    pub fn aac(settings: &AudioSettings) -> Result<Self, AvError> {
        let mut options = Options::new();
        options.set("b", &settings.bit_rate.0.to_string())?;
        options.set("profile", "aac_low")?;
        options.set("flags", "+global_header+bitexact")?;
        Encoder::open("aac", options, settings.sample_rate, |raw| {
            let rate = i32::try_from(settings.sample_rate).unwrap_or(48_000);
            raw.sample_rate = rate;
            raw.time_base = ffi::AVRational { num: 1, den: rate };
            raw.sample_fmt = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP;
            // SAFETY: writes a native layout into a fresh context.
            unsafe { ffi::av_channel_layout_default(&raw mut raw.ch_layout, 2) };
        })
    }

    fn open(
        name: &str,
        mut options: Options,
        sample_rate: u32,
        fill: impl FnOnce(&mut ffi::AVCodecContext),
    ) -> Result<Self, AvError> {
        let what = || format!("cannot open the encoder {name}");
        let c_name =
            CString::new(name).map_err(|_| AvError::own(what(), "its name contains a NUL"))?;
        // SAFETY: the context is fresh and ours; on an early return `encoder` drops and frees it.
        let encoder = unsafe {
            let codec = ffi::avcodec_find_encoder_by_name(c_name.as_ptr());
            if codec.is_null() {
                return Err(AvError::own(
                    what(),
                    "this build of FFmpeg does not have it; `zhanbo doctor` says more",
                ));
            }
            let context = ffi::avcodec_alloc_context3(codec);
            if context.is_null() {
                return Err(AvError::own(what(), "out of memory"));
            }
            let encoder = Encoder {
                context,
                packet: ffmpeg::Packet::empty(),
                sample_rate,
                upload: Upload::AsIs,
            };
            fill(&mut *context);
            check(
                ffi::avcodec_open2(context, codec, options.as_mut_ptr()),
                what,
            )?;
            encoder
        };
        options.finish(&what())?;
        Ok(encoder)
    }

    /// Codec headers: SPS and PPS as Annex B, or the `AudioSpecificConfig`.
    pub fn headers(&self) -> Vec<u8> {
        // SAFETY: an open context's extradata holds `extradata_size` bytes.
        unsafe {
            let raw = &*self.context;
            if raw.extradata.is_null() {
                return Vec::new();
            }
            slice::from_raw_parts(
                raw.extradata,
                usize::try_from(raw.extradata_size).unwrap_or(0),
            )
            .to_vec()
        }
    }

    /// Samples of encoder delay at the start of the stream.
    pub fn priming(&self) -> u32 {
        // SAFETY: the context is open.
        u32::try_from(unsafe { (*self.context).initial_padding }).unwrap_or(0)
    }

    /// Frames by which reordering delays the picture.
    pub fn reorder_delay(&self) -> u32 {
        // SAFETY: the context is open.
        u32::try_from(unsafe { (*self.context).has_b_frames }).unwrap_or(0)
    }

    /// Hands in one frame; its time stamp is in frames.
    pub fn send(&mut self, frame: &Frame) -> Result<(), AvError> {
        let converted = self.upload.converted(frame)?;
        let frame = converted.as_ref().unwrap_or(frame);
        check(
            // SAFETY: context and frame are valid; the encoder takes its own reference.
            unsafe { ffi::avcodec_send_frame(self.context, frame.as_ptr()) },
            || "cannot encode".into(),
        )?;
        Ok(())
    }

    /// Hands in samples that start at `pts` (in samples).
    pub fn send_samples(&mut self, samples: &AudioSamples, pts: i64) -> Result<(), AvError> {
        let mut frame = Frame::from_stereo(samples, self.sample_rate)?;
        frame.set_pts(pts);
        self.send(&frame)
    }

    /// No more frames: let the last packets out.
    pub fn finish(&mut self) -> Result<(), AvError> {
        check(
            // SAFETY: a null frame starts draining.
            unsafe { ffi::avcodec_send_frame(self.context, ptr::null()) },
            || "cannot finish encoding".into(),
        )?;
        Ok(())
    }

    /// Takes the next packet out; none where more frames are wanted or all are out.
    pub fn receive(&mut self) -> Result<Option<EncodedPacket>, AvError> {
        use ffmpeg::packet::Mut;
        // SAFETY: context and packet are valid; libav unreferences the packet first.
        let code = unsafe { ffi::avcodec_receive_packet(self.context, self.packet.as_mut_ptr()) };
        if code == ffi::AVERROR_EOF || code == ffi::AVERROR(ffmpeg::util::error::EAGAIN) {
            return Ok(None);
        }
        check(code, || "cannot encode".into())?;
        Ok(Some(EncodedPacket {
            data: self.packet.data().unwrap_or_default().to_vec(),
            pts: self.packet.pts().unwrap_or(0),
            dts: self.packet.dts().unwrap_or(0),
            key: self.packet.is_key(),
        }))
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: frees our own context and sets the pointer to null.
        unsafe { ffi::avcodec_free_context(&raw mut self.context) }
    }
}

/// A picture as a JPEG file: turned upright, then scaled to `size` (even numbers are made of it).
pub fn encode_jpeg(
    picture: &Frame,
    turn: Orientation,
    size: (u32, u32),
    quality: JpegQuality,
) -> Result<Vec<u8>, AvError> {
    let scaled = small_picture(picture, turn, Part::Whole, size)?;
    let mut options = Options::new();
    options.set("qmin", &quality.0.to_string())?;
    options.set("qmax", &quality.0.to_string())?;
    options.set("flags", "+bitexact")?;
    encode_still("mjpeg", options, &scaled, Colours::OfJpeg)
}

/// libav's encoder for WebP; Debian's has it, not every build does.
const WEBP_ENCODER: &str = "libwebp";

/// Whether [`encode_webp`] works with this build of FFmpeg.
pub fn can_encode_webp() -> bool {
    super::has_encoder(WEBP_ENCODER)
}

/// A picture as a WebP file: turned upright, then scaled to `size` (even numbers are made of it).
pub fn encode_webp(
    picture: &Frame,
    turn: Orientation,
    size: (u32, u32),
    quality: WebpQuality,
) -> Result<Vec<u8>, AvError> {
    let scaled = scaled(picture, turn, Part::Whole, size, Colours::OfWebp)?;
    let mut options = Options::new();
    options.set("quality", &quality.0.to_string())?;
    options.set("compression_level", "4")?;
    encode_still(WEBP_ENCODER, options, &scaled, Colours::OfWebp)
}

/// Which colours a still picture's file holds: both mean BT.601 coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    /// JFIF: full range.
    OfJpeg,
    /// The lossy bitstream of WebP (RFC 6386 §9.2): limited range.
    OfWebp,
}

impl Colours {
    /// Pixel format, and what filters call format and range.
    fn parts(
        self,
    ) -> (
        ffi::AVPixelFormat,
        ffi::AVColorRange,
        &'static str,
        &'static str,
    ) {
        match self {
            Colours::OfJpeg => (
                ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P,
                ffi::AVColorRange::AVCOL_RANGE_JPEG,
                "yuvj420p",
                "full",
            ),
            Colours::OfWebp => (
                ffi::AVPixelFormat::AV_PIX_FMT_YUV420P,
                ffi::AVColorRange::AVCOL_RANGE_MPEG,
                "yuv420p",
                "limited",
            ),
        }
    }
}

fn encode_still(
    encoder: &str,
    options: Options,
    picture: &Frame,
    colours: Colours,
) -> Result<Vec<u8>, AvError> {
    let (format, range, ..) = colours.parts();
    let mut open = Encoder::open(encoder, options, 0, |raw| {
        raw.width = i32::try_from(picture.width()).unwrap_or(0);
        raw.height = i32::try_from(picture.height()).unwrap_or(0);
        raw.pix_fmt = format;
        raw.color_range = range;
        raw.time_base = ffi::AVRational { num: 1, den: 25 };
    })?;
    open.send(picture)?;
    open.finish()?;
    let packet = open.receive()?;
    packet.map(|p| p.data).ok_or_else(|| {
        AvError::own(
            format!("cannot encode a picture with {encoder}"),
            "the encoder gave nothing",
        )
    })
}

/// Which part of a picture is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The lower third as displayed, where subtitles stand.
    LowerThird,
}

/// A picture upright and in another size, as a JPEG holds it: JFIF means BT.601 coefficients in full range, whatever the
/// film had.
pub fn small_picture(
    picture: &Frame,
    turn: Orientation,
    part: Part,
    size: (u32, u32),
) -> Result<Frame, AvError> {
    scaled(picture, turn, part, size, Colours::OfJpeg)
}

fn scaled(
    picture: &Frame,
    turn: Orientation,
    part: Part,
    (width, height): (u32, u32),
    colours: Colours,
) -> Result<Frame, AvError> {
    let (_, _, format, range) = colours.parts();
    let mut builder = GraphBuilder::new(1)?;
    let time_base = Timestamps { num: 1, den: 25 };
    let source = builder.source(&Source {
        frame: picture,
        time_base,
        sar: (1, 1),
    })?;
    let mut chain = upright(turn);
    if part == Part::LowerThird {
        let options = [("w", "iw"), ("h", "ih/3"), ("x", "0"), ("y", "ih*2/3")];
        let options = options.map(|(key, value)| (key, value.to_owned()));
        chain.push(("crop", options.to_vec()));
    }
    let node = builder.chain(source, &chain)?;
    let options = [
        ("w", (width.max(2) & !1).to_string()),
        ("h", (height.max(2) & !1).to_string()),
        ("flags", "bicubic+accurate_rnd+full_chroma_int".into()),
        ("out_color_matrix", "bt601".into()),
        ("out_range", range.into()),
    ];
    let node = builder.then(node, "scale", &options)?;
    let node = builder.then(node, "format", &[("pix_fmts", format.into())])?;
    builder.sink(node, false)?;
    let mut graph = builder.build()?;
    graph.push(picture)?;
    graph.finish()?;
    let mut scaled = Frame::empty();
    match graph.pull(0, &mut scaled)? {
        Decoded::Frame => {
            scaled.set_pts(0);
            Ok(scaled)
        }
        _ => Err(AvError::own(
            "cannot scale a picture",
            "the graph gave nothing",
        )),
    }
}
