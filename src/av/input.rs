//! Guarded input. In: something readable. Out: stream facts and packets. Never opens anything but what it was given:
//! custom AVIO, a demuxer list, an `io_open` that refuses, and no video decoder while the streams are being found.

use std::ffi::{c_char, c_int};
use std::io::{Read, Seek};
use std::ptr;

use ffmpeg_next as ffmpeg;
use ffmpeg_next::ffi;
use ffmpeg_next::format::context::StreamIo;

use super::{AvError, Options, c_text, check, limits};
use crate::probe::Orientation;

/// Demuxers for what regions send. Nothing on this list follows a reference to another file once `io_open` refuses.
const DEMUXERS: &str =
    "mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegvideo,mpegts,m4v,matroska,webm,avi,asf,flv";

/// What may be decoded while libav looks for the streams: sound only. A picture decoded before the limits are set can
/// take gigabytes (see `hostile.md`), and sizes are in the headers anyway.
const CODECS_FOR_FINDING_STREAMS: &str = "aac,ac3,eac3,mp1,mp2,mp3,mp3float,mp2float,mp1float,opus,vorbis,flac,alac,amrnb,amrwb,wmav1,wmav2,\
     pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_u8,pcm_mulaw,pcm_alaw,pcm_bluray,pcm_dvd,\
     adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,nellymoser,dca,truehd,cook,qdm2";

/// Chapters of a file that are looked at.
const MAX_CHAPTERS: usize = 1000;

/// What a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// Moving pictures.
    Video,
    /// A cover: one still picture, not a video.
    AttachedPicture,
    /// Sound.
    Audio,
    /// Text or bitmap subtitles.
    Subtitle,
    /// Time code, telemetry, attachments.
    Other,
}

/// A fraction in seconds: one tick of a stream's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamps {
    /// Numerator of the time base in seconds.
    pub num: i32,
    /// Denominator of the time base.
    pub den: i32,
}

impl Timestamps {
    /// Ticks as microseconds.
    pub fn to_micros(self, ticks: i64) -> i64 {
        let micros =
            i128::from(ticks) * 1_000_000 * i128::from(self.num) / i128::from(self.den.max(1));
        i64::try_from(micros).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX })
    }

    pub(super) fn to_raw(self) -> ffi::AVRational {
        ffi::AVRational {
            num: self.num,
            den: self.den,
        }
    }
}

impl From<ffi::AVRational> for Timestamps {
    fn from(raw: ffi::AVRational) -> Self {
        Timestamps {
            num: raw.num,
            den: raw.den.max(1),
        }
    }
}

/// What the container says about one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamFacts {
    /// Position in the file.
    pub index: usize,
    /// Its number by the container; a track's in MP4.
    pub id: i32,
    /// What it carries.
    pub kind: StreamKind,
    /// FFmpeg's name of the codec; for text that libav has no name for, the container's.
    pub codec: String,
    /// Time base of its packets.
    pub time_base: Timestamps,
    /// Average rate as the container claims it, frames per second as a fraction; 0/0 where it says nothing.
    pub claimed_rate: (i32, i32),
    /// Sample aspect ratio of the container; it overrides the codec's. None where it says nothing.
    pub sar: Option<(u32, u32)>,
    /// Turn and mirroring by the display matrix.
    pub orientation: Orientation,
    /// Marked as the default of its kind.
    pub default: bool,
    /// Subtitles that are shown even to those who asked for none.
    pub forced: bool,
    /// Language tag as written in the file.
    pub language: Option<String>,
    /// Width in pixels by the headers, 0 if unknown.
    pub width: u32,
    /// Height in pixels by the headers, 0 if unknown.
    pub height: u32,
}

impl StreamFacts {
    /// The stream of a kind that counts: of several the default one, else the first.
    pub fn main(streams: &[StreamFacts], kind: StreamKind) -> Option<StreamFacts> {
        let of_kind = || streams.iter().filter(|stream| stream.kind == kind);
        let main = of_kind().find(|stream| stream.default);
        main.or_else(|| of_kind().next()).cloned()
    }
}

/// A named stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// Where it begins, in microseconds.
    pub start_us: i64,
    /// Where it ends, in microseconds.
    pub end_us: i64,
}

/// What [`Input::read`] came to.
#[derive(Debug)]
pub enum Demuxed {
    /// A packet was read.
    Packet,
    /// The end, as it should be.
    End,
    /// Reading stopped before the end.
    Broken(AvError),
}

/// An opened file.
pub struct Input {
    inner: ffmpeg::format::context::Input,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input")
            .field("format", &self.format_name())
            .finish_non_exhaustive()
    }
}

