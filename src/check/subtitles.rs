//! # 中文
//!
//! ## 检查什么
//!
//! 有没有字幕：视频旁边的字幕文件（`.srt`、`.ass`、`.vtt`、`.ttml`），或者视频文件里的字幕轨道。
//! 直接印在画面上的字幕，机器只能估计：画面下面三分之一里有没有一行行变化的字。像有的，只请人确认，不会因为没有字幕文件就退回；
//! 报告里附有截图。看不出来的，请秘书处看过以后放行。
//!
//! ## 为什么
//!
//! 有的通知要求配字幕；听不清或听不见的观众也靠它。
//!
//! ## 选项
//!
//! `burnt_in_likely`：可能性到百分之几，就当作画面上可能有字幕、只请人确认。默认 `50`。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether there are subtitles: a file beside the video (`.srt`, `.ass`, `.vtt`, `.ttml`), or a track in it. Subtitles that
//! are part of the picture can only be guessed at: lines of text that change in its lower third. Where it looks like that, a
//! person is asked to confirm it, with pictures in the report, and nothing is returned for want of a file. Where it does
//! not, have a look and waive the finding.
//!
//! ## Why
//!
//! Some notices ask for them; and viewers who do not hear well depend on them.
//!
//! ## Option
//!
//! `burnt_in_likely`: from this likelihood on, in percent, the picture may hold subtitles, and a person is asked. Default
//! `50`.

use super::{Case, Finding, Level, Said};
use crate::preset::Rules;
use crate::probe::MediaInfo;
use crate::text::Text;

pub(super) const NAME: &str = "subtitles";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.subtitles.as_ref()?;
    let media = case.media.ok()?;
    if !case.submission.subtitles.is_empty() || !media.subtitles.is_empty() {
        return None;
    }
    if let Some(likelihood) = burnt_in(media, rule.burnt_in_likely) {
        return Some(confirm(likelihood).by(NAME, Level::Advice, rule.clause.as_ref()));
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

/// How likely there are subtitles in the picture, in percent, where it is likely enough.
fn burnt_in(media: &MediaInfo, least: u32) -> Option<f32> {
    let percent = media.picture_quality.as_ref()?.burnt_in_text * 100.0;
    (f64::from(percent) >= f64::from(least) && percent > 0.0).then_some(percent)
}

fn confirm(percent: f32) -> Said {
    Said {
        measured: Text::new(
            format!("画面上可能有（{percent:.0}%）"),
            format!("perhaps in the picture ({percent:.0} %)"),
        ),
        allowed: Text::new(
            "字幕文件、字幕轨道，或画面上的字幕",
            "a subtitle file, a track, or subtitles in the picture",
        ),
        message: Text::new(
            "没有字幕文件，但画面下方像是印着字幕，请看一下截图确认。",
            "There is no subtitle file, but it looks as if subtitles are part of the picture: please confirm it on the \
             pictures.",
        ),
        remedy: Text::new(
            "秘书处：看一下报告里的字幕截图，确实有就放行。报送单位：确实有字幕的，不用重做；有字幕文件（.srt）的，补交更好，网站上可以开关。",
            "Secretariat: look at the strip of pictures in the report, and waive this if there are subtitles. Unit: nothing \
             has to be made again; a subtitle file (.srt) is welcome, as viewers can switch it on and off.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Level, sample};
    use crate::preset::SubtitlesRule;
    use crate::probe::EmbeddedSubtitle;

    #[test]
    fn subtitles_may_lie_beside_the_video_or_in_it() {
        let rules = Rules {
            subtitles: Some(SubtitlesRule {
                level: Level::Requirement,
                clause: Some("配字幕".to_owned()),
                burnt_in_likely: 50,
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
        let mut in_the_picture = media.clone();
        in_the_picture
            .picture_quality
            .as_mut()
            .unwrap()
            .burnt_in_text = 0.5;
        let asked = find(&sample::case(&submission, &in_the_picture), &rules).unwrap();
        assert_eq!(asked.level, Level::Advice);
        insta::assert_snapshot!(asked.message.zh, @"没有字幕文件，但画面下方像是印着字幕，请看一下截图确认。");
        let mut inside = media;
        inside.subtitles.push(EmbeddedSubtitle {
            codec: "mov_text".to_owned(),
            language: None,
        });
        assert_eq!(find(&sample::case(&submission, &inside), &rules), None);
    }
}
