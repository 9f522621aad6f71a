//! A notice as a Word document, after the form of Chinese office documents (GB/T 9704-2012): paper, margins, typefaces
//! and sizes are the standard's; tables are set smaller, because a table of 16-point sentences is all paper. In: its
//! words. Out: bytes of a `.docx`, the same for the same words.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, DocumentChild, Docx, FieldCharType, Footer, InstrText, LineSpacing,
    LineSpacingType, PageMargin, Paragraph, Run, RunFonts, Shading, ShdType, Table, TableCell,
    TableCellContent, TableCellMargins, TableChild, TableLayoutType, TableRow, TableRowChild,
    VAlignType, WidthType,
};

use super::{Block, Notice};
use crate::text::Lang;

/// A millimetre in twentieths of a point.
const MM: f64 = 1440.0 / 25.4;
/// GB/T 9704-2012 §5.2: A4 with margins of 37 mm above, 28 mm left; the type area is 156 mm x 225 mm.
const PAPER: (f64, f64) = (210.0, 297.0);
const MARGINS: Margins = Margins {
    top: 37.0,
    right: 26.0,
    bottom: 35.0,
    left: 28.0,
};
/// §5.2.3: 22 lines on a page, so 28 points from line to line.
const LINE: i32 = 28 * 20;

/// Sizes in half points: 二号, 三号, 四号, 小四, 五号.
const SIZE_TITLE: usize = 44;
const SIZE_BODY: usize = 32;
const SIZE_PAGE_NUMBER: usize = 28;
const SIZE_DETAIL: usize = 24;
const SIZE_TABLE: usize = 21;

/// Typefaces that every Windows with Chinese has; elsewhere the office takes its own of the same kind.
const SONG: &str = "宋体";
const HEI: &str = "黑体";
const KAI: &str = "楷体";
const FANG_SONG: &str = "仿宋";
const LATIN: &str = "Times New Roman";

struct Margins {
    top: f64,
    right: f64,
    bottom: f64,
    left: f64,
}

/// The document could not be packed: a fault of ours, never of a report.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be packed")]
pub struct NoticeError {
    source: Box<dyn std::error::Error + Send + Sync>,
}

pub(super) fn to_docx(notice: &Notice, lang: Lang) -> Result<Vec<u8>, NoticeError> {
    let mut docx = Docx::new()
        .page_size(twips(PAPER.0), twips(PAPER.1))
        .page_margin(margins())
        .default_fonts(fonts(FANG_SONG))
        .default_size(SIZE_BODY)
        .footer(footer())
        .add_paragraph(title(&notice.event))
        .add_paragraph(title(&notice.title))
        .add_paragraph(body().add_run(run("", FANG_SONG, SIZE_BODY)))
        .add_paragraph(body().add_run(run(&notice.to, FANG_SONG, SIZE_BODY)));
    for block in &notice.blocks {
        docx = add(docx, block, lang);
    }
    let mut packed = Cursor::new(Vec::new());
    docx = docx
        .add_paragraph(body())
        .add_paragraph(signature(&notice.from))
        .add_paragraph(signature(&notice.date));
    let mut parts = numbered(signed_together(docx)).build();
    parts.document = with_repeated_headings(&parts.document);
    parts.pack(&mut packed).map_err(|error| NoticeError {
        source: Box::new(error),
    })?;
    Ok(packed.into_inner())
}

/// The signature is never alone on a page: it stays with the last paragraph.
fn signed_together(mut docx: Docx) -> Docx {
    for paragraph in paragraphs(&mut docx).into_iter().rev().skip(1).take(3) {
        paragraph.property.keep_next = Some(true);
    }
    docx
}

/// The heading of a table stands again on each page that the table reaches; the library has no word for that.
fn with_repeated_headings(document: &[u8]) -> Vec<u8> {
    const FIRST_ROW: &str = "</w:tblGrid><w:tr><w:trPr>";
    String::from_utf8_lossy(document)
        .replace(FIRST_ROW, &format!("{FIRST_ROW}<w:tblHeader />"))
        .into_bytes()
}

/// The library numbers paragraphs from one counter for the whole process; the same words must give the same bytes.
fn numbered(mut docx: Docx) -> Docx {
    for (number, paragraph) in (1_u32..).zip(paragraphs(&mut docx)) {
        paragraph.id = format!("{number:08x}");
    }
    docx
}

