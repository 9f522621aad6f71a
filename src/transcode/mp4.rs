//! ISO base media boxes for exactly what we make: one H.264 picture, one AAC-LC sound, subtitles, and chapters. In: sample
//! tables. Out: the bytes of headers. Never touches a file: who writes also decides where the samples go.
//!
//! Sources: ISO/IEC 14496-12 (boxes), 14496-14 (`esds`), 14496-15 (`avcC`), ISO/IEC 23000-19 (CMAF fragments), 3GPP TS
//! 26.245 (`tx3g`).

use super::h264::AvcConfig;
use crate::units::Millis;

/// Movie time scale in ticks per second; edit lists count in it.
const MOVIE_TIMESCALE: u32 = 90_000;

/// One access unit in decoding order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Size in bytes.
    pub size: u32,
    /// How long it lasts, in ticks of the track.
    pub duration: u32,
    /// Composition time less decoding time, in ticks of the track.
    pub composition_offset: u32,
    /// Decoding can start here.
    pub key: bool,
}

/// What a track carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codec {
    /// H.264 with this configuration and size in square pixels.
    Avc {
        /// SPS and PPS.
        config: AvcConfig,
        /// Width in pixels.
        width: u16,
        /// Height in pixels.
        height: u16,
    },
    /// AAC-LC stereo.
    Aac {
        /// `AudioSpecificConfig` (ISO/IEC 14496-3).
        config: Vec<u8>,
        /// Samples per second.
        sample_rate: u32,
        /// Average bit rate in bit/s.
        bit_rate: u32,
    },
    /// Names of chapters, as QuickTime's text tracks have them (QTFF, "Chapter Lists"): each sample lasts as long as its
    /// chapter. The other tracks of the file refer to it.
    Chapters,
    /// Subtitles as 3GPP timed text: a sample for each cue and for each gap between two.
    TimedText {
        /// ISO 639-2/T, three small letters.
        language: [u8; 3],
        /// Shown without being asked for.
        default: bool,
        /// Width of the picture in pixels.
        width: u16,
        /// Height of the picture in pixels.
        height: u16,
    },
}

/// A chapter, as the list in `udta` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// When it begins.
    pub starts_at: Millis,
    /// Its name.
    pub title: String,
}

/// Chapters that the list in `udta` can hold: its count is one byte.
const MAX_LISTED_CHAPTERS: usize = 255;

/// A chapter's name as a sample of [`Codec::Chapters`]: its length, its bytes, and that they are UTF-8.
pub fn chapter_sample(title: &str) -> Vec<u8> {
    let title = cut_to(title, usize::from(u16::MAX));
    let length = u16::try_from(title.len()).unwrap_or(u16::MAX);
    // kTextEncodingUnicodeDefault in UTF-8, as QuickTime's `encd` says it.
    let encoding = boxed(*b"encd", &0x0100_u32.to_be_bytes());
    [&length.to_be_bytes()[..], title.as_bytes(), &encoding].concat()
}

/// A cue as a sample of [`Codec::TimedText`]; nothing is a gap.
pub fn text_sample(text: &str) -> Vec<u8> {
    let text = cut_to(text, usize::from(u16::MAX));
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

fn cut_to(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// One track's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// What it carries.
    pub codec: Codec,
    /// Ticks per second.
    pub timescale: u32,
    /// Composition time in ticks at which the presentation starts, by an edit list: the delay of reordered pictures, or
    /// an AAC encoder's priming.
    pub starts_at: u32,
}

/// A track whose samples are all known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTrack {
    /// Description.
    pub track: Track,
    /// All samples in decoding order.
    pub samples: Vec<Sample>,
}

/// A stretch of samples of one track that lie together in `mdat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Position of the track in the list of tracks.
    pub track: usize,
    /// How many samples.
    pub samples: u32,
    /// How many bytes.
    pub bytes: u64,
}

/// A progressive file: what to write first, and in which order the samples follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progressive {
    /// `ftyp`, `moov` and the header of `mdat`.
    pub header: Vec<u8>,
    /// The content of `mdat`, in order.
    pub chunks: Vec<Chunk>,
}

impl FullTrack {
    /// Length of what is presented, in ticks.
    pub fn presented(&self) -> u64 {
        let decoded: u64 = self.samples.iter().map(|s| u64::from(s.duration)).sum();
        match self.track.codec {
            // Reordering delays pictures and takes none away.
            Codec::Avc { .. } | Codec::Chapters | Codec::TimedText { .. } => decoded,
            Codec::Aac { .. } => decoded.saturating_sub(u64::from(self.track.starts_at)),
        }
    }
}

