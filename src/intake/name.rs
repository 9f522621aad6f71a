//! The grammar of names: `单位《视频名称》`, `单位+视频名称`, `二级党组织+类别+报送日期`. In: a file's name, and what the notice
//! and the roster say. Out: a [`ParsedName`], with the name as the notice wants it where that follows. Never invents a
//! unit or a title.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::ParsedName;
use super::clutter::{is_separator, strip_end, strip_end_but_date, strip_start, strip_title_end};
use super::date::{self, NameDate};
use super::proposal::{NameProposal, Step, half_width, is_safe, portable};
use super::unit::Roster;
use crate::preset::NamePattern;

/// Marks that people put around a title. The first pair is the one that the notice writes.
const MARKS: [(char, char); 10] = [
    ('《', '》'),
    ('<', '>'),
    ('＜', '＞'),
    ('〈', '〉'),
    ('「', '」'),
    ('『', '』'),
    ('«', '»'),
    ('“', '”'),
    ('"', '"'),
    ('【', '】'),
];
const PLUS: &[char] = &['+', '＋', '﹢'];
/// Brackets in which a unit may stand in front.
const BRACKETS: [(char, char); 4] = [('【', '】'), ('[', ']'), ('（', '）'), ('(', ')')];
/// What names of units end with, where no roster says who they are.
const INSTITUTIONS: [&str; 24] = [
    "大学",
    "学院",
    "学校",
    "中学",
    "小学",
    "幼儿园",
    "医院",
    "博物馆",
    "图书馆",
    "美术馆",
    "纪念馆",
    "文化馆",
    "党委",
    "党总支",
    "党支部",
    "支部",
    "中心",
    "公司",
    "集团",
    "协会",
    "研究院",
    "研究所",
    "委员会",
    "局",
];

/// What a name is read by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grammar<'a> {
    /// How the notice wants names written.
    pub pattern: NamePattern,
    /// The year of a date without one; none where the notice's dates do not say.
    pub year: Option<u16>,
    /// The units that are known.
    pub roster: Option<&'a Roster>,
}

impl Grammar<'_> {
    /// What a file's name says.
    pub fn read(&self, file_name: &str) -> ParsedName {
        match self.pattern {
            NamePattern::UnitTitle => self.unit_and_title(file_name),
            NamePattern::UnitCategoryDate => self.unit_category_and_date(file_name),
        }
    }

    fn unit_and_title(&self, file_name: &str) -> ParsedName {
        let (stem, extension) = split_extension(file_name);
        let parts = Parts::by(self, stem);
        let proposal = self.proposal(&parts, file_name, extension);
        ParsedName {
            unit: parts.unit,
            title: parts.title,
            category: None,
            date: None,
            proposal,
        }
    }

    fn unit_category_and_date(&self, file_name: &str) -> ParsedName {
        let (stem, extension) = split_extension(file_name);
        let fields = Fields::by(self, stem);
        let proposal = self.dated_proposal(&fields, file_name, extension);
        ParsedName {
            unit: fields.unit,
            title: fields.category.clone(),
            category: fields.category,
            date: fields.date,
            proposal,
        }
    }

    fn proposal(
        &self,
        parts: &Parts,
        file_name: &str,
        extension: Option<&str>,
    ) -> Option<NameProposal> {
        let (unit, title) = (parts.unit.as_ref()?, parts.title.as_ref()?);
        let stem = format!("{unit}《{title}》");
        let name = changed_name(&stem, file_name, extension)?;
        let again = Parts::by(self, &stem);
        let says_the_same =
            again.unit == parts.unit && again.title == parts.title && again.steps.is_empty();
        says_the_same.then(|| NameProposal::new(name, &steps_or_blanks(&parts.steps)))
    }

    fn dated_proposal(
        &self,
        fields: &Fields,
        file_name: &str,
        extension: Option<&str>,
    ) -> Option<NameProposal> {
        let (unit, category) = (fields.unit.as_ref()?, fields.category.as_ref()?);
        let stem = format!("{unit}+{category}+{}", fields.date?.written());
        let name = changed_name(&stem, file_name, extension)?;
        let again = Fields::by(self, &stem);
        let says_the_same = again.unit == fields.unit
            && again.category == fields.category
            && again.date == fields.date;
        says_the_same.then(|| NameProposal::new(name, &steps_or_blanks(&fields.steps)))
    }

    fn knows(&self, unit: &str) -> bool {
        self.roster.is_some_and(|roster| roster.knows(unit))
    }
}

