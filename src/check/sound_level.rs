//! # 中文
//!
//! ## 检查什么
//!
//! 听不听得见：整段没有声音（有音轨，但全是静音）、声音太轻，或者中间长时间没有声音。响度按 ITU-R BS.1770 量整段，
//! 单位 LUFS；静音指 -60 dBFS 以下。
//!
//! ## 为什么
//!
//! 响度不同的节目，`run` 会调成一样响；但太轻的录音最多放大 20 dB，而且噪声也一起放大，会场里听得出来。
//!
//! ## 选项
//!
//! `min_loudness`：最轻多少 LUFS，如 `-40`。`max_silence`：中间最长多久没有声音，如 `"20s"`；不写就不查。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether anything is to be heard: a track of nothing but silence, sound that is too quiet, or a long silence in between.
//! Loudness is that of the whole film in LUFS (ITU-R BS.1770); silence is anything below -60 dBFS.
//!
//! ## Why
//!
//! `run` makes all items equally loud, but raises a recording by 20 dB at most, and its noise rises with it: a hall hears
//! that.
//!
//! ## Option
//!
//! `min_loudness`: the least loudness in LUFS, as `-40`. `max_silence`: the longest silence, as `"20s"`; without it none is
//! looked for.

use super::{Case, Finding, Said, wording};
use crate::preset::{Rules, SoundLevelRule};
use crate::probe::quality::{SoundQuality, Stretch, total};
use crate::text::Text;

pub(super) const NAME: &str = "sound-level";

