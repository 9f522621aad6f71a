//! Word and Excel beside the films, through the real program: what they say reaches the report, what they cannot say is
//! told, and one that kills its reader costs itself.

use std::fs;
use std::fs::File;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use zhanbo::document::{self, Document};

use crate::document_maker::{docx, paragraphs, word_table, xlsx};
use crate::media_maker::{Place, skipped};
use crate::program::{ended, report, submission, zhanbo};

/// `check` by the notice of 2021; the films here are none, so that some are always returned.
fn check(place: &Place) -> Value {
    let mut command = zhanbo();
    command
        .arg("check")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out());
    command.args(["--preset", "sichuan-2021-showcase"]);
    ended(&mut command).with(1);
    report(&place.out())
}

fn rules(findings: &Value) -> Vec<&str> {
    let findings = findings.as_array().unwrap();
    findings
        .iter()
        .map(|f| f["rule"].as_str().unwrap())
        .collect()
}

fn region<'a>(report: &'a Value, name: &str) -> &'a Value {
    let regions = report["regions"].as_array().unwrap();
    regions
        .iter()
        .find(|region| region["name"] == name)
        .unwrap()
}

#[test]
fn what_documents_say_reaches_the_report() {
    let place = Place::new();
    let form = word_table(&[
        &["单位", "西华大学", "视频名称", "雨巷"],
        &[
            "内容简介",
            "写的是江南的雨，也写一个撑着油纸伞、走在雨巷里的姑娘。",
        ],
    ]);
    for (name, document) in [
        ("西华大学《雨巷》", docx(&form)),
        ("四川大学《雪》", docx(&form)),
        ("成都大学《风》", b"PK\x03\x04 broken off".to_vec()),
    ] {
        place.file("川北片区", &format!("{name}.mp4"), b"no film");
        place.file("川北片区", &format!("{name}.docx"), &document);
    }
    let book = xlsx(&[
        &["川北片区推荐结果"],
        &["学校", "作品名称", "是否推荐"],
        &["四川大学", "雪", ""],
        &["西华大学", "雨港", "√"],
    ]);
    place.file("川北片区", "推荐结果.xlsx", &book);
    place.file("川东片区", "甲大学《乙》.mp4", b"no film");
    let prose = docx(&paragraphs(&[
        "经研究，我片区推荐甲大学《乙》参加年会展播。",
    ]));
    place.file("川东片区", "推荐结果.doc", &prose);
    let report = check(&place);
    let right = submission(&report, "西华大学《雨巷》.mp4");
    assert_eq!(
        right["introduction_text"][0],
        "写的是江南的雨，也写一个撑着油纸伞、走在雨巷里的姑娘。"
    );
    assert_eq!(rules(&right["findings"]), ["readable"]);
    let wrong = submission(&report, "四川大学《雪》.mp4");
    assert_eq!(
        rules(&wrong["findings"]),
        ["readable", "introduction-content"]
    );
    assert_eq!(wrong["findings"][1]["measured"]["zh"], "西华大学《雨巷》");
    let broken = submission(&report, "成都大学《风》.mp4");
    assert_eq!(rules(&broken["findings"]), ["readable", "introduction"]);
    assert!(
        broken["findings"][1]["measured"]["zh"]
            .as_str()
            .unwrap()
            .contains("成都大学《风》.docx：文件不完整或已损坏")
    );
    let north = region(&report, "川北片区");
    assert_eq!(rules(&north["findings"]), ["recommendation-not-received"]);
    assert!(
        north["findings"][0]["message"]["zh"]
            .as_str()
            .unwrap()
            .contains("名称最接近的是 西华大学《雨巷》")
    );
    assert_eq!(
        rules(&region(&report, "川东片区")["findings"]),
        ["recommendation-not-accepted"]
    );
}

#[test]
fn a_second_check_reads_no_document_again() {
    let place = Place::new();
    place.file("川北片区", "甲大学《乙》.mp4", b"no film");
    place.file(
        "川北片区",
        "甲大学《乙》.docx",
        &docx(&paragraphs(&["第一次读到的文字"])),
    );
    let text =
        |report: &Value| submission(report, "甲大学《乙》.mp4")["introduction_text"][0].clone();
    assert_eq!(text(&check(&place)), "第一次读到的文字");
    // What is remembered is made recognisable: a reader would not find these words.
    let folder = place.out().join("work/documents");
    let records: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    let [record] = &records[..] else {
        panic!("{records:?}");
    };
    let remembered = fs::read_to_string(record).unwrap();
    fs::write(record, remembered.replace("第一次读到", "第二次记得")).unwrap();
    assert_eq!(text(&check(&place)), "第二次记得的文字");
    fs::remove_file(record).unwrap();
    assert_eq!(text(&check(&place)), "第一次读到的文字");
}

