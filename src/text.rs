//! Words for people, always in both languages. In: facts. Out: [`Text`]. Never chooses a language for the reader:
//! that is the caller's, through [`Lang`].

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The language a person reads.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The one of two words that this reader wants.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// An English noun after its number: `video`, or `videos`.
pub fn plural(number: impl fmt::Display, one: &str) -> String {
    let end = if number.to_string() == "1" { "" } else { "s" };
    format!("{one}{end}")
}

/// A number with its English noun: `1 video`, `2 videos`.
pub fn count(number: impl fmt::Display + Copy, one: &str) -> String {
    format!("{number} {}", plural(number, one))
}

/// One statement, equally complete in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A statement from its two wordings.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Text {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// A statement that reads the same in both languages: a number, a size, a file name.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Text {
            zh: text.clone(),
            en: text,
        }
    }

    /// The wording in one language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_everything_else_is_not() {
        assert_eq!(count(1, "video"), "1 video");
        assert_eq!(count(0, "video"), "0 videos");
        assert_eq!(count(21_u64, "file"), "21 files");
        assert_eq!(plural(1, "region"), "region");
    }
}
