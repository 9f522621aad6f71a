//! Identities. In: names and bytes. Out: ids that are stable from run to run and safe as file names anywhere.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which submission: the same place in the inbox is the same submission, even after its file was replaced.
///
/// Twelve lower-case hexadecimal digits of BLAKE3 over the path inside the inbox: ASCII, short enough to be
/// read out on the telephone, and with 48 bits no collision to be expected below a million submissions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct SubmissionId(String);

impl SubmissionId {
    /// The id of the file at `relative_path` (inside the inbox, `/` between parts).
    pub fn of(relative_path: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("zhanbo 2026 submission id");
        hasher.update(relative_path.as_bytes());
        SubmissionId(hasher.finalize().to_hex()[..12].to_owned())
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SubmissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a text that should be an id or a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {wanted} lower-case hexadecimal digits")]
pub struct NotHex {
    /// What was given.
    pub text: String,
    /// How many digits there should be.
    pub wanted: usize,
}

fn check_hex(text: &str, wanted: usize) -> Result<(), NotHex> {
    let fits = text.len() == wanted
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if fits {
        Ok(())
    } else {
        Err(NotHex {
            text: text.to_owned(),
            wanted,
        })
    }
}

impl FromStr for SubmissionId {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        check_hex(text, 12).map(|()| SubmissionId(text.to_owned()))
    }
}

// An id that comes back from a file or a worker becomes a path: only what `of` could have made is taken.
impl<'de> Deserialize<'de> for SubmissionId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Which bytes: BLAKE3-256 of a whole file, as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct ContentHash(String);

impl ContentHash {
    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<blake3::Hash> for ContentHash {
    fn from(hash: blake3::Hash) -> Self {
        ContentHash(hash.to_hex().to_string())
    }
}

impl FromStr for ContentHash {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        check_hex(text, 64).map(|()| ContentHash(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_stable_and_differs_by_path() {
        let id = SubmissionId::of("成都第一片区/西南民族大学《爱我中华》.mp4");
        assert_eq!(
            id,
            SubmissionId::of("成都第一片区/西南民族大学《爱我中华》.mp4")
        );
        assert_ne!(
            id,
            SubmissionId::of("成都第二片区/西南民族大学《爱我中华》.mp4")
        );
        assert_eq!(id.as_str().len(), 12);
    }

    #[test]
    fn an_id_from_outside_can_not_become_another_path() {
        for hostile in ["../../etc/pw", "0123456789AB", "0123456789abc", ""] {
            assert!(
                serde_json::from_value::<SubmissionId>(hostile.into()).is_err(),
                "{hostile}"
            );
        }
        assert!(serde_json::from_value::<SubmissionId>("0123456789ab".into()).is_ok());
    }
}
