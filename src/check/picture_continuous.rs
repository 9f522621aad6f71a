//! # 中文
//!
//! ## 检查什么
//!
//! 画面有没有长时间全黑，有没有长时间一动不动（卡住，或者整段只有一张图）。`check` 要快，短片逐帧看，长片只看关键帧和
//! 它们后面的一小段，没看到的不乱说：两次看到的画面一样、中间的数据又小到装不下新画面，才算一直没动。`run` 制作时本来就要
//! 把全片解码一遍，顺便逐帧看完，以这次的结果为准：抽样没看到的问题这时会补上，该退回的退回，也不发布；以后再 `check`
//! 也按它判断，不用重新解码。报告里写明是哪一种。
//!
//! ## 为什么
//!
//! 通知要求画面清晰连贯。黑场和卡住的画面，多半是导出时出了错；也可能是有意的片头、字幕卡，所以短的只提醒。
//!
//! ## 选项
//!
//! `max_black`：黑场最长多久；`max_frozen`：画面不动最长多久，都写如 `"5s"`。
//! `share`：黑的和不动的加起来超过全片的百分之几，才按 `level` 处理；没超过的一律只提醒。默认 `50`。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the picture is black for long, or stands still for long (it hangs, or the film is one picture). `check` has to
//! be quick: short films are looked at frame by frame, longer ones at their key frames and short stretches after them, and
//! nothing is claimed that was not seen: a picture stands still where two looks show the same and the data between are too
//! small to hold anything new. `run` decodes all of a film anyway to make it, and looks at every frame on the way. What it
//! sees counts: what the samples missed is found then, and a film that must go back is returned and not published. Later
//! checks judge by it without decoding again. The report says which it was.
//!
//! ## Why
//!
//! The notice wants a clear and continuous picture. Black and hanging pictures mostly come from a failed export; they may
//! be a title that is meant, so short ones are only remarked upon.
//!
//! ## Option
//!
//! `max_black`: the longest black stretch; `max_frozen`: the longest still one, both as `"5s"`. `share`: black and still
//! stretches count with `level` only if they are more than this share of the film, in percent; below, they are advice.
//! Default `50`.

use super::{Case, Finding, Level, Said, wording};
use crate::preset::{PictureContinuousRule, Rules};
use crate::probe::quality::{PictureQuality, Stretch, total};
use crate::text::Text;
use crate::units::Millis;

pub(super) const NAME: &str = "picture-continuous";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.picture_continuous.as_ref()?;
    let media = case.media.ok()?;
    let quality = media.picture_quality.as_ref()?;
    let bad = Bad::of(quality, rule);
    let worst = bad.worst()?;
    let how = wording::looked_at(quality.looked_at);
    let film = media.video.as_ref().map_or(media.duration_ms, |v| v.end_ms);
    let said = Said {
        measured: worst.measured(),
        allowed: Text::new(
            format!(
                "黑场不超过 {}，不动不超过 {}",
                wording::duration(rule.max_black).zh,
                wording::duration(rule.max_frozen).zh
            ),
            format!(
                "black for up to {}, still for up to {}",
                wording::duration(rule.max_black).en,
                wording::duration(rule.max_frozen).en
            ),
        ),
        message: bad.message(film, &how),
        remedy: Text::new(
            "请看一下这些地方：如果是导出出了错，请在剪辑软件里检查时间线有没有空隙、素材有没有丢失，再重新导出。\
             剪映：把后面的片段拖到前面，不留空白；Premiere：在时间线的空隙上右击选“波纹删除”，离线素材重新链接；\
             格式工厂：换“MP4（H.264）”重新转换，并在电脑上从头到尾播放一遍。如果是有意的，请告诉秘书处。",
            "Please look at these places. If the export went wrong, see whether the timeline has gaps or lost footage, \
             and export again. CapCut: close the gaps between clips; Premiere: right-click a gap and choose Ripple \
             Delete, relink offline media; Format Factory: convert again to MP4 (H.264), and play the result from start \
             to end. If it is meant to be so, tell the secretariat.",
        ),
    };
    let level = if bad.lasts_for().0 * 100 > film.0 * u64::from(rule.share) {
        rule.level
    } else {
        Level::Advice
    };
    Some(said.by(NAME, level, rule.clause.as_ref()))
}

/// What is too long.
struct Bad {
    black: Vec<Stretch>,
    frozen: Vec<Stretch>,
}

/// The longest of a kind.
struct Worst {
    stretch: Stretch,
    is_black: bool,
}

impl Worst {
    fn measured(&self) -> Text {
        let length = wording::rounded(self.stretch.length());
        if self.is_black {
            Text::new(
                format!("全黑 {}", length.zh),
                format!("black for {}", length.en),
            )
        } else {
            Text::new(
                format!("画面不动 {}", length.zh),
                format!("still for {}", length.en),
            )
        }
    }
}

