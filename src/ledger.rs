//! The memory that makes a run resumable: what was read, and what was made from which inputs. In: small JSON files under
//! `work/`. Out: typed records. Files are the state: one record a file, each whole or not there; a record that cannot be
//! read is no record. Inputs count by content, outputs by presence and size; time
//! stamps only save the reading.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::document::{Document, DocumentFault, READER_VERSION};
use crate::id::{ContentHash, SubmissionId};
use crate::layout::{Layout, open_regular};
use crate::preset::Rung;
use crate::probe::{Measured, Unreadable, signature};
use crate::report::model::{OutputLoudness, QualityReport, VariantReport};
use crate::transcode::ladder::Recipe;
use crate::transcode::make::Note;
use crate::units::Millis;

/// Counts up when a record changes its meaning; older records are then no records.
const VERSION: u32 = 2;
/// Bytes of a record that are read.
const MAX_RECORD: u64 = 64 << 20;

/// How a file looked from outside: while this stays the same, its bytes are not read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Size in bytes.
    pub bytes: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified_ns: i128,
    /// Inode number.
    pub inode: u64,
}

impl Stamp {
    /// The stamp of an open file.
    pub fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(&file.metadata()?))
    }
}

impl From<&fs::Metadata> for Stamp {
    fn from(meta: &fs::Metadata) -> Self {
        let modified_ns = i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec());
        Stamp {
            bytes: meta.len(),
            modified_ns,
            inode: meta.ino(),
        }
    }
}

/// Content hashes by path, with the stamps under which they are true.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hashes {
    version: u32,
    files: BTreeMap<String, (Stamp, ContentHash)>,
}

impl Hashes {
    /// What earlier runs read.
    pub fn load(layout: &Layout) -> Self {
        read::<Hashes>(&layout.survey())
            .filter(|h| h.version == VERSION)
            .unwrap_or_default()
    }

    /// The hash of a file that still looks the same.
    pub fn get(&self, source: &str, stamp: &Stamp) -> Option<&ContentHash> {
        self.files
            .get(source)
            .filter(|(then, _)| then == stamp)
            .map(|(_, hash)| hash)
    }

    /// Remembers a hash.
    pub fn insert(&mut self, source: String, stamp: Stamp, hash: ContentHash) {
        self.files.insert(source, (stamp, hash));
    }

    /// Writes everything down.
    pub fn save(&mut self, layout: &Layout) -> io::Result<()> {
        self.version = VERSION;
        write(layout, &layout.survey(), self)
    }
}

/// What a worker said about a content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reading {
    /// It is a video.
    Measured(Box<Measured>),
    /// It is none.
    Unreadable(Unreadable),
}

#[derive(Serialize, Deserialize)]
struct ReadingRecord {
    version: u32,
    tool: String,
    reading: Reading,
}

/// What was measured on this content by the same tools, if it was. A film whose signature was taken in another way, or never,
/// could not be compared with others: it is measured again.
pub fn load_reading(layout: &Layout, hash: &ContentHash, tool: &str) -> Option<Reading> {
    let record: ReadingRecord = read(&layout.reading(hash))?;
    let comparable = match &record.reading {
        Reading::Measured(measured) => measured.signature.version == signature::VERSION,
        Reading::Unreadable(_) => true,
    };
    (record.version == VERSION && record.tool == tool && comparable).then_some(record.reading)
}

/// Remembers a measurement.
pub fn save_reading(
    layout: &Layout,
    hash: &ContentHash,
    tool: &str,
    reading: &Reading,
) -> io::Result<()> {
    let record = ReadingRecord {
        version: VERSION,
        tool: tool.into(),
        reading: reading.clone(),
    };
    remember(layout, &layout.reading(hash), &record)
}

/// What a worker said about an office document.
pub type DocumentReading = Result<Document, DocumentFault>;

#[derive(Serialize, Deserialize)]
struct DocumentRecord {
    version: u32,
    reader: u32,
    reading: DocumentReading,
}

/// What a document of this content says, if the same reader has read one.
pub fn load_document(layout: &Layout, hash: &ContentHash) -> Option<DocumentReading> {
    let record: DocumentRecord = read(&layout.document(hash))?;
    (record.version == VERSION && record.reader == READER_VERSION).then_some(record.reading)
}

/// Remembers what a document says.
pub fn save_document(
    layout: &Layout,
    hash: &ContentHash,
    reading: &DocumentReading,
) -> io::Result<()> {
    let record = DocumentRecord {
        version: VERSION,
        reader: READER_VERSION,
        reading: reading.clone(),
    };
    remember(layout, &layout.document(hash), &record)
}

/// One file that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Path inside OUT. What is for the web is named as it lies once it is shown, see [`Layout::media_now`].
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Its content.
    pub blake3: ContentHash,
}

