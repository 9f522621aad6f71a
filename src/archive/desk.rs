//! Where the readers of all formats hand in what they find. In: names, contents, refusals, in the archive's order. Out:
//! numbered files in the staging folder and the [`Manifest`]. Holds the limits: what is declared is never believed, it is
//! counted while it is written, and what meets a limit stops early.

use std::io::{self, Read, Write};

use super::names::{self, RawName};
use super::{
    Entry, Fate, Kind, Limits, MANIFEST_VERSION, MAX_RATIO, Manifest, RATIO_FROM, Refusal, Trouble,
    file_name, parts,
};
use crate::id::ContentHash;
use crate::layout::Staging;

/// Bytes read at once.
const PIECE: usize = 256 << 10;
/// Bytes written between two looks at the free space of the disk.
const SPACE_CHECK: u64 = 64 << 20;
/// Characters of a decoder's complaint that are kept.
const MAX_COMPLAINT: usize = 200;

pub(super) struct Desk<'a> {
    staging: &'a Staging,
    limits: &'a Limits,
    /// Bytes of the archive.
    packed: u64,
    written: u64,
    space_checked_at: Option<u64>,
    found: Vec<Found>,
    beyond: u64,
    trouble: Vec<Trouble>,
    stopped: bool,
    buffer: Vec<u8>,
    progress: &'a mut dyn FnMut(u64),
}

struct Found {
    name: RawName,
    fate: Fate,
}