/// Lays out a file with `moov` before `mdat` and samples interleaved every half second.
pub fn progressive(tracks: &[FullTrack]) -> Progressive {
    with_chapters(tracks, &[])
}

/// The same with a list of chapters in `udta`, where there are any: some players read this one, some the track.
pub fn with_chapters(tracks: &[FullTrack], chapters: &[Chapter]) -> Progressive {
    let chunks = interleave(tracks);
    let payload: u64 = chunks.iter().map(|c| c.bytes).sum();
    let ftyp = ftyp(*b"isom", &[*b"isom", *b"iso2", *b"avc1", *b"mp41"]);
    // The size of `moov` does not depend on the offsets written in it, only on how wide they are.
    let wide = payload > u64::from(u32::MAX) - (64 << 20);
    let mdat_header = if wide { 16 } else { 8 };
    let listed = chapter_list(chapters);
    let moov_size = moov(tracks, &chunks, &listed, (0, wide)).len() as u64;
    let first = ftyp.len() as u64 + moov_size + mdat_header;
    let mut header = ftyp;
    header.extend(moov(tracks, &chunks, &listed, (first, wide)));
    if wide {
        header.extend(1_u32.to_be_bytes());
        header.extend(b"mdat");
        header.extend((payload + mdat_header).to_be_bytes());
    } else {
        header.extend(
            u32::try_from(payload + mdat_header)
                .unwrap_or(u32::MAX)
                .to_be_bytes(),
        );
        header.extend(b"mdat");
    }
    Progressive { header, chunks }
}

fn interleave(tracks: &[FullTrack]) -> Vec<Chunk> {
    let mut next = vec![0_usize; tracks.len()];
    let mut time = vec![0_u64; tracks.len()];
    let mut chunks = Vec::new();
    let mut until_half_seconds = 1_u64;
    while tracks.iter().zip(&next).any(|(t, n)| *n < t.samples.len()) {
        for (index, full) in tracks.iter().enumerate() {
            let limit = until_half_seconds * u64::from(full.track.timescale) / 2;
            let mut chunk = Chunk {
                track: index,
                samples: 0,
                bytes: 0,
            };
            while let Some(sample) = full
                .samples
                .get(next[index])
                .filter(|_| time[index] < limit)
            {
                chunk.samples += 1;
                chunk.bytes += u64::from(sample.size);
                time[index] += u64::from(sample.duration);
                next[index] += 1;
            }
            if chunk.samples > 0 {
                chunks.push(chunk);
            }
        }
        until_half_seconds += 1;
    }
    chunks
}

/// The initialisation segment of one fragmented track (CMAF header).
pub fn init_segment(track: &Track) -> Vec<u8> {
    let mut out = ftyp(*b"iso6", &[*b"iso6", *b"cmfc", *b"mp41"]);
    let full = FullTrack {
        track: track.clone(),
        samples: Vec::new(),
    };
    let mut moov = mvhd(0);
    moov.extend(trak(&full, 1, &[], 0, false));
    let mut trex = Vec::new();
    for word in [1_u32, 1, 0, 0, 0] {
        trex.extend(word.to_be_bytes());
    }
    moov.extend(boxed(*b"mvex", &full_box(*b"trex", 0, 0, &trex)));
    out.extend(boxed(*b"moov", &moov));
    out
}

/// Where a media segment is cut into fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fragments {
    /// One for all samples: sound, where each sample can be decoded by itself.
    One,
    /// Each key frame has one of its own, and what follows it another: so the part of a file that an I-frame playlist
    /// names (RFC 8216 §4.3.3.6) is whole by itself, and describes no sample that is not in it.
    KeyFramesApart,
}

/// A key frame inside a media segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFrame {
    /// First byte of its `moof`.
    pub offset: u64,
    /// From there to the last byte of its `mdat`.
    pub length: u64,
    /// From it to the next key frame, in ticks.
    pub ticks: u64,
}

/// A media segment, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaSegment {
    /// `styp`, then `moof` and `mdat` for each fragment.
    pub bytes: Vec<u8>,
    /// How many fragments there are.
    pub fragments: u32,
    /// Key frames that stand apart.
    pub key_frames: Vec<KeyFrame>,
}

