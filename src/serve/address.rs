//! What an address asks for. In: the path of a request, as it came. Out: the names to walk along under the folder, each of
//! them one plain name; or nothing. Pure. Nothing that leads out, is hidden, or is the program's own memory comes through.

/// Top-level names of an output folder that are for visitors. `work/` is not, nor is anything that somebody put beside.
pub(super) const SHOWN: [&str; 5] = ["index.html", "site", "report", "programme", "masters"];

/// A file or a folder under OUT that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// One name for each step; none for OUT itself.
    pub(super) names: Vec<String>,
    /// The address ends in a slash.
    pub(super) as_folder: bool,
}

/// Takes an address apart; none where nothing can be behind it.
pub(super) fn wanted(path: &str) -> Option<Wanted> {
    let path = path.strip_prefix('/')?;
    let (path, as_folder) = match path.strip_suffix('/') {
        Some(path) => (path, true),
        None => (path, path.is_empty()),
    };
    let names = if path.is_empty() {
        vec![]
    } else {
        path.split('/').map(name).collect::<Option<Vec<_>>>()?
    };
    let shown = names
        .first()
        .is_none_or(|top| SHOWN.contains(&top.as_str()));
    // What the programme is made from is memory, like `work/`.
    let is_memory = names.starts_with(&["masters".to_owned(), "programme".to_owned()]);
    (shown && !is_memory).then_some(Wanted { names, as_folder })
}

/// One step. Decoded once and split before, so that no slash can come out of a `%2f`.
fn name(step: &str) -> Option<String> {
    let name = String::from_utf8(decoded(step)?).ok()?;
    let plain = !name.is_empty()
        && !name.starts_with('.')
        && !name
            .chars()
            .any(|c| c.is_control() || matches!(c, '/' | '\\' | ':'));
    plain.then_some(name)
}

fn decoded(step: &str) -> Option<Vec<u8>> {
    let mut bytes = step.bytes();
    let mut all = Vec::with_capacity(step.len());
    while let Some(byte) = bytes.next() {
        let byte = if byte == b'%' {
            let digit = |b: u8| {
                char::from(b)
                    .to_digit(16)
                    .and_then(|d| u8::try_from(d).ok())
            };
            let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
            high * 16 + low
        } else {
            byte
        };
        all.push(byte);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str) -> Option<Vec<String>> {
        wanted(path).map(|wanted| wanted.names)
    }

    #[test]
    fn ordinary_addresses_become_names() {
        assert_eq!(names("/").unwrap(), Vec::<String>::new());
        assert!(wanted("/").unwrap().as_folder);
        assert_eq!(
            names("/report/report.html").unwrap(),
            ["report", "report.html"]
        );
        assert_eq!(
            names("/report/%E6%B1%87%E6%80%BB%E8%A1%A8.xlsx").unwrap(),
            ["report", "汇总表.xlsx"]
        );
        assert!(wanted("/site/").unwrap().as_folder);
        assert!(!wanted("/site").unwrap().as_folder);
    }

    #[test]
    fn nothing_leads_out_and_nothing_hidden_or_of_ours_is_named() {
        for path in [
            "",
            "*",
            "site",
            "/../etc/passwd",
            "/site/../../etc/passwd",
            "/site/%2e%2e/%2e%2e/etc/passwd",
            "/site/.%2e/x",
            "/site/..%2f..%2fetc/passwd",
            "/site/%2e%2e%5cx",
            "/site\\..\\x",
            "/site/a%00.html",
            "/site/%0d%0aSet-Cookie:x",
            "/site/%",
            "/site/%4",
            "/site/%zz",
            "/site/%ff%fe",
            "/site//index.html",
            "//evil.example/",
            "//etc/passwd",
            "/C:/Windows/win.ini",
            "/site/.git/config",
            "/site/a/.hidden",
            concat!("/", "work/ledger/x.json"),
            "/%77ork/survey.json",
            "/work",
            "/secrets.txt",
            "/masters/programme/state.json",
        ] {
            assert_eq!(wanted(path), None, "{path}");
        }
    }

    #[test]
    fn an_address_is_decoded_once() {
        assert_eq!(
            names("/site/%252e%252e/x").unwrap(),
            ["site", "%2e%2e", "x"]
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_through_is_one_plain_name_a_step(path in "/(site|report)?[/.%a-f0-9\\\\]{0,24}") {
            for name in wanted(&path).map(|wanted| wanted.names).unwrap_or_default() {
                assert!(!name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0']), "{path:?}: {name:?}");
            }
        }
    }
}
