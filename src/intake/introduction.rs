//! What an introduction says of its video. In: a [`Document`]. Out: an [`Introduction`]: its text for readers, and which
//! unit and titles it names. Never judges whether that is right: `check` compares.

use super::name::{match_key, tidy};
use crate::document::Document;

/// Paragraphs from the top in which a title in 《》 is taken for the video's.
const HEAD: usize = 8;
/// Titles that are kept; a document with more is no introduction to one video.
const MAX_TITLES: usize = 20;
/// Longest text that is taken for a unit or a title, in characters.
const MAX_NAME: usize = 60;
/// Paragraphs of text that go into the report.
const MAX_TEXT: usize = 200;

/// An introduction as read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Introduction {
    /// What it says, for readers; the form around it left out.
    pub text: Vec<String>,
    /// The unit as it is named: `单位：西南民族大学`.
    pub unit: Option<String>,
    /// The titles that it names: `作品名称：爱我中华`, 《爱我中华》 in its first lines.
    pub titles: Vec<String>,
    /// Characters in it, blanks left out.
    pub characters: usize,
    /// Pictures that are pasted into it.
    pub pictures: usize,
    /// Every letter of it in one row, for looking whether it speaks of something at all.
    key: String,
    /// It was found by what it says: its file's name does not pair.
    pub by_content: bool,
}

impl Introduction {
    /// What a document says.
    pub fn of(document: &Document) -> Self {
        let form = Form::of(document);
        let labelled = form.title.iter().map(|title| unmarked(title));
        let in_head = document
            .paragraphs
            .iter()
            .take(HEAD)
            .flat_map(|line| titles_in(line));
        let mut titles: Vec<String> = Vec::new();
        for title in labelled.chain(in_head) {
            if !titles.contains(&title) && titles.len() < MAX_TITLES {
                titles.push(title);
            }
        }
        let cells = document.rows().flatten();
        let all: String = document
            .paragraphs
            .iter()
            .chain(cells)
            .map(String::as_str)
            .collect();
        Introduction {
            text: text_of(document, form.body),
            unit: form.unit,
            titles,
            characters: document.characters(),
            pictures: document.pictures,
            key: match_key(&all),
            by_content: false,
        }
    }

    /// Whether this unit or title stands anywhere in it.
    pub fn speaks_of(&self, name: &str) -> bool {
        let key = match_key(name);
        key.is_empty() || self.key.contains(&key)
    }

    /// Whether it names this title as its video's.
    pub(super) fn is_about(&self, unit: Option<&str>, title: &str) -> bool {
        let wanted = match_key(title);
        let named = self.titles.iter().any(|named| match_key(named) == wanted);
        let unit_fits = match (unit, &self.unit) {
            (Some(unit), Some(_)) => self.speaks_of(unit),
            _ => true,
        };
        !wanted.is_empty() && named && unit_fits
    }
}

/// The fields of a form, wherever it has them: `单位：…` in a line, or a label's cell with its value beside it.
#[derive(Default)]
struct Form {
    unit: Option<String>,
    title: Option<String>,
    body: Option<String>,
}

/// What a label stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Unit,
    Title,
    Body,
}

impl Form {
    fn of(document: &Document) -> Self {
        let mut form = Form::default();
        for row in document.rows() {
            let mut cells = row.iter().filter(|cell| !cell.is_empty()).peekable();
            while let Some(label) = cells.next() {
                if let (Some(field), Some(value)) = (field_of(label), cells.peek())
                    && field_of(value).is_none()
                {
                    form.take(field, value);
                }
            }
        }
        let lines = document.paragraphs.iter().chain(document.rows().flatten());
        for line in lines {
            if let Some((label, value)) = line.split_once(['：', ':'])
                && let Some(field) = field_of(label)
            {
                form.take(field, value);
            }
        }
        form
    }

    fn take(&mut self, field: Field, value: &str) {
        let short = || Some(tidy(value)).filter(|text| text.chars().count() <= MAX_NAME);
        let (place, value) = match field {
            Field::Unit => (&mut self.unit, short()),
            Field::Title => (&mut self.title, short()),
            Field::Body => (&mut self.body, Some(value.to_owned())),
        };
        if place.is_none() {
            *place = value.filter(|text| !text.trim().is_empty());
        }
    }
}