/// One media segment. `sequence` is the first fragment's number, `base_time` the decoding time of the first sample in
/// ticks.
pub fn media_segment(
    sequence: u32,
    base_time: u64,
    samples: &[Sample],
    data: &[u8],
    cut: Fragments,
) -> MediaSegment {
    let styp = [&b"msdh"[..], &[0; 4], b"msdh", b"cmfs"].concat();
    let mut segment = MediaSegment {
        bytes: boxed(*b"styp", &styp),
        fragments: 0,
        key_frames: vec![],
    };
    let (mut time, mut rest) = (base_time, data);
    for own in fragments(samples, cut) {
        let size: usize = own.iter().map(|s| s.size as usize).sum();
        let (now, later) = rest.split_at(size.min(rest.len()));
        let number = sequence.saturating_add(segment.fragments);
        let offset = segment.bytes.len() as u64;
        append_fragment(&mut segment.bytes, number, time, own, now);
        let ticks: u64 = own.iter().map(|s| u64::from(s.duration)).sum();
        if cut == Fragments::KeyFramesApart && own[0].key {
            segment.key_frames.push(KeyFrame {
                offset,
                length: segment.bytes.len() as u64 - offset,
                ticks,
            });
        } else if let Some(key) = segment.key_frames.last_mut() {
            key.ticks += ticks;
        }
        segment.fragments += 1;
        time += ticks;
        rest = later;
    }
    segment
}

fn fragments(samples: &[Sample], cut: Fragments) -> impl Iterator<Item = &[Sample]> {
    samples.chunk_by(move |before, after| match cut {
        Fragments::One => true,
        Fragments::KeyFramesApart => !before.key && !after.key,
    })
}

fn append_fragment(out: &mut Vec<u8>, sequence: u32, time: u64, samples: &[Sample], data: &[u8]) {
    let moof_size = moof(sequence, time, samples, 0).len();
    out.extend(moof(sequence, time, samples, count(moof_size + 8)));
    out.extend(count(data.len() + 8).to_be_bytes());
    out.extend(b"mdat");
    out.extend(data);
}

fn moof(sequence: u32, base_time: u64, samples: &[Sample], data_offset: u32) -> Vec<u8> {
    // default-base-is-moof: data offsets count from the start of this `moof` (§8.8.7).
    const DEFAULT_BASE_IS_MOOF: u32 = 0x02_0000;
    // data-offset, sample duration, size, flags and composition offset are present (§8.8.8).
    const TRUN_FLAGS: u32 = 0x0001 | 0x0100 | 0x0200 | 0x0400 | 0x0800;
    let mfhd = full_box(*b"mfhd", 0, 0, &sequence.to_be_bytes());
    let tfhd = full_box(*b"tfhd", 0, DEFAULT_BASE_IS_MOOF, &1_u32.to_be_bytes());
    let tfdt = full_box(*b"tfdt", 1, 0, &base_time.to_be_bytes());
    let mut body = Vec::with_capacity(8 + samples.len() * 16);
    body.extend(count(samples.len()).to_be_bytes());
    body.extend(data_offset.to_be_bytes());
    for sample in samples {
        body.extend(sample.duration.to_be_bytes());
        body.extend(sample.size.to_be_bytes());
        body.extend(sample_flags(sample.key).to_be_bytes());
        body.extend(sample.composition_offset.to_be_bytes());
    }
    // Version 0: offsets are not negative, and the edit list takes the delay back. CMAF's negative offsets need no edit
    // list, but players built on libavformat then show the picture late by the delay, against the sound.
    let trun = full_box(*b"trun", 0, TRUN_FLAGS, &body);
    let traf = boxed(*b"traf", &[tfhd, tfdt, trun].concat());
    boxed(*b"moof", &[mfhd, traf].concat())
}

// sample_depends_on = 2 (an IDR depends on nothing), or 1 with sample_is_non_sync_sample (§8.8.3.1).
fn sample_flags(key: bool) -> u32 {
    if key { 0x0200_0000 } else { 0x0101_0000 }
}

fn moov(
    tracks: &[FullTrack],
    chunks: &[Chunk],
    listed: &[u8],
    (first_offset, wide): (u64, bool),
) -> Vec<u8> {
    let is_chapters = |full: &FullTrack| full.track.codec == Codec::Chapters;
    let chapter_track = tracks.iter().position(is_chapters);
    let duration = tracks.iter().map(movie_duration).max().unwrap_or(0);
    let mut body = mvhd(duration);
    for (index, full) in tracks.iter().enumerate() {
        let mut offset = first_offset;
        let mut own = Vec::new();
        for chunk in chunks {
            if chunk.track == index {
                own.push((offset, chunk.samples));
            }
            offset += chunk.bytes;
        }
        let mut track = trak(full, count(index + 1), &own, movie_duration(full), wide);
        if let Some(chapters) = chapter_track.filter(|chapters| *chapters != index) {
            let chap = boxed(*b"chap", &count(chapters + 1).to_be_bytes());
            track.extend(boxed(*b"tref", &chap));
            let size = count(track.len()).to_be_bytes();
            track[..4].copy_from_slice(&size);
        }
        body.extend(track);
    }
    body.extend(listed);
    boxed(*b"moov", &body)
}