// libav calls this whenever a demuxer wants another file: a playlist's segment, a QuickTime data reference.
unsafe extern "C" fn refuse_to_open(
    _: *mut ffi::AVFormatContext,
    _: *mut *mut ffi::AVIOContext,
    _: *const c_char,
    _: c_int,
    _: *mut *mut ffi::AVDictionary,
) -> c_int {
    ffi::AVERROR(ffmpeg::util::error::EACCES)
}

impl Input {
    /// Opens what `source` holds.
    pub fn open<S: Read + Seek + Send + 'static>(source: S) -> Result<Self, AvError> {
        let mut io = StreamIo::from_read_seek(source)
            .map_err(|e| AvError::new("cannot set up reading", e.into()))?;
        let mut options = Options::new();
        options.set("format_whitelist", DEMUXERS)?;
        options.set("protocol_whitelist", "none")?;
        options.set("codec_whitelist", CODECS_FOR_FINDING_STREAMS)?;
        options.set("max_streams", &limits::MAX_STREAMS.to_string())?;
        // SAFETY: a fresh context, filled before it is opened. On failure libav frees it and leaves `pb`, which `io`
        // frees; on success `wrap_with_custom_io` takes both and frees them in that order.
        let inner = unsafe {
            let mut context = ffi::avformat_alloc_context();
            if context.is_null() {
                return Err(AvError::own("cannot open the file", "out of memory"));
            }
            (*context).pb = io.as_mut_ptr();
            (*context).flags |= ffi::AVFMT_FLAG_CUSTOM_IO;
            (*context).io_open = Some(refuse_to_open);
            let code = ffi::avformat_open_input(
                &raw mut context,
                ptr::null(),
                ptr::null_mut(),
                options.as_mut_ptr(),
            );
            check(code, || "cannot open the file".into())?;
            ffmpeg::format::context::Input::wrap_with_custom_io(context, io)
        };
        options.finish("cannot open the file")?;
        let mut input = Input { inner };
        // SAFETY: the context is open and ours. libav complains about each codec that is not on the list, at the level of
        // errors; that is how we want it, so it is silenced for this one call.
        let code = unsafe {
            let level = ffi::av_log_get_level();
            ffi::av_log_set_level(ffi::AV_LOG_FATAL.min(level));
            let code = ffi::avformat_find_stream_info(input.inner.as_mut_ptr(), ptr::null_mut());
            ffi::av_log_set_level(level);
            code
        };
        check(code, || "cannot find the streams".into())?;
        Ok(input)
    }

    /// FFmpeg's name of the container: `mov,mp4,m4a,3gp,3g2,mj2`.
    pub fn format_name(&self) -> String {
        // SAFETY: an open input has a format with a name.
        unsafe { c_text((*(*self.inner.as_ptr()).iformat).name) }
    }

    /// Container metadata, e.g. `major_brand`. Lossy where it is not UTF-8.
    pub fn metadata(&self, key: &std::ffi::CStr) -> Option<String> {
        // SAFETY: the context is open; the entry is valid until the next change.
        unsafe { dictionary_text((*self.inner.as_ptr()).metadata, key) }
    }

    /// Duration that the header claims, in microseconds.
    pub fn header_duration(&self) -> Option<i64> {
        // SAFETY: the context is open.
        let duration = unsafe { (*self.inner.as_ptr()).duration };
        (duration > 0).then_some(duration)
    }

    /// When the presentation starts, in microseconds of the streams' clocks.
    pub fn start_time(&self) -> i64 {
        // SAFETY: the context is open.
        let start = unsafe { (*self.inner.as_ptr()).start_time };
        if start == ffi::AV_NOPTS_VALUE {
            0
        } else {
            start
        }
    }

    /// All streams.
    pub fn streams(&self) -> Vec<StreamFacts> {
        self.inner
            .streams()
            .map(|stream| stream_facts(&stream))
            .collect()
    }

    /// The chapters, in the file's order; of more than a thousand the first.
    pub fn chapters(&self) -> Vec<Chapter> {
        let chapters = self.inner.chapters().take(MAX_CHAPTERS);
        let chapters = chapters.map(|chapter| {
            let time_base = Timestamps {
                num: chapter.time_base().numerator(),
                den: chapter.time_base().denominator().max(1),
            };
            Chapter {
                start_us: time_base.to_micros(chapter.start()),
                end_us: time_base.to_micros(chapter.end()),
            }
        });
        chapters.collect()
    }

    /// Only these streams are read from now on.
    pub fn keep_only(&mut self, indexes: &[usize]) {
        for mut stream in self.inner.streams_mut() {
            let keep = indexes.contains(&stream.index());
            // SAFETY: the stream belongs to our open context.
            unsafe {
                (*stream.as_mut_ptr()).discard = if keep {
                    ffi::AVDiscard::AVDISCARD_DEFAULT
                } else {
                    ffi::AVDiscard::AVDISCARD_ALL
                };
            }
        }
    }

    /// Reads the next packet of the kept streams.
    pub fn read(&mut self, packet: &mut ffmpeg::Packet) -> Demuxed {
        // libav writes over a packet without letting go of its data.
        // SAFETY: the packet is valid, if perhaps empty.
        unsafe { ffi::av_packet_unref(ffmpeg::packet::Mut::as_mut_ptr(packet)) };
        match packet.read(&mut self.inner) {
            Ok(()) => Demuxed::Packet,
            Err(ffmpeg::Error::Eof) => Demuxed::End,
            Err(error) => Demuxed::Broken(AvError::new("cannot read on", error.into())),
        }
    }

    /// The decoder's configuration as the container keeps it, apart from the packets; empty where it has none.
    pub fn configuration(&self, index: usize) -> Vec<u8> {
        let Some(parameters) = self.parameters(index) else {
            return vec![];
        };
        // SAFETY: libav keeps `extradata_size` bytes at `extradata`, or a null pointer.
        unsafe {
            let raw = &*parameters.as_ptr();
            match usize::try_from(raw.extradata_size) {
                Ok(size @ 1..) if !raw.extradata.is_null() => {
                    std::slice::from_raw_parts(raw.extradata, size).to_vec()
                }
                _ => vec![],
            }
        }
    }

    pub(super) fn time_base(&self, index: usize) -> Timestamps {
        let time_base = self.inner.stream(index).map(|stream| stream.time_base());
        time_base.map_or(Timestamps { num: 1, den: 1 }, |base| Timestamps {
            num: base.numerator(),
            den: base.denominator().max(1),
        })
    }

    pub(super) fn parameters(&self, index: usize) -> Option<ffmpeg::codec::Parameters> {
        self.inner.stream(index).map(|stream| stream.parameters())
    }
}

