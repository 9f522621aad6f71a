//! # 中文
//!
//! ## 检查什么
//!
//! 随视频交来的图片和扫描件：格式（看内容，不看后缀）、大小，以及是不是原图。名字以视频名开头的、和视频一起单独放在一个
//! 文件夹里的，算这个视频的；其余算片区的，问题写给片区。PDF 和名字里有“扫描”“复印”的 JPG 算扫描件。
//!
//! “不是原图”只提醒：图片贴在 Word 里、不到 100 万像素、文件名是微信另存的（mmexport…、微信图片…）。
//!
//! ## 为什么
//!
//! 通知要求图片单独交原图，扫描件用 PDF 或 JPG；压缩过的图片不能用于印刷和网站。
//!
//! ## 选项
//!
//! `picture_max`、`scan_max`：图片、扫描件的大小上限，如 `"10M"`、`"30M"`，正好等于也可以；`pictures`、`scans`：
//! 允许的格式，如 `["jpg"]`、`["pdf", "jpg"]`。
//!
//! # English
//!
//! ## What it checks
//!
//! Pictures and scans handed in with a video: format (by content), size, and whether they are originals. They belong to
//! the video whose name they begin with, or with which they lie alone in a folder; others to the region, which is told. A
//! PDF, or a JPG whose name says 扫描 or scan, is a scan.
//!
//! "Not the original" is only advice: a picture pasted into Word, less than a million pixels, a name that `WeChat` gave
//! (mmexport…, 微信图片…).
//!
//! ## Why
//!
//! The notice asks for pictures apart and as originals, and for scans as PDF or JPG; compressed pictures can not be printed.
//!
//! ## Option
//!
//! `picture_max`, `scan_max`: the largest a picture or scan may be, as `"10M"`, `"30M"`; exactly this passes. `pictures`,
//! `scans`: formats that are taken, as `["jpg"]`, `["pdf", "jpg"]`.

use super::{Case, Finding, Level, Said, wording};
use crate::intake::{Attachment, AttachmentKind};
use crate::preset::{AttachmentFormat, AttachmentsRule, Rules};
use crate::text::Text;

pub(super) const NAME: &str = "attachments";

/// Pixels below which a picture is surely no original.
const LEAST_PIXELS: u64 = 1_000_000;
/// Problems that are told one by one.
const MOST_TOLD: usize = 10;

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.attachments.as_ref()?;
    let papers = &case.submission.papers;
    let mut problems = problems(&papers.attachments, rule);
    let pasted = papers.introduction.as_ref().map_or(0, |read| read.pictures);
    if pasted > 0 {
        problems.push(Problem::advice(Text::new(
            format!("Word 简介里贴了 {pasted} 张图片"),
            format!("{pasted} pictures are pasted into the introduction"),
        )));
    }
    finding(&problems, rule)
}

/// The same for what lies in a region's folder and belongs to no video.
pub fn of_region(attachments: &[Attachment], rules: &Rules) -> Option<Finding> {
    let rule = rules.attachments.as_ref()?;
    finding(&problems(attachments, rule), rule)
}

/// Something that is wrong with a picture.
struct Problem {
    is_advice: bool,
    text: Text,
}

impl Problem {
    fn advice(text: Text) -> Self {
        Problem {
            is_advice: true,
            text,
        }
    }
}

fn problems(attachments: &[Attachment], rule: &AttachmentsRule) -> Vec<Problem> {
    attachments
        .iter()
        .flat_map(|attachment| {
            let hard = [wrong_format(attachment, rule), too_large(attachment, rule)];
            let hard = hard.into_iter().flatten().map(|text| Problem {
                is_advice: false,
                text,
            });
            hard.chain(not_original(attachment).map(Problem::advice))
        })
        .collect()
}

fn is_scan(attachment: &Attachment) -> bool {
    let name = name(attachment).to_lowercase();
    attachment.kind == AttachmentKind::Pdf
        || ["扫描", "复印", "scan"]
            .iter()
            .any(|word| name.contains(word))
}

