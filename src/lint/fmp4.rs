//! Boxes of fragmented MP4 (ISO/IEC 14496-12, -14, -15), read from files. In: an open file and the part of it that is
//! meant. Out: [`Init`] or [`Fragment`]s. Reads headers and a few bytes of the first sample, never a whole `mdat`; every
//! count and size meets a limit.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::bitstream::bits::Bytes;
use crate::bitstream::sps::{self, Sps};

/// `moov` or `moof` of this size is taken; real ones are of some kilobytes.
const MAX_HEADER: u64 = 8 << 20;
/// Boxes at the top of one segment.
const MAX_BOXES: usize = 10_000;
/// Boxes in a box.
const MAX_CHILDREN: usize = 4096;
/// Samples of one segment.
const MAX_SAMPLES: usize = 200_000;
/// Tracks of one file.
const MAX_TRACKS: usize = 32;
/// NAL units that may stand before a picture's first slice.
const MAX_NALS: usize = 64;

/// Why a file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum BoxError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It ends in the middle, or says what cannot be.
    #[error("{0}")]
    Broken(&'static str),
}

type Found<T> = Result<T, BoxError>;

/// An initialisation segment.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Init {
    /// `ftyp` stands first.
    pub(super) begins_with_ftyp: bool,
    pub(super) brands: Vec<[u8; 4]>,
    pub(super) movie_duration: u64,
    /// `mvex` stands behind the last `trak`.
    pub(super) extends_last: bool,
    pub(super) tracks: Vec<Track>,
    // Defaults for samples, by track.
    extends: Vec<Defaults>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Defaults {
    track: u32,
    duration: u32,
    size: u32,
    flags: u32,
}

/// A track as the initialisation segment describes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) timescale: u32,
    /// In movie ticks.
    pub(super) duration: u64,
    /// `tkhd`, in pixels.
    pub(super) size: (u32, u32),
    /// Entries in `stts`, `stsc`, `stsz` and `stco` together.
    pub(super) table_entries: u64,
    /// Where the first edit begins, in the track's ticks.
    pub(super) edit_start: u64,
    pub(super) entry: Entry,
}

/// What a track carries.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Entry {
    /// H.264: the sample entry's name and size, `avcC`'s three bytes, the bytes of a NAL unit's length, the SPS.
    Avc {
        kind: [u8; 4],
        size: (u32, u32),
        profile: [u8; 3],
        length_size: u32,
        sps: Option<Sps>,
    },
    /// HEVC.
    Hevc { kind: [u8; 4], size: (u32, u32) },
    /// MPEG-4 audio; zeros where `esds` does not say.
    Aac {
        object: u32,
        sample_rate: u32,
        channels: u32,
        bit_rate: u32,
    },
    /// Another picture or sound.
    Other([u8; 4]),
    /// There is no sample entry.
    #[default]
    None,
}

impl Entry {
    pub(super) fn is_picture(&self) -> bool {
        match self {
            Entry::Avc { .. } | Entry::Hevc { .. } => true,
            Entry::Other(kind) => [*b"av01", *b"vp09", *b"mp4v", *b"dvh1", *b"dvhe"].contains(kind),
            Entry::Aac { .. } | Entry::None => false,
        }
    }
}

/// One `moof` with its `traf`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fragment {
    /// First byte of the `moof` in the file.
    pub(super) start: u64,
    pub(super) sequence: u32,
    pub(super) track: u32,
    /// `tfdt`.
    pub(super) base_time: Option<u64>,
    /// Offsets count from the `moof`.
    pub(super) relative: bool,
    /// First byte of the first sample in the file.
    pub(super) data: u64,
    pub(super) samples: Vec<Sample>,
}

/// One access unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) duration: u32,
    pub(super) size: u32,
    pub(super) sync: bool,
}

impl Fragment {
    /// In ticks.
    pub(super) fn duration(&self) -> u64 {
        self.samples.iter().map(|s| u64::from(s.duration)).sum()
    }
}

struct TopBox {
    kind: [u8; 4],
    start: u64,
    body: u64,
    end: u64,
}

