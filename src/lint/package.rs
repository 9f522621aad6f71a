//! A package on disk: its playlists, and what every segment really is. In: the path of a playlist or folder. Out:
//! [`Package`], with findings about what is missing, cut off or not local. Opens nothing outside of the first playlist's
//! folder, follows no address of the network, and keeps no picture or sound in memory.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::LintError;
use super::clause::Clause;
use super::finding::Findings;
use super::fmp4::{self, BoxError, Entry, Fragment, Init, Track, Truncated};
use super::playlist::{self, ByteRange, Content, Map, Media, Multivariant, Playlist, Segment};
use super::webvtt::{self, Vtt};
use crate::layout::open_regular;

/// A playlist's size; a day in segments of one second has some 5 MB.
const MAX_PLAYLIST: u64 = 32 << 20;
/// A subtitle segment's size.
const MAX_VTT: u64 = 4 << 20;
/// Playlists that one multivariant playlist may name.
const MAX_PLAYLISTS: usize = 500;

/// Everything that was read.
#[derive(Debug)]
pub(super) struct Package {
    /// The multivariant playlist, if that is what was given.
    pub(super) multivariant: Option<(String, Playlist, Multivariant)>,
    /// All media playlists, each once.
    pub(super) renditions: Vec<Rendition>,
    /// How many files were opened, each counted once.
    pub(super) files: usize,
}

/// A media playlist and its segments.
#[derive(Debug)]
pub(super) struct Rendition {
    pub(super) file: String,
    pub(super) playlist: Playlist,
    pub(super) media: Media,
    /// One for each EXT-X-MAP.
    pub(super) inits: Vec<Option<Init>>,
    /// One for each segment.
    pub(super) segments: Vec<Loaded>,
}

/// A segment as found.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Relative to the package's folder.
    pub(super) file: String,
    /// Bytes that a player loads.
    pub(super) bytes: Option<u64>,
    pub(super) body: Body,
}

/// What a segment is.
#[derive(Debug)]
pub(super) enum Body {
    Fragments {
        list: Vec<Fragment>,
        /// Type of the first slice of the first sample, for H.264.
        slice: Option<u8>,
        /// Where the byte range ends, in the file.
        end: u64,
    },
    Subtitles(Vtt),
    TransportStream,
    PackedAudio,
    /// Not read, for a reason that is told.
    Unknown,
}

impl Package {
    pub(super) fn multivariant(&self) -> Option<&Multivariant> {
        self.multivariant.as_ref().map(|(.., content)| content)
    }

    /// Whether a playlist has, or should have, I-frames only.
    pub(super) fn is_i_frames(&self, rendition: &Rendition) -> bool {
        let lists = self.multivariant().into_iter().flat_map(|m| &m.i_frames);
        let mut named = lists.filter_map(|list| self.rendition(list.get("URI")));
        rendition.media.i_frames_only.is_some() || named.any(|r| r.file == rendition.file)
    }

    /// The media playlist behind a URI of the multivariant playlist.
    pub(super) fn rendition(&self, uri: Option<&str>) -> Option<&Rendition> {
        let (file, ..) = self.multivariant.as_ref()?;
        let name = joined(file, uri?)?;
        self.renditions.iter().find(|r| r.file == name)
    }
}

impl Rendition {
    /// The picture's track.
    pub(super) fn picture(&self) -> Option<&Track> {
        let init = self.inits.iter().flatten().next()?;
        init.tracks.iter().find(|t| t.entry.is_picture())
    }

    /// The sound's track.
    pub(super) fn sound(&self) -> Option<&Track> {
        let init = self.inits.iter().flatten().next()?;
        let is_sound = |t: &&Track| matches!(t.entry, Entry::Aac { .. });
        init.tracks.iter().find(is_sound)
    }

    pub(super) fn is_subtitles(&self) -> bool {
        let is = |s: &Loaded| matches!(s.body, Body::Subtitles(_));
        self.segments.iter().any(is)
    }

    /// The sum of all EXTINF.
    pub(super) fn seconds(&self) -> f64 {
        self.media.segments.iter().map(|s| s.seconds).sum()
    }

