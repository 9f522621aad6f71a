//! What stops a run. In: errors of stages. Out: one line, its causes, and what to do next. A returned or failed video is
//! no such error: it is an answer.

use std::io;
use std::path::{Path, PathBuf};

use crate::intake::IntakeError;
use crate::library::LibraryError;
use crate::lint::LintError;
use crate::preset::PresetError;
use crate::text::Text;

/// The run could not be done.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The operator stopped it before everything was read.
    #[error("stopped before every upload was read; reports and outputs are as they were")]
    Stopped,
    /// The inbox cannot be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A package cannot be checked.
    #[error(transparent)]
    Lint(#[from] LintError),
    /// A preset or showcase.toml is wrong.
    #[error(transparent)]
    Preset(#[from] PresetError),
    /// The library of earlier years cannot be used.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// There is no place for a library.
    #[error("there is no folder for the library: neither XDG_DATA_HOME nor HOME is set")]
    NoLibrary,
    /// Another run is using OUT.
    #[error("another run is working in {}", folder.display())]
    Locked {
        /// OUT.
        folder: PathBuf,
    },
    /// Something under OUT could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// What.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// OUT lies in the inbox, or the other way round.
    #[error("the output folder {} and the inbox {} lie in one another", out.display(), inbox.display())]
    Nested {
        /// OUT.
        out: PathBuf,
        /// The inbox.
        inbox: PathBuf,
    },
    /// A number on the command line or in the environment is out of range.
    #[error("{name} is {actual}, but it must be from {min} to {max}")]
    OutOfRange {
        /// Which setting.
        name: &'static str,
        /// What was given.
        actual: usize,
        /// The smallest allowed.
        min: usize,
        /// The largest allowed.
        max: usize,
    },
    /// Something else stands where a file should be.
    #[error("{} is not a file that can be read", path.display())]
    NotAFile {
        /// Where.
        path: PathBuf,
    },
    /// A page could not be rendered.
    #[error("cannot render {what}: {reason}")]
    Render {
        /// Which page.
        what: &'static str,
        /// What the template engine said.
        reason: String,
    },
    /// There is no report to make pages from.
    #[error("{} cannot be read as a report", path.display())]
    NoReport {
        /// `report.json`.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The programme could not be made.
    #[error("the programme could not be made: {}", why.en)]
    Programme {
        /// Why.
        why: Text,
    },
    /// The name is no command's.
    #[error("there is no command {name}; the commands are {known}")]
    UnknownCommand {
        /// What was given.
        name: String,
        /// All names.
        known: String,
    },
    /// The name is no rule's.
    #[error("there is no rule {name}; the rules are {known}")]
    UnknownRule {
        /// What was given.
        name: String,
        /// All names.
        known: String,
    },
}

impl RunError {
    /// A failed write.
    pub fn write(path: &Path, source: io::Error) -> Self {
        RunError::Write {
            path: path.to_owned(),
            source,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Text {
        match self {
            RunError::Stopped => Text::new(
                "再运行一次即可继续，读过的不会重读",
                "run again to go on; what was read is not read again",
            ),
            RunError::Intake(error) => error.hint(),
            RunError::Lint(error) => error.hint(),
            RunError::Preset(error) => error.hint(),
            RunError::Library(error) => error.hint(),
            RunError::Programme { why } => Text::new(
                format!(
                    "节目单没有做出来：{}；报告和其他成品都在，处理后运行 zhanbo programme",
                    why.zh
                ),
                "the report and all other outputs are there; put it right and run `zhanbo programme`",
            ),
            RunError::NoLibrary => Text::new(
                "请用 --library 写明作品库文件夹",
                "name the library's folder with --library",
            ),
            RunError::Locked { .. } => Text::new(
                "等另一个 zhanbo 运行结束后再试，或换一个输出文件夹",
                "wait for the other run to end, or choose another output folder",
            ),
            RunError::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Text::new(
                    "磁盘已满：腾出空间后再运行一次，已完成的不会重做",
                    "the disk is full: free some space and run again, what is done stays",
                )
            }
            RunError::Write { .. } => Text::new(
                "请检查这个文件夹是否允许写入",
                "check that you may write in this folder",
            ),
            RunError::Nested { .. } => Text::new(
                "请把输出文件夹放在收件夹之外，例如 -o out",
                "put the output folder outside the inbox, e.g. -o out",
            ),
            RunError::OutOfRange { .. } => {
                Text::new("请改成范围之内的数", "give a number within the range")
            }
            RunError::NotAFile { .. } => Text::new(
                "请换成普通文件，或把它移走",
                "put an ordinary file there, or take it away",
            ),
            RunError::Render { .. } => Text::new(
                "这是程序的错误，请把这一行发给开发者",
                "this is a bug of ours: please send us this line",
            ),
            RunError::NoReport { .. } => Text::new(
                "请给出 run 或 check 写过的输出文件夹；还没有报告的，先运行一次 run 或 check -o",
                "give an output folder that `run` or `check` has written; run one of them first if there is none",
            ),
            RunError::UnknownCommand { .. } => Text::new(
                "用 zhanbo --help 查看全部命令",
                "`zhanbo --help` lists them all",
            ),
            RunError::UnknownRule { .. } => Text::new(
                "用 zhanbo rule 查看全部规则",
                "`zhanbo rule` lists them all",
            ),
        }
    }
}
