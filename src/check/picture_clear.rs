//! # 中文
//!
//! ## 检查什么
//!
//! 画面是不是糊的，有没有明显的方块。糊不糊，看画面里最清楚的边缘有几个像素宽：对得准焦的画面是 1 到 3 个像素，放大的小视频、
//! 没对上焦的画面有 5 个以上。只要有一处清楚就不算糊，所以虚化背景、近景人像不会被误判。方块，看 8×8 格子的边界比里面明显多少。
//! 长片在 `check` 时看关键帧，`run` 制作时每 0.9 秒看一帧（最多 600 帧），以后者为准。
//!
//! ## 为什么
//!
//! 通知要求画面清晰。糊的画面放到大屏幕上更糊，事后没有办法补救。
//!
//! ## 选项
//!
//! `max_edge_width`：边缘最宽几个像素（超过 1080 行的画面按 1080 行折算；不到 1080 行的放大了更糊，每放大一倍，边缘按宽了 1/5 算）；`max_blocking`：格子边界最多是里面的几倍。至少写一个。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the picture is blurred, or shows blocks. Blur is measured at the sharper edges of the picture: they are 1 to 3
//! pixels wide in a picture in focus, 5 and more in an enlarged or unfocused one. One sharp thing is enough, so a soft
//! background or a portrait is not called blurred. Blocks are measured at the borders of the 8×8 grid, against what lies
//! between. `check` looks at key frames of longer films; `run`, which decodes all of them, at a frame every 0.9 s (at most
//! 600), and then that counts.
//!
//! ## Why
//!
//! The notice wants a clear picture. A blurred one gets worse on a big screen, and nothing can be done about it later.
//!
//! ## Option
//!
//! `max_edge_width`: the widest edge in pixels. A picture of more than 1080 lines is taken as scaled down to 1080; one of
//! fewer is enlarged on a screen, so its edges count as a fifth wider for each doubling. `max_blocking`: how many times
//! stronger the grid's borders may be. At least one must be given.

use super::{Case, Finding, Said, wording};
use crate::preset::{PictureClearRule, Rules};
use crate::probe::quality::PictureQuality;
use crate::text::Text;