/// Everything that decides what is made: same inputs, same outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The upload.
    pub source_blake3: ContentHash,
    /// The subtitle files by name and content.
    pub subtitles: Vec<(String, ContentHash)>,
    /// Fingerprint of the recipe.
    pub recipe: String,
    /// Our version and those of the libraries.
    pub tool: String,
}

/// The record of one submission that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    version: u32,
    /// From what.
    pub inputs: Inputs,
    /// All files, sorted by path.
    pub files: Vec<OutputFile>,
    /// HLS variants, best first.
    pub variants: Vec<VariantReport>,
    /// WebVTT files inside the media folder.
    pub subtitles: Vec<String>,
    /// What a person should know.
    pub notes: Vec<Note>,
    /// How loud the outputs are; none where an older program made them.
    #[serde(default)]
    pub loudness: Option<OutputLoudness>,
    /// How good the picture was measured to be, where the ladder names a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<QualityReport>,
    /// Length of the outputs.
    pub duration_ms: Millis,
    /// Time by the clock that it took.
    pub wall_ms: Millis,
    /// Processor time that it took.
    pub cpu_ms: Millis,
}

impl Record {
    /// A record of something just made.
    pub fn new(inputs: Inputs, files: Vec<OutputFile>, made: crate::transcode::make::Made) -> Self {
        Record {
            version: VERSION,
            inputs,
            files,
            variants: made.variants,
            subtitles: made.subtitles,
            notes: made.notes,
            loudness: Some(made.loudness),
            quality: made.quality,
            duration_ms: made.duration_ms,
            wall_ms: Millis(0),
            cpu_ms: Millis(0),
        }
    }

    /// A record of what will be made if all goes well: how long and at what rate, without files.
    pub fn promised(inputs: Inputs, recipe: &Recipe) -> Self {
        let variant = |rung: &Rung| VariantReport {
            rung: rung.name.clone(),
            width: rung.width,
            height: rung.height,
            frames: recipe.frames,
            frame_rate: format!("{}/{}", recipe.frame_rate.num, recipe.frame_rate.den),
            copied: false,
            encoder: None,
            peak_bit_rate: 0,
            average_bit_rate: 0,
        };
        Record {
            version: VERSION,
            inputs,
            files: vec![],
            variants: recipe.rungs.iter().map(variant).collect(),
            subtitles: vec![],
            notes: vec![],
            loudness: None,
            quality: None,
            duration_ms: recipe.duration(),
            wall_ms: Millis(0),
            cpu_ms: Millis(0),
        }
    }

    /// What an earlier run wrote down.
    pub fn load(layout: &Layout, id: &SubmissionId) -> Option<Self> {
        read::<Record>(&layout.record(id)).filter(|record| record.version == VERSION)
    }

    /// Writes it down: from now on the outputs count as made.
    pub fn save(&self, layout: &Layout, id: &SubmissionId) -> io::Result<()> {
        write(layout, &layout.record(id), self)
    }

