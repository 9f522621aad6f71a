//! A name as the notice wants it, and how sure we are. In: what was done to a name, step by step. Out: a
//! [`NameProposal`]. Never a name that a file system, a page or a terminal could take for something else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::is_invisible;
use crate::text::Text;

/// No file system takes longer names.
pub(super) const MAX_NAME_BYTES: usize = 255;
/// Below this, a person has to confirm a proposal: something in the name may mean more than we took from it.
pub const CONFIRM_BELOW: f64 = 0.8;

/// The name as the notice wants it, where the name as handed in is another and this one follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NameProposal {
    /// The name with its extension.
    pub name: String,
    /// From 0 to 1; below 0.8 a person should confirm it.
    pub confidence: f64,
    /// What was changed, one step after the other.
    pub steps: Vec<Text>,
}

impl NameProposal {
    pub(super) fn new(name: String, steps: &[Step]) -> Self {
        let confidence: f64 = steps.iter().map(Step::confidence).product();
        NameProposal {
            name,
            confidence: (confidence * 100.0).round() / 100.0,
            steps: steps.iter().map(Step::text).collect(),
        }
    }

    /// Whether nobody needs to look at it.
    pub fn is_sure(&self) -> bool {
        self.confidence >= CONFIRM_BELOW
    }
}

/// One thing that was put right in a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Letters in pieces, as macOS stores them.
    Composed,
    /// Characters nobody sees.
    Invisible,
    /// Blanks too many.
    Blanks,
    /// Full-width letters and digits.
    HalfWidth,
    /// Marks of copies, versions, dates and order.
    Removed(String),
    /// Other marks around the title, or a plus before it.
    TitleMarks(String),
    /// A title whose closing mark is missing.
    Unclosed,
    /// Title marks without a partner.
    OddMarks,
    /// Characters that Windows forbids.
    Forbidden,
    /// A blank or dash between unit and title, where the roster knows the unit.
    DividerBesideKnown(String),
    /// The same, and the unit only sounds like one.
    Divider(String),
    /// Nothing between unit and title.
    NoDivider,
    /// The title in front.
    TitleFirst,
    /// The unit in brackets, known or not to the roster.
    Bracketed { known: bool },
    /// Words that are neither unit nor title.
    Dropped(String),
    /// A date in another spelling.
    DateSpelling(String),
    /// A date without its year, which the preset's window says.
    YearAdded(u16),
    /// A date without its year, which nobody says.
    NoYear,
    /// Fields in another order.
    Order,
    /// Fields that something else than a plus parts.
    Fence,
}

impl Step {
    fn confidence(&self) -> f64 {
        match self {
            Step::Composed => 1.0,
            Step::Invisible | Step::Blanks | Step::DateSpelling(_) => 0.99,
            Step::HalfWidth => 0.98,
            Step::Removed(_) | Step::TitleMarks(_) | Step::Fence => 0.97,
            Step::Forbidden | Step::Bracketed { known: true } | Step::DividerBesideKnown(_) => 0.95,
            Step::Unclosed | Step::Order | Step::YearAdded(_) => 0.9,
            Step::OddMarks | Step::TitleFirst => 0.85,
            Step::Divider(_)
            | Step::Dropped(_)
            | Step::NoYear
            | Step::Bracketed { known: false } => 0.7,
            Step::NoDivider => 0.6,
        }
    }

    fn text(&self) -> Text {
        match self {
            Step::Composed => Text::new(
                "拆开的字母合为一个（NFD→NFC）",
                "letters in pieces are composed (NFD to NFC)",
            ),
            Step::Invisible => Text::new("去掉看不见的字符", "invisible characters are left out"),
            Step::Blanks => Text::new("去掉多余的空格", "blanks too many are left out"),
            Step::HalfWidth => Text::new(
                "全角字母数字改半角",
                "full-width letters and digits become half-width",
            ),
            Step::Removed(what) => {
                Text::new(format!("去掉“{what}”"), format!("\"{what}\" is left out"))
            }
            Step::TitleMarks(was) => Text::new(
                format!("{was} 改为书名号《》"),
                format!("{was} becomes the title marks 《》"),
            ),
            Step::Unclosed => Text::new("补上右书名号", "the closing title mark is added"),
            Step::OddMarks => Text::new(
                "去掉不成对的书名号",
                "title marks without a partner are left out",
            ),
            Step::Forbidden => Text::new(
                "Windows 文件名不能用的字符改为全角",
                "characters that Windows forbids become full-width",
            ),
            Step::DividerBesideKnown(mark) => Text::new(
                format!("单位与名称之间的{}改为标准写法", quoted(mark, Language::Zh)),
                format!(
                    "{} between unit and title is written as the notice wants",
                    quoted(mark, Language::En)
                ),
            ),
            Step::Divider(mark) => Text::new(
                format!("按{}分开单位与名称", quoted(mark, Language::Zh)),
                format!(
                    "unit and title are parted at {}",
                    quoted(mark, Language::En)
                ),
            ),
            Step::NoDivider => Text::new(
                "单位与名称之间没有分隔，按名册里的单位分开",
                "nothing parts unit and title; the roster's unit does",
            ),
            Step::TitleFirst => Text::new(
                "名称写在单位前面，已换过来",
                "the title stood before the unit; they are exchanged",
            ),
            Step::Bracketed { .. } => Text::new(
                "括号里的是单位，去掉括号",
                "the unit stood in brackets, which are left out",
            ),
            Step::Dropped(what) => Text::new(
                format!("略去“{what}”，它既不像单位也不像名称"),
                format!("\"{what}\" is dropped: it looks like neither unit nor title"),
            ),
            Step::DateSpelling(was) => Text::new(
                format!("日期“{was}”改为八位数字"),
                format!("the date \"{was}\" is written with eight digits"),
            ),
            Step::YearAdded(year) => Text::new(
                format!("日期没有年份，按通知的时间补上 {year}"),
                format!("the date has no year; the notice's {year} is added"),
            ),
            Step::NoYear => Text::new("日期没有年份", "the date has no year"),
            Step::Order => Text::new(
                "各项的次序换成通知的次序",
                "the parts are put into the notice's order",
            ),
            Step::Fence => Text::new("各项改用“+”分开", "the parts are parted by a plus"),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Language {
    Zh,
    En,
}

/// A mark in words where it could not be seen.
fn quoted(mark: &str, language: Language) -> String {
    match (mark.trim().is_empty(), language) {
        (true, Language::Zh) => "空格".to_owned(),
        (true, Language::En) => "the blank".to_owned(),
        (false, Language::Zh) => format!("“{}”", mark.trim()),
        (false, Language::En) => format!("\"{}\"", mark.trim()),
    }
}

/// Characters that Windows forbids in names, as their full-width selves.
pub(super) fn portable(text: &str) -> String {
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

/// Full-width letters and digits as everybody types them; marks keep their width, which Chinese wants.
pub(super) fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
                char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
            }
            other => other,
        })
        .collect()
}

/// Whether a name can be stored, shown and typed anywhere.
pub(super) fn is_safe(name: &str) -> bool {
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
        && !name.ends_with(['.', ' '])
        && !name.contains(|c: char| {
            matches!(c, '/' | '\\') || c == char::REPLACEMENT_CHARACTER || is_invisible(c)
        })
}
