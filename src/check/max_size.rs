//! # 中文
//!
//! ## 检查什么
//!
//! 文件有多大。正好等于上限的通过。通知里写的“1G”按 1 GiB（1,073,741,824 字节）算，宁宽勿严。
//! 打不开的文件也检查，让对方一次听到全部问题。
//!
//! ## 为什么
//!
//! 太大的文件上传容易中断，网盘和 U 盘也常常装不下单个大文件。
//!
//! ## 选项
//!
//! `limit`：最大多少，如 `"1GiB"`、`"500MB"`、`"2G"`（即 2 GiB）。必须写。
//!
//! # English
//!
//! ## What it checks
//!
//! How large the file is. A file of exactly the limit passes. The notice's "1G" is read as 1 GiB (1,073,741,824 bytes),
//! the wider of its two meanings. Files that can not be opened are measured too, so that the unit hears everything at once.
//!
//! ## Why
//!
//! Uploads of large files break off, and drives and memory sticks often refuse them.
//!
//! ## Option
//!
//! `limit`: the largest that passes, as `"1GiB"`, `"500MB"`, `"2G"` (which is 2 GiB). It must be given.

use super::{Case, Finding, Said, wording};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "max-size";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.max_size.as_ref()?;
    let bytes = case
        .media
        .map_or(case.submission.bytes, |media| media.bytes);
    if bytes <= rule.limit {
        return None;
    }
    let (is, limit) = (wording::size(bytes), wording::size(rule.limit));
    let said = Said {
        message: Text::new(
            format!("文件大小 {}，超过 {}的上限。", is.zh, limit.zh),
            format!("The file has {}, over the limit of {}.", is.en, limit.en),
        ),
        remedy: Text::new(
            "请降低码率后重新导出，画面尺寸用 1080p 就够了。剪映：分辨率 1080P，码率“推荐”，编码 H.264，格式 mp4；\
             Premiere：格式 H.264，比特率编码 VBR，目标比特率 8 Mbps（5 分钟约 300 MB）；\
             格式工厂：选“→MP4”，视频编码 AVC (H.264)，视频码率 8000 kbps。",
            "Please export it again at a lower bit rate; 1080p is enough. CapCut: resolution 1080P, bit rate \
             Recommended, codec H.264, format mp4; Premiere: format H.264, VBR, target bit rate 8 Mbps (about 300 MB \
             for 5 minutes); Format Factory: choose MP4, video codec AVC (H.264), bit rate 8000 kbps.",
        ),
        measured: is,
        allowed: Text::new(
            format!("不超过 {}", limit.zh),
            format!("up to {}", limit.en),
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::probe::Unreadable;
    use crate::units::Bytes;

    fn judged(bytes: u64) -> Option<Finding> {
        let mut media = sample::media();
        media.bytes = Bytes(bytes);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn one_gib_is_not_more_than_one_g() {
        for (bytes, passes) in [
            (0, true),
            (1_000_000_001, true),
            (1 << 30, true),
            ((1 << 30) + 1, false),
        ] {
            assert_eq!(judged(bytes).is_none(), passes, "{bytes}");
        }
    }

    #[test]
    fn one_byte_too_many_can_be_seen() {
        insta::assert_snapshot!(sample::shown(judged((1 << 30) + 1)), @r#"
        max-size Requirement Some("不超过1G")
        1.00 GiB（1,073,741,825 字节）
        1.00 GiB (1,073,741,825 bytes)
        不超过 1.00 GiB（1,073,741,824 字节）
        up to 1.00 GiB (1,073,741,824 bytes)
        文件大小 1.00 GiB（1,073,741,825 字节），超过 1.00 GiB（1,073,741,824 字节）的上限。
        The file has 1.00 GiB (1,073,741,825 bytes), over the limit of 1.00 GiB (1,073,741,824 bytes).
        请降低码率后重新导出，画面尺寸用 1080p 就够了。剪映：分辨率 1080P，码率“推荐”，编码 H.264，格式 mp4；Premiere：格式 H.264，比特率编码 VBR，目标比特率 8 Mbps（5 分钟约 300 MB）；格式工厂：选“→MP4”，视频编码 AVC (H.264)，视频码率 8000 kbps。
        Please export it again at a lower bit rate; 1080p is enough. CapCut: resolution 1080P, bit rate Recommended, codec H.264, format mp4; Premiere: format H.264, VBR, target bit rate 8 Mbps (about 300 MB for 5 minutes); Format Factory: choose MP4, video codec AVC (H.264), bit rate 8000 kbps.
        "#);
    }

    #[test]
    fn a_file_that_can_not_be_read_has_a_size_all_the_same() {
        let mut submission = sample::submission();
        submission.bytes = Bytes(2 << 30);
        let media = sample::media();
        let case = Case {
            media: Err(&Unreadable::NoPicture),
            ..sample::case(&submission, &media)
        };
        assert!(find(&case, &sample::rules().rules).is_some());
    }
}
