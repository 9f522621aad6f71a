//! How a file is answered: in full, in part, or not again. In: what a client asked and what is known of the file. Out: an
//! [`Answer`], by RFC 9110. Pure.

use std::time::{Duration, SystemTime};

/// The headers of a request that decide.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    pub(super) range: Option<&'a str>,
    pub(super) if_range: Option<&'a str>,
    pub(super) if_none_match: Option<&'a str>,
    pub(super) if_modified_since: Option<&'a str>,
    pub(super) accept_encoding: Option<&'a str>,
}

/// What is known of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) bytes: u64,
    pub(super) modified: SystemTime,
    /// It may be sent compressed.
    pub(super) may_pack: bool,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// 304: the client has it.
    NotModified,
    /// 200, all of it as it is.
    Whole,
    /// 200, all of it compressed.
    Packed,
    /// 206: these bytes, both included.
    Part { first: u64, last: u64 },
    /// 416: it has no such bytes.
    OutOfRange,
}

impl Known {
    /// RFC 9110 §8.8.3: a strong validator; another one for the compressed form, which is another sequence of bytes.
    pub(super) fn tag(&self, packed: bool) -> String {
        let age = self.modified.duration_since(SystemTime::UNIX_EPOCH);
        let age = age.unwrap_or(Duration::ZERO).as_nanos();
        let form = if packed { "-gz" } else { "" };
        format!("\"{:x}-{age:x}{form}\"", self.bytes)
    }
}

/// What is sent.
pub(super) fn decide(asked: &Asked, file: &Known) -> Answer {
    let packed = file.may_pack && asked.range.is_none() && takes_gzip(asked.accept_encoding);
    if is_known(asked, file, packed) {
        return Answer::NotModified;
    }
    if packed {
        return Answer::Packed;
    }
    let range = asked.range.filter(|_| still_the_same(asked.if_range, file));
    range
        .and_then(|range| part(range, file.bytes))
        .unwrap_or(Answer::Whole)
}

/// RFC 9110 §13.2.2: tags come before dates.
fn is_known(asked: &Asked, file: &Known, packed: bool) -> bool {
    if let Some(tags) = asked.if_none_match {
        let ours = file.tag(packed);
        let mut tags = tags.split(',').map(str::trim);
        return tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == ours);
    }
    let since = asked
        .if_modified_since
        .and_then(|date| httpdate::parse_http_date(date).ok());
    since.is_some_and(|since| whole_seconds(file.modified) <= since)
}

/// RFC 9110 §13.1.5: a part may only be added to the very bytes that the client has.
fn still_the_same(if_range: Option<&str>, file: &Known) -> bool {
    let Some(validator) = if_range else {
        return true;
    };
    validator == file.tag(false)
        || httpdate::parse_http_date(validator)
            .is_ok_and(|date| date == whole_seconds(file.modified))
}

/// HTTP's dates have no fractions.
fn whole_seconds(time: SystemTime) -> SystemTime {
    let age = time.duration_since(SystemTime::UNIX_EPOCH);
    SystemTime::UNIX_EPOCH + Duration::from_secs(age.map_or(0, |age| age.as_secs()))
}

/// RFC 9110 §14.1.2. What is not understood, and several ranges at once, get the whole: that is always allowed.
fn part(range: &str, bytes: u64) -> Option<Answer> {
    let (unit, spec) = range.split_once('=')?;
    let (first, last) = spec.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = match (first, last) {
        ("", suffix) => {
            let suffix = number(suffix)?;
            if suffix == 0 || bytes == 0 {
                return Some(Answer::OutOfRange);
            }
            (bytes.saturating_sub(suffix), bytes - 1)
        }
        (first, "") => (number(first)?, bytes.saturating_sub(1)),
        (first, last) => (number(first)?, number(last)?),
    };
    if first >= bytes {
        return Some(Answer::OutOfRange);
    }
    let last = last.min(bytes - 1);
    (first <= last).then_some(Answer::Part { first, last })
}

