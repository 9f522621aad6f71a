//! Opening what came packed. In: the listing. Out: the listing with the archives' entries in it, and the store they lie in.
//! Each archive is opened once for its content: what `work/unpacked` knows is not opened again. A check without a tree of
//! its own, and a plan, unpack into a folder that goes when they end. Never opens an archive in this process.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use tempfile::TempDir;

use super::hashing::{Hashing, writes};
use crate::archive::{
    FRESH_MANIFEST, Fate, Limits, MANIFEST, MANIFEST_VERSION, MAX_DEPTH, MAX_UNPACKED, MAX_VOLUMES,
    Manifest, Trouble, file_name,
};
use crate::config::RunConfig;
use crate::error::RunError;
use crate::event::{Event, Listener};
use crate::id::ContentHash;
use crate::intake::Listing;
use crate::intake::packed::{NotOpened, Package};
use crate::layout::Layout;
use crate::ledger::{Stamp, read};
use crate::text::Text;
use crate::worker::parent::WorkerError;

/// Archives in one inbox, those in archives counted.
const MAX_ARCHIVES: usize = 2_000;

/// What the archives came to.
#[derive(Debug, Default)]
pub(super) struct Store {
    in_use: BTreeSet<ContentHash>,
    /// Unpacked in this run.
    fresh: Vec<ContentHash>,
    /// Goes, with what is in it, when the run ends.
    temporary: Option<TempDir>,
}

impl Store {
    /// Removes what no archive of the inbox refers to any more.
    pub(super) fn sweep(&self, config: &RunConfig) {
        let Some(layout) = config.layout.as_ref().filter(|_| writes(config)) else {
            return;
        };
        if let Err(error) = layout.keep_unpacked(&self.in_use) {
            tracing::warn!(%error, "what was unpacked from earlier archives could not be removed");
        }
    }
}

/// Opens every archive of the listing, and the archives in them.
pub(super) fn open_all(
    config: &RunConfig,
    hashing: &Hashing<'_>,
    listing: &mut Listing,
    listener: &dyn Listener,
) -> Result<Store, RunError> {
    let mut opener = Opener {
        config,
        hashing,
        listener,
        store: Store::default(),
        left: MAX_UNPACKED,
    };
    let mut waiting: VecDeque<Package> = listing.packages().into();
    let mut count = 0;
    while let Some(package) = waiting.pop_front() {
        count += 1;
        let result = if count > MAX_ARCHIVES {
            Err(NotOpened::TooMany {
                limit: MAX_ARCHIVES,
            })
        } else if package.depth > MAX_DEPTH {
            Err(NotOpened::TooDeep)
        } else {
            opener.open(&package)?
        };
        match result {
            Ok((manifest, folder)) => {
                let regions = &config.rules.regions;
                waiting.extend(listing.unpacked(&package, &manifest, &folder, regions));
            }
            Err(why) => listing.not_opened(&package, &why),
        }
    }
    opener.settle()?;
    Ok(opener.store)
}

struct Opener<'a> {
    config: &'a RunConfig,
    listener: &'a dyn Listener,
    hashing: &'a Hashing<'a>,
    store: Store,
    /// Bytes that may still be unpacked: an inbox of bombs is one bomb.
    left: u64,
}

type Opened = Result<(Manifest, PathBuf), NotOpened>;

