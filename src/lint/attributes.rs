//! Attribute lists (RFC 8216 §4.2), read strictly. In: the text after a tag's colon and what the tag allows. Out:
//! [`Attributes`]; everything that is not as the standard writes it becomes a finding.

use std::fmt::Write as _;

use super::clause::Clause;
use super::finding::Findings;

/// What an attribute's value must look like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// Decimal integer.
    Integer,
    /// Decimal, not negative.
    Decimal,
    /// Decimal with an optional minus.
    Signed,
    /// `0x` and hexadecimal digits.
    Hexadecimal,
    /// In double quotes.
    Quoted,
    /// In double quotes, or the word NONE.
    QuotedOrNone,
    /// `1920x1080`.
    Resolution,
    /// One of these words, without quotes.
    OneOf(&'static [&'static str]),
}

/// Which attributes a tag has.
pub(super) type Schema = &'static [(&'static str, Form)];

const YES_NO: Form = Form::OneOf(&["YES", "NO"]);

/// EXT-X-KEY and EXT-X-SESSION-KEY (§4.3.2.4).
pub(super) const KEY: Schema = &[
    (
        "METHOD",
        Form::OneOf(&["NONE", "AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"]),
    ),
    ("URI", Form::Quoted),
    ("IV", Form::Hexadecimal),
    ("KEYFORMAT", Form::Quoted),
    ("KEYFORMATVERSIONS", Form::Quoted),
];

/// EXT-X-MAP (§4.3.2.5).
pub(super) const MAP: Schema = &[("URI", Form::Quoted), ("BYTERANGE", Form::Quoted)];

/// EXT-X-START (§4.3.5.2).
pub(super) const START: Schema = &[("TIME-OFFSET", Form::Signed), ("PRECISE", YES_NO)];

/// EXT-X-DATERANGE (§4.3.2.7).
pub(super) const DATE_RANGE: Schema = &[
    ("ID", Form::Quoted),
    ("CLASS", Form::Quoted),
    ("START-DATE", Form::Quoted),
    ("CUE", Form::Quoted),
    ("END-DATE", Form::Quoted),
    ("DURATION", Form::Decimal),
    ("PLANNED-DURATION", Form::Decimal),
    ("SCTE35-CMD", Form::Hexadecimal),
    ("SCTE35-OUT", Form::Hexadecimal),
    ("SCTE35-IN", Form::Hexadecimal),
    ("END-ON-NEXT", Form::OneOf(&["YES"])),
];

/// EXT-X-MEDIA (§4.3.4.1, and draft-pantos-hls-rfc8216bis).
pub(super) const MEDIA: Schema = &[
    (
        "TYPE",
        Form::OneOf(&["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"]),
    ),
    ("URI", Form::Quoted),
    ("GROUP-ID", Form::Quoted),
    ("LANGUAGE", Form::Quoted),
    ("ASSOC-LANGUAGE", Form::Quoted),
    ("NAME", Form::Quoted),
    ("STABLE-RENDITION-ID", Form::Quoted),
    ("DEFAULT", YES_NO),
    ("AUTOSELECT", YES_NO),
    ("FORCED", YES_NO),
    ("INSTREAM-ID", Form::Quoted),
    ("BIT-DEPTH", Form::Integer),
    ("SAMPLE-RATE", Form::Integer),
    ("CHARACTERISTICS", Form::Quoted),
    ("CHANNELS", Form::Quoted),
];

/// EXT-X-STREAM-INF (§4.3.4.2, and the draft).
pub(super) const STREAM_INF: Schema = &[
    ("BANDWIDTH", Form::Integer),
    ("AVERAGE-BANDWIDTH", Form::Integer),
    ("SCORE", Form::Decimal),
    ("CODECS", Form::Quoted),
    ("SUPPLEMENTAL-CODECS", Form::Quoted),
    ("RESOLUTION", Form::Resolution),
    ("FRAME-RATE", Form::Decimal),
    ("HDCP-LEVEL", Form::OneOf(&["NONE", "TYPE-0", "TYPE-1"])),
    ("ALLOWED-CPC", Form::Quoted),
    ("VIDEO-RANGE", Form::OneOf(&["SDR", "HLG", "PQ"])),
    ("REQ-VIDEO-LAYOUT", Form::Quoted),
    ("STABLE-VARIANT-ID", Form::Quoted),
    ("AUDIO", Form::Quoted),
    ("VIDEO", Form::Quoted),
    ("SUBTITLES", Form::Quoted),
    ("CLOSED-CAPTIONS", Form::QuotedOrNone),
    ("PATHWAY-ID", Form::Quoted),
    ("NAME", Form::Quoted),
    ("PROGRAM-ID", Form::Integer),
];

