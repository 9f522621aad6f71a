//! # 中文
//!
//! ## 检查什么
//!
//! 文件里有没有声音轨道。声音轻不轻、是不是静音，不在这里检查。
//!
//! ## 为什么
//!
//! 诗朗诵和合唱没有声音，多半是导出时漏了。有意做成默片的，请秘书处放行。
//!
//! ## 选项
//!
//! 没有。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the file has a sound track. How loud it is, and whether it is silent, is not looked at here.
//!
//! ## Why
//!
//! A recital or a choir without sound was most likely exported without it. A film that is meant to be silent can be
//! waived.
//!
//! ## Option
//!
//! None.

use super::{Case, Finding, Said};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "sound";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.sound.as_ref()?;
    if case.media.ok()?.audio.is_some() {
        return None;
    }
    let said = Said {
        measured: Text::new("没有声音轨道", "no sound track"),
        allowed: Text::new("有声音", "sound"),
        message: Text::new("视频没有声音。", "The video has no sound."),
        remedy: Text::new(
            "如果不是有意做成默片，请带声音重新导出。剪映：检查轨道没有“关闭原声”，导出时勾选“视频导出”（不要只导画面）；\
             Premiere：导出时勾选“导出音频”，音频编码 AAC；格式工厂：在“输出配置”里把“关闭音效”设为“否”。",
            "Unless it is meant to be silent, please export it again with sound. CapCut: make sure that no track is \
             muted, and export the video with its audio; Premiere: tick Export Audio, codec AAC; Format Factory: set \
             Disable Audio to No in the output settings.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    #[test]
    fn a_video_without_a_sound_track_is_told_how_to_get_one() {
        let (submission, mut media, rules) =
            (sample::submission(), sample::media(), sample::rules().rules);
        assert_eq!(find(&sample::case(&submission, &media), &rules), None);
        media.audio = None;
        insta::assert_snapshot!(sample::shown(find(&sample::case(&submission, &media), &rules)), @r"
        sound Advice None
        没有声音轨道
        no sound track
        有声音
        sound
        视频没有声音。
        The video has no sound.
        如果不是有意做成默片，请带声音重新导出。剪映：检查轨道没有“关闭原声”，导出时勾选“视频导出”（不要只导画面）；Premiere：导出时勾选“导出音频”，音频编码 AAC；格式工厂：在“输出配置”里把“关闭音效”设为“否”。
        Unless it is meant to be silent, please export it again with sound. CapCut: make sure that no track is muted, and export the video with its audio; Premiere: tick Export Audio, codec AAC; Format Factory: set Disable Audio to No in the output settings.
        ");
    }
}