/// How the content of one entry ended.
enum Content {
    Whole { bytes: u64, blake3: ContentHash },
    Not(Refusal),
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        staging: &'a Staging,
        limits: &'a Limits,
        packed: u64,
        progress: &'a mut dyn FnMut(u64),
    ) -> Self {
        Desk {
            staging,
            limits,
            packed,
            written: 0,
            space_checked_at: None,
            found: Vec::new(),
            beyond: 0,
            trouble: Vec::new(),
            stopped: false,
            buffer: vec![0; PIECE],
            progress,
        }
    }

    /// A limit was met: what is still to come is refused without being read.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Entries so far.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Whether some content came out too short or broken, or nothing came at all.
    pub(super) fn lacks_content(&self) -> bool {
        let lacks = |found: &Found| {
            matches!(
                found.fate,
                Fate::Refused(
                    Refusal::CutOff
                        | Refusal::Broken { .. }
                        | Refusal::WrongSize { .. }
                        | Refusal::PastLimit
                )
            )
        };
        self.found.is_empty() || self.found.iter().any(lacks)
    }

    /// Whether the archive ended within the entry that came last.
    pub(super) fn was_cut(&self) -> bool {
        let last = self.found.last();
        last.is_some_and(|found| found.fate == Fate::Refused(Refusal::CutOff))
    }

    /// Something about the archive as a whole.
    pub(super) fn trouble(&mut self, trouble: Trouble) {
        if !self.trouble.contains(&trouble) {
            self.trouble.push(trouble);
        }
    }

    /// A folder.
    pub(super) fn folder(&mut self, name: RawName) {
        self.take(name, Fate::Folder);
    }

    /// An entry that is not extracted.
    pub(super) fn refuse(&mut self, name: RawName, why: Refusal) {
        self.take(name, Fate::Refused(why));
    }

    /// An entry with content. `refusal` says what an error of the content means. Errors are the staging folder's.
    pub(super) fn extract(
        &mut self,
        name: RawName,
        declared: Option<u64>,
        content: &mut dyn Read,
        refusal: &dyn Fn(&io::Error) -> Refusal,
    ) -> io::Result<()> {
        if self.stopped || self.found.len() >= self.limits.entries {
            self.refuse(name, Refusal::PastLimit);
            return Ok(());
        }
        let number = u32::try_from(self.found.len() + 1).unwrap_or(u32::MAX);
        let fate = match self.write(number, declared, content, refusal)? {
            Content::Whole { bytes, blake3 } => Fate::Extracted {
                file: number,
                bytes,
                blake3,
            },
            Content::Not(why) => {
                self.staging.remove(&file_name(number))?;
                Fate::Refused(why)
            }
        };
        self.take(name, fate);
        Ok(())
    }

    fn take(&mut self, name: RawName, fate: Fate) {
        if self.found.len() >= self.limits.entries {
            self.beyond += 1;
            self.stopped = true;
            self.trouble(Trouble::TooManyEntries {
                limit: self.limits.entries,
            });
            return;
        }
        self.found.push(Found { name, fate });
        (self.progress)(self.written + self.found.len() as u64);
    }

    fn write(
        &mut self,
        number: u32,
        declared: Option<u64>,
        content: &mut dyn Read,
        refusal: &dyn Fn(&io::Error) -> Refusal,
    ) -> io::Result<Content> {
        let mut file = self.staging.create(&file_name(number))?;
        let mut hasher = blake3::Hasher::new();
        let mut bytes = 0_u64;
        let mut buffer = std::mem::take(&mut self.buffer);
        let ended = loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => break None,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break Some(refusal(&error)),
            };
            bytes += read as u64;
            if let Some(declared) = declared.filter(|declared| bytes > *declared) {
                break Some(Refusal::WrongSize {
                    declared,
                    actual: bytes,
                });
            }
            if let Some(trouble) = self.limit_met(read as u64)? {
                self.trouble(trouble);
                self.stopped = true;
                break Some(Refusal::PastLimit);
            }
            match file.write_all(&buffer[..read]) {
                Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                    self.trouble(Trouble::DiskFull { free: 0 });
                    self.stopped = true;
                    break Some(Refusal::PastLimit);
                }
                other => other?,
            }
            hasher.update(&buffer[..read]);
            (self.progress)(self.written + self.found.len() as u64);
        };
        self.buffer = buffer;
        Ok(match (ended, declared) {
            (Some(why), _) => Content::Not(why),
            (None, Some(declared)) if declared != bytes => Content::Not(Refusal::WrongSize {
                declared,
                actual: bytes,
            }),
            (None, _) => Content::Whole {
                bytes,
                blake3: hasher.finalize().into(),
            },
        })
    }

    /// The limit that this many bytes more would break.
    fn limit_met(&mut self, more: u64) -> io::Result<Option<Trouble>> {
        self.written += more;
        if self.written > self.limits.bytes {
            return Ok(Some(Trouble::TooLarge {
                limit: self.limits.bytes,
            }));
        }
        if self.written > RATIO_FROM && self.written > self.packed.saturating_mul(MAX_RATIO) {
            return Ok(Some(Trouble::Ratio {
                packed: self.packed,
                unpacked: self.written,
            }));
        }
        if self
            .space_checked_at
            .is_none_or(|then| self.written - then >= SPACE_CHECK)
        {
            self.space_checked_at = Some(self.written);
            let free = self.staging.free_bytes()?;
            if free < self.limits.keep_free.saturating_add(SPACE_CHECK) {
                return Ok(Some(Trouble::DiskFull { free }));
            }
        }
        Ok(None)
    }

    /// All names together are read, names that lead outside are refused, and their files go.
    pub(super) fn settle(mut self, kind: Option<Kind>) -> io::Result<Manifest> {
        let raw: Vec<&RawName> = self.found.iter().map(|found| &found.name).collect();
        let decision = names::decide(&raw);
        if !decision.is_sure {
            self.trouble(Trouble::NamesUnsure);
        }
        let mut entries = Vec::with_capacity(self.found.len());
        for Found { name, mut fate } in self.found {
            let text = names::decode(&name, decision.encoding);
            let path = match parts::split(&text) {
                Ok(path) => path,
                // A folder that leads nowhere (`./`) holds nothing that could be lost.
                Err(Refusal::BadName) if fate == Fate::Folder => Vec::new(),
                Err(why) => {
                    if let Fate::Extracted { file, .. } = fate {
                        self.staging.remove(&file_name(file))?;
                    }
                    fate = Fate::Refused(why);
                    Vec::new()
                }
            };
            entries.push(Entry {
                name: clipped(&text),
                raw: names::shown(&name).map(|raw| clipped(&raw)),
                path,
                fate,
            });
        }
        Ok(Manifest {
            version: MANIFEST_VERSION,
            kind,
            encoding: decision.encoding,
            entries,
            beyond: self.beyond,
            trouble: self.trouble,
        })
    }
}

// A name of megabytes is refused above; here it is only shown.
fn clipped(name: &str) -> String {
    name.chars().take(super::MAX_PATH).collect()
}

/// A decoder's complaint, short enough to be shown.
pub(super) fn complaint(error: &impl std::fmt::Display) -> String {
    error.to_string().chars().take(MAX_COMPLAINT).collect()
}
