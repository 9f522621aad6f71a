//! # 中文
//!
//! ## 检查什么
//!
//! 横屏的画面里是不是装着竖拍的视频：两边是黑边、单色边，或者虚化放大的背景，中间一条才是拍的内容。四周都是边、内容只占
//! 一小块的，也会指出。边要在整段视频里一直都在、左右一样宽，才算数；片头片尾、舞台两侧的暗处不算。上下的黑边（宽银幕）、
//! 两边不宽的黑边（4:3）没有问题。
//!
//! ## 为什么
//!
//! 通知要求横屏拍摄。竖拍的视频补上两边，在大屏幕上还是只有中间一条。
//!
//! ## 选项
//!
//! `min_area`：内容至少占画面的百分之几，如 `45`；不写就只看内容是不是竖的。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether a landscape picture holds an upright film: black or coloured bars, or an enlarged and blurred background, at
//! both sides, and the film in a strip between them. A small film with bars all around is found as well. Bars count only
//! if they are there all the time and equally wide; titles and the dark sides of a stage are no bars. Bars above and
//! below (wide screen) and narrow ones at the sides (4:3) are fine.
//!
//! ## Why
//!
//! The notice wants landscape. An upright film with its sides filled is still a narrow strip on a big screen.
//!
//! ## Option
//!
//! `min_area`: the least share of the picture that the film must fill, in percent, as `45`; without it only upright films
//! are found.

use super::{Case, Finding, Said, wording};
use crate::preset::{FakeLandscapeRule, Rules};
use crate::probe::VideoInfo;
use crate::probe::quality::{ContentBox, Surround};
use crate::text::Text;

pub(super) const NAME: &str = "fake-landscape";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.fake_landscape.as_ref()?;
    let media = case.media.ok()?;
    let (video, quality) = (media.video.as_ref()?, media.picture_quality.as_ref()?);
    let content = quality.content?;
    if !is_fake(content, video, rule) {
        return None;
    }
    let (film, whole) = (
        wording::picture(content.width, content.height),
        wording::picture(video.display_width, video.display_height),
    );
    let around = around(content.surround);
    let how = wording::looked_at(quality.looked_at);
    let said = Said {
        measured: Text::new(
            format!("{whole} 里只有 {film} 是内容"),
            format!("a film of {film} inside {whole}"),
        ),
        allowed: allowed(rule),
        message: Text::new(
            format!(
                "画面是 {whole}，但拍的内容只有中间的 {film}，其余是{}{}。",
                around.zh, how.zh
            ),
            format!(
                "The picture is {whole}, but the film in it is only {film}; the rest is {}{}.",
                around.en, how.en
            ),
        ),
        remedy: Text::new(
            "请用横拍的素材重新导出；只有竖拍素材的，请和秘书处商量。剪映：把“比例”设为 16:9，选中画面放大到铺满，关掉“背景填充”；\
             Premiere：序列设为 1920×1080，在“效果控件”里把“缩放”调到铺满；格式工厂：用横拍的原文件转换，不要选“填充黑边”。",
            "Please export it again from landscape footage; if there is only upright footage, talk to the secretariat. \
             CapCut: set the ratio to 16:9, enlarge the picture until it fills the frame, and turn the canvas \
             background off; Premiere: make the sequence 1920×1080 and raise Scale in Effect Controls; Format Factory: \
             convert the landscape original, without filling up with black.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn is_fake(content: ContentBox, video: &VideoInfo, rule: &FakeLandscapeRule) -> bool {
    let area = |width: u32, height: u32| u64::from(width) * u64::from(height);
    let (film, whole) = (
        area(content.width, content.height),
        area(video.display_width, video.display_height),
    );
    let is_landscape = video.display_width > video.display_height;
    let is_small = rule
        .min_area
        .is_some_and(|least| film * 100 < whole * u64::from(least));
    is_landscape && (content.width <= content.height || is_small)
}

fn around(surround: Surround) -> Text {
    match surround {
        Surround::Black => Text::new("黑边", "black"),
        Surround::Flat => Text::new("单色的边", "of one colour"),
        Surround::Blurred => Text::new("虚化的背景", "a blurred background"),
    }
}

fn allowed(rule: &FakeLandscapeRule) -> Text {
    match rule.min_area {
        Some(least) => Text::new(
            format!("横拍的内容，至少占画面的 {least}%"),
            format!("landscape footage that fills {least} % or more"),
        ),
        None => Text::new("横拍的内容", "landscape footage"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(width: u32, height: u32) -> Option<Finding> {
        let mut media = sample::media();
        let mut quality = sample::picture_quality();
        quality.content = Some(ContentBox {
            width,
            height,
            surround: Surround::Blurred,
        });
        media.picture_quality = Some(quality);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn an_upright_film_or_a_small_one_is_found_and_bars_of_other_shapes_are_fine() {
        for (width, height, passes) in [
            (608, 1080, false),
            (1080, 1080, false),
            (1440, 1080, true),
            (1920, 804, true),
            (1440, 804, true),
            (960, 540, false),
        ] {
            assert_eq!(judged(width, height).is_none(), passes, "{width}x{height}");
        }
    }

    #[test]
    fn the_message_names_both_sizes_and_what_lies_around() {
        insta::assert_snapshot!(sample::shown(judged(608, 1080)), @r#"
        fake-landscape Advice Some("横屏拍摄")
        1920×1080 里只有 608×1080 是内容
        a film of 608×1080 inside 1920×1080
        横拍的内容，至少占画面的 45%
        landscape footage that fills 45 % or more
        画面是 1920×1080，但拍的内容只有中间的 608×1080，其余是虚化的背景（看了关键帧及其后的片段，共 360 帧）。
        The picture is 1920×1080, but the film in it is only 608×1080; the rest is a blurred background (by key frames and what follows them, 360 frames).
        请用横拍的素材重新导出；只有竖拍素材的，请和秘书处商量。剪映：把“比例”设为 16:9，选中画面放大到铺满，关掉“背景填充”；Premiere：序列设为 1920×1080，在“效果控件”里把“缩放”调到铺满；格式工厂：用横拍的原文件转换，不要选“填充黑边”。
        Please export it again from landscape footage; if there is only upright footage, talk to the secretariat. CapCut: set the ratio to 16:9, enlarge the picture until it fills the frame, and turn the canvas background off; Premiere: make the sequence 1920×1080 and raise Scale in Effect Controls; Format Factory: convert the landscape original, without filling up with black.
        "#);
    }
}
