//! # 中文
//!
//! ## 检查什么
//!
//! 画面是不是横屏（或竖屏），按观众看到的样子算：先算像素宽高比，再算旋转标记。手机竖着拍的视频，文件里存的常常是
//! 3840×2160，再加一个“旋转 90 度”的标记，播放出来是竖的，就不是横屏。正方形既不是横屏，也不是竖屏。
//! 画面里自带的黑边不在这里检查。
//!
//! ## 为什么
//!
//! 会场和网站的画面都是 16:9。竖屏视频在大屏幕上只占中间一条，观众看不清。
//!
//! ## 选项
//!
//! `allowed`：`landscape` 横屏（默认），或 `portrait` 竖屏。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the picture is landscape (or portrait) as a viewer sees it: pixel aspect ratio first, then rotation. A
//! telephone held upright often stores 3840×2160 and a mark "turn by 90 degrees": it plays upright and is not landscape.
//! A square is neither landscape nor portrait. Black bars inside the picture are not looked for here.
//!
//! ## Why
//!
//! The hall and the website show 16:9. An upright video fills a narrow strip of a big screen.
//!
//! ## Option
//!
//! `allowed`: `landscape` (default) or `portrait`.

use std::cmp::Ordering;

use super::{Case, Finding, Said, wording};
use crate::preset::{Rules, Shape};
use crate::probe::VideoInfo;
use crate::text::Text;

