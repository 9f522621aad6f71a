//! What was found, for people and for programs. In: a [`Lint`]. Out: text grouped by file, or JSON
//! (`"schema": "zhanbo.lint/1"`). Never prints.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::clause::{Clause, Level};
use super::{Finding, Lint};
use crate::report::terminal::printable;
use crate::text::{Lang, Text, count};

/// Schema of [`to_json`].
const SCHEMA: &str = "zhanbo.lint/1";
/// Schema of [`list_json`].
const LIST_SCHEMA: &str = "zhanbo.lint-clauses/1";

/// Grouped by file, with a last line that counts.
pub fn to_text(lint: &Lint, lang: Lang) -> String {
    let mut text = String::new();
    let mut file = None;
    for finding in &lint.findings {
        if file != Some(&finding.file) {
            let gap = if file.is_some() { "\n" } else { "" };
            let _ = writeln!(text, "{gap}{}", printable(&finding.file));
            file = Some(&finding.file);
        }
        text.push_str(&one(finding, lang));
    }
    if file.is_some() {
        text.push('\n');
    }
    let counts = [Level::Error, Level::Warning, Level::Note].map(|level| lint.count(level));
    let [errors, warnings, notes] = counts;
    let files = lint.files;
    let clauses = Clause::ALL.len();
    let last = Text::new(
        format!(
            "检查了 {files} 个文件、{clauses} 项条款：{errors} 个错误，{warnings} 个警告，{notes} 个提示"
        ),
        format!(
            "{} checked against {clauses} clauses: {}, {}, {}",
            count(files, "file"),
            count(errors, "error"),
            count(warnings, "warning"),
            count(notes, "note"),
        ),
    );
    let _ = writeln!(text, "{}", last.in_lang(lang));
    text
}

fn one(finding: &Finding, lang: Lang) -> String {
    let about = finding.clause.about();
    let level = about.level.text();
    let line = match finding.line {
        Some(line) => Text::new(format!("第 {line} 行  "), format!("line {line}  ")),
        None => Text::default(),
    };
    let more = match finding.more {
        0 => Text::default(),
        more => Text::new(format!("（还有 {more} 处）"), format!(" (and {more} more)")),
    };
    let found = printable(finding.found.in_lang(lang));
    let (asks, remedy) = (about.asks(), about.remedy());
    format!(
        "  {}{}  {} {}\n      {}{}\n      {}{}\n      {}{}\n",
        line.in_lang(lang),
        level.in_lang(lang),
        about.clause,
        finding.clause.name(),
        lang.pick("发现：", "found: "),
        found + more.in_lang(lang),
        lang.pick("要求：", "asked: "),
        asks.in_lang(lang),
        lang.pick("修正：", "mend:  "),
        remedy.in_lang(lang),
    )
}

/// Everything in one document, in both languages.
pub fn to_json(lint: &Lint) -> Value {
    let findings: Vec<Value> = lint.findings.iter().map(finding_json).collect();
    json!({
        "schema": SCHEMA,
        "path": lint.path.to_string_lossy(),
        "files": lint.files,
        "errors": lint.count(Level::Error),
        "warnings": lint.count(Level::Warning),
        "notes": lint.count(Level::Note),
        "findings": findings,
    })
}

fn finding_json(finding: &Finding) -> Value {
    let about = finding.clause.about();
    json!({
        "clause": about.clause,
        "name": finding.clause.name(),
        "level": about.level,
        "file": finding.file,
        "line": finding.line,
        "asks": about.asks(),
        "found": finding.found,
        "remedy": about.remedy(),
        "more": finding.more,
    })
}

/// All clauses, one a line.
pub fn list(lang: Lang) -> String {
    let mut text = String::new();
    for clause in Clause::ALL {
        let about = clause.about();
        let _ = writeln!(
            text,
            "{:<20} {:<8} {:<29} {}",
            about.clause,
            about.level.text().in_lang(lang),
            clause.name(),
            about.asks().in_lang(lang)
        );
    }
    text
}

/// All clauses for programs.
pub fn list_json() -> Value {
    let clauses: Vec<Value> = Clause::ALL
        .iter()
        .map(|clause| {
            let about = clause.about();
            json!({
                "clause": about.clause,
                "name": clause.name(),
                "level": about.level,
                "asks": about.asks(),
                "remedy": about.remedy(),
            })
        })
        .collect();
    json!({ "schema": LIST_SCHEMA, "clauses": clauses })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Findings;

    fn lint() -> Lint {
        let mut findings = Findings::default();
        for line in 10..18 {
            findings.add(
                Clause::TargetDurationFits,
                "360p/index.m3u8",
                line,
                "a.m4s 长 9 秒，目标时长 6 秒",
                "a.m4s\u{1b}[2J has 9 s, the target is 6 s",
            );
        }
        findings.add(
            Clause::IFramesThere,
            "master.m3u8",
            None,
            "没有",
            "there is none",
        );
        Lint {
            path: "master.m3u8".into(),
            files: 7,
            findings: findings.sorted().into_iter().skip(4).collect(),
        }
    }

    #[test]
    fn text_is_grouped_by_file_and_says_how_to_mend() {
        insta::assert_snapshot!(to_text(&lint(), Lang::En).replace(&Clause::ALL.len().to_string(), "N"), @r"
        360p/index.m3u8
          line 14  error  RFC8216-4.3.3.1 target-duration-fits
              found: a.m4s has 9 s, the target is 6 s (and 3 more)
              asked: no EXTINF, rounded, is above EXT-X-TARGETDURATION
              mend:  raise EXT-X-TARGETDURATION or cut shorter segments

        master.m3u8
          warning  Apple-6.1 i-frames-there
              found: there is none
              asked: there are I-frame playlists, for pictures while seeking
              mend:  add EXT-X-I-FRAME-STREAM-INF and I-frame playlists

        7 files checked against N clauses: 4 errors, 1 warning, 0 notes
        ");
        assert!(to_text(&lint(), Lang::Zh).contains("第 14 行  错误  RFC8216-4.3.3.1"));
    }

    #[test]
    fn json_has_its_schema_and_the_same_counts() {
        let json = to_json(&lint());
        assert_eq!(json["schema"], "zhanbo.lint/1");
        assert_eq!((&json["errors"], &json["warnings"]), (&4.into(), &1.into()));
        assert_eq!(json["findings"][0]["level"], "error");
        let clauses = list_json()["clauses"].as_array().map(Vec::len);
        assert_eq!(clauses, Some(Clause::ALL.len()));
    }
}
