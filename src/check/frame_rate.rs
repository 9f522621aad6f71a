//! # 中文
//!
//! ## 检查什么
//!
//! 每秒有多少帧画面，按全片实际的帧数算；帧率会变的录屏和手机视频取全片的平均值。电视制式的 23.976、29.97、59.94 分别
//! 按 24、30、60 算。
//!
//! ## 为什么
//!
//! 帧数太少，动作一顿一顿的，不“连贯”；太多则文件大，有的播放机放不动。
//!
//! ## 选项
//!
//! `min`、`max`：最少和最多每秒多少帧，如 `min = 25`、`max = 60`，至少写一个。正好等于的通过。
//!
//! # English
//!
//! ## What it checks
//!
//! How many pictures a second there are, counted over the whole film; of screen recordings and phone videos whose rate
//! varies, the average. The 23.976, 29.97 and 59.94 of television count as 24, 30 and 60.
//!
//! ## Why
//!
//! With too few, movements are jerky; with too many the file is large, and some players do not keep up.
//!
//! ## Option
//!
//! `min`, `max`: least and most pictures a second, as `min = 25`, `max = 60`; at least one must be given. A film of exactly
//! the limit passes.

use super::{Case, Finding, Said};
use crate::preset::{FrameRateRule, Rules};
use crate::text::Text;

pub(super) const NAME: &str = "frame-rate";

/// 24000/1001 is one in a thousand below 24 and means the same.
const TOLERANCE: f64 = 0.001;

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.frame_rate.as_ref()?;
    let video = case.media.ok()?.video.as_ref()?;
    let rate = video.frame_rate.as_f64();
    let too_few = rule.min.is_some_and(|min| rate < min * (1.0 - TOLERANCE));
    let too_many = rule.max.is_some_and(|max| rate > max * (1.0 + TOLERANCE));
    if !too_few && !too_many {
        return None;
    }
    let shown = video.frame_rate;
    let measured = if video.variable_frame_rate {
        Text::new(
            format!("平均每秒 {shown} 帧"),
            format!("{shown} frames/s on average"),
        )
    } else {
        Text::new(format!("每秒 {shown} 帧"), format!("{shown} frames/s"))
    };
    let allowed = allowed(rule);
    let said = Said {
        message: Text::new(
            format!("画面{}，要求{}。", measured.zh, allowed.zh),
            format!("The picture has {}; wanted is {}.", measured.en, allowed.en),
        ),
        remedy: if too_few { raise() } else { lower() },
        measured,
        allowed,
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn allowed(rule: &FrameRateRule) -> Text {
    match (rule.min, rule.max) {
        (Some(min), Some(max)) => Text::new(
            format!("每秒 {min} 至 {max} 帧"),
            format!("{min} to {max} frames/s"),
        ),
        (Some(min), None) => Text::new(
            format!("每秒 {min} 帧以上"),
            format!("{min} frames/s or more"),
        ),
        (None, max) => {
            let max = max.unwrap_or(f64::INFINITY);
            Text::new(
                format!("每秒不超过 {max} 帧"),
                format!("up to {max} frames/s"),
            )
        }
    }
}

fn raise() -> Text {
    Text::new(
        "请从原始素材重新导出，帧率选 25 或 30；把这个文件转成高帧率没有用，缺的画面补不回来。剪映：导出时帧率选 25fps 或 30fps；\
         Premiere：序列设置和导出的帧速率都选 25；格式工厂：用拍摄的原文件转换，每秒帧数选 25。",
        "Please export it again from the original footage at 25 or 30; raising the rate of this file does not bring back \
         what is missing. CapCut: frame rate 25fps or 30fps when exporting; Premiere: 25 in the sequence and the export \
         settings; Format Factory: convert the camera's own file at 25 fps.",
    )
}

fn lower() -> Text {
    Text::new(
        "请重新导出，帧率选 25 或 30。剪映：导出时帧率选 30fps；Premiere：导出设置里帧速率选 25；\
         格式工厂：选“→MP4”，每秒帧数选 25。",
        "Please export it again at 25 or 30. CapCut: frame rate 30fps when exporting; Premiere: frame rate 25 in the \
         export settings; Format Factory: choose MP4, 25 fps.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Level, sample};
    use crate::units::FrameRate;

    fn judged(rate: (u32, u32), min: Option<f64>, max: Option<f64>) -> Option<Finding> {
        let mut media = sample::media();
        media.video.as_mut().unwrap().frame_rate = FrameRate::new(rate.0, rate.1).unwrap();
        let rules = Rules {
            frame_rate: Some(FrameRateRule {
                level: Level::Advice,
                clause: None,
                min,
                max,
            }),
            ..Rules::default()
        };
        find(&sample::case(&sample::submission(), &media), &rules)
    }

    #[test]
    fn the_limit_passes_and_so_do_the_rates_of_television() {
        let (min, max) = (Some(24.0), Some(60.0));
        for rate in [(24_000, 1001), (24, 1), (25, 1), (60, 1), (60, 1)] {
            assert_eq!(judged(rate, min, max), None, "{rate:?}");
        }
        assert_eq!(judged((60_000, 1001), None, Some(59.94)), None);
        for rate in [(23, 1), (61, 1), (120, 1)] {
            assert!(judged(rate, min, max).is_some(), "{rate:?}");
        }
        assert_eq!(judged((1, 1), None, max), None);
        assert_eq!(judged((240, 1), min, None), None);
    }

    #[test]
    fn too_few_and_too_many_have_their_own_way_out() {
        insta::assert_snapshot!(sample::shown(judged((15, 1), Some(25.0), None)), @r"
        frame-rate Advice None
        每秒 15 帧
        15 frames/s
        每秒 25 帧以上
        25 frames/s or more
        画面每秒 15 帧，要求每秒 25 帧以上。
        The picture has 15 frames/s; wanted is 25 frames/s or more.
        请从原始素材重新导出，帧率选 25 或 30；把这个文件转成高帧率没有用，缺的画面补不回来。剪映：导出时帧率选 25fps 或 30fps；Premiere：序列设置和导出的帧速率都选 25；格式工厂：用拍摄的原文件转换，每秒帧数选 25。
        Please export it again from the original footage at 25 or 30; raising the rate of this file does not bring back what is missing. CapCut: frame rate 25fps or 30fps when exporting; Premiere: 25 in the sequence and the export settings; Format Factory: convert the camera's own file at 25 fps.
        ");
        let fast = judged((120, 1), Some(24.0), Some(60.0)).unwrap();
        insta::assert_snapshot!(format!("{}\n{}", fast.message.zh, fast.remedy.zh), @r"
        画面每秒 120 帧，要求每秒 24 至 60 帧。
        请重新导出，帧率选 25 或 30。剪映：导出时帧率选 30fps；Premiere：导出设置里帧速率选 25；格式工厂：选“→MP4”，每秒帧数选 25。
        ");
        let most = judged((120, 1), None, Some(60.0)).unwrap();
        insta::assert_snapshot!(most.message.en, @"The picture has 120 frames/s; wanted is up to 60 frames/s.");
    }

    #[test]
    fn a_varying_rate_is_called_an_average() {
        let mut media = sample::media();
        media.video.as_mut().unwrap().variable_frame_rate = true;
        let rules = Rules {
            frame_rate: Some(FrameRateRule {
                level: Level::Advice,
                clause: None,
                min: Some(30.0),
                max: None,
            }),
            ..Rules::default()
        };
        let found = find(&sample::case(&sample::submission(), &media), &rules).unwrap();
        assert_eq!(found.measured.zh, "平均每秒 25 帧");
    }
}
