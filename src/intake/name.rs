//! The grammar of names: `单位《视频名称》` and `单位+视频名称`. In: a file's name. Out: a [`ParsedName`], with the name as
//! the notice wants it where that follows from the name alone. Never invents a unit or a title.

use unicode_normalization::UnicodeNormalization;

use super::ParsedName;
use super::clutter::{is_separator, strip_end, strip_start, strip_title_end};

/// No file system takes longer names.
const MAX_NAME_BYTES: usize = 255;

/// Marks that people put around a title. The first pair is the one that the notice writes.
const MARKS: [(char, char); 9] = [
    ('《', '》'),
    ('<', '>'),
    ('＜', '＞'),
    ('〈', '〉'),
    ('「', '」'),
    ('『', '』'),
    ('«', '»'),
    ('“', '”'),
    ('"', '"'),
];
const PLUS: &[char] = &['+', '＋', '﹢'];

/// What a file's name says.
pub fn parse_name(file_name: &str) -> ParsedName {
    let (stem, extension) = split_extension(file_name);
    let parts = Parts::of(stem);
    let proposal = parts.proposal(file_name, extension);
    ParsedName {
        unit: parts.unit,
        title: parts.title,
        proposal,
    }
}

/// What follows the title's closing mark and is no mark of a copy: a proposal leaves it out, so a person should see it.
pub fn text_after_title(file_name: &str) -> Option<String> {
    Parts::of(split_extension(file_name).0).rest
}

/// A name's stem, and its extension if it has one: ASCII letters and digits, not digits alone.
pub fn split_extension(file_name: &str) -> (&str, Option<&str>) {
    let name = file_name.trim();
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return (name, None);
    };
    let looks_like_one = (1..=12).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && !extension.bytes().all(|b| b.is_ascii_digit());
    if stem.is_empty() || !looks_like_one {
        return (name, None);
    }
    (stem, Some(extension))
}

/// What two names must share to belong together: width, case, blanks, marks and signs of copies do not count.
pub(super) fn match_key(stem: &str) -> String {
    let tidy = tidy(stem);
    let folded: String = strip_start(strip_end(&tidy)).nfkc().collect();
    folded
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// A text in one line: composed, without characters nobody sees, with single blanks.
pub(super) fn tidy(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_invisible(*c))
        .nfc()
        .collect();
    let words: Vec<_> = visible.split_whitespace().collect();
    words.join(" ")
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A stem, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) unit: Option<String>,
    pub(super) title: Option<String>,
    rest: Option<String>,
}

impl Parts {
    pub(super) fn of(stem: &str) -> Self {
        let tidy = tidy(stem);
        let core = strip_start(strip_end(&tidy))
            .trim_start_matches(|c| is_separator(c) || PLUS.contains(&c));
        let Some((unit, title, rest)) = split(core) else {
            return Parts {
                unit: None,
                title: None,
                rest: None,
            };
        };
        Parts {
            unit: some_text(clean_unit(unit)),
            title: some_text(clean_title(&title)),
            rest: some_text(rest.trim_matches(is_separator).to_owned()),
        }
    }

    fn proposal(&self, file_name: &str, extension: Option<&str>) -> Option<String> {
        let (unit, title) = (self.unit.as_ref()?, self.title.as_ref()?);
        let stem = format!("{unit}《{title}》");
        let suffix = extension.map(|e| format!(".{e}")).unwrap_or_default();
        if format!("{stem}{suffix}") == file_name {
            return None;
        }
        let proposal = format!("{stem}{}", suffix.to_ascii_lowercase());
        let again = Parts::of(&stem);
        let says_the_same =
            again.unit == self.unit && again.title == self.title && again.rest.is_none();
        (says_the_same && is_safe(&proposal)).then_some(proposal)
    }
}