/// Reads an initialisation segment from `range` of a file.
pub(super) fn read_init(file: &mut File, range: (u64, u64)) -> Found<Init> {
    let boxes = top_boxes(file, range, Truncated::IsBroken)?;
    let mut init = Init {
        begins_with_ftyp: boxes.first().is_some_and(|b| b.kind == *b"ftyp"),
        ..Init::default()
    };
    for top in &boxes {
        match &top.kind {
            b"ftyp" => init.brands = brands(&load(file, top)?),
            b"moov" => {
                let moov = load(file, top)?;
                movie(&moov, &mut init).ok_or(BoxError::Broken("moov is damaged"))?;
            }
            _ => {}
        }
    }
    if init.tracks.is_empty() {
        return Err(BoxError::Broken("there is no moov with a track"));
    }
    Ok(init)
}

/// What to do with a box that ends behind the part that is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Truncated {
    /// A segment must be whole.
    IsBroken,
    /// An I-frame's byte range ends in the middle of `mdat`.
    IsAllowed,
}

/// Reads the fragments of a media segment.
pub(super) fn read_segment(
    file: &mut File,
    range: (u64, u64),
    init: &Init,
    truncated: Truncated,
) -> Found<Vec<Fragment>> {
    let boxes = top_boxes(file, range, truncated)?;
    let mut fragments = Vec::new();
    let mut samples = 0;
    for top in boxes.iter().filter(|b| b.kind == *b"moof") {
        let moof = load(file, top)?;
        let before = fragments.len();
        fragment(&moof, top.start, init, &mut fragments)
            .ok_or(BoxError::Broken("moof is damaged"))?;
        samples += fragments[before..]
            .iter()
            .map(|f| f.samples.len())
            .sum::<usize>();
        if samples > MAX_SAMPLES {
            return Err(BoxError::Broken(
                "there are more samples than any segment has",
            ));
        }
    }
    if fragments.is_empty() {
        return Err(BoxError::Broken("there is no moof"));
    }
    if truncated == Truncated::IsBroken {
        inside_data(&boxes, &fragments)?;
    }
    Ok(fragments)
}

/// Samples must lie in an `mdat` of the same segment.
fn inside_data(boxes: &[TopBox], fragments: &[Fragment]) -> Found<()> {
    for fragment in fragments.iter().filter(|f| f.relative) {
        let bytes: u64 = fragment.samples.iter().map(|s| u64::from(s.size)).sum();
        let end = fragment.data.saturating_add(bytes);
        let holds = |b: &&TopBox| b.kind == *b"mdat" && b.body <= fragment.data && end <= b.end;
        if bytes > 0 && !boxes.iter().any(|b| holds(&b)) {
            return Err(BoxError::Broken("samples lie outside of mdat"));
        }
    }
    Ok(())
}

fn top_boxes(file: &mut File, range: (u64, u64), truncated: Truncated) -> Found<Vec<TopBox>> {
    let (mut at, end) = range;
    let mut boxes = Vec::new();
    while at < end {
        if boxes.len() >= MAX_BOXES {
            return Err(BoxError::Broken("there are too many boxes"));
        }
        if end - at < 8 {
            return match truncated {
                Truncated::IsAllowed => Ok(boxes),
                Truncated::IsBroken => Err(BoxError::Broken("it ends inside a box's header")),
            };
        }
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 16];
        let length = if end - at < 16 { 8 } else { 16 };
        file.read_exact(&mut header[..length])?;
        let mut bytes = Bytes(&header[..length]);
        let size = bytes.u32().unwrap_or(0);
        let kind = bytes.take(4).map_or([0; 4], |k| [k[0], k[1], k[2], k[3]]);
        let (size, header) = match size {
            0 => (end - at, 8),
            1 => (bytes.u64().unwrap_or(0), 16),
            size => (u64::from(size), 8),
        };
        if size < header {
            return Err(BoxError::Broken("a box is smaller than its own header"));
        }
        let box_end = at.saturating_add(size);
        if box_end > end && truncated == Truncated::IsBroken {
            return Err(BoxError::Broken("it ends inside a box"));
        }
        boxes.push(TopBox {
            kind,
            start: at,
            body: at + header,
            end: box_end.min(end),
        });
        at = box_end;
    }
    Ok(boxes)
}

fn load(file: &mut File, top: &TopBox) -> Found<Vec<u8>> {
    let size = top.end.saturating_sub(top.body);
    if size > MAX_HEADER {
        return Err(BoxError::Broken("a header is larger than 8 MiB"));
    }
    file.seek(SeekFrom::Start(top.body))?;
    let mut bytes = Vec::new();
    let read = file.take(size).read_to_end(&mut bytes)?;
    if read as u64 != size {
        return Err(BoxError::Broken("it ends inside a box"));
    }
    Ok(bytes)
}