/// `udta` with Nero's list of chapters: times in units of 100 ns, names of at most 255 bytes.
fn chapter_list(chapters: &[Chapter]) -> Vec<u8> {
    if chapters.is_empty() {
        return vec![];
    }
    let listed = &chapters[..chapters.len().min(MAX_LISTED_CHAPTERS)];
    let mut body = vec![0; 4];
    body.push(u8::try_from(listed.len()).unwrap_or(u8::MAX));
    for chapter in listed {
        let title = cut_to(&chapter.title, usize::from(u8::MAX));
        body.extend((chapter.starts_at.0.saturating_mul(10_000)).to_be_bytes());
        body.push(u8::try_from(title.len()).unwrap_or(u8::MAX));
        body.extend(title.as_bytes());
    }
    boxed(*b"udta", &full_box(*b"chpl", 1, 0, &body))
}

fn movie_duration(full: &FullTrack) -> u64 {
    let ticks = u128::from(full.presented()) * u128::from(MOVIE_TIMESCALE);
    u64::try_from(ticks / u128::from(full.track.timescale.max(1))).unwrap_or(u64::MAX)
}

fn mvhd(duration: u64) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend([0; 16]);
    body.extend(MOVIE_TIMESCALE.to_be_bytes());
    body.extend(duration.to_be_bytes());
    body.extend(0x0001_0000_u32.to_be_bytes());
    body.extend(0x0100_u16.to_be_bytes());
    body.extend([0; 10]);
    body.extend(UNITY_MATRIX.iter().flat_map(|cell| cell.to_be_bytes()));
    body.extend([0; 24]);
    body.extend(u32::MAX.to_be_bytes());
    full_box(*b"mvhd", 1, 0, &body)
}

const UNITY_MATRIX: [u32; 9] = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];

fn trak(
    full: &FullTrack,
    id: u32,
    chunks: &[(u64, u32)],
    movie_duration: u64,
    wide: bool,
) -> Vec<u8> {
    let mut body = tkhd(&full.track.codec, id, movie_duration);
    body.extend(edts(movie_duration, u64::from(full.track.starts_at)));
    let media_duration: u64 = full.samples.iter().map(|s| u64::from(s.duration)).sum();
    let mdhd = [
        &[0; 16][..],
        &full.track.timescale.to_be_bytes(),
        &media_duration.to_be_bytes(),
        &packed_language(&full.track.codec),
        &[0, 0],
    ]
    .concat();
    let (handler, name, header) = match full.track.codec {
        Codec::Avc { .. } => (b"vide", "VideoHandler", full_box(*b"vmhd", 0, 1, &[0; 8])),
        Codec::Aac { .. } => (b"soun", "SoundHandler", full_box(*b"smhd", 0, 0, &[0; 4])),
        Codec::Chapters => (b"text", "ChapterHandler", gmhd()),
        Codec::TimedText { .. } => {
            let header = full_box(*b"nmhd", 0, 0, &[]);
            (b"sbtl", "SubtitleHandler", header)
        }
    };
    let hdlr = [&[0; 4][..], handler, &[0; 12], name.as_bytes(), &[0]].concat();
    let url = full_box(*b"url ", 0, 1, &[]);
    let dref = full_box(*b"dref", 0, 0, &[&1_u32.to_be_bytes()[..], &url].concat());
    let minf = [header, boxed(*b"dinf", &dref), stbl(full, chunks, wide)].concat();
    let mdia = [
        full_box(*b"mdhd", 1, 0, &mdhd),
        full_box(*b"hdlr", 0, 0, &hdlr),
        boxed(*b"minf", &minf),
    ]
    .concat();
    body.extend(boxed(*b"mdia", &mdia));
    boxed(*b"trak", &body)
}

/// Five bits a letter (ISO/IEC 14496-12 §8.4.2.3); pictures and sound are in no language we know.
fn packed_language(codec: &Codec) -> [u8; 2] {
    let letters = match codec {
        Codec::TimedText { language, .. } => *language,
        _ => *b"und",
    };
    let pack = |packed, letter: u8| packed << 5 | u16::from(letter.wrapping_sub(0x60) & 0x1F);
    let packed: u16 = letters.into_iter().fold(0, pack);
    packed.to_be_bytes()
}