fn some_text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Unit, title and what follows the title. The mark that comes first decides which form it is.
fn split(core: &str) -> Option<(&str, String, &str)> {
    let plus = core.find(PLUS);
    let open = title_mark(core);
    match (plus, open) {
        (Some(plus), open) if open.is_none_or(|open| stands_alone(core, plus, open)) => {
            let (unit, title) = core.split_at(plus);
            let title = title.trim_start_matches(|c| is_separator(c) || PLUS.contains(&c));
            Some((unit, unwrapped(title), ""))
        }
        (_, Some(open)) => {
            let (title, rest) = title_at(&core[open..]);
            Some((&core[..open], title, rest))
        }
        _ => None,
    }
}

/// Whether the plus divides unit from title: it comes before the title's mark, and not just before it.
fn stands_alone(core: &str, plus: usize, open: usize) -> bool {
    plus < open
        && !core[plus..open]
            .trim_matches(|c| is_separator(c) || PLUS.contains(&c))
            .is_empty()
}

/// Where the title's opening mark stands: the first of all, unless its pair closes before a `《`.
fn title_mark(core: &str) -> Option<usize> {
    let (first, (open, close)) = core.char_indices().find_map(|(at, c)| {
        let pair = MARKS.iter().find(|(open, _)| *open == c)?;
        Some((at, *pair))
    })?;
    let book = core.find('《').unwrap_or(first);
    let inside = &core[first + open.len_utf8()..];
    let closes_at = inside
        .find(close)
        .map_or(0, |at| first + open.len_utf8() + at);
    Some(if closes_at < book { book } else { first })
}

/// The title in a text that starts with its opening mark, and what follows its outermost closing mark.
fn title_at(text: &str) -> (String, &str) {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or('《');
    let inner = chars.as_str();
    let (open, close) = MARKS
        .into_iter()
        .find(|(open, _)| *open == first)
        .unwrap_or(MARKS[0]);
    let any_closing = |c: char| MARKS.iter().any(|(_, close)| *close == c);
    let Some(last) = inner.rfind(close).or_else(|| inner.rfind(any_closing)) else {
        return (inner.to_owned(), "");
    };
    let inside = &inner[..last];
    let rest = inner[last..].trim_start_matches(|c| c == close || any_closing(c));
    if open != close && is_row_of_titles(inside, open, close) {
        return (
            format!("《{inside}》")
                .replace(open, "《")
                .replace(close, "》"),
            rest,
        );
    }
    (inside.to_owned(), rest)
}

/// `A》和《B`: the outermost marks do not belong to each other.
fn is_row_of_titles(inside: &str, open: char, close: char) -> bool {
    let mut depth = 0_usize;
    for (at, c) in inside.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            let Some(less) = depth.checked_sub(1) else {
                return inside[at..].contains(open);
            };
            depth = less;
        }
    }
    false
}

/// A title after a plus may stand in marks of its own.
fn unwrapped(title: &str) -> String {
    let starts_with_mark = MARKS.iter().any(|(open, _)| title.starts_with(*open));
    if starts_with_mark {
        let (inside, rest) = title_at(title);
        if rest.is_empty() {
            return inside;
        }
    }
    title.to_owned()
}

fn clean_unit(unit: &str) -> String {
    let trimmed = unit.trim_matches(|c| is_separator(c) || PLUS.contains(&c));
    tidy(&portable(trimmed))
}

fn clean_title(title: &str) -> String {
    let balanced = without_odd_marks(title.trim());
    tidy(&portable(strip_title_end(&balanced)))
}

/// The title without `《` and `》` that have no partner: the proposal's own must stay the outermost.
fn without_odd_marks(title: &str) -> String {
    let mut odd = Vec::new();
    let mut open = Vec::new();
    for (at, c) in title.char_indices() {
        match c {
            '《' => open.push(at),
            '》' if open.pop().is_none() => odd.push(at),
            _ => {}
        }
    }
    odd.extend(open);
    odd.sort_unstable();
    title
        .char_indices()
        .filter(|(at, _)| odd.binary_search(at).is_err())
        .map(|(_, c)| c)
        .collect()
}

/// Characters that Windows forbids in names, as their full-width selves.
fn portable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '?' => '？',
            ':' => '：',
            '*' => '＊',
            '"' => '＂',
            '|' => '｜',
            '/' => '／',
            '\\' => '＼',
            '<' => '＜',
            '>' => '＞',
            other => other,
        })
        .collect()
}

