//! Whole files through [`read`].

use std::path::Path;

use encoding_rs::{BIG5, GB18030};
use proptest::prelude::*;

use super::*;

const SRT: &str = "1\r\n00:00:01,000 --> 00:00:03,500\r\n大家好，我们来自西南民族大学\r\n\r\n\
                   2\r\n00:00:03,200 --> 00:00:06,000\r\n<i>今天</i>介绍我们的校园\r\n";

fn shown(subtitles: &Subtitles) -> String {
    let repairs = subtitles.repairs.iter().map(Repair::to_string);
    let repairs = repairs.collect::<Vec<_>>().join("\n");
    format!(
        "{}---\n{:?}\n{repairs}",
        to_webvtt(&subtitles.cues),
        subtitles.language
    )
}

#[test]
fn a_gbk_file_becomes_webvtt_and_the_report_says_what_was_done() {
    let (bytes, _, _) = GB18030.encode(SRT);
    let subtitles = read("西南民族大学《爱我中华》.srt", &bytes).unwrap();
    insta::assert_snapshot!(shown(&subtitles), @r"
    WEBVTT

    00:00:01.000 --> 00:00:03.200
    大家好，我们来自西南民族大学

    00:00:03.200 --> 00:00:06.000
    今天介绍我们的校园
    ---
    Zh
    文件编码为 GB18030，已转为 UTF-8 | the file was in GB18030; recoded to UTF-8
    1 条字幕与下一条重叠，已提前结束（0:01.000） | cues that lasted into the next, ended earlier: 1 (0:01.000)
    ");
}

#[test]
fn every_encoding_gives_the_same_cues() {
    let expected = read("a.srt", SRT.as_bytes()).unwrap().cues;
    let utf16 = |mark: &str, bytes_of: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{SRT}")
            .encode_utf16()
            .flat_map(bytes_of)
            .collect()
    };
    for bytes in [
        format!("\u{feff}{SRT}").into_bytes(),
        GB18030.encode(SRT).0.into_owned(),
        utf16("\u{feff}", u16::to_le_bytes),
        utf16("\u{feff}", u16::to_be_bytes),
        utf16("", u16::to_le_bytes),
        utf16("", u16::to_be_bytes),
    ] {
        assert_eq!(read("a.srt", &bytes).unwrap().cues, expected);
    }
    let traditional = "1\n00:00:01,000 --> 00:00:03,500\n大家好，我們來自臺灣，歡迎各位\n";
    let (bytes, _, _) = BIG5.encode(traditional);
    let cues = read("a.srt", &bytes).unwrap().cues;
    assert_eq!(cues[0].text, "大家好，我們來自臺灣，歡迎各位");
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let too_many = "00:00:01,000 --> 00:00:02,000\n字\n".repeat(MAX_CUES + 1);
    let errors = [
        read("大.srt", &vec![b' '; 17 << 20]),
        read("位图.sub", &[0, 0, 1, 0xBA, 0x44]),
        read("a.ttml", b"<?xml version=\"1.0\"?><tt xmlns=\"\"></tt>"),
        read("空.srt", b""),
        read(
            "坏.srt",
            "00:00:0l,000 --> 00:00:02,000\n甲\n00:01,0 --> 00:02,0\n\n".as_bytes(),
        ),
        read("多.srt", too_many.as_bytes()),
    ]
    .map(|result| {
        let text = result.unwrap_err().text();
        format!("{}\n{}", text.zh, text.en)
    });
    insta::assert_snapshot!(errors.join("\n"), @r"
    大.srt 大小为 17.00 MiB，超过字幕文件上限 16.00 MiB
    大.srt has 17.00 MiB, more than the limit of 16.00 MiB for subtitles
    位图.sub 的格式为 VobSub (.sub)，暂不支持，请提交 SRT、ASS、WebVTT 或 TTML
    位图.sub is VobSub (.sub), not supported yet, please hand in SRT, ASS, WebVTT or TTML
    a.ttml 中没有可显示的字幕（共 1 行，读到 0 条，0 条时间无法识别）
    a.ttml has no cue that could be shown (0 read, 0 with unreadable times, in 1 lines)
    空.srt 中没有可显示的字幕（共 0 行，读到 0 条，0 条时间无法识别）
    空.srt has no cue that could be shown (0 read, 0 with unreadable times, in 0 lines)
    坏.srt 中没有可显示的字幕（共 4 行，读到 1 条，1 条时间无法识别）
    坏.srt has no cue that could be shown (1 read, 1 with unreadable times, in 4 lines)
    多.srt 有 20001 条字幕，超过上限 20000 条
    多.srt has 20001 cues, more than the limit of 20000
    ");
}

#[test]
fn repairs_name_lines_where_times_cannot_be_read() {
    let mut bytes = SRT.as_bytes().to_vec();
    bytes.extend(
        "3\n00:00:0l,000 --> 00:00:02,000\n丢\n\n4\n00:01:00,000 --> 00:01:01,000\n".bytes(),
    );
    bytes.extend(&"尾巴".as_bytes()[..5]);
    let repairs = read("a.srt", &bytes).unwrap().repairs;
    let repairs: Vec<_> = repairs.iter().map(Repair::to_string).collect();
    insta::assert_snapshot!(repairs.join("\n"), @r"
    1 个字符无法识别，已用 � 代替 | characters that mean nothing, replaced with �: 1
    1 条字幕的时间无法识别，未采用（第 9 行） | cues with unreadable times, left out: 1 (line 9)
    1 条字幕与下一条重叠，已提前结束（0:01.000） | cues that lasted into the next, ended earlier: 1 (0:01.000)
    ");
}

#[test]
fn bilingual_events_of_a_script_become_one_cue() {
    let script = "[Events]\nFormat: Layer, Start, End, Style, Text\n\
                  Dialogue: 0,0:00:01.00,0:00:03.00,中,{\\an2}你好\n\
                  Dialogue: 0,0:00:01.00,0:00:03.00,英,Hello\n\
                  Dialogue: 1,0:00:01.00,0:00:03.00,影,你好\n";
    let subtitles = read("a.ass", script.as_bytes()).unwrap();
    insta::assert_snapshot!(shown(&subtitles), @r"
    WEBVTT

    00:00:01.000 --> 00:00:03.000
    你好
    Hello
    ---
    Zh
    1 条字幕重复，已合并（0:01.000） | duplicate cues, merged: 1 (0:01.000)
    1 条字幕与另一条同时开始，已合为多行（0:01.000） | cues that began together with another, joined into lines: 1 (0:01.000)
    ");
}

/// Cues as [`read`] gives them: in order, not over one another, with a tidy text.
fn cues() -> impl Strategy<Value = Vec<Cue>> {
    let text = "[ -~一-龥\n&<>;\u{a0}]{1,30}".prop_filter_map("no text", |text| {
        let text = plain::tidy(&text);
        (!text.is_empty()).then_some(text)
    });
    let spans = prop::collection::vec((0_u64..5_000_000, 1_u64..9_000, text), 1..20);
    spans.prop_map(|spans| {
        let mut now = 0;
        let cue = |(gap, length, text)| {
            let start = now + gap;
            now = start + length;
            Cue {
                start: Millis(start),
                end: Millis(now),
                text,
            }
        };
        spans.into_iter().map(cue).collect()
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), name in ".{0,20}") {
        let _ = read(&name, &bytes);
    }

    #[test]
    fn no_near_miss_makes_it_panic(
        text in "(WEBVTT\n|\\[Events\\]\n|Dialogue: )?([0-9:,.<>&;{}\\\\pN\\-> \n一：，－]{0,12}(-->)?){0,12}",
    ) {
        if let Ok(subtitles) = read("a.srt", text.as_bytes()) {
            let again = read("a.vtt", to_webvtt(&subtitles.cues).as_bytes()).unwrap();
            prop_assert_eq!(again.cues, subtitles.cues);
            prop_assert_eq!(again.repairs, vec![]);
        }
    }

    #[test]
    fn what_is_written_reads_back_the_same(cues in cues()) {
        let again = read("a.vtt", to_webvtt(&cues).as_bytes()).unwrap();
        prop_assert_eq!(again.cues, cues);
    }

    #[test]
    fn every_cue_stands_in_the_segments_it_touches(cues in cues(), count in 1_u64..40) {
        let end = cues.last().unwrap().end.0;
        let boundaries: Vec<_> = (1..=count).map(|n| Millis(end * n / count)).collect();
        let segments = segment(&cues, &boundaries);
        let mut seen: Vec<Cue> = segments
            .iter()
            .filter_map(|text| read("a.vtt", text.as_bytes()).ok())
            .flat_map(|subtitles| subtitles.cues)
            .collect();
        seen.dedup();
        prop_assert_eq!(seen, cues);
    }
}

/// Counts checked by eye against the files.
const COUNTS: [(&str, usize); 23] = [
    ("chardet__bom-utf-32-be.srt", 7),
    ("chardet__subtitle.srt", 22),
    ("go-astisub__example-in.srt", 6),
    ("go-astisub__example-in-non-utf8.srt", 6),
    ("go-astisub__example-in-non-utf8.vtt", 6),
    ("go-astisub__example-in-carriage-return.ssa", 3),
    ("go-astisub__missing-sequence-in.srt", 6),
    ("go-astisub__example-in-styled.srt", 10),
    ("opencast__sample.srt", 6),
    ("opencast__example.vtt", 4),
    ("shouting-at-stars-subtitles__中文字幕.srt", 2472),
    ("shouting-at-stars-subtitles__英文字幕.srt", 2287),
    ("go-astisub__example-in.ttml", 6),
    ("go-astisub__example-in-breaklines.ttml", 4),
    ("go-astisub__example-out-no-indent.ttml", 6),
    ("testsuite__ebu-ttd_sample_invalid_mixed_namespaces.ttml", 2),
    ("testsuite__ebu-ttd_sample_invalid_ns.ttml", 2),
    ("testsuite__comments.vtt", 13),
    ("testsuite__counter.srt", 600),
    // Six, of which two begin together.
    ("testsuite__spec-example-nested.vtt", 5),
    // Eight, of which two hold only blanks.
    ("testsuite__spaces.vtt", 6),
    ("testsuite__subtitle.ssa", 5),
    ("testsuite__timestamps-invalid.vtt", 3),
];

#[test]
#[expect(clippy::print_stdout, reason = "a test that tests nothing must say so")]
fn files_of_other_projects_give_cues_or_a_clear_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media/subtitles");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: no folder {}", folder.display());
        return;
    };
    let mut counted = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let extension = path.extension().and_then(|e| e.to_str());
        if !matches!(extension, Some("srt" | "vtt" | "ass" | "ssa" | "ttml")) {
            continue;
        }
        let result = read(&name, &std::fs::read(&path).unwrap());
        match &result {
            Ok(read) => assert_eq!(read_again(&read.cues), read.cues, "{name}"),
            Err(error) => assert!(matches!(error, SubtitleError::NoCue { .. }), "{error}"),
        }
        if let Some((_, count)) = COUNTS.iter().find(|(known, _)| *known == name) {
            assert_eq!(result.unwrap().cues.len(), *count, "{name}");
            counted += 1;
        }
    }
    assert_eq!(counted, COUNTS.len(), "files are missing");
}

#[test]
#[expect(clippy::print_stdout, reason = "a test that tests nothing must say so")]
fn real_subtitles_in_chinese_encodings_read_as_in_utf_8() {
    let name = "shouting-at-stars-subtitles__中文字幕.srt";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media/subtitles");
    let Ok(text) = std::fs::read_to_string(folder.join(name)) else {
        println!("SKIPPED: no file {name} in {}", folder.display());
        return;
    };
    let expected = read(name, text.as_bytes()).unwrap().cues;
    let (bytes, _, _) = GB18030.encode(&text);
    assert_eq!(read(name, &bytes).unwrap().cues, expected);

    // Even where a file has one cue only.
    let misread = |cue: &&Cue| {
        let (bytes, _, _) = GB18030.encode(&cue.text);
        encoding::decode(&bytes).text != cue.text
    };
    let misread: Vec<_> = expected.iter().filter(misread).collect();
    assert!(misread.len() * 200 < expected.len(), "{misread:?}");
}

fn read_again(cues: &[Cue]) -> Vec<Cue> {
    read("a.vtt", to_webvtt(cues).as_bytes()).unwrap().cues
}
