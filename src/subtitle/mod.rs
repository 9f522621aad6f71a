//! Text subtitles of any make. In: a file's name and its bytes. Out: [`Subtitles`], in order and free of overlaps, and
//! a record of every repair; or a [`SubtitleError`] that says what to hand in instead. Never touches a file, never
//! keeps markup, never panics whatever the bytes are.
//!
//! The path of a file: [`encoding`] makes text of bytes, [`Format`] is told from that text, a reader ([`SubRip`],
//! [`webvtt`], [`ASS`], [`TTML`]) makes a draft, [`repair`] makes cues of the draft, [`webvtt`] writes them. A [`track`] inside a film
//! joins it at the draft.
//!
//! [`SubRip`]: Format::SubRip
//! [`ASS`]: Format::Ass
//! [`TTML`]: Format::Ttml

mod ass;
pub mod encoding;
mod format;
mod language;
mod plain;
pub mod readability;
pub mod repair;
mod srt;
mod timing;
pub mod track;
mod ttml;
pub mod webvtt;

use crate::text::Text;
use crate::units::{Bytes, Millis};

pub use format::Format;
pub use language::Language;
pub use repair::{Place, Repair, RepairKind};
pub use webvtt::{segment, to_webvtt};

/// A subtitle file of two hours has about 0.2 MB; what is larger than this is something else.
pub const MAX_BYTES: Bytes = Bytes(16 << 20);

/// Two hours of speech have about 3000 cues.
pub const MAX_CUES: usize = 20_000;

/// One text and when it is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// When it appears.
    pub start: Millis,
    /// When it goes; later than `start`.
    pub end: Millis,
    /// Plain text; `\n` between lines, no line empty.
    pub text: String,
}

/// What a subtitle file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtitles {
    /// At least one; each ends before the next begins.
    pub cues: Vec<Cue>,
    /// The language they are in, as far as can be told.
    pub language: Language,
    /// What had to be put right, at most one entry a kind.
    pub repairs: Vec<Repair>,
}

/// Why a file gives no subtitles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubtitleError {
    /// Nobody types that much.
    #[error("{file} has {actual}, more than the limit of {limit} for subtitles")]
    TooLarge {
        /// The file's name.
        file: String,
        /// Its size.
        actual: Bytes,
        /// [`MAX_BYTES`].
        limit: Bytes,
    },
    /// A format we know by sight only.
    #[error("{file} is {format}, not supported yet, please hand in SRT, ASS, WebVTT or TTML")]
    NotSupported {
        /// The file's name.
        file: String,
        /// The format's name.
        format: &'static str,
    },
    /// A text file, perhaps, but not of subtitles.
    #[error(
        "{file} has no cue that could be shown ({cues} read, {unreadable} with unreadable times, in {lines} lines)"
    )]
    NoCue {
        /// The file's name.
        file: String,
        /// How many lines it has.
        lines: usize,
        /// How many cues were read, but had no text or no duration.
        cues: usize,
        /// How many cues had times that could not be read.
        unreadable: usize,
    },
    /// More than a film can have.
    #[error("{file} has {actual} cues, more than the limit of {limit}")]
    TooManyCues {
        /// The file's name.
        file: String,
        /// How many it has.
        actual: usize,
        /// [`MAX_CUES`].
        limit: usize,
    },
}

impl SubtitleError {
    /// The same in both languages, for the region's notice.
    pub fn text(&self) -> Text {
        let zh = match self {
            SubtitleError::TooLarge {
                file,
                actual,
                limit,
            } => format!("{file} 大小为 {actual}，超过字幕文件上限 {limit}"),
            SubtitleError::NotSupported { file, format } => {
                format!("{file} 的格式为 {format}，暂不支持，请提交 SRT、ASS、WebVTT 或 TTML")
            }
            SubtitleError::NoCue {
                file,
                lines,
                cues,
                unreadable,
            } => format!(
                "{file} 中没有可显示的字幕（共 {lines} 行，读到 {cues} 条，{unreadable} 条时间无法识别）"
            ),
            SubtitleError::TooManyCues {
                file,
                actual,
                limit,
            } => format!("{file} 有 {actual} 条字幕，超过上限 {limit} 条"),
        };
        Text::new(zh, self.to_string())
    }
}

/// Reads subtitles, whatever their encoding and format; the name only helps with the language, and with WebVTT that
/// lost its first line.
pub fn read(file_name: &str, bytes: &[u8]) -> Result<Subtitles, SubtitleError> {
    let file = || file_name.to_owned();
    let actual = Bytes(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    if actual > MAX_BYTES {
        return Err(SubtitleError::TooLarge {
            file: file(),
            actual,
            limit: MAX_BYTES,
        });
    }
    if let Some(format) = format::foreign_bytes(bytes) {
        return Err(SubtitleError::NotSupported {
            file: file(),
            format,
        });
    }

    let decoded = encoding::decode(bytes);
    let text = plain::unix_lines(&decoded.text);
    let mut draft = match format::of(file_name, &text) {
        Format::SubRip => srt::read(&text),
        Format::WebVtt => webvtt::read(&text),
        Format::Ass => ass::read(&text),
        Format::Ttml => ttml::read(&text),
        Format::Foreign(format) => {
            return Err(SubtitleError::NotSupported {
                file: file(),
                format,
            });
        }
    };
    if draft.cues.len() > MAX_CUES {
        return Err(SubtitleError::TooManyCues {
            file: file(),
            actual: draft.cues.len(),
            limit: MAX_CUES,
        });
    }

    let (read, unreadable) = (draft.cues.len(), draft.unreadable.len());
    let tag = draft.tag.take();
    let (cues, repairs) = repair::repair(draft, &decoded);
    if cues.is_empty() {
        return Err(SubtitleError::NoCue {
            file: file(),
            lines: text.lines().count(),
            cues: read,
            unreadable,
        });
    }
    let language = Language::of(file_name, tag.as_deref(), &cues);
    Ok(Subtitles {
        cues,
        language,
        repairs,
    })
}

/// What a reader found, before anybody judged it.
#[derive(Debug, Default)]
struct Draft {
    cues: Vec<DraftCue>,
    /// Numbers of the lines, from 1, that should hold times and do not.
    unreadable: Vec<usize>,
    /// The line, from 1, behind which nothing could be read.
    broken: Option<usize>,
    /// The language as the file tags it.
    tag: Option<String>,
}

/// The end of a cue that has none: it lasts until the next.
const OPEN_END: i64 = i64::MAX;

/// A cue as written: perhaps reversed, perhaps before zero, perhaps without text.
#[derive(Debug, PartialEq, Eq)]
struct DraftCue {
    /// Milliseconds.
    start: i64,
    /// Milliseconds, or [`OPEN_END`].
    end: i64,
    /// As [`plain::tidy`] leaves it.
    text: String,
}

#[cfg(test)]
mod tests;
