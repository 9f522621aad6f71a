//! # 中文
//!
//! ## 检查什么
//!
//! 画面是用什么编码压缩的，按内容判断。编码和格式是两回事：同样是 mp4 文件，里面可以是 H.264，也可以是 H.265（HEVC）。
//!
//! ## 为什么
//!
//! H.264 在所有电脑、手机、播放机上都能放；新手机默认拍的 H.265，旧电脑往往只有声音没有画面。
//!
//! ## 选项
//!
//! `allowed`：接受的编码，如 `["h264"]`。必须写。可以用的有
//! `h264`、`hevc`、`av1`、`vp8`、`vp9`、`mpeg1`、`mpeg2`、`mpeg4`、`wmv`、`dv`、`prores`、`dnxhd`、`mjpeg`。
//!
//! # English
//!
//! ## What it checks
//!
//! With which codec the picture is compressed, by its content. Codec and format are two things: an mp4 file may hold
//! H.264, or H.265 (HEVC).
//!
//! ## Why
//!
//! H.264 plays on every computer, phone and player. Of the H.265 that new phones record, an old computer often plays
//! the sound only.
//!
//! ## Option
//!
//! `allowed`: the codecs that are taken, as `["h264"]`. It must be given. There are `h264`, `hevc`, `av1`, `vp8`, `vp9`,
//! `mpeg1`, `mpeg2`, `mpeg4`, `wmv`, `dv`, `prores`, `dnxhd` and `mjpeg`.

use super::{Case, Finding, Said};
use crate::preset::Rules;
use crate::probe::VideoCodec;
use crate::text::Text;

pub(super) const NAME: &str = "codec";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.codec.as_ref()?;
    let video = case.media.ok()?.video.as_ref()?;
    let is = VideoCodec::from_ffmpeg(&video.codec);
    if is.is_some_and(|codec| rule.allowed.contains(&codec)) {
        return None;
    }
    let name = is.map_or_else(|| video.codec.clone(), |codec| codec.spoken().to_owned());
    let spoken: Vec<_> = rule.allowed.iter().map(|codec| codec.spoken()).collect();
    let said = Said {
        message: Text::new(
            format!("画面的编码是 {name}；要求的是 {}。", spoken.join("、")),
            format!(
                "The picture is encoded as {name}; wanted is {}.",
                spoken.join(" or ")
            ),
        ),
        remedy: remedy(&rule.allowed),
        measured: Text::same(name),
        allowed: Text::new(spoken.join("、"), spoken.join(" or ")),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn remedy(allowed: &[VideoCodec]) -> Text {
    if !allowed.contains(&VideoCodec::H264) {
        return Text::new(
            "请在剪辑软件的导出设置里，把“视频编码”改成上面要求的一种，重新导出；只改文件名没有用。",
            "Please export it again with one of these codecs, under video codec in the export settings; renaming does \
             not help.",
        );
    }
    Text::new(
        "请用 H.264 编码重新导出，只改文件名没有用。剪映：导出时编码选 H.264，格式选 mp4；\
         Premiere：文件 → 导出 → 媒体，格式选 H.264；格式工厂：选“→MP4”，视频编码选 AVC (H.264)。\
         苹果手机：设置 → 相机 → 格式，选“兼容性最佳”，以后拍的就是 H.264。",
        "Please export it again as H.264; renaming does not help. CapCut: choose the codec H.264 and the format mp4; \
         Premiere: File, Export, Media, format H.264; Format Factory: choose MP4, video codec AVC (H.264). iPhone: \
         Settings, Camera, Formats, Most Compatible makes it record H.264 from then on.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Level, sample};
    use crate::preset::CodecRule;

    fn judged(codec: &str, allowed: &[VideoCodec]) -> Option<Finding> {
        let mut media = sample::media();
        media.video.as_mut().unwrap().codec = codec.to_owned();
        let rules = Rules {
            codec: Some(CodecRule {
                level: Level::Advice,
                clause: None,
                allowed: allowed.to_vec(),
            }),
            ..Rules::default()
        };
        find(&sample::case(&sample::submission(), &media), &rules)
    }

    #[test]
    fn only_what_is_allowed_passes() {
        assert_eq!(judged("h264", &[VideoCodec::H264]), None);
        assert_eq!(judged("wmv3", &[VideoCodec::H264, VideoCodec::Wmv]), None);
        for codec in ["hevc", "mpeg2video", "theora"] {
            assert!(judged(codec, &[VideoCodec::H264]).is_some(), "{codec}");
        }
    }

    #[test]
    fn the_message_calls_codecs_as_people_do() {
        insta::assert_snapshot!(sample::shown(judged("hevc", &[VideoCodec::H264])), @r"
        codec Advice None
        H.265 (HEVC)
        H.264 (AVC)
        画面的编码是 H.265 (HEVC)；要求的是 H.264 (AVC)。
        The picture is encoded as H.265 (HEVC); wanted is H.264 (AVC).
        请用 H.264 编码重新导出，只改文件名没有用。剪映：导出时编码选 H.264，格式选 mp4；Premiere：文件 → 导出 → 媒体，格式选 H.264；格式工厂：选“→MP4”，视频编码选 AVC (H.264)。苹果手机：设置 → 相机 → 格式，选“兼容性最佳”，以后拍的就是 H.264。
        Please export it again as H.264; renaming does not help. CapCut: choose the codec H.264 and the format mp4; Premiere: File, Export, Media, format H.264; Format Factory: choose MP4, video codec AVC (H.264). iPhone: Settings, Camera, Formats, Most Compatible makes it record H.264 from then on.
        ");
        let other = judged("theora", &[VideoCodec::Prores, VideoCodec::Dnxhd]).unwrap();
        insta::assert_snapshot!(format!("{}\n{}", other.message.zh, other.remedy.zh), @r"
        画面的编码是 theora；要求的是 ProRes、DNxHD。
        请在剪辑软件的导出设置里，把“视频编码”改成上面要求的一种，重新导出；只改文件名没有用。
        ");
    }
}
