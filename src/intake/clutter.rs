//! What copying, numbering and versioning add to a name: `1.`, `（1）`, ` - 副本`, `最终版`, `20210701`. In: a stem. Out:
//! the part of it that somebody meant. Never leaves nothing.

/// Blanks and marks that stand between the parts of a name and mean nothing.
pub(super) fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '—' | '–' | '－' | '＿' | '：' | ':')
}

const OPENING: &[char] = &['(', '（', '[', '【'];
const CLOSING: &[char] = &[')', '）', ']', '】'];

/// Words that never end a title.
const CERTAIN: &[&str] = &[
    "最终版",
    "最终稿",
    "定稿",
    "终稿",
    "终版",
    "修改版",
    "副本",
    "复件",
];
/// Words that may end a title, so they count only where something sets them apart.
const PERHAPS: &[&str] = &["最终", "新建", "final", "copy"];

/// No word, version or date is longer.
const MAX_MARK_CHARS: usize = 16;

/// The stem without marks of copies, versions and dates at its end, however many.
pub(super) fn strip_end(stem: &str) -> &str {
    strip_while(stem, |text| {
        bracketed_end(text, is_mark)
            .or_else(|| certain_end(text))
            .or_else(|| set_apart_end(text))
            .or_else(|| film_extension(text))
    })
}

/// A title inside its marks without what cannot be part of it; a `(1)` there may be the first part of two.
pub(super) fn strip_title_end(title: &str) -> &str {
    strip_while(title, |text| {
        bracketed_end(text, |inside| CERTAIN.contains(&inside))
            .or_else(|| certain_end(text).filter(|rest| rest.trim_end().ends_with(['-', '_', '—'])))
    })
}

/// The stem without numbers that only put it in order: `1.`, `01-`, `3、`, `（2）`.
pub(super) fn strip_start(stem: &str) -> &str {
    let mut text = stem.trim_start();
    while let Some(rest) = ordinal_start(text) {
        text = rest;
    }
    text
}

fn strip_while<'a>(stem: &'a str, shorten: impl Fn(&'a str) -> Option<&'a str>) -> &'a str {
    let mut text = stem.trim_end();
    while let Some(rest) = shorten(text) {
        let rest = rest.trim_end_matches(is_separator);
        if rest.is_empty() {
            break;
        }
        text = rest;
    }
    text
}

fn is_mark(inside: &str) -> bool {
    let number = inside.len() <= 3 && inside.bytes().all(|b| b.is_ascii_digit());
    let is_word = |word: &&str| word.eq_ignore_ascii_case(inside);
    (number && !inside.is_empty())
        || CERTAIN.iter().any(is_word)
        || PERHAPS.iter().any(is_word)
        || version_start(inside) == Some("")
        || date_start(inside) == Some("")
}

/// What stands before a bracket at the end whose inside is a mark.
fn bracketed_end(text: &str, is_mark: impl Fn(&str) -> bool) -> Option<&str> {
    let inner = text.strip_suffix(CLOSING)?;
    let open = inner.rfind(OPENING)?;
    let inside = inner[open..].trim_start_matches(OPENING).trim();
    is_mark(inside).then(|| &inner[..open])
}

fn certain_end(text: &str) -> Option<&str> {
    let numbered = text.trim_end_matches(|c: char| c.is_ascii_digit());
    CERTAIN.iter().find_map(|word| {
        text.strip_suffix(word)
            .or_else(|| numbered.strip_suffix(word))
    })
}

/// What stands before a word, version or date that is set apart from the rest.
fn set_apart_end(text: &str) -> Option<&str> {
    let start = text
        .char_indices()
        .rev()
        .take(MAX_MARK_CHARS)
        .take_while(|(_, c)| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        .last()?
        .0;
    // A version or date may itself hold the marks that set it apart, so try every place, the longest first.
    text[start..].char_indices().find_map(|(offset, _)| {
        let (before, tail) = text.split_at(start + offset);
        let is_word = PERHAPS.iter().any(|word| word.eq_ignore_ascii_case(tail));
        let is_date = date_start(tail) == Some("");
        let fits = is_word || is_date || version_start(tail) == Some("");
        (fits && is_set_apart(before, is_date)).then_some(before)
    })
}

/// `Grand Final` is a title, `我的祖国 final` and `Hymn_final` are not; `难忘2021.7.1` is one, `难忘_2021.7.1` is not.
fn is_set_apart(before: &str, is_date: bool) -> bool {
    let bare = before.trim_end_matches(is_separator);
    let Some(last) = bare.chars().last() else {
        return false;
    };
    let gap = &before[bare.len()..];
    let by_mark = gap.contains(['-', '_', '—', '–']) || !last.is_alphanumeric();
    let by_script = !last.is_ascii_alphanumeric() && (!gap.is_empty() || !is_date);
    by_mark || by_script
}

/// What follows `v2` or `V1.3`.
fn version_start(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(['v', 'V'])?;
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    (digits.starts_with(|c: char| c.is_ascii_digit()) && digits.len() - rest.len() <= 5)
        .then_some(rest)
}

/// What follows a date of our days: `20210701`, `2021-07-01`, `2021.7.1`, `2021年7月1日`.
fn date_start(text: &str) -> Option<&str> {
    let (year, rest) = number(text, 4, 4)?;
    if !(2010..=2099).contains(&year) {
        return None;
    }
    let mark = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '.' | '-' | '_' | '/' | '年'));
    let Some(mark) = mark else {
        let (month, rest) = number(rest, 2, 2)?;
        let (day, rest) = number(rest, 2, 2)?;
        return is_day(month, day).then_some(rest);
    };
    let (month, rest) = number(&rest[mark.len_utf8()..], 1, 2)?;
    let rest = rest.strip_prefix(if mark == '年' { '月' } else { mark })?;
    let (day, rest) = number(rest, 1, 2)?;
    is_day(month, day).then(|| rest.strip_prefix('日').unwrap_or(rest))
}