/// Names and contents of the boxes in a box.
fn children(bytes: &[u8]) -> Option<Vec<([u8; 4], &[u8])>> {
    let mut rest = Bytes(bytes);
    let mut list = Vec::new();
    while rest.0.len() >= 8 {
        if list.len() >= MAX_CHILDREN {
            return None;
        }
        let all = rest.0;
        let size = rest.u32()?;
        let kind = rest.take(4)?;
        let (size, header) = match size {
            0 => (all.len(), 8),
            1 => (usize::try_from(rest.u64()?).ok()?, 16),
            size => (usize::try_from(size).ok()?, 8),
        };
        list.push(([kind[0], kind[1], kind[2], kind[3]], all.get(header..size)?));
        rest = Bytes(&all[size..]);
    }
    Some(list)
}

fn child<'a>(list: &[([u8; 4], &'a [u8])], kind: [u8; 4]) -> Option<&'a [u8]> {
    list.iter().find(|(own, _)| *own == kind).map(|(_, b)| *b)
}

fn brands(ftyp: &[u8]) -> Vec<[u8; 4]> {
    let words = ftyp.chunks_exact(4).enumerate().filter(|(i, _)| *i != 1);
    words.map(|(_, w)| [w[0], w[1], w[2], w[3]]).collect()
}

fn movie(moov: &[u8], init: &mut Init) -> Option<()> {
    let boxes = children(moov)?;
    let header = child(&boxes, *b"mvhd")?;
    let mut bytes = Bytes(header);
    let version = bytes.u8()?;
    bytes.take(if version == 1 { 3 + 16 + 4 } else { 3 + 8 + 4 })?;
    init.movie_duration = bytes.by_version(version)?;
    for (_, trak) in boxes.iter().filter(|(kind, _)| kind == b"trak") {
        if init.tracks.len() >= MAX_TRACKS {
            return None;
        }
        init.tracks.push(read_track(trak)?);
    }
    let last = boxes.iter().rposition(|(kind, _)| kind == b"trak");
    let mvex = boxes.iter().position(|(kind, _)| kind == b"mvex");
    init.extends_last = mvex > last;
    if let Some(mvex) = child(&boxes, *b"mvex") {
        for (_, trex) in children(mvex)?.iter().filter(|(kind, _)| kind == b"trex") {
            let mut bytes = Bytes(trex);
            bytes.u32()?;
            let track = bytes.u32()?;
            bytes.u32()?;
            init.extends.push(Defaults {
                track,
                duration: bytes.u32()?,
                size: bytes.u32()?,
                flags: bytes.u32()?,
            });
        }
    }
    Some(())
}

impl Init {
    /// Whether every track has its `trex`.
    pub(super) fn extends_all(&self) -> bool {
        let has = |id| self.extends.iter().any(|d| d.track == id);
        self.tracks.iter().all(|track| has(track.id))
    }
}

fn read_track(content: &[u8]) -> Option<Track> {
    let boxes = children(content)?;
    let mut track = Track::default();
    let mut bytes = Bytes(child(&boxes, *b"tkhd")?);
    let version = bytes.u8()?;
    bytes.take(if version == 1 { 3 + 16 } else { 3 + 8 })?;
    track.id = bytes.u32()?;
    bytes.take(4)?;
    track.duration = bytes.by_version(version)?;
    bytes.take(8 + 8 + 36)?;
    track.size = (bytes.u32()? >> 16, bytes.u32()? >> 16);
    if let Some(edits) = child(&boxes, *b"edts") {
        track.edit_start = edit_start(child(&children(edits)?, *b"elst")?)?;
    }
    let media = children(child(&boxes, *b"mdia")?)?;
    let mut bytes = Bytes(child(&media, *b"mdhd")?);
    let version = bytes.u8()?;
    bytes.take(if version == 1 { 3 + 16 } else { 3 + 8 })?;
    track.timescale = bytes.u32()?;
    let information = children(child(&media, *b"minf")?)?;
    let tables = children(child(&information, *b"stbl")?)?;
    for (kind, at) in [(*b"stts", 4), (*b"stsc", 4), (*b"stsz", 8), (*b"stco", 4)] {
        if let Some(table) = child(&tables, kind) {
            track.table_entries += u64::from(Bytes(table.get(at..)?).u32()?);
        }
    }
    let entries = children(child(&tables, *b"stsd")?.get(8..)?)?;
    if let Some((kind, entry)) = entries.first() {
        track.entry = sample_entry(*kind, entry)?;
    }
    Some(track)
}

