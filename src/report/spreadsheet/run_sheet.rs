//! `run-sheet.xlsx`: what plays when, to be changed and read back. In: a [`RunSheet`]. Out: a workbook as bytes. The headings
//! by which it is read back are those of `programme::sheet`.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use super::{Cell, Column, Page, Sheet, SpreadsheetError, column};
use crate::programme::run_sheet::{Row, RunSheet};
use crate::programme::sheet::HEADINGS;
use crate::report::terminal::printable;
use crate::report::wording::clean;
use crate::text::{Lang, Text};

/// The workbook in one language.
pub fn to_xlsx(sheet: &RunSheet, lang: Lang) -> Result<Vec<u8>, SpreadsheetError> {
    let mut workbook = Workbook::new();
    let title = clean(&sheet.title);
    workbook.set_properties(
        &DocProperties::new()
            .set_title(title.in_lang(lang))
            .set_creation_datetime(&ExcelDateTime::from_ymd(2021, 1, 1)?),
    );
    let page = Sheet {
        name: Text::new("节目单", "Run sheet"),
        columns: columns(),
        rows: sheet.rows.iter().map(|row| cells(sheet, row)).collect(),
        second_page: None,
    };
    let worksheet = workbook.add_worksheet().set_name(page.name.in_lang(lang))?;
    Page {
        sheet: &page,
        lang,
        title: title.in_lang(lang),
    }
    .write(worksheet)?;
    Ok(workbook.save_to_buffer()?)
}

fn columns() -> Vec<Column> {
    let [order, notes, plan_b, key] = HEADINGS.map(|[zh, en]| (zh, en));
    vec![
        column(order.0, order.1, 6),
        column("片区", "Region", 14),
        column("单位", "Unit", 22),
        column("视频", "Title", 26),
        column("开始", "Starts at", 10),
        column("长度", "Length", 8),
        column("字幕", "Subtitles", 14),
        column(notes.0, notes.1, 24),
        column(plan_b.0, plan_b.1, 34),
        column(key.0, key.1, 14),
    ]
}

fn cells(sheet: &RunSheet, row: &Row) -> Vec<Cell> {
    let optional = |text: &str| match text {
        "" => Cell::Empty,
        text => Cell::name(text),
    };
    vec![
        Cell::Count(row.order),
        optional(&row.region),
        optional(&row.unit),
        Cell::Text(clean(&row.title)),
        Cell::name(&sheet.start(row)),
        Cell::Length(row.length.0),
        Cell::Text(clean(&row.subtitles)),
        optional(&row.note),
        Cell::Text(clean(&row.plan_b)),
        Cell::name(&printable(&row.key)),
    ]
}