impl Bad {
    fn of(quality: &PictureQuality, rule: &PictureContinuousRule) -> Self {
        let longer = |stretches: &[Stretch], most: Millis| -> Vec<Stretch> {
            let over = stretches.iter().filter(|s| s.length() > most);
            over.copied().collect()
        };
        let black = longer(&quality.black, rule.max_black);
        // What is black stands still, too: once is enough.
        let is_black = |still: &Stretch| {
            let lies_in = |b: &Stretch| b.from_ms <= still.to_ms && still.from_ms <= b.to_ms;
            quality.black.iter().any(lies_in)
        };
        let mut frozen = longer(&quality.frozen, rule.max_frozen);
        frozen.retain(|still| !is_black(still));
        Bad { black, frozen }
    }

    fn worst(&self) -> Option<Worst> {
        let longest = |stretches: &[Stretch]| stretches.iter().copied().max_by_key(|s| s.length());
        match (longest(&self.black), longest(&self.frozen)) {
            (Some(black), still) if still.is_none_or(|s| s.length() <= black.length()) => {
                Some(Worst {
                    stretch: black,
                    is_black: true,
                })
            }
            (_, still) => still.map(|stretch| Worst {
                stretch,
                is_black: false,
            }),
        }
    }

    fn lasts_for(&self) -> Millis {
        Millis(total(&self.black).0 + total(&self.frozen).0)
    }

    fn message(&self, film: Millis, how: &Text) -> Text {
        let is_whole = self.lasts_for().0 * 100 >= film.0 * 95;
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if !self.black.is_empty() {
            let places = wording::places(&self.black);
            zh.push(if is_whole && self.frozen.is_empty() {
                "整段画面都是黑的".to_owned()
            } else {
                format!("画面全黑：{}", places.zh)
            });
            en.push(if is_whole && self.frozen.is_empty() {
                "the whole film is black".to_owned()
            } else {
                format!("the picture is black at {}", places.en)
            });
        }
        if !self.frozen.is_empty() {
            let places = wording::places(&self.frozen);
            let is_one = is_whole && self.frozen.len() == 1 && self.black.is_empty();
            zh.push(if is_one {
                "整段只有一张不动的画面".to_owned()
            } else {
                format!("画面一动不动：{}", places.zh)
            });
            en.push(if is_one {
                "the whole film is one picture that does not move".to_owned()
            } else {
                format!("the picture stands still at {}", places.en)
            });
        }
        Text::new(
            format!("{}{}。", zh.join("；"), how.zh),
            format!("{}{}.", wording::capital(&en.join("; ")), how.en),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(black: &[(u64, u64)], frozen: &[(u64, u64)]) -> Option<Finding> {
        let mut media = sample::media();
        let mut quality = sample::picture_quality();
        let made =
            |list: &[(u64, u64)]| list.iter().map(|(a, b)| sample::stretch(*a, *b)).collect();
        (quality.black, quality.frozen) = (made(black), made(frozen));
        media.picture_quality = Some(quality);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn short_titles_pass_long_black_warns_and_half_a_film_is_returned() {
        assert_eq!(judged(&[(0, 3)], &[(0, 3), (60, 70)]), None);
        assert_eq!(
            judged(&[(10, 40)], &[(10, 40)]).unwrap().level,
            Level::Advice
        );
        assert_eq!(judged(&[(0, 100)], &[]).unwrap().level, Level::Requirement);
        assert_eq!(judged(&[], &[(0, 180)]).unwrap().level, Level::Requirement);
    }

    #[test]
    fn the_message_says_what_and_where() {
        insta::assert_snapshot!(sample::shown(judged(&[(10, 40)], &[(10, 40), (60, 160)])), @r#"
        picture-continuous Requirement Some("画面清晰连贯")
        画面不动 1 分 40 秒
        still for 1 min 40 s
        黑场不超过 5 秒，不动不超过 15 秒
        black for up to 5 s, still for up to 15 s
        画面全黑：0:10–0:40；画面一动不动：1:00–2:40（看了关键帧及其后的片段，共 360 帧）。
        The picture is black at 0:10–0:40; the picture stands still at 1:00–2:40 (by key frames and what follows them, 360 frames).
        请看一下这些地方：如果是导出出了错，请在剪辑软件里检查时间线有没有空隙、素材有没有丢失，再重新导出。剪映：把后面的片段拖到前面，不留空白；Premiere：在时间线的空隙上右击选“波纹删除”，离线素材重新链接；格式工厂：换“MP4（H.264）”重新转换，并在电脑上从头到尾播放一遍。如果是有意的，请告诉秘书处。
        Please look at these places. If the export went wrong, see whether the timeline has gaps or lost footage, and export again. CapCut: close the gaps between clips; Premiere: right-click a gap and choose Ripple Delete, relink offline media; Format Factory: convert again to MP4 (H.264), and play the result from start to end. If it is meant to be so, tell the secretariat.
        "#);
        insta::assert_snapshot!(judged(&[(0, 180)], &[(0, 180)]).unwrap().message.zh, @"整段画面都是黑的（看了关键帧及其后的片段，共 360 帧）。");
        insta::assert_snapshot!(judged(&[], &[(0, 180)]).unwrap().message.en, @"The whole film is one picture that does not move (by key frames and what follows them, 360 frames).");
    }
}
