//! Which reader a file wants. In: its bytes. Out: a [`Kind`], or what it is instead. Never looks at a name.

use undoc::{ErrorKind, FormatType};

use super::container::{self, Package};
use super::fault::DocumentFault;
use crate::text::Text;

/// A kind of document that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Docx,
    Doc,
    Xlsx,
    Xls,
}

/// First bytes of an OLE2 compound file: Office before 2007, and whatever has a password.
const OLE2: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// What these bytes are. Packed documents have been measured part by part when this says yes.
pub(super) fn kind_of(bytes: &[u8]) -> Result<Kind, DocumentFault> {
    if bytes.starts_with(b"PK\x03\x04") {
        return in_package(bytes);
    }
    if bytes.starts_with(OLE2) {
        return in_compound_file(bytes);
    }
    Err(otherwise(bytes))
}

fn in_package(bytes: &[u8]) -> Result<Kind, DocumentFault> {
    match container::inspect(bytes)? {
        Package::Word => Ok(Kind::Docx),
        Package::Workbook => Ok(Kind::Xlsx),
        Package::Slides => Err(other(slides())),
        Package::OpenDocument => Err(other(Text::new(
            "OpenDocument 文档（.odt、.ods）",
            "an OpenDocument file (.odt, .ods)",
        ))),
        Package::Pages => Err(other(Text::new(
            "苹果 Pages 或 Numbers 文档",
            "a Pages or Numbers document",
        ))),
        Package::Archive => Err(no_document("ZIP 压缩包", "a ZIP archive")),
    }
}

fn in_compound_file(bytes: &[u8]) -> Result<Kind, DocumentFault> {
    match undoc::detect_format_from_bytes(bytes) {
        Ok(FormatType::Doc) => Ok(Kind::Doc),
        Ok(FormatType::Xls) => Ok(Kind::Xls),
        Ok(_) => Err(other(slides())),
        Err(error) if error.kind() == ErrorKind::Encrypted => Err(DocumentFault::PasswordProtected),
        Err(error) => Err(DocumentFault::damaged(&error)),
    }
}

/// Files that are neither, named for what they are.
fn otherwise(bytes: &[u8]) -> DocumentFault {
    let known: [(&[u8], &str, &str); 8] = [
        (b"%PDF", "PDF 文件", "a PDF file"),
        (b"PK\x05\x06", "空的 ZIP 压缩包", "an empty ZIP archive"),
        (b"Rar!\x1a\x07", "RAR 压缩包", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "a 7z archive"),
        (b"\x89PNG", "PNG 图片", "a PNG picture"),
        (b"\xff\xd8\xff", "JPEG 图片", "a JPEG picture"),
        (b"GIF8", "GIF 图片", "a GIF picture"),
        (b"\0\0\0", "二进制数据或视频", "binary data or a video"),
    ];
    if let Some((_, zh, en)) = known.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return no_document(zh, en);
    }
    let head = &bytes[..bytes.len().min(4096)];
    let text = String::from_utf8_lossy(head).to_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("mime-version:") {
        return other(Text::new("网页归档（MHT）", "a web archive (MHT)"));
    }
    if text.starts_with("{\\rtf") {
        return other(Text::new("RTF 文档", "an RTF document"));
    }
    if text.starts_with("<?xml") && text.contains("schemas-microsoft-com:office") {
        return other(Text::new(
            "Office 2003 XML 文档",
            "an Office 2003 XML document",
        ));
    }
    if text.contains("<html") || text.contains("<table") {
        return other(Text::new("网页（HTML）", "a web page (HTML)"));
    }
    if head.contains(&0) {
        return no_document("二进制数据", "binary data");
    }
    no_document("纯文本", "plain text")
}

fn slides() -> Text {
    Text::new("PPT 演示文稿", "a PowerPoint presentation")
}

fn other(looks_like: Text) -> DocumentFault {
    DocumentFault::OtherKind { looks_like }
}

fn no_document(zh: &str, en: &str) -> DocumentFault {
    DocumentFault::NotADocument {
        looks_like: Text::new(zh, en),
    }
}
