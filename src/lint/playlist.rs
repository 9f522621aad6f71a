//! Playlists (RFC 8216 §4), read strictly. In: the bytes of a file. Out: a [`Playlist`], and a finding with its line
//! number for everything that is not as the standard writes it. Reads on after a mistake, so that all are told at once.

use super::attributes::{self, Attributes, Place, Schema, is_decimal, is_integer};
use super::clause::Clause;
use super::finding::Findings;

/// Lines that are read; a day in segments of one second has 180,000.
const MAX_LINES: usize = 400_000;

/// A playlist as it stands there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Playlist {
    /// EXT-X-VERSION, with its line.
    pub(super) version: Option<(usize, u64)>,
    /// Line of EXT-X-INDEPENDENT-SEGMENTS.
    pub(super) independent: Option<usize>,
    /// EXT-X-START.
    pub(super) start: Option<Attributes>,
    /// What it lists.
    pub(super) content: Content,
}

/// What a playlist lists.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Media(Media),
    Multivariant(Multivariant),
}

/// Variants and renditions.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Multivariant {
    pub(super) media: Vec<Attributes>,
    /// Attributes and URI; without one, that has been told.
    pub(super) variants: Vec<(Attributes, Option<String>)>,
    pub(super) i_frames: Vec<Attributes>,
    pub(super) session_data: Vec<Attributes>,
    pub(super) session_keys: Vec<Attributes>,
}

/// Segments.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Media {
    pub(super) target_duration: Option<(usize, u64)>,
    pub(super) sequence: Option<usize>,
    pub(super) discontinuity_sequence: Option<usize>,
    /// EXT-X-PLAYLIST-TYPE, with its line.
    pub(super) kind: Option<(usize, String)>,
    pub(super) end_list: Option<usize>,
    pub(super) i_frames_only: Option<usize>,
    pub(super) maps: Vec<Map>,
    pub(super) keys: Vec<Attributes>,
    pub(super) date_ranges: Vec<Attributes>,
    pub(super) segments: Vec<Segment>,
    /// Line of the first segment's first tag.
    pub(super) first_segment: Option<usize>,
    /// Line of the first EXT-X-DISCONTINUITY.
    pub(super) first_discontinuity: Option<usize>,
}

/// EXT-X-MAP.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Map {
    pub(super) line: usize,
    pub(super) uri: Option<String>,
    pub(super) range: Option<ByteRange>,
}

/// Part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteRange {
    pub(super) length: u64,
    pub(super) offset: u64,
}

/// One media segment.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four facts that have nothing to do with each other"
)]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    /// Line of its URI.
    pub(super) line: usize,
    pub(super) uri: String,
    /// EXTINF in seconds; zero where there was none.
    pub(super) seconds: f64,
    /// EXTINF was written with a fraction.
    pub(super) fractional: bool,
    pub(super) range: Option<ByteRange>,
    /// EXT-X-DISCONTINUITY stands before it.
    pub(super) discontinuity: bool,
    /// Place in `maps` of what applies to it.
    pub(super) map: Option<usize>,
    pub(super) encrypted: bool,
    /// EXT-X-GAP: there is nothing to load.
    pub(super) gap: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Any,
    Media,
    Multivariant,
}

/// Every tag, and where it belongs.
const TAGS: &[(&str, Kind)] = &[
    ("EXTM3U", Kind::Any),
    ("EXT-X-VERSION", Kind::Any),
    ("EXT-X-INDEPENDENT-SEGMENTS", Kind::Any),
    ("EXT-X-START", Kind::Any),
    ("EXT-X-DEFINE", Kind::Any),
    ("EXT-X-TARGETDURATION", Kind::Media),
    ("EXT-X-MEDIA-SEQUENCE", Kind::Media),
    ("EXT-X-DISCONTINUITY-SEQUENCE", Kind::Media),
    ("EXT-X-ENDLIST", Kind::Media),
    ("EXT-X-PLAYLIST-TYPE", Kind::Media),
    ("EXT-X-I-FRAMES-ONLY", Kind::Media),
    ("EXT-X-ALLOW-CACHE", Kind::Media),
    ("EXT-X-PART-INF", Kind::Media),
    ("EXT-X-SERVER-CONTROL", Kind::Media),
    ("EXTINF", Kind::Media),
    ("EXT-X-BYTERANGE", Kind::Media),
    ("EXT-X-DISCONTINUITY", Kind::Media),
    ("EXT-X-KEY", Kind::Media),
    ("EXT-X-MAP", Kind::Media),
    ("EXT-X-PROGRAM-DATE-TIME", Kind::Media),
    ("EXT-X-DATERANGE", Kind::Media),
    ("EXT-X-GAP", Kind::Media),
    ("EXT-X-BITRATE", Kind::Media),
    ("EXT-X-PART", Kind::Media),
    ("EXT-X-SKIP", Kind::Media),
    ("EXT-X-PRELOAD-HINT", Kind::Media),
    ("EXT-X-RENDITION-REPORT", Kind::Media),
    ("EXT-X-MEDIA", Kind::Multivariant),
    ("EXT-X-STREAM-INF", Kind::Multivariant),
    ("EXT-X-I-FRAME-STREAM-INF", Kind::Multivariant),
    ("EXT-X-SESSION-DATA", Kind::Multivariant),
    ("EXT-X-SESSION-KEY", Kind::Multivariant),
    ("EXT-X-CONTENT-STEERING", Kind::Multivariant),
];

