//! Chinese lines that look set by hand. In: one text, how wide a piece of it is, how wide and how many lines may be. Out:
//! lines of nearly the same width. No line begins with a closing mark or ends with an opening one (GB/T 15834 §5.1.1), and
//! no word of letters or digits is torn. Pure.

/// Marks that never begin a line.
const NOT_FIRST: &str = "》〉」』】〕）］｝，。、；：！？…—·”’%％℃,.;:!?)]}>~～";
/// Marks that never end a line.
const NOT_LAST: &str = "《〈「『【〔（［｛“‘([{<#￥$";
/// Steps in which the narrowest width is searched for.
const STEPS: u32 = 12;

/// Lines within `width`, at most `most` of them and as even as can be; none where it does not fit.
pub(crate) fn lines(
    text: &str,
    width: f32,
    most: usize,
    measure: &mut dyn FnMut(&str) -> f32,
) -> Option<Vec<String>> {
    let pieces = pieces(text);
    if pieces.is_empty() {
        return Some(vec![]);
    }
    let loosest = fill(&pieces, width, measure).filter(|lines| lines.len() <= most)?;
    // The narrowest width that needs no more lines makes them even.
    let (mut narrow, mut wide, mut best) = (0.0, width, loosest);
    for _ in 0..STEPS {
        let middle = f32::midpoint(narrow, wide);
        match fill(&pieces, middle, measure).filter(|lines| lines.len() <= best.len()) {
            Some(lines) => (wide, best) = (middle, lines),
            None => narrow = middle,
        }
    }
    Some(best)
}

/// The text cut to one line, with a mark that it goes on.
pub(crate) fn cut(text: &str, width: f32, measure: &mut dyn FnMut(&str) -> f32) -> String {
    let mut kept = String::new();
    for c in text.chars() {
        let longer = format!("{kept}{c}…");
        if measure(&longer) > width {
            return format!("{kept}…");
        }
        kept.push(c);
    }
    kept
}

/// Pieces between which a line may end. A blank stays at the end of its piece.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for c in text.trim().chars() {
        match pieces.last_mut() {
            Some(piece) if last.is_some_and(|last| !may_break(last, c)) => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        last = Some(c);
    }
    pieces
}

fn may_break(before: char, after: char) -> bool {
    let in_word = |c: char| c.is_alphanumeric() && !is_wide(c) || matches!(c, '\'' | '-' | '_');
    if after.is_whitespace() || NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    // A dash or an ellipsis is two characters long and stays whole.
    if before == after && matches!(before, '—' | '…') {
        return false;
    }
    before.is_whitespace() || !(in_word(before) && in_word(after))
}

/// Characters between which lines end anywhere: Han, kana, hangul.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff66..=0xff9f | 0x2_0000..=0x3_ffff)
}

/// Each line as full as it can be; none where one piece alone is too wide.
fn fill(
    pieces: &[String],
    width: f32,
    measure: &mut dyn FnMut(&str) -> f32,
) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces {
        let longer = format!("{line}{piece}");
        if measure(longer.trim_end()) <= width {
            line = longer;
            continue;
        }
        if line.is_empty() || measure(piece.trim_end()) > width {
            return None;
        }
        lines.push(line.trim_end().to_owned());
        line.clone_from(piece);
    }
    lines.push(line.trim_end().to_owned());
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Han characters are two wide, letters one.
    fn wrapped(text: &str, width: u16, most: usize) -> Option<Vec<String>> {
        let mut measure = |text: &str| {
            let wide = text.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.0 });
            wide.sum::<f32>()
        };
        lines(text, f32::from(width), most, &mut measure)
    }

    #[test]
    fn lines_are_even_and_as_few_as_can_be() {
        assert_eq!(wrapped("爱我中华", 20, 2).unwrap(), ["爱我中华"]);
        let long = "在灿烂阳光下我们一起走过的那些青春岁月与理想之歌";
        assert_eq!(
            wrapped(long, 40, 3).unwrap(),
            ["在灿烂阳光下我们一起走过", "的那些青春岁月与理想之歌"]
        );
        assert_eq!(wrapped(long, 20, 2), None);
        assert_eq!(wrapped("", 20, 2).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() {
        for width in 8..40 {
            let text = "诗朗诵《我的祖国》，献给（亲爱的）祖国母亲！——“生日快乐”……";
            let Some(lines) = wrapped(text, width, 9) else {
                continue;
            };
            for line in &lines {
                let (first, last) = (line.chars().next().unwrap(), line.chars().last().unwrap());
                assert!(!NOT_FIRST.contains(first), "{width} {lines:?}");
                assert!(!NOT_LAST.contains(last), "{width} {lines:?}");
            }
            assert_eq!(lines.concat(), text);
        }
    }

    #[test]
    fn words_of_letters_stay_whole_and_blanks_at_the_end_go() {
        assert_eq!(
            wrapped("Ode to Joy 欢乐颂 2024", 11, 3).unwrap(),
            ["Ode to Joy", "欢乐颂 2024"]
        );
        assert_eq!(wrapped("Donaudampfschiff", 8, 9), None);
    }

    #[test]
    fn what_does_not_fit_is_cut_with_a_mark() {
        let mut measure = |text: &str| text.chars().count() as f32;
        assert_eq!(cut("一二三四五", 4.0, &mut measure), "一二三…");
        assert_eq!(cut("一二", 4.0, &mut measure), "一二");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_but_blanks(text in "[《》，。a-z 中文]{0,40}", width in 6_u16..60) {
            if let Some(lines) = wrapped(&text, width, 99) {
                let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                proptest::prop_assert_eq!(plain(&lines.concat()), plain(&text));
            }
        }
    }
}