/// The whole name of a stem, if it is another than the one handed in and can be stored anywhere.
fn changed_name(stem: &str, file_name: &str, extension: Option<&str>) -> Option<String> {
    let suffix = extension.map(|e| format!(".{e}")).unwrap_or_default();
    if format!("{stem}{suffix}") == file_name {
        return None;
    }
    let name = format!("{stem}{}", suffix.to_ascii_lowercase());
    is_safe(&name).then_some(name)
}

/// A name that differs by nothing that is a step has blanks around its extension.
fn steps_or_blanks(steps: &[Step]) -> Vec<Step> {
    if steps.is_empty() {
        return vec![Step::Blanks];
    }
    steps.to_vec()
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

pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A text without marks of order, copies and versions, and the steps that led to it.
struct Core<'a> {
    text: &'a str,
    steps: Vec<Step>,
}

/// What is left of a tidy stem that stood as `stem` in a name.
fn core_of<'a>(stem: &str, tidy: &'a str, strip_end: fn(&str) -> &str) -> Core<'a> {
    let mut steps = tidying(stem, tidy);
    let head = strip_end(tidy);
    if let Some(mark) = removed(&tidy[head.len()..]) {
        steps.push(mark);
    }
    let text = strip_start(head);
    if let Some(mark) = removed(&head[..head.len() - text.len()]) {
        steps.push(mark);
    }
    Core {
        text: text.trim_start_matches(|c| is_separator(c) || PLUS.contains(&c)),
        steps,
    }
}

fn tidying(stem: &str, tidy: &str) -> Vec<Step> {
    let visible: String = stem.chars().filter(|c| !is_invisible(*c)).collect();
    let composed: String = visible.nfc().collect();
    let mut steps = Vec::new();
    if visible.len() < stem.len() {
        steps.push(Step::Invisible);
    }
    if !is_nfc(&visible) {
        steps.push(Step::Composed);
    }
    if composed != tidy {
        steps.push(Step::Blanks);
    }
    steps
}

fn removed(text: &str) -> Option<Step> {
    let mark = text.trim_matches(is_separator);
    (!mark.is_empty()).then(|| Step::Removed(mark.to_owned()))
}

/// A stem, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) unit: Option<String>,
    pub(super) title: Option<String>,
    /// What was done to come from the name to unit and title.
    steps: Vec<Step>,
}

impl Parts {
    /// A stem by the grammar of `单位《视频名称》` alone.
    pub(super) fn of(stem: &str) -> Self {
        Parts::by(&Grammar::default(), stem)
    }

    fn by(grammar: &Grammar, stem: &str) -> Self {
        let tidy = tidy(stem);
        let core = core_of(stem, &tidy, strip_end);
        let mut steps = core.steps;
        let Some(split) = grammar.split(core.text) else {
            return Parts {
                unit: None,
                title: None,
                steps,
            };
        };
        steps.extend(split.steps);
        let unit = cleaned(split.unit, &mut steps, clean_unit);
        let title = cleaned(&split.title, &mut steps, clean_title);
        steps.dedup();
        Parts { unit, title, steps }
    }
}

/// A unit or title in the form that we write, with what had to be done for it.
fn cleaned(
    text: &str,
    steps: &mut Vec<Step>,
    clean: fn(&str, &mut Vec<Step>) -> String,
) -> Option<String> {
    let clean = clean(text, steps);
    let portable = portable(&clean);
    if portable != clean {
        steps.push(Step::Forbidden);
    }
    let half = half_width(&portable);
    if half != portable {
        steps.push(Step::HalfWidth);
    }
    let done = tidy(&half);
    (!done.is_empty()).then_some(done)
}

/// Unit and title as they stand in a name, and what is remarkable about how they stand there.
struct Split<'a> {
    unit: &'a str,
    title: String,
    steps: Vec<Step>,
}

impl<'a> Split<'a> {
    fn new(unit: &'a str, title: &str, steps: Vec<Step>) -> Self {
        Split {
            unit,
            title: title.to_owned(),
            steps,
        }
    }
}