fn wrong_format(attachment: &Attachment, rule: &AttachmentsRule) -> Option<Text> {
    let allowed = if is_scan(attachment) {
        &rule.scans
    } else {
        &rule.pictures
    };
    let is_allowed = allowed.iter().any(|format| {
        matches!(
            (format, attachment.kind),
            (AttachmentFormat::Jpg, AttachmentKind::Jpeg)
                | (AttachmentFormat::Png, AttachmentKind::Png)
                | (AttachmentFormat::Pdf, AttachmentKind::Pdf)
        )
    });
    let wanted: Vec<_> = allowed.iter().map(|format| format.name()).collect();
    let (name, wanted) = (name(attachment), wanted.join("/"));
    (!is_allowed).then(|| match attachment.kind {
        AttachmentKind::Other => Text::new(
            format!("{name} 不是 {wanted}"),
            format!("{name} is not {wanted}"),
        ),
        kind => Text::new(
            format!("{name} 是 {}，要求 {wanted}", kind.name()),
            format!("{name} is {}, asked for is {wanted}", kind.name()),
        ),
    })
}

fn too_large(attachment: &Attachment, rule: &AttachmentsRule) -> Option<Text> {
    let limit = if is_scan(attachment) {
        rule.scan_max
    } else {
        rule.picture_max
    };
    let name = name(attachment);
    (attachment.file.bytes > limit).then(|| {
        let (size, limit) = (wording::size(attachment.file.bytes), wording::size(limit));
        Text::new(
            format!("{name} 有 {}，超过 {}", size.zh, limit.zh),
            format!("{name} has {}, more than {}", size.en, limit.en),
        )
    })
}

fn not_original(attachment: &Attachment) -> Option<Text> {
    if is_scan(attachment) {
        return None;
    }
    let name = name(attachment);
    let lower = name.to_lowercase();
    if lower.starts_with("mmexport") || lower.contains("微信图片") || lower.starts_with("wx_camera")
    {
        return Some(Text::new(
            format!("{name} 是微信另存的，可能被压缩过"),
            format!("{name} was saved from WeChat and may be compressed"),
        ));
    }
    let (width, height) = attachment.pixels?;
    (u64::from(width) * u64::from(height) < LEAST_PIXELS).then(|| {
        let size = wording::picture(width, height);
        Text::new(
            format!("{name} 只有 {size}，不像原图"),
            format!("{name} has {size} only and does not look like an original"),
        )
    })
}

fn name(attachment: &Attachment) -> &str {
    let source = &attachment.file.source;
    source.rsplit('/').next().unwrap_or(source)
}