pub(super) const NAME: &str = "orientation";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.orientation.as_ref()?;
    let video = case.media.ok()?.video.as_ref()?;
    let wanted = match rule.allowed {
        Shape::Landscape => Ordering::Greater,
        Shape::Portrait => Ordering::Less,
    };
    let found = video.display_width.cmp(&video.display_height);
    if found == wanted {
        return None;
    }
    let (is, allowed) = (name_of(found), name_of(wanted));
    let how = how_it_comes(video);
    let said = Said {
        measured: Text::same(wording::picture(video.display_width, video.display_height)),
        message: Text::new(
            format!("画面是{}，不是{}：{}。", is.zh, allowed.zh, how.zh),
            format!("The picture is {}, not {}: {}.", is.en, allowed.en, how.en),
        ),
        remedy: remedy(rule.allowed),
        allowed,
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn name_of(shape: Ordering) -> Text {
    match shape {
        Ordering::Greater => Text::new("横屏", "landscape"),
        Ordering::Equal => Text::new("正方形", "square"),
        Ordering::Less => Text::new("竖屏", "portrait"),
    }
}

/// Stored size, rotation, pixel shape, and what they make together.
fn how_it_comes(video: &VideoInfo) -> Text {
    let stored = wording::picture(video.width, video.height);
    let shown = wording::picture(video.display_width, video.display_height);
    if stored == shown {
        return Text::new(
            format!("文件里存的和播放出来的都是 {shown}"),
            format!("stored and shown as {shown}"),
        );
    }
    let (w, h) = video.sar;
    let pixels =
        (w != h).then(|| Text::new(format!("，像素宽高比 {w}:{h}"), format!(", pixels {w}:{h}")));
    let rotation = video.rotation;
    let turned = (rotation != 0).then(|| {
        Text::new(
            format!("，带有旋转 {rotation} 度的标记"),
            format!(", marked to be turned by {rotation} degrees"),
        )
    });
    let (pixels, turned) = (pixels.unwrap_or_default(), turned.unwrap_or_default());
    Text::new(
        format!(
            "文件里存的是 {stored}{}{}，播放出来是 {shown}",
            pixels.zh, turned.zh
        ),
        format!(
            "stored as {stored}{}{}, shown as {shown}",
            pixels.en, turned.en
        ),
    )
}

fn remedy(allowed: Shape) -> Text {
    let (shape, size, ratio) = match allowed {
        Shape::Landscape => (name_of(Ordering::Greater), "1920×1080", "16:9"),
        Shape::Portrait => (name_of(Ordering::Less), "1080×1920", "9:16"),
    };
    Text::new(
        format!(
            "请用{}重新拍摄，或用{}的素材重新导出；两边加黑边、加虚化背景不算。\
             如果只是方向标错了：剪映把“比例”设为 {ratio}，选中画面点“旋转”，再导出；\
             Premiere 把序列设为 {size}，在“效果控件”里改“旋转”，再导出；\
             格式工厂选“→MP4”，在“输出配置”里设“旋转”。",
            shape.zh, shape.zh
        ),
        format!(
            "Please film it again in {}, or export it again from {} footage; bars or a blurred background at the \
             sides do not count. If only the mark is wrong: in CapCut set the ratio to {ratio}, select the picture, \
             Rotate, and export; in Premiere make the sequence {size}, change Rotation in Effect Controls, and \
             export; in Format Factory choose MP4 and set Rotate in the output settings.",
            shape.en, shape.en
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(
        rules: &Rules,
        stored: (u32, u32),
        rotation: u16,
        sar: (u32, u32),
    ) -> Option<Finding> {
        let media = sample::media_showing(stored, rotation, sar);
        find(&sample::case(&sample::submission(), &media), rules)
    }

    #[test]
    fn what_counts_is_what_the_viewer_sees() {
        let rules = sample::rules().rules;
        for (stored, rotation, sar, passes) in [
            ((1920, 1080), 0, (1, 1), true),
            ((1920, 1080), 180, (1, 1), true),
            ((1920, 1080), 90, (1, 1), false),
            ((1920, 1080), 270, (1, 1), false),
            ((1080, 1920), 90, (1, 1), true),
            ((1080, 1920), 0, (1, 1), false),
            ((1080, 1080), 0, (1, 1), false),
            ((1082, 1080), 0, (1, 1), true),
            ((640, 360), 0, (2, 1), true),
            ((720, 1080), 0, (2, 1), true),
            ((720, 576), 0, (1, 2), false),
            ((540, 1080), 0, (2, 1), false),
        ] {
            let found = judged(&rules, stored, rotation, sar);
            assert_eq!(found.is_none(), passes, "{stored:?} {rotation} {sar:?}");
        }
    }

    #[test]
    fn the_message_says_how_the_picture_comes_about() {
        let rules = sample::rules().rules;
        insta::assert_snapshot!(sample::shown(judged(&rules, (3840, 2160), 90, (1, 1))), @r#"
        orientation Requirement Some("横屏拍摄")
        2160×3840
        横屏
        landscape
        画面是竖屏，不是横屏：文件里存的是 3840×2160，带有旋转 90 度的标记，播放出来是 2160×3840。
        The picture is portrait, not landscape: stored as 3840×2160, marked to be turned by 90 degrees, shown as 2160×3840.
        请用横屏重新拍摄，或用横屏的素材重新导出；两边加黑边、加虚化背景不算。如果只是方向标错了：剪映把“比例”设为 16:9，选中画面点“旋转”，再导出；Premiere 把序列设为 1920×1080，在“效果控件”里改“旋转”，再导出；格式工厂选“→MP4”，在“输出配置”里设“旋转”。
        Please film it again in landscape, or export it again from landscape footage; bars or a blurred background at the sides do not count. If only the mark is wrong: in CapCut set the ratio to 16:9, select the picture, Rotate, and export; in Premiere make the sequence 1920×1080, change Rotation in Effect Controls, and export; in Format Factory choose MP4 and set Rotate in the output settings.
        "#);
        insta::assert_snapshot!(judged(&rules, (540, 1080), 0, (2, 1)).unwrap().message.zh, @"画面是正方形，不是横屏：文件里存的是 540×1080，像素宽高比 2:1，播放出来是 1080×1080。");
        insta::assert_snapshot!(judged(&rules, (540, 1080), 0, (2, 1)).unwrap().message.en, @"The picture is square, not landscape: stored as 540×1080, pixels 2:1, shown as 1080×1080.");
    }

    #[test]
    fn an_event_for_upright_videos_wants_the_opposite() {
        let mut rules = sample::rules().rules;
        rules.orientation.as_mut().unwrap().allowed = Shape::Portrait;
        assert_eq!(judged(&rules, (1080, 1920), 0, (1, 1)), None);
        let finding = judged(&rules, (1920, 1080), 0, (1, 1)).unwrap();
        insta::assert_snapshot!(finding.message.en, @"The picture is landscape, not portrait: stored and shown as 1920×1080.");
        assert!(finding.remedy.zh.contains("9:16"));
    }
}