impl Grammar<'_> {
    fn split<'a>(&self, core: &'a str) -> Option<Split<'a>> {
        self.bracketed_unit(core)
            .or_else(|| self.marked(core))
            .or_else(|| self.beside_known_unit(core))
            .or_else(|| after_an_institution(core))
    }

    /// By title marks or a plus: the mark that comes first decides which form it is.
    fn marked<'a>(&self, core: &'a str) -> Option<Split<'a>> {
        let plus = core.find(PLUS);
        let open = title_mark(core);
        match (plus, open) {
            (Some(plus), open) if open.is_none_or(|open| stands_alone(core, plus, open)) => {
                Some(self.around_plus(core, plus))
            }
            (_, Some(open)) => Some(self.around_title(core, open)),
            _ => None,
        }
    }

    fn around_plus<'a>(&self, core: &'a str, plus: usize) -> Split<'a> {
        let (unit, rest) = core.split_at(plus);
        let title = rest.trim_start_matches(|c| is_separator(c) || PLUS.contains(&c));
        let mark = rest.chars().next().unwrap_or('+');
        let steps = vec![Step::TitleMarks(mark.to_string())];
        if !self.knows(unit) && self.knows(title) {
            let steps = [steps, vec![Step::TitleFirst]].concat();
            return Split::new(title, &unwrapped(unit), steps);
        }
        Split::new(unit, &unwrapped(title), steps)
    }

    fn around_title<'a>(&self, core: &'a str, open: usize) -> Split<'a> {
        let found = title_at(&core[open..]);
        let mut steps = found.steps;
        let rest = found.rest.trim_matches(is_separator);
        let before = &core[..open];
        if before.trim_matches(is_separator).is_empty() && self.knows(rest) {
            steps.push(Step::TitleFirst);
            return Split::new(rest, &found.title, steps);
        }
        if !rest.is_empty() {
            steps.push(Step::Dropped(rest.to_owned()));
        }
        let unit = self.known_word(before).unwrap_or(before);
        let left_out = before.replacen(unit, " ", 1);
        let left_out = left_out.trim_matches(is_bracket_or_separator);
        if unit.len() < before.len() && !left_out.is_empty() {
            steps.push(Step::Dropped(left_out.to_owned()));
        }
        Split::new(unit, &found.title, steps)
    }

    /// The one word of a text that is a unit's name, where the text as a whole is none.
    fn known_word<'a>(&self, text: &'a str) -> Option<&'a str> {
        if self.knows(text) {
            return None;
        }
        let mut words = text
            .split(is_bracket_or_separator)
            .filter(|word| self.knows(word));
        words.next().filter(|_| words.next().is_none())
    }

    /// `【西华大学】雨` and `【西华大学】《雨》`; but in `【展播】西华大学《雨》` the brackets hold something else.
    fn bracketed_unit<'a>(&self, core: &'a str) -> Option<Split<'a>> {
        let first = core.chars().next()?;
        let (open, close) = BRACKETS.into_iter().find(|(open, _)| *open == first)?;
        let (inside, after) = core[open.len_utf8()..].split_once(close)?;
        let after = after.trim_matches(is_separator);
        if inside.trim().is_empty() || after.is_empty() {
            return None;
        }
        let known = self.knows(inside);
        let step = Step::Bracketed { known };
        match self.marked(after) {
            Some(split) if !split.unit.trim_matches(is_separator).is_empty() => {
                let dropped = vec![Step::Dropped(inside.to_owned())];
                Some(Split {
                    steps: [dropped, split.steps].concat(),
                    ..split
                })
            }
            Some(split) => Some(Split {
                unit: inside,
                title: split.title,
                steps: [vec![step], split.steps].concat(),
            }),
            None if !known && self.knows(after) => {
                Some(Split::new(after, inside, vec![Step::TitleFirst]))
            }
            None => Some(Split::new(inside, after, vec![step])),
        }
    }

    /// No mark at all, but the roster knows the unit in front or behind.
    fn beside_known_unit<'a>(&self, core: &'a str) -> Option<Split<'a>> {
        let roster = self.roster?;
        if roster.knows(core) {
            return Some(Split::new(core, "", vec![]));
        }
        let gaps = core.char_indices().filter(|(_, c)| is_separator(*c));
        for (at, mark) in gaps {
            let (before, after) = (&core[..at], &core[at..]);
            let after = after.trim_start_matches(is_separator);
            let step = Step::DividerBesideKnown(mark.to_string());
            if roster.knows(before) {
                return Some(Split::new(before, after, vec![step]));
            }
            if roster.knows(after) {
                return Some(Split::new(after, before, vec![step, Step::TitleFirst]));
            }
        }
        let unit = roster.name_at_start(core)?;
        Some(Split::new(unit, &core[unit.len()..], vec![Step::NoDivider]))
    }
}

