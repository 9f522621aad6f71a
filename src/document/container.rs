//! A .docx or .xlsx before it is given to a reader. In: the package's bytes. Out: what is inside, after every part was
//! unpacked once and counted. Never keeps what it unpacks; never trusts a size that the package states.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::fault::{DocumentFault, Limit};
use super::limits;

/// Bytes unpacked at once.
const PIECE: usize = 64 << 10;
/// What starts the definition of entities. UTF-16 has a zero after each letter, and is looked for too.
const DOCTYPE: &[u8] = b"<!DOCTYPE";

/// What a package holds, by the names of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    Word,
    Workbook,
    Slides,
    OpenDocument,
    Pages,
    Archive,
}

/// Unpacks every part, counts, and says what the package is.
pub(super) fn inspect(bytes: &[u8]) -> Result<Package, DocumentFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| fault(&error))?;
    let package = package_of(&archive);
    if matches!(package, Package::Word | Package::Workbook) {
        measure(&mut archive)?;
    }
    Ok(package)
}

/// Whether a package holds macros.
pub(super) fn has_macros(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes))
        .is_ok_and(|archive| names(&archive).any(|name| name.ends_with("vbaProject.bin")))
}

fn package_of(archive: &ZipArchive<Cursor<&[u8]>>) -> Package {
    let has = |start: &str| names(archive).any(|name| name.starts_with(start));
    let is_office = has("[Content_Types].xml");
    match () {
        () if is_office && has("word/") => Package::Word,
        () if is_office && has("xl/") => Package::Workbook,
        () if is_office && has("ppt/") => Package::Slides,
        () if has("META-INF/manifest.xml") && has("content.xml") => Package::OpenDocument,
        () if has("Index/Document.iwa") || has("Index.zip") => Package::Pages,
        () => Package::Archive,
    }
}

/// The names of the parts; one that is no text is none that an office program gives.
fn names<'a>(
    archive: &'a ZipArchive<Cursor<&[u8]>>,
) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
    archive.file_names().filter_map(Result::ok)
}

fn measure(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), DocumentFault> {
    if archive.len() > limits::MAX_PARTS {
        return Err(DocumentFault::beyond(Limit::Parts, limits::MAX_PARTS));
    }
    let (mut unpacked, mut xml) = (0, 0);
    let mut piece = vec![0; PIECE];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| fault(&error))?;
        let name = String::from_utf8_lossy(part.name_raw()).into_owned();
        let is_xml = [".xml", ".rels", ".vml"]
            .iter()
            .any(|ending| name.to_ascii_lowercase().ends_with(ending));
        let mut watch = Doctypes::default();
        let mut depth = Depth::default();
        loop {
            let read = match part.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => return Err(DocumentFault::damaged(&format!("{name}: {error}"))),
            };
            unpacked += read as u64;
            xml += if is_xml { read as u64 } else { 0 };
            if unpacked > limits::MAX_UNPACKED.0 {
                return Err(too_large(Limit::Unpacked, limits::MAX_UNPACKED.0));
            }
            if xml > limits::MAX_XML.0 {
                return Err(too_large(Limit::Xml, limits::MAX_XML.0));
            }
            if is_xml && watch.see(&piece[..read]) {
                return Err(DocumentFault::OwnEntities { part: name });
            }
            if is_xml && depth.see(&piece[..read]) > limits::MAX_DEPTH {
                return Err(DocumentFault::beyond(Limit::Depth, limits::MAX_DEPTH));
            }
        }
    }
    Ok(())
}

fn too_large(what: Limit, limit: u64) -> DocumentFault {
    DocumentFault::TooLarge { what, limit }
}

fn fault(error: &ZipError) -> DocumentFault {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            DocumentFault::PasswordProtected
        }
        _ => DocumentFault::damaged(error),
    }
}

/// Looks for [`DOCTYPE`] in a stream, across its pieces, with and without zeros between the letters.
#[derive(Default)]
struct Doctypes {
    matched: usize,
}

impl Doctypes {
    fn see(&mut self, piece: &[u8]) -> bool {
        for byte in piece.iter().filter(|byte| **byte != 0) {
            let byte = byte.to_ascii_uppercase();
            if byte == DOCTYPE[self.matched] {
                self.matched += 1;
                if self.matched == DOCTYPE.len() {
                    return true;
                }
            } else {
                // No letter of the word but its first begins it anew.
                self.matched = usize::from(byte == DOCTYPE[0]);
            }
        }
        false
    }
}

/// How deep elements stand in each other, as far as one can tell without understanding them: `<` is one more, `</` and
/// `/>` one less. Readers take a step of their stack, or look at all that is open, for each.
#[derive(Default)]
struct Depth {
    open: usize,
    deepest: usize,
    before: u8,
}

impl Depth {
    fn see(&mut self, piece: &[u8]) -> usize {
        for &byte in piece.iter().filter(|byte| **byte != 0) {
            match (self.before, byte) {
                (b'<', b'?' | b'!') => {}
                (b'<', b'/') | (b'/', b'>') => self.open = self.open.saturating_sub(1),
                (b'<', _) => self.open += 1,
                _ => {}
            }
            self.deepest = self.deepest.max(self.open);
            self.before = byte;
        }
        self.deepest
    }
}
