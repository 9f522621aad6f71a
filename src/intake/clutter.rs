//! What copying, numbering and versioning add to a name: `1.`, `（1）`, ` - 副本`, `最终版`, `20210701`. In: a stem. Out:
//! the part of it that somebody meant. Never leaves nothing.

use super::date::{self, number};

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
    "终极版",
    "定稿",
    "终稿",
    "终版",
    "修改版",
    "修改稿",
    "修订版",
    "更新版",
    "提交版",
    "上报版",
    "报送版",
    "压缩版",
    "新建文件夹",
    "的副本",
    "副本",
    "复件",
    "快捷方式",
];
/// Words that may end a title, so they count only where something sets them apart.
const PERHAPS: &[&str] = &[
    "最终",
    "新建",
    "final",
    "copy",
    "成片",
    "成品",
    "初稿",
    "补交",
    "补报",
    "补充",
    "更新",
    "修改",
    "新版",
    "复制",
    "微信",
    "来自微信",
    "wechat",
    "qq",
    "来自qq",
    "mmexport",
];

/// No word, version or date is longer.
const MAX_MARK_CHARS: usize = 18;

/// The stem without marks of copies, versions and dates at its end, however many.
pub(super) fn strip_end(stem: &str) -> &str {
    strip_while(stem, |text| {
        bracketed_end(text, is_mark)
            .or_else(|| certain_end(text))
            .or_else(|| set_apart_end(text, is_loose_mark))
            .or_else(|| film_extension(text))
    })
}

/// The stem without marks of copies and versions at its end; a date stays, because the notice wants it there.
pub(super) fn strip_end_but_date(stem: &str) -> &str {
    let is_dated = |text: &str| date_start(text) == Some("");
    strip_while(stem, |text| {
        bracketed_end(text, |inside| is_mark(inside) && !is_dated(inside))
            .or_else(|| certain_end(text))
            .or_else(|| set_apart_end(text, |tail| is_loose_mark(tail).filter(|_| !is_dated(tail))))
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
        || draft_number(inside).is_some_and(|(_, before)| before.is_empty())
        || date_start(inside) == Some("")
        || is_stamp(inside)
}

/// What stands before a bracket at the end whose inside is a mark.
fn bracketed_end(text: &str, is_mark: impl Fn(&str) -> bool) -> Option<&str> {
    let inner = text.strip_suffix(CLOSING)?;
    let open = inner.rfind(OPENING)?;
    let inside = inner[open..].trim_start_matches(OPENING).trim();
    is_mark(inside).then(|| &inner[..open])
}

fn certain_end(text: &str) -> Option<&str> {
    if let Some((_, before)) = draft_number(text) {
        return Some(before);
    }
    let numbered = text.trim_end_matches(|c: char| c.is_ascii_digit());
    CERTAIN.iter().find_map(|word| {
        text.strip_suffix(word)
            .or_else(|| numbered.strip_suffix(word))
    })
}

/// How strictly a loose mark has to be set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loose {
    Word,
    Date,
}

/// Whether a text is a word, version or date that copying and versioning add.
fn is_loose_mark(tail: &str) -> Option<Loose> {
    let is_word = PERHAPS.iter().any(|word| word.eq_ignore_ascii_case(tail));
    if date_start(tail) == Some("") || is_stamp(tail) {
        return Some(Loose::Date);
    }
    (is_word || version_start(tail) == Some("")).then_some(Loose::Word)
}

/// What stands before a word, version or date that is set apart from the rest.
fn set_apart_end(text: &str, kind: impl Fn(&str) -> Option<Loose>) -> Option<&str> {
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
        let is_date = kind(tail)? == Loose::Date;
        is_set_apart(before, is_date).then_some(before)
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

/// The number of a draft at a text's end, `第二稿` or `第3版`, and what stands before it.
pub(super) fn draft_number(text: &str) -> Option<(u16, &str)> {
    const NUMERALS: [char; 9] = ['一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let (before, written) = text.strip_suffix(['稿', '版'])?.rsplit_once('第')?;
    let mut chars = written.chars();
    let (only, None) = (chars.next()?, chars.next()) else {
        return None;
    };
    let numeral = NUMERALS.iter().zip(1..).find(|(c, _)| **c == only);
    let number = numeral.map(|(_, number)| number);
    let digit = only.to_digit(10).and_then(|d| u16::try_from(d).ok());
    Some((number.or(digit)?, before))
}

/// What follows `v2` or `V1.3`.
pub(super) fn version_start(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(['v', 'V'])?;
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    (digits.starts_with(|c: char| c.is_ascii_digit()) && digits.len() - rest.len() <= 5)
        .then_some(rest)
}

/// What follows a date of our days: `20210701`, `2021-07-01`, `2021.7.1`, `2021年7月1日`.
fn date_start(text: &str) -> Option<&str> {
    date::with_year(text).map(|(_, rest)| rest)
}

/// Whether a text is the moment at which a phone or a messenger wrote the file: `20210701_183000`, `1625136000000`.
fn is_stamp(text: &str) -> bool {
    let is_number =
        |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    // Milliseconds since 1970, from 2014 to 2033.
    if is_number(text, 13) && text.starts_with(['1']) && text.as_bytes()[1] >= b'4' {
        return true;
    }
    date_start(text).is_some_and(|rest| {
        let rest = rest.strip_prefix(['_', '-']).unwrap_or(rest);
        is_number(rest, 6)
    })
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
            ("《我的祖国》第二稿", "《我的祖国》"),
            ("《我的祖国》(第3版)", "《我的祖国》"),
            ("《我的祖国》_1625136000000", "《我的祖国》"),
            ("《我的祖国》20210701_183000", "《我的祖国》"),
            ("《我的祖国》-来自微信", "《我的祖国》"),
            ("《我的祖国》_补交", "《我的祖国》"),
            ("《我的祖国》 - 新建文件夹 (2)", "《我的祖国》"),
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
        assert_eq!(strip_end_but_date("微党课+20200703"), "微党课+20200703");
        assert_eq!(
            strip_end_but_date("微党课+20200703（最终版）(1)"),
            "微党课+20200703"
        );
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
