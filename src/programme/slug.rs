//! ASCII names by pinyin. In: any title. Out: lower-case letters and digits. For looks only: identity is the id's.

use pinyin::ToPinyin;

/// Longest slug in bytes, so that a whole name stays readable in a player's list.
const MAX_LENGTH: usize = 40;

/// Words that read otherwise than their characters one by one.
const READINGS: [(&str, &str); 14] = [
    ("重庆", "chongqing"),
    ("厦门", "xiamen"),
    ("长安", "changan"),
    ("长沙", "changsha"),
    ("长春", "changchun"),
    ("长江", "changjiang"),
    ("长征", "changzheng"),
    ("长城", "changcheng"),
    ("音乐", "yinyue"),
    ("乐曲", "yuequ"),
    ("乐山", "leshan"),
    ("西藏", "xizang"),
    ("银行", "yinhang"),
    ("都江堰", "dujiangyan"),
];

/// The text in pinyin without tones; what has no reading is left out.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = READINGS.iter().find(|(word, _)| rest.starts_with(word));
        let (syllable, length) = match word {
            Some((word, reading)) => ((*reading).to_owned(), word.len()),
            None => (reading(first), first.len_utf8()),
        };
        if out.len() + syllable.len() > MAX_LENGTH {
            break;
        }
        out.push_str(&syllable);
        rest = &rest[length..];
    }
    out
}

fn reading(character: char) -> String {
    if character.is_ascii_alphanumeric() {
        return character.to_ascii_lowercase().to_string();
    }
    // ü is written v, as on keyboards.
    character
        .to_pinyin()
        .map(|p| p.plain().replace('ü', "v"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_letters_that_every_player_takes() {
        let slugs: Vec<_> = [
            "爱我中华",
            "重庆大学",
            "四川音乐学院",
            "Ver.2 绿色",
            "𠮷!",
            "",
        ]
        .map(slug)
        .to_vec();
        assert_eq!(
            slugs,
            [
                "aiwozhonghua",
                "chongqingdaxue",
                "sichuanyinyuexueyuan",
                "ver2lvse",
                "",
                ""
            ]
        );
    }

    #[test]
    fn a_long_title_ends_at_a_syllable() {
        let long = slug(&"中".repeat(100));
        assert_eq!(long.len(), 40);
        assert!(slug(&"状".repeat(100)).len() <= 40);
    }
}
