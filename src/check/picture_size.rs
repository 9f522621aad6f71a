//! # 中文
//!
//! ## 检查什么
//!
//! 画面在屏幕上有多大：先算像素宽高比，再算旋转标记。可以定下限（正好等于的通过），也可以定唯一的尺寸，大一点也要说明。
//!
//! ## 为什么
//!
//! 通知要求画面清晰。太小的画面放到大屏幕上是糊的，而且无法补救：放大不会变清楚。
//!
//! ## 选项
//!
//! `min_width`、`min_height`：最小的宽和高，以像素为单位，至少写一个；
//! 或者写 `width` 和 `height`：通知只认一种尺寸，如 `width = 1920`、`height = 1080`。两种写法取一种。
//!
//! # English
//!
//! ## What it checks
//!
//! How large the picture is on the screen, after pixel aspect ratio and rotation. Either against a least size, where a
//! picture of exactly the limit passes, or against the one size that the notice wants, where a larger one is told too.
//!
//! ## Why
//!
//! The notice wants a clear picture. A small one is blurred on a big screen, and nothing can be done about it later:
//! enlarging adds nothing.
//!
//! ## Option
//!
//! `min_width`, `min_height`: least width and height in pixels, at least one; or else `width` and `height`, both, for a
//! notice that wants one size, as `width = 1920`, `height = 1080`.

use super::{Case, Finding, Said, wording};
use crate::preset::{PictureSizeRule, Rules};
use crate::text::Text;

pub(super) const NAME: &str = "picture-size";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.picture_size.as_ref()?;
    let video = case.media.ok()?.video.as_ref()?;
    let (width, height) = (video.display_width, video.display_height);
    let is_small = rule
        .min_width
        .or(rule.width)
        .is_some_and(|least| width < least)
        || rule
            .min_height
            .or(rule.height)
            .is_some_and(|least| height < least);
    let is_other = rule.exact().is_some_and(|exact| exact != (width, height));
    if !is_small && !is_other {
        return None;
    }
    let shown = wording::picture(width, height);
    let allowed = allowed(rule);
    let message = if is_small {
        Text::new(
            format!("画面偏小：屏幕上是 {shown} 像素，应当{}。", allowed.zh),
            format!(
                "The picture is small: {shown} pixels on the screen; it should be {}.",
                allowed.en
            ),
        )
    } else {
        Text::new(
            format!("画面在屏幕上是 {shown} 像素，应当{}。", allowed.zh),
            format!(
                "The picture has {shown} pixels on the screen; it should be {}.",
                allowed.en
            ),
        )
    };
    let said = Said {
        message,
        remedy: if is_small {
            from_footage()
        } else {
            another_size(&allowed)
        },
        measured: Text::same(shown),
        allowed,
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn from_footage() -> Text {
    Text::new(
        "请从原始素材重新导出，尺寸选 1080p（1920×1080）；把这个小文件放大没有用。剪映：导出时分辨率选 1080P；\
         Premiere：导出时选“匹配源”，或宽 1920、高 1080；格式工厂：用拍摄的原文件转换，屏幕大小选 1920×1080。\
         用微信传过的视频会被压缩，请用网盘或“原视频”发送。",
        "Please export it again from the original footage at 1080p (1920×1080); enlarging this file does not \
         help. CapCut: choose the resolution 1080P when exporting; Premiere: Match Source, or 1920 by 1080; Format \
         Factory: convert the camera's own file at screen size 1920×1080. Videos sent through WeChat are shrunk: \
         send the original, or use a drive.",
    )
}

fn another_size(allowed: &Text) -> Text {
    Text::new(
        format!(
            "画面够大，只是尺寸不同；要照通知的尺寸，请重新导出，画面{}。剪映：导出时选分辨率；\
             Premiere：导出设置里填宽和高；格式工厂：选“→MP4”，填屏幕大小。",
            allowed.zh
        ),
        format!(
            "It is large enough and only of another size. To follow the notice export it again, {}. CapCut: choose the \
             resolution when exporting; Premiere: width and height in the export settings; Format Factory: choose MP4 \
             and the screen size.",
            allowed.en
        ),
    )
}

fn allowed(rule: &PictureSizeRule) -> Text {
    if let Some((width, height)) = rule.exact() {
        let size = wording::picture(width, height);
        return Text::new(format!("为 {size}"), size);
    }
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
    use crate::probe::MediaInfo;

    fn judged(
        stored: (u32, u32),
        rotation: u16,
        sar: (u32, u32),
        least: (Option<u32>, Option<u32>),
    ) -> Option<Finding> {
        let rule = PictureSizeRule {
            min_width: least.0,
            min_height: least.1,
            ..nothing()
        };
        judged_by(rule, &sample::media_showing(stored, rotation, sar))
    }

    fn nothing() -> PictureSizeRule {
        PictureSizeRule {
            level: Level::Advice,
            clause: None,
            min_width: None,
            min_height: None,
            width: None,
            height: None,
        }
    }

    fn judged_by(rule: PictureSizeRule, media: &MediaInfo) -> Option<Finding> {
        let rules = Rules {
            picture_size: Some(rule),
            ..Rules::default()
        };
        find(&sample::case(&sample::submission(), media), &rules)
    }

    #[test]
    fn where_one_size_is_wanted_a_larger_one_is_told_as_well() {
        let full_hd = PictureSizeRule {
            width: Some(1920),
            height: Some(1080),
            ..nothing()
        };
        let judged = |stored, rotation| {
            judged_by(
                full_hd.clone(),
                &sample::media_showing(stored, rotation, (1, 1)),
            )
        };
        assert_eq!(judged((1920, 1080), 0), None);
        assert_eq!(judged((1080, 1920), 90), None);
        assert!(judged((1080, 1920), 0).is_some());
        let small = judged((1280, 720), 0).unwrap();
        insta::assert_snapshot!(small.message.zh, @"画面偏小：屏幕上是 1280×720 像素，应当为 1920×1080。");
        let large = judged((3840, 2160), 0).unwrap();
        insta::assert_snapshot!(format!("{}\n{}\n{}\n{}", large.message.zh, large.message.en, large.remedy.zh, large.remedy.en), @r"
        画面在屏幕上是 3840×2160 像素，应当为 1920×1080。
        The picture has 3840×2160 pixels on the screen; it should be 1920×1080.
        画面够大，只是尺寸不同；要照通知的尺寸，请重新导出，画面为 1920×1080。剪映：导出时选分辨率；Premiere：导出设置里填宽和高；格式工厂：选“→MP4”，填屏幕大小。
        It is large enough and only of another size. To follow the notice export it again, 1920×1080. CapCut: choose the resolution when exporting; Premiere: width and height in the export settings; Format Factory: choose MP4 and the screen size.
        ");
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
