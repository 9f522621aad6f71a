//! What should be there. In: a folder, of which it is found out what it is. Out: a [`Claim`] for every file that a manifest
//! names, and what is wrong before any file is read: files that nobody knows, and manifests that cannot be used.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::path::Path;

use super::compare::{Claim, Origin, Problem, extra, manifest, unrecorded};
use super::list::{self, LIST, is_inside};
use crate::id::SubmissionId;
use crate::layout::{self, Layout, open_regular};
use crate::ledger::Record;
use crate::programme::manifest::{MANIFEST, MAX_BYTES, Manifest};
use crate::text::Text;

/// Folders inside each other that are looked into for files that nobody knows.
const MAX_DEPTH: usize = 8;
/// Files that nobody knows, of which so many are told.
const MAX_EXTRAS: usize = 1000;
/// What systems put on sticks by themselves.
const CLUTTER: [&str; 9] = [
    "$RECYCLE.BIN",
    ".DS_Store",
    ".Spotlight-V100",
    ".Trashes",
    ".fseventsd",
    "System Volume Information",
    "Thumbs.db",
    "desktop.ini",
    "lost+found",
];

/// Everything that is said of a folder.
#[derive(Debug, Default)]
pub struct Claims {
    /// By path inside the folder.
    pub files: BTreeMap<String, Claim>,
    /// Folders of which every file must be claimed.
    whole: BTreeSet<String>,
    /// Lists and manifests, which are no extra files.
    lists: BTreeSet<String>,
    /// What is wrong already.
    pub problems: Vec<Problem>,
}

/// How a list was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Whole,
    Damaged,
}

/// All claims on what is in a folder.
pub fn gather(root: &Path) -> Claims {
    let mut claims = Claims::default();
    claims.films(root);
    // A copy of the site alone, and of a film's folder alone.
    claims.published(root, "media");
    for folder in ["programme", ""] {
        claims.programme(root, folder);
    }
    claims.find_extras(root);
    claims
}

impl Claims {
    fn films(&mut self, root: &Path) {
        let layout = Layout::new(root);
        let recorded = ids(&layout.ledger(), |name| name.strip_suffix(".json"));
        for id in &recorded {
            let Some(record) = Record::load(&layout, id) else {
                continue;
            };
            // What is not shown, or not yet, waits elsewhere; the record calls it by the name under which it is shown.
            let (shown, now) = (Layout::media_name(id), layout.media_name_now(id));
            for file in record.files {
                let inside = file.path.strip_prefix(&shown);
                let path = inside.map_or_else(|| file.path.clone(), |rest| format!("{now}{rest}"));
                if is_inside(&path) {
                    let claim = Claim {
                        bytes: Some(file.bytes),
                        blake3: file.blake3,
                        origin: Origin::Ledger(id.clone()),
                    };
                    self.files.insert(path, claim);
                }
            }
            self.lists.insert(format!("{now}/{LIST}"));
            self.whole.insert(now);
        }
        self.published(root, layout::PUBLISHED);
        for id in ids(&root.join("masters"), |name| name.strip_suffix(".mp4")) {
            self.master(root, &id);
        }
    }

    fn master(&mut self, root: &Path, id: &SubmissionId) {
        let (name, list) = (Layout::master_name(id), Layout::master_list_name(id));
        self.lists.insert(list.clone());
        if self.files.contains_key(&name) {
            return;
        }
        let found = self.list(root, "masters", &list, &Origin::Published(id.clone()));
        if found.is_none() {
            self.problems.push(unrecorded(&name, Some(id.clone())));
        }
    }

    /// Films' folders with their lists, where no record in this folder says more.
    fn published(&mut self, root: &Path, media: &str) {
        for id in ids(&root.join(media), |name| Some(name)) {
            let folder = format!("{media}/{id}");
            if !self.whole.insert(folder.clone()) {
                continue;
            }
            let list = format!("{folder}/{LIST}");
            self.lists.insert(list.clone());
            let found = self.list(root, &folder, &list, &Origin::Published(id.clone()));
            if found != Some(List::Whole) {
                self.whole.remove(&folder);
            }
            if found.is_none() {
                self.problems.push(unrecorded(&folder, Some(id)));
            }
        }
    }

    fn programme(&mut self, root: &Path, folder: &str) {
        let of_manifest = self.manifest(root, folder);
        let list = join(folder, LIST);
        let origin = match folder {
            "" if of_manifest.is_none() => Origin::List,
            _ => Origin::Programme,
        };
        let of_list = self.list(root, folder, &list, &origin);
        self.lists.insert(list);
        self.lists.insert(join(folder, MANIFEST));
        // Of a damaged list nobody knows what it does not name.
        if of_list == Some(List::Whole) {
            self.whole.insert(folder.to_owned());
        }
    }