/// EXT-X-I-FRAME-STREAM-INF (§4.3.4.3).
pub(super) const I_FRAME_STREAM_INF: Schema = &[
    ("BANDWIDTH", Form::Integer),
    ("AVERAGE-BANDWIDTH", Form::Integer),
    ("SCORE", Form::Decimal),
    ("CODECS", Form::Quoted),
    ("SUPPLEMENTAL-CODECS", Form::Quoted),
    ("RESOLUTION", Form::Resolution),
    ("HDCP-LEVEL", Form::OneOf(&["NONE", "TYPE-0", "TYPE-1"])),
    ("ALLOWED-CPC", Form::Quoted),
    ("VIDEO-RANGE", Form::OneOf(&["SDR", "HLG", "PQ"])),
    ("STABLE-VARIANT-ID", Form::Quoted),
    ("VIDEO", Form::Quoted),
    ("PATHWAY-ID", Form::Quoted),
    ("URI", Form::Quoted),
];

/// EXT-X-SESSION-DATA (§4.3.4.4).
pub(super) const SESSION_DATA: Schema = &[
    ("DATA-ID", Form::Quoted),
    ("VALUE", Form::Quoted),
    ("URI", Form::Quoted),
    ("FORMAT", Form::OneOf(&["JSON", "RAW"])),
    ("LANGUAGE", Form::Quoted),
];

/// The attributes of one tag.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Attributes {
    /// Line of the tag.
    pub(super) line: usize,
    // Name, and the value without its quotes. Values of the wrong form are not here.
    entries: Vec<(String, String)>,
}

impl Attributes {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|(own, _)| own == name);
        entry.map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn integer(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    pub(super) fn decimal(&self, name: &str) -> Option<f64> {
        self.get(name)?.parse().ok()
    }

    /// Width and height.
    pub(super) fn resolution(&self) -> Option<(u64, u64)> {
        let (width, height) = self.get("RESOLUTION")?.split_once('x')?;
        Some((width.parse().ok()?, height.parse().ok()?))
    }

    pub(super) fn yes(&self, name: &str) -> bool {
        self.get(name) == Some("YES")
    }
}

/// Where a list stands, for findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) line: usize,
    pub(super) tag: &'a str,
}

/// Reads a list.
pub(super) fn read(
    text: &str,
    schema: Schema,
    place: Place<'_>,
    findings: &mut Findings,
) -> Attributes {
    let mut attributes = Attributes {
        line: place.line,
        entries: vec![],
    };
    let mut rest = text;
    while !rest.is_empty() {
        let (name, value, after) = match split(rest) {
            Ok(parts) => parts,
            Err(why) => {
                malformed(place, findings, why, rest);
                return attributes;
            }
        };
        rest = after;
        if attributes.has(name) {
            findings.add(
                Clause::AttributeOnce,
                place.file,
                place.line,
                format!("{} 里 {name} 出现两次", place.tag),
                format!("{name} stands twice in {}", place.tag),
            );
        } else if let Some(value) = checked(name, value, schema, place, findings) {
            attributes.entries.push((name.to_owned(), value));
        }
    }
    if text.is_empty() || text.ends_with(',') {
        malformed(place, findings, "a value is missing", text);
    }
    attributes
}

/// The first attribute: name, raw value, and what follows behind the comma.
fn split(text: &str) -> Result<(&str, &str, &str), &'static str> {
    let (name, rest) = text.split_once('=').ok_or("an = is missing")?;
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err("a name has other signs than A-Z, 0-9 and -");
    }
    let end = match rest.strip_prefix('"') {
        Some(quoted) => quoted.find('"').ok_or("a quote is not closed")? + 2,
        None => rest.find(',').unwrap_or(rest.len()),
    };
    let (value, after) = rest.split_at(end);
    match after.strip_prefix(',') {
        Some(after) => Ok((name, value, after)),
        None if after.is_empty() => Ok((name, value, after)),
        None => Err("a comma is missing behind a quote"),
    }
}

