//! The program itself: how the tests start it, and how they read what it says.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;

use crate::media_maker::Place;

/// The program in English, with none of the tester's own settings, and never waiting for ever.
pub(crate) fn zhanbo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhanbo"));
    for name in [
        "ZHANBO_LANG",
        "ZHANBO_JOBS",
        "ZHANBO_PRESET",
        "ZHANBO_LADDER",
        "LC_ALL",
        "LC_MESSAGES",
    ] {
        command.env_remove(name);
    }
    command
        .env("LANG", "C.UTF-8")
        .timeout(Duration::from_mins(2));
    command
}

/// `run` over a place with its small ladder.
pub(crate) fn run(place: &Place) -> Command {
    working("run", place)
}

/// `run` or `plan` over a place with its small ladder.
pub(crate) fn working(subcommand: &str, place: &Place) -> Command {
    let mut command = zhanbo();
    command.arg(subcommand).args(&arguments(place)[1..]);
    command
}

/// The arguments of [`run`].
pub(crate) fn arguments(place: &Place) -> Vec<OsString> {
    let (inbox, out, ladder) = (place.inbox(), place.out(), place.ladder());
    [
        "run".as_ref(),
        inbox.as_os_str(),
        "-o".as_ref(),
        out.as_os_str(),
        "--ladder".as_ref(),
        ladder.as_os_str(),
        "--jobs".as_ref(),
        "1".as_ref(),
    ]
    .map(OsStr::to_owned)
    .into()
}

/// How a command ended, in text.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// Insists on an exit code; shows everything else where it is another one.
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "\nstdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// The events of `--json`.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line:?}")))
            .collect()
    }
}

pub(crate) fn report(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("report/report.json")).unwrap()).unwrap()
}

/// The record of the submission with this name.
pub(crate) fn submission<'a>(report: &'a Value, original_name: &str) -> &'a Value {
    let all = report["submissions"].as_array().unwrap();
    all.iter()
        .find(|s| s["original_name"] == original_name)
        .unwrap_or_else(|| panic!("{original_name} is not in the report"))
}

/// What is known of a file from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) blake3: String,
    pub(crate) inode: u64,
    pub(crate) modified_ns: i64,
}

/// Every file and folder under a folder, by its path; folders have no content.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Leaf> {
    let mut leaves = BTreeMap::new();
    walk(folder, "", &mut leaves);
    leaves
}

fn walk(folder: &Path, name: &str, leaves: &mut BTreeMap<String, Leaf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        let meta = fs::symlink_metadata(entry.path()).unwrap();
        let blake3 = if meta.is_file() {
            blake3::hash(&fs::read(entry.path()).unwrap()).to_string()
        } else {
            String::new()
        };
        let modified_ns = meta.mtime() * 1_000_000_000 + meta.mtime_nsec();
        leaves.insert(
            name.clone(),
            Leaf {
                blake3,
                inode: meta.ino(),
                modified_ns,
            },
        );
        if meta.is_dir() {
            walk(&entry.path(), &name, leaves);
        }
    }
}
