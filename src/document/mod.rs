//! Office documents: introductions, scripts, recommendations, rosters. In: an open file, inside a worker. Out: a
//! [`Document`] (text, tables, how many pictures), or a [`DocumentFault`] that says in words why there is none. Never
//! opens a path, never follows a link in a document, never runs a macro or calculates a formula, and never believes a
//! name: what a file is, its first bytes and its parts say.

mod container;
mod fault;
mod kind;
mod sheet;
mod word;

use std::fs::File;
use std::io::Read;

use serde::{Deserialize, Serialize};

pub use fault::{DocumentFault, Limit};
use kind::Kind;

/// Counts up when the same bytes give another [`Document`]: what older readers remembered is then read anew.
pub const READER_VERSION: u32 = 1;

/// What a document may be before it is refused.
pub mod limits {
    use crate::units::Bytes;

    /// Largest file that is read.
    pub const MAX_FILE: Bytes = Bytes(64 << 20);
    /// Parts inside a .docx or .xlsx.
    pub const MAX_PARTS: usize = 10_000;
    /// Bytes of all parts together when unpacked: pictures and all.
    pub const MAX_UNPACKED: Bytes = Bytes(256 << 20);
    /// Bytes of the XML among them.
    pub const MAX_XML: Bytes = Bytes(48 << 20);
    /// Elements inside each other: Word nests some thirty.
    pub const MAX_DEPTH: usize = 500;
    /// Characters of text, tables included.
    pub const MAX_CHARACTERS: usize = 400_000;
    /// Paragraphs that hold text.
    pub const MAX_PARAGRAPHS: usize = 50_000;
    /// Rows of all tables that hold text.
    pub const MAX_ROWS: usize = 50_000;
    /// Cells of all tables, empty ones between full ones included.
    pub const MAX_CELLS: usize = 100_000;
    /// Columns of one table.
    pub const MAX_COLUMNS: usize = 1_000;
    /// Tables and sheets.
    pub const MAX_TABLES: usize = 1_000;
    /// Memory that a worker may take while it reads a document.
    pub const MAX_MEMORY: Bytes = Bytes(1 << 30);
    /// Seconds of processor time that it may take.
    pub const MAX_CPU_SECONDS: u64 = 20;
}

/// Which program's file it is, by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentFormat {
    /// Word since 2007 (.docx).
    Docx,
    /// Word before (.doc), and WPS Writer.
    Doc,
    /// Excel since 2007 (.xlsx).
    Xlsx,
    /// Excel before (.xls), and WPS Spreadsheets.
    Xls,
}

impl DocumentFormat {
    /// Whether it is text with tables in it, not a workbook.
    pub fn is_text(self) -> bool {
        matches!(self, DocumentFormat::Docx | DocumentFormat::Doc)
    }
}

/// A table of a text document, or a sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// The sheet's name; none for a table in a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Rows with at least one cell that is not empty, from top to bottom; cells stand in their columns, a merged cell in
    /// its first, and none is empty at a row's end.
    pub rows: Vec<Vec<String>>,
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which program's file it is.
    pub format: DocumentFormat,
    /// Text outside of tables, without empty paragraphs; a line break inside a paragraph makes two of it.
    pub paragraphs: Vec<String>,
    /// Tables in the order of the text, or the visible sheets in the order of the workbook.
    pub tables: Vec<Table>,
    /// Pictures that it shows.
    pub pictures: usize,
}

impl Document {
    /// An empty one to be filled.
    fn new(format: DocumentFormat) -> Self {
        Document {
            format,
            paragraphs: Vec::new(),
            tables: Vec::new(),
            pictures: 0,
        }
    }

    /// The rows of all tables, one after the other.
    pub fn rows(&self) -> impl Iterator<Item = &[String]> {
        self.tables
            .iter()
            .flat_map(|table| table.rows.iter().map(Vec::as_slice))
    }

    /// Characters of text in paragraphs and tables, without blanks.
    pub fn characters(&self) -> usize {
        let cells = self.rows().flatten();
        self.paragraphs
            .iter()
            .chain(cells)
            .flat_map(|text| text.chars())
            .filter(|c| !c.is_whitespace())
            .count()
    }

    /// The document, if it keeps within the limits; a worker's answer must fit into one line.
    fn within_limits(self) -> Result<Self, DocumentFault> {
        let cells: usize = self.rows().map(<[String]>::len).sum();
        let columns = self.rows().map(<[String]>::len).max().unwrap_or(0);
        let sizes = [
            (Limit::Characters, self.characters(), limits::MAX_CHARACTERS),
            (
                Limit::Paragraphs,
                self.paragraphs.len(),
                limits::MAX_PARAGRAPHS,
            ),
            (Limit::Tables, self.tables.len(), limits::MAX_TABLES),
            (Limit::Rows, self.rows().count(), limits::MAX_ROWS),
            (Limit::Columns, columns, limits::MAX_COLUMNS),
            (Limit::Cells, cells, limits::MAX_CELLS),
        ];
        match sizes.into_iter().find(|(_, actual, most)| actual > most) {
            Some((what, _, most)) => Err(DocumentFault::beyond(what, most)),
            None => Ok(self),
        }
    }
}

/// Reads one kind of document. The crates that do the work stand behind this, so that another one can take its place.
trait Reader {
    /// The document in these bytes.
    fn read(&self, bytes: Vec<u8>) -> Result<Document, DocumentFault>;
}

/// Reads a document of any known kind. Belongs into a worker: readers of old formats are not to be trusted.
pub fn read(file: File) -> Result<Document, DocumentFault> {
    let bytes = read_bytes(file)?;
    let reader: &dyn Reader = match kind::kind_of(&bytes)? {
        Kind::Docx => &word::Docx,
        Kind::Doc => &word::Doc,
        Kind::Xlsx => &sheet::Xlsx,
        Kind::Xls => &sheet::Xls,
    };
    reader.read(bytes)?.within_limits()
}

fn read_bytes(file: File) -> Result<Vec<u8>, DocumentFault> {
    let mut bytes = Vec::new();
    file.take(limits::MAX_FILE.0 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| DocumentFault::damaged(&error))?;
    match bytes.len() as u64 {
        0 => Err(DocumentFault::Empty),
        size if size > limits::MAX_FILE.0 => Err(DocumentFault::TooLarge {
            what: Limit::File,
            limit: limits::MAX_FILE.0,
        }),
        _ => Ok(bytes),
    }
}

/// The lines of a text without control characters, trimmed, none empty.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.split(['\n', '\r', '\u{b}', '\u{c}'])
        .map(clean)
        .filter(|line| !line.is_empty())
}

/// A text on one line, without control characters, trimmed.
fn clean(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c == '\t' || c == '\u{a0}' { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    plain.trim().to_owned()
}

/// The text of a cell: its lines, joined by one line break each.
fn cell(text: &str) -> String {
    lines(text).collect::<Vec<_>>().join("\n")
}

/// Marks without a picture that programs leave in text: zero-width blanks, byte order marks, pictures' places.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffc}')
}

/// Puts rows into a table: empty ones left out, empty cells at the ends too.
fn table(name: Option<String>, rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let rows = rows.into_iter().filter_map(|mut row| {
        let filled = row.iter().rposition(|cell| !cell.is_empty())?;
        row.truncate(filled + 1);
        Some(row)
    });
    Table {
        name,
        rows: rows.collect(),
    }
}

#[cfg(test)]
#[path = "../../tests/it/document_maker.rs"]
pub(crate) mod maker;
#[cfg(test)]
mod tests;