fn is_day(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// A number of `least` to `most` digits, and what follows it.
fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let digits = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    if digits < least {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    Some((number.parse().ok()?, rest))
}

/// What stands before a video's extension that was typed twice.
fn film_extension(text: &str) -> Option<&str> {
    let (before, extension) = text.rsplit_once('.')?;
    super::kind::is_video_extension(extension).then_some(before)
}

fn ordinal_start(text: &str) -> Option<&str> {
    let bare = text.strip_prefix(OPENING).unwrap_or(text);
    let (_, after) = number(bare, 1, 3)?;
    let mut rest = after.trim_start().chars();
    let mark = rest.next()?;
    let closes = bare.len() < text.len() && CLOSING.contains(&mark);
    let separates = bare.len() == text.len()
        && matches!(
            mark,
            '.' | '、' | '．' | '。' | '-' | '_' | '—' | ')' | '）'
        );
    // `3.15` and `7-11` are names, not places in an order.
    let goes_on = !rest.as_str().starts_with(|c: char| c.is_ascii_digit());
    let rest = rest.as_str().trim_start();
    ((closes || separates) && goes_on && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_copies_are_taken_off_until_none_is_left() {
        for (stem, wanted) in [
            ("我的祖国（最终版）(1)", "我的祖国"),
            ("我的祖国 - 副本", "我的祖国"),
            ("我的祖国 - 副本 (2)", "我的祖国"),
            ("我的祖国副本2", "我的祖国"),
            ("我的祖国定稿v2", "我的祖国"),
            ("我的祖国_final", "我的祖国"),
            ("我的祖国final", "我的祖国"),
            ("我的祖国-2021-07-01", "我的祖国"),
            ("我的祖国 20210701", "我的祖国"),
            ("我的祖国_2021.7.1", "我的祖国"),
            ("我的祖国（2021年7月1日）", "我的祖国"),
            ("《我的祖国》新建", "《我的祖国》"),
            ("《我的祖国》.mp4", "《我的祖国》"),
        ] {
            assert_eq!(strip_end(stem), wanted, "{stem}");
        }
    }

    #[test]
    fn what_may_be_meant_is_kept() {
        for stem in [
            "定稿",
            "(1)",
            "Grand Final",
            "semifinal",
            "难忘2021.7.1",
            "建党1921-2021",
            "雨_1080p",
            "难忘 1949.10.1",
            "雨 2021-13-01",
            "雨（上）",
            "Boeing v",
            "副本",
        ] {
            assert_eq!(strip_end(stem), stem, "{stem}");
        }
        assert_eq!(strip_title_end("长征(1)"), "长征(1)");
        assert_eq!(strip_title_end("长征（最终版）"), "长征");
        assert_eq!(strip_title_end("长征 - 副本"), "长征");
        assert_eq!(strip_title_end("消失的副本"), "消失的副本");
    }

    #[test]
    fn numbers_in_front_are_taken_off_when_they_only_order() {
        for (stem, wanted) in [
            ("1.西华大学", "西华大学"),
            ("01-西华大学", "西华大学"),
            ("1、西华大学", "西华大学"),
            ("（2）西华大学", "西华大学"),
            ("1. 02_西华大学", "西华大学"),
            ("3.15晚会", "3.15晚会"),
            ("101中学", "101中学"),
            ("2021-雨", "2021-雨"),
            ("1.", "1."),
        ] {
            assert_eq!(strip_start(stem), wanted, "{stem}");
        }
    }
}