/// `西华大学 雨`, `西华大学-雨`: only where the first word is an institution's by its ending.
fn after_an_institution(core: &str) -> Option<Split<'_>> {
    let (at, mark) = core.char_indices().find(|(_, c)| is_separator(*c))?;
    let (unit, title) = (&core[..at], core[at..].trim_start_matches(is_separator));
    let is_institution = INSTITUTIONS
        .iter()
        .any(|kind| unit.len() > kind.len() && unit.ends_with(kind));
    (is_institution && !title.is_empty())
        .then(|| Split::new(unit, title, vec![Step::Divider(mark.to_string())]))
}

fn is_bracket_or_separator(c: char) -> bool {
    is_separator(c)
        || PLUS.contains(&c)
        || BRACKETS
            .iter()
            .any(|(open, close)| c == *open || c == *close)
}

/// Unit, category and date of a stem.
#[derive(Debug, PartialEq, Eq)]
struct Fields {
    unit: Option<String>,
    category: Option<String>,
    date: Option<NameDate>,
    steps: Vec<Step>,
}

impl Fields {
    fn by(grammar: &Grammar, stem: &str) -> Self {
        let tidy = tidy(stem);
        let half = half_width(&tidy);
        let mut steps = tidying(stem, &tidy);
        if half != tidy {
            steps.push(Step::HalfWidth);
        }
        let core = core_of(&half, &half, strip_end_but_date);
        steps.extend(core.steps);
        let dated = dated(core.text, &mut steps);
        let (words, date) = dated
            .as_ref()
            .map_or((core.text, None), |d| (d.rest, d.date));
        let date = date.map(|date| grammar.with_year(date, &mut steps));
        let words = words.trim_matches(is_bracket_or_separator);
        let is_fence = |c: char| PLUS.contains(&c) || is_separator(c);
        let split = match words
            .split_once(PLUS)
            .or_else(|| words.split_once(is_fence))
        {
            Some((unit, category)) if grammar.knows(category) && !grammar.knows(unit) => {
                steps.push(Step::Order);
                Some(Split::new(category, unit, vec![]))
            }
            Some((unit, category)) => Some(Split::new(unit, category, vec![])),
            None => grammar.split(words),
        };
        let split = split.unwrap_or_else(|| Split::new(words, "", vec![]));
        steps.extend(split.steps);
        let category = unwrapped(split.title.trim_matches(is_fence));
        let category = category.trim_matches(is_bracket_or_separator);
        let written = dated.map_or("", |d| d.written);
        let as_wanted = format!("{}+{category}+{written}", split.unit);
        if core.text != as_wanted && !steps.contains(&Step::Order) {
            steps.push(Step::Fence);
        }
        let unit = cleaned(split.unit, &mut steps, clean_unit);
        let category = cleaned(category, &mut steps, |text, _| text.to_owned());
        steps.dedup();
        Fields {
            unit,
            category,
            date,
            steps,
        }
    }
}

/// A text that holds a date.
struct Dated<'a> {
    /// The text without the date.
    rest: &'a str,
    date: Option<NameDate>,
    /// The date as it stands there.
    written: &'a str,
}

/// The date at the end of a text, or in front, and the text without it.
fn dated<'a>(text: &'a str, steps: &mut Vec<Step>) -> Option<Dated<'a>> {
    let bare = text.trim_end_matches(is_bracket_or_separator);
    let (rest, date, written) = if let Some((before, date)) = date::at_end(bare) {
        (before, date, &bare[before.len()..])
    } else {
        let (date, rest) = date::at_start(text)?;
        steps.push(Step::Order);
        (rest, date, &text[..text.len() - rest.len()])
    };
    note_spelling(written, date, steps);
    Some(Dated {
        rest,
        date: Some(date),
        written,
    })
}

fn note_spelling(written: &str, date: NameDate, steps: &mut Vec<Step>) {
    if date.year.is_some() && written != date.written() {
        steps.push(Step::DateSpelling(written.to_owned()));
    }
}

impl Grammar<'_> {
    fn with_year(&self, date: NameDate, steps: &mut Vec<Step>) -> NameDate {
        match (date.year, self.year) {
            (Some(_), _) => date,
            (None, Some(year)) => {
                steps.push(Step::YearAdded(year));
                NameDate {
                    year: Some(year),
                    ..date
                }
            }
            (None, None) => {
                steps.push(Step::NoYear);
                date
            }
        }
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

/// A title in its marks.
struct Marked<'a> {
    title: String,
    /// What follows the closing mark.
    rest: &'a str,
    steps: Vec<Step>,
}