/// Height of the box that subtitles are written into, at the picture's lower edge.
fn text_height(picture: u16) -> u16 {
    picture / 20 * 4
}

fn tkhd(codec: &Codec, id: u32, duration: u64) -> Vec<u8> {
    let (volume, width, height) = match codec {
        Codec::Avc { width, height, .. } => (0_u16, *width, *height),
        Codec::Aac { .. } => (0x0100, 0, 0),
        Codec::Chapters => (0, 0, 0),
        Codec::TimedText { width, height, .. } => (0, *width, text_height(*height)),
    };
    let mut matrix = UNITY_MATRIX;
    let mut alternate_group = 0_u16;
    if let Codec::TimedText { height, .. } = codec {
        // Down to the lower edge; and one of all subtitles at a time (§8.3.2.3).
        matrix[7] = u32::from(height - text_height(*height)) << 16;
        alternate_group = 2;
    }
    let mut body = vec![0; 16];
    body.extend(id.to_be_bytes());
    body.extend([0; 4]);
    body.extend(duration.to_be_bytes());
    body.extend([0; 10]);
    body.extend(alternate_group.to_be_bytes());
    body.extend(volume.to_be_bytes());
    body.extend([0; 2]);
    body.extend(matrix.iter().flat_map(|cell| cell.to_be_bytes()));
    body.extend((u32::from(width) << 16).to_be_bytes());
    body.extend((u32::from(height) << 16).to_be_bytes());
    // enabled, in movie; chapters are not shown by themselves, nor are subtitles that nobody asked for
    let flags = match codec {
        Codec::Chapters | Codec::TimedText { default: false, .. } => 2,
        _ => 3,
    };
    full_box(*b"tkhd", 1, flags, &body)
}

fn edts(duration: u64, media_time: u64) -> Vec<u8> {
    let mut body = 1_u32.to_be_bytes().to_vec();
    body.extend(duration.to_be_bytes());
    body.extend(media_time.to_be_bytes());
    body.extend(0x0001_0000_u32.to_be_bytes());
    boxed(*b"edts", &full_box(*b"elst", 1, 0, &body))
}

fn stbl(full: &FullTrack, chunks: &[(u64, u32)], wide: bool) -> Vec<u8> {
    let stsd = full_box(
        *b"stsd",
        0,
        0,
        &[&1_u32.to_be_bytes()[..], &sample_entry(full)].concat(),
    );
    let mut parts = vec![stsd, stts(&full.samples)];
    if full.samples.iter().any(|s| s.composition_offset != 0) {
        parts.push(ctts(&full.samples));
    }
    if full.samples.iter().any(|s| !s.key) {
        let keys = full
            .samples
            .iter()
            .enumerate()
            .filter(|(_, s)| s.key)
            .map(|(i, _)| count(i + 1));
        parts.push(table(*b"stss", keys.map(u32::to_be_bytes)));
    }
    parts.push(stsc(chunks));
    let sizes: Vec<u8> = full
        .samples
        .iter()
        .flat_map(|s| s.size.to_be_bytes())
        .collect();
    let sizes = [
        &[0; 4][..],
        &count(full.samples.len()).to_be_bytes(),
        &sizes,
    ]
    .concat();
    parts.push(full_box(*b"stsz", 0, 0, &sizes));
    parts.push(if wide {
        table(
            *b"co64",
            chunks.iter().map(|(offset, _)| offset.to_be_bytes()),
        )
    } else {
        let narrow = |offset: u64| u32::try_from(offset).unwrap_or(u32::MAX).to_be_bytes();
        table(*b"stco", chunks.iter().map(|(offset, _)| narrow(*offset)))
    });
    boxed(*b"stbl", &parts.concat())
}

fn stts(samples: &[Sample]) -> Vec<u8> {
    let runs = run_lengths(samples.iter().map(|s| s.duration));
    table(*b"stts", runs.into_iter().map(|(n, value)| pair(n, value)))
}

fn ctts(samples: &[Sample]) -> Vec<u8> {
    let runs = run_lengths(samples.iter().map(|s| s.composition_offset));
    table(*b"ctts", runs.into_iter().map(|(n, value)| pair(n, value)))
}

fn stsc(chunks: &[(u64, u32)]) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut last = None;
    for (index, (_, samples)) in chunks.iter().enumerate() {
        if last != Some(*samples) {
            entries.push(
                [count(index + 1), *samples, 1]
                    .map(u32::to_be_bytes)
                    .concat(),
            );
            last = Some(*samples);
        }
    }
    table(*b"stsc", entries)
}

