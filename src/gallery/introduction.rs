//! What of an introduction is for the public. In: its paragraphs, as a unit wrote them. Out: the same without the sentences
//! that say how to reach a person: telephone, identity card, e-mail, chat, address. Rather one sentence too few.

/// Words that only stand where somebody is to be reached.
const ALWAYS: [&str; 19] = [
    "联系人",
    "联系电话",
    "联系方式",
    "联系手机",
    "联系地址",
    "通讯地址",
    "通信地址",
    "邮寄地址",
    "身份证",
    "手机号",
    "电话号码",
    "电子邮箱",
    "电子邮件",
    "邮箱",
    "微信号",
    "qq号",
    "e-mail",
    "email",
    "银行卡",
];
/// Words that do so before a colon or a number.
const BEFORE_VALUE: [&str; 12] = [
    "电话", "手机", "座机", "微信", "qq", "传真", "地址", "邮编", "tel", "phone", "mobile",
    "wechat",
];
/// Digits after such a word that make a number to be reached by.
const SHORT_NUMBER: usize = 5;
/// Digits in one row that are a number of a person or a telephone, whatever stands before them: 11 of a mobile, 10 to 12 of a
/// landline with its area, 15 or 18 of an identity card.
const LONG_NUMBER: usize = 10;

/// The paragraphs for the public; one of which nothing is left is none.
pub(super) fn public(paragraphs: &[String]) -> Vec<String> {
    let kept = paragraphs.iter().map(|paragraph| {
        let sentences = sentences(paragraph);
        sentences
            .filter(|sentence| !is_contact(sentence))
            .collect::<String>()
    });
    kept.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect()
}

/// Pieces that end where a sentence, or a field of a form, does.
fn sentences(paragraph: &str) -> impl Iterator<Item = &str> {
    paragraph.split_inclusive(['。', '！', '？', '；', ';', '\n', '\t'])
}

fn is_contact(sentence: &str) -> bool {
    let text: String = sentence
        .chars()
        .map(narrow)
        .collect::<String>()
        .to_lowercase();
    let has_address = text.split_whitespace().any(|word| {
        word.split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    });
    has_address
        || ALWAYS.iter().any(|word| text.contains(word))
        || BEFORE_VALUE.iter().any(|word| leads_to_value(&text, word))
        || has_long_number(&text)
}

/// Full-width letters, digits and marks as their narrow ones.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

fn leads_to_value(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let after = text[at + word.len()..].trim_start_matches([' ', '群', '号', '码']);
        // "tel" also begins other words.
        let stands_alone =
            !word.is_ascii() || !text[..at].ends_with(|c: char| c.is_ascii_alphabetic());
        let number = after
            .chars()
            .take_while(|c| c.is_ascii_digit() || "- ()+".contains(*c));
        let digits = number.filter(char::is_ascii_digit).count();
        stands_alone && (after.starts_with(':') || digits >= SHORT_NUMBER)
    })
}

/// Digits that belong together: single blanks, dashes, dots and brackets between them are how people group them.
fn has_long_number(text: &str) -> bool {
    let mut groups: Vec<usize> = Vec::new();
    let mut gap = 0;
    let mut is_long = false;
    for c in text.chars().chain(['。']) {
        if c.is_ascii_digit() {
            match groups.last_mut() {
                Some(last) if gap == 0 => *last += 1,
                _ => groups.push(1),
            }
            gap = 0;
        } else if !groups.is_empty() && gap < 2 && " -.()—–·".contains(c) {
            gap += 1;
        } else {
            is_long |= is_number_of_a_person(&groups);
            groups.clear();
            gap = 0;
        }
    }
    is_long
}

// A day, or a day and another one (2021-06-23 - 2021-07-05), is no telephone: its groups are 4, 2 and 2.
fn is_number_of_a_person(groups: &[usize]) -> bool {
    let is_days = groups.len() >= 3 && groups.chunks(3).all(|day| matches!(day, [4, 1..=2, 1..=2]));
    let is_years = groups.iter().all(|digits| *digits == 4) && groups.len() <= 2;
    !is_days && !is_years && groups.iter().sum::<usize>() >= LONG_NUMBER
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        public(&[text.to_owned()]).join("¶")
    }

    #[test]
    fn how_to_reach_a_person_is_left_out() {
        for contact in [
            "联系人：张三",
            "联系人 张三 13800000000",
            "电话：028-8552 0000",
            "手机 138 0000 0000",
            "Tel: 85520000",
            "（028）85520000",
            "13800000000",
            "１３８－００００－００００",
            "+86 138 0000 0000",
            "身份证号 510100199001010000",
            "51010019900101001X",
            "投稿请寄 someone@example.edu.cn",
            "邮箱见附件",
            "QQ：12345",
            "qq群12345678",
            "微信：abc_def",
            "地址：成都市一环路",
        ] {
            assert_eq!(shown(contact), "", "{contact}");
        }
    }

    #[test]
    fn what_the_film_is_about_stays_to_the_sentence() {
        for kept in [
            "本片用手机拍摄，通过微信传播，电话铃声响起。",
            "2021-06-23 至 2021-07-05 拍摄于成都，历时 12 天。",
            "2021.06.23-2021.07.05",
            "建校 1951 - 2021 年，师生 32000 余人，占地 3000000 平方米。",
            "telephone 是片名，QQ 是同学的昵称。",
            "1234567 90123",
        ] {
            assert_eq!(
                shown(kept),
                if kept.starts_with("1234") { "" } else { kept }
            );
        }
        assert_eq!(
            shown("写雨。联系电话13800000000。也写雪！"),
            "写雨。也写雪！"
        );
        assert_eq!(
            public(&["单位：西华大学".into(), "电话：1".into(), "  写雨。".into()]),
            ["单位：西华大学", "写雨。"]
        );
    }

    proptest::proptest! {
        #[test]
        fn a_mobile_number_never_comes_through(before in "[\\PC]{0,8}", number in "1[3-9][0-9]{9}", after in "[\\PC]{0,8}") {
            let told = format!("{before}{number}{after}");
            proptest::prop_assert!(!shown(&told).contains(&number));
        }
    }
}
