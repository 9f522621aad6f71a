//! # 中文
//!
//! ## 检查什么
//!
//! 有没有字幕：视频旁边的字幕文件（`.srt`、`.ass`、`.vtt`），或者视频文件里的字幕轨道。
//! 直接印在画面上的字幕，机器看不出来，请秘书处看过以后放行。
//!
//! ## 为什么
//!
//! 有的通知要求配字幕；听不清或听不见的观众也靠它。
//!
//! ## 选项
//!
//! 没有。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether there are subtitles: a file beside the video (`.srt`, `.ass`, `.vtt`), or a track in it. Subtitles that are
//! part of the picture can not be seen by a machine: have a look and waive the finding.
//!
//! ## Why
//!
//! Some notices ask for them; and viewers who do not hear well depend on them.
//!
//! ## Option
//!
//! None.

use super::{Case, Finding, Said};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "subtitles";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.subtitles.as_ref()?;
    let media = case.media.ok()?;
    if !case.submission.subtitles.is_empty() || !media.subtitles.is_empty() {
        return None;
    }
    let said = Said {
        measured: Text::new("没有", "none"),
        allowed: Text::new("字幕文件或字幕轨道", "a subtitle file or track"),
        message: Text::new(
            "没有找到字幕文件，视频里也没有字幕轨道。",
            "There is no subtitle file, and no subtitle track in the video.",
        ),
        remedy: Text::new(
            "请补交字幕文件（.srt），取和视频一样的名字，和视频放在一起。剪映：识别字幕后，导出时勾选“字幕导出”，格式 SRT；\
             Premiere：导出时在“字幕”里选“创建附属文件”；格式工厂不能做字幕，请用前两种。\
             字幕已经印在画面上的，请告诉秘书处，不用重做。",
            "Please send a subtitle file (.srt) under the video's name, together with the video. CapCut: make auto \
             captions, then tick Export captions, format SRT; Premiere: choose Create Sidecar File under Captions when \
             exporting; Format Factory can not make subtitles, please use one of the others. If the subtitles are \
             already part of the picture, tell the secretariat: nothing has to be made again.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Level, sample};
    use crate::preset::PlainRule;
    use crate::probe::EmbeddedSubtitle;

    #[test]
    fn subtitles_may_lie_beside_the_video_or_in_it() {
        let rules = Rules {
            subtitles: Some(PlainRule {
                level: Level::Requirement,
                clause: Some("配字幕".to_owned()),
            }),
            ..Rules::default()
        };
        let (submission, media) = (sample::submission(), sample::media());
        insta::assert_snapshot!(sample::shown(find(&sample::case(&submission, &media), &rules)), @r#"
        subtitles Requirement Some("配字幕")
        没有
        none
        字幕文件或字幕轨道
        a subtitle file or track
        没有找到字幕文件，视频里也没有字幕轨道。
        There is no subtitle file, and no subtitle track in the video.
        请补交字幕文件（.srt），取和视频一样的名字，和视频放在一起。剪映：识别字幕后，导出时勾选“字幕导出”，格式 SRT；Premiere：导出时在“字幕”里选“创建附属文件”；格式工厂不能做字幕，请用前两种。字幕已经印在画面上的，请告诉秘书处，不用重做。
        Please send a subtitle file (.srt) under the video's name, together with the video. CapCut: make auto captions, then tick Export captions, format SRT; Premiere: choose Create Sidecar File under Captions when exporting; Format Factory can not make subtitles, please use one of the others. If the subtitles are already part of the picture, tell the secretariat: nothing has to be made again.
        "#);
        let mut beside = submission.clone();
        beside
            .subtitles
            .push(sample::companion("西南民族大学《爱我中华》.srt"));
        assert_eq!(find(&sample::case(&beside, &media), &rules), None);
        let mut inside = media;
        inside.subtitles.push(EmbeddedSubtitle {
            codec: "mov_text".to_owned(),
            language: None,
        });
        assert_eq!(find(&sample::case(&submission, &inside), &rules), None);
    }
}
