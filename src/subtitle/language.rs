//! The language of subtitles. In: a file's name and its cues. Out: a [`Language`]. Never tells Chinese from Chinese: the
//! player's menu says 中文 for both scripts.

use super::Cue;

/// A language as far as we tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Chinese, or Chinese together with another.
    Zh,
    /// English.
    En,
    /// Undetermined.
    Und,
}

/// What a tag says.
enum Tag {
    Known(Language),
    /// A language that we do not tell apart from others.
    Other,
    Nothing,
}

/// Endings of a name, without the extension, that tell a language; the first that fits holds.
const HINTS: [(&[&str], Language); 3] = [
    (
        &["中英", "中英文", "双语", "雙語", "中英双语"],
        Language::Zh,
    ),
    (
        &["中文", "汉语", "简体", "繁体", "繁體", "简中", "繁中"],
        Language::Zh,
    ),
    (&["英文", "英语", "英語"], Language::En),
];

/// The same as codes, behind a dot, a dash, an underscore, a blank or a bracket.
const CODES: [(&[&str], Language); 2] = [
    (
        &[
            "zh", "chs", "cht", "chi", "zho", "cn", "sc", "tc", "hans", "hant", "zh-cn", "chinese",
        ],
        Language::Zh,
    ),
    (&["en", "eng", "english", "en-us", "en-gb"], Language::En),
];

impl Language {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Zh => "zh",
            Language::En => "en",
            Language::Und => "und",
        }
    }

    /// The code of ISO 639-2/T, which MP4 wants.
    pub fn iso_639_2(self) -> [u8; 3] {
        match self {
            Language::Zh => *b"zho",
            Language::En => *b"eng",
            Language::Und => *b"und",
        }
    }

    /// The language's name in itself, for a player's menu.
    pub fn name(self) -> &'static str {
        match self {
            Language::Zh => "中文",
            Language::En => "English",
            Language::Und => "未知语言",
        }
    }

    /// What the name says; where it says nothing, what the letters and the file's own tag say.
    pub(super) fn of(file_name: &str, tag: Option<&str>, cues: &[Cue]) -> Language {
        Language::of_name(file_name).unwrap_or_else(|| Language::tagged(tag, cues))
    }

    /// What a tag (BCP 47 or ISO 639-2) says, where the letters do not say otherwise: editors write the tag of their own
    /// language into every file.
    pub(super) fn tagged(tag: Option<&str>, cues: &[Cue]) -> Language {
        let by_letters = Language::of_text(cues);
        match tag.map(Language::of_tag) {
            None | Some(Tag::Nothing) => by_letters,
            Some(_) if by_letters == Language::Zh => Language::Zh,
            Some(Tag::Known(Language::Zh)) => by_letters,
            Some(Tag::Known(language)) => language,
            Some(Tag::Other) => Language::Und,
        }
    }

    fn of_tag(tag: &str) -> Tag {
        let tag = tag.trim().to_ascii_lowercase();
        match tag.split(['-', '_']).next().unwrap_or_default() {
            "" | "und" | "mis" | "mul" | "zxx" => Tag::Nothing,
            "zh" | "chi" | "zho" | "cmn" | "yue" => Tag::Known(Language::Zh),
            "en" | "eng" => Tag::Known(Language::En),
            _ => Tag::Other,
        }
    }

    fn of_name(file_name: &str) -> Option<Language> {
        let (stem, _) = file_name.rsplit_once('.')?;
        let stem = stem
            .trim_end_matches([')', '）', ']', '】', ' '])
            .to_lowercase();
        let bare = stem.strip_suffix("字幕").unwrap_or(&stem);
        let separators = ['.', '_', '-', ' ', '(', '（', '[', '【', '》'];
        let is_set_off = |before: &str| {
            // "英文字幕" needs nothing before it; "学习英文" may well be a title.
            bare.len() < stem.len() || before.is_empty() || before.ends_with(separators)
        };
        let ends = |words: &[&str], set_off: &dyn Fn(&str) -> bool| {
            words
                .iter()
                .any(|word| bare.strip_suffix(word).is_some_and(set_off))
        };
        let hint = HINTS.iter().find(|(words, _)| ends(words, &is_set_off));
        let code = || {
            CODES
                .iter()
                .find(|(words, _)| ends(words, &|before: &str| before.ends_with(separators)))
        };
        hint.or_else(code).map(|(_, language)| *language)
    }

    fn of_text(cues: &[Cue]) -> Language {
        let (mut letters, mut ascii, mut hanzi, mut kana) = (0_usize, 0_usize, 0_usize, 0_usize);
        for c in cues.iter().flat_map(|cue| cue.text.chars()) {
            letters += usize::from(c.is_alphabetic());
            ascii += usize::from(c.is_ascii_alphabetic());
            hanzi += usize::from(is_hanzi(c));
            kana += usize::from(matches!(c, '\u{3041}'..='\u{30ff}'));
        }
        if letters == 0 || kana > hanzi / 5 {
            Language::Und
        } else if hanzi * 5 >= letters {
            Language::Zh
        } else if ascii * 100 >= letters * 99 {
            Language::En
        } else {
            Language::Und
        }
    }
}

