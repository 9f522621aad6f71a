//! Bytes of unknown encoding into text. In: a whole file. Out: [`Decoded`]: the text, the encoding it was taken for, and
//! how much did not fit. Never fails: what cannot be read becomes U+FFFD and is counted.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8};
use encoding_rs::{UTF_16BE, UTF_16LE};

/// Text out of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Without the byte-order mark.
    pub text: String,
    /// The encoding's usual name: `UTF-8`, `GB18030`, `UTF-32LE`.
    pub encoding: &'static str,
    /// How many characters are U+FFFD because their bytes meant nothing.
    pub replaced: usize,
}

/// The characters that make up about half of any Chinese text, in both scripts. In a text read with the wrong encoding
/// hardly one in fifty is among them.
const FREQUENT: &str = "的一是不了在人有我他这個个這们們中来來上大为為和国國地到以说說时時要就出会會可也你对對\
                        生能而子那得于於着著下自之年过過发發后後作里裡用道行所然家种種事成方多经經么麼去法学學\
                        如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實\
                        日军軍者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高\
                        间間由问問很最重并並物手应應战戰向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月\
                        话話合回特代内內信表化老给給世位次度门門任常先海通教儿兒原东東声聲提立及比员員解水名真论\
                        論处處走义義各入几幾口认認条條平系气氣题題活尔爾更别別打女变變四神总總何电電数數安少报報\
                        才结結反受目太量再感建务務做接必场場件计計管期市直德资資命山金指克许許统統区區保至队隊形\
                        社便空决決治展马馬科司五基眼书書非则則听聽白却卻界达達光放强強即像难難且权權思王象完设設\
                        式色路记記南品住告类類求据據程北边邊死张張该該交规規万萬取拉格望觉覺术術领領共确確传傳师\
                        師观觀清今切院让讓识識候带帶导導争爭运運吗嗎呢吧啊爱愛中华華族校园園课課字幕，。！？、：；“”《》";

/// Below this many characters outside ASCII a detector guesses rather than knows.
const FEW: usize = 20;

/// So many characters outside ASCII tell as much as all of a large file.
const SAMPLE: usize = 20_000;

/// Decides on an encoding, and decodes.
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Some(decoded) = by_mark(bytes).or_else(|| by_zeros(bytes)) {
        return decoded;
    }
    let utf8 = with(UTF_8, bytes);
    if utf8.replaced == 0 || is_broken_utf8(&utf8) {
        return utf8;
    }
    by_words(bytes)
}

/// The byte-order mark, where there is one, settles it.
fn by_mark(bytes: &[u8]) -> Option<Decoded> {
    // UTF-32's little-endian mark begins with that of UTF-16.
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE, 0, 0]) {
        return Some(utf32(rest, u32::from_le_bytes, "UTF-32LE"));
    }
    if let Some(rest) = bytes.strip_prefix(&[0, 0, 0xFE, 0xFF]) {
        return Some(utf32(rest, u32::from_be_bytes, "UTF-32BE"));
    }
    let (encoding, len) = Encoding::for_bom(bytes)?;
    Some(with(encoding, &bytes[len..]))
}

/// UTF-16 without a mark: times and line ends are ASCII, so every other byte of them is zero.
fn by_zeros(bytes: &[u8]) -> Option<Decoded> {
    let zeros = |offset| {
        let half = bytes.iter().skip(offset).step_by(2);
        half.filter(|&&b| b == 0).count()
    };
    let (even, odd, pairs) = (zeros(0), zeros(1), bytes.len() / 2);
    let many = |zeros: usize, others: usize| zeros > pairs / 8 && zeros > others * 8;
    if many(odd, even) {
        Some(with(UTF_16LE, bytes))
    } else if many(even, odd) {
        Some(with(UTF_16BE, bytes))
    } else {
        None
    }
}

/// UTF-8 that was cut in the middle of a character, or joined with something else, is still UTF-8.
fn is_broken_utf8(utf8: &Decoded) -> bool {
    let sound = utf8.text.chars().filter(|c| !c.is_ascii()).count() - utf8.replaced;
    utf8.replaced * 20 <= sound
}

