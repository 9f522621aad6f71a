//! # 中文
//!
//! ## 检查什么
//!
//! 画面和声音的数据有没有坏的地方：解不开的数据包、解出来不完整的画面。`check` 时短片逐帧解，长片只解关键帧
//! 和它们后面的一小段；`run` 制作时全片都解，以那次为准。声音总是全部解。
//!
//! ## 为什么
//!
//! 坏的地方播放时会花屏、卡住、有爆音；多半是复制或上传时出了错，重新发一次就好。
//!
//! ## 选项
//!
//! `max_places`：最多几处，如 `2`；多数相机文件头尾会有一两处，看不出来。默认 `0`。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether data of picture or sound are damaged: packets that can not be decoded, pictures that come out incomplete.
//! `check` decodes short films whole, longer ones at their key frames and short stretches after them; `run` decodes all of a
//! film while making it, and then that count holds. The sound is always decoded in full.
//!
//! ## Why
//!
//! Damaged places show as garbage, hang, or crack. Mostly a copy or an upload went wrong, and sending it again is enough.
//!
//! ## Option
//!
//! `max_places`: the most places, as `2`: many files have one or two at their ends, which nobody sees. Default `0`.

use super::{Case, Finding, Said, wording};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "damage";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.damage.as_ref()?;
    let media = case.media.ok()?;
    let picture = media.picture_quality.as_ref();
    let pictures = picture.map_or(0, |quality| quality.damaged);
    let sounds = media.sound_quality.as_ref().map_or(0, |q| q.damaged);
    if pictures + sounds <= u64::from(rule.max_places) {
        return None;
    }
    let how = picture.map(|quality| wording::looked_at(quality.looked_at));
    let how = how.unwrap_or_default();
    let measured = Text::new(
        format!("画面 {pictures} 处，声音 {sounds} 处"),
        format!("{pictures} in the picture, {sounds} in the sound"),
    );
    let said = Said {
        message: Text::new(
            format!("数据有损坏：{}{}。", measured.zh, how.zh),
            format!("Data are damaged: places {}{}.", measured.en, how.en),
        ),
        measured,
        allowed: Text::new(
            format!("不超过 {} 处", rule.max_places),
            format!("up to {} places", rule.max_places),
        ),
        remedy: Text::new(
            "请先在自己电脑上把原文件从头到尾播放一遍：原文件是好的，重新上传一次（用网盘，不要用微信）；原文件也坏，请重新导出。\
             剪映、Premiere：重新导出为 H.264 的 MP4；格式工厂：用拍摄的原文件重新转换。",
            "Please play the original from start to end on your own computer. If it is good, upload it again (by drive, not \
             by WeChat); if not, export it again: CapCut and Premiere as MP4 with H.264, Format Factory from the camera's \
             own files.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    #[test]
    fn damage_is_counted_for_picture_and_sound() {
        let (submission, mut media, rules) =
            (sample::submission(), sample::media(), sample::rules().rules);
        assert_eq!(find(&sample::case(&submission, &media), &rules), None);
        let mut quality = sample::picture_quality();
        quality.damaged = 3;
        media.picture_quality = Some(quality);
        insta::assert_snapshot!(sample::shown(find(&sample::case(&submission, &media), &rules)), @r#"
        damage Advice None
        画面 3 处，声音 0 处
        3 in the picture, 0 in the sound
        不超过 2 处
        up to 2 places
        数据有损坏：画面 3 处，声音 0 处（看了关键帧及其后的片段，共 360 帧）。
        Data are damaged: places 3 in the picture, 0 in the sound (by key frames and what follows them, 360 frames).
        请先在自己电脑上把原文件从头到尾播放一遍：原文件是好的，重新上传一次（用网盘，不要用微信）；原文件也坏，请重新导出。剪映、Premiere：重新导出为 H.264 的 MP4；格式工厂：用拍摄的原文件重新转换。
        Please play the original from start to end on your own computer. If it is good, upload it again (by drive, not by WeChat); if not, export it again: CapCut and Premiere as MP4 with H.264, Format Factory from the camera's own files.
        "#);
    }
}