// Digits only, and more of them than fit are simply far behind the end.
fn number(digits: &str) -> Option<u64> {
    let are_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    are_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// RFC 9110 §12.5.3, as far as gzip goes.
fn takes_gzip(accept_encoding: Option<&str>) -> bool {
    accept_encoding
        .unwrap_or_default()
        .split(',')
        .any(|coding| {
            let mut words = coding.split(';').map(str::trim);
            let named = words
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            let refused = words.any(|weight| {
                let value = weight.strip_prefix("q=").or(weight.strip_prefix("Q="));
                value.is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0))
            });
            named && !refused
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: u64) -> Known {
        Known {
            bytes,
            modified: SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 500),
            may_pack: false,
        }
    }

    fn ranged(range: &str, bytes: u64) -> Answer {
        let asked = Asked {
            range: Some(range),
            ..Asked::default()
        };
        decide(&asked, &file(bytes))
    }

    #[test]
    fn ranges_are_single_open_and_from_the_end() {
        let part = |first, last| Answer::Part { first, last };
        assert_eq!(ranged("bytes=0-0", 10), part(0, 0));
        assert_eq!(ranged("bytes=2-5", 10), part(2, 5));
        assert_eq!(ranged("bytes=2-99", 10), part(2, 9));
        assert_eq!(ranged("bytes=4-", 10), part(4, 9));
        assert_eq!(ranged("bytes=-3", 10), part(7, 9));
        assert_eq!(ranged("bytes=-99", 10), part(0, 9));
        assert_eq!(ranged("BYTES = 2-5", 10), part(2, 5));
        assert_eq!(ranged("bytes=2-99999999999999999999999", 10), part(2, 9));
    }

    #[test]
    fn what_is_not_there_is_refused_and_what_is_not_understood_is_sent_whole() {
        for range in [
            "bytes=10-",
            "bytes=10-12",
            "bytes=-0",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(ranged(range, 10), Answer::OutOfRange, "{range}");
        }
        assert_eq!(ranged("bytes=0-", 0), Answer::OutOfRange);
        assert_eq!(ranged("bytes=-1", 0), Answer::OutOfRange);
        for range in [
            "bytes=5-2",
            "bytes=0-1,4-5",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes",
            "items=0-1",
            "bytes=-",
        ] {
            assert_eq!(ranged(range, 10), Answer::Whole, "{range}");
        }
    }

    #[test]
    fn a_part_is_only_sent_of_the_file_that_the_client_knows() {
        let known = file(10);
        let tag = known.tag(false);
        let with = |if_range: &str| {
            let asked = Asked {
                range: Some("bytes=1-2"),
                if_range: Some(if_range),
                ..Asked::default()
            };
            decide(&asked, &known)
        };
        let part = Answer::Part { first: 1, last: 2 };
        assert_eq!(with(&tag), part);
        assert_eq!(with("Sun, 09 Sep 2001 01:46:40 GMT"), part);
        assert_eq!(with("Sun, 09 Sep 2001 01:46:41 GMT"), Answer::Whole);
        assert_eq!(with(&format!("W/{tag}")), Answer::Whole);
        assert_eq!(with("\"other\""), Answer::Whole);
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let known = file(10);
        let tags = |tags: &str| {
            let asked = Asked {
                if_none_match: Some(tags),
                if_modified_since: Some("Sun, 09 Sep 2001 01:46:40 GMT"),
                ..Asked::default()
            };
            decide(&asked, &known)
        };
        let tag = known.tag(false);
        assert_eq!(tags(&tag), Answer::NotModified);
        assert_eq!(tags(&format!("\"a\", W/{tag}")), Answer::NotModified);
        assert_eq!(tags("*"), Answer::NotModified);
        assert_eq!(tags("\"other\""), Answer::Whole, "a tag overrules the date");
        let since = |date| {
            let asked = Asked {
                if_modified_since: Some(date),
                ..Asked::default()
            };
            decide(&asked, &known)
        };
        assert_eq!(since("Sun, 09 Sep 2001 01:46:40 GMT"), Answer::NotModified);
        assert_eq!(since("Sun, 09 Sep 2001 01:46:39 GMT"), Answer::Whole);
        assert_eq!(since("yesterday"), Answer::Whole);
    }

    #[test]
    fn text_is_packed_for_those_who_take_it_and_parts_never_are() {
        let text = Known {
            may_pack: true,
            ..file(10)
        };
        let accepting = |accept_encoding, range| {
            let asked = Asked {
                range,
                accept_encoding,
                ..Asked::default()
            };
            decide(&asked, &text)
        };
        assert_eq!(
            accepting(Some("br, gzip;q=0.5, *;q=0"), None),
            Answer::Packed
        );
        assert_eq!(accepting(Some("gzip;q=0"), None), Answer::Whole);
        assert_eq!(accepting(Some("br"), None), Answer::Whole);
        assert_eq!(accepting(None, None), Answer::Whole);
        assert_eq!(
            accepting(Some("gzip"), Some("bytes=1-2")),
            Answer::Part { first: 1, last: 2 }
        );
        assert_ne!(text.tag(true), text.tag(false));
    }
}