    fn manifest(&mut self, root: &Path, folder: &str) -> Option<()> {
        let path = join(folder, MANIFEST);
        let text = self.text(root, &path, MAX_BYTES)?;
        match Manifest::parse(&text) {
            Ok(manifest) => {
                let items = manifest.items.into_iter();
                let items = items.map(|item| (item.file, item.bytes, item.blake3));
                let joined = manifest.joined.into_iter();
                let joined = joined.map(|joined| (joined.file, joined.bytes, joined.blake3));
                for (file, bytes, blake3) in items.chain(joined) {
                    let claim = Claim {
                        bytes: Some(bytes.0),
                        blake3,
                        origin: Origin::Programme,
                    };
                    self.files.insert(join(folder, &file), claim);
                }
            }
            Err(error) => self.problems.push(damaged(&path, &error.to_string())),
        }
        Some(())
    }

    /// Takes in a list; none where there is no list.
    fn list(&mut self, root: &Path, folder: &str, path: &str, origin: &Origin) -> Option<List> {
        let text = self.text(root, path, list::MAX_BYTES)?;
        match list::read(&text) {
            Ok(entries) => {
                let mut contradicted = false;
                for entry in entries {
                    let name = join(folder, &entry.path);
                    let known = self.files.get(&name);
                    contradicted |= known.is_some_and(|known| known.blake3 != entry.blake3);
                    self.files.entry(name).or_insert_with(|| Claim {
                        bytes: None,
                        blake3: entry.blake3,
                        origin: origin.clone(),
                    });
                }
                if contradicted {
                    self.problems.push(outdated(path));
                }
                Some(List::Whole)
            }
            Err(error) => {
                self.problems.push(damaged(path, &error.to_string()));
                Some(List::Damaged)
            }
        }
    }

    /// A manifest's text; none where there is none. One that cannot be read is a problem of its own.
    fn text(&mut self, root: &Path, path: &str, limit: u64) -> Option<String> {
        match small_text(&root.join(path), limit) {
            Ok(text) => Some(text),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                None
            }
            Err(error) => {
                self.problems.push(damaged(path, &error.to_string()));
                None
            }
        }
    }

    fn find_extras(&mut self, root: &Path) {
        let folders: Vec<_> = self.whole.iter().cloned().collect();
        let mut extras = BTreeMap::new();
        for folder in folders {
            self.extras_in(root, &folder, 0, &mut extras);
        }
        let told = extras.into_iter().take(MAX_EXTRAS);
        let told = told.map(|(path, bytes)| extra(&path, bytes));
        self.problems.extend(told);
    }

    fn extras_in(
        &self,
        root: &Path,
        folder: &str,
        depth: usize,
        extras: &mut BTreeMap<String, u64>,
    ) {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            return;
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if CLUTTER.contains(&name.as_str()) || name.starts_with("._") {
                continue;
            }
            let path = join(folder, &name);
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < MAX_DEPTH {
                self.extras_in(root, &path, depth + 1, extras);
            } else if !is_folder && !self.files.contains_key(&path) && !self.lists.contains(&path) {
                extras.insert(path, entry.metadata().map_or(0, |meta| meta.len()));
            }
        }
    }
}

/// The submissions that a folder has names of.
fn ids(folder: &Path, stem: impl Fn(&str) -> Option<&str>) -> BTreeSet<SubmissionId> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| stem(&name)?.parse().ok()).collect()
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

fn small_text(path: &Path, limit: u64) -> io::Result<String> {
    let mut text = String::new();
    let read = open_regular(path)?
        .take(limit + 1)
        .read_to_string(&mut text)?;
    if read as u64 > limit {
        let reason = format!("more than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    Ok(text)
}

fn damaged(path: &str, reason: &str) -> Problem {
    manifest(
        path,
        Text::new(
            format!("清单读不出来或已损坏：{reason}"),
            format!("the list cannot be read or is damaged: {reason}"),
        ),
        Text::new(
            "清单坏了，旁边的文件就无法验证：重新复制整个文件夹；在输出文件夹里，再运行一次 zhanbo run",
            "without its list the files beside it cannot be verified: copy the whole folder again; in the output folder, run \
             `zhanbo run` again",
        ),
    )
}

fn outdated(path: &str) -> Problem {
    manifest(
        path,
        Text::new(
            "清单和 programme.json 说的不一样：节目后来又改过，或者两次复制混在了一起",
            "the list and programme.json contradict each other: the programme was changed afterwards, or two copies are mixed",
        ),
        Text::new(
            "在制作的电脑上再认证一次（zhanbo programme OUT --certify），再重新复制整个文件夹",
            "certify once more on the computer where it was made (`zhanbo programme OUT --certify`), and copy the whole folder again",
        ),
    )
}