/// Where the first edit that is not empty begins.
fn edit_start(elst: &[u8]) -> Option<u64> {
    let mut bytes = Bytes(elst);
    let version = bytes.u8()?;
    bytes.take(3)?;
    for _ in 0..bytes.u32()?.min(64) {
        bytes.by_version(version)?;
        let start = bytes.by_version(version)?;
        let empty = if version == 1 {
            u64::MAX
        } else {
            u64::from(u32::MAX)
        };
        if start != empty {
            return Some(start);
        }
        bytes.take(4)?;
    }
    Some(0)
}

fn sample_entry(kind: [u8; 4], entry: &[u8]) -> Option<Entry> {
    match &kind {
        b"avc1" | b"avc3" => {
            let (size, boxes) = visual(entry)?;
            let mut bytes = Bytes(child(&boxes, *b"avcC")?);
            bytes.u8()?;
            let profile = bytes.take(3)?;
            let length_size = u32::from(bytes.u8()? & 3) + 1;
            let sets = bytes.u8()? & 31;
            let sps = if sets > 0 {
                let length = usize::from(bytes.u16()?);
                sps::read(bytes.take(length)?)
            } else {
                None
            };
            Some(Entry::Avc {
                kind,
                size,
                profile: [profile[0], profile[1], profile[2]],
                length_size,
                sps,
            })
        }
        b"hvc1" | b"hev1" => Some(Entry::Hevc {
            kind,
            size: visual(entry)?.0,
        }),
        b"mp4a" => sound(entry),
        _ => Some(Entry::Other(kind)),
    }
}

type Children<'a> = Vec<([u8; 4], &'a [u8])>;

/// `VisualSampleEntry`: its size and its boxes.
fn visual(entry: &[u8]) -> Option<((u32, u32), Children<'_>)> {
    let mut bytes = Bytes(entry);
    bytes.take(24)?;
    let size = (u32::from(bytes.u16()?), u32::from(bytes.u16()?));
    bytes.take(50)?;
    Some((size, children(bytes.0)?))
}

fn sound(entry: &[u8]) -> Option<Entry> {
    let mut bytes = Bytes(entry);
    bytes.take(28)?;
    let boxes = children(bytes.0)?;
    let (mut object, mut sample_rate, mut channels, mut bit_rate) = (0, 0, 0, 0);
    if let Some(esds) = child(&boxes, *b"esds") {
        let es = descriptor(esds.get(4..)?, 3)?;
        let decoder = descriptor(es.get(3..)?, 4)?;
        let mut bytes = Bytes(decoder);
        bytes.take(9)?;
        bit_rate = bytes.u32()?;
        let config = descriptor(bytes.0, 5)?;
        let mut bits = crate::bitstream::bits::Bits::new(config);
        object = bits.bits(5)?;
        if object == 31 {
            object = 32 + bits.bits(6)?;
        }
        sample_rate = match bits.bits(4)? {
            15 => bits.bits(24)?,
            index => SAMPLE_RATES.get(index as usize).copied().unwrap_or(0),
        };
        // Channel configuration 7 is eight channels (ISO/IEC 14496-3, table 1.19).
        channels = match bits.bits(4)? {
            7 => 8,
            channels => channels,
        };
    }
    Some(Entry::Aac {
        object,
        sample_rate,
        channels,
        bit_rate,
    })
}

/// ISO/IEC 14496-3, table 1.18.
const SAMPLE_RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
    7350,
];

/// The content of a descriptor with this tag at the start (ISO/IEC 14496-1 §8.3.3).
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut bytes = Bytes(bytes);
    if bytes.u8()? != tag {
        return None;
    }
    let mut length = 0_usize;
    for _ in 0..4 {
        let byte = bytes.u8()?;
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    bytes.take(length.min(bytes.0.len()))
}

