//! Small office documents from raw XML, for tests within the library and for those of the whole program. In: text and
//! rows. Out: the bytes of a .docx or .xlsx as Word and Excel lay them out.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A ZIP of these parts, stored: what is done to its bytes reaches the XML.
pub(crate) fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A .docx with this body.
pub(crate) fn docx(body: &str) -> Vec<u8> {
    docx_with(body, &[])
}

/// A .docx with this body and further parts, each of which the document refers to as a picture.
pub(crate) fn docx_with(body: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let document = format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{WORD}" xmlns:r="{OFFICE}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><w:body>{body}</w:body></w:document>"#
    );
    let pictures: Vec<String> = more
        .iter()
        .enumerate()
        .map(|(at, (name, _))| {
            let target = name.strip_prefix("word/").unwrap_or(name);
            format!(r#"<Relationship Id="rId{at}" Type="{OFFICE}/image" Target="{target}"/>"#)
        })
        .collect();
    let relations = format!(
        r#"<Relationships xmlns="{PACKAGE}/relationships">{}</Relationships>"#,
        pictures.concat()
    );
    let (types, root) = (
        types("word/document.xml", "wordprocessingml.document.main"),
        root("word/document.xml"),
    );
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", relations.as_bytes()),
    ];
    parts.extend(more);
    package(&parts)
}

/// Paragraphs of a body, one a text.
pub(crate) fn paragraphs(texts: &[&str]) -> String {
    let paragraph = |text: &&str| {
        format!(
            "<w:p><w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
            escaped(text)
        )
    };
    each(texts, paragraph)
}

/// A table of a body.
pub(crate) fn word_table(rows: &[&[&str]]) -> String {
    let cell = |text: &&str| format!("<w:tc>{}</w:tc>", paragraphs(&[text]));
    let row = |row: &&[&str]| format!("<w:tr>{}</w:tr>", each(row, cell));
    format!("<w:tbl>{}</w:tbl>", each(rows, row))
}

/// A .xlsx with these rows in one sheet.
pub(crate) fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
    let cell = |text: &&str| {
        if text.is_empty() {
            "<c/>".to_owned()
        } else {
            format!("<c t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(text))
        }
    };
    let row = |row: &&[&str]| format!("<row>{}</row>", each(row, cell));
    xlsx_sheet(&format!("<sheetData>{}</sheetData>", each(rows, row)))
}

/// A .xlsx with one sheet that holds this XML.
pub(crate) fn xlsx_sheet(inner: &str) -> Vec<u8> {
    let sheet = format!(r#"<worksheet xmlns="{SHEET}">{inner}</worksheet>"#);
    let workbook = format!(
        r#"<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets><sheet name="推荐" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let relations = format!(
        r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
    );
    package(&[
        (
            "[Content_Types].xml",
            types("xl/workbook.xml", "spreadsheetml.sheet.main").as_bytes(),
        ),
        ("_rels/.rels", root("xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn each<T>(items: &[T], xml: impl Fn(&T) -> String) -> String {
    items.iter().map(xml).collect::<Vec<_>>().concat()
}

fn types(part: &str, kind: &str) -> String {
    format!(
        r#"<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/></Types>"#
    )
}

fn root(part: &str) -> String {
    format!(
        r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{part}"/></Relationships>"#
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
