//! The certificate of the hall's programme. In: the folder `programme/`. Out: a [`Certificate`]: every file was read, compared with
//! its manifest and played to its end, and this is what was found. Only a programme without a failure gets its list of
//! checksums, by which a stick can prove itself elsewhere.
//!
//! ```text
//! play    a file to what every frame and sample of it was (in the worker)
//! judge   manifest and facts to findings (pure)
//! page    the certificate to be printed
//! ```

pub mod judge;
pub mod page;
pub mod play;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::event::{Event, Listener};
use crate::id::ContentHash;
use crate::layout::open_regular;
use crate::preset::Accept;
use crate::programme::manifest::{MANIFEST, MAX_BYTES, Manifest, ManifestError};
use crate::text::Text;
use crate::units::{Bytes, FrameRate, Millis};
use crate::worker::parent::{WorkerError, Workers};
use judge::{Check, Drive, Facts, FileFacts, Finding, Gravity, judge};

/// Value of `schema`.
pub const SCHEMA: &str = "zhanbo.certificate/1";
/// The certificate for people, in `programme/`.
pub const PAGE: &str = "certificate.html";
/// The same for programs.
pub const JSON: &str = "certificate.json";
/// Endings of what a player would play with a folder.
const MEDIA: [&str; 12] = [
    "mp4", "m4v", "mov", "mkv", "avi", "wmv", "flv", "ts", "mts", "webm", "mpg", "mp3",
];
/// Files of a programme with their lists and sheets: more than this is another folder.
const MAX_FILES: usize = 10_000;

/// What was certified, when, and by what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// [`SCHEMA`].
    pub schema: String,
    /// When, RFC 3339 in UTC.
    pub certified_at: String,
    /// Our version.
    pub version: String,
    /// The event's title.
    pub title: String,
    /// Whether the programme may be played.
    pub passed: bool,
    /// Items that play.
    pub items: usize,
    /// Files that were played from end to end.
    pub files: Vec<CertifiedFile>,
    /// How long all items are.
    pub duration_ms: Millis,
    /// Bytes of everything in the folder.
    pub bytes: Bytes,
    /// Frame size of every file.
    pub frame_size: (u32, u32),
    /// Frames a second of every file.
    pub frame_rate: FrameRate,
    /// Loudness that was asked for, in LUFS.
    pub target_lufs: f64,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
}

/// A file that was played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CertifiedFile {
    /// Its name.
    pub file: String,
    /// Its size.
    pub bytes: Bytes,
    /// Frames that were shown.
    pub frames: u64,
    /// Loudness in LUFS; none for silence.
    pub loudness_lufs: Option<f64>,
    /// Its content.
    pub blake3: ContentHash,
}

/// Why there is no certificate, good or bad.
#[derive(Debug, thiserror::Error)]
pub enum CertifyError {
    /// There is no programme.
    #[error("there is no programme: {} cannot be read", path.display())]
    NoProgramme {
        /// The manifest.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Its manifest is none of ours.
    #[error("{} cannot be used", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: ManifestError,
    },
    /// The folder cannot be read.
    #[error("{} cannot be read", path.display())]
    Unread {
        /// What.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The operator stopped it.
    #[error("stopped before every file was played; nothing is certified")]
    Stopped,
}

impl CertifyError {
    /// What to do next.
    pub fn hint(&self) -> Text {
        match self {
            CertifyError::NoProgramme { .. } | CertifyError::Manifest { .. } => Text::new(
                "请先运行 zhanbo programme OUT 生成节目，再认证",
                "make the programme first with `zhanbo programme OUT`, then certify",
            ),
            CertifyError::Unread { .. } => Text::new(
                "请检查文件夹是否存在、是否允许读取",
                "check that the folder is there and may be read",
            ),
            CertifyError::Stopped => Text::new("再运行一次即可", "run it again"),
        }
    }
}

/// How a programme is certified.
#[derive(Debug)]
pub struct Order<'a> {
    /// `programme/`.
    pub folder: &'a Path,
    /// How workers are started.
    pub workers: &'a Workers,
    /// When, RFC 3339 in UTC.
    pub certified_at: &'a str,
    /// Loudness that was asked for, in LUFS.
    pub target_lufs: f64,
    /// Where the programme is to be copied to.
    pub drive: Option<Drive>,
    /// What somebody said is meant.
    pub meant: &'a [Accept],
}

/// Reads and plays everything, and judges it. Writes nothing.
pub fn certify(order: &Order<'_>, listener: &dyn Listener) -> Result<Certificate, CertifyError> {
    let path = order.folder.join(MANIFEST);
    let text = manifest_text(&path)?;
    let manifest = match Manifest::parse(&text) {
        Ok(manifest) => manifest,
        Err(ManifestError::Name { name }) => return Ok(of_bad_name(order, &name)),
        Err(source) => return Err(CertifyError::Manifest { path, source }),
    };
    let there = media_and_sizes(order.folder)?;
    let names: Vec<_> = manifest.files().map(str::to_owned).collect();
    let present: Vec<_> = names
        .iter()
        .filter(|name| there.contains_key(*name))
        .collect();
    listener.on_event(&Event::VerifyStarted {
        files: present.len(),
        bytes: present.iter().filter_map(|name| there.get(*name)).sum(),
    });
    let mut files = BTreeMap::new();
    for name in present {
        if !files.contains_key(name) {
            files.insert(name.clone(), examine(order, name, listener)?);
        }
    }
    let is_extra = |name: &&String| is_media(name) && !names.contains(*name);
    let facts = Facts {
        extra: there.keys().filter(is_extra).cloned().collect(),
        bytes: there.values().sum(),
        files,
        drive: order.drive,
        target_lufs: order.target_lufs,
        meant: order.meant.to_vec(),
    };
    let findings = judge(&manifest, &facts);
    listener.on_event(&Event::VerifyFinished {
        files: facts.files.len(),
        problems: findings.len(),
    });
    Ok(certificate(order, &manifest, &facts, findings))
}

