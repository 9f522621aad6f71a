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
    let (mut zh, mut en) = (
        format!("文件里存的是 {stored}"),
        format!("stored as {stored}"),
    );
    if video.sar.0 != video.sar.1 {
        let (w, h) = video.sar;
        zh += &format!("，像素宽高比 {w}:{h}");
        en += &format!(", pixels {w}:{h}");
    }
    if video.rotation != 0 {
        zh += &format!("，带有旋转 {} 度的标记", video.rotation);
        en += &format!(", marked to be turned by {} degrees", video.rotation);
    }
    let shown = wording::picture(video.display_width, video.display_height);
    Text::new(
        format!("{zh}，播放出来是 {shown}"),
        format!("{en}, shown as {shown}"),
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
        insta::assert_snapshot!(sample::shown(judged(&rules, (3840, 2160), 90, (1, 1))), @"");
        insta::assert_snapshot!(judged(&rules, (540, 1080), 0, (2, 1)).unwrap().message.zh, @"");
        insta::assert_snapshot!(judged(&rules, (540, 1080), 0, (2, 1)).unwrap().message.en, @"");
    }

    #[test]
    fn an_event_for_upright_videos_wants_the_opposite() {
        let mut rules = sample::rules().rules;
        rules.orientation.as_mut().unwrap().allowed = Shape::Portrait;
        assert_eq!(judged(&rules, (1080, 1920), 0, (1, 1)), None);
        let finding = judged(&rules, (1920, 1080), 0, (1, 1)).unwrap();
        insta::assert_snapshot!(finding.message.en, @"");
        assert!(finding.remedy.zh.contains("9:16"));
    }
}
