//! # 中文
//!
//! ## 检查什么
//!
//! 打开 Word 简介，看里面写的单位和作品名称（“单位：”“作品名称：”、表格里的同名栏目、开头几段的《》）和视频的文件名是不是
//! 一回事；有没有内容。简介里没有写单位和名称的，不比较。文件名对不上、但里面写明了作品名称的简介，我们自己配给那个视频，
//! 并在这里说明，不用处理。
//!
//! ## 为什么
//!
//! 网站上的介绍从简介里来；放错了简介，就会把别人的作品介绍到这个视频名下。
//!
//! ## 选项
//!
//! `min_characters`：至少多少个字（默认 20），少于这个数就提醒。
//!
//! # English
//!
//! ## What it checks
//!
//! Opens the introduction and compares the unit and the title that it names (`单位：`, `作品名称：`, table fields of these names,
//! 《》 in its first lines) with the video's name; and whether it says anything. One that names neither is not compared. An
//! introduction whose file name does not fit, but which names the title, is given to that video by us; that is told here
//! and needs nobody's action.
//!
//! ## Why
//!
//! The website takes its description from the introduction; with the wrong one, one work is described under another's name.
//!
//! ## Option
//!
//! `min_characters`: the least number of characters (default 20); below it is told.

use super::{Case, Finding, Said};
use crate::intake::Introduction;
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "introduction-content";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.introduction_content.as_ref()?;
    let read = case.submission.papers.introduction.as_ref()?;
    let said = another(case, read)
        .or_else(|| too_short(case, read, rule.min_characters))
        .map(|said| said.by(NAME, rule.level, rule.clause.as_ref()));
    said.or_else(|| {
        let finding = by_content(case, read)?;
        Some(repaired(finding.by(
            NAME,
            super::Level::Advice,
            rule.clause.as_ref(),
        )))
    })
}

/// The document names a title or a unit, and the video's name says another that it never mentions.
fn another(case: &Case, read: &Introduction) -> Option<Said> {
    let name = &case.submission.name;
    let title = name.title.as_deref().filter(|title| !read.speaks_of(title));
    let unit = name.unit.as_deref().filter(|unit| !read.speaks_of(unit));
    let other_title = title.is_some() && !read.titles.is_empty();
    let other_unit = unit.is_some()
        && read.unit.as_ref().is_some_and(|named| {
            let ours = name.unit.as_deref().unwrap_or_default();
            !ours.contains(named.as_str())
        });
    if !other_title && !other_unit {
        return None;
    }
    let titles = marked(read, 3);
    let theirs = format!("{}{titles}", read.unit.as_deref().unwrap_or_default());
    let ours = format!(
        "{}《{}》",
        name.unit.as_deref().unwrap_or_default(),
        name.title.as_deref().unwrap_or_default()
    );
    let source = file_name(case);
    Some(Said {
        message: Text::new(
            format!("简介“{source}”里写的是{theirs}，视频的文件名写的是{ours}：是不是放错了简介？"),
            format!(
                "The introduction \"{source}\" speaks of {theirs}, the video's name says {ours}: is it the right document?"
            ),
        ),
        remedy: Text::new(
            "请打开简介核对：放错了就换成这个视频的简介；简介里写错了就改正；文件名写错了就改文件名。改好后重新发送。",
            "Please open the introduction: if it is another video's, replace it; if it is wrong, correct it; if the file's name is wrong, rename it; then send it again.",
        ),
        measured: Text::same(theirs),
        allowed: Text::same(ours),
    })
}

fn too_short(case: &Case, read: &Introduction, least: usize) -> Option<Said> {
    if read.characters >= least {
        return None;
    }
    let (count, source) = (read.characters, file_name(case));
    Some(Said {
        measured: Text::new(format!("{count} 个字"), format!("{count} characters")),
        allowed: Text::new(
            format!("至少 {least} 个字"),
            format!("at least {least} characters"),
        ),
        message: Text::new(
            format!("简介“{source}”里几乎没有文字（{count} 个字）。"),
            format!(
                "There is hardly any text in the introduction \"{source}\" ({count} characters)."
            ),
        ),
        remedy: Text::new(
            "请把作品简介用文字写进 Word 文档（图片里的文字读不出来），再重新发送。",
            "Please write the introduction into the Word document as text (text in a picture can not be read) and send it again.",
        ),
    })
}

