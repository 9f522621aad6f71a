//! # 中文
//!
//! ## 检查什么
//!
//! 画面在屏幕上有多大：先算像素宽高比，再算旋转标记。正好等于下限的通过。
//!
//! ## 为什么
//!
//! 通知要求画面清晰。太小的画面放到大屏幕上是糊的，而且无法补救：放大不会变清楚。
//!
//! ## 选项
//!
//! `min_width`、`min_height`：最小的宽和高，以像素为单位，至少写一个。
//!
//! # English
//!
//! ## What it checks
//!
//! How large the picture is on the screen, after pixel aspect ratio and rotation. A picture of exactly the limit passes.
//!
//! ## Why
//!
//! The notice wants a clear picture. A small one is blurred on a big screen, and nothing can be done about it later:
//! enlarging adds nothing.
//!
//! ## Option
//!
//! `min_width`, `min_height`: least width and height in pixels; at least one must be given.

use super::{Case, Finding, Said, wording};
use crate::preset::{PictureSizeRule, Rules};
use crate::text::Text;

pub(super) const NAME: &str = "picture-size";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.picture_size.as_ref()?;
    let video = case.media.ok()?.video.as_ref()?;
    let (width, height) = (video.display_width, video.display_height);
    let is_small = rule.min_width.is_some_and(|least| width < least)
        || rule.min_height.is_some_and(|least| height < least);
    if !is_small {
        return None;
    }
    let shown = wording::picture(width, height);
    let allowed = allowed(rule);
    let said = Said {
        message: Text::new(
            format!("画面偏小：屏幕上是 {shown} 像素，应当{}。", allowed.zh),
            format!(
                "The picture is small: {shown} pixels on the screen; it should be {}.",
                allowed.en
            ),
        ),
        remedy: Text::new(
            "请从原始素材重新导出，尺寸选 1080p（1920×1080）；把这个小文件放大没有用。剪映：导出时分辨率选 1080P；\
             Premiere：导出时选“匹配源”，或宽 1920、高 1080；格式工厂：用拍摄的原文件转换，屏幕大小选 1920×1080。\
             用微信传过的视频会被压缩，请用网盘或“原视频”发送。",
            "Please export it again from the original footage at 1080p (1920×1080); enlarging this file does not \
             help. CapCut: choose the resolution 1080P when exporting; Premiere: Match Source, or 1920 by 1080; Format \
             Factory: convert the camera's own file at screen size 1920×1080. Videos sent through WeChat are shrunk: \
             send the original, or use a drive.",
        ),
        measured: Text::same(shown),
        allowed,
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn allowed(rule: &PictureSizeRule) -> Text {
    match (rule.min_width, rule.min_height) {
        (Some(w), Some(h)) => Text::new(
            format!("宽不小于 {w}，高不小于 {h}"),
            format!("{w} or more wide and {h} or more high"),
        ),
        (Some(w), None) => Text::new(format!("宽不小于 {w}"), format!("{w} or more wide")),
        (None, h) => {
            let h = h.unwrap_or(0);
            Text::new(format!("高不小于 {h}"), format!("{h} or more high"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Level, sample};

    fn judged(
        stored: (u32, u32),
        rotation: u16,
        sar: (u32, u32),
        least: (Option<u32>, Option<u32>),
    ) -> Option<Finding> {
        let media = sample::media_showing(stored, rotation, sar);
        let rules = Rules {
            picture_size: Some(PictureSizeRule {
                level: Level::Advice,
                clause: None,
                min_width: least.0,
                min_height: least.1,
            }),
            ..Rules::default()
        };
        find(&sample::case(&sample::submission(), &media), &rules)
    }

    #[test]
    fn the_size_on_the_screen_counts() {
        let (wide, high, both) = ((Some(640), None), (None, Some(480)), (Some(640), Some(480)));
        for (stored, rotation, sar, least, passes) in [
            ((640, 360), 0, (1, 1), wide, true),
            ((638, 360), 0, (1, 1), wide, false),
            ((320, 240), 0, (2, 1), wide, true),
            ((1280, 360), 90, (1, 1), wide, false),
            ((640, 480), 0, (1, 1), high, true),
            ((640, 478), 0, (1, 1), high, false),
            ((640, 480), 0, (1, 1), both, true),
            ((638, 480), 0, (1, 1), both, false),
            ((640, 478), 0, (1, 1), both, false),
        ] {
            let found = judged(stored, rotation, sar, least);
            assert_eq!(found.is_none(), passes, "{stored:?} {rotation} {sar:?}");
        }
    }

    #[test]
    fn the_message_says_that_enlarging_is_no_way_out() {
        insta::assert_snapshot!(sample::shown(judged((256, 144), 0, (1, 1), (Some(640), None))), @r"
        picture-size Advice None
        256×144
        宽不小于 640
        640 or more wide
        画面偏小：屏幕上是 256×144 像素，应当宽不小于 640。
        The picture is small: 256×144 pixels on the screen; it should be 640 or more wide.
        请从原始素材重新导出，尺寸选 1080p（1920×1080）；把这个小文件放大没有用。剪映：导出时分辨率选 1080P；Premiere：导出时选“匹配源”，或宽 1920、高 1080；格式工厂：用拍摄的原文件转换，屏幕大小选 1920×1080。用微信传过的视频会被压缩，请用网盘或“原视频”发送。
        Please export it again from the original footage at 1080p (1920×1080); enlarging this file does not help. CapCut: choose the resolution 1080P when exporting; Premiere: Match Source, or 1920 by 1080; Format Factory: convert the camera's own file at screen size 1920×1080. Videos sent through WeChat are shrunk: send the original, or use a drive.
        ");
        let both = judged((256, 144), 0, (1, 1), (Some(640), Some(480))).unwrap();
        insta::assert_snapshot!(both.message.zh, @"画面偏小：屏幕上是 256×144 像素，应当宽不小于 640，高不小于 480。");
        let high = judged((256, 144), 0, (1, 1), (None, Some(480))).unwrap();
        insta::assert_snapshot!(high.message.en, @"The picture is small: 256×144 pixels on the screen; it should be 480 or more high.");
    }
}
