//! What is wrong with a preset, where, and what to do about it. In: TOML text and what serde or a check of ours says.
//! Out: a [`PresetError`] with line, column and the nearest thing that would have been right.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use super::PresetKind;
use crate::text::Text;
use crate::units::Bytes;

/// Why a preset or a `showcase.toml` can not be used.
#[derive(Debug, thiserror::Error)]
pub enum PresetError {
    /// No built-in preset has this name.
    #[error("there is no {} called {name:?}{}", kind.map_or("preset", PresetKind::name), or_nearest(nearest.as_deref()))]
    Unknown {
        /// What was looked for; none where any kind would do.
        kind: Option<PresetKind>,
        /// The name as given.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// The file can not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than any preset.
    #[error("{} has {} bytes, more than the limit of {}", path.display(), actual.0, limit.0)]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its size.
        actual: Bytes,
        /// The most we read.
        limit: Bytes,
    },
    /// The file is not text in UTF-8.
    #[error("{} is not UTF-8 text (byte {at})", path.display())]
    NotUtf8 {
        /// Which file.
        path: PathBuf,
        /// First byte that does not fit, from 0.
        at: usize,
    },
    /// The text says something that no preset can say.
    #[error("{origin}:{line}:{column}: {reason}{}", or_nearest(nearest.as_deref()))]
    Invalid {
        /// Path, or name of a built-in preset.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
        /// The key or the value that was probably meant.
        nearest: Option<String>,
    },
}

fn or_nearest(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!("; did you mean `{nearest}`?")
    })
}

impl PresetError {
    /// What to do about it.
    pub fn hint(&self) -> Text {
        match self {
            PresetError::Unknown { .. } => Text::new(
                "用 `zhanbo presets` 查看所有内置预设；自己的文件要写路径，如 `./我的规则.toml`",
                "`zhanbo presets` lists the built-in ones; a file of your own is given by its path, as `./my-rules.toml`",
            ),
            PresetError::Read { .. } => Text::new(
                "请检查路径是否写对、文件是否存在、是否有读取权限",
                "check the path, that the file is there, and that you may read it",
            ),
            PresetError::TooLarge { .. } => Text::new(
                "预设只有几千字节；这恐怕不是预设文件，请检查路径",
                "a preset has a few kilobytes; this is probably some other file, check the path",
            ),
            PresetError::NotUtf8 { .. } => Text::new(
                "请另存为 UTF-8 编码（记事本：另存为 → 编码 → UTF-8）",
                "save it as UTF-8 (Notepad: Save as, Encoding, UTF-8)",
            ),
            PresetError::Invalid {
                line,
                nearest: Some(nearest),
                ..
            } => Text::new(
                format!("请看第 {line} 行，很可能应写作 `{nearest}`"),
                format!("look at line {line}; it should probably be `{nearest}`"),
            ),
            PresetError::Invalid { line, .. } => Text::new(
                format!("请改第 {line} 行；写法可以对照 `zhanbo presets show` 显示的内置预设"),
                format!(
                    "correct line {line}; `zhanbo presets show` prints the built-in ones to compare with"
                ),
            ),
        }
    }
}

/// One step into a document: into a table, or into an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Key(&'static str),
    Index(usize),
}

impl From<&'static str> for Step {
    fn from(key: &'static str) -> Self {
        Step::Key(key)
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

/// What one of our own checks found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) at: Vec<Step>,
    pub(super) reason: String,
    pub(super) nearest: Option<String>,
}

impl Problem {
    pub(super) fn new(at: impl IntoIterator<Item = Step>, reason: impl Into<String>) -> Self {
        Problem {
            at: at.into_iter().collect(),
            reason: reason.into(),
            nearest: None,
        }
    }

    pub(super) fn meant<'a>(
        mut self,
        given: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.nearest = nearest(given, known);
        self
    }

    pub(super) fn in_text(self, origin: &str, text: &str) -> PresetError {
        let span = span_of(text, &self.at);
        at_span(origin, text, span, self.reason, self.nearest)
    }
}

/// What the TOML reader or serde found, and where.
pub(super) fn from_toml(origin: &str, text: &str, error: &toml::de::Error) -> PresetError {
    let span = error.span().unwrap_or_default();
    let reason = error.message().trim().replace('\n', "; ");
    let nearest = meant_by(&reason);
    at_span(origin, text, span, reason, nearest)
}

/// The line, from 1, on which the table of that name and number starts.
pub(super) fn line_of(text: &str, table: &'static str, index: usize) -> usize {
    line_at(text, &[table.into(), index.into()])
}

/// The line, from 1, on which what this path leads to starts.
pub(super) fn line_at(text: &str, path: &[Step]) -> usize {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = span_of(text, path).start;
    text.get(..start).unwrap_or(text).matches('\n').count() + 1
}

fn span_of(text: &str, path: &[Step]) -> Range<usize> {
    DeTable::parse(text)
        .ok()
        .map(|table| {
            let span = table.span();
            locate(&DeValue::Table(table.into_inner()), span, path)
        })
        .unwrap_or_default()
}

/// The innermost value on the way that exists.
fn locate(value: &DeValue, span: Range<usize>, path: &[Step]) -> Range<usize> {
    let Some((step, rest)) = path.split_first() else {
        return span;
    };
    let found = match (value, step) {
        (DeValue::Table(table), Step::Key(key)) => table
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == *key)
            .map(|(_, value)| value),
        (DeValue::Array(array), Step::Index(index)) => array.get(*index),
        _ => None,
    };
    match found {
        Some(inner) => locate(inner.get_ref(), inner.span(), rest),
        None => span,
    }
}

fn at_span(
    origin: &str,
    text: &str,
    span: Range<usize>,
    reason: String,
    nearest: Option<String>,
) -> PresetError {
    let before = text.get(..span.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    PresetError::Invalid {
        origin: origin.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        reason,
        nearest,
    }
}

/// Serde names what it got and what it would have taken, in backquotes: "unknown field `a`, expected `b` or `c`".
fn meant_by(reason: &str) -> Option<String> {
    if !reason.starts_with("unknown field") && !reason.starts_with("unknown variant") {
        return None;
    }
    let mut quoted = reason.split('`').skip(1).step_by(2);
    nearest(quoted.next()?, quoted)
}

/// The one of `known` that `given` was probably meant to be: at most a third of its letters are wrong.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let given = given.to_lowercase();
    let (distance, best) = known
        .into_iter()
        .map(|name| (edit_distance(&given, name), name))
        .min_by_key(|(distance, _)| *distance)?;
    let allowed = (best.chars().count() / 3).max(1);
    (distance <= allowed).then(|| best.to_owned())
}

/// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut cost = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            cost[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = cost[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let best = replaced.min(cost[i - 1][j] + 1).min(cost[i][j - 1] + 1);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if swapped {
                    best.min(cost[i - 2][j - 2] + 1)
                } else {
                    best
                }
            };
        }
    }
    cost[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_of_neighbours_is_one_slip() {
        assert_eq!(edit_distance("limit", "limit"), 0);
        assert_eq!(edit_distance("limti", "limit"), 1);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_what_is_close_is_proposed() {
        let known = ["level", "clause", "limit"];
        assert_eq!(nearest("limt", known).as_deref(), Some("limit"));
        assert_eq!(nearest("LIMIT", known).as_deref(), Some("limit"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