/// The title in a text that starts with its opening mark, and what follows its outermost closing mark.
fn title_at(text: &str) -> Marked<'_> {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or('《');
    let inner = chars.as_str();
    let (open, close) = MARKS
        .into_iter()
        .find(|(open, _)| *open == first)
        .unwrap_or(MARKS[0]);
    let any_closing = |c: char| MARKS.iter().any(|(_, close)| *close == c);
    let Some(last) = inner.rfind(close).or_else(|| inner.rfind(any_closing)) else {
        return Marked {
            title: inner.to_owned(),
            rest: "",
            steps: vec![Step::Unclosed],
        };
    };
    let inside = &inner[..last];
    let rest = inner[last..].trim_start_matches(|c| c == close || any_closing(c));
    let closing = &inner[last..inner.len() - rest.len()];
    let mut steps = Vec::new();
    if (first, closing) != ('《', "》") && inner[last..].starts_with(close) && first != '《' {
        steps.push(Step::TitleMarks(format!("{open}{close}")));
    } else if (first, closing) != ('《', "》") {
        steps.push(Step::OddMarks);
    }
    let title = if open != close && is_row_of_titles(inside, open, close) {
        format!("《{inside}》")
            .replace(open, "《")
            .replace(close, "》")
    } else {
        inside.to_owned()
    };
    Marked { title, rest, steps }
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
        let found = title_at(title);
        if found.rest.is_empty() {
            return found.title;
        }
    }
    title.to_owned()
}

fn clean_unit(unit: &str, steps: &mut Vec<Step>) -> String {
    let trimmed = unit.trim_matches(|c| is_separator(c) || PLUS.contains(&c));
    let fence = unit[unit
        .trim_end_matches(|c| is_separator(c) || PLUS.contains(&c))
        .len()..]
        .trim();
    if !fence.is_empty() {
        steps.push(Step::DividerBesideKnown(fence.to_owned()));
    } else if trimmed.len() < unit.len() {
        steps.push(Step::Blanks);
    }
    trimmed.to_owned()
}

