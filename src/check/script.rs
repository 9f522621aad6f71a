//! # 中文
//!
//! ## 检查什么
//!
//! 视频旁边有没有讲稿：Word 文档，文件名里写明“讲稿”“文稿”“解说词”等，其余和视频同名，如“某某大学《某某》讲稿.docx”。
//!
//! ## 为什么
//!
//! 有的通知要求交讲稿；审看、配字幕都用得上。
//!
//! ## 选项
//!
//! 没有。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the video's script lies beside it: a Word document whose name says 讲稿, 文稿, 解说词 or script, and is the
//! video's otherwise.
//!
//! ## Why
//!
//! Some notices ask for it; reviewing and subtitling are easier with it.
//!
//! ## Option
//!
//! None.

use super::{Case, Finding, Said, introduction};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "script";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.script.as_ref()?;
    if case.submission.papers.script.is_some() {
        return None;
    }
    let wanted = introduction::document_name(case, "讲稿");
    let said = Said {
        measured: Text::new("没有", "none"),
        allowed: Text::new(
            "Word 文档（.docx 或 .doc），名称里写明“讲稿”",
            "a Word document (.docx or .doc) whose name says 讲稿",
        ),
        message: Text::new(
            "没有找到这个视频的讲稿。",
            "There is no script (讲稿) to this video.",
        ),
        remedy: Text::new(
            format!("请补交讲稿的 Word 文档，取名“{wanted}”，和视频放在一起发送。"),
            format!("Please send the script in Word as \"{wanted}\", together with the video."),
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Level, sample};
    use crate::preset::PlainRule;

    #[test]
    fn a_video_without_its_script_is_told_what_to_call_it() {
        let rules = Rules {
            script: Some(PlainRule {
                level: Level::Requirement,
                clause: Some("报送讲稿".to_owned()),
            }),
            ..Rules::default()
        };
        let (mut submission, media) = (sample::submission(), sample::media());
        insta::assert_snapshot!(sample::shown(find(&sample::case(&submission, &media), &rules)), @r#"
        script Requirement Some("报送讲稿")
        没有
        none
        Word 文档（.docx 或 .doc），名称里写明“讲稿”
        a Word document (.docx or .doc) whose name says 讲稿
        没有找到这个视频的讲稿。
        There is no script (讲稿) to this video.
        请补交讲稿的 Word 文档，取名“西南民族大学《爱我中华》讲稿.docx”，和视频放在一起发送。
        Please send the script in Word as "西南民族大学《爱我中华》讲稿.docx", together with the video.
        "#);
        submission.papers.script = Some(sample::companion("西南民族大学《爱我中华》讲稿.docx"));
        assert_eq!(find(&sample::case(&submission, &media), &rules), None);
    }
}
