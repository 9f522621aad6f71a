//! What should be there against what is. In: a claim of a manifest, and what was seen of its file. Out: a [`Problem`] that names
//! the file, what was expected, what was found and what to do; or nothing. Pure.

use serde::Serialize;

use crate::id::{ContentHash, SubmissionId};
use crate::text::Text;
use crate::units::Bytes;

/// What a manifest says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Size, where the manifest says one.
    pub bytes: Option<u64>,
    /// Content.
    pub blake3: ContentHash,
    /// Who says so.
    pub origin: Origin,
}

/// Who says what a file must contain; it decides what can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The record of what was made, in this very output folder.
    Ledger(SubmissionId),
    /// The list that was published with a film.
    Published(SubmissionId),
    /// The programme's manifest or its certified list.
    Programme,
    /// Another list beside the files.
    List,
}

/// What was seen of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing is there.
    Missing,
    /// A link, a folder or something else stands there.
    NoFile,
    /// It cannot be read; why, in the system's words.
    Unreadable(String),
    /// It has another size, so its content was not read.
    OtherSize(u64),
    /// It was read.
    Content {
        /// Its size.
        bytes: u64,
        /// Its content.
        blake3: ContentHash,
    },
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// It is not there.
    Missing,
    /// Something that is no file is there.
    NoFile,
    /// It cannot be read.
    Unreadable,
    /// It has another size.
    Size,
    /// It has the size and other bytes.
    Content,
    /// It is there and no manifest knows it.
    Extra,
    /// Nothing says what it must contain.
    Unrecorded,
    /// The manifest itself cannot be used.
    Manifest,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, inside what was verified.
    pub path: String,
    /// What is wrong.
    pub kind: ProblemKind,
    /// What was expected.
    pub expected: Text,
    /// What was found.
    pub found: Text,
    /// What to do.
    pub remedy: Text,
    /// Which submission must be made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission: Option<SubmissionId>,
}

/// What is wrong with a file, if anything.
pub fn compare(path: &str, claim: &Claim, seen: &Seen) -> Option<Problem> {
    let (kind, found) = match seen {
        Seen::Content { bytes, blake3 } => {
            if *blake3 == claim.blake3 {
                return None;
            }
            (
                ProblemKind::Content,
                Text::new(
                    format!("内容是另外的：{}，BLAKE3 {}", Bytes(*bytes), short(blake3)),
                    format!("other content: {}, BLAKE3 {}", Bytes(*bytes), short(blake3)),
                ),
            )
        }
        Seen::OtherSize(bytes) => (
            ProblemKind::Size,
            Text::new(format!("{bytes} 字节"), format!("{bytes} bytes")),
        ),
        Seen::Missing => (
            ProblemKind::Missing,
            Text::new("没有这个文件", "no such file"),
        ),
        Seen::NoFile => (
            ProblemKind::NoFile,
            Text::new(
                "是链接、文件夹或别的东西，不是普通文件",
                "a link, a folder or something else, no ordinary file",
            ),
        ),
        Seen::Unreadable(reason) => (
            ProblemKind::Unreadable,
            Text::new(
                format!("读不出来：{reason}"),
                format!("cannot be read: {reason}"),
            ),
        ),
    };
    Some(Problem {
        path: path.to_owned(),
        kind,
        expected: expected(claim),
        found,
        remedy: remedy(&claim.origin, kind),
        submission: submission(&claim.origin),
    })
}

fn expected(claim: &Claim) -> Text {
    let hash = short(&claim.blake3);
    match claim.bytes {
        Some(bytes) => Text::new(
            format!("{bytes} 字节，BLAKE3 {hash}"),
            format!("{bytes} bytes, BLAKE3 {hash}"),
        ),
        None => Text::same(format!("BLAKE3 {hash}")),
    }
}

/// Enough to tell two contents apart by eye.
fn short(hash: &ContentHash) -> String {
    format!("{}…", &hash.as_str()[..16])
}

fn submission(origin: &Origin) -> Option<SubmissionId> {
    match origin {
        Origin::Ledger(id) | Origin::Published(id) => Some(id.clone()),
        Origin::Programme | Origin::List => None,
    }
}