fn clean_title(title: &str, steps: &mut Vec<Step>) -> String {
    let trimmed = title.trim();
    let balanced = without_odd_marks(trimmed);
    if balanced.len() < trimmed.len() {
        steps.push(Step::OddMarks);
    }
    if trimmed.len() < title.len() {
        steps.push(Step::Blanks);
    }
    let bare = strip_title_end(&balanced);
    if let Some(mark) = removed(&balanced[bare.len()..]) {
        steps.push(mark);
    }
    bare.to_owned()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::intake::proposal::MAX_NAME_BYTES;

    fn parse_name(name: &str) -> ParsedName {
        Grammar::default().read(name)
    }

    fn shown(name: &str) -> String {
        said(&parse_name(name))
    }

    fn said(parsed: &ParsedName) -> String {
        let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        let proposal = parsed.proposal.as_ref().map(|p| p.name.clone());
        format!(
            "{} | {} | {}",
            word(&parsed.unit),
            word(&parsed.title),
            word(&proposal)
        )
    }

    /// A proposal with its confidence and its steps.
    fn steps(parsed: &ParsedName) -> String {
        let proposal = parsed.proposal.as_ref().unwrap();
        let steps: Vec<_> = proposal.steps.iter().map(|s| s.zh.as_str()).collect();
        format!(
            "{} {:.2}: {}",
            proposal.name,
            proposal.confidence,
            steps.join("；")
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
        assert!(!parse_name(name).proposal.unwrap().is_sure());
        assert!(
            parse_name("西华大学《雨》(2).mp4")
                .proposal
                .unwrap()
                .is_sure()
        );
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
        assert_eq!(
            bidi.proposal.map(|p| p.name).as_deref(),
            Some("西华大学《雨》.mp4")
        );
    }

    #[test]
    fn a_decomposed_name_is_composed() {
        let parsed = parse_name("Cafe\u{301}+雨.mp4");
        assert_eq!(
            parsed.proposal.map(|p| p.name).as_deref(),
            Some("Café《雨》.mp4")
        );
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

    fn by_roster(name: &str) -> ParsedName {
        let roster = crate::intake::unit::tests::roster(&[
            "一区 西华大学 西华",
            "一区 四川大学",
            "一区 四川大学锦城学院",
        ]);
        let grammar = Grammar {
            roster: Some(&roster),
            ..Grammar::default()
        };
        grammar.read(name)
    }

    #[test]
    fn every_repair_says_its_steps_and_how_sure_it_is() {
        let rows = [
            "01-西华大学+雨（最终版）(1).mp4",
            "西华大学 “雨”.mp4",
            "西华大学《雨》_1625136000000.mp4",
            "ＡＢ大学《雨２》.mp4",
            "Cafe\u{301}大学《雨》.mp4",
            "西华大学\u{200B}《雨:1》.mp4",
            "西华大学【雨】 - 副本 (2).mp4",
            "西华大学《雨.mp4",
            "西华大学《雨》》.mp4",
            "西华大学 雨.mp4",
            "【西华大学】雨.mp4",
            "【展播】西华大学《雨》.mp4",
            "西华大学《雨》合唱 .mp4",
        ]
        .map(|name| steps(&parse_name(name)));
        insta::assert_snapshot!(rows.join("\n"), @r"
        西华大学《雨》.mp4 0.91: 去掉“（最终版）(1)”；去掉“01”；+ 改为书名号《》
        西华大学《雨》.mp4 0.96: “” 改为书名号《》；去掉多余的空格
        西华大学《雨》.mp4 0.97: 去掉“1625136000000”
        AB大学《雨2》.mp4 0.98: 全角字母数字改半角
        Café大学《雨》.mp4 1.00: 拆开的字母合为一个（NFD→NFC）
        西华大学《雨：1》.mp4 0.94: 去掉看不见的字符；Windows 文件名不能用的字符改为全角
        西华大学《雨》.mp4 0.94: 去掉“副本 (2)”；【】 改为书名号《》
        西华大学《雨》.mp4 0.90: 补上右书名号
        西华大学《雨》.mp4 0.85: 去掉不成对的书名号
        西华大学《雨》.mp4 0.70: 按空格分开单位与名称
        西华大学《雨》.mp4 0.70: 括号里的是单位，去掉括号
        西华大学《雨》.mp4 0.70: 略去“展播”，它既不像单位也不像名称
        西华大学《雨》.mp4 0.69: 去掉多余的空格；略去“合唱”，它既不像单位也不像名称
        ");
    }

    #[test]
    fn the_roster_helps_where_the_name_alone_does_not_tell() {
        let rows = [
            "雨-西华大学.mp4",
            "《雨》西华大学.mp4",
            "雨+西华大学.mp4",
            "西华大学_雨.mp4",
            "西华大学雨.mp4",
            "西华 雨 和 雪.mp4",
            "四川大学锦城学院雨.mp4",
            "【西华大学】雨.mp4",
            "【雨】西华大学.mp4",
            "2021展播 西华大学《雨》.mp4",
            "四川大学艺术团《雨》.mp4",
        ]
        .map(|name| {
            let parsed = by_roster(name);
            let is_as_wanted = parsed.proposal.is_none();
            if is_as_wanted {
                said(&parsed)
            } else {
                steps(&parsed)
            }
        });
        insta::assert_snapshot!(rows.join("\n"), @r"
        西华大学《雨》.mp4 0.81: 单位与名称之间的“-”改为标准写法；名称写在单位前面，已换过来
        西华大学《雨》.mp4 0.85: 名称写在单位前面，已换过来
        西华大学《雨》.mp4 0.82: + 改为书名号《》；名称写在单位前面，已换过来
        西华大学《雨》.mp4 0.95: 单位与名称之间的“_”改为标准写法
        西华大学《雨》.mp4 0.60: 单位与名称之间没有分隔，按名册里的单位分开
        西华《雨 和 雪》.mp4 0.95: 单位与名称之间的空格改为标准写法
        四川大学锦城学院《雨》.mp4 0.60: 单位与名称之间没有分隔，按名册里的单位分开
        西华大学《雨》.mp4 0.95: 括号里的是单位，去掉括号
        西华大学《雨》.mp4 0.85: 名称写在单位前面，已换过来
        西华大学《雨》.mp4 0.70: 略去“2021展播”，它既不像单位也不像名称
        四川大学艺术团 | 雨 | -
        ");
        assert_eq!(said(&by_roster("西华大学.mp4")), "西华大学 | - | -");
        assert_eq!(said(&by_roster("《雨》幸福小学.mp4")), "- | 雨 | -");
    }

    fn dated(name: &str, year: Option<u16>) -> String {
        let grammar = Grammar {
            pattern: NamePattern::UnitCategoryDate,
            year,
            roster: None,
        };
        let parsed = grammar.read(name);
        let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        let date = parsed.date.map_or("-".into(), NameDate::written);
        let proposal = parsed.proposal.is_some().then(|| steps(&parsed));
        format!(
            "{} | {} | {date} | {}",
            word(&parsed.unit),
            word(&parsed.category),
            proposal.unwrap_or_else(|| "-".into())
        )
    }

    #[test]
    fn unit_category_and_date_are_read_in_all_spellings() {
        let rows = [
            "马克思主义学院+微党课+20200703.mp4",
            "马克思主义学院＋微党课＋2020-07-03.mp4",
            "马克思主义学院+微党课+2020.7.3.mp4",
            "马克思主义学院_微党课_2020年7月3日.mp4",
            "马克思主义学院 微党课 20200703（最终版）.mp4",
            "20200703+马克思主义学院+微党课.mp4",
            "马克思主义学院《微党课》20200703.mp4",
            "马克思主义学院+微党课（20200703）.mp4",
            "马克思主义学院+微党课+７月３日.mp4",
            "马克思主义学院+微党课.mp4",
            "微党课.mp4",
            "+20200703.mp4",
        ]
        .map(|name| dated(name, Some(2020)));
        insta::assert_snapshot!(rows.join("\n"), @r"
        马克思主义学院 | 微党课 | 20200703 | -
        马克思主义学院 | 微党课 | 20200703 | 马克思主义学院+微党课+20200703.mp4 0.96: 日期“2020-07-03”改为八位数字；各项改用“+”分开
        马克思主义学院 | 微党课 | 20200703 | 马克思主义学院+微党课+20200703.mp4 0.99: 日期“2020.7.3”改为八位数字
        马克思主义学院 | 微党课 | 20200703 | 马克思主义学院+微党课+20200703.mp4 0.96: 日期“2020年7月3日”改为八位数字；各项改用“+”分开
        马克思主义学院 | 微党课 | 20200703 | 马克思主义学院+微党课+20200703.mp4 0.94: 去掉“（最终版）”；各项改用“+”分开
        马克思主义学院 | 微党课 | 20200703 | 马克思主义学院+微党课+20200703.mp4 0.90: 各项的次序换成通知的次序
        马克思主义学院 | 微党课 | 20200703 | 马克思主义学院+微党课+20200703.mp4 0.97: 各项改用“+”分开
        马克思主义学院 | 微党课 | 20200703 | 马克思主义学院+微党课+20200703.mp4 0.97: 各项改用“+”分开
        马克思主义学院 | 微党课 | 20200703 | 马克思主义学院+微党课+20200703.mp4 0.88: 全角字母数字改半角；日期没有年份，按通知的时间补上 2020
        马克思主义学院 | 微党课 | - | -
        微党课 | - | - | -
        - | - | 20200703 | -
        ");
        insta::assert_snapshot!(dated("马克思主义学院+微党课+7月3日.mp4", None), @"马克思主义学院 | 微党课 | 7月3日 | -");
        insta::assert_snapshot!(dated("马克思主义学院-微党课-7月3日.mp4", None), @"马克思主义学院 | 微党课 | 7月3日 | 马克思主义学院+微党课+7月3日.mp4 0.68: 日期没有年份；各项改用“+”分开");
    }

    /// Names that are made to break something, each a delivery that happened or could.
    const HOSTILE: [&str; 44] = [
        "",
        ".",
        "..",
        "/",
        "\\",
        ".mp4",
        "../../etc/passwd",
        "西华大学《../../etc/passwd》.mp4",
        "西华大学+C:\\Windows\\x.mp4",
        "西华大学《<img src=x onerror=alert(1)>》.mp4",
        "西华大学+\"><script>alert(1)</script>.mp4",
        "=HYPERLINK(\"http://a.cn\")+雨.mp4",
        "＝1+1《雨》.mp4",
        "@SUM(A1)《雨》.mp4",
        "-西华大学《雨》.mp4",
        "西华大学《\u{202E}4pm.雨》.mp4",
        "西华大学《\u{2066}雨\u{2069}》.mp4",
        "西华大学《\u{1B}[31m雨\u{7}》.mp4",
        "西华大学《雨\u{0}》.mp4",
        "西华大学《雨\n换行》.mp4",
        "西华大学《雨\u{2028}换行》.mp4",
        "西华大学《\u{200B}\u{200D}\u{FEFF}》.mp4",
        "西华大学《👨\u{200D}👩\u{200D}👧》.mp4",
        "CON.mp4",
        "CON《雨》.mp4",
        "NUL+雨.mp4",
        "COM1.x+雨.mp4",
        "西华大学《雨》.",
        "西华大学《雨》 . mp4",
        "西华大学《雨》.mp4 ",
        "《《《《《《《《",
        "》》》》》》》》",
        "++++++++",
        "【【【】】】",
        "（（（1）））",
        "(1)(1)(1)(1)(1)(1).mp4",
        "最终版最终版最终版.mp4",
        "副本副本 - 副本.mp4",
        "20200703+20200703+20200703.mp4",
        "99999999999999999999+雨+99999999999999999999.mp4",
        "西华\u{FFFD}\u{FFFD}《雨》.mp4",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘《雨》.mp4",
        "𠮷野家+𠮷.mp4",
        "西华大学《雨》？?？*|.mp4",
    ];

    fn is_harmless(name: &str) -> bool {
        name.len() <= MAX_NAME_BYTES
            && !name.contains(['/', '\\', '\0'])
            && !name.chars().any(is_invisible)
            && !name.ends_with(['.', ' '])
    }

    /// All grammars there are, over one roster.
    fn by_all_grammars(name: &str) -> Vec<ParsedName> {
        let roster = crate::intake::unit::tests::roster(&["一区 西华大学 雨", "一区 A 大"]);
        let patterns = [NamePattern::UnitTitle, NamePattern::UnitCategoryDate];
        let grammars = patterns.into_iter().flat_map(|pattern| {
            [None, Some(&roster)].map(|roster| Grammar {
                pattern,
                year: Some(2021),
                roster,
            })
        });
        grammars
            .map(|grammar| {
                let parsed = grammar.read(name);
                if let Some(proposal) = &parsed.proposal {
                    assert!(is_harmless(&proposal.name), "{name:?}: {}", proposal.name);
                    assert!((0.0..=1.0).contains(&proposal.confidence));
                    assert!(!proposal.steps.is_empty());
                    let again = grammar.read(&proposal.name);
                    assert_eq!(again.proposal, None, "{name:?}: {}", proposal.name);
                    assert_eq!((&again.unit, &again.title), (&parsed.unit, &parsed.title));
                }
                parsed
            })
            .collect()
    }

    #[test]
    fn hostile_names_give_harmless_proposals_or_none() {
        for name in HOSTILE {
            by_all_grammars(name);
            by_all_grammars(&name.repeat(40));
        }
        assert_eq!(
            parse_name("西华大学《../../etc/passwd》.mp4")
                .proposal
                .unwrap()
                .name,
            "西华大学《..／..／etc／passwd》.mp4"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn three_hundred_names_of_hostile_pieces_do_no_harm(
            pieces in proptest::collection::vec(proptest::sample::select(HOSTILE.to_vec()), 1..4),
            noise in "[西华大学雨+《》【】“” ._()（）:/\\\\0-9\u{202E}\u{1B}\u{0}\u{301}ＡｖV-]{0,30}",
        ) {
            by_all_grammars(&format!("{}{noise}", pieces.concat()));
            by_all_grammars(&noise);
        }
    }

    proptest! {
        #[test]
        fn a_proposal_is_final(
            name in "([0-9]{1,2}[.、_-])?[大学A-C .+＋《<“\"-]{0,6}[雨国a-c《》<>「」“”\"+＋ ()（）:?_-]{0,10}(最终版|\\(1\\)|v2| - 副本|20210701)?(\\.mp4|\\.MOV)?"
        ) {
            let parsed = parse_name(&name);
            if let Some(proposal) = parsed.proposal {
                let again = parse_name(&proposal.name);
                prop_assert_eq!(again.unit, parsed.unit);
                prop_assert_eq!(again.title, parsed.title);
                prop_assert_eq!(again.proposal, None);
            }
        }

        #[test]
        fn no_name_makes_it_panic(name in "\\PC{0,40}", bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (parse_name(&name), match_key(&name));
            let lossy = String::from_utf8_lossy(&bytes);
            let parsed = parse_name(&lossy);
            if let Some(proposal) = parsed.proposal {
                prop_assert_eq!(parse_name(&proposal.name).proposal, None);
                prop_assert!(proposal.name.len() <= MAX_NAME_BYTES);
            }
        }
    }
}
