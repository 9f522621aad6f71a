//! `masters/programme/state.json`: what is known of the programme's files, so that nothing is read or made twice. In and
//! out: JSON. Whatever in it can not be read costs time, and nothing else.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::id::ContentHash;
use crate::layout::{Layout, open_regular};
use crate::ledger::Stamp;
use crate::programme::sheet::{Edits, Written};
use crate::transcode::hall::Described;

/// The only version that is read.
const VERSION: u32 = 1;
/// A state of more bytes is not ours.
const MAX_BYTES: u64 = 16 << 20;

/// What is known.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    version: u32,
    /// Files by their paths under OUT.
    files: BTreeMap<String, Known>,
    /// Pictures of the inbox by their paths there.
    pub(super) pictures: BTreeMap<String, ContentHash>,
    /// What the joined file was made from.
    pub(super) joined: Option<String>,
    /// The run sheet.
    pub(super) sheet: Option<Sheet>,
}

/// What is known of one file, as long as its stamp is the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Known {
    stamp: Stamp,
    blake3: Option<ContentHash>,
    pub(super) described: Option<Described>,
}

/// The run sheet as it was written, and what a person changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sheet {
    /// Hash of the workbook that was written; none before the first.
    pub(super) hash: Option<ContentHash>,
    /// Its rows.
    pub(super) rows: Vec<Written>,
    /// The order that it rests on.
    pub(super) base: Vec<String>,
    /// What a person wants.
    pub(super) edits: Option<Edits>,
}

impl State {
    pub(super) fn load(layout: &Layout) -> State {
        let fresh = State {
            version: VERSION,
            ..State::default()
        };
        let path = layout.hall_state();
        let small = std::fs::symlink_metadata(&path)
            .is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_BYTES);
        if !small {
            return fresh;
        }
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let read = serde_json::from_str::<State>(&text).ok();
        read.filter(|state| state.version == VERSION)
            .unwrap_or(fresh)
    }

    pub(super) fn save(&self, layout: &Layout) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        layout.publish_file(&layout.hall_state(), text.as_bytes())
    }

    /// A file, and what is known of it as it is now.
    pub(super) fn know(&mut self, layout: &Layout, path: &Path) -> io::Result<(File, &mut Known)> {
        let file = open_regular(path)?;
        let stamp = Stamp::of(&file)?;
        let fresh = || Known {
            stamp,
            blake3: None,
            described: None,
        };
        let known = self.files.entry(name(layout, path)).or_insert_with(fresh);
        if known.stamp != stamp {
            *known = fresh();
        }
        Ok((file, known))
    }

    /// BLAKE3 of a file; read only where it has changed.
    pub(super) fn hash(&mut self, layout: &Layout, path: &Path) -> io::Result<ContentHash> {
        let (file, known) = self.know(layout, path)?;
        if let Some(hash) = &known.blake3 {
            return Ok(hash.clone());
        }
        let hash = super::hash_of(&file)?;
        known.blake3 = Some(hash.clone());
        Ok(hash)
    }

    /// Whether a file is there and is the one that was seen last.
    pub(super) fn is_as_known(&self, layout: &Layout, path: &Path) -> bool {
        let now = open_regular(path).and_then(|file| Stamp::of(&file)).ok();
        let known = self.files.get(&name(layout, path));
        known.is_some_and(|known| Some(known.stamp) == now)
    }

    /// Forgets files that are gone.
    pub(super) fn forget_missing(&mut self, layout: &Layout) {
        self.files
            .retain(|name, _| layout.root().join(name).is_file());
    }
}

fn name(layout: &Layout, path: &Path) -> String {
    let inside = path.strip_prefix(layout.root()).unwrap_or(path);
    inside.display().to_string()
}
