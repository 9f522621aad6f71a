//! # 中文
//!
//! ## 检查什么
//!
//! 响的地方和轻的地方差多少（响度范围，EBU Tech 3342，单位 LU）。一分钟以下的短片量不准，不查。
//!
//! ## 为什么
//!
//! 差得太多，会场里轻的听不清、响的吓一跳；整段调响也解决不了。
//!
//! ## 选项
//!
//! `limit`：最多多少 LU，如 `20`。
//!
//! # English
//!
//! ## What it checks
//!
//! How far loud and quiet passages are apart (loudness range, EBU Tech 3342, in LU). Films below a minute are not judged:
//! the measure needs time.
//!
//! ## Why
//!
//! If they are too far apart, a hall misses the quiet ones and jumps at the loud ones, and raising everything does not help.
//!
//! ## Option
//!
//! `limit`: the largest range in LU, as `20`.

use super::{Case, Finding, Said};
use crate::preset::Rules;
use crate::text::Text;
use crate::units::Millis;

pub(super) const NAME: &str = "loudness-range";

/// Shorter films are not judged.
const SHORTEST: Millis = Millis::from_secs(60);

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.loudness_range.as_ref()?;
    let media = case.media.ok()?;
    let quality = media.sound_quality.as_ref()?;
    let range = quality
        .loudness_range_lu
        .filter(|range| *range > rule.limit && media.duration_ms >= SHORTEST)?;
    let most = rule.limit;
    let said = Said {
        measured: Text::same(format!("{range:.1} LU")),
        allowed: Text::new(format!("不超过 {most} LU"), format!("up to {most} LU")),
        message: Text::new(
            format!("声音忽大忽小：响的和轻的相差 {range:.1} LU，应当不超过 {most} LU。"),
            format!(
                "Loud and quiet passages are {range:.1} LU apart; it should be {most} LU or less."
            ),
        ),
        remedy: Text::new(
            "请把人声和音乐调得接近一些再导出。剪映：选中每段音频用“音量标准化”，再单独调大轻的；\
             Premiere：在“基本声音”里点“自动匹配”，或加“多频段压缩器”；格式工厂不能调，请用前两种。",
            "Please bring voice and music closer together and export it again. CapCut: Normalize loudness on each clip, \
             then raise the quiet ones; Premiere: Auto-Match in Essential Sound, or a Multiband Compressor; Format Factory \
             can not do it, please use one of the others.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(range: f64, seconds: u64) -> Option<Finding> {
        let mut media = sample::media();
        media.duration_ms = Millis::from_secs(seconds);
        let mut quality = sample::sound_quality();
        quality.loudness_range_lu = Some(range);
        media.sound_quality = Some(quality);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn a_wide_range_is_told_but_not_of_a_short_film() {
        assert_eq!(judged(20.0, 180), None);
        assert_eq!(judged(30.0, 59), None);
        insta::assert_snapshot!(sample::shown(judged(31.26, 180)), @r#"
        loudness-range Advice None
        31.3 LU
        不超过 20 LU
        up to 20 LU
        声音忽大忽小：响的和轻的相差 31.3 LU，应当不超过 20 LU。
        Loud and quiet passages are 31.3 LU apart; it should be 20 LU or less.
        请把人声和音乐调得接近一些再导出。剪映：选中每段音频用“音量标准化”，再单独调大轻的；Premiere：在“基本声音”里点“自动匹配”，或加“多频段压缩器”；格式工厂不能调，请用前两种。
        Please bring voice and music closer together and export it again. CapCut: Normalize loudness on each clip, then raise the quiet ones; Premiere: Auto-Match in Essential Sound, or a Multiband Compressor; Format Factory can not do it, please use one of the others.
        "#);
    }
}
