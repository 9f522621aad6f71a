//! # 中文
//!
//! ## 检查什么
//!
//! 视频旁边有没有它的 Word 简介（`.docx` 或 `.doc`），名字和视频对得上。打不开的视频也检查。
//!
//! ## 为什么
//!
//! 通知要求附视频简介；网站上的介绍和报幕词都从这里来。
//!
//! ## 选项
//!
//! 没有。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the video's introduction in Word (`.docx` or `.doc`) lies beside it, under a matching name. Videos that can
//! not be read are judged too.
//!
//! ## Why
//!
//! The notice asks for it; the website's description and the announcer's words come from it.
//!
//! ## Option
//!
//! None.

use super::container::ending;
use super::{Case, Finding, Said};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "introduction";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.introduction.as_ref()?;
    if case.submission.introduction.is_some() {
        return None;
    }
    let wanted = document_name(case);
    let said = Said {
        measured: Text::new("没有", "none"),
        allowed: Text::new(
            "Word 文档（.docx 或 .doc）",
            "a Word document (.docx or .doc)",
        ),
        message: Text::new(
            "没有找到这个视频的 Word 简介。",
            "There is no introduction in Word to this video.",
        ),
        remedy: Text::new(
            format!("请补交一份 Word 简介，取和视频一样的名字（“{wanted}”），和视频放在一起发送。"),
            format!(
                "Please send an introduction in Word under the video's name (\"{wanted}\"), together with the video."
            ),
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn document_name(case: &Case) -> String {
    let submission = case.submission;
    let name = submission
        .name
        .proposal
        .as_ref()
        .map_or(&submission.original_name, |proposal| &proposal.name);
    let stem = match (ending(name), name.rsplit_once('.')) {
        (Some(_), Some((stem, _))) => stem,
        _ => name,
    };
    format!("{stem}.docx")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::intake::name::Grammar;

    #[test]
    fn a_video_without_an_introduction_is_told_what_to_call_it() {
        let (mut submission, media, rules) =
            (sample::submission(), sample::media(), sample::rules().rules);
        assert_eq!(find(&sample::case(&submission, &media), &rules), None);
        submission.introduction = None;
        insta::assert_snapshot!(sample::shown(find(&sample::case(&submission, &media), &rules)), @r#"
        introduction Requirement Some("视频简介（Word文档）")
        没有
        none
        Word 文档（.docx 或 .doc）
        a Word document (.docx or .doc)
        没有找到这个视频的 Word 简介。
        There is no introduction in Word to this video.
        请补交一份 Word 简介，取和视频一样的名字（“西南民族大学《爱我中华》.docx”），和视频放在一起发送。
        Please send an introduction in Word under the video's name ("西南民族大学《爱我中华》.docx"), together with the video.
        "#);
        submission.name = Grammar::default().read("甲+乙.mp4");
        assert_eq!(
            document_name(&sample::case(&submission, &media)),
            "甲《乙》.docx"
        );
        submission.name = Grammar::default().read("甲+乙");
        assert_eq!(
            document_name(&sample::case(&submission, &media)),
            "甲《乙》.docx"
        );
    }
}