fn fragment(moof: &[u8], start: u64, init: &Init, out: &mut Vec<Fragment>) -> Option<()> {
    let boxes = children(moof)?;
    let sequence = Bytes(child(&boxes, *b"mfhd")?.get(4..)?).u32()?;
    for (_, traf) in boxes.iter().filter(|(kind, _)| kind == b"traf") {
        let mut fragment = Fragment {
            start,
            sequence,
            ..Fragment::default()
        };
        track_fragment(traf, init, &mut fragment)?;
        out.push(fragment);
    }
    Some(())
}

fn track_fragment(traf: &[u8], init: &Init, fragment: &mut Fragment) -> Option<()> {
    let boxes = children(traf)?;
    let mut bytes = Bytes(child(&boxes, *b"tfhd")?);
    let flags = bytes.u32()? & 0x00ff_ffff;
    fragment.track = bytes.u32()?;
    let known = init.extends.iter().find(|d| d.track == fragment.track);
    let mut defaults = known.copied().unwrap_or_default();
    let has = |flag| flags & flag != 0;
    if has(0x1) {
        bytes.u64()?;
    }
    if has(0x2) {
        bytes.u32()?;
    }
    if has(0x8) {
        defaults.duration = bytes.u32()?;
    }
    if has(0x10) {
        defaults.size = bytes.u32()?;
    }
    if has(0x20) {
        defaults.flags = bytes.u32()?;
    }
    // ISO/IEC 14496-12 §8.8.7: default-base-is-moof, and no explicit base.
    fragment.relative = has(0x02_0000) && !has(0x1);
    if let Some(tfdt) = child(&boxes, *b"tfdt") {
        let mut bytes = Bytes(tfdt);
        let version = bytes.u8()?;
        bytes.take(3)?;
        fragment.base_time = Some(bytes.by_version(version)?);
    }
    for (index, (_, trun)) in boxes.iter().filter(|(kind, _)| kind == b"trun").enumerate() {
        let offset = samples(trun, defaults, &mut fragment.samples)?;
        if index == 0 {
            fragment.data = fragment.start.checked_add_signed(i64::from(offset))?;
        }
    }
    Some(())
}

/// Samples of a `trun`; its data offset, zero where it has none.
fn samples(trun: &[u8], defaults: Defaults, out: &mut Vec<Sample>) -> Option<i32> {
    let mut bytes = Bytes(trun);
    let flags = bytes.u32()? & 0x00ff_ffff;
    let has = |flag| flags & flag != 0;
    let count = usize::try_from(bytes.u32()?).ok()?;
    let offset = if has(0x1) {
        bytes.u32()?.cast_signed()
    } else {
        0
    };
    let first_flags = if has(0x4) { Some(bytes.u32()?) } else { None };
    if out.len().saturating_add(count) > MAX_SAMPLES {
        return None;
    }
    for index in 0..count {
        let duration = if has(0x100) {
            bytes.u32()?
        } else {
            defaults.duration
        };
        let size = if has(0x200) {
            bytes.u32()?
        } else {
            defaults.size
        };
        let mut own = if has(0x400) {
            bytes.u32()?
        } else {
            defaults.flags
        };
        if let Some(first) = first_flags.filter(|_| index == 0) {
            own = first;
        }
        if has(0x800) {
            bytes.u32()?;
        }
        // §8.8.3.1: sample_is_non_sync_sample.
        let sync = own & 0x0001_0000 == 0;
        out.push(Sample {
            duration,
            size,
            sync,
        });
    }
    Some(offset)
}

/// Type of the first slice of the sample at `data`: 5 is an IDR picture (ITU-T H.264, table 7-1). None where there is none.
pub(super) fn first_slice(
    file: &mut File,
    data: u64,
    size: u32,
    length_size: u32,
) -> io::Result<Option<u8>> {
    let end = data.saturating_add(u64::from(size));
    let mut at = data;
    for _ in 0..MAX_NALS {
        let mut header = [0; 5];
        let used = length_size.min(4) as usize;
        if at.saturating_add(used as u64 + 1) > end {
            return Ok(None);
        }
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut header[..=used])?;
        let length = header[..used]
            .iter()
            .fold(0_u64, |n, b| n << 8 | u64::from(*b));
        let kind = header[used] & 31;
        if (1..=5).contains(&kind) {
            return Ok(Some(kind));
        }
        at = at.saturating_add(used as u64).saturating_add(length);
    }
    Ok(None)
}