fn finding(problems: &[Problem], rule: &AttachmentsRule) -> Option<Finding> {
    if problems.is_empty() {
        return None;
    }
    let is_advice = problems.iter().all(|problem| problem.is_advice);
    let level = if is_advice { Level::Advice } else { rule.level };
    let told = problems.iter().take(MOST_TOLD);
    let (zh, en): (Vec<_>, Vec<_>) = told
        .map(|problem| (problem.text.zh.as_str(), problem.text.en.as_str()))
        .unzip();
    let names = |formats: &[AttachmentFormat]| {
        let names: Vec<_> = formats.iter().map(|format| format.name()).collect();
        names.join("/")
    };
    let (pictures, scans) = (names(&rule.pictures), names(&rule.scans));
    let said = Said {
        measured: Text::new(zh.join("；"), en.join("; ")),
        allowed: Text::new(
            format!(
                "图片 {pictures}，不超过 {}，交原图；扫描件 {scans}，不超过 {}",
                rule.picture_max, rule.scan_max
            ),
            format!(
                "pictures as {pictures} up to {}, originals; scans as {scans} up to {}",
                rule.picture_max, rule.scan_max
            ),
        ),
        message: Text::new(
            format!(
                "随附的图片或扫描件有 {} 处要看一下：{}。",
                problems.len(),
                zh.join("；")
            ),
            format!(
                "{} things about the pictures or scans: {}.",
                problems.len(),
                en.join("; ")
            ),
        ),
        remedy: Text::new(
            "图片请单独交相机或手机里的原图（微信发送时勾选“原图”，或用邮件、网盘）；格式不对的用“画图”或格式工厂另存为 JPG；\
             太大的扫描件用 WPS 或 Acrobat 的“压缩 PDF”缩小。",
            "Please hand in the camera's or phone's original files (tick Full Image in WeChat, or use mail or a drive); save \
             other formats as JPG in Paint or Format Factory; make large scans smaller with Compress PDF in WPS or Acrobat.",
        ),
    };
    Some(said.by(NAME, level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::units::Bytes;

    fn rules() -> Rules {
        Rules {
            attachments: Some(AttachmentsRule {
                level: Level::Requirement,
                clause: None,
                picture_max: Bytes(10 << 20),
                scan_max: Bytes(30 << 20),
                pictures: vec![AttachmentFormat::Jpg],
                scans: vec![AttachmentFormat::Pdf, AttachmentFormat::Jpg],
            }),
            ..Rules::default()
        }
    }

    fn attachment(
        name: &str,
        kind: AttachmentKind,
        mebibytes: u64,
        pixels: (u32, u32),
    ) -> Attachment {
        let mut file = sample::companion(name);
        file.bytes = Bytes(mebibytes << 20);
        Attachment {
            file,
            kind,
            pixels: Some(pixels),
        }
    }

    #[test]
    fn size_format_and_origin_are_told_file_by_file() {
        let (mut submission, media) = (sample::submission(), sample::media());
        submission.papers.attachments = vec![
            attachment("好.jpg", AttachmentKind::Jpeg, 10, (4000, 3000)),
            attachment("大.jpg", AttachmentKind::Jpeg, 11, (4000, 3000)),
            attachment("截图.jpg", AttachmentKind::Png, 1, (1280, 720)),
            attachment("扫描.jpg", AttachmentKind::Jpeg, 30, (100, 100)),
            attachment("证书.pdf", AttachmentKind::Pdf, 31, (0, 0)),
        ];
        let found = find(&sample::case(&submission, &media), &rules()).unwrap();
        assert_eq!(found.level, Level::Requirement);
        insta::assert_snapshot!(found.message.zh, @"随附的图片或扫描件有 4 处要看一下：大.jpg 有 11.00 MiB（11,534,336 字节），超过 10.00 MiB（10,485,760 字节）；截图.jpg 是 PNG，要求 JPG；截图.jpg 只有 1280×720，不像原图；证书.pdf 有 31.00 MiB（32,505,856 字节），超过 30.00 MiB（31,457,280 字节）。");
        insta::assert_snapshot!(found.allowed.en, @"pictures as JPG up to 10.00 MiB, originals; scans as PDF/JPG up to 30.00 MiB");
    }

    #[test]
    fn what_is_not_the_original_is_only_advice() {
        let (mut submission, media) = (sample::submission(), sample::media());
        assert_eq!(find(&sample::case(&submission, &media), &rules()), None);
        let mut read = crate::intake::Introduction::default();
        read.pictures = 2;
        submission.papers.introduction = Some(read);
        submission.papers.attachments = vec![attachment(
            "mmexport1.jpg",
            AttachmentKind::Jpeg,
            1,
            (4000, 3000),
        )];
        let found = find(&sample::case(&submission, &media), &rules()).unwrap();
        assert_eq!(found.level, Level::Advice);
        insta::assert_snapshot!(found.measured.zh, @"mmexport1.jpg 是微信另存的，可能被压缩过；Word 简介里贴了 2 张图片");
        assert_eq!(of_region(&[], &rules()), None);
        assert_eq!(
            of_region(&submission.papers.attachments, &Rules::default()),
            None
        );
    }
}
