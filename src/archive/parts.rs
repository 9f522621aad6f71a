//! A name as folders and a file. In: a decoded name. Out: its parts, or why it is refused. Runs after decoding: the
//! second byte of a GBK character may be a backslash.

use super::{MAX_PARTS, MAX_PATH, Refusal};

/// The parts of a name; `/` and `\` both separate, for archives come from Windows.
pub(super) fn split(name: &str) -> Result<Vec<String>, Refusal> {
    if name.len() > MAX_PATH {
        return Err(Refusal::LongName);
    }
    if name.contains('\0') {
        return Err(Refusal::BadName);
    }
    if name.starts_with(['/', '\\']) || has_drive(name) {
        return Err(Refusal::Escapes);
    }
    let parts: Vec<&str> = name
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    // `..` with blanks or dots behind it is `..` for Windows.
    let climbs =
        |part: &&str| part.starts_with("..") && part.trim_end_matches(['.', ' ']).is_empty();
    if parts.iter().any(climbs) {
        return Err(Refusal::Escapes);
    }
    if parts.len() > MAX_PARTS {
        return Err(Refusal::LongName);
    }
    if parts.is_empty() {
        return Err(Refusal::BadName);
    }
    Ok(parts.into_iter().map(str::to_owned).collect())
}

fn has_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_separators_part_a_name_and_a_trailing_one_is_nothing() {
        assert_eq!(
            split("川北片区\\a/雨.mp4").unwrap(),
            ["川北片区", "a", "雨.mp4"]
        );
        assert_eq!(split("./a//b/").unwrap(), ["a", "b"]);
    }

    #[test]
    fn whatever_leads_outside_is_refused() {
        for name in [
            "../a",
            "a/../../b",
            "..\\a",
            "/etc/passwd",
            "\\\\server\\a",
            "C:\\a",
            "c:/a",
            "a/..",
            "a/.. /b",
            "...",
            "a\\..\\..\\b",
        ] {
            assert_eq!(split(name), Err(Refusal::Escapes), "{name}");
        }
        // Not every pair of dots climbs.
        assert!(split("未完待续...《雨》.mp4").is_ok());
        assert!(split("a..b/..c").is_ok());
    }

    #[test]
    fn empty_endless_and_torn_names_are_refused() {
        assert_eq!(split(""), Err(Refusal::BadName));
        assert_eq!(split("./"), Err(Refusal::BadName));
        assert_eq!(split("a\0b"), Err(Refusal::BadName));
        assert_eq!(split(&"长".repeat(400)), Err(Refusal::LongName));
        assert_eq!(split(&"a/".repeat(17)), Err(Refusal::LongName));
    }
}
