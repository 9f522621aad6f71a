//! Workbooks, new and old. In: bytes. Out: a [`Document`] whose tables are the visible sheets, by way of `calamine`.
//! Formulas give the value that Excel saved with them, or nothing; nothing is calculated.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, ExcelDateTime, Reader as _, Sheet, SheetType, SheetVisible};
use calamine::{XlsError, XlsxError};

use super::fault::{DocumentFault, Limit};
use super::{Document, DocumentFormat, Reader, Table, cell, container, limits, table};

/// .xlsx.
pub(super) struct Xlsx;
/// .xls, and WPS Spreadsheets' files.
pub(super) struct Xls;

/// The cells of one sheet that are not empty, by row and column.
type Cells = BTreeMap<(u32, u32), String>;

impl Reader for Xlsx {
    fn read(&self, bytes: Vec<u8>) -> Result<Document, DocumentFault> {
        let has_macros = container::has_macros(&bytes);
        let mut workbook =
            calamine::Xlsx::new(Cursor::new(bytes)).map_err(|error| xlsx_fault(&error))?;
        let mut sheets = Sheets::default();
        for name in visible(workbook.sheets_metadata()) {
            let mut reader = workbook
                .worksheet_cells_reader(&name)
                .map_err(|error| xlsx_fault(&error))?;
            // Cell by cell: a sheet that states a size, or has one cell in its far corner, takes no memory for the rest.
            let mut cells = Cells::new();
            while let Some(cell) = reader.next_cell().map_err(|error| xlsx_fault(&error))? {
                sheets.take(
                    &mut cells,
                    cell.get_position(),
                    &shown(&Data::from(cell.get_value().clone())),
                )?;
            }
            sheets.close(name, cells);
        }
        sheets.into_document(DocumentFormat::Xlsx, has_macros)
    }
}

impl Reader for Xls {
    fn read(&self, bytes: Vec<u8>) -> Result<Document, DocumentFault> {
        let mut workbook =
            calamine::Xls::new(Cursor::new(bytes)).map_err(|error| xls_fault(&error))?;
        let mut sheets = Sheets::default();
        for name in visible(workbook.sheets_metadata()) {
            let range = workbook
                .worksheet_range(&name)
                .map_err(|error| xls_fault(&error))?;
            let (top, left) = range.start().unwrap_or_default();
            let mut cells = Cells::new();
            for (row, column, value) in range.used_cells() {
                let at = |start: u32, offset: usize| {
                    start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX))
                };
                let place = (at(top, row), at(left, column));
                sheets.take(&mut cells, place, &shown(value))?;
            }
            sheets.close(name, cells);
        }
        sheets.into_document(DocumentFormat::Xls, false)
    }
}

/// The tables so far, and the cells counted over all of them.
#[derive(Default)]
struct Sheets {
    tables: Vec<Table>,
    cells: usize,
}

impl Sheets {
    fn take(
        &mut self,
        cells: &mut Cells,
        place: (u32, u32),
        text: &str,
    ) -> Result<(), DocumentFault> {
        let text = cell(text);
        if text.is_empty() {
            return Ok(());
        }
        if place.1 as usize >= limits::MAX_COLUMNS {
            return Err(DocumentFault::beyond(Limit::Columns, limits::MAX_COLUMNS));
        }
        self.cells += 1;
        if self.cells > limits::MAX_CELLS {
            return Err(DocumentFault::beyond(Limit::Cells, limits::MAX_CELLS));
        }
        cells.insert(place, text);
        Ok(())
    }

    fn close(&mut self, name: String, cells: Cells) {
        let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for ((row, column), text) in cells {
            let row = rows.entry(row).or_default();
            row.resize(column as usize, String::new());
            row.push(text);
        }
        let table = table(Some(name), rows.into_values());
        if !table.rows.is_empty() {
            self.tables.push(table);
        }
    }

    fn into_document(
        self,
        format: DocumentFormat,
        has_macros: bool,
    ) -> Result<Document, DocumentFault> {
        if has_macros && self.tables.is_empty() {
            return Err(DocumentFault::MacrosOnly);
        }
        let mut document = Document::new(format);
        document.tables = self.tables;
        Ok(document)
    }
}

/// The names of the sheets that a reader sees. Hidden ones hold lists for drop-down fields and the like.
fn visible(sheets: &[Sheet]) -> Vec<String> {
    let shown = sheets.iter().filter(|sheet| {
        sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible
    });
    shown
        .take(limits::MAX_TABLES + 1)
        .map(|sheet| sheet.name.clone())
        .collect()
}

/// A cell's value as Excel shows it.
fn shown(value: &Data) -> String {
    match value {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(true) => "TRUE".to_owned(),
        Data::Bool(false) => "FALSE".to_owned(),
        Data::DateTime(moment) => date(*moment),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Error(_) | Data::Empty => String::new(),
    }
}

/// `2021-07-05`, `2021-07-05 09:30:00`, or `0:12:35` for a length of time.
fn date(moment: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if moment.is_duration() || moment.as_f64() < 1.0 {
        let seconds = (moment.as_f64() * 86_400.0).round().max(0.0);
        let whole = if seconds < 1e12 { seconds } else { 0.0 };
        let (minutes, second) = ((whole / 60.0).floor(), whole % 60.0);
        return format!(
            "{}:{:02}:{second:02}",
            (minutes / 60.0).floor(),
            minutes % 60.0
        );
    }
    if (hour, minute, second) == (0, 0, 0) {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

fn xlsx_fault(error: &XlsxError) -> DocumentFault {
    match error {
        XlsxError::Password => DocumentFault::PasswordProtected,
        _ => DocumentFault::damaged(error),
    }
}

fn xls_fault(error: &XlsError) -> DocumentFault {
    match error {
        XlsError::Password => DocumentFault::PasswordProtected,
        _ => DocumentFault::damaged(error),
    }
}