/// What a packet is, beyond its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketFacts {
    /// Which stream it belongs to.
    pub stream: usize,
    /// When it is shown, in ticks of its stream.
    pub presentation_time: Option<i64>,
    /// When it is decoded, in ticks of its stream.
    pub decoding_time: Option<i64>,
    /// How long it is shown, in ticks of its stream; 0 if unknown.
    pub duration: i64,
    /// Where decoding can start.
    pub key: bool,
    /// Decoded but never shown: before an edit list's start.
    pub hidden: bool,
    /// The demuxer knows that bytes are missing.
    pub corrupt: bool,
    /// Size in bytes.
    pub bytes: u64,
}

impl PacketFacts {
    /// When it is shown, as far as is known: some containers give decoding times only.
    pub fn timestamp(&self) -> Option<i64> {
        self.presentation_time.or(self.decoding_time)
    }

    /// The facts of a packet just read.
    pub fn of(packet: &ffmpeg::Packet) -> Self {
        use ffmpeg::packet::Ref;
        // SAFETY: the packet is valid.
        let flags = unsafe { (*packet.as_ptr()).flags };
        PacketFacts {
            stream: packet.stream(),
            presentation_time: packet.pts(),
            decoding_time: packet.dts(),
            duration: packet.duration().max(0),
            key: flags & ffi::AV_PKT_FLAG_KEY != 0,
            hidden: flags & ffi::AV_PKT_FLAG_DISCARD != 0,
            corrupt: flags & ffi::AV_PKT_FLAG_CORRUPT != 0,
            bytes: packet.size() as u64,
        }
    }
}