fn by_content(case: &Case, read: &Introduction) -> Option<Said> {
    if !read.by_content {
        return None;
    }
    let source = file_name(case);
    let titles = marked(read, 1);
    Some(Said {
        measured: Text::same(source),
        allowed: Text::new("和视频同名", "the video's name"),
        message: Text::new(
            format!("简介“{source}”的文件名和视频不同，因为里面写的是{titles}，已配给这个视频。"),
            format!(
                "The introduction \"{source}\" has another name than the video; as it names {titles}, it was taken for this video's."
            ),
        ),
        remedy: Text::new(
            "不用重新发送。如果配错了，请把简介改成和视频一样的名字。",
            "Nothing has to be sent again. If it is not this video's, give the introduction its video's name.",
        ),
    })
}

/// The first titles that it names, in their marks.
fn marked(read: &Introduction, most: usize) -> String {
    let titles = read.titles.iter().take(most);
    let marked: Vec<_> = titles.map(|title| format!("《{title}》")).collect();
    marked.concat()
}

fn repaired(mut finding: Finding) -> Finding {
    finding.repaired = Some(finding.measured.zh.clone());
    finding
}

fn file_name<'a>(case: &Case<'a>) -> &'a str {
    let introduction = case.submission.introduction.as_ref();
    let source = introduction
        .map(|file| file.source.as_str())
        .unwrap_or_default();
    source.rsplit('/').next().unwrap_or(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::document::{Document, DocumentFormat};

    fn found(paragraphs: &[&str], by_content: bool) -> String {
        let (mut submission, media) = (sample::submission(), sample::media());
        let document = Document {
            format: DocumentFormat::Docx,
            paragraphs: paragraphs.iter().map(|&text| text.to_owned()).collect(),
            tables: vec![],
            pictures: 0,
        };
        let mut read = Introduction::of(&document);
        read.by_content = by_content;
        submission.papers.introduction = Some(read);
        sample::shown(find(
            &sample::case(&submission, &media),
            &sample::rules().rules,
        ))
    }

    #[test]
    fn a_document_about_another_video_is_told_with_both_names() {
        insta::assert_snapshot!(found(&["报送单位：西华大学", "《雨巷》写的是江南的雨和油纸伞，也写一个姑娘。"], false), @r#"
        introduction-content Advice None
        西华大学《雨巷》
        西南民族大学《爱我中华》
        简介“西南民族大学《爱我中华》.docx”里写的是西华大学《雨巷》，视频的文件名写的是西南民族大学《爱我中华》：是不是放错了简介？
        The introduction "西南民族大学《爱我中华》.docx" speaks of 西华大学《雨巷》, the video's name says 西南民族大学《爱我中华》: is it the right document?
        请打开简介核对：放错了就换成这个视频的简介；简介里写错了就改正；文件名写错了就改文件名。改好后重新发送。
        Please open the introduction: if it is another video's, replace it; if it is wrong, correct it; if the file's name is wrong, rename it; then send it again.
        "#);
    }

    #[test]
    fn one_that_names_nothing_or_the_same_in_other_marks_is_fine() {
        for paragraphs in [
            &["我们用歌声唱出五十六个民族的团结，唱出对祖国的热爱。"][..],
            &[
                "单位：西南民族大学音乐学院",
                "作品名称：“爱我中华”",
                "改编自《民歌集》，由学生合唱团演唱。",
            ],
            &[
                "西南民族大学",
                "《爱我 中华》",
                "根据《民歌集》改编，由学生合唱团演唱。",
            ],
            // The unit's short form, inside the name that the file has.
            &["单位：民族大学", "《爱我中华》由学生合唱团演唱，获得好评。"],
        ] {
            assert_eq!(found(paragraphs, false), "nothing found", "{paragraphs:?}");
        }
    }

    #[test]
    fn one_with_hardly_any_text_is_told_how_much() {
        insta::assert_snapshot!(found(&["爱我中华"], false), @r#"
        introduction-content Advice None
        4 个字
        4 characters
        至少 20 个字
        at least 20 characters
        简介“西南民族大学《爱我中华》.docx”里几乎没有文字（4 个字）。
        There is hardly any text in the introduction "西南民族大学《爱我中华》.docx" (4 characters).
        请把作品简介用文字写进 Word 文档（图片里的文字读不出来），再重新发送。
        Please write the introduction into the Word document as text (text in a picture can not be read) and send it again.
        "#);
    }

    #[test]
    fn one_found_by_what_it_says_needs_nobodys_action() {
        let text = found(
            &["《爱我中华》由西南民族大学的学生合唱团演唱，获得好评。"],
            true,
        );
        assert!(
            text.contains("已配给这个视频") && text.contains("repaired:"),
            "{text}"
        );
    }
}
