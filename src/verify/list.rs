//! `checksums.b3`: what files must contain, in the format that `b3sum --check` reads, so that anybody can check without us. In:
//! names and hashes, or such a text. Out: the text, or the entries. Pure. A name that leads out of the folder is refused.

use std::fmt::Write as _;

use crate::id::ContentHash;

/// Name of the list in a folder.
pub const LIST: &str = "checksums.b3";
/// Bytes of a list that are read: a hundred thousand files.
pub const MAX_BYTES: u64 = 16 << 20;

/// One file of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path inside the list's folder, with `/`.
    pub path: String,
    /// What it must contain.
    pub blake3: ContentHash,
}

/// A line that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the list is damaged")]
pub struct DamagedLine {
    /// Its number, from 1.
    pub line: usize,
}

/// The text of a list.
pub fn write<'a>(entries: impl IntoIterator<Item = (&'a str, &'a ContentHash)>) -> String {
    let mut text = String::new();
    for (path, hash) in entries {
        // As b3sum does it: a backslash before the line says that there are some in the name.
        let plain = path.replace('\\', "\\\\").replace('\n', "\\n");
        let mark = if plain == path { "" } else { "\\" };
        let _ = writeln!(text, "{mark}{}  {plain}", hash.as_str());
    }
    text
}

/// The entries of a list, or the first line that is damaged.
pub fn read(text: &str) -> Result<Vec<Entry>, DamagedLine> {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty());
    lines
        .map(|(index, line)| entry(line).ok_or(DamagedLine { line: index + 1 }))
        .collect()
}

fn entry(line: &str) -> Option<Entry> {
    let (line, escaped) = match line.strip_prefix('\\') {
        Some(line) => (line, true),
        None => (line, false),
    };
    let (hash, path) = line.split_once("  ")?;
    let path = if escaped {
        unescaped(path)?
    } else {
        path.to_owned()
    };
    is_inside(&path).then_some(())?;
    Some(Entry {
        blake3: hash.parse().ok()?,
        path,
    })
}

fn unescaped(path: &str) -> Option<String> {
    let mut plain = String::new();
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next()? {
                'n' => '\n',
                '\\' => '\\',
                _ => return None,
            },
            letter => letter,
        });
    }
    Some(plain)
}

/// Whether a path stays in its folder, whatever system reads it: `C:x` and `a\..\b` lead elsewhere on some.
pub fn is_inside(path: &str) -> bool {
    let mut steps = path.split('/');
    steps.all(|step| {
        !matches!(step, "" | "." | "..") && !step.contains(['\\', ':', '\0']) && step.len() <= 255
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> ContentHash {
        blake3::hash(text.as_bytes()).into()
    }

    #[test]
    fn a_list_is_what_b3sum_writes_and_comes_back() {
        let (one, two) = (hash("1"), hash("2"));
        let text = write([("01-rain.mp4", &one), ("hls/审核/a.m4s", &two)]);
        insta::assert_snapshot!(text, @r"
        d63bd9a826af91c1fea371965a64e11ee20f13e46b5f52c59901136605b3a487  01-rain.mp4
        813e9b729141e7f385afa0a2d0df3e6c3789e427ffe4aeef566a565bc8f2fe3d  hls/审核/a.m4s
        ");
        let entries = read(&text).unwrap();
        assert_eq!(entries[1].path, "hls/审核/a.m4s");
        assert_eq!((&entries[0].blake3, &entries[1].blake3), (&one, &two));
    }

    #[test]
    fn a_name_with_a_line_break_is_one_entry() {
        let hash = hash("1");
        let text = write([("a\nb", &hash)]);
        assert_eq!(text.lines().count(), 1);
        assert_eq!(read(&text).unwrap()[0].path, "a\nb");
    }

    #[test]
    fn a_damaged_line_is_told_by_its_number() {
        let good = write([("a", &hash("1"))]);
        for bad in [
            "not a hash  a",
            "d63bd9a8  a",
            &good.trim_end().replace("  a", " a"),
            &good.trim_end().replace("  a", "  ../a"),
            &good.trim_end().replace("  a", "  /etc/passwd"),
            &good.trim_end().replace("  a", "  C:/Windows/win.ini"),
            &good.trim_end().replace("  a", "  a\\..\\b"),
            &good.trim_end().replace("  a", "  a//b"),
        ] {
            let text = format!("{good}{bad}\n");
            assert_eq!(read(&text), Err(DamagedLine { line: 2 }), "{bad}");
        }
    }
}
