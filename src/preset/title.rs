//! A title in TOML: one text for both languages, or a table with `zh` and `en`. In: TOML. Out: [`Text`].

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::Text;

/// One text for both languages, or a table with `zh` and `en`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a text, or { zh = \"…\", en = \"…\" } with both"
)]
pub(super) enum OneOrBoth {
    /// The same in both languages.
    One(String),
    /// Chinese and English.
    Both(Both),
}

/// Chinese and English.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Both {
    /// Simplified Chinese.
    zh: String,
    /// English.
    en: String,
}

impl From<OneOrBoth> for Text {
    fn from(title: OneOrBoth) -> Self {
        match title {
            OneOrBoth::One(text) => Text::same(text),
            OneOrBoth::Both(Both { zh, en }) => Text { zh, en },
        }
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Text, D::Error> {
    OneOrBoth::deserialize(from).map(Text::from)
}

pub(super) fn serialize<S: Serializer>(title: &Text, to: S) -> Result<S::Ok, S::Error> {
    title.serialize(to)
}

/// For a title that may be left out.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, OneOrBoth, Serialize, Serializer, Text};

    pub(in crate::preset) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Text>, D::Error> {
        OneOrBoth::deserialize(from).map(|title| Some(title.into()))
    }

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(in crate::preset) fn serialize<S: Serializer>(
        title: &Option<Text>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        title.serialize(to)
    }
}