/// A film is silent if so many of a hundred parts of it are.
const SILENT_FILM: u64 = 98;

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.sound_level.as_ref()?;
    let media = case.media.ok()?;
    let (audio, quality) = (media.audio.as_ref()?, media.sound_quality.as_ref()?);
    let track = Stretch {
        from_ms: audio.start_ms,
        to_ms: audio.end_ms,
    };
    let (measured, message) = silent(quality, audio.loudness_lufs, track)
        .or_else(|| quiet(audio.loudness_lufs, rule))
        .or_else(|| interrupted(quality, rule))?;
    let said = Said {
        measured,
        allowed: allowed(rule),
        message,
        remedy: Text::new(
            "请戴上耳机从头听一遍，再重新导出。剪映：选中音频把“音量”调大，并用“音量标准化”，检查没有“关闭原声”；\
             Premiere：在“音频增益”里选“标准化最大峰值为 -3 dB”，检查轨道没有静音（M）；\
             格式工厂：在“输出配置”的“音频流”里调大“音量控制”。",
            "Please listen to all of it with headphones and export it again. CapCut: raise the volume, use Normalize \
             loudness, and see that no track is muted; Premiere: Audio Gain, Normalize Max Peak to -3 dB, and no track \
             on Mute (M); Format Factory: raise the volume under Audio Stream in the output settings.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

/// Silence before a track that begins late is not the track's.
fn silent(quality: &SoundQuality, loudness: Option<f64>, track: Stretch) -> Option<(Text, Text)> {
    let inside: Vec<_> = quality
        .silent
        .iter()
        .map(|silence| silence.within(track))
        .collect();
    let is_silent = total(&inside).0 * 100 >= track.length().0 * SILENT_FILM;
    let is_nothing = loudness.is_none() && !quality.silent.is_empty();
    (is_silent || is_nothing).then(|| {
        (
            Text::new("没有声音", "silence"),
            Text::new(
                "有音轨，但整段都听不到声音。",
                "There is a sound track, but nothing is to be heard in it.",
            ),
        )
    })
}

fn quiet(loudness: Option<f64>, rule: &SoundLevelRule) -> Option<(Text, Text)> {
    let loudness = loudness.filter(|loudness| *loudness < rule.min_loudness)?;
    let least = rule.min_loudness;
    Some((
        Text::same(format!("{loudness:.1} LUFS")),
        Text::new(
            format!("声音太轻：整段响度 {loudness:.1} LUFS，应当不低于 {least} LUFS。"),
            format!(
                "The sound is too quiet: {loudness:.1} LUFS over all; it should be {least} LUFS or more."
            ),
        ),
    ))
}

fn interrupted(quality: &SoundQuality, rule: &SoundLevelRule) -> Option<(Text, Text)> {
    let most = rule.max_silence?;
    let long: Vec<Stretch> = quality
        .silent
        .iter()
        .copied()
        .filter(|stretch| stretch.length() > most)
        .collect();
    let longest = long.iter().map(|stretch| stretch.length()).max()?;
    let (places, longest) = (wording::places(&long), wording::rounded(longest));
    Some((
        Text::new(
            format!("{} 没有声音", longest.zh),
            format!("no sound for {}", longest.en),
        ),
        Text::new(
            format!("长时间没有声音：{}。", places.zh),
            format!("There is no sound for long at {}.", places.en),
        ),
    ))
}

fn allowed(rule: &SoundLevelRule) -> Text {
    let least = rule.min_loudness;
    let silence = rule.max_silence.map(wording::duration).map(|most| {
        Text::new(
            format!("，无声不超过 {}", most.zh),
            format!(", silent for up to {}", most.en),
        )
    });
    let silence = silence.unwrap_or_default();
    Text::new(
        format!("不低于 {least} LUFS{}", silence.zh),
        format!("{least} LUFS or more{}", silence.en),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::units::Millis;

    fn judged(loudness: Option<f64>, silent: &[(u64, u64)]) -> Option<Finding> {
        let mut media = sample::media();
        media.audio.as_mut().unwrap().loudness_lufs = loudness;
        let mut quality = sample::sound_quality();
        quality.silent = silent
            .iter()
            .map(|(a, b)| sample::stretch(*a, *b))
            .collect();
        media.sound_quality = Some(quality);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn pauses_and_sound_at_the_limit_pass() {
        assert_eq!(judged(Some(-40.0), &[(10, 14)]), None);
        assert_eq!(judged(Some(-23.0), &[(0, 20)]), None);
    }

    #[test]
    fn silence_before_a_track_that_begins_late_does_not_count() {
        let mut media = sample::media();
        let audio = media.audio.as_mut().unwrap();
        (audio.start_ms, audio.end_ms) = (Millis::from_secs(120), Millis::from_secs(180));
        audio.loudness_lufs = Some(-23.0);
        let mut quality = sample::sound_quality();
        quality.silent = vec![sample::stretch(0, 120)];
        media.sound_quality = Some(quality);
        let mut rules = sample::rules().rules;
        rules.sound_level.as_mut().unwrap().max_silence = None;
        let submission = sample::submission();
        assert_eq!(find(&sample::case(&submission, &media), &rules), None);
    }

    #[test]
    fn silent_quiet_and_interrupted_are_told_apart() {
        insta::assert_snapshot!(sample::shown(judged(None, &[(0, 180)])), @r#"
        sound-level Advice None
        没有声音
        silence
        不低于 -40 LUFS，无声不超过 20 秒
        -40 LUFS or more, silent for up to 20 s
        有音轨，但整段都听不到声音。
        There is a sound track, but nothing is to be heard in it.
        请戴上耳机从头听一遍，再重新导出。剪映：选中音频把“音量”调大，并用“音量标准化”，检查没有“关闭原声”；Premiere：在“音频增益”里选“标准化最大峰值为 -3 dB”，检查轨道没有静音（M）；格式工厂：在“输出配置”的“音频流”里调大“音量控制”。
        Please listen to all of it with headphones and export it again. CapCut: raise the volume, use Normalize loudness, and see that no track is muted; Premiere: Audio Gain, Normalize Max Peak to -3 dB, and no track on Mute (M); Format Factory: raise the volume under Audio Stream in the output settings.
        "#);
        insta::assert_snapshot!(judged(Some(-52.3), &[]).unwrap().message.zh, @"声音太轻：整段响度 -52.3 LUFS，应当不低于 -40 LUFS。");
        insta::assert_snapshot!(judged(Some(-20.0), &[(30, 75)]).unwrap().message.en, @"There is no sound for long at 0:30–1:15.");
    }
}
