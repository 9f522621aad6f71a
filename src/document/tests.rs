//! Readers against documents made here, hostile ones among them, and against real ones where they lie beside the
//! repository.

use std::io::{Cursor, Seek as _, SeekFrom, Write as _};
use std::time::{Duration, Instant};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::maker::{docx, docx_with, package, paragraphs, word_table, xlsx, xlsx_sheet};
use super::*;
use crate::text::Text;

/// Reads bytes as a worker does, through a file.
fn read_bytes(bytes: &[u8]) -> Result<Document, DocumentFault> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    read(file)
}

/// Paragraphs, then tables, as a reader of this test sees them.
fn shown(bytes: &[u8]) -> String {
    match read_bytes(bytes) {
        Err(fault) => format!("{}; {}", fault.text().zh, fault.text().en),
        Ok(document) => {
            let rows = document.tables.iter().flat_map(|table| {
                let head = format!("[{}]", table.name.as_deref().unwrap_or_default());
                std::iter::once(head).chain(table.rows.iter().map(|row| row.join("|")))
            });
            let lines = document.paragraphs.iter().cloned().chain(rows);
            let pictures =
                (document.pictures > 0).then(|| format!("{} pictures", document.pictures));
            lines.chain(pictures).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A .docx in which a part of zeros stands `copies` times: packed a thousandth of what it unpacks to.
fn bomb(part: &str, zeros: usize, copies: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("[Content_Types].xml", "<Types/>"), ("word/a.xml", "<a/>")] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.start_file(part, SimpleFileOptions::default()).unwrap();
    zip.write_all(&vec![0; zeros]).unwrap();
    for copy in 1..copies {
        zip.deep_copy_file(part, &format!("{copy}-{}", part.replace('/', "-")))
            .unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A picture in a body: the `at`th further part.
fn picture(at: usize) -> String {
    format!(r#"<w:p><w:r><w:drawing><a:blip r:embed="rId{at}"/></w:drawing></w:r></w:p>"#)
}

#[test]
fn a_word_document_gives_its_text_its_tables_and_its_pictures() {
    let body = [
        paragraphs(&["作品简介", " 西南民族大学\u{200b}《爱我中华》 ", ""]),
        word_table(&[&["单位", "视频名称", ""], &["西南民族大学", "爱我中华"]]),
        picture(0),
    ];
    let document = docx_with(
        &body.concat(),
        &[("word/media/image1.png", b"\x89PNG\r\n\x1a\n")],
    );
    insta::assert_snapshot!(shown(&document), @r"
    作品简介
    西南民族大学《爱我中华》
    []
    单位|视频名称
    西南民族大学|爱我中华
    1 pictures
    ");
    assert!(read_bytes(&document).unwrap().format.is_text());
}

#[test]
fn deleted_text_is_gone_inserted_text_and_line_breaks_stay() {
    let body = r"<w:p><w:r><w:t>单位：</w:t></w:r><w:del><w:r><w:delText>甲</w:delText></w:r></w:del><w:ins><w:r><w:t>乙大学</w:t></w:r></w:ins><w:r><w:br/><w:t>作品：雨</w:t></w:r></w:p>";
    insta::assert_snapshot!(shown(&docx(body)), @r"
    单位：乙大学
    作品：雨
    ");
}

#[test]
fn merged_cells_stand_in_their_first_column() {
    let cell = |properties: &str, text: &str| {
        format!(
            "<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>",
            paragraphs(&[text])
        )
    };
    let body = format!(
        "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}{}</w:tr><w:tr>{}{}{}</w:tr></w:tbl>",
        cell(r#"<w:gridSpan w:val="2"/>"#, "推荐表"),
        cell("", "备注"),
        cell(r#"<w:vMerge w:val="restart"/>"#, "川北片区"),
        cell("", "西华大学"),
        cell("", "雨"),
        cell("<w:vMerge/>", ""),
        cell("", "四川大学"),
        cell("", "雪"),
    );
    insta::assert_snapshot!(shown(&docx(&body)), @r"
    []
    推荐表||备注
    川北片区|西华大学|雨
    |四川大学|雪
    ");
}

#[test]
fn a_workbook_gives_its_rows_as_excel_shows_them() {
    let book = xlsx(&[
        &["推荐结果汇总表"],
        &[""],
        &["单位", "", "视频名称"],
        &["西华大学", "", "=雨&雪"],
    ]);
    insta::assert_snapshot!(shown(&book), @r"
    [推荐]
    推荐结果汇总表
    单位||视频名称
    西华大学||=雨&雪
    ");
    let kinds = r#"<sheetData><row><c><v>1</v></c><c><v>0.5</v></c><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c><c><f>A1+1</f><v>2</v></c><c><f>A1+1</f></c><c t="str"><f>"a"&amp;"b"</f><v>ab</v></c></row></sheetData>"#;
    insta::assert_snapshot!(shown(&xlsx_sheet(kinds)), @r"
    [推荐]
    1|0.5|TRUE||2||ab
    ");
}

#[test]
fn a_sheet_that_states_millions_of_cells_has_those_it_has() {
    let sheet = r#"<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>雨</t></is></c></row><row r="1048576"><c r="A1048576" t="inlineStr"><is><t>雪</t></is></c></row></sheetData>"#;
    insta::assert_snapshot!(shown(&xlsx_sheet(sheet)), @r"
    [推荐]
    雨
    雪
    ");
    let corner = r#"<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>"#;
    insta::assert_snapshot!(shown(&xlsx_sheet(corner)), @"超过 1000 列; it has more than 1000 columns");
}

#[test]
fn more_cells_than_a_list_ever_has_are_refused() {
    let row = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(500));
    let sheet = format!(
        "<sheetData>{}</sheetData>",
        row.repeat(limits::MAX_CELLS / 500 + 1)
    );
    insta::assert_snapshot!(shown(&xlsx_sheet(&sheet)), @"超过 100000 个单元格; it has more than 100000 cells");
}

#[test]
fn a_text_longer_than_any_introduction_is_refused() {
    // No two lines alike: what packs too well is refused as a bomb before it is counted.
    let text: String = (0_u32..)
        .filter_map(|at| char::from_u32(0x4e00 + at.wrapping_mul(2_654_435_761) % 20_000))
        .take(limits::MAX_CHARACTERS + 1)
        .collect();
    insta::assert_snapshot!(shown(&docx(&paragraphs(&[&text]))), @"超过 400000 个字; it has more than 400000 characters");
}

#[test]
fn ten_megabytes_that_unpack_to_ten_gigabytes_are_refused_within_seconds() {
    let pictures = bomb("word/media/image1.png", 64 << 20, 160);
    let text = bomb("word/document.xml", 64 << 20, 1);
    for (bomb, limit) in [
        (pictures, "展开后超过 256.00 MiB，可能是解压炸弹"),
        (text, "展开后超过 48.00 MiB，可能是解压炸弹"),
    ] {
        assert!(bomb.len() < 11 << 20, "{}", bomb.len());
        let before = Instant::now();
        let fault = read_bytes(&bomb).unwrap_err();
        assert_eq!(fault.text().zh, limit);
        assert!(before.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn tables_inside_tables_without_end_are_refused_before_anybody_descends() {
    let nested = |depth: usize| {
        let open = "<w:tbl><w:tr><w:tc>".repeat(depth);
        let close = "<w:p/></w:tc></w:tr></w:tbl>".repeat(depth);
        docx(&format!("{open}{}{close}", paragraphs(&["雨"])))
    };
    insta::assert_snapshot!(shown(&nested(200_000)), @"超过 500 层嵌套; it has more than 500 elements inside each other");
    insta::assert_snapshot!(shown(&nested(3)), @r"
    []
    雨
    ");
}

#[test]
fn entities_of_its_own_are_refused_and_never_expanded() {
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><w:document/>"#;
    let foreign = r#"<?xml version="1.0"?><!doctype x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document/>"#;
    let wide: Vec<u8> = laughs.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for part in [laughs.as_bytes(), foreign.as_bytes(), &wide] {
        let bytes = package(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("word/document.xml", part),
        ]);
        let fault = read_bytes(&bytes).unwrap_err();
        assert!(
            matches!(fault, DocumentFault::OwnEntities { .. }),
            "{fault:?}"
        );
    }
    let undefined = docx("<w:p><w:r><w:t>a&b;c &#x4e2d;</w:t></w:r></w:p>");
    insta::assert_snapshot!(shown(&undefined), @"a&b;c 中");
}

#[test]
fn what_is_cut_or_mixed_up_is_refused_in_words() {
    let whole = docx(&paragraphs(&["西华大学"]));
    for length in [5, 60, whole.len() / 2, whole.len() - 1] {
        let fault = read_bytes(&whole[..length]).unwrap_err();
        assert!(
            matches!(fault, DocumentFault::Damaged { .. }),
            "{length}: {fault:?}"
        );
    }
    let of = |bytes: &[u8]| read_bytes(bytes).unwrap_err().text().zh;
    insta::assert_snapshot!(of(b""), @"空文件，0 字节");
    insta::assert_snapshot!(of(b"%PDF-1.7\n"), @"内容是PDF 文件，不是 Word 或 Excel 文档");
    insta::assert_snapshot!(of("西华大学".as_bytes()), @"内容是纯文本，不是 Word 或 Excel 文档");
    insta::assert_snapshot!(of(&package(&[("a.txt", b"a")])), @"内容是ZIP 压缩包，不是 Word 或 Excel 文档");
    insta::assert_snapshot!(of(&package(&[("[Content_Types].xml", b"<Types/>"), ("ppt/presentation.xml", b"<p/>")])), @"是PPT 演示文稿，这里不读取");
    let ole = [
        &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
        [0xFF; 600].as_slice(),
    ]
    .concat();
    assert!(matches!(
        read_bytes(&ole),
        Err(DocumentFault::Damaged { .. })
    ));
}

#[test]
fn a_password_is_named_in_whatever_a_program_wraps_it() {
    let mut wrapped = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for stream in ["/EncryptedPackage", "/EncryptionInfo"] {
        wrapped
            .create_stream(stream)
            .unwrap()
            .write_all(&[7; 5000])
            .unwrap();
    }
    let bytes = wrapped.into_inner().into_inner();
    insta::assert_snapshot!(shown(&bytes), @"文件加了密码，打不开; it is protected by a password");
}

#[test]
fn a_document_of_macros_only_is_told_apart() {
    let fault = read_bytes(&docx_with("", &[("word/vbaProject.bin", b"x")])).unwrap_err();
    assert_eq!(fault, DocumentFault::MacrosOnly);
    let with_text = docx_with(&paragraphs(&["雨"]), &[("word/vbaProject.bin", b"x")]);
    assert_eq!(shown(&with_text), "雨");
}

#[test]
fn every_fault_is_said_in_both_languages_with_a_remedy() {
    let texts = Text::new("甲", "a");
    for fault in [
        DocumentFault::Empty,
        DocumentFault::PasswordProtected,
        DocumentFault::damaged(&"x"),
        DocumentFault::beyond(Limit::Parts, 1),
        DocumentFault::beyond(Limit::File, 1),
        DocumentFault::MacrosOnly,
        DocumentFault::OwnEntities { part: "x".into() },
        DocumentFault::OtherKind {
            looks_like: texts.clone(),
        },
        DocumentFault::NotADocument {
            looks_like: texts.clone(),
        },
        DocumentFault::ReaderFailed { detail: texts },
        DocumentFault::Closed { detail: "x".into() },
    ] {
        for text in [fault.text(), fault.remedy()] {
            assert!(
                !text.zh.ends_with('。') && !text.en.ends_with('.'),
                "{text:?}"
            );
            assert!(!text.zh.is_ascii() && text.en != text.zh, "{text:?}");
        }
        let line = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<DocumentFault>(&line).unwrap(), fault);
    }
}

#[test]
fn real_documents_are_read_or_refused_in_words() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media/docs");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: there is no {}",
            folder.display()
        );
        return;
    };
    let (mut read_whole, mut refused) = (0, Vec::new());
    for entry in entries {
        let path = entry.unwrap().path();
        match read(File::open(&path).unwrap()) {
            Ok(_) => read_whole += 1,
            Err(fault) => refused.push(format!("{}: {}", path.display(), fault.text().en)),
        }
    }
    assert!(read_whole > 20, "{read_whole} were read, {refused:#?}");
    assert!(refused.is_empty(), "{refused:#?}");
}