fn stream_facts(stream: &ffmpeg::Stream<'_>) -> StreamFacts {
    // SAFETY: the stream and its parameters live as long as the input that `stream` borrows.
    unsafe {
        let raw = &*stream.as_ptr();
        let parameters = &*raw.codecpar;
        let attached = raw.disposition & ffi::AV_DISPOSITION_ATTACHED_PIC != 0;
        // libav takes WebVTT and TTML in MP4 for data, and names neither.
        let boxed_text = [*b"wvtt", *b"stpp"]
            .into_iter()
            .find(|tag| parameters.codec_tag == u32::from_le_bytes(*tag));
        let kind = match parameters.codec_type {
            _ if boxed_text.is_some() => StreamKind::Subtitle,
            ffi::AVMediaType::AVMEDIA_TYPE_VIDEO if attached => StreamKind::AttachedPicture,
            ffi::AVMediaType::AVMEDIA_TYPE_VIDEO => StreamKind::Video,
            ffi::AVMediaType::AVMEDIA_TYPE_AUDIO => StreamKind::Audio,
            ffi::AVMediaType::AVMEDIA_TYPE_SUBTITLE => StreamKind::Subtitle,
            _ => StreamKind::Other,
        };
        let positive = |r: ffi::AVRational| match (u32::try_from(r.num), u32::try_from(r.den)) {
            (Ok(num), Ok(den)) if num > 0 && den > 0 => Some((num, den)),
            _ => None,
        };
        StreamFacts {
            index: stream.index(),
            id: raw.id,
            kind,
            codec: boxed_text.map_or_else(
                || c_text(ffi::avcodec_get_name(parameters.codec_id)),
                |tag| String::from_utf8_lossy(&tag).into_owned(),
            ),
            time_base: raw.time_base.into(),
            claimed_rate: (raw.avg_frame_rate.num, raw.avg_frame_rate.den),
            sar: positive(raw.sample_aspect_ratio)
                .or_else(|| positive(parameters.sample_aspect_ratio)),
            orientation: orientation(stream),
            default: raw.disposition & ffi::AV_DISPOSITION_DEFAULT != 0,
            forced: raw.disposition & ffi::AV_DISPOSITION_FORCED != 0,
            language: dictionary_text(raw.metadata, c"language").filter(|tag| tag != "und"),
            width: u32::try_from(parameters.width).unwrap_or(0),
            height: u32::try_from(parameters.height).unwrap_or(0),
        }
    }
}

/// # Safety
/// `dictionary` is null or valid.
unsafe fn dictionary_text(
    dictionary: *mut ffi::AVDictionary,
    key: &std::ffi::CStr,
) -> Option<String> {
    // SAFETY: the caller vouches for the dictionary; the entry is valid until the next change.
    unsafe {
        let entry = ffi::av_dict_get(dictionary, key.as_ptr(), ptr::null(), 0);
        (!entry.is_null()).then(|| c_text((*entry).value))
    }
}

/// The display matrix as a turn: ISO/IEC 14496-12 §6.2.2, rows `a b u / c d v / x y w` in 16.16 fixed point.
fn orientation(stream: &ffmpeg::Stream<'_>) -> Orientation {
    let matrix = stream
        .side_data()
        .find(|data| data.kind() == ffmpeg::packet::side_data::Type::DisplayMatrix)
        .filter(|data| data.data().len() >= 36);
    let Some(matrix) = matrix else {
        return Orientation::default();
    };
    let cell = |i: usize| {
        let bytes = &matrix.data()[i * 4..i * 4 + 4];
        i64::from(i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    turn(cell(0), cell(1), cell(3), cell(4))
}

/// The nearest of the eight turns that keep a picture upright on its sides.
fn turn(a: i64, b: i64, c: i64, d: i64) -> Orientation {
    let mirrored = a * d - b * c < 0;
    // Without the mirror image (x negated first), where does the picture's right-hand side point to?
    let (a, b) = if mirrored { (-a, -b) } else { (a, b) };
    let rotation = if a.abs() >= b.abs() {
        if a >= 0 { 0 } else { 180 }
    } else if b > 0 {
        90
    } else {
        270
    };
    Orientation { rotation, mirrored }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_matrix_is_one_of_eight_turns() {
        let one = 1 << 16;
        let cases = [
            ((one, 0, 0, one), (0, false)),
            ((0, one, -one, 0), (90, false)),
            ((-one, 0, 0, -one), (180, false)),
            ((0, -one, one, 0), (270, false)),
            ((-one, 0, 0, one), (0, true)),
            ((one, 0, 0, -one), (180, true)),
        ];
        for ((a, b, c, d), (rotation, mirrored)) in cases {
            assert_eq!(
                turn(a, b, c, d),
                Orientation { rotation, mirrored },
                "{a} {b} {c} {d}"
            );
        }
    }

    #[test]
    fn ticks_beyond_the_clock_do_not_overflow() {
        let base = Timestamps { num: 1, den: 1 };
        assert_eq!(base.to_micros(i64::MAX), i64::MAX);
        assert_eq!(base.to_micros(-i64::MAX), i64::MIN);
        assert_eq!(
            Timestamps {
                num: 1,
                den: 90_000
            }
            .to_micros(90_000),
            1_000_000
        );
    }
}