/// An old workbook with one cell in the first and one in the very last place: its reader wants a hundred gigabytes.
fn far_corner() -> Vec<u8> {
    let record = |kind: u16, body: &[u8]| {
        let length = u16::try_from(body.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), body].concat()
    };
    let start = |kind: u8| {
        record(
            0x0809,
            &[
                0, 6, kind, 0, 0xBB, 0x0D, 0xCC, 0x07, 0, 0, 0, 0, 6, 0, 0, 0,
            ],
        )
    };
    let cell = |row: u16, column: u16| {
        let place = [row.to_le_bytes(), column.to_le_bytes(), [0; 2]].concat();
        record(0x0203, &[place, 1.0_f64.to_le_bytes().to_vec()].concat())
    };
    let end = record(0x000A, &[]);
    // [MS-XLS] BoundSheet8: where the sheet begins, visible, a worksheet, its name.
    let sheet_of = |begins: u32| {
        record(
            0x0085,
            &[&begins.to_le_bytes()[..], &[0, 0, 1, 0, b'a']].concat(),
        )
    };
    let globals = [start(5), sheet_of(0), end.clone()].concat().len();
    let stream = [
        start(5),
        sheet_of(u32::try_from(globals).unwrap()),
        end.clone(),
        start(0x10),
        cell(0, 0),
        cell(u16::MAX, u16::MAX),
        end,
    ];
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut workbook = file.create_stream("/Workbook").unwrap();
    workbook.write_all(&stream.concat()).unwrap();
    workbook.write_all(&[0; 8192]).unwrap();
    drop(workbook);
    // Without a small stream beside it, calamine takes the file for an empty one.
    let mut small = file.create_stream("/Small").unwrap();
    small.write_all(b"small").unwrap();
    drop(small);
    file.into_inner().into_inner()
}

#[test]
fn a_document_that_kills_its_reader_costs_itself_and_nothing_else() {
    let place = Place::new();
    for (name, document) in [
        ("甲大学《深》", far_corner()),
        ("甲大学《好》", docx(&paragraphs(&["这是一份好好的简介。"]))),
    ] {
        place.file("川北片区", &format!("{name}.mp4"), b"no film");
        place.file("川北片区", &format!("{name}.docx"), &document);
    }
    let report = check(&place);
    assert_eq!(
        submission(&report, "甲大学《好》.mp4")["introduction_text"][0],
        "这是一份好好的简介。"
    );
    let deep = submission(&report, "甲大学《深》.mp4");
    let told = &deep["findings"][1];
    assert_eq!(told["rule"], "introduction", "{deep:#}");
    let measured = told["measured"]["en"].as_str().unwrap();
    assert!(
        measured.contains("reading it failed (the worker ended with signal"),
        "{measured}"
    );
}

/// What `LibreOffice` makes of a document.
fn converted(place: &Place, bytes: &[u8], from: &str, to: &str) -> Option<Document> {
    let source = place.root().join(format!("document.{from}"));
    fs::write(&source, bytes).unwrap();
    let profile = format!(
        "-env:UserInstallation=file://{}",
        place.root().join("profile").display()
    );
    let made = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", to, "--outdir"])
        .arg(place.root().join("converted"))
        .arg(&source)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let target = place
        .root()
        .join("converted")
        .join(format!("document.{to}"));
    made.ok()
        .filter(|status| status.success() && target.exists())?;
    Some(document::read(File::open(target).unwrap()).unwrap())
}

#[test]
fn files_of_the_old_formats_say_what_the_new_ones_say() {
    let place = Place::new();
    let body = [
        paragraphs(&["作品简介", "西南民族大学《爱我中华》"]),
        word_table(&[&["单位", "视频名称"], &["西南民族大学", "爱我中华"]]),
    ];
    let text = docx(&body.concat());
    let book = xlsx(&[
        &["推荐结果"],
        &["单位", "", "视频名称"],
        &["西华大学", "", "雨"],
    ]);
    for (bytes, from, to) in [(&text, "docx", "doc"), (&book, "xlsx", "xls")] {
        let given = read(bytes);
        let Some(old) = converted(&place, bytes, from, to) else {
            return skipped("LibreOffice is not installed, or does not convert");
        };
        assert_eq!(old.paragraphs, given.paragraphs, "{to}");
        let rows =
            |document: &Document| document.rows().map(<[String]>::to_vec).collect::<Vec<_>>();
        assert_eq!(rows(&old), rows(&given), "{to}");
    }
    let real =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media/docs/extractcode__abc.docx");
    let Ok(bytes) = fs::read(&real) else {
        return skipped(&format!("there is no {}", real.display()));
    };
    let old = converted(&place, &bytes, "docx", "doc")
        .unwrap()
        .characters();
    let new = read(&bytes).characters();
    assert!(
        old.abs_diff(new) * 50 < new,
        "{old} characters in the old format, {new} in the new one"
    );
}

fn read(bytes: &[u8]) -> Document {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    document::read(file).unwrap()
}

#[test]
fn mutated_documents_are_read_or_refused_and_never_hang() {
    let place = Place::new();
    let whole = docx(&paragraphs(&["单位：西华大学", "作品名称：《雨》"]));
    let mut seed = 7_u64;
    let mut random = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap()
    };
    for number in 0..12 {
        let mut bytes = whole.clone();
        for _ in 0..=random() % 6 {
            let at = random() % bytes.len();
            bytes[at] = u8::try_from(random() % 256).unwrap();
        }
        place.file("川北片区", &format!("甲大学《{number}》.mp4"), b"no film");
        place.file("川北片区", &format!("甲大学《{number}》.docx"), &bytes);
    }
    let report = check(&place);
    for record in report["submissions"].as_array().unwrap() {
        let is_read = record["introduction"].is_string();
        let is_told = rules(&record["findings"]).contains(&"introduction");
        assert!(is_read != is_told, "{record:#}");
    }
}