fn is_safe(name: &str) -> bool {
    let device = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_uppercase();
    let numbered = |prefix| {
        device
            .strip_prefix(prefix)
            .is_some_and(|n: &str| n.chars().count() == 1 && !n.contains('0'))
    };
    let reserved = matches!(
        device.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || numbered("COM")
        || numbered("LPT");
    // U+FFFD stands for bytes that we could not read: nobody should be told to type it.
    name.len() <= MAX_NAME_BYTES
        && !reserved
        && !name.starts_with('.')
        && !name.contains(|c: char| c == char::REPLACEMENT_CHARACTER || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(name: &str) -> String {
        let parsed = parse_name(name);
        let word = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        format!(
            "{} | {} | {}",
            word(parsed.unit),
            word(parsed.title),
            word(parsed.proposal)
        )
    }

    #[test]
    fn a_name_as_the_notice_wants_it_needs_no_proposal() {
        for name in [
            "西南民族大学《爱我中华》.mp4",
            "西华大学《雨》.MOV",
            "西华大学《我爱《红楼梦》》.mp4",
        ] {
            assert_eq!(parse_name(name).proposal, None, "{name}");
        }
        assert_eq!(shown("西华大学《A+B》.mp4"), "西华大学 | A+B | -");
    }

    #[test]
    fn both_forms_and_all_marks_lead_to_the_same_name() {
        let wanted = "西华大学 | 雨 | 西华大学《雨》.mp4";
        for name in [
            "西华大学+雨.mp4",
            "西华大学＋雨.mp4",
            "西华大学﹢雨.mp4",
            "西华大学<雨>.mp4",
            "西华大学＜雨＞.mp4",
            "西华大学〈雨〉.mp4",
            "西华大学「雨」.mp4",
            "西华大学『雨』.mp4",
            "西华大学«雨».mp4",
            "西华大学“雨”.mp4",
            "西华大学\"雨\".mp4",
            "西华大学 《雨》.MP4",
            "西华大学-《雨》.mp4",
            "西华大学——《雨》.mp4",
            "西华大学+《雨》.mp4",
            "西华大学 + 雨.mp4",
            "西华大学《雨》.mp4.mp4",
            "01-西华大学《雨》（最终版）(1).mp4",
            "西华大学《雨.mp4",
            "西华大学《雨〉.mp4",
            "西华大学：《雨》 .mp4",
            "西华大学《雨》（1）.mp4",
            "西华大学\u{3000}《\u{200B}雨 》.mp4",
            "西华大学《雨》》.mp4",
        ] {
            assert_eq!(shown(name), wanted, "{name}");
        }
    }

    #[test]
    fn nothing_is_invented() {
        assert_eq!(shown("演示视频.mp4"), "- | - | -");
        assert_eq!(shown("《雨》.mp4"), "- | 雨 | -");
        assert_eq!(shown("+雨.mp4"), "- | - | -");
        assert_eq!(shown("西华大学+.mp4"), "西华大学 | - | -");
        assert_eq!(shown("西华大学《》.mp4"), "西华大学 | - | -");
        assert_eq!(shown(""), "- | - | -");
        assert_eq!(shown("《雨》西华大学.mp4"), "- | 雨 | -");
    }

    #[test]
    fn the_outermost_marks_hold_the_title() {
        let rows = [
            "四川大学+我爱《红楼梦》.mp4",
            "四川大学《A》和《B》.mp4",
            "四川大学“我读《红楼梦》有感”.mp4",
            "成都“三色”幼儿园《雨》.mp4",
            "四川大学+A》B.mp4",
            "四川大学《A《B》.mp4",
            "四川大学+《A》篇.mp4",
        ];
        insta::assert_snapshot!(rows.map(shown).join("\n"), @r"
    四川大学 | 我爱《红楼梦》 | 四川大学《我爱《红楼梦》》.mp4
    四川大学 | 《A》和《B》 | 四川大学《《A》和《B》》.mp4
    四川大学 | 我读《红楼梦》有感 | 四川大学《我读《红楼梦》有感》.mp4
    成都“三色”幼儿园 | 雨 | -
    四川大学 | AB | 四川大学《AB》.mp4
    四川大学 | AB | 四川大学《AB》.mp4
    四川大学 | A | 四川大学《A》.mp4
    ");
    }

    #[test]
    fn text_after_the_title_is_kept_for_a_person_to_see() {
        let name = "西华大学《雨》高清版_1080p.mp4";
        assert_eq!(shown(name), "西华大学 | 雨 | 西华大学《雨》.mp4");
        assert_eq!(text_after_title(name).as_deref(), Some("高清版_1080p"));
        assert_eq!(text_after_title("西华大学《雨》(2).mp4"), None);
    }

    #[test]
    fn proposals_can_be_stored_anywhere() {
        assert_eq!(
            shown("西华大学+雨? 1:2*\"|<>.mp4"),
            "西华大学 | 雨？ 1：2＊＂｜＜＞ | 西华大学《雨？ 1：2＊＂｜＜＞》.mp4"
        );
        assert_eq!(parse_name("CON.1+雨.mp4").proposal, None);
        assert_eq!(parse_name("LPT1.x+雨.mp4").proposal, None);
        assert_eq!(parse_name("西华\u{FFFD}大学+雨.mp4").proposal, None);
        assert_eq!(
            parse_name(&format!("西华大学+{}.mp4", "雨".repeat(90))).proposal,
            None
        );
        let bidi = parse_name("西华大学+\u{202E}雨\u{1B}.mp4");
        assert_eq!(bidi.proposal.as_deref(), Some("西华大学《雨》.mp4"));
    }

    #[test]
    fn a_decomposed_name_is_composed() {
        let parsed = parse_name("Cafe\u{301}+雨.mp4");
        assert_eq!(parsed.proposal.as_deref(), Some("Café《雨》.mp4"));
        assert!(parse_name("Cafe\u{301}《雨》.mp4").proposal.is_some());
    }

    #[test]
    fn extensions_are_letters_not_numbers() {
        assert_eq!(split_extension("a.b.mp4"), ("a.b", Some("mp4")));
        assert_eq!(split_extension("雨2021.7.1"), ("雨2021.7.1", None));
        assert_eq!(split_extension(".mp4"), (".mp4", None));
    }

    #[test]
    fn companions_are_recognised_across_widths_cases_and_copies() {
        let key = match_key("成都工业学院+我的祖国（最终版）(1)");
        assert_eq!(key, "成都工业学院我的祖国");
        assert_eq!(
            match_key("１、成都工业学院 《我的祖国》"),
            "1成都工业学院我的祖国"
        );
        assert_eq!(match_key("1、成都工业学院 《我的祖国》"), key);
        assert_eq!(match_key("ＡＢＣ《Ｘ》"), match_key("abc+x"));
        assert_eq!(match_key("《》"), "");
    }

    proptest! {
        #[test]
        fn a_proposal_is_final(
            name in "([0-9]{1,2}[.、_-])?[大学A-C .+＋《<“\"-]{0,6}[雨国a-c《》<>「」“”\"+＋ ()（）:?_-]{0,10}(最终版|\\(1\\)|v2| - 副本|20210701)?(\\.mp4|\\.MOV)?"
        ) {
            let parsed = parse_name(&name);
            if let Some(proposal) = parsed.proposal {
                let again = parse_name(&proposal);
                prop_assert_eq!(again.unit, parsed.unit);
                prop_assert_eq!(again.title, parsed.title);
                prop_assert_eq!(again.proposal, None);
            }
        }

        #[test]
        fn no_name_makes_it_panic(name in "\\PC{0,40}", bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (parse_name(&name), match_key(&name), text_after_title(&name));
            let lossy = String::from_utf8_lossy(&bytes);
            let parsed = parse_name(&lossy);
            if let Some(proposal) = parsed.proposal {
                prop_assert_eq!(parse_name(&proposal).proposal, None);
                prop_assert!(proposal.len() <= MAX_NAME_BYTES);
            }
        }
    }
}
