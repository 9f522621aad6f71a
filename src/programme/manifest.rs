//! `programme/programme.json`: every file of the programme, with what it must be. In: what was made. Out: JSON that a
//! certificate, a player's list or another computer can be checked against. Pure; it is read back by its schema only.

use serde::{Deserialize, Serialize};

use crate::id::{ContentHash, SubmissionId};
use crate::units::{Bytes, FrameRate, Millis};

/// Name of the manifest in `programme/`.
pub const MANIFEST: &str = "programme.json";
/// The only schema that is read.
pub const SCHEMA: &str = "zhanbo.programme/1";
/// Longest manifest that is read, in bytes: a thousand items take a tenth of it.
pub const MAX_BYTES: u64 = 4 << 20;

/// Everything that plays in the hall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// The event's title.
    pub title: String,
    /// When the programme was made, RFC 3339 in UTC.
    pub made_at: String,
    /// Frames per second, of every file.
    pub frame_rate: FrameRate,
    /// Width in pixels, of every file.
    pub width: u32,
    /// Height in pixels, of every file.
    pub height: u32,
    /// Samples per second, of every file.
    pub sample_rate: u32,
    /// Channels of sound, of every file.
    pub channels: u16,
    /// What plays, in order.
    pub items: Vec<Item>,
    /// All of it as one file; none for an empty programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Joined>,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// Says what comes next: a region's film, or a section.
    Slate,
    /// A submission.
    Film,
    /// A picture.
    Still,
    /// Black and silent.
    Pause,
    /// Seconds down to the beginning.
    Countdown,
    /// The last words.
    End,
}

/// One file that plays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Place in the run sheet, from 1: a film and the slate before it have the same.
    pub order: usize,
    /// What it is.
    pub kind: ItemKind,
    /// Its file beside the manifest.
    pub file: String,
    /// Which submission, of films and of their slates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<SubmissionId>,
    /// The region; empty where there is none.
    pub region: String,
    /// The unit; empty where there is none.
    pub unit: String,
    /// The film's title, or what the item says.
    pub title: String,
    /// When it starts in the joined file, to the nearest millisecond.
    pub starts_at_ms: Millis,
    /// How long it is.
    pub duration_ms: Millis,
    /// How many pictures it has.
    pub frames: u64,
    /// How big the file is.
    pub bytes: Bytes,
    /// Integrated loudness in LUFS; none for silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness_lufs: Option<f64>,
    /// BLAKE3 of the file.
    pub blake3: ContentHash,
}

/// The joined file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    /// Its file beside the manifest.
    pub file: String,
    /// How long it is.
    pub duration_ms: Millis,
    /// How many pictures it has: the sum of the items'.
    pub frames: u64,
    /// How big it is.
    pub bytes: Bytes,
    /// BLAKE3 of it.
    pub blake3: ContentHash,
}

/// Why a manifest is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is no JSON, or not of these fields.
    #[error("the programme's manifest is not readable")]
    Broken(#[source] serde_json::Error),
    /// A later or an unknown program wrote it.
    #[error("the programme's manifest has schema {found:?}, this program reads {SCHEMA:?}")]
    Schema {
        /// What it says.
        found: String,
    },
    /// An item's file leads elsewhere.
    #[error("{name:?} in the programme's manifest is not the name of a file beside it")]
    Name {
        /// What it says.
        name: String,
    },
}

impl Manifest {
    /// Reads a manifest; the schema is looked at first, so that a later one is told as such.
    pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_str(text).map_err(ManifestError::Broken)?;
        if head.schema != SCHEMA {
            return Err(ManifestError::Schema { found: head.schema });
        }
        let manifest: Manifest = serde_json::from_str(text).map_err(ManifestError::Broken)?;
        let elsewhere = manifest.files().find(|name| !is_plain(name));
        match elsewhere.map(str::to_owned) {
            Some(name) => Err(ManifestError::Name { name }),
            None => Ok(manifest),
        }
    }

    /// The manifest as it is written.
    pub fn to_json(&self) -> String {
        // Strings and numbers only: nothing in it can fail to be written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Names of all media files, the joined one last.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let items = self.items.iter().map(|item| item.file.as_str());
        items.chain(self.joined.iter().map(|joined| joined.file.as_str()))
    }
}

/// A name of ours: ASCII, no folder, nothing hidden.
fn is_plain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(fits)
}

#[cfg(test)]
impl Manifest {
    /// A programme of 1080p at 25 frames a second.
    pub(crate) fn sample(items: Vec<Item>, joined: Option<Joined>) -> Self {
        Manifest {
            schema: SCHEMA.into(),
            title: "展播".into(),
            made_at: "2021-07-20T00:00:00Z".into(),
            frame_rate: FrameRate { num: 25, den: 1 },
            width: 1920,
            height: 1080,
            sample_rate: 48_000,
            channels: 2,
            items,
            joined,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let hash = ContentHash::from(blake3::hash(b"x"));
        let film = Item {
            order: 1,
            kind: ItemKind::Film,
            file: "01-yu.mp4".into(),
            submission: Some(SubmissionId::of("a")),
            region: "川北片区".into(),
            unit: "甲大学".into(),
            title: "雨".into(),
            starts_at_ms: Millis(0),
            duration_ms: Millis(1000),
            frames: 25,
            bytes: Bytes(10),
            loudness_lufs: Some(-23.0),
            blake3: hash.clone(),
        };
        let joined = Joined {
            file: "programme.mp4".into(),
            duration_ms: Millis(1000),
            frames: 25,
            bytes: Bytes(10),
            blake3: hash,
        };
        Manifest::sample(vec![film], Some(joined))
    }

    #[test]
    fn what_was_written_is_read_again() {
        let written = manifest();
        assert_eq!(Manifest::parse(&written.to_json()).unwrap(), written);
    }

    #[test]
    fn another_schema_and_a_file_elsewhere_are_refused() {
        let later = manifest()
            .to_json()
            .replace("programme/1", "programme/2")
            .replace("\"channels\"", "\"canals\"");
        let told = Manifest::parse(&later).unwrap_err().to_string();
        insta::assert_snapshot!(told, @r#"the programme's manifest has schema "zhanbo.programme/2", this program reads "zhanbo.programme/1""#);
        for name in ["../a.mp4", "a/b.mp4", ".a.mp4", "", "C:a.mp4", "雨.mp4"] {
            let mut elsewhere = manifest();
            elsewhere.items[0].file = name.into();
            let refused = Manifest::parse(&elsewhere.to_json());
            assert!(
                matches!(refused, Err(ManifestError::Name { .. })),
                "{name} {refused:?}"
            );
        }
    }
}