/// Those that speak of the whole playlist, and so once at most (§4.3.3, §4.3.5).
const ONCE: &[&str] = &[
    "EXTM3U",
    "EXT-X-INDEPENDENT-SEGMENTS",
    "EXT-X-START",
    "EXT-X-TARGETDURATION",
    "EXT-X-MEDIA-SEQUENCE",
    "EXT-X-DISCONTINUITY-SEQUENCE",
    "EXT-X-ENDLIST",
    "EXT-X-PLAYLIST-TYPE",
    "EXT-X-I-FRAMES-ONLY",
];

/// Reads a playlist.
pub(super) fn read(file: &str, bytes: &[u8], findings: &mut Findings) -> Playlist {
    let text = plain_text(file, bytes, findings);
    let kind = kind_of(file, &text, findings);
    let mut reader = Reader {
        file,
        findings,
        seen: vec![],
        version: None,
        independent: None,
        start: None,
        media: Media::default(),
        multivariant: Multivariant::default(),
        next: Pending::default(),
        map: None,
        encrypted: false,
        stream: None,
        last_range: None,
    };
    if text.lines().next().map(str::trim_end) != Some("#EXTM3U") {
        let first: String = text.lines().next().unwrap_or("").chars().take(40).collect();
        reader.found(
            Clause::BeginsWithExtm3u,
            1,
            format!("第一行是“{first}”"),
            format!("the first line is \"{first}\""),
        );
    }
    for (index, line) in text.lines().take(MAX_LINES).enumerate() {
        reader.line(kind, index + 1, line);
    }
    reader.close();
    let content = match kind {
        Kind::Multivariant => Content::Multivariant(reader.multivariant),
        _ => Content::Media(reader.media),
    };
    Playlist {
        version: reader.version,
        independent: reader.independent,
        start: reader.start,
        content,
    }
}

fn plain_text(file: &str, bytes: &[u8], findings: &mut Findings) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let what = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        Some((1, "a byte order mark"))
    } else if std::str::from_utf8(bytes).is_err() {
        let line = text.lines().position(|l| l.contains('\u{fffd}'));
        Some((line.unwrap_or(0) + 1, "bytes that are not UTF-8"))
    } else {
        let bad = |c: char| c.is_control() && c != '\n' && c != '\r';
        let line = text.lines().position(|l| l.contains(bad));
        line.map(|line| (line + 1, "a control character"))
    };
    if let Some((line, what)) = what {
        findings.add(
            Clause::PlainUtf8,
            file,
            line,
            format!("有 BOM、控制字符或不是 UTF-8 的字节（{what}）"),
            format!("there is {what}"),
        );
    }
    text.trim_start_matches('\u{feff}').to_owned()
}

/// By the first tag that belongs to one kind alone.
fn kind_of(file: &str, text: &str, findings: &mut Findings) -> Kind {
    let mut first = Kind::Any;
    for (index, line) in text.lines().take(MAX_LINES).enumerate() {
        let own = tag_of(line).map_or(Kind::Any, |(_, kind, _)| kind);
        if first == Kind::Any {
            first = own;
        } else if own != Kind::Any && own != first {
            let name = line.split(':').next().unwrap_or_default();
            findings.add(
                Clause::OneKind,
                file,
                index + 1,
                format!("{name} 属于另一种播放列表"),
                format!("{name} belongs to the other kind of playlist"),
            );
        }
    }
    first
}