fn paragraphs(docx: &mut Docx) -> Vec<&mut Paragraph> {
    let mut found = Vec::new();
    for child in &mut docx.document.children {
        match child {
            DocumentChild::Paragraph(paragraph) => found.push(&mut **paragraph),
            DocumentChild::Table(table) => {
                let rows = table.rows.iter_mut();
                let cells = rows.flat_map(|TableChild::TableRow(row)| &mut row.cells);
                let contents = cells.flat_map(|TableRowChild::TableCell(cell)| &mut cell.children);
                found.extend(contents.filter_map(|content| match content {
                    TableCellContent::Paragraph(paragraph) => Some(&mut **paragraph),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    found
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths on a sheet of paper"
)]
fn twips(millimetres: f64) -> u32 {
    (millimetres * MM).round() as u32
}

fn margins() -> PageMargin {
    let twips = |mm: f64| i32::try_from(twips(mm)).unwrap_or(i32::MAX);
    PageMargin::new()
        .top(twips(MARGINS.top))
        .right(twips(MARGINS.right))
        .bottom(twips(MARGINS.bottom))
        .left(twips(MARGINS.left))
        .header(twips(15.0))
        .footer(twips(25.0))
}

fn fonts(east_asian: &str) -> RunFonts {
    RunFonts::new()
        .ascii(LATIN)
        .hi_ansi(LATIN)
        .east_asia(east_asian)
        .hint("eastAsia")
}

fn run(words: &str, font: &str, size: usize) -> Run {
    Run::new().add_text(words).fonts(fonts(font)).size(size)
}

/// A paragraph of the body, not indented.
fn body() -> Paragraph {
    Paragraph::new().line_spacing(
        LineSpacing::new()
            .line(LINE)
            .line_rule(LineSpacingType::Exact),
    )
}

/// A paragraph that begins two characters in.
fn indented() -> Paragraph {
    body().first_line_chars(200).indent(
        None,
        Some(docx_rs::SpecialIndentType::FirstLine(640)),
        None,
        None,
    )
}

fn title(words: &str) -> Paragraph {
    Paragraph::new()
        .align(AlignmentType::Center)
        .line_spacing(
            LineSpacing::new()
                .line(LINE + 120)
                .line_rule(LineSpacingType::Exact),
        )
        .add_run(run(words, SONG, SIZE_TITLE).bold())
}

fn signature(words: &str) -> Paragraph {
    body()
        .align(AlignmentType::Right)
        .keep_lines(true)
        .indent(None, None, Some(1280), None)
        .add_run(run(words, FANG_SONG, SIZE_BODY))
}

/// §7.5: the page's number between two dashes, in 四号 宋体.
fn footer() -> Footer {
    let part = || Run::new().fonts(fonts(SONG)).size(SIZE_PAGE_NUMBER);
    let number = part()
        .add_field_char(FieldCharType::Begin, false)
        .add_instr_text(InstrText::Unsupported("PAGE".to_owned()))
        .add_field_char(FieldCharType::Separate, false)
        .add_text("1")
        .add_field_char(FieldCharType::End, false);
    Footer::new().add_paragraph(
        Paragraph::new()
            .id("7f000001")
            .align(AlignmentType::Center)
            .add_run(part().add_text("— "))
            .add_run(number)
            .add_run(part().add_text(" —")),
    )
}

fn add(docx: Docx, block: &Block, lang: Lang) -> Docx {
    match block {
        Block::Paragraph(words) => {
            docx.add_paragraph(indented().add_run(run(words, FANG_SONG, SIZE_BODY)))
        }
        Block::Heading(words) => docx.add_paragraph(
            indented()
                .keep_next(true)
                .add_run(run(words, HEI, SIZE_BODY)),
        ),
        Block::Video { name, detail } => docx
            .add_paragraph(
                indented()
                    .keep_next(true)
                    .add_run(run(name, KAI, SIZE_BODY)),
            )
            .add_paragraph(
                Paragraph::new()
                    .keep_next(true)
                    .line_spacing(LineSpacing::new().after(80))
                    .indent(
                        None,
                        Some(docx_rs::SpecialIndentType::FirstLine(640)),
                        None,
                        None,
                    )
                    .add_run(run(detail, FANG_SONG, SIZE_DETAIL)),
            ),
        Block::Table { columns, rows } => docx
            .add_table(table(columns, rows, lang))
            .add_paragraph(gap()),
        Block::List(items) => items.iter().fold(docx, |docx, item| {
            let words = format!("· {item}");
            docx.add_paragraph(indented().add_run(run(&words, FANG_SONG, SIZE_BODY)))
        }),
    }
}

/// A little room below a table.
fn gap() -> Paragraph {
    Paragraph::new()
        .line_spacing(
            LineSpacing::new()
                .line(160)
                .line_rule(LineSpacingType::Exact),
        )
        .add_run(run("", FANG_SONG, SIZE_TABLE))
}

fn table(columns: &[(String, usize)], rows: &[Vec<Vec<String>>], lang: Lang) -> Table {
    let all = twips(PAPER.0 - MARGINS.left - MARGINS.right) as usize;
    let widths: Vec<_> = columns.iter().map(|(_, share)| all * share / 100).collect();
    let heads = columns.iter().zip(&widths).map(|((name, _), width)| {
        cell(*width)
            .shading(Shading::new().shd_type(ShdType::Clear).fill("F1EDE4"))
            .add_paragraph(
                Paragraph::new()
                    .align(AlignmentType::Center)
                    .keep_next(true)
                    .add_run(run(name, HEI, SIZE_TABLE)),
            )
    });
    let head = TableRow::new(heads.collect()).cant_split();
    let rows = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths);
        TableRow::new(
            cells
                .map(|(words, width)| filled(*width, words, lang))
                .collect(),
        )
        .cant_split()
    });
    Table::new([head].into_iter().chain(rows).collect())
        .set_grid(widths.clone())
        .width(all, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .margins(TableCellMargins::new().margin(50, 80, 50, 80))
}

fn cell(width: usize) -> TableCell {
    TableCell::new()
        .width(width, WidthType::Dxa)
        .vertical_align(VAlignType::Center)
}

fn filled(width: usize, paragraphs: &[String], lang: Lang) -> TableCell {
    let nothing = [lang.pick("—", "–").to_owned()];
    let paragraphs = if paragraphs.is_empty() {
        &nothing
    } else {
        paragraphs
    };
    paragraphs.iter().fold(cell(width), |cell, words| {
        cell.add_paragraph(Paragraph::new().add_run(run(words, FANG_SONG, SIZE_TABLE)))
    })
}
