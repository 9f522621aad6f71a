//! Word documents, new and old. In: bytes. Out: a [`Document`] by way of `undoc`, which keeps inserted text, drops
//! deleted text and reads text boxes once.

use undoc::model::{Block, Paragraph, ResourceRole, ResourceType, RevisionType, Section};
use undoc::{ErrorKind, doc::DocParser, docx::DocxParser};

use super::fault::DocumentFault;
use super::{Document, DocumentFormat, Reader, Table, cell, container, limits, lines, table};

/// Tables inside tables that are looked into; the text of deeper ones is left out.
const MAX_NESTING: usize = 8;

/// .docx.
pub(super) struct Docx;
/// .doc, and WPS Writer's files.
pub(super) struct Doc;

impl Reader for Docx {
    fn read(&self, bytes: Vec<u8>) -> Result<Document, DocumentFault> {
        let has_macros = container::has_macros(&bytes);
        let parsed = DocxParser::from_bytes(bytes)
            .and_then(|mut parser| parser.parse())
            .map_err(|error| fault(&error))?;
        let document = document_of(DocumentFormat::Docx, &parsed);
        if has_macros && document.characters() == 0 && document.pictures == 0 {
            return Err(DocumentFault::MacrosOnly);
        }
        Ok(document)
    }
}

impl Reader for Doc {
    fn read(&self, bytes: Vec<u8>) -> Result<Document, DocumentFault> {
        let parsed = DocParser::from_bytes(bytes)
            .and_then(|mut parser| parser.parse())
            .map_err(|error| fault(&error))?;
        Ok(document_of(DocumentFormat::Doc, &parsed))
    }
}

fn fault(error: &undoc::Error) -> DocumentFault {
    match error.kind() {
        ErrorKind::Encrypted => DocumentFault::PasswordProtected,
        _ => DocumentFault::damaged(error),
    }
}

fn document_of(format: DocumentFormat, parsed: &undoc::Document) -> Document {
    let mut document = Document::new(format);
    for section in &parsed.sections {
        take_section(section, &mut document);
    }
    let shown = parsed.resources.values().filter(|resource| {
        resource.resource_type == ResourceType::Image && resource.role == ResourceRole::Primary
    });
    document.pictures = shown.count();
    document
}

fn take_section(section: &Section, document: &mut Document) {
    for block in &section.content {
        match block {
            Block::Paragraph(paragraph) => {
                document.paragraphs.extend(lines(&text_of(paragraph)));
            }
            Block::Note { content, .. } => {
                let notes = content.iter().map(text_of);
                for note in notes {
                    document.paragraphs.extend(lines(&note));
                }
            }
            Block::Table(given) => take_table(given, 0, &mut document.tables),
            Block::PageBreak | Block::SectionBreak | Block::Image { .. } => {}
        }
    }
}

/// The table, and those inside its cells after it.
fn take_table(given: &undoc::Table, depth: usize, tables: &mut Vec<Table>) {
    let columns = given.cell_columns();
    let rows = given.rows.iter().zip(&columns).map(|(row, columns)| {
        let mut cells = Vec::new();
        for (given, column) in row.cells.iter().zip(columns) {
            // A row that claims to be wider than any table is refused for its width, not padded to it.
            let place = (*column).min(limits::MAX_COLUMNS);
            if cells.len() <= place {
                cells.resize(place + 1, String::new());
            }
            let text: Vec<String> = given.content.iter().map(text_of).collect();
            cells[place] = cell(&text.join("\n"));
        }
        cells
    });
    let taken = table(None, rows);
    if !taken.rows.is_empty() {
        tables.push(taken);
    }
    if depth < MAX_NESTING {
        let cells = given.rows.iter().flat_map(|row| &row.cells);
        for inner in cells.flat_map(|cell| &cell.nested_tables) {
            take_table(inner, depth + 1, tables);
        }
    }
}

/// A paragraph's text as a reader sees it: without what was deleted and without marks of notes.
fn text_of(paragraph: &Paragraph) -> String {
    let mut text = String::new();
    for run in &paragraph.runs {
        if run.revision != RevisionType::Deleted {
            text.push_str(&run.text);
        }
        if run.line_break || run.page_break {
            text.push('\n');
        }
    }
    text
}
