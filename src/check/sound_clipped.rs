//! # 中文
//!
//! ## 检查什么
//!
//! 声音有没有破音（削顶）：连续三个以上的采样顶到满刻度，一次算一处，数一数每分钟有几处。偶尔一两处听不出来。
//!
//! ## 为什么
//!
//! 削掉的波形补不回来，音响一大就刺耳。
//!
//! ## 选项
//!
//! `max_per_minute`：每分钟最多几处，如 `30`。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the sound is clipped: three samples or more that stay at full scale are one place, and the places are counted by
//! the minute. One or two are not heard.
//!
//! ## Why
//!
//! What was cut off can not be restored, and it hurts the louder it is played.
//!
//! ## Option
//!
//! `max_per_minute`: the most places in a minute, as `30`.

use super::{Case, Finding, Said, wording};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "sound-clipped";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.sound_clipped.as_ref()?;
    let media = case.media.ok()?;
    let (audio, quality) = (media.audio.as_ref()?, media.sound_quality.as_ref()?);
    let length = audio.end_ms.0.saturating_sub(audio.start_ms.0).max(1000);
    let (places, most) = (quality.clipped, u64::from(rule.max_per_minute));
    if places * 60_000 <= length * most {
        return None;
    }
    let a_minute = places * 60_000 / length;
    let first = wording::moments(&quality.clipped_at);
    let said = Said {
        measured: Text::new(
            format!("每分钟 {a_minute} 处"),
            format!("{a_minute} places a minute"),
        ),
        allowed: Text::new(
            format!("每分钟不超过 {most} 处"),
            format!("up to {most} places a minute"),
        ),
        message: Text::new(
            format!(
                "声音破了（削顶）：共 {places} 处顶到满刻度，最早在 {}。",
                first.zh
            ),
            format!(
                "The sound is clipped: it stays at full scale in {places} places, first at {}.",
                first.en
            ),
        ),
        remedy: Text::new(
            "请把音量调低 6 分贝以上再导出；录的时候就破了的，请换一路录音。剪映：选中音频把“音量”调到 -6 dB 以下，关掉重复的增强；\
             Premiere：在“音频增益”里调低，主声道加“强制限幅”，最大 -3 dB；格式工厂：“音量控制”不要加大。",
            "Please lower the volume by 6 dB or more and export it again; if the recording itself is clipped, take another \
             one. CapCut: set the volume to -6 dB or less and turn enhancers off; Premiere: lower Audio Gain and put a Hard \
             Limiter at -3 dB on the mix; Format Factory: do not raise the volume.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::units::Millis;

    fn judged(clipped: u64) -> Option<Finding> {
        let mut media = sample::media();
        let mut quality = sample::sound_quality();
        quality.clipped = clipped;
        quality.clipped_at = vec![Millis(12_400), Millis(12_900), Millis(65_000)];
        media.sound_quality = Some(quality);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn a_few_places_pass_and_many_are_told_with_their_times() {
        assert_eq!(judged(0), None);
        assert_eq!(judged(90), None);
        insta::assert_snapshot!(sample::shown(judged(900)), @r#"
        sound-clipped Advice None
        每分钟 300 处
        300 places a minute
        每分钟不超过 30 处
        up to 30 places a minute
        声音破了（削顶）：共 900 处顶到满刻度，最早在 0:12、1:05。
        The sound is clipped: it stays at full scale in 900 places, first at 0:12, 1:05.
        请把音量调低 6 分贝以上再导出；录的时候就破了的，请换一路录音。剪映：选中音频把“音量”调到 -6 dB 以下，关掉重复的增强；Premiere：在“音频增益”里调低，主声道加“强制限幅”，最大 -3 dB；格式工厂：“音量控制”不要加大。
        Please lower the volume by 6 dB or more and export it again; if the recording itself is clipped, take another one. CapCut: set the volume to -6 dB or less and turn enhancers off; Premiere: lower Audio Gain and put a Hard Limiter at -3 dB on the mix; Format Factory: do not raise the volume.
        "#);
    }
}