/// Name, kind and value of a tag that is known.
fn tag_of(line: &str) -> Option<(&'static str, Kind, Option<&str>)> {
    let tag = line.trim_end().strip_prefix('#')?;
    let (name, value) = match tag.split_once(':') {
        Some((name, value)) => (name, Some(value)),
        None => (tag, None),
    };
    let (name, kind) = TAGS.iter().find(|(known, _)| *known == name)?;
    Some((name, *kind, value))
}

/// What stands before the next segment's URI.
#[derive(Default)]
struct Pending {
    extinf: Option<(usize, f64, bool)>,
    range: Option<(usize, u64, Option<u64>)>,
    discontinuity: bool,
    gap: bool,
}

struct Reader<'a> {
    file: &'a str,
    findings: &'a mut Findings,
    seen: Vec<&'static str>,
    version: Option<(usize, u64)>,
    independent: Option<usize>,
    start: Option<Attributes>,
    media: Media,
    multivariant: Multivariant,
    next: Pending,
    map: Option<usize>,
    encrypted: bool,
    stream: Option<Attributes>,
    // File and end of the last byte range.
    last_range: Option<(String, u64)>,
}

impl Reader<'_> {
    fn found(&mut self, clause: Clause, line: usize, zh: impl Into<String>, en: impl Into<String>) {
        self.findings.add(clause, self.file, line, zh, en);
    }

    fn line(&mut self, kind: Kind, number: usize, line: &str) {
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            return;
        }
        if !line.starts_with('#') {
            return self.uri(kind, number, line);
        }
        if self.stream.is_some() && line.starts_with("#EXT") {
            self.stream_without_uri();
        }
        let Some((name, _, value)) = tag_of(line) else {
            if line.starts_with("#EXT") {
                let name: String = line
                    .split(':')
                    .next()
                    .unwrap_or("")
                    .chars()
                    .take(40)
                    .collect();
                self.found(
                    Clause::UnknownTag,
                    number,
                    format!("标准里没有 {name}"),
                    format!("no standard has {name}"),
                );
            }
            return;
        };
        if ONCE.contains(&name) {
            if self.seen.contains(&name) {
                self.found(
                    Clause::TagOnce,
                    number,
                    format!("{name} 出现了不止一次"),
                    format!("{name} stands more than once"),
                );
                return;
            }
            self.seen.push(name);
        }
        self.tag(number, name, value);
    }

    fn tag(&mut self, line: usize, name: &'static str, value: Option<&str>) {
        match name {
            "EXT-X-VERSION" => self.version(line, value),
            "EXT-X-INDEPENDENT-SEGMENTS" => self.independent = Some(self.bare(line, name, value)),
            "EXT-X-START" => self.start = Some(self.list(line, name, value, attributes::START)),
            "EXT-X-TARGETDURATION" => {
                self.media.target_duration = self.integer(line, name, value).map(|n| (line, n));
            }
            "EXT-X-MEDIA-SEQUENCE" => {
                self.integer(line, name, value);
                self.media.sequence = Some(line);
            }
            "EXT-X-DISCONTINUITY-SEQUENCE" => {
                self.integer(line, name, value);
                self.media.discontinuity_sequence = Some(line);
            }
            "EXT-X-ENDLIST" => self.media.end_list = Some(self.bare(line, name, value)),
            "EXT-X-I-FRAMES-ONLY" => self.media.i_frames_only = Some(self.bare(line, name, value)),
            "EXT-X-PLAYLIST-TYPE" => self.playlist_type(line, value),
            "EXTINF" => self.extinf(line, value),
            "EXT-X-BYTERANGE" => self.byte_range(line, name, value),
            "EXT-X-DISCONTINUITY" => {
                self.bare(line, name, value);
                self.next.discontinuity = true;
                self.media.first_discontinuity.get_or_insert(line);
            }
            "EXT-X-GAP" => {
                self.bare(line, name, value);
                self.next.gap = true;
            }
            "EXT-X-KEY" => self.key(line, name, value),
            "EXT-X-MAP" => self.map(line, name, value),
            "EXT-X-PROGRAM-DATE-TIME" => self.date_time(line, name, value),
            "EXT-X-DATERANGE" => {
                let list = self.list(line, name, value, attributes::DATE_RANGE);
                self.media.date_ranges.push(list);
            }
            "EXT-X-BITRATE" => drop(self.integer(line, name, value)),
            "EXT-X-MEDIA" => {
                let list = self.list(line, name, value, attributes::MEDIA);
                self.multivariant.media.push(list);
            }
            "EXT-X-STREAM-INF" => {
                self.stream = Some(self.list(line, name, value, attributes::STREAM_INF));
            }
            "EXT-X-I-FRAME-STREAM-INF" => {
                let list = self.list(line, name, value, attributes::I_FRAME_STREAM_INF);
                self.multivariant.i_frames.push(list);
            }
            "EXT-X-SESSION-DATA" => {
                let list = self.list(line, name, value, attributes::SESSION_DATA);
                self.multivariant.session_data.push(list);
            }
            "EXT-X-SESSION-KEY" => {
                let list = self.list(line, name, value, attributes::KEY);
                self.multivariant.session_keys.push(list);
            }
            _ => {}
        }
        let of_segment = ["EXTINF", "EXT-X-BYTERANGE", "EXT-X-DISCONTINUITY"].contains(&name);
        if of_segment {
            self.media.first_segment.get_or_insert(line);
        }
    }

    fn uri(&mut self, kind: Kind, line: usize, uri: &str) {
        if kind == Kind::Multivariant {
            if let Some(stream) = self.stream.take() {
                self.multivariant
                    .variants
                    .push((stream, Some(uri.to_owned())));
            } else {
                self.found(
                    Clause::VariantUri,
                    line,
                    format!("{uri} 前面没有 EXT-X-STREAM-INF"),
                    format!("there is no EXT-X-STREAM-INF before {uri}"),
                );
            }
            return;
        }
        let next = std::mem::take(&mut self.next);
        if next.extinf.is_none() {
            self.found(
                Clause::ExtinfWithUri,
                line,
                format!("{uri} 前面没有 EXTINF"),
                format!("there is no EXTINF before {uri}"),
            );
        }
        let (_, seconds, fractional) = next.extinf.unwrap_or((line, 0.0, false));
        let range = self.resolved(uri, next.range);
        self.media.segments.push(Segment {
            line,
            uri: uri.to_owned(),
            seconds,
            fractional,
            range,
            discontinuity: next.discontinuity,
            map: self.map,
            encrypted: self.encrypted,
            gap: next.gap,
        });
    }

    /// §4.3.2.2: without an offset a range begins where the last one of the same file ended.
    fn resolved(
        &mut self,
        uri: &str,
        range: Option<(usize, u64, Option<u64>)>,
    ) -> Option<ByteRange> {
        let Some((line, length, offset)) = range else {
            self.last_range = None;
            return None;
        };
        let before = self.last_range.take().filter(|(file, _)| file == uri);
        let Some(offset) = offset.or(before.map(|(_, end)| end)) else {
            self.found(
                Clause::ByteRangeKnown,
                line,
                format!("{uri} 的字节范围没有起点，前面也没有同一文件的范围"),
                format!("the byte range has no offset, and none of {uri} stands right before it"),
            );
            return None;
        };
        self.last_range = Some((uri.to_owned(), offset.saturating_add(length)));
        Some(ByteRange { length, offset })
    }

    fn close(&mut self) {
        self.stream_without_uri();
        if let Some((line, ..)) = self.next.extinf {
            self.found(
                Clause::ExtinfWithUri,
                line,
                "EXTINF 后面没有分片",
                "no segment follows this EXTINF",
            );
        }
    }

    fn stream_without_uri(&mut self) {
        if let Some(stream) = self.stream.take() {
            self.found(
                Clause::VariantUri,
                stream.line,
                "EXT-X-STREAM-INF 后面没有地址",
                "no URI follows this EXT-X-STREAM-INF",
            );
            self.multivariant.variants.push((stream, None));
        }
    }

    fn list(
        &mut self,
        line: usize,
        tag: &'static str,
        value: Option<&str>,
        schema: Schema,
    ) -> Attributes {
        let place = Place {
            file: self.file,
            line,
            tag,
        };
        attributes::read(value.unwrap_or_default(), schema, place, self.findings)
    }

    fn malformed(&mut self, line: usize, name: &str, value: Option<&str>, wants: &str) {
        let shown: String = value.unwrap_or_default().chars().take(40).collect();
        self.found(
            Clause::TagForm,
            line,
            format!("{name} 的值“{shown}”写法不对（{wants}）"),
            format!("{name} has \"{shown}\", but wants {wants}"),
        );
    }

    fn integer(&mut self, line: usize, name: &str, value: Option<&str>) -> Option<u64> {
        let number = value.filter(|value| is_integer(value));
        if number.is_none() {
            self.malformed(line, name, value, "an integer");
        }
        number?.parse().ok()
    }

    /// A tag that has no value: its line.
    fn bare(&mut self, line: usize, name: &str, value: Option<&str>) -> usize {
        if value.is_some() {
            self.malformed(line, name, value, "no value");
        }
        line
    }

    fn version(&mut self, line: usize, value: Option<&str>) {
        let number = value.filter(|v| is_integer(v)).and_then(|v| v.parse().ok());
        if self.version.is_some() || number.is_none() {
            let shown: String = value.unwrap_or_default().chars().take(40).collect();
            self.found(
                Clause::VersionOnce,
                line,
                format!("EXT-X-VERSION:{shown} 重复或不是整数"),
                format!("EXT-X-VERSION:{shown} is a second one or no integer"),
            );
        }
        if self.version.is_none() {
            self.version = number.map(|number| (line, number));
        }
    }

    fn playlist_type(&mut self, line: usize, value: Option<&str>) {
        let value = value.unwrap_or_default();
        if !["VOD", "EVENT"].contains(&value) {
            let shown: String = value.chars().take(40).collect();
            self.found(
                Clause::EnumeratedValue,
                line,
                format!("EXT-X-PLAYLIST-TYPE:{shown}（VOD, EVENT）"),
                format!("EXT-X-PLAYLIST-TYPE:{shown} (VOD, EVENT)"),
            );
        }
        self.media.kind = Some((line, value.to_owned()));
    }

    fn extinf(&mut self, line: usize, value: Option<&str>) {
        if self.next.extinf.is_some() {
            self.found(
                Clause::ExtinfWithUri,
                line,
                "前一个 EXTINF 后面没有分片",
                "no segment follows the EXTINF before this one",
            );
        }
        // §4.3.2.1 writes the comma even where there is no title.
        let seconds = value
            .and_then(|value| value.split_once(','))
            .map(|(s, _)| s);
        let seconds = seconds.filter(|s| is_decimal(s));
        if seconds.is_none() {
            self.malformed(line, "EXTINF", value, "a duration and a comma");
        }
        let length = seconds.and_then(|s| s.parse().ok()).unwrap_or(0.0);
        let fractional = seconds.is_some_and(|s| s.contains('.'));
        self.next.extinf = Some((line, length, fractional));
    }

    fn byte_range(&mut self, line: usize, name: &str, value: Option<&str>) {
        if let Some((length, offset)) = value.and_then(range) {
            self.next.range = Some((line, length, offset));
        } else {
            self.malformed(line, name, value, "LENGTH or LENGTH@OFFSET");
        }
    }

    fn key(&mut self, line: usize, name: &'static str, value: Option<&str>) {
        let list = self.list(line, name, value, attributes::KEY);
        self.encrypted = list.get("METHOD").is_some_and(|method| method != "NONE");
        self.media.keys.push(list);
    }

    fn map(&mut self, line: usize, name: &'static str, value: Option<&str>) {
        let list = self.list(line, name, value, attributes::MAP);
        let range = list.get("BYTERANGE").and_then(range);
        if list.has("BYTERANGE") && range.is_none() {
            self.malformed(line, "BYTERANGE", list.get("BYTERANGE"), "LENGTH@OFFSET");
        }
        self.map = Some(self.media.maps.len());
        self.media.maps.push(Map {
            line,
            uri: list.get("URI").map(str::to_owned),
            range: range.map(|(length, offset)| ByteRange {
                length,
                offset: offset.unwrap_or(0),
            }),
        });
    }

    /// ISO 8601, `2010-02-19T14:54:23.031+08:00`.
    fn date_time(&mut self, line: usize, name: &str, value: Option<&str>) {
        if value.is_none_or(|value| value.parse::<jiff::Timestamp>().is_err()) {
            self.malformed(line, name, value, "a date and time with its zone");
        }
    }
}

/// `LENGTH` or `LENGTH@OFFSET`.
fn range(value: &str) -> Option<(u64, Option<u64>)> {
    let (length, offset) = match value.split_once('@') {
        Some((length, offset)) => (length, Some(offset)),
        None => (value, None),
    };
    if !is_integer(length) || !offset.is_none_or(is_integer) {
        return None;
    }
    Some((length.parse().ok()?, offset.and_then(|o| o.parse().ok())))
}
