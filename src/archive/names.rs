//! How an archive's names are read. In: all its names as they stand there. Out: one [`Encoding`] for all of them, and
//! the names as text. One name says too little (片.mp4 in GBK is good UTF-8 too, "Ƭ.mp4"), so all names together decide.
//! Never drops a name: what does not fit is shown with U+FFFD, and the archive is said to be unsure.

use encoding_rs::{BIG5, GB18030, SHIFT_JIS};
use serde::{Deserialize, Serialize};

/// An entry's name as it stands in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RawName {
    /// The archive says how to read it: a flag, a field with a fitting checksum, or UTF-16.
    Text(String),
    /// Bytes in an encoding that the archive does not name.
    Bytes(Vec<u8>),
}

impl RawName {
    /// Bytes that the archive says are UTF-8; if they are not, the flag is worth nothing.
    pub(super) fn flagged(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => RawName::Text(text.to_owned()),
            Err(_) => RawName::Bytes(bytes.to_vec()),
        }
    }

    fn undecided(&self) -> Option<&[u8]> {
        match self {
            RawName::Bytes(bytes) if !bytes.is_ascii() => Some(bytes),
            _ => None,
        }
    }
}

/// How names without a flag were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, or plain ASCII.
    Utf8,
    /// GBK and its successor: Windows in China.
    Gb18030,
    /// Windows in Taiwan and Hong Kong.
    Big5,
    /// Windows in Japan.
    ShiftJis,
}

impl Encoding {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Gb18030 => "GBK",
            Encoding::Big5 => "Big5",
            Encoding::ShiftJis => "Shift_JIS",
        }
    }

    fn decode(self, bytes: &[u8]) -> (String, bool) {
        let (text, bad) = match self {
            Encoding::Utf8 => {
                let text = String::from_utf8_lossy(bytes);
                let bad = text.contains('\u{FFFD}');
                (text, bad)
            }
            Encoding::Gb18030 => GB18030.decode_without_bom_handling(bytes),
            Encoding::Big5 => BIG5.decode_without_bom_handling(bytes),
            Encoding::ShiftJis => SHIFT_JIS.decode_without_bom_handling(bytes),
        };
        (text.into_owned(), bad)
    }
}

/// The encoding of all names together, and whether it is more than a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) encoding: Encoding,
    pub(super) is_sure: bool,
}

/// Decides for all names at once.
pub(super) fn decide(names: &[&RawName]) -> Decision {
    let undecided: Vec<&[u8]> = names.iter().filter_map(|name| name.undecided()).collect();
    let sure = |encoding| Decision {
        encoding,
        is_sure: true,
    };
    if undecided.is_empty() {
        return sure(Encoding::Utf8);
    }
    let read = |encoding| Reading::new(encoding, &undecided);
    let (utf8, gb) = (read(Encoding::Utf8), read(Encoding::Gb18030));
    if utf8.is_valid && !(utf8.foreign > 0 && gb.is_plain_chinese()) {
        return sure(Encoding::Utf8);
    }
    if gb.is_plain_chinese() {
        return sure(Encoding::Gb18030);
    }
    let others = [read(Encoding::ShiftJis), read(Encoding::Big5)];
    let fitting = |reading: &&Reading| reading.is_valid && reading.private == 0;
    // Both take almost any bytes: only where the GBK reading is odd, and theirs is not.
    if let Some(other) = others.iter().filter(fitting).find(|r| r.is_common()) {
        return Decision {
            encoding: other.encoding,
            is_sure: false,
        };
    }
    Decision {
        encoding: Encoding::Gb18030,
        is_sure: gb.is_valid && gb.private == 0,
    }
}

/// A name as text.
pub(super) fn decode(name: &RawName, encoding: Encoding) -> String {
    match name {
        RawName::Text(text) => text.clone(),
        RawName::Bytes(bytes) if bytes.is_ascii() => Encoding::Utf8.decode(bytes).0,
        RawName::Bytes(bytes) => match std::str::from_utf8(bytes) {
            // One archive, two packers: what is good Chinese in UTF-8 stays so among GBK names.
            Ok(text) if text.chars().all(is_expected) => text.to_owned(),
            _ => encoding.decode(bytes).0,
        },
    }
}

/// The name as it stands in the archive, where it is not plain text.
pub(super) fn shown(name: &RawName) -> Option<String> {
    match name {
        RawName::Bytes(bytes) if !bytes.is_ascii() => Some(bytes.escape_ascii().to_string()),
        _ => None,
    }
}

/// What one encoding makes of all names.
struct Reading {
    encoding: Encoding,
    is_valid: bool,
    /// Characters for private use: no name has them.
    private: usize,
    /// Letters that are neither Chinese nor ASCII.
    foreign: usize,
    /// Characters beyond ASCII.
    all: usize,
    /// Those of them that are in daily use in the encoding's country.
    common: usize,
}

impl Reading {
    fn new(encoding: Encoding, names: &[&[u8]]) -> Self {
        let mut reading = Reading {
            encoding,
            is_valid: true,
            private: 0,
            foreign: 0,
            all: 0,
            common: 0,
        };
        for bytes in names {
            let (text, bad) = encoding.decode(bytes);
            reading.is_valid &= !bad;
            for c in text.chars().filter(|c| !c.is_ascii()) {
                reading.all += 1;
                reading.private += usize::from(matches!(c, '\u{E000}'..='\u{F8FF}'));
                reading.foreign += usize::from(!is_expected(c));
                reading.common += usize::from(is_common(encoding, c));
            }
        }
        reading
    }

    /// Nine of ten characters are in daily use.
    fn is_common(&self) -> bool {
        self.common * 10 >= self.all * 9
    }

