//! # 中文
//!
//! ## 检查什么
//!
//! 隔行扫描的标记对不对：文件说是逐行的，画面里却是隔行的（动的地方有横向锯齿），或者反过来，或者上下场的先后标错。
//! 只看有东西在动的帧：五分之四以上（至少八帧）是逐行的，才说逐行；三分之一以上看得出是隔行、其中五分之四以上（至少八帧）
//! 场序一致，才说隔行；看得出来的帧全都一致时，四帧就够。
//!
//! ## 为什么
//!
//! 播放和转码都相信这个标记。标错了，要么有锯齿，要么白白损失清晰度，要么画面来回抖。
//!
//! ## 选项
//!
//! 没有。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the mark for interlacing is right: the file says whole frames and the picture is made of fields (moving things
//! look combed), or the other way round, or the order of the fields is wrong. Only frames in which something moves can
//! tell. Whole frames are said where four in five of them, eight at least, are such; fields where a third of them show
//! fields, four in five of these, eight at least, in the same order. Where all agree, four frames are enough.
//!
//! ## Why
//!
//! Players and encoders believe the mark. A wrong one means combs, or needless loss of sharpness, or a picture that
//! trembles.
//!
//! ## Option
//!
//! None.

use super::{Case, Finding, Said, wording};
use crate::preset::Rules;
use crate::probe::Scan;
use crate::text::Text;

pub(super) const NAME: &str = "interlacing";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.interlacing.as_ref()?;
    let media = case.media.ok()?;
    let (video, quality) = (media.video.as_ref()?, media.picture_quality.as_ref()?);
    let measured = quality.fields.scan()?;
    if measured == video.scan {
        return None;
    }
    let (is, says) = (name(measured), name(video.scan));
    let how = wording::looked_at(quality.looked_at);
    let consequence = consequence(measured, video.scan);
    let said = Said {
        message: Text::new(
            format!(
                "文件标的是{}，画面实际是{}{}：{}。",
                says.zh, is.zh, how.zh, consequence.zh
            ),
            format!(
                "The file says {}, but the picture is {}{}: {}.",
                says.en, is.en, how.en, consequence.en
            ),
        ),
        measured: is,
        allowed: Text::new("标记与画面一致", "a mark that fits the picture"),
        remedy: Text::new(
            "请检查导出设置里的“场”：画面是逐行的选“逐行（无场）”。Premiere：序列设置和导出设置的“场”都选“逐行扫描”，\
             隔行素材右击选“场选项”→“始终去隔行”；剪映导出的都是逐行，素材是摄像机隔行录的，请先用格式工厂转换并勾选“去隔行”。",
            "Please look at the field setting of the export: for whole frames choose Progressive. Premiere: set Fields to \
             Progressive in the sequence and in the export, and for interlaced footage Field Options, Always \
             Deinterlace; CapCut always exports progressive: convert interlaced camera footage first, in Format Factory \
             with Deinterlace.",
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn name(scan: Scan) -> Text {
    match scan {
        Scan::Progressive => Text::new("逐行", "progressive"),
        Scan::TopFirst => Text::new("隔行（上场先）", "interlaced, top field first"),
        Scan::BottomFirst => Text::new("隔行（下场先）", "interlaced, bottom field first"),
    }
}

fn consequence(measured: Scan, flagged: Scan) -> Text {
    match (measured, flagged) {
        (_, Scan::Progressive) => {
            Text::new("动的地方会有横向锯齿", "moving things will look combed")
        }
        (Scan::Progressive, _) => Text::new(
            "去隔行会白白损失清晰度",
            "deinterlacing loses sharpness for nothing",
        ),
        _ => Text::new("动的地方会来回抖", "moving things will tremble"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::probe::quality::Fields;

    fn judged(flagged: Scan, fields: Fields) -> Option<Finding> {
        let mut media = sample::media();
        media.video.as_mut().unwrap().scan = flagged;
        let mut quality = sample::picture_quality();
        quality.fields = fields;
        media.picture_quality = Some(quality);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    fn fields(top_first: u64, bottom_first: u64, progressive: u64) -> Fields {
        Fields {
            top_first,
            bottom_first,
            progressive,
            ..Fields::default()
        }
    }

    #[test]
    fn a_mark_that_fits_and_a_film_that_does_not_tell_are_fine() {
        assert_eq!(judged(Scan::Progressive, fields(0, 1, 40)), None);
        assert_eq!(judged(Scan::TopFirst, fields(40, 0, 1)), None);
        assert_eq!(judged(Scan::TopFirst, fields(0, 0, 3)), None);
        assert_eq!(judged(Scan::TopFirst, fields(1, 0, 7)), None);
        assert_eq!(judged(Scan::Progressive, fields(20, 6, 0)), None);
        assert_eq!(judged(Scan::Progressive, fields(10, 0, 21)), None);
        assert_ne!(judged(Scan::Progressive, fields(10, 0, 20)), None);
    }

    #[test]
    fn all_three_lies_are_told_apart() {
        insta::assert_snapshot!(sample::shown(judged(Scan::Progressive, fields(40, 0, 0))), @r#"
        interlacing Advice None
        隔行（上场先）
        interlaced, top field first
        标记与画面一致
        a mark that fits the picture
        文件标的是逐行，画面实际是隔行（上场先）（看了关键帧及其后的片段，共 360 帧）：动的地方会有横向锯齿。
        The file says progressive, but the picture is interlaced, top field first (by key frames and what follows them, 360 frames): moving things will look combed.
        请检查导出设置里的“场”：画面是逐行的选“逐行（无场）”。Premiere：序列设置和导出设置的“场”都选“逐行扫描”，隔行素材右击选“场选项”→“始终去隔行”；剪映导出的都是逐行，素材是摄像机隔行录的，请先用格式工厂转换并勾选“去隔行”。
        Please look at the field setting of the export: for whole frames choose Progressive. Premiere: set Fields to Progressive in the sequence and in the export, and for interlaced footage Field Options, Always Deinterlace; CapCut always exports progressive: convert interlaced camera footage first, in Format Factory with Deinterlace.
        "#);
        insta::assert_snapshot!(judged(Scan::TopFirst, fields(0, 0, 40)).unwrap().message.zh, @"文件标的是隔行（上场先），画面实际是逐行（看了关键帧及其后的片段，共 360 帧）：去隔行会白白损失清晰度。");
        insta::assert_snapshot!(judged(Scan::TopFirst, fields(0, 40, 0)).unwrap().message.en, @"The file says interlaced, top field first, but the picture is interlaced, bottom field first (by key frames and what follows them, 360 frames): moving things will tremble.");
    }
}