    /// Takes the record away, before its outputs are replaced.
    pub fn forget(layout: &Layout, id: &SubmissionId) -> io::Result<()> {
        match fs::remove_file(layout.record(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The first output that is not there any more, or has another size. Outputs for the web count wherever they lie: on
    /// the website, or withheld from it.
    pub fn missing_output(&self, layout: &Layout, id: &SubmissionId) -> Option<String> {
        let (media, name) = (layout.media_now(id), Layout::media_name(id));
        let place = |path: &str| {
            let inside = path.strip_prefix(&name).and_then(|p| p.strip_prefix('/'));
            inside.map_or_else(|| layout.root().join(path), |inside| media.join(inside))
        };
        let fits = |file: &OutputFile| {
            fs::symlink_metadata(place(&file.path))
                .is_ok_and(|m| m.is_file() && m.len() == file.bytes)
        };
        self.files
            .iter()
            .find(|file| !fits(file))
            .map(|file| file.path.clone())
    }
}

/// The pages of a report as they were written: while they lie there untouched, and would say the same, they are not
/// rendered again.
#[derive(Debug, Serialize, Deserialize)]
pub struct Pages {
    /// What they depend on.
    key: ContentHash,
    /// By their paths in OUT.
    files: BTreeMap<PathBuf, Stamp>,
}

impl Pages {
    /// Whether the pages of this key lie there as they were written.
    pub fn are_there(layout: &Layout, key: &ContentHash) -> bool {
        let is_there = |(path, stamp): (&PathBuf, &Stamp)| {
            let now = fs::symlink_metadata(layout.root().join(path));
            now.is_ok_and(|now| now.is_file() && Stamp::from(&now) == *stamp)
        };
        let known = read::<Pages>(&layout.pages_record()).filter(|pages| pages.key == *key);
        known.is_some_and(|pages| pages.files.iter().all(is_there))
    }

    /// Remembers what was just written. What cannot be remembered is rendered again next time.
    pub fn remember(layout: &Layout, key: ContentHash, written: &[PathBuf]) {
        let stamped = |path: &PathBuf| {
            let stamp = Stamp::from(&fs::symlink_metadata(path).ok()?);
            Some((path.strip_prefix(layout.root()).ok()?.to_owned(), stamp))
        };
        let files: Option<_> = written.iter().map(stamped).collect();
        let Some(files) = files else {
            return;
        };
        if let Err(error) = remember(layout, &layout.pages_record(), &Pages { key, files }) {
            tracing::warn!(%error, "which pages were written could not be remembered");
        }
    }
}

/// What an earlier run left behind for a submission.
#[derive(Debug, Clone, Default)]
pub struct Before {
    /// The record of what was made.
    pub record: Option<Record>,
    /// An output of that record that is not there as recorded.
    pub missing: Option<String>,
}

impl Before {
    /// What lies under OUT.
    pub fn load(layout: &Layout, id: &SubmissionId) -> Self {
        let record = Record::load(layout, id);
        let missing = record
            .as_ref()
            .and_then(|record| record.missing_output(layout, id));
        Before { record, missing }
    }
}

/// A small file of ours; one that is not there, or cannot be read, is none.
pub fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let file = open_regular(path).ok()?;
    let length = file
        .metadata()
        .ok()
        .map(|m| m.len())
        .filter(|length| *length <= MAX_RECORD)?;
    // At once: serde_json takes bytes from memory several times as fast as from a reader.
    let mut bytes = Vec::with_capacity(usize::try_from(length).ok()?);
    file.take(MAX_RECORD).read_to_end(&mut bytes).ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(record) => Some(record),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a record that cannot be read counts as none");
            None
        }
    }
}

fn write<T: Serialize>(layout: &Layout, path: &Path, record: &T) -> io::Result<()> {
    layout.publish_file(path, &serde_json::to_vec(record)?)
}

