//! Why a document was not read. In: what a reader met. Out: [`DocumentFault`], which says it in words and what to do.

use serde::{Deserialize, Serialize};

use crate::text::Text;
use crate::units::Bytes;

/// Characters of a reader's own words that are kept.
const MAX_DETAIL: usize = 200;

/// Why there is no [`super::Document`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DocumentFault {
    /// Zero bytes.
    Empty,
    /// It opens with a password only.
    PasswordProtected,
    /// It cannot be read to its end.
    Damaged {
        /// What the reader met.
        detail: String,
    },
    /// More of something than a document of this kind ever has.
    TooLarge {
        /// Of what.
        what: Limit,
        /// Most that is read.
        limit: u64,
    },
    /// Nothing but macros: programs, no text.
    MacrosOnly,
    /// Its XML defines entities of its own, which no office program writes.
    OwnEntities {
        /// The part inside the document.
        part: String,
    },
    /// A document, but of a kind that is not read here.
    OtherKind {
        /// Which.
        looks_like: Text,
    },
    /// No document at all.
    NotADocument {
        /// What it looks like.
        looks_like: Text,
    },
    /// The reading process died or hung over it.
    ReaderFailed {
        /// What is known.
        detail: Text,
    },
    /// The file could not be opened.
    Closed {
        /// What the system says.
        detail: String,
    },
}

/// What a document may have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Bytes of the file.
    File,
    /// Parts inside it.
    Parts,
    /// Bytes of its parts when unpacked.
    Unpacked,
    /// Bytes of its XML when unpacked.
    Xml,
    /// Elements of its XML inside each other.
    Depth,
    /// Characters.
    Characters,
    /// Paragraphs.
    Paragraphs,
    /// Tables.
    Tables,
    /// Rows.
    Rows,
    /// Columns.
    Columns,
    /// Cells.
    Cells,
}

impl DocumentFault {
    /// More of something than is allowed.
    pub(super) fn beyond(what: Limit, limit: usize) -> Self {
        DocumentFault::TooLarge {
            what,
            limit: limit as u64,
        }
    }

    /// Something is wrong inside.
    pub(super) fn damaged(detail: &dyn std::fmt::Display) -> Self {
        let detail = detail.to_string();
        DocumentFault::Damaged {
            detail: detail
                .chars()
                .filter(|c| !c.is_control())
                .take(MAX_DETAIL)
                .collect(),
        }
    }

    /// Whether the same file gives the same answer next time.
    pub fn is_lasting(&self) -> bool {
        !matches!(
            self,
            DocumentFault::ReaderFailed { .. } | DocumentFault::Closed { .. }
        )
    }

    /// Why, in words for people; a part of a sentence, without a full stop.
    pub fn text(&self) -> Text {
        match self {
            DocumentFault::Empty => Text::new("空文件，0 字节", "it is an empty file of 0 bytes"),
            DocumentFault::PasswordProtected => {
                Text::new("文件加了密码，打不开", "it is protected by a password")
            }
            DocumentFault::Damaged { detail } => Text::new(
                format!("文件不完整或已损坏（{detail}）"),
                format!("it is incomplete or damaged ({detail})"),
            ),
            DocumentFault::TooLarge { what, limit } => what.text(*limit),
            DocumentFault::MacrosOnly => Text::new(
                "里面只有宏（程序），没有文字",
                "it holds macros (programs) only and no text",
            ),
            DocumentFault::OwnEntities { part } => Text::new(
                format!("内部文件 {part} 自定义了 XML 实体，办公软件不会这样保存"),
                format!("its part {part} defines XML entities, which no office program does"),
            ),
            DocumentFault::OtherKind { looks_like } => Text::new(
                format!("是{}，这里不读取", looks_like.zh),
                format!("it is {}, which is not read here", looks_like.en),
            ),
            DocumentFault::NotADocument { looks_like } => Text::new(
                format!("内容是{}，不是 Word 或 Excel 文档", looks_like.zh),
                format!("it is {}, not a Word or Excel document", looks_like.en),
            ),
            DocumentFault::ReaderFailed { detail } => Text::new(
                format!("读取时出错（{}）", detail.zh),
                format!("reading it failed ({})", detail.en),
            ),
            DocumentFault::Closed { detail } => Text::new(
                format!("文件打不开（{detail}）"),
                format!("it cannot be opened ({detail})"),
            ),
        }
    }

    /// What to do about it; a whole sentence without a full stop.
    pub fn remedy(&self) -> Text {
        match self {
            DocumentFault::PasswordProtected => Text::new(
                "请在 Word 或 WPS 里打开，“文件 → 信息 → 保护文档 → 用密码进行加密”，把密码清空后保存，重新发送",
                "open it in Word or WPS, choose File → Info → Protect → Encrypt with Password, clear the password, save, and send it again",
            ),
            DocumentFault::TooLarge { .. } => Text::new(
                "请只保留需要的文字，图片另外单独发送，另存为新文件后重新发送",
                "keep the text that is needed, send pictures as files of their own, save it as a new file, and send it again",
            ),
            DocumentFault::Closed { .. } => Text::new(
                "请检查文件的读取权限后再运行一次",
                "check that the file may be read, and run again",
            ),
            DocumentFault::MacrosOnly => Text::new(
                "请新建一份普通的 Word 文档（.docx），把文字写进去，重新发送",
                "write the text into a new plain Word document (.docx) and send that",
            ),
            _ => Text::new(
                "请用 Word 或 WPS 打开，另存为 .docx（表格另存为 .xlsx），确认能打开以后重新发送",
                "open it in Word or WPS, save it as .docx (a table as .xlsx), make sure that it opens, and send it again",
            ),
        }
    }
}

impl Limit {
    fn text(self, limit: u64) -> Text {
        let size = Bytes(limit);
        match self {
            Limit::File => Text::new(
                format!("文件超过 {size}"),
                format!("it is larger than {size}"),
            ),
            Limit::Unpacked | Limit::Xml => Text::new(
                format!("展开后超过 {size}，可能是解压炸弹"),
                format!("it unpacks to more than {size} and may be a bomb"),
            ),
            _ => {
                let (zh, en) = self.unit();
                Text::new(
                    format!("超过 {limit} {zh}"),
                    format!("it has more than {limit} {en}"),
                )
            }
        }
    }

    fn unit(self) -> (&'static str, &'static str) {
        match self {
            Limit::File | Limit::Unpacked | Limit::Xml => ("字节", "bytes"),
            Limit::Parts => ("个内部文件", "parts"),
            Limit::Depth => ("层嵌套", "elements inside each other"),
            Limit::Characters => ("个字", "characters"),
            Limit::Paragraphs => ("段", "paragraphs"),
            Limit::Tables => ("个表格", "tables"),
            Limit::Rows => ("行", "rows"),
            Limit::Columns => ("列", "columns"),
            Limit::Cells => ("个单元格", "cells"),
        }
    }
}