    /// Segments as listed and as found.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&Segment, &Loaded)> {
        self.media.segments.iter().zip(&self.segments)
    }
}

/// Reads a package from a playlist, or from a folder with one multivariant playlist at its top.
pub(super) fn load(path: &Path, findings: &mut Findings) -> Result<Package, LintError> {
    let path = playlist_of(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let cannot = |source| LintError::Read {
        path: path.clone(),
        source,
    };
    let mut loader = Loader {
        root: folder.canonicalize().map_err(cannot)?,
        findings,
        files: BTreeSet::from([name.to_string()]),
    };
    let bytes = read_limited(&mut open_regular(&path).map_err(cannot)?, MAX_PLAYLIST);
    let bytes = bytes.map_err(cannot)?;
    if bytes.is_empty() || !looks_like_text(&bytes) {
        return Err(LintError::NotAPlaylist { path });
    }
    loader.name_of_playlist(&name);
    let playlist = playlist::read(&name, &bytes, loader.findings);
    let (multivariant, renditions) = match playlist.content.clone() {
        Content::Media(media) => {
            let rendition = loader.rendition(name.into_owned(), playlist, media);
            (None, vec![rendition])
        }
        Content::Multivariant(content) => {
            let renditions = loader.renditions(&name, &content);
            (Some((name.into_owned(), playlist, content)), renditions)
        }
    };
    Ok(Package {
        multivariant,
        renditions,
        files: loader.files.len(),
    })
}

fn looks_like_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(512)];
    !head.contains(&0) && head.contains(&b'#')
}

/// The playlist in a folder: `master.m3u8`, else the only one with variants, else the only one.
fn playlist_of(path: &Path) -> Result<PathBuf, LintError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let cannot = |source| LintError::Read {
        path: path.to_owned(),
        source,
    };
    let mut lists = Vec::new();
    for entry in path.read_dir().map_err(cannot)?.take(10_000) {
        let file = entry.map_err(cannot)?.path();
        if file
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("m3u8"))
        {
            lists.push(file);
        }
    }
    lists.sort();
    let is_multivariant = |file: &&PathBuf| {
        let bytes = open_regular(file).and_then(|mut f| read_limited(&mut f, MAX_PLAYLIST));
        bytes.is_ok_and(|b| String::from_utf8_lossy(&b).contains("#EXT-X-STREAM-INF"))
    };
    let masters: Vec<_> = lists.iter().filter(is_multivariant).collect();
    match (&masters[..], &lists[..]) {
        ([only], _) => Ok((*only).clone()),
        ([], [only]) => Ok(only.clone()),
        _ => Err(LintError::WhichPlaylist {
            path: path.to_owned(),
            found: lists.len(),
        }),
    }
}

