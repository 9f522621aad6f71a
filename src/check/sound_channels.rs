//! # 中文
//!
//! ## 检查什么
//!
//! 立体声是不是只有一边有声音，或者两边差得太多；还有左右反相（单声道播放时互相抵消）。
//!
//! ## 为什么
//!
//! 会场的音响、手机的外放常常只放一路，只录在一边的声音有一半人听不见。
//!
//! ## 选项
//!
//! `max_difference`：左右最多差多少分贝，如 `18`。
//!
//! ## 代为修补
//!
//! 只有一边有声音时，可以不退回，制作时把有声音的一边放到两边：在输出预设的 `[audio]` 里写 `one_ear = "repair"`
//! （左右相差超过 18 dB 才修）。反相不会修补。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether only one side of a stereo track has sound, or the sides differ too much; and whether they are upside down to
//! each other, so that they cancel out in mono.
//!
//! ## Why
//!
//! Halls and telephones often play one side only: half of the audience hears nothing.
//!
//! ## Option
//!
//! `max_difference`: how much left and right may differ, in dB, as `18`.
//!
//! ## Having it repaired
//!
//! A sound in one ear need not be returned: with `one_ear = "repair"` under `[audio]` of the output preset, the side that
//! has sound goes to both while the outputs are made (where they differ by more than 18 dB). Sides that are upside down to
//! each other are not repaired.

use super::{Case, Finding, Said};
use crate::preset::Rules;
use crate::probe::SoundQuality;
use crate::text::Text;

pub(super) const NAME: &str = "sound-channels";

/// Left and right are upside down to each other from this correlation on.
const UPSIDE_DOWN: f64 = -0.8;
pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.sound_channels.as_ref()?;
    let quality = case.media.ok()?.sound_quality.as_ref()?;
    let (left, right) = quality.sides()?;
    let is_one_ear = quality.one_ear(rule.max_difference).is_some();
    let (measured, message) = if is_one_ear {
        one_ear(left, right)
    } else if quality.correlation.is_some_and(|alike| alike < UPSIDE_DOWN) {
        upside_down()
    } else {
        return None;
    };
    let most = rule.max_difference;
    let said = Said {
        measured,
        allowed: Text::new(
            format!("左右相差不超过 {most} dB，不反相"),
            format!("left and right within {most} dB, not upside down"),
        ),
        message,
        remedy: remedy(is_one_ear),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn remedy(is_one_ear: bool) -> Text {
    let again = Text::new(
        "请让两边都有同样的声音再导出。剪映：选中音频，在“声道”里选“单声道（混合）”或把有声音的一边复制到两边；\
         Premiere：右击素材选“修改”→“音频声道”，把有声音的一路分给左右，或加效果“用左侧填充右侧”；\
         格式工厂：“音频声道”选“1（单声道）”。",
        "Please give both sides the same sound and export it again. CapCut: select the audio and fill both channels \
         from the side that has sound; Premiere: Modify, Audio Channels, use the good side for left and right, or the \
         effect Fill Right with Left; Format Factory: set Audio Channel to 1 (mono).",
    );
    if !is_one_ear {
        return again;
    }
    Text::new(
        format!(
            "{}秘书处也可以不退回、制作时代为修补：在输出预设的 [audio] 里写 one_ear = \"repair\"。",
            again.zh
        ),
        format!(
            "{} The secretary can also have it repaired while it is made: one_ear = \"repair\" under [audio] of the \
             output preset.",
            again.en
        ),
    )
}

fn one_ear(left: f64, right: f64) -> (Text, Text) {
    let (loud, silent) = if left > right {
        (Text::new("左边", "left"), Text::new("右边", "right"))
    } else {
        (Text::new("右边", "right"), Text::new("左边", "left"))
    };
    let difference = (left - right).abs();
    if left.min(right) <= SoundQuality::NOTHING {
        return (
            Text::new(
                format!("{}没有声音", silent.zh),
                format!("nothing on the {}", silent.en),
            ),
            Text::new(
                format!("声音只在{}，{}完全没有。", loud.zh, silent.zh),
                format!(
                    "All sound is on the {}; there is nothing on the {}.",
                    loud.en, silent.en
                ),
            ),
        );
    }
    (
        Text::new(
            format!("左右相差 {difference:.0} dB"),
            format!("{difference:.0} dB apart"),
        ),
        Text::new(
            format!(
                "声音几乎只在{}：{}轻 {difference:.0} dB。",
                loud.zh, silent.zh
            ),
            format!(
                "Nearly all sound is on the {}: the {} is {difference:.0} dB quieter.",
                loud.en, silent.en
            ),
        ),
    )
}

fn upside_down() -> (Text, Text) {
    (
        Text::new("左右反相", "upside down"),
        Text::new(
            "左右声道反相：用一个喇叭播放时，两边的声音会互相抵消。",
            "Left and right are upside down to each other: on a single speaker they cancel out.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(levels: &[Option<f64>], correlation: Option<f64>) -> Option<Finding> {
        let mut media = sample::media();
        let mut quality = sample::sound_quality();
        quality.channel_levels_dbfs = levels.to_vec();
        quality.correlation = correlation;
        media.sound_quality = Some(quality);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn mono_surround_silence_and_a_wide_mix_pass() {
        assert_eq!(judged(&[Some(-20.0)], None), None);
        assert_eq!(judged(&[None, None], None), None);
        assert_eq!(judged(&[Some(-20.0), Some(-30.0)], Some(-0.2)), None);
        assert_eq!(
            judged(&[Some(-20.0), None, Some(-20.0), None, None, None], None),
            None
        );
    }

    #[test]
    fn one_ear_and_sides_that_cancel_out_are_told() {
        insta::assert_snapshot!(sample::shown(judged(&[Some(-20.0), None], None)), @r#"
        sound-channels Advice None
        右边没有声音
        nothing on the right
        左右相差不超过 18 dB，不反相
        left and right within 18 dB, not upside down
        声音只在左边，右边完全没有。
        All sound is on the left; there is nothing on the right.
        请让两边都有同样的声音再导出。剪映：选中音频，在“声道”里选“单声道（混合）”或把有声音的一边复制到两边；Premiere：右击素材选“修改”→“音频声道”，把有声音的一路分给左右，或加效果“用左侧填充右侧”；格式工厂：“音频声道”选“1（单声道）”。秘书处也可以不退回、制作时代为修补：在输出预设的 [audio] 里写 one_ear = "repair"。
        Please give both sides the same sound and export it again. CapCut: select the audio and fill both channels from the side that has sound; Premiere: Modify, Audio Channels, use the good side for left and right, or the effect Fill Right with Left; Format Factory: set Audio Channel to 1 (mono). The secretary can also have it repaired while it is made: one_ear = "repair" under [audio] of the output preset.
        "#);
        insta::assert_snapshot!(judged(&[Some(-52.0), Some(-20.0)], Some(0.1)).unwrap().message.zh, @"声音几乎只在右边：左边轻 32 dB。");
        insta::assert_snapshot!(judged(&[Some(-20.0), Some(-20.0)], Some(-1.0)).unwrap().message.en, @"Left and right are upside down to each other: on a single speaker they cancel out.");
    }
}
