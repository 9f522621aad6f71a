//! The certificate in words: for a terminal, and as a page to be printed. In: a [`Certificate`]. Out: text, HTML. Pure.

use std::fmt::Write as _;

use minijinja::{Value, context};

use super::Certificate;
use super::judge::{Decision, Finding, Gravity};
use crate::report::page::{RenderError, render, text};
use crate::report::terminal::printable;
use crate::report::wording::date;
use crate::text::{Lang, Text, count};

/// What is checked, in the words of the page.
const CHECKED: [(&str, &str); 9] = [
    (
        "清单里的每个文件都在，大小和内容（BLAKE3）与制作时相同，没有多余的视频",
        "every file of the manifest is there, with the size and content (BLAKE3) that it had when it was made, and no film beside",
    ),
    (
        "每个文件从头到尾解码，没有一处错误",
        "every file decoded from end to end without an error",
    ),
    (
        "画面大小、帧率、8 位 4:2:0、逐行扫描都一样，帧数与清单相同",
        "one frame size, frame rate, 8-bit 4:2:0, whole frames; as many frames as the manifest says",
    ),
    (
        "采样率和声道数一样",
        "one sample rate and number of channels",
    ),
    (
        "声音和画面一样长，中间没有缺口",
        "sound and picture equally long, without a gap",
    ),
    (
        "响度在目标 ±1 LU 之内，彼此相差不超过 2 LU",
        "loudness within 1 LU of the target and 2 LU of each other",
    ),
    (
        "作品开头结尾没有长时间黑场，没有丢失声音",
        "no long black at films' borders, no lost sound",
    ),
    (
        "合并文件的章节与节目开始时间一致",
        "chapters of the joined file where items start",
    ),
    (
        "文件名任何电脑都能打开；检查 FAT32 的 4 GiB 限制和剩余空间",
        "names that any computer opens; FAT32's limit of 4 GiB and free space",
    ),
];

/// The page.
pub fn to_html(certificate: &Certificate, lang: Lang) -> Result<String, RenderError> {
    let title = Text::new("节目认证", "Certificate of the programme");
    let finding = |finding: &Finding| {
        context! {
            failure => finding.gravity == Gravity::Failure,
            accepted => finding.gravity == Gravity::Accepted,
            file => finding.file.clone(),
            message => text(&finding.message),
            next => text(&next(finding)),
        }
    };
    let findings: Vec<Value> = certificate.findings.iter().map(finding).collect();
    let checked = CHECKED.map(|(zh, en)| text(&Text::new(zh, en)));
    let files: Vec<Value> = certificate
        .files
        .iter()
        .map(|file| {
            context! {
                name => file.file.clone(),
                bytes => file.bytes.to_string(),
                frames => file.frames,
                loudness => file.loudness_lufs.map(|lufs| format!("{lufs:.1}")),
                blake3 => file.blake3.as_str(),
            }
        })
        .collect();
    let (width, height) = certificate.frame_size;
    let values = context! {
        title => text(&title),
        event => certificate.title.clone(),
        passed => certificate.passed,
        at => text(&date(&certificate.certified_at)),
        version => certificate.version.clone(),
        items => certificate.items,
        length => certificate.duration_ms.to_string(),
        bytes => certificate.bytes.to_string(),
        frame_size => format!("{width}×{height}"),
        rate => certificate.frame_rate.to_string(),
        target => format!("{:.1}", certificate.target_lufs),
        findings => findings,
        checked => checked.to_vec(),
        files => files,
    };
    render(
        "certificate.html",
        include_str!("certificate.html"),
        lang,
        values,
    )
}

/// What to do; who decided where it is meant.
fn next(finding: &Finding) -> Text {
    match &finding.decision {
        Some(Decision { by, reason }) => Text::new(
            format!("{by}同意：{reason}"),
            format!("meant so, says {by}: {reason}"),
        ),
        None => finding.remedy.clone(),
    }
}

/// For a terminal.
pub fn to_text(certificate: &Certificate, lang: Lang) -> String {
    let mut said = String::new();
    for finding in &certificate.findings {
        let word = match finding.gravity {
            Gravity::Failure => lang.pick("不合格", "FAILED"),
            Gravity::Note => lang.pick("注意  ", "note  "),
            Gravity::Accepted => lang.pick("已同意", "meant "),
        };
        let file = printable(&finding.file);
        let colon = if file.is_empty() {
            ""
        } else {
            lang.pick("：", ": ")
        };
        let _ = writeln!(
            said,
            "{word}  {file}{colon}{}\n        → {}",
            printable(finding.message.in_lang(lang)),
            printable(next(finding).in_lang(lang)),
        );
    }
    let Certificate {
        files,
        duration_ms,
        bytes,
        ..
    } = certificate;
    let files = files.len();
    let sum = if certificate.passed {
        Text::new(
            format!("认证通过：{files} 个文件从头到尾播放过，片长 {duration_ms}，共 {bytes}。"),
            format!(
                "certified: {} played from end to end, {duration_ms} of film, {bytes} in all.",
                count(files, "file")
            ),
        )
    } else {
        let failures = certificate.findings.iter();
        let failures = failures.filter(|f| f.gravity == Gravity::Failure).count();
        Text::new(
            format!(
                "没有通过认证：{failures} 处不合格。改好后请再认证一次，没有 checksums.b3 的 U 盘不要带去会场。"
            ),
            format!(
                "not certified: {}. Put right what is told and certify again; take no stick without checksums.b3 to the hall.",
                count(failures, "failure")
            ),
        )
    };
    let _ = writeln!(said, "{}", sum.in_lang(lang));
    said
}