fn run_lengths(values: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((n, last)) if *last == value => *n += 1,
            _ => runs.push((1, value)),
        }
    }
    runs
}

fn pair(a: u32, b: u32) -> Vec<u8> {
    [a.to_be_bytes(), b.to_be_bytes()].concat()
}

fn sample_entry(full: &FullTrack) -> Vec<u8> {
    match &full.track.codec {
        Codec::Avc {
            config,
            width,
            height,
        } => avc1(config, *width, *height),
        Codec::Aac {
            config,
            sample_rate,
            bit_rate,
        } => mp4a(config, *sample_rate, *bit_rate),
        Codec::Chapters => chapter_entry(),
        Codec::TimedText { width, height, .. } => tx3g(*width, text_height(*height)),
    }
}

/// White letters on nothing, centred at the lower edge (3GPP TS 26.245 §5.16).
fn tx3g(width: u16, height: u16) -> Vec<u8> {
    const WHITE: [u8; 4] = [0xff; 4];
    // A twentieth of the picture, as subtitles are.
    let size = u8::try_from((height / 4).max(1)).unwrap_or(u8::MAX);
    let mut body = vec![0, 0, 0, 0, 0, 0, 0, 1];
    body.extend([0; 4]);
    body.extend(1_i8.to_be_bytes());
    body.extend((-1_i8).to_be_bytes());
    body.extend([0; 4]);
    for edge in [0, 0, height, width] {
        body.extend(edge.to_be_bytes());
    }
    // The style of all characters: from none to none, font 1, plain.
    body.extend([0, 0, 0, 0, 0, 1, 0, size]);
    body.extend(WHITE);
    let font = b"Sans-Serif";
    let length = u8::try_from(font.len()).unwrap_or(u8::MAX);
    let fonts = [&[0, 1, 0, 1, length][..], font].concat();
    body.extend(boxed(*b"ftab", &fonts));
    boxed(*b"tx3g", &body)
}

/// QuickTime's text media information: a header that says nothing, and a unity matrix.
fn gmhd() -> Vec<u8> {
    let mut gmin = vec![0, 0x40];
    gmin.extend([0x80, 0, 0x80, 0, 0x80, 0]);
    gmin.extend([0; 4]);
    let text: Vec<u8> = UNITY_MATRIX.iter().flat_map(|m| m.to_be_bytes()).collect();
    let parts = [full_box(*b"gmin", 0, 0, &gmin), boxed(*b"text", &text)];
    boxed(*b"gmhd", &parts.concat())
}

/// QuickTime's text sample description: nothing of it is ever drawn.
fn chapter_entry() -> Vec<u8> {
    let mut body = vec![0, 0, 0, 0, 0, 0, 0, 1];
    // Display flags, justification, colours, box, font, face, and an empty font's name.
    body.extend([0; 4 + 4 + 6 + 8 + 8 + 2 + 2 + 1 + 2 + 6 + 1]);
    boxed(*b"text", &body)
}

fn avc1(config: &AvcConfig, width: u16, height: u16) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 0, 0, 0, 0, 1];
    body.extend([0; 16]);
    body.extend(width.to_be_bytes());
    body.extend(height.to_be_bytes());
    // 72 dpi, as everybody writes, and one frame a sample.
    body.extend(0x0048_0000_u32.to_be_bytes());
    body.extend(0x0048_0000_u32.to_be_bytes());
    body.extend([0; 4]);
    body.extend(1_u16.to_be_bytes());
    body.extend([0; 32]);
    body.extend([0, 0x18, 0xff, 0xff]);
    body.extend(boxed(*b"avcC", &config.to_record()));
    // nclx: primaries, transfer and matrix 1 = bt709, limited range (ISO/IEC 23091-2).
    body.extend(boxed(
        *b"colr",
        &[&b"nclx"[..], &[0, 1, 0, 1, 0, 1, 0]].concat(),
    ));
    body.extend(boxed(*b"pasp", &pair(1, 1)));
    boxed(*b"avc1", &body)
}

fn mp4a(config: &[u8], sample_rate: u32, bit_rate: u32) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 0, 0, 0, 0, 1];
    body.extend([0; 8]);
    body.extend(2_u16.to_be_bytes());
    body.extend(16_u16.to_be_bytes());
    body.extend([0; 4]);
    body.extend((sample_rate << 16).to_be_bytes());
    body.extend(full_box(*b"esds", 0, 0, &es_descriptor(config, bit_rate)));
    boxed(*b"mp4a", &body)
}