fn is_hanzi(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Millis;

    fn of_text(text: &str) -> Language {
        let cue = Cue {
            start: Millis(0),
            end: Millis(1),
            text: text.to_owned(),
        };
        Language::of("无.srt", None, &[cue])
    }

    #[test]
    fn the_name_decides_first() {
        for (name, language) in [
            ("爱我中华.en.srt", Some(Language::En)),
            ("a_ENG.srt", Some(Language::En)),
            ("爱我中华.zh.srt", Some(Language::Zh)),
            ("爱我中华.zh-Hans.ass", Some(Language::Zh)),
            ("爱我中华_英文.srt", Some(Language::En)),
            ("爱我中华（英文）.srt", Some(Language::En)),
            ("爱我中华英文字幕.srt", Some(Language::En)),
            ("爱我中华中英文字幕.srt", Some(Language::Zh)),
            ("《爱我中华》双语.srt", Some(Language::Zh)),
            ("一起学英语.srt", None),
            ("garden.srt", None),
            ("noextension", None),
        ] {
            assert_eq!(Language::of_name(name), language, "{name}");
        }
    }

    #[test]
    fn letters_decide_where_the_name_says_nothing() {
        assert_eq!(of_text("民族团结 Unity 一家亲"), Language::Zh);
        assert_eq!(of_text("We are one family."), Language::En);
        assert_eq!(of_text("Überall grüne Bäume"), Language::Und);
        assert_eq!(of_text("これは日本語の字幕です"), Language::Und);
        assert_eq!(of_text("123 ♪"), Language::Und);
    }

    #[test]
    fn a_tag_counts_where_the_letters_do_not_contradict_it() {
        let tagged = |tag, text: &str| {
            let cue = Cue {
                start: Millis(0),
                end: Millis(1),
                text: text.to_owned(),
            };
            Language::of("无.ttml", tag, &[cue])
        };
        assert_eq!(tagged(Some("eng"), "春天的脚步"), Language::Zh);
        assert_eq!(tagged(Some("zh-Hans"), "We are one."), Language::En);
        assert_eq!(tagged(Some("fra"), "Nous sommes ici"), Language::Und);
        assert_eq!(tagged(Some("en-GB"), "Überall"), Language::En);
        assert_eq!(tagged(Some("und"), "We are one."), Language::En);
        assert_eq!(tagged(Some(""), "春天"), Language::Zh);
    }

    #[test]
    fn tags_and_names_are_what_players_show() {
        let all = [Language::Zh, Language::En, Language::Und];
        assert_eq!(all.map(Language::tag), ["zh", "en", "und"]);
        assert_eq!(all.map(Language::iso_639_2), [*b"zho", *b"eng", *b"und"]);
        assert_eq!(all.map(Language::name), ["中文", "English", "未知语言"]);
    }
}
