//! Plain text out of marked-up text. In: a cue as typed. Out: what a viewer would read. Never guesses at markup that
//! nobody knows: `<音乐>` is a viewer's text.

/// Which things in angle brackets are markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tags {
    /// Only those that players of `SubRip` know: in a text without a grammar `a <b and c> d` may be meant.
    Known,
    /// All that begin like a tag or a time stamp, as WebVTT's grammar has it.
    All,
}

/// Tags seen in `SubRip` files.
const KNOWN_TAGS: [&str; 20] = [
    "b", "br", "c", "div", "em", "font", "i", "lang", "p", "rp", "rt", "ruby", "s", "small",
    "span", "strike", "strong", "u", "v", "big",
];

/// Named character references seen in subtitles; WebVTT knows the first eight.
const ENTITIES: [(&str, char); 16] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("nbsp", '\u{a0}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("quot", '"'),
    ("apos", '\''),
    ("hellip", '…'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("middot", '·'),
];

/// One kind of line ending, and none of the characters that are no text at all: NUL, and byte-order marks, which
/// joined files have in the middle.
pub(super) fn unix_lines(text: &str) -> String {
    // A CR too many comes from a text-mode copy of a text that had CRLF already.
    text.replace("\r\r\n", "\n")
        .replace("\r\n", "\n")
        .chars()
        .filter(|c| !matches!(c, '\0' | '\u{feff}'))
        .map(|c| if c == '\r' { '\n' } else { c })
        .collect()
}

/// Trims every line, drops empty ones and control characters.
pub(super) fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.split(['\n', '\r']) {
        let line: String = line
            .chars()
            .filter(|&c| c == '\t' || !(c.is_control() || c == '\u{feff}'))
            .collect();
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if !tidy.is_empty() {
            tidy.push('\n');
        }
        tidy.push_str(line);
    }
    tidy
}

/// Takes tags out; `<br>` leaves a line break.
pub(super) fn strip_tags(text: &str, tags: Tags) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        plain.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some(tag) = tag_at(rest, tags) else {
            plain.push('<');
            rest = &rest[1..];
            continue;
        };
        if tag.name == "br" {
            plain.push('\n');
        }
        rest = &rest[tag.len..];
    }
    plain.push_str(rest);
    plain
}

struct Tag {
    name: String,
    len: usize,
}

/// The tag at the start of a text that starts with `<`.
fn tag_at(text: &str, tags: Tags) -> Option<Tag> {
    let after = &text[1..];
    // People write `< / i>`, but `a < b` is no tag.
    let body = match after.trim_start_matches(' ').strip_prefix('/') {
        Some(closing) => closing.trim_start_matches(' '),
        None => after,
    };
    let name_len = body
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(body.len());
    let name = body[..name_len].to_ascii_lowercase();
    let is_tag = match tags {
        Tags::Known => KNOWN_TAGS.contains(&name.as_str()),
        Tags::All => !name.is_empty(),
    };
    // Another `<` before the `>` means that this one was never closed.
    let close = after
        .find(['<', '>'])
        .filter(|&at| after[at..].starts_with('>'))?;
    is_tag.then_some(Tag {
        name,
        len: close + 2,
    })
}

/// Takes `{\an8}` and the like out.
pub(super) fn strip_overrides(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{\\") {
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        plain.push_str(&rest[..open]);
        rest = &rest[open + close + 1..];
    }
    plain.push_str(rest);
    plain
}

/// Turns character references into characters, once: `&amp;lt;` is `&lt;`.
pub(super) fn decode_entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(ampersand) = rest.find('&') {
        plain.push_str(&rest[..ampersand]);
        rest = &rest[ampersand + 1..];
        match entity_at(rest) {
            Some((c, len)) => {
                plain.push(c);
                rest = &rest[len..];
            }
            None => plain.push('&'),
        }
    }
    plain.push_str(rest);
    plain
}

/// The character that a reference without its `&` stands for, and how long the reference is.
fn entity_at(text: &str) -> Option<(char, usize)> {
    // The longest we know is `hellip;`, the longest number `#x10ffff;`.
    let len = text.bytes().take(10).position(|b| b == b';')?;
    let name = &text[..len];
    let c = if let Some(hex) = name.strip_prefix("#x").or(name.strip_prefix("#X")) {
        char::from_u32(u32::from_str_radix(hex, 16).ok()?)?
    } else if let Some(decimal) = name.strip_prefix('#') {
        char::from_u32(decimal.parse().ok()?)?
    } else {
        ENTITIES.iter().find(|(known, _)| *known == name)?.1
    };
    Some((c, len + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tags_go_and_a_viewers_text_in_brackets_stays() {
        let strip = |text| strip_tags(text, Tags::Known);
        assert_eq!(strip("<font color=\"#00ff00\"><B>粗</B></font>< /i>"), "粗");
        assert_eq!(
            strip("<音乐> <laughs> 1 < 2 > 0"),
            "<音乐> <laughs> 1 < 2 > 0"
        );
        assert_eq!(strip("上<br/>下"), "上\n下");
        assert_eq!(strip("<b 没有结束 <i>斜</i>"), "<b 没有结束 斜");
        assert_eq!(strip("结尾 <i"), "结尾 <i");
    }

    #[test]
    fn webvtt_tags_go_by_their_form() {
        let strip = |text| strip_tags(text, Tags::All);
        assert_eq!(strip("<v.loud 王老师>好<00:13.000>的</v>"), "好的");
        assert_eq!(strip("1 < 2 <爱>"), "1 < 2 <爱>");
    }

    #[test]
    fn references_are_decoded_once_and_unknown_ones_stay() {
        assert_eq!(
            decode_entities("&amp;lt; &lt;b&gt; &#20013;&#x56fd; &foo; & &#xd800; AT&T"),
            "&lt; <b> 中国 &foo; & &#xd800; AT&T"
        );
    }

    #[test]
    fn override_blocks_go_and_open_ones_stay() {
        assert_eq!(
            strip_overrides("{\\an8}上{\\i1}面 {x} {\\open"),
            "上面 {x} {\\open"
        );
    }

    #[test]
    fn lines_are_trimmed_and_none_is_empty() {
        assert_eq!(
            tidy("  一 \n\n \t\n\u{3000}二\u{7}\u{feff}\r三"),
            "一\n二\n三"
        );
    }

    #[test]
    fn all_line_endings_become_one() {
        assert_eq!(unix_lines("a\r\nb\rc\nd\r\r\n\0e\u{feff}"), "a\nb\nc\nd\ne");
    }
}