fn es_descriptor(config: &[u8], bit_rate: u32) -> Vec<u8> {
    let mut decoder = vec![0x40, 0x15, 0, 0, 0];
    decoder.extend(bit_rate.to_be_bytes());
    decoder.extend(bit_rate.to_be_bytes());
    decoder.extend(descriptor(0x05, config));
    let mut es = vec![0, 0, 0];
    es.extend(descriptor(0x04, &decoder));
    es.extend(descriptor(0x06, &[2]));
    descriptor(0x03, &es)
}

fn descriptor(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).unwrap_or(u8::MAX);
    [&[tag, length][..], body].concat()
}

fn ftyp(major: [u8; 4], compatible: &[[u8; 4]]) -> Vec<u8> {
    boxed(
        *b"ftyp",
        &[&major[..], &0x200_u32.to_be_bytes(), &compatible.concat()].concat(),
    )
}

/// A box that is a count and as many entries.
fn table<E: AsRef<[u8]>>(kind: [u8; 4], entries: impl IntoIterator<Item = E>) -> Vec<u8> {
    let mut number = 0;
    let mut body = vec![0; 4];
    for entry in entries {
        number += 1;
        body.extend_from_slice(entry.as_ref());
    }
    body[..4].copy_from_slice(&count(number).to_be_bytes());
    full_box(kind, 0, 0, &body)
}