fn remedy(origin: &Origin, kind: ProblemKind) -> Text {
    if kind == ProblemKind::Unreadable {
        return Text::new(
            "检查文件权限，或者磁盘、U 盘是否损坏；换一个盘重新复制",
            "check the file's rights, and whether disk or stick is failing; copy it anew to another one",
        );
    }
    match origin {
        Origin::Ledger(_) => Text::new(
            "重新制作：zhanbo verify OUT --repair --inbox 收件夹",
            "make it again: zhanbo verify OUT --repair --inbox INBOX",
        ),
        Origin::Published(_) | Origin::List => Text::new(
            "从制作它的电脑重新复制这个文件夹；输出文件夹本身坏了，就再运行一次 zhanbo run",
            "copy this folder again from the computer where it was made; if this is the output folder itself, run `zhanbo run` again",
        ),
        Origin::Programme => Text::new(
            "从制作节目的电脑把整个 programme 文件夹重新复制过来，安全弹出 U 盘后再验证一次；再出错就换一个 U 盘。\
             在制作的电脑上：zhanbo verify OUT --repair --inbox 收件夹",
            "copy the whole folder `programme` again from the computer where it was made, eject the stick safely and verify once \
             more; if it fails again, use another stick. On that computer itself: zhanbo verify OUT --repair --inbox INBOX",
        ),
    }
}

/// A file that no manifest knows.
pub fn extra(path: &str, bytes: u64) -> Problem {
    Problem {
        path: path.to_owned(),
        kind: ProblemKind::Extra,
        expected: Text::new("清单里没有它", "it is not in the list"),
        found: Text::new(format!("{bytes} 字节"), format!("{bytes} bytes")),
        remedy: Text::new(
            "不是节目或网站的一部分：请移走，以免播放器按文件夹播放时也播它",
            "it is no part of programme or website: move it away, or a player that plays the whole folder would play it too",
        ),
        submission: None,
    }
}

/// Something that was made and of which nothing says what it must contain.
pub fn unrecorded(path: &str, id: Option<SubmissionId>) -> Problem {
    Problem {
        path: path.to_owned(),
        kind: ProblemKind::Unrecorded,
        expected: Text::new("有清单或记录", "a list or a record of it"),
        found: Text::new(
            "没有：无法知道内容对不对，不等于坏了",
            "none: nobody can tell whether it is right, which does not mean that it is damaged",
        ),
        remedy: Text::new(
            "再运行一次 zhanbo run：会重新制作并记下内容",
            "run `zhanbo run` again: it makes it anew and writes down what it contains",
        ),
        submission: id,
    }
}

/// A manifest that cannot be used.
pub fn manifest(path: &str, found: Text, remedy: Text) -> Problem {
    Problem {
        path: path.to_owned(),
        kind: ProblemKind::Manifest,
        expected: Text::new("完整的清单", "a whole list"),
        found,
        remedy,
        submission: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(bytes: Option<u64>) -> Claim {
        Claim {
            bytes,
            blake3: blake3::hash(b"film").into(),
            origin: Origin::Programme,
        }
    }

    #[test]
    fn the_same_bytes_are_right() {
        let seen = Seen::Content {
            bytes: 4,
            blake3: blake3::hash(b"film").into(),
        };
        assert_eq!(compare("a.mp4", &claim(Some(4)), &seen), None);
    }

    #[test]
    fn whatever_differs_is_told_with_what_was_expected_and_what_was_found() {
        let told = |seen| {
            let problem = compare("01.mp4", &claim(Some(4)), &seen).unwrap();
            format!(
                "{:?}: {} / {}",
                problem.kind, problem.expected.en, problem.found.en
            )
        };
        let all = [
            told(Seen::Missing),
            told(Seen::NoFile),
            told(Seen::OtherSize(3)),
            told(Seen::Unreadable("input/output error".into())),
            told(Seen::Content {
                bytes: 4,
                blake3: blake3::hash(b"fi1m").into(),
            }),
        ];
        insta::assert_snapshot!(all.join("\n"), @r"
        Missing: 4 bytes, BLAKE3 a1df755fdce88e6f… / no such file
        NoFile: 4 bytes, BLAKE3 a1df755fdce88e6f… / a link, a folder or something else, no ordinary file
        Size: 4 bytes, BLAKE3 a1df755fdce88e6f… / 3 bytes
        Unreadable: 4 bytes, BLAKE3 a1df755fdce88e6f… / cannot be read: input/output error
        Content: 4 bytes, BLAKE3 a1df755fdce88e6f… / other content: 4 B, BLAKE3 0b7ed6c02aa18aee…
        ");
    }
}