fn checked(
    name: &str,
    value: &str,
    schema: Schema,
    place: Place<'_>,
    findings: &mut Findings,
) -> Option<String> {
    let Some((_, form)) = schema.iter().find(|(known, _)| *known == name) else {
        // §4.3.2.7: attributes of one's own begin with X-.
        if !name.starts_with("X-") {
            findings.add(
                Clause::UnknownAttribute,
                place.file,
                place.line,
                format!("{} 没有属性 {name}", place.tag),
                format!("{} has no attribute {name}", place.tag),
            );
        }
        return None;
    };
    if form.takes(value) {
        return Some(value.trim_matches('"').to_owned());
    }
    if let Form::OneOf(words) = form
        && !value.starts_with('"')
        && !value.is_empty()
    {
        let words = words.join(", ");
        findings.add(
            Clause::EnumeratedValue,
            place.file,
            place.line,
            format!("{name}={value}（{words}）"),
            format!("{name}={value} ({words})"),
        );
        return None;
    }
    let mut shown = format!("{name}=");
    let _ = write!(shown, "{value}");
    malformed(place, findings, form.wants(), &shown);
    None
}

fn malformed(place: Place<'_>, findings: &mut Findings, why: &str, text: &str) {
    let shown: String = text.chars().take(60).collect();
    findings.add(
        Clause::AttributeForm,
        place.file,
        place.line,
        format!("{}：写法不对（{why}）：{shown}", place.tag),
        format!("{}: {why}: {shown}", place.tag),
    );
}

impl Form {
    fn takes(self, value: &str) -> bool {
        match self {
            Form::Integer => is_integer(value),
            Form::Decimal => is_decimal(value),
            Form::Signed => is_decimal(value.strip_prefix('-').unwrap_or(value)),
            Form::Hexadecimal => value
                .strip_prefix("0x")
                .or_else(|| value.strip_prefix("0X"))
                .is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_hexdigit())),
            Form::Quoted => is_quoted(value),
            Form::QuotedOrNone => value == "NONE" || is_quoted(value),
            Form::Resolution => value
                .split_once('x')
                .is_some_and(|(w, h)| is_integer(w) && is_integer(h)),
            Form::OneOf(words) => words.contains(&value),
        }
    }

    fn wants(self) -> &'static str {
        match self {
            Form::Integer => "an integer is wanted",
            Form::Decimal | Form::Signed => "a decimal number is wanted",
            Form::Hexadecimal => "0x and hexadecimal digits are wanted",
            Form::Quoted => "double quotes are wanted",
            Form::QuotedOrNone => "double quotes or NONE are wanted",
            Form::Resolution => "WIDTHxHEIGHT is wanted",
            Form::OneOf(_) => "a word without quotes is wanted",
        }
    }
}

fn is_quoted(value: &str) -> bool {
    value.len() >= 2 && value.starts_with('"') && value.ends_with('"')
}

/// §4.2: from 0 to 2^64-1, at most 20 digits.
pub(super) fn is_integer(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) && value.parse::<u64>().is_ok()
}

/// Digits, with one point in between at most.
pub(super) fn is_decimal(value: &str) -> bool {
    let (whole, part) = value.split_once('.').unwrap_or((value, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    value.len() <= 32 && digits(whole) && digits(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (Attributes, Vec<String>) {
        let mut findings = Findings::default();
        let place = Place {
            file: "a.m3u8",
            line: 3,
            tag: "EXT-X-STREAM-INF",
        };
        let attributes = read(text, STREAM_INF, place, &mut findings);
        let found = findings.sorted().into_iter().map(|f| f.found.en).collect();
        (attributes, found)
    }

    #[test]
    fn commas_in_quotes_part_nothing() {
        let (attributes, found) =
            names("BANDWIDTH=1,CODECS=\"avc1.640028,mp4a.40.2\",RESOLUTION=1920x1080");
        assert_eq!(attributes.get("CODECS"), Some("avc1.640028,mp4a.40.2"));
        assert_eq!(attributes.resolution(), Some((1920, 1080)));
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn everything_that_is_not_as_written_is_told() {
        for (text, why) in [
            ("", "a value is missing"),
            ("BANDWIDTH", "an = is missing"),
            ("BANDWIDTH=1, CODECS=\"a\"", "other signs"),
            ("CODECS=\"a", "not closed"),
            ("CODECS=\"a\"BANDWIDTH=1", "comma is missing"),
            ("BANDWIDTH=1,", "a value is missing"),
            ("BANDWIDTH=\"1\"", "integer is wanted"),
            ("BANDWIDTH=99999999999999999999999", "integer is wanted"),
            ("RESOLUTION=1920*1080", "WIDTHxHEIGHT"),
            ("CODECS=avc1", "double quotes"),
            ("VIDEO-RANGE=HDR10", "SDR, HLG, PQ"),
            ("BANDWIDTH=1,BANDWIDTH=2", "twice"),
            ("BANDWITH=1", "has no attribute"),
        ] {
            let (_, found) = names(text);
            assert!(found.iter().any(|f| f.contains(why)), "{text}: {found:?}");
        }
    }
}