/// Writes what can be found out again: a power cut may cost it, and [`read`] takes what is left for nothing.
fn remember<T: Serialize>(layout: &Layout, path: &Path, record: &T) -> io::Result<()> {
    layout.remember_file(path, &serde_json::to_vec(record)?)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests spoil files on purpose")]
mod tests {
    use super::*;

    fn layout() -> (tempfile::TempDir, Layout) {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout::new(root.path());
        (root, layout)
    }

    fn hash(text: &str) -> ContentHash {
        blake3::hash(text.as_bytes()).into()
    }

    fn record(file: OutputFile) -> Record {
        let inputs = Inputs {
            source_blake3: hash("a"),
            subtitles: vec![],
            recipe: "r".into(),
            tool: "t".into(),
        };
        let made = crate::transcode::make::Made {
            variants: vec![],
            subtitles: vec![],
            notes: vec![],
            loudness: crate::report::sample::loudness(),
            quality: None,
            duration_ms: Millis(1),
            look: None,
        };
        Record::new(inputs, vec![file], made)
    }

    #[test]
    fn a_file_that_looks_otherwise_is_read_again() {
        let (_root, layout) = layout();
        let stamp = Stamp {
            bytes: 1,
            modified_ns: 2,
            inode: 3,
        };
        let mut hashes = Hashes::default();
        hashes.insert("a.mp4".into(), stamp, hash("a"));
        hashes.save(&layout).unwrap();
        let hashes = Hashes::load(&layout);
        assert_eq!(hashes.get("a.mp4", &stamp), Some(&hash("a")));
        assert_eq!(
            hashes.get(
                "a.mp4",
                &Stamp {
                    modified_ns: 3,
                    ..stamp
                }
            ),
            None
        );
        assert_eq!(hashes.get("b.mp4", &stamp), None);
    }

    #[test]
    fn readings_are_true_for_their_tools_only() {
        let (_root, layout) = layout();
        let reading = Reading::Unreadable(Unreadable::Empty);
        save_reading(&layout, &hash("a"), "one", &reading).unwrap();
        assert_eq!(load_reading(&layout, &hash("a"), "one"), Some(reading));
        assert_eq!(load_reading(&layout, &hash("a"), "two"), None);
    }

    #[test]
    fn a_reading_without_a_signature_of_today_is_measured_again() {
        let (_root, layout) = layout();
        let reading = |version| {
            Reading::Measured(Box::new(Measured {
                media: crate::check::sample::media(),
                thumbnail_jpeg: None,
                evidence: crate::probe::evidence::Evidence::default(),
                essence: None,
                signature: signature::Signature {
                    version,
                    ..signature::Signature::default()
                },
                gops: None,
            }))
        };
        let today = reading(signature::VERSION);
        save_reading(&layout, &hash("a"), "one", &today).unwrap();
        assert_eq!(load_reading(&layout, &hash("a"), "one"), Some(today));
        let path = layout.reading(&hash("a"));
        let mut record: serde_json::Value =
            serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let measured = record["reading"]["Measured"].as_object_mut().unwrap();
        assert!(measured.remove("signature").is_some());
        fs::write(&path, record.to_string()).unwrap();
        assert_eq!(load_reading(&layout, &hash("a"), "one"), None);
        let other = reading(signature::VERSION + 1);
        save_reading(&layout, &hash("a"), "one", &other).unwrap();
        assert_eq!(load_reading(&layout, &hash("a"), "one"), None);
    }

    #[test]
    fn a_document_is_remembered_by_its_content_and_so_is_why_it_cannot_be_read() {
        let (_root, layout) = layout();
        let refused = Err(DocumentFault::PasswordProtected);
        save_document(&layout, &hash("a"), &refused).unwrap();
        assert_eq!(load_document(&layout, &hash("a")), Some(refused));
        assert_eq!(load_document(&layout, &hash("b")), None);
        let text = fs::read_to_string(layout.document(&hash("a"))).unwrap();
        let older = text.replace(&format!("\"reader\":{READER_VERSION}"), "\"reader\":0");
        assert_ne!(text, older);
        fs::write(layout.document(&hash("a")), older).unwrap();
        assert_eq!(load_document(&layout, &hash("a")), None);
    }

    fn master() -> OutputFile {
        OutputFile {
            path: "masters/x.mp4".into(),
            bytes: 3,
            blake3: hash("abc"),
        }
    }

    #[test]
    fn a_spoilt_record_is_no_record() {
        let (_root, layout) = layout();
        let id = SubmissionId::of("a");
        record(master()).save(&layout, &id).unwrap();
        assert!(Record::load(&layout, &id).is_some());
        let text = fs::read_to_string(layout.record(&id)).unwrap();
        fs::write(layout.record(&id), &text[..text.len() / 2]).unwrap();
        assert_eq!(Record::load(&layout, &id), None);
        fs::write(
            layout.record(&id),
            text.replace("\"version\":2", "\"version\":1"),
        )
        .unwrap();
        assert_eq!(Record::load(&layout, &id), None);
    }

    #[test]
    fn a_record_that_an_older_program_wrote_without_loudness_stays_one() {
        let (_root, layout) = layout();
        let id = SubmissionId::of("a");
        record(master()).save(&layout, &id).unwrap();
        let text = fs::read_to_string(layout.record(&id)).unwrap();
        let mut older: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(older.as_object_mut().unwrap().remove("loudness").is_some());
        fs::write(layout.record(&id), older.to_string()).unwrap();
        assert_eq!(Record::load(&layout, &id).unwrap().loudness, None);
    }

    #[test]
    fn a_missing_or_cut_output_is_named() {
        let (root, layout) = layout();
        let id = SubmissionId::of("a.mp4");
        let file = OutputFile {
            path: "masters/x.mp4".into(),
            bytes: 3,
            blake3: hash("abc"),
        };
        let record = record(file);
        assert_eq!(
            record.missing_output(&layout, &id).as_deref(),
            Some("masters/x.mp4")
        );
        fs::create_dir(root.path().join("masters")).unwrap();
        fs::write(root.path().join("masters/x.mp4"), "ab").unwrap();
        assert_eq!(
            record.missing_output(&layout, &id).as_deref(),
            Some("masters/x.mp4")
        );
        fs::write(root.path().join("masters/x.mp4"), "abc").unwrap();
        assert_eq!(record.missing_output(&layout, &id), None);
    }

    #[test]
    fn an_output_that_is_withheld_from_the_website_is_not_missing() {
        let (_root, layout) = layout();
        let id = SubmissionId::of("a.mp4");
        let record = record(OutputFile {
            path: format!("{}/hls/x.m4s", Layout::media_name(&id)),
            bytes: 3,
            blake3: hash("abc"),
        });
        let is_missing = || record.missing_output(&layout, &id).is_some();
        assert!(is_missing());
        for folder in [layout.media(&id), layout.withheld(&id)] {
            fs::create_dir_all(folder.join("hls")).unwrap();
            fs::write(folder.join("hls/x.m4s"), "abc").unwrap();
            assert!(!is_missing(), "{}", folder.display());
            fs::remove_file(folder.join("hls/x.m4s")).unwrap();
            assert!(is_missing(), "{}", folder.display());
        }
    }
}