impl Opener<'_> {
    /// The outer error stops the run: the operator, or a disk that cannot be written.
    fn open(&mut self, package: &Package) -> Result<Opened, RunError> {
        if package.volumes.len() > MAX_VOLUMES {
            let count = package.volumes.len();
            return Ok(Err(NotOpened::Failed(Text::new(
                format!("分卷太多（{count} 卷，最多 {MAX_VOLUMES} 卷）"),
                format!("it has too many volumes ({count}, at most {MAX_VOLUMES})"),
            ))));
        }
        self.listener.on_event(&Event::Unpacking {
            source: package.source.clone(),
            bytes: package.bytes(),
        });
        let (volumes, hash) = match self.read(package) {
            Ok(read) => read,
            Err(error) => {
                self.unless_stopped()?;
                let why = Text::new(
                    format!("读不出来：{error}"),
                    format!("it cannot be read: {error}"),
                );
                return Ok(Err(NotOpened::Failed(why)));
            }
        };
        self.store.in_use.insert(hash.clone());
        let known = self.remembered(&hash);
        let remembered = known.is_some();
        let opened = match known {
            Some(known) => Ok(known),
            None => self.unpack(package, volumes, &hash)?,
        };
        if let Ok((manifest, _)) = &opened {
            self.left = self.left.saturating_sub(bytes(manifest));
            self.listener.on_event(&Event::Unpacked {
                source: package.source.clone(),
                files: files(manifest).count(),
                remembered,
            });
        }
        Ok(opened)
    }

    /// Opens and hashes all volumes; the hash of several is that of their hashes.
    fn read(&mut self, package: &Package) -> io::Result<(Vec<(File, Stamp)>, ContentHash)> {
        let mut volumes = Vec::new();
        let mut hashes = Vec::new();
        for volume in &package.volumes {
            let (stamp, hash, file) = self.hashing.hash(&volume.source, &volume.path)?;
            volumes.push((file, stamp));
            hashes.push(hash);
        }
        let hash = match &hashes[..] {
            [one] => one.clone(),
            several => {
                let all: Vec<&str> = several.iter().map(ContentHash::as_str).collect();
                blake3::hash(all.join("\n").as_bytes()).into()
            }
        };
        Ok((volumes, hash))
    }

    /// What is in the store counts from the next run on.
    fn settle(&self) -> Result<(), RunError> {
        match self.config.layout.as_ref().filter(|_| writes(self.config)) {
            Some(layout) => layout
                .settle_unpacked(&self.store.fresh)
                .map_err(|source| RunError::write(&layout.unpacked(), source)),
            None => Ok(()),
        }
    }

    fn remembered(&self, hash: &ContentHash) -> Option<(Manifest, PathBuf)> {
        let name = if self.store.fresh.contains(hash) {
            FRESH_MANIFEST
        } else {
            MANIFEST
        };
        let kept = self.config.layout.as_ref();
        let temporary = self.store.temporary.as_ref().map(|t| Layout::new(t.path()));
        [kept, temporary.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|layout| {
                let folder = layout.unpacked_from(hash);
                load(&folder, name)
                    .filter(|manifest| !depends_on_the_day(manifest))
                    .map(|manifest| (manifest, folder))
            })
    }

    fn unpack(
        &mut self,
        package: &Package,
        volumes: Vec<(File, Stamp)>,
        hash: &ContentHash,
    ) -> Result<Opened, RunError> {
        let layout = self.layout()?;
        let failed = |source| RunError::write(&layout.unpacked(), source);
        let staging = layout.new_unpacking(hash).map_err(failed)?;
        let folder = File::open(&staging).map_err(failed)?;
        let limits = Limits {
            bytes: self.left,
            ..Limits::default()
        };
        let watched = volumes
            .iter()
            .map(|(file, stamp)| Ok((file.try_clone()?, *stamp)))
            .collect::<io::Result<Vec<_>>>();
        let files = volumes.into_iter().map(|(file, _)| file).collect();
        if let Err(error) = self.config.workers.unpack(folder, files, limits) {
            crate::layout::remove_tree(&staging).map_err(failed)?;
            self.unless_stopped()?;
            return Ok(Err(NotOpened::Failed(text(&error))));
        }
        let unchanged = watched.is_ok_and(|watched| {
            watched
                .iter()
                .all(|(file, stamp)| Stamp::of(file).is_ok_and(|now| now == *stamp))
        });
        if !unchanged {
            crate::layout::remove_tree(&staging).map_err(failed)?;
            return Ok(Err(NotOpened::Failed(Text::new(
                "压缩包在读取时还在变化（可能正在复制），请等复制完成后再运行一次",
                "it was still changing (is it being copied?); run again when that is finished",
            ))));
        }
        layout.publish_unpacked(hash).map_err(failed)?;
        if !self.store.fresh.contains(hash) {
            self.store.fresh.push(hash.clone());
        }
        let target = layout.unpacked_from(hash);
        Ok(match load(&target, FRESH_MANIFEST) {
            Some(manifest) => Ok((manifest, target)),
            None => Err(NotOpened::Failed(Text::new(
                format!("{} 的内容清单不对", package.source),
                "the worker's list of what it unpacked is not right",
            ))),
        })
    }

    /// Where new archives are unpacked.
    fn layout(&mut self) -> Result<Layout, RunError> {
        if let Some(layout) = self.config.layout.as_ref().filter(|_| writes(self.config)) {
            return Ok(layout.clone());
        }
        if self.store.temporary.is_none() {
            let made = tempfile::Builder::new().prefix("zhanbo-").tempdir();
            let made = made.map_err(|source| RunError::write(Path::new("TMPDIR"), source))?;
            self.store.temporary = Some(made);
        }
        let path = self.store.temporary.as_ref().map(TempDir::path);
        Ok(Layout::new(path.unwrap_or(Path::new(""))))
    }

    fn unless_stopped(&self) -> Result<(), RunError> {
        if self.config.workers.cancelled.load(Ordering::Relaxed) {
            Err(RunError::Stopped)
        } else {
            Ok(())
        }
    }
}

/// The manifest in a folder, if it is ours and all its files are there.
fn load(folder: &Path, name: &str) -> Option<Manifest> {
    let manifest: Manifest = read(&folder.join(name))?;
    let is_there = |file: u32, bytes: u64| {
        fs::symlink_metadata(folder.join(file_name(file)))
            .is_ok_and(|found| found.is_file() && found.len() == bytes)
    };
    let is_whole = files(&manifest).all(|(file, bytes)| is_there(file, bytes));
    let is_tame = manifest
        .entries
        .iter()
        .flat_map(|entry| &entry.path)
        .all(|part| !part.is_empty() && part != ".." && !part.contains(['/', '\0']));
    (manifest.version == MANIFEST_VERSION && is_whole && is_tame).then_some(manifest)
}

/// Whether another day, with more room, the archive would give more.
fn depends_on_the_day(manifest: &Manifest) -> bool {
    let passing =
        |trouble: &Trouble| matches!(trouble, Trouble::DiskFull { .. } | Trouble::TooLarge { .. });
    manifest.trouble.iter().any(passing)
}

fn files(manifest: &Manifest) -> impl Iterator<Item = (u32, u64)> + '_ {
    manifest
        .entries
        .iter()
        .filter_map(|entry| match entry.fate {
            Fate::Extracted { file, bytes, .. } => Some((file, bytes)),
            _ => None,
        })
}

fn bytes(manifest: &Manifest) -> u64 {
    files(manifest).map(|(_, bytes)| bytes).sum()
}

fn text(error: &WorkerError) -> Text {
    match error {
        WorkerError::Died { .. } | WorkerError::Hung { .. } => {
            let said = error.text();
            Text::new(
                format!("内容异常，解压进程没有完成（{}）", said.zh),
                format!(
                    "its content is out of order, and the worker did not finish ({})",
                    said.en
                ),
            )
        }
        other => other.text(),
    }
}