fn full_box(kind: [u8; 4], version: u8, flags: u32, body: &[u8]) -> Vec<u8> {
    let word = u32::from(version) << 24 | flags;
    boxed(kind, &[&word.to_be_bytes()[..], body].concat())
}

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let size = count(body.len() + 8);
    [&size.to_be_bytes()[..], &kind, body].concat()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(size: u32, composition_offset: u32, key: bool) -> Sample {
        Sample {
            size,
            duration: 1000,
            composition_offset,
            key,
        }
    }

    fn aac() -> Track {
        Track {
            codec: Codec::Aac {
                config: vec![0x11, 0x90],
                sample_rate: 48_000,
                bit_rate: 128_000,
            },
            timescale: 48_000,
            starts_at: 1024,
        }
    }

    fn find(haystack: &[u8], kind: [u8; 4]) -> usize {
        haystack.windows(4).position(|w| w == kind).unwrap()
    }

    #[test]
    fn every_box_of_a_segment_says_its_size() {
        let segment = media_segment(
            7,
            90_000,
            &[sample(3, 0, true), sample(2, 1000, false)],
            &[1, 2, 3, 4, 5],
            Fragments::One,
        )
        .bytes;
        let mut offset = 0;
        let mut kinds = Vec::new();
        while offset < segment.len() {
            let size = u32::from_be_bytes(segment[offset..offset + 4].try_into().unwrap()) as usize;
            kinds.push(String::from_utf8_lossy(&segment[offset + 4..offset + 8]).into_owned());
            offset += size;
        }
        assert_eq!(
            (offset, kinds),
            (
                segment.len(),
                vec!["styp".into(), "moof".into(), "mdat".into()]
            )
        );
    }

    #[test]
    fn a_segment_points_at_its_data_and_keeps_offsets() {
        let segment = media_segment(1, 0, &[sample(5, 2000, true)], b"hello", Fragments::One).bytes;
        let moof = find(&segment, *b"moof") - 4;
        let trun = find(&segment, *b"trun") + 4;
        let word = |at: usize| i32::from_be_bytes(segment[at..at + 4].try_into().unwrap());
        let data = moof + usize::try_from(word(trun + 8)).unwrap();
        assert_eq!(&segment[data..data + 5], b"hello");
        assert_eq!(word(trun + 12 + 12), 2000);
    }

    #[test]
    fn each_key_frame_can_be_cut_out_whole() {
        let samples = [
            sample(3, 0, true),
            sample(2, 0, false),
            sample(4, 0, true),
            sample(1, 0, false),
        ];
        let segment = media_segment(
            5,
            90_000,
            &samples,
            b"AAAbbCCCCd",
            Fragments::KeyFramesApart,
        );
        let part = |key: &KeyFrame| {
            let start = usize::try_from(key.offset).unwrap();
            &segment.bytes[start..][..usize::try_from(key.length).unwrap()]
        };
        let parts: Vec<_> = segment.key_frames.iter().map(part).collect();
        assert!(parts.iter().all(|part| &part[4..8] == b"moof"));
        assert!(parts[0].ends_with(b"\0\0\0\x0bmdatAAA"));
        assert!(parts[1].ends_with(b"\0\0\0\x0cmdatCCCC"));
        let ticks: Vec<_> = segment.key_frames.iter().map(|key| key.ticks).collect();
        assert_eq!((segment.fragments, ticks), (4, vec![2000, 2000]));
        let number = |part: &[u8], kind, at| part[find(part, kind) + at..][..4].to_vec();
        assert_eq!(number(parts[1], *b"mfhd", 8), [0, 0, 0, 7]);
        assert_eq!(number(parts[1], *b"tfdt", 12), 92_000_u32.to_be_bytes());
    }

    #[test]
    fn chunk_offsets_point_at_the_samples() {
        let sound = FullTrack {
            track: aac(),
            samples: vec![sample(3, 0, true); 100],
        };
        let file = progressive(std::slice::from_ref(&sound));
        let stco = find(&file.header, *b"stco") + 8;
        let first = u32::from_be_bytes(file.header[stco + 4..stco + 8].try_into().unwrap());
        assert_eq!(first as usize, file.header.len());
        assert_eq!(file.chunks.iter().map(|c| c.bytes).sum::<u64>(), 300);
    }

    #[test]
    fn the_edit_list_takes_priming_and_reordering_back() {
        let sound = FullTrack {
            track: aac(),
            samples: vec![sample(1, 0, true); 10],
        };
        assert_eq!(sound.presented(), 10_000 - 1024);
        let config = AvcConfig {
            sps: vec![0x67, 0x64, 0, 0x28],
            pps: vec![0x68],
        };
        let (width, height) = (64, 36);
        let picture = FullTrack {
            track: Track {
                codec: Codec::Avc {
                    config,
                    width,
                    height,
                },
                timescale: 25_000,
                starts_at: 2000,
            },
            samples: vec![sample(1, 2000, true); 10],
        };
        assert_eq!(picture.presented(), 10_000);
        let elst = |full: &FullTrack| {
            let bytes = trak(full, 1, &[], 0, false);
            let at = find(&bytes, *b"elst") + 4 + 4 + 4 + 8;
            u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap())
        };
        assert_eq!((elst(&sound), elst(&picture)), (1024, 2000));
    }

    #[test]
    fn subtitles_say_their_language_and_are_shown_when_asked_for() {
        let text = |language: &[u8; 3], default| FullTrack {
            track: Track {
                codec: Codec::TimedText {
                    language: *language,
                    default,
                    width: 1920,
                    height: 1080,
                },
                timescale: 1000,
                starts_at: 0,
            },
            samples: vec![sample(2, 0, true); 3],
        };
        assert_eq!(text_sample(""), [0, 0]);
        assert_eq!(text_sample("字"), [0, 3, 0xe5, 0xad, 0x97]);
        let shown = trak(&text(b"zho", true), 3, &[], 0, false);
        let hidden = trak(&text(b"und", false), 4, &[], 0, false);
        let after = |bytes: &[u8], kind, skip: usize, length| {
            let at = find(bytes, kind) + 4 + skip;
            bytes[at..at + length].to_vec()
        };
        // z = 26, h = 8, o = 15; u = 21, n = 14, d = 4.
        assert_eq!(after(&shown, *b"mdhd", 32, 2), [0x69, 0x0f]);
        assert_eq!(after(&hidden, *b"mdhd", 32, 2), [0x55, 0xc4]);
        assert_eq!(after(&shown, *b"tkhd", 0, 4), [1, 0, 0, 3]);
        assert_eq!(after(&hidden, *b"tkhd", 0, 4), [1, 0, 0, 2]);
        assert_eq!(after(&shown, *b"tkhd", 46, 2), [0, 2]);
        assert_eq!(after(&shown, *b"hdlr", 8, 4), b"sbtl");
        assert_eq!(after(&shown, *b"tx3g", 8 + 4, 2), [1, 0xff]);
    }

    #[test]
    fn tracks_are_interleaved_every_half_second() {
        let track = |timescale| FullTrack {
            track: Track { timescale, ..aac() },
            samples: vec![
                Sample {
                    size: 1,
                    duration: 1,
                    composition_offset: 0,
                    key: true
                };
                4
            ],
        };
        let order: Vec<_> = interleave(&[track(4), track(2)])
            .iter()
            .map(|c| (c.track, c.samples))
            .collect();
        assert_eq!(order, [(0, 2), (1, 1), (0, 2), (1, 1), (1, 1), (1, 1)]);
    }
}
