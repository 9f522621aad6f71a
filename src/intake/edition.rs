//! Which of two deliveries of the same work is the later one, as far as names tell. In: a video's path inside the inbox.
//! Out: an [`Edition`] that can be compared. Never looks at a file.

use super::clutter::{draft_number, strip_end, version_start};
use super::date::{NameDate, latest_in};
use super::name::{split_extension, tidy};

/// Words that a corrected version is marked with, and those of the last one.
const REVISED: &[&str] = &[
    "修改", "修订", "更新", "新版", "改后", "补交", "补报", "补充", "重交", "重传", "revised",
];
const FINAL: &[&str] = &["最终", "终极", "终稿", "终版", "定稿", "final"];
/// Words of a folder or archive that was sent after the others.
const SENT_LATER: &[&str] = &[
    "补交",
    "补报",
    "补充",
    "补送",
    "重交",
    "重传",
    "更新",
    "修改",
    "新版",
    "第二次",
    "第2次",
    "第二批",
    "第2批",
    "第三次",
    "第3次",
    "第三批",
    "第3批",
];

/// What names say about how late a delivery is; greater is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    /// Marks in the file's name.
    pub mark: Mark,
    /// Marks of the folders and archives around it.
    pub place: Placed,
}

/// Marks in a file's name, in the order in which they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// `v2`, `第二稿`: 2; a name without a number is the first.
    pub number: u16,
    /// 修改版 before 最终版, both after a name without such a word.
    pub word: Word,
    /// A date with its year.
    pub date: Option<NameDate>,
}

/// A word that tells a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// No such word.
    None,
    /// 修改版, 补交.
    Revised,
    /// 最终版, 定稿.
    Final,
}

/// Marks of folders and archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// 补交, 第二批.
    pub sent_later: bool,
    /// A date with its year.
    pub date: Option<NameDate>,
}

impl Edition {
    /// What a path inside the inbox says.
    pub fn of(source: &str) -> Self {
        let (folders, file) = source.rsplit_once('/').unwrap_or(("", source));
        let folders = tidy(folders);
        Edition {
            mark: Mark::of(file),
            place: Placed {
                sent_later: SENT_LATER.iter().any(|word| folders.contains(word)),
                date: latest_in(&folders),
            },
        }
    }
}

impl Mark {
    fn of(file_name: &str) -> Self {
        let tidy = tidy(split_extension(file_name).0);
        // What stands inside the title is the title's: 《最终的选择》 is no final version.
        let marks = &tidy[strip_end(&tidy).len()..];
        let marks = [marks, inside_title_end(&tidy)].concat().to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| marks.contains(word));
        Mark {
            number: number_in(&marks).unwrap_or(1),
            word: match (has(FINAL), has(REVISED)) {
                (true, _) => Word::Final,
                (false, true) => Word::Revised,
                (false, false) => Word::None,
            },
            date: latest_in(&marks),
        }
    }
}

/// The marks at the end of a title that stands in marks of its own: `《雨（最终版）》`.
fn inside_title_end(stem: &str) -> &str {
    let Some(title) = strip_end(stem).strip_suffix('》') else {
        return "";
    };
    &title[super::clutter::strip_title_end(title).len()..]
}

/// The greatest number of a version or draft.
fn number_in(marks: &str) -> Option<u16> {
    let words = marks.split(|c: char| !(c.is_alphanumeric() || c == '.'));
    let version = |word: &str| {
        let at = word.rfind('v')?;
        let digits = word[at + 1..].split('.').next()?;
        version_start(&word[at..]).filter(|rest| rest.is_empty())?;
        digits.parse().ok()
    };
    words
        .filter_map(|word| {
            draft_number(word)
                .map(|(number, _)| number)
                .or_else(|| version(word))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(one: &str, other: &str) -> bool {
        Edition::of(one) > Edition::of(other)
    }

    #[test]
    fn marks_in_the_name_tell_the_later_version() {
        for (one, other) in [
            ("甲《雨》v2.mp4", "甲《雨》.mp4"),
            ("甲《雨》v3.mp4", "甲《雨》V2.mp4"),
            ("甲《雨》第二稿.mp4", "甲《雨》.mp4"),
            ("甲《雨》（第3版）.mp4", "甲《雨》v2最终版.mp4"),
            ("甲《雨》修改版.mp4", "甲《雨》.mp4"),
            ("甲《雨》最终版.mp4", "甲《雨》修改版.mp4"),
            ("甲《雨（最终版）》.mp4", "甲《雨》.mp4"),
            ("甲《雨》_补交.mp4", "甲《雨》.mp4"),
            ("甲《雨》20210705.mp4", "甲《雨》20210701.mp4"),
            ("甲《雨》-2021.7.5.mp4", "甲《雨》.mp4"),
            ("甲《雨》_final.mp4", "甲《雨》.mp4"),
        ] {
            assert!(later(one, other) && !later(other, one), "{one} {other}");
        }
    }

    #[test]
    fn folders_count_where_names_say_nothing() {
        assert!(later("川北片区补交/甲《雨》.mp4", "川北片区/甲《雨》.mp4"));
        assert!(later(
            "川北片区/20210710/甲《雨》.mp4",
            "川北片区/20210705/甲《雨》.mp4"
        ));
        assert!(later(
            "川北片区/甲《雨》v2.mp4",
            "川北片区补交/甲《雨》.mp4"
        ));
        assert!(later("川北片区2021.7.10.zip/雨.mp4", "川北片区.zip/雨.mp4"));
    }

    #[test]
    fn a_copy_is_not_later_and_a_title_is_no_mark() {
        let plain = Edition::of("甲《雨》.mp4");
        for name in [
            "甲《雨》(1).mp4",
            "甲《雨》 - 副本.mp4",
            "甲+最终的选择.mp4",
            "甲《2021.7.1》.mp4",
        ] {
            assert_eq!(Edition::of(name), plain, "{name}");
        }
    }
}
