//! A verification in words. In: a [`Verification`]. Out: text for a terminal, or JSON. Pure.

use std::fmt::Write as _;

use super::Verification;
use super::compare::{Problem, ProblemKind};
use crate::report::terminal::printable;
use crate::text::{Lang, Text, count};
use crate::units::Bytes;

/// Value of `schema`.
pub const SCHEMA: &str = "zhanbo.verify/1";

/// For a terminal: every problem with what to do, then the sum.
pub fn to_text(done: &Verification, lang: Lang) -> String {
    let mut text = String::new();
    for problem in &done.problems {
        text.push_str(&paragraph(problem, lang));
    }
    let _ = writeln!(text, "{}", sum(done).in_lang(lang));
    text
}

fn paragraph(problem: &Problem, lang: Lang) -> String {
    let line = |text: &Text| printable(text.in_lang(lang));
    format!(
        "{}  {}\n  {}{}\n  {}{}\n  → {}\n",
        word(problem.kind).in_lang(lang),
        printable(&problem.path),
        lang.pick("应当是：", "expected: "),
        line(&problem.expected),
        lang.pick("现在是：", "found:    "),
        line(&problem.found),
        line(&problem.remedy),
    )
}

fn word(kind: ProblemKind) -> Text {
    match kind {
        ProblemKind::Missing => Text::new("缺少    ", "MISSING "),
        ProblemKind::NoFile => Text::new("不是文件", "NO FILE "),
        ProblemKind::Unreadable => Text::new("读不出  ", "UNREAD  "),
        ProblemKind::Size => Text::new("大小不对", "SIZE    "),
        ProblemKind::Content => Text::new("内容不对", "CHANGED "),
        ProblemKind::Extra => Text::new("多出    ", "EXTRA   "),
        ProblemKind::Unrecorded => Text::new("没有记录", "UNKNOWN "),
        ProblemKind::Manifest => Text::new("清单有误", "LIST    "),
    }
}

fn sum(done: &Verification) -> Text {
    let Verification {
        files,
        good,
        bytes,
        problems,
    } = done;
    let (bytes, wrong) = (Bytes(*bytes), problems.len());
    if problems.is_empty() {
        Text::new(
            format!("全部正确：{files} 个文件，逐字节读过 {bytes}。"),
            format!("all right: {}, all of {bytes} read.", count(files, "file")),
        )
    } else {
        Text::new(
            format!("有 {wrong} 处问题；清单中的 {files} 个文件有 {good} 个正确，读过 {bytes}。"),
            format!(
                "problems: {wrong}; right: {good} of {} on the list; {bytes} read.",
                count(files, "file")
            ),
        )
    }
}

/// For programs.
pub fn to_json(done: &Verification) -> serde_json::Value {
    serde_json::json!({
        "schema": SCHEMA,
        "files": done.files,
        "good": done.good,
        "bytes": done.bytes,
        "problems": done.problems,
    })
}