fn manifest_text(path: &Path) -> Result<String, CertifyError> {
    let read = || -> io::Result<String> {
        let mut text = String::new();
        io::Read::read_to_string(
            &mut io::Read::take(open_regular(path)?, MAX_BYTES),
            &mut text,
        )?;
        Ok(text)
    };
    read().map_err(|source| CertifyError::NoProgramme {
        path: path.to_owned(),
        source,
    })
}

/// Every file in the folder with its size; nothing hidden, nothing behind a link.
fn media_and_sizes(folder: &Path) -> Result<BTreeMap<String, u64>, CertifyError> {
    let failed = |source| CertifyError::Unread {
        path: folder.to_owned(),
        source,
    };
    let mut there = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(failed)?.take(MAX_FILES) {
        let entry = entry.map_err(failed)?;
        let meta = entry.metadata().map_err(failed)?;
        if meta.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            there.insert(name, meta.len());
        }
    }
    Ok(there)
}

/// Whether a player would play it.
pub fn is_media(name: &str) -> bool {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| MEDIA.contains(&ending.as_str()))
}

fn examine(
    order: &Order<'_>,
    name: &str,
    listener: &dyn Listener,
) -> Result<FileFacts, CertifyError> {
    let path = order.folder.join(name);
    let failed = |source| CertifyError::Unread {
        path: path.clone(),
        source,
    };
    let file = open_regular(&path).map_err(failed)?;
    let (bytes, blake3) = hash(&path).map_err(failed)?;
    let mut done = 0;
    let mut progress = |bytes: u64| {
        listener.on_event(&Event::VerifyProgressed {
            bytes: bytes.saturating_sub(done),
        });
        done = bytes;
    };
    let played = match order.workers.play(file, &mut progress) {
        Err(WorkerError::Cancelled) => return Err(CertifyError::Stopped),
        played => played.map_err(|error| error.text()),
    };
    progress(bytes);
    Ok(FileFacts {
        bytes,
        blake3,
        played,
    })
}

/// Size and content of a file.
pub fn hash(path: &Path) -> io::Result<(u64, ContentHash)> {
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut open_regular(path)?, &mut hasher)?;
    Ok((bytes, hasher.finalize().into()))
}

fn certificate(
    order: &Order<'_>,
    manifest: &Manifest,
    facts: &Facts,
    findings: Vec<Finding>,
) -> Certificate {
    let played = manifest.files().filter_map(|name| {
        let file = facts.files.get(name)?;
        let played = file.played.as_ref().ok();
        let sound = played.and_then(|played| played.sound.as_ref());
        let picture = played.and_then(|played| played.picture.as_ref());
        Some(CertifiedFile {
            file: name.to_owned(),
            bytes: Bytes(file.bytes),
            frames: picture.map_or(0, |picture| picture.frames),
            loudness_lufs: sound.and_then(|sound| sound.loudness_lufs),
            blake3: file.blake3.clone(),
        })
    });
    let frames = manifest.items.iter().map(|item| item.frames).sum();
    Certificate {
        schema: SCHEMA.into(),
        certified_at: order.certified_at.to_owned(),
        version: env!("CARGO_PKG_VERSION").into(),
        title: manifest.title.clone(),
        passed: findings.iter().all(|f| f.gravity != Gravity::Failure),
        items: manifest.items.len(),
        files: played.collect(),
        duration_ms: manifest.frame_rate.start_of(frames),
        bytes: Bytes(facts.bytes),
        frame_size: (manifest.width, manifest.height),
        frame_rate: manifest.frame_rate,
        target_lufs: order.target_lufs,
        findings,
    }
}

/// A manifest with a name that some system cannot open is refused as a whole, and that is a finding.
fn of_bad_name(order: &Order<'_>, name: &str) -> Certificate {
    Certificate {
        schema: SCHEMA.into(),
        certified_at: order.certified_at.to_owned(),
        version: env!("CARGO_PKG_VERSION").into(),
        title: String::new(),
        passed: false,
        items: 0,
        files: vec![],
        duration_ms: Millis(0),
        bytes: Bytes(0),
        frame_size: (0, 0),
        frame_rate: FrameRate { num: 1, den: 1 },
        target_lufs: order.target_lufs,
        findings: vec![Finding {
            gravity: Gravity::Failure,
            check: Check::Name,
            file: name.to_owned(),
            message: Text::new(
                "文件名不是纯英文字母、数字和 - _ .，有的播放器和电脑打不开",
                "its name is not of ASCII letters, digits, - _ and . alone: some players and computers cannot open it",
            ),
            remedy: Text::new(
                "再运行一次 zhanbo programme OUT：它会起合适的名字",
                "make the programme again with `zhanbo programme OUT`: it gives names that fit",
            ),
            decision: None,
        }],
    }
}