pub(super) const NAME: &str = "picture-clear";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.picture_clear.as_ref()?;
    let quality = case.media.ok()?.picture_quality.as_ref()?;
    let how = wording::looked_at(quality.looked_at);
    let (measured, message) = blurred(quality, rule).or_else(|| blocky(quality, rule))?;
    let said = Said {
        measured,
        allowed: allowed(rule),
        message: Text::new(
            format!("{}{}。", message.zh, how.zh),
            format!("{}{}.", message.en, how.en),
        ),
        remedy: Text::new(
            "请从拍摄的原文件重新导出，不要用微信传过、从网上下载或放大过的文件。剪映：分辨率 1080P，码率选“更高”；\
             Premiere：H.264，“匹配源 - 高比特率”；格式工厂：用原文件转换，画质选“高质量”。拍的时候没对上焦的，请换一段素材。",
            "Please export it again from the camera's own files, not from ones that were sent through WeChat, downloaded or \
             enlarged. CapCut: resolution 1080P, bit rate higher; Premiere: H.264, Match Source - High bitrate; Format \
             Factory: convert the original at high quality. If it was filmed out of focus, please take other footage.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn blurred(quality: &PictureQuality, rule: &PictureClearRule) -> Option<(Text, Text)> {
    let limit = rule.max_edge_width?;
    let width = quality
        .edge_width
        .filter(|width| f64::from(*width) > limit)?;
    Some((
        Text::new(
            format!("边缘宽 {width:.1} 像素"),
            format!("edges {width:.1} pixels wide"),
        ),
        Text::new(
            format!(
                "画面看起来是糊的：最清楚的边缘也有 {width:.1} 个像素宽，清楚的画面是 1 到 3 个"
            ),
            format!(
                "The picture looks blurred: even its sharper edges are {width:.1} pixels wide; in a sharp picture it is 1 to 3"
            ),
        ),
    ))
}

fn blocky(quality: &PictureQuality, rule: &PictureClearRule) -> Option<(Text, Text)> {
    let limit = rule.max_blocking?;
    let times = quality.blocking.filter(|times| f64::from(*times) > limit)?;
    Some((
        Text::new(
            format!("格子边界是里面的 {times:.1} 倍"),
            format!("borders of blocks {times:.1} times as strong"),
        ),
        Text::new(
            format!("画面上有明显的方块（压缩得太厉害）：格子边界的强度是里面的 {times:.1} 倍"),
            format!(
                "The picture shows blocks (it was compressed too hard): their borders are {times:.1} times as strong as what \
                 lies between"
            ),
        ),
    ))
}

fn allowed(rule: &PictureClearRule) -> Text {
    let width = rule.max_edge_width.map(|most| {
        Text::new(
            format!("边缘不宽于 {most} 像素"),
            format!("edges up to {most} pixels wide"),
        )
    });
    let blocks = rule.max_blocking.map(|most| {
        Text::new(
            format!("格子边界不超过 {most} 倍"),
            format!("borders of blocks up to {most} times as strong"),
        )
    });
    let both: Vec<Text> = width.into_iter().chain(blocks).collect();
    let joined =
        |part: fn(&Text) -> &str, by: &str| both.iter().map(part).collect::<Vec<_>>().join(by);
    Text::new(
        joined(|t| t.zh.as_str(), "，"),
        joined(|t| t.en.as_str(), ", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(edge_width: Option<f32>, blocking: Option<f32>) -> Option<Finding> {
        let mut media = sample::media();
        let mut quality = sample::picture_quality();
        (quality.edge_width, quality.blocking) = (edge_width, blocking);
        media.picture_quality = Some(quality);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn what_can_not_be_measured_is_not_found() {
        assert_eq!(judged(None, None), None);
        assert_eq!(judged(Some(3.0), Some(1.2)), None);
    }

    #[test]
    fn blur_and_blocks_are_told_with_their_numbers() {
        insta::assert_snapshot!(sample::shown(judged(Some(11.0), None)), @r#"
        picture-clear Advice Some("画面清晰连贯")
        边缘宽 11.0 像素
        edges 11.0 pixels wide
        边缘不宽于 4.8 像素，格子边界不超过 1.8 倍
        edges up to 4.8 pixels wide, borders of blocks up to 1.8 times as strong
        画面看起来是糊的：最清楚的边缘也有 11.0 个像素宽，清楚的画面是 1 到 3 个（看了关键帧及其后的片段，共 360 帧）。
        The picture looks blurred: even its sharper edges are 11.0 pixels wide; in a sharp picture it is 1 to 3 (by key frames and what follows them, 360 frames).
        请从拍摄的原文件重新导出，不要用微信传过、从网上下载或放大过的文件。剪映：分辨率 1080P，码率选“更高”；Premiere：H.264，“匹配源 - 高比特率”；格式工厂：用原文件转换，画质选“高质量”。拍的时候没对上焦的，请换一段素材。
        Please export it again from the camera's own files, not from ones that were sent through WeChat, downloaded or enlarged. CapCut: resolution 1080P, bit rate higher; Premiere: H.264, Match Source - High bitrate; Format Factory: convert the original at high quality. If it was filmed out of focus, please take other footage.
        "#);
        insta::assert_snapshot!(judged(None, Some(3.0)).unwrap().message.zh, @"画面上有明显的方块（压缩得太厉害）：格子边界的强度是里面的 3.0 倍（看了关键帧及其后的片段，共 360 帧）。");
        insta::assert_snapshot!(judged(None, Some(3.0)).unwrap().message.en, @"The picture shows blocks (it was compressed too hard): their borders are 3.0 times as strong as what lies between (by key frames and what follows them, 360 frames).");
    }
}