    fn is_plain_chinese(&self) -> bool {
        self.is_valid && self.private == 0 && self.is_common()
    }
}

/// Ideographs, kana, Chinese punctuation, full-width forms, ASCII.
fn is_expected(c: char) -> bool {
    c.is_ascii()
        || matches!(c, '\u{2010}'..='\u{203B}' | '\u{2160}'..='\u{217F}' | '\u{2460}'..='\u{24FF}' | '·' | '×')
        || matches!(c, '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
        || matches!(c, '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{323AF}')
        // What decomposes and what joins: emoji and their parts.
        || matches!(c, '\u{1F300}'..='\u{1FAFF}' | '\u{FE0F}' | '\u{200D}')
}

/// In daily use: the first level of GB 2312 (3755 hanzi) and its punctuation, the first level of Big5, kana.
fn is_common(encoding: Encoding, c: char) -> bool {
    let mut buffer = [0; 4];
    let text = c.encode_utf8(&mut buffer);
    match encoding {
        Encoding::Utf8 => is_expected(c),
        Encoding::Gb18030 => {
            let (bytes, ..) = GB18030.encode(text);
            matches!(bytes[..], [0xB0..=0xD7 | 0xA1..=0xA3, 0xA1..=0xFE])
        }
        Encoding::Big5 => {
            let (bytes, ..) = BIG5.encode(text);
            matches!(bytes[..], [0xA1..=0xC6, _])
        }
        Encoding::ShiftJis => {
            matches!(c, '\u{3000}'..='\u{30FF}') || {
                let (bytes, ..) = SHIFT_JIS.encode(text);
                matches!(bytes[..], [0x81..=0x97, _])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> RawName {
        RawName::Bytes(GB18030.encode(text).0.into_owned())
    }

    fn utf8(text: &str) -> RawName {
        RawName::Bytes(text.as_bytes().to_vec())
    }

    fn read(names: &[RawName]) -> (Decision, Vec<String>) {
        let decision = decide(&names.iter().collect::<Vec<_>>());
        let texts = names.iter().map(|n| decode(n, decision.encoding)).collect();
        (decision, texts)
    }

    fn sure(encoding: Encoding) -> Decision {
        Decision {
            encoding,
            is_sure: true,
        }
    }

    #[test]
    fn gbk_names_with_a_backslash_as_second_byte_come_out_whole() {
        let names = [
            "誠乗運.mp4",
            "四川大学《诚》.mp4",
            "成都大学《我们的食堂》.docx",
        ];
        let raw: Vec<_> = names.iter().map(|n| gbk(n)).collect();
        assert!(matches!(&raw[0], RawName::Bytes(bytes) if bytes.contains(&b'\\')));
        let (decision, texts) = read(&raw);
        assert_eq!(decision.encoding, Encoding::Gb18030);
        assert_eq!(texts, names);
    }

    #[test]
    fn a_short_gbk_name_that_is_good_utf8_too_is_read_as_chinese() {
        let raw = gbk("片.mp4");
        assert!(matches!(&raw, RawName::Bytes(bytes) if std::str::from_utf8(bytes).is_ok()));
        assert_eq!(
            read(&[raw]),
            (sure(Encoding::Gb18030), vec!["片.mp4".into()])
        );
    }

    #[test]
    fn utf8_without_a_flag_is_read_as_such_also_with_rare_characters() {
        for name in [
            "川南片区/宜宾学院《江水》.mpg",
            "𠮷㐂——“雨”.mp4",
            "カメラ.mp4",
        ] {
            assert_eq!(
                read(&[utf8(name)]),
                (sure(Encoding::Utf8), vec![name.into()])
            );
        }
    }

    #[test]
    fn four_byte_gb18030_is_read_beside_common_names() {
        let names = [
            "四川大学《雨》.mp4",
            "西华大学《山河》.mp4",
            "成都大学𠮷.mp4",
        ];
        let raw: Vec<_> = names.iter().map(|n| gbk(n)).collect();
        assert_eq!(read(&raw).1, names);
    }

    #[test]
    fn letters_of_other_languages_stay_utf8() {
        let name = "Ünïcödé — Привет.mp4";
        assert_eq!(read(&[utf8(name)]).1, [name]);
    }

    #[test]
    fn big5_and_shift_jis_are_suspected_and_said_to_be_a_guess() {
        let big5 = |text: &str| RawName::Bytes(BIG5.encode(text).0.into_owned());
        let (decision, texts) = read(&[
            big5("國立臺灣大學《我們的學校》.mp4"),
            big5("說明文件.docx"),
        ]);
        assert_eq!(
            (decision.encoding, decision.is_sure),
            (Encoding::Big5, false)
        );
        assert_eq!(texts[1], "說明文件.docx");
        let sjis = RawName::Bytes(SHIFT_JIS.encode("表だよ/漢字.txt").0.into_owned());
        let (decision, texts) = read(&[sjis]);
        assert_eq!(
            (decision.encoding, decision.is_sure),
            (Encoding::ShiftJis, false)
        );
        assert_eq!(texts, ["表だよ/漢字.txt"]);
    }

    #[test]
    fn what_fits_nothing_is_kept_and_called_unsure() {
        let (decision, texts) = read(&[RawName::Bytes(b"\xFF\xFE\xFD.mp4".to_vec())]);
        assert!(!decision.is_sure);
        assert!(texts[0].contains(".mp4"), "{texts:?}");
    }

    #[test]
    fn a_flag_that_lies_is_worth_nothing() {
        let bytes = GB18030.encode("雨.mp4").0;
        let raw = RawName::flagged(&bytes);
        assert_eq!(read(&[raw]).1, ["雨.mp4"]);
    }
}
