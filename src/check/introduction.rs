//! # 中文
//!
//! ## 检查什么
//!
//! 视频旁边有没有它的 Word 简介（`.docx` 或 `.doc`），名字和视频对得上（名字对不上、但里面写明了作品名称的也算），而且打得开。
//! 有同名的 PDF、TXT 等文件，或者文档加了密码、已损坏的，会说明是哪个文件、为什么不算。打不开的视频也检查。
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
//! Whether the video's introduction in Word (`.docx` or `.doc`) lies beside it, under a matching name (or naming the video's
//! title inside), and opens. A PDF or text file in its place, or a document that is protected or damaged, is named with the
//! reason. Videos that can not be read are judged too.
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
use crate::intake::Refused;
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "introduction";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.introduction.as_ref()?;
    if case.submission.introduction.is_some() {
        return None;
    }
    let wanted = document_name(case, "");
    if let Some(refused) = &case.submission.papers.refused {
        return Some(unusable(refused, &wanted).by(NAME, rule.level, rule.clause.as_ref()));
    }
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

/// There is a file, but it is none that can be taken.
fn unusable(refused: &Refused, wanted: &str) -> Said {
    let source = &refused.source;
    let file = source.rsplit('/').next().unwrap_or(source);
    let (why, remedy) = (&refused.why, &refused.remedy);
    Said {
        measured: Text::new(format!("{file}：{}", why.zh), format!("{file}: {}", why.en)),
        allowed: Text::new(
            "能打开的 Word 文档（.docx 或 .doc）",
            "a Word document (.docx or .doc) that opens",
        ),
        message: Text::new(
            format!("这个视频的简介“{file}”不能采用：{}。", why.zh),
            format!(
                "The introduction \"{file}\" of this video can not be used: {}.",
                why.en
            ),
        ),
        remedy: Text::new(
            format!("{}。文件名请用“{wanted}”。", remedy.zh),
            format!(
                "Please do this: {}. Its name should be \"{wanted}\".",
                remedy.en
            ),
        ),
    }
}

/// What a document to this video is called, with a word behind that says which.
pub(super) fn document_name(case: &Case, which: &str) -> String {
    let submission = case.submission;
    let name = submission
        .name
        .proposal
        .as_ref()
        .unwrap_or(&submission.original_name);
    let stem = match (ending(name), name.rsplit_once('.')) {
        (Some(_), Some((stem, _))) => stem,
        _ => name,
    };
    format!("{stem}{which}.docx")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

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
        submission.name.proposal = Some("甲《乙》.mp4".to_owned());
        assert_eq!(
            document_name(&sample::case(&submission, &media), ""),
            "甲《乙》.docx"
        );
        submission.name.proposal = Some("甲《乙》".to_owned());
        assert_eq!(
            document_name(&sample::case(&submission, &media), ""),
            "甲《乙》.docx"
        );
    }

    #[test]
    fn a_file_in_its_place_that_can_not_be_used_is_named_with_the_reason() {
        let (mut submission, media, rules) =
            (sample::submission(), sample::media(), sample::rules().rules);
        submission.introduction = None;
        let fault = crate::document::DocumentFault::PasswordProtected;
        submission.papers.refused = Some(Refused {
            source: "成都第一片区/简介.docx".to_owned(),
            why: fault.text(),
            remedy: fault.remedy(),
        });
        insta::assert_snapshot!(sample::shown(find(&sample::case(&submission, &media), &rules)), @r#"
        introduction Requirement Some("视频简介（Word文档）")
        简介.docx：文件加了密码，打不开
        简介.docx: it is protected by a password
        能打开的 Word 文档（.docx 或 .doc）
        a Word document (.docx or .doc) that opens
        这个视频的简介“简介.docx”不能采用：文件加了密码，打不开。
        The introduction "简介.docx" of this video can not be used: it is protected by a password.
        请在 Word 或 WPS 里打开，“文件 → 信息 → 保护文档 → 用密码进行加密”，把密码清空后保存，重新发送。文件名请用“西南民族大学《爱我中华》.docx”。
        Please do this: open it in Word or WPS, choose File → Info → Protect → Encrypt with Password, clear the password, save, and send it again. Its name should be "西南民族大学《爱我中华》.docx".
        "#);
    }
}