fn read_limited(file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    if size > limit {
        let text = format!("{size} bytes are more than the limit of {limit}");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A relative URI from a file of the package, as a path in the package; nothing where it leads outside.
fn joined(from: &str, uri: &str) -> Option<String> {
    let uri = uri.split(['?', '#']).next().unwrap_or_default();
    let decoded = percent_decoded(uri)?;
    if decoded.starts_with('/') || decoded.contains('\0') || decoded.is_empty() {
        return None;
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn percent_decoded(uri: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%'
            && let Some((code, after)) = rest.split_at_checked(2)
            && let Ok(code) = std::str::from_utf8(code)
            && let Ok(byte) = u8::from_str_radix(code, 16)
        {
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// RFC 3986 §3.1: an address with a scheme, or of a host.
fn is_absolute(uri: &str) -> bool {
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    named || uri.starts_with("//")
}

struct Loader<'a> {
    root: PathBuf,
    findings: &'a mut Findings,
    files: BTreeSet<String>,
}

impl Loader<'_> {
    fn name_of_playlist(&mut self, name: &str) {
        let ending = Path::new(name).extension();
        if !ending.is_some_and(|e| e == "m3u8" || e == "m3u") {
            self.findings.add(
                Clause::PlaylistName,
                name,
                None,
                "文件名不以 .m3u8 结尾",
                "its name does not end in .m3u8",
            );
        }
    }

    /// Opens what a playlist names; says why where it cannot.
    fn open(&mut self, from: &str, line: usize, uri: &str) -> Option<(String, File)> {
        if is_absolute(uri) {
            self.findings.add(
                Clause::NotLocal,
                from,
                line,
                format!("没有检查：不是本地文件：{uri}"),
                format!("not checked: not local: {uri}"),
            );
            return None;
        }
        let Some(name) = joined(from, uri) else {
            self.outside(from, line, uri);
            return None;
        };
        let path = self.root.join(&name);
        match path.canonicalize() {
            Ok(real) if !real.starts_with(&self.root) => {
                self.outside(from, line, uri);
                return None;
            }
            Ok(real) => {
                if let Ok(file) = open_regular(&real) {
                    self.files.insert(name.clone());
                    return Some((name, file));
                }
            }
            Err(_) => {}
        }
        self.findings.add(
            Clause::FilePresent,
            from,
            line,
            format!("{uri} 不存在或打不开"),
            format!("{uri} is not there or cannot be opened"),
        );
        None
    }

    fn outside(&mut self, from: &str, line: usize, uri: &str) {
        self.findings.add(
            Clause::InsidePackage,
            from,
            line,
            format!("{uri} 在包的文件夹以外，没有打开"),
            format!("{uri} lies outside of the package's folder and was not opened"),
        );
    }

    fn renditions(&mut self, file: &str, content: &Multivariant) -> Vec<Rendition> {
        let of_list = |list: &super::attributes::Attributes| {
            list.get("URI").map(|uri| (list.line, uri.to_owned()))
        };
        let variants = content.variants.iter();
        let uris: Vec<(usize, String)> = variants
            .filter_map(|(list, uri)| Some((list.line + 1, uri.clone()?)))
            .chain(content.media.iter().filter_map(of_list))
            .chain(content.i_frames.iter().filter_map(of_list))
            .take(MAX_PLAYLISTS)
            .collect();
        let mut renditions: Vec<Rendition> = Vec::new();
        for (line, uri) in uris {
            let Some((name, mut opened)) = self.open(file, line, &uri) else {
                continue;
            };
            if renditions.iter().any(|r| r.file == name) {
                continue;
            }
            let bytes = match read_limited(&mut opened, MAX_PLAYLIST) {
                Ok(bytes) => bytes,
                Err(error) => {
                    self.broken(&name, &error.to_string());
                    continue;
                }
            };
            self.name_of_playlist(&name);
            let playlist = playlist::read(&name, &bytes, self.findings);
            match playlist.content.clone() {
                Content::Media(media) => renditions.push(self.rendition(name, playlist, media)),
                Content::Multivariant(_) => self.findings.add(
                    Clause::OneKind,
                    &name,
                    None,
                    "这里应该是分片列表，却是多码率列表",
                    "a media playlist should be here, but this is a multivariant one",
                ),
            }
        }
        renditions
    }

    fn rendition(&mut self, file: String, playlist: Playlist, media: Media) -> Rendition {
        let inits = media.maps.iter().map(|map| self.init(&file, map)).collect();
        let mut rendition = Rendition {
            file,
            playlist,
            media,
            inits,
            segments: vec![],
        };
        for segment in &rendition.media.segments {
            let loaded = self.segment(&rendition, segment);
            rendition.segments.push(loaded);
        }
        rendition
    }

    fn init(&mut self, from: &str, map: &Map) -> Option<Init> {
        let (name, mut file) = self.open(from, map.line, map.uri.as_deref()?)?;
        let range = self.range(&name, &file, map.range)?;
        match fmp4::read_init(&mut file, range) {
            Ok(init) => Some(init),
            Err(error) => {
                self.unreadable(&name, &error);
                None
            }
        }
    }

    /// First byte and end, where the file is long enough.
    fn range(&mut self, name: &str, file: &File, range: Option<ByteRange>) -> Option<(u64, u64)> {
        let size = file.metadata().map_or(0, |m| m.len());
        let (start, end) = match range {
            Some(range) => (range.offset, range.offset.saturating_add(range.length)),
            None => (0, size),
        };
        if end > size || end <= start {
            self.findings.add(
                Clause::SegmentWhole,
                name,
                None,
                format!("文件有 {size} 字节，需要第 {start} 到 {end} 字节"),
                format!("it has {size} bytes; bytes {start} to {end} are wanted"),
            );
            return None;
        }
        Some((start, end))
    }

    fn segment(&mut self, rendition: &Rendition, segment: &Segment) -> Loaded {
        let mut loaded = Loaded {
            file: segment.uri.clone(),
            bytes: segment.range.map(|r| r.length),
            body: Body::Unknown,
        };
        if segment.gap {
            return loaded;
        }
        let before = self.files.len();
        let Some((name, mut file)) = self.open(&rendition.file, segment.line, &segment.uri) else {
            return loaded;
        };
        // What was opened before, for another byte range, was named before.
        let is_new = self.files.len() > before;
        loaded.file.clone_from(&name);
        if is_new {
            self.name_of_segment(&name);
        }
        let Some(range) = self.range(&name, &file, segment.range) else {
            return loaded;
        };
        loaded.bytes = Some(range.1 - range.0);
        if segment.encrypted {
            self.findings.add(
                Clause::Encrypted,
                &rendition.file,
                segment.line,
                format!("{name} 是加密的"),
                format!("{name} is encrypted"),
            );
            return loaded;
        }
        let mut head = Vec::new();
        let start = file.seek(SeekFrom::Start(range.0));
        let sniffed = start.and_then(|_| (&mut file).take(16).read_to_end(&mut head));
        if let Err(error) = sniffed {
            self.broken(&name, &error.to_string());
            return loaded;
        }
        loaded.body = match sniff(&head, &name) {
            Format::TransportStream => {
                self.findings.add(
                    Clause::TransportStream,
                    &rendition.file,
                    None,
                    "MPEG-2 TS 分片：只检查了播放列表的条款",
                    "MPEG-2 TS segments: only playlist clauses were checked",
                );
                Body::TransportStream
            }
            Format::PackedAudio => Body::PackedAudio,
            Format::Subtitles => self.subtitles(&name, &mut file, range),
            Format::Fragments => self.fragments(rendition, segment, &name, &mut file, range),
            Format::Unknown => {
                self.findings.add(
                    Clause::SegmentFormat,
                    &name,
                    None,
                    "认不出这个文件的格式",
                    "its format is none that HLS has",
                );
                Body::Unknown
            }
        };
        loaded
    }

    fn name_of_segment(&mut self, name: &str) {
        const ENDINGS: [&str; 12] = [
            "mp4", "m4s", "m4v", "m4a", "m4f", "cmfv", "cmfa", "ts", "aac", "mp3", "vtt", "webvtt",
        ];
        let ending = Path::new(name).extension().and_then(|e| e.to_str());
        if !ending.is_some_and(|e| ENDINGS.contains(&e.to_ascii_lowercase().as_str())) {
            self.findings.add(
                Clause::SegmentName,
                name,
                None,
                "从扩展名看不出内容",
                "its ending does not say what it is",
            );
        }
    }

    fn subtitles(&mut self, name: &str, file: &mut File, range: (u64, u64)) -> Body {
        if range.1 - range.0 > MAX_VTT {
            self.broken(name, "it is larger than 4 MiB");
            return Body::Unknown;
        }
        let mut bytes = Vec::new();
        let start = file.seek(SeekFrom::Start(range.0));
        let read = start.and_then(|_| file.take(range.1 - range.0).read_to_end(&mut bytes));
        match read {
            Ok(_) => Body::Subtitles(webvtt::read(name, &bytes, self.findings)),
            Err(error) => {
                self.broken(name, &error.to_string());
                Body::Unknown
            }
        }
    }

    fn fragments(
        &mut self,
        rendition: &Rendition,
        segment: &Segment,
        name: &str,
        file: &mut File,
        range: (u64, u64),
    ) -> Body {
        let Some(map) = segment.map else {
            self.findings.add(
                Clause::MapRequired,
                &rendition.file,
                segment.line,
                format!("{} 前面没有 EXT-X-MAP", segment.uri),
                format!("there is no EXT-X-MAP before {}", segment.uri),
            );
            return Body::Unknown;
        };
        let Some(Some(init)) = rendition.inits.get(map) else {
            return Body::Unknown;
        };
        let truncated = match rendition.media.i_frames_only {
            Some(_) => Truncated::IsAllowed,
            None => Truncated::IsBroken,
        };
        let list = match fmp4::read_segment(file, range, init, truncated) {
            Ok(list) => list,
            Err(error) => {
                if truncated == Truncated::IsAllowed {
                    self.findings.add(
                        Clause::IFrameRange,
                        &rendition.file,
                        segment.line,
                        format!(
                            "{name} 的第 {} 到 {} 字节里没有 moof（{error}）",
                            range.0, range.1
                        ),
                        format!(
                            "bytes {} to {} of {name} hold no moof: {error}",
                            range.0, range.1
                        ),
                    );
                } else {
                    self.unreadable(name, &error);
                }
                return Body::Unknown;
            }
        };
        let slice = first_slice(file, &list, init);
        let end = range.1;
        Body::Fragments { list, slice, end }
    }

    fn unreadable(&mut self, name: &str, error: &BoxError) {
        self.broken(name, &error.to_string());
    }

    fn broken(&mut self, name: &str, why: &str) {
        self.findings.add(
            Clause::SegmentWhole,
            name,
            None,
            format!("文件不完整或已损坏（{why}）"),
            format!("it is cut off or damaged: {why}"),
        );
    }
}

fn first_slice(file: &mut File, list: &[Fragment], init: &Init) -> Option<u8> {
    let picture = init.tracks.iter().find(|t| t.entry.is_picture())?;
    let Entry::Avc { length_size, .. } = picture.entry else {
        return None;
    };
    let fragment = list.iter().find(|f| f.track == picture.id && f.relative)?;
    let sample = fragment.samples.first().filter(|s| s.sync)?;
    fmp4::first_slice(file, fragment.data, sample.size, length_size).ok()?
}

enum Format {
    Fragments,
    TransportStream,
    PackedAudio,
    Subtitles,
    Unknown,
}

fn sniff(head: &[u8], name: &str) -> Format {
    const BOXES: [&[u8; 4]; 9] = [
        b"styp", b"moof", b"sidx", b"ftyp", b"moov", b"emsg", b"prft", b"mdat", b"free",
    ];
    if head
        .get(4..8)
        .is_some_and(|kind| BOXES.iter().any(|b| *b == kind))
    {
        return Format::Fragments;
    }
    let text = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
    let ending = name.rsplit('.').next().unwrap_or_default();
    if text.starts_with(b"WEBVTT") || ["vtt", "webvtt"].contains(&ending) {
        return Format::Subtitles;
    }
    match head {
        [0x47, ..] => Format::TransportStream,
        [b'I', b'D', b'3', ..] => Format::PackedAudio,
        [0xff, second, ..] if second & 0xe0 == 0xe0 => Format::PackedAudio,
        _ => Format::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_package() {
        assert_eq!(joined("a/b.m3u8", "c.m4s").as_deref(), Some("a/c.m4s"));
        assert_eq!(joined("a/b.m3u8", "../c.m4s?x=1").as_deref(), Some("c.m4s"));
        assert_eq!(
            joined("a/b.m3u8", "./%E4%B8%80.m4s").as_deref(),
            Some("a/一.m4s")
        );
        for uri in [
            "../../c",
            "/etc/passwd",
            "%2e%2e/%2e%2e/c",
            "",
            "a%00b",
            "%2Fetc",
        ] {
            assert_eq!(joined("a/b.m3u8", uri), None, "{uri}");
        }
    }

    #[test]
    fn addresses_are_told_from_names() {
        for uri in ["https://x/y", "HTTP://x", "//x/y", "data:text/plain,x"] {
            assert!(is_absolute(uri), "{uri}");
        }
        for uri in ["a.m4s", "一：二.m4s", "../x", "0:1.m4s"] {
            assert!(!is_absolute(uri), "{uri}");
        }
    }
}