/// GB18030, Big5 or anything else, by which of them gives words.
fn by_words(bytes: &[u8]) -> Decoded {
    let gb18030 = with(GB18030, bytes);
    let big5 = with(BIG5, bytes);
    let (gb_merit, big5_merit) = (Merit::of(&gb18030), Merit::of(&big5));
    let (chinese, merit) = if big5_merit.score() > gb_merit.score() {
        (big5, big5_merit)
    } else {
        (gb18030, gb_merit)
    };
    if merit.has_words() {
        return chinese;
    }

    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let guess_is_chinese = [GBK, GB18030, BIG5].contains(&guess);
    let guess_is_east_asian = [EUC_KR, EUC_JP, SHIFT_JIS].contains(&guess);
    let guess_is_rash = merit.total < FEW && (guess_is_east_asian || is_gb2312(bytes));
    let other = with(guess, bytes);
    if (guess_is_chinese || guess_is_rash || other.replaced > 0) && merit.is_clean() {
        return chinese;
    }
    other
}

/// Whether all that is not ASCII comes in pairs that the basic Chinese set has. Accented letters rarely stand in pairs.
fn is_gb2312(bytes: &[u8]) -> bool {
    let is_pair = |pair: &[u8; 2]| matches!(pair, [0xA1..=0xF7, 0xA1..=0xFE]);
    bytes.split(u8::is_ascii).all(|run| {
        let (pairs, odd) = run.as_chunks::<2>();
        odd.is_empty() && pairs.iter().all(is_pair)
    })
}

/// How much a text looks like Chinese.
#[derive(Debug, Default)]
struct Merit {
    /// Characters outside ASCII, of the first [`SAMPLE`].
    total: usize,
    frequent: usize,
    private: usize,
    replaced: usize,
}

impl Merit {
    fn of(decoded: &Decoded) -> Merit {
        let mut merit = Merit::default();
        let telling = decoded.text.chars().filter(|c| !c.is_ascii());
        for c in telling.take(SAMPLE) {
            merit.total += 1;
            match c {
                '\u{fffd}' => merit.replaced += 1,
                '\u{e000}'..='\u{f8ff}' => merit.private += 1,
                c if FREQUENT.contains(c) => merit.frequent += 1,
                _ => {}
            }
        }
        merit
    }

    fn score(&self) -> i128 {
        let signed = |n: usize| i128::try_from(n).unwrap_or(i128::MAX);
        signed(self.frequent) - 10 * signed(self.private + self.replaced)
    }

    /// One in seven is frequent, where a wrong encoding gives one in fifty; and two at least, as one is chance.
    fn has_words(&self) -> bool {
        self.frequent >= 2 && self.frequent * 7 >= self.total && self.is_nearly_clean()
    }

    fn is_clean(&self) -> bool {
        self.private + self.replaced == 0
    }

    fn is_nearly_clean(&self) -> bool {
        (self.private + self.replaced) * 20 <= self.total
    }
}

fn with(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    let replaced = if malformed { replacements(&text) } else { 0 };
    Decoded {
        text: text.into_owned(),
        encoding: usual_name(encoding),
        replaced,
    }
}

/// The WHATWG writes `gb18030`; editors and people do not.
fn usual_name(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 {
        "GB18030"
    } else {
        encoding.name()
    }
}