fn field_of(label: &str) -> Option<Field> {
    const UNITS: [&str; 10] = [
        "单位",
        "单位名称",
        "学校",
        "学校名称",
        "院校",
        "报送单位",
        "选送单位",
        "推荐单位",
        "所在单位",
        "参赛单位",
    ];
    const TITLES: [&str; 11] = [
        "视频名称",
        "作品名称",
        "作品题目",
        "视频题目",
        "视频标题",
        "作品标题",
        "标题",
        "题目",
        "片名",
        "节目名称",
        "名称",
    ];
    const BODIES: [&str; 9] = [
        "简介",
        "视频简介",
        "作品简介",
        "内容简介",
        "视频介绍",
        "作品介绍",
        "内容介绍",
        "视频内容简介",
        "作品内容简介",
    ];
    let key = tidy(label.split(['（', '(']).next().unwrap_or_default());
    let key: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
    let is = |words: &[&str]| words.contains(&key.as_str());
    match () {
        () if is(&UNITS) => Some(Field::Unit),
        () if is(&TITLES) => Some(Field::Title),
        () if is(&BODIES) => Some(Field::Body),
        () => None,
    }
}

/// The text for readers: the form's own field, else all paragraphs, else all cells.
fn text_of(document: &Document, body: Option<String>) -> Vec<String> {
    let lines: Vec<String> = match body {
        Some(body) => body.lines().map(tidy).collect(),
        None if document.paragraphs.is_empty() => {
            document.rows().map(|row| row.join(" ")).collect()
        }
        None => document.paragraphs.clone(),
    };
    lines
        .into_iter()
        .filter(|line| !line.is_empty())
        .take(MAX_TEXT)
        .collect()
}

/// What stands in 《》 in a line.
pub(super) fn titles_in(line: &str) -> impl Iterator<Item = String> {
    line.split('《').skip(1).filter_map(|rest| {
        let (title, _) = rest.split_once('》')?;
        let title = tidy(title);
        (!title.is_empty() && title.chars().count() <= MAX_NAME).then_some(title)
    })
}

/// A title without the marks around it.
fn unmarked(title: &str) -> String {
    titles_in(title)
        .next()
        .unwrap_or_else(|| title.trim_matches(['“', '”', '"']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DocumentFormat, Table};

    fn document(paragraphs: &[&str], rows: &[&[&str]]) -> Document {
        let owned = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        Document {
            format: DocumentFormat::Docx,
            paragraphs: paragraphs.iter().map(|&text| text.to_owned()).collect(),
            tables: vec![Table {
                name: None,
                rows: rows.iter().map(owned).collect(),
            }],
            pictures: 0,
        }
    }

    fn shown(paragraphs: &[&str], rows: &[&[&str]]) -> String {
        let read = Introduction::of(&document(paragraphs, rows));
        format!(
            "{} / {} / {}",
            read.unit.as_deref().unwrap_or("-"),
            read.titles.join(" "),
            read.text.join("¶")
        )
    }

    #[test]
    fn unit_and_title_are_found_in_lines_and_in_forms() {
        assert_eq!(
            shown(
                &[
                    "单位：西南民族大学",
                    "作品名称：《爱我中华》",
                    "改编自《诗经》。"
                ],
                &[]
            ),
            "西南民族大学 / 爱我中华 诗经 / 单位：西南民族大学¶作品名称：《爱我中华》¶改编自《诗经》。"
        );
        assert_eq!(
            shown(
                &["视频简介表"],
                &[
                    &["报送单位", "西华大学", "视频名称", "雨"],
                    &["内容简介（200字以内）", "写雨。\n也写雪。"]
                ]
            ),
            "西华大学 / 雨 / 写雨。¶也写雪。"
        );
        assert_eq!(
            shown(&["《雨》", "四川大学的同学写雨。"], &[]),
            "- / 雨 / 《雨》¶四川大学的同学写雨。"
        );
        assert_eq!(
            shown(&[], &[&["单位", "视频名称"], &["西华大学", "雨"]]),
            "- /  / 单位 视频名称¶西华大学 雨"
        );
    }

    #[test]
    fn a_document_is_about_a_title_that_it_names_and_not_about_another_units() {
        let read = Introduction::of(&document(&["单位：西华大学", "《雨 巷》"], &[]));
        assert!(read.is_about(Some("西华大学"), "雨巷"));
        assert!(read.is_about(None, "雨巷"));
        assert!(!read.is_about(Some("四川大学"), "雨巷"));
        assert!(!read.is_about(Some("西华大学"), "雨"));
        assert!(read.speaks_of("西华") && !read.speaks_of("四川"));
    }
}