fn utf32(bytes: &[u8], number: fn([u8; 4]) -> u32, encoding: &'static str) -> Decoded {
    let (units, cut_off) = bytes.as_chunks::<4>();
    let character = |unit: &[u8; 4]| char::from_u32(number(*unit));
    let mut text: String = units
        .iter()
        .map(|unit| character(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !cut_off.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    let replaced = replacements(&text);
    Decoded {
        text,
        encoding,
        replaced,
    }
}

fn replacements(text: &str) -> usize {
    text.chars()
        .filter(|&c| c == char::REPLACEMENT_CHARACTER)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIMPLIFIED: &str = "我们的校园在群山之间，每天清晨都能听见鸟儿的歌声。";
    const TRADITIONAL: &str = "我們的校園在群山之間，每天清晨都能聽見鳥兒的歌聲。";

    fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "{text}");
        bytes.into_owned()
    }

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn chinese_of_both_shores_is_told_apart() {
        let gb = decode(&encoded(GB18030, SIMPLIFIED));
        assert_eq!((gb.text.as_str(), gb.encoding), (SIMPLIFIED, "GB18030"));
        let gb = decode(&encoded(GB18030, TRADITIONAL));
        assert_eq!((gb.text.as_str(), gb.encoding), (TRADITIONAL, "GB18030"));
        let big5 = decode(&encoded(BIG5, TRADITIONAL));
        assert_eq!((big5.text.as_str(), big5.encoding), (TRADITIONAL, "Big5"));
    }

    #[test]
    fn a_few_rare_characters_are_taken_for_gb18030() {
        for text in ["字幕", "彝族", "嘉绒锅庄", "㐂𠮷", "摄影：陈"] {
            let decoded = decode(&encoded(GB18030, text));
            assert_eq!((decoded.text.as_str(), decoded.replaced), (text, 0));
        }
    }

    #[test]
    fn a_byte_order_mark_settles_it() {
        let with_mark = format!("\u{feff}{SIMPLIFIED}");
        let utf32 = |bytes_of: fn(u32) -> [u8; 4]| -> Vec<u8> {
            with_mark.chars().flat_map(|c| bytes_of(c.into())).collect()
        };
        for (bytes, name) in [
            (with_mark.clone().into_bytes(), "UTF-8"),
            (utf16(&with_mark, u16::to_le_bytes), "UTF-16LE"),
            (utf16(&with_mark, u16::to_be_bytes), "UTF-16BE"),
            (utf32(u32::to_le_bytes), "UTF-32LE"),
            (utf32(u32::to_be_bytes), "UTF-32BE"),
        ] {
            let decoded = decode(&bytes);
            assert_eq!(
                (decoded.text.as_str(), decoded.encoding),
                (SIMPLIFIED, name)
            );
        }
    }

    #[test]
    fn utf_16_without_a_mark_is_known_by_its_zeros() {
        let text = format!("1\r\n00:00:01,000 --> 00:00:02,000\r\n{SIMPLIFIED}\r\n");
        let little = decode(&utf16(&text, u16::to_le_bytes));
        assert_eq!(
            (little.text.as_str(), little.encoding),
            (text.as_str(), "UTF-16LE")
        );
        let big = decode(&utf16(&text, u16::to_be_bytes));
        assert_eq!(
            (big.text.as_str(), big.encoding),
            (text.as_str(), "UTF-16BE")
        );
    }

    #[test]
    fn utf_8_cut_in_the_middle_of_a_character_is_still_utf_8() {
        let text = SIMPLIFIED.repeat(3);
        let decoded = decode(&text.as_bytes()[..text.len() - 1]);
        assert_eq!((decoded.encoding, decoded.replaced), ("UTF-8", 1));
    }

    #[test]
    fn western_text_is_not_taken_for_chinese() {
        let french = encoded(
            encoding_rs::WINDOWS_1252,
            "<b>même du gras</b> déjà, l'été où j'étais né",
        );
        assert_eq!(
            decode(&french).text,
            "<b>même du gras</b> déjà, l'été où j'étais né"
        );
    }

    #[test]
    fn korean_is_not_taken_for_chinese() {
        let korean = "안녕하세요 여러분 오늘은 우리 학교를 소개하겠습니다 감사합니다";
        let decoded = decode(&encoded(EUC_KR, korean));
        assert_eq!(
            (decoded.text.as_str(), decoded.encoding),
            (korean, "EUC-KR")
        );
    }

    #[test]
    fn what_means_nothing_is_counted() {
        let cut = decode(&[0xFF, 0xFE, 0, 0, b'a', 0, 0, 0, 0, 0, 0x11, 0, 9]);
        assert_eq!((cut.text.as_str(), cut.replaced), ("a\u{fffd}\u{fffd}", 2));
        assert_eq!(decode(b"").replaced, 0);
    }
}
