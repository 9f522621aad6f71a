//! Submissions by link: a list of addresses instead of a video. In: a small file's bytes and name. Out: one [`Link`] for
//! each address in it. Never fetches anything; an address stays the text that was written.

use super::name::{Grammar, split_extension, tidy};
use super::recommendation::decode;

/// Largest file that is looked through.
pub(super) const MAX_BYTES: u64 = 1 << 20;
/// Addresses that are taken from one file.
pub(super) const MAX_LINKS: usize = 1_000;
/// Longest address; browsers take no longer ones.
const MAX_ADDRESS_BYTES: usize = 2_048;
/// Longest title that is taken for one, in bytes.
const MAX_TITLE_BYTES: usize = 1_000;
/// What people write before a title or an address.
const LABELS: [&str; 16] = [
    "推文标题",
    "文章标题",
    "视频标题",
    "视频名称",
    "作品名称",
    "标题",
    "题目",
    "名称",
    "推文链接",
    "文章链接",
    "视频链接",
    "链接地址",
    "链接",
    "网址",
    "地址",
    "推文",
];
/// What parts the cells of a line.
const FENCES: &[char] = &['\t', ',', '，', ';', '；', '|'];

/// One address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) unit: Option<String>,
    pub(super) title: Option<String>,
    pub(super) url: String,
}

/// The addresses in a file, with what stands beside them.
pub(super) fn read(bytes: &[u8], file_name: &str, grammar: &Grammar) -> Vec<Link> {
    // A binary .webloc is no text in any encoding, and holds its address as it is.
    let text = decode(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
    let (stem, extension) = split_extension(file_name);
    let by_name = grammar.read(file_name);
    let mut links = match extension.map(str::to_lowercase).as_deref() {
        Some("url") => shortcut(&text),
        Some("webloc") => web_location(&text),
        _ => list(&text, grammar),
    };
    links.truncate(MAX_LINKS);
    let alone = links.len() == 1;
    for link in &mut links {
        link.unit = link.unit.take().or_else(|| by_name.unit.clone());
        if alone && link.title.is_none() {
            link.title = by_name.title.clone().or_else(|| some(&tidy(stem)));
        }
    }
    links
}

/// Windows' shortcut: the address is the value of `URL`; that of an icon is none.
fn shortcut(text: &str) -> Vec<Link> {
    let value = |line: &str| {
        let (key, value) = line.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case("url")
            .then(|| bare(value))?
    };
    text.lines().find_map(value).into_iter().collect()
}

/// macOS's shortcut: the address is the only string; that of the document type is none.
fn web_location(text: &str) -> Vec<Link> {
    let inside = text.split_once("<string>").map_or(text, |(_, rest)| rest);
    let inside = inside.split("</string>").next().unwrap_or(inside);
    bare(&inside.replace("&amp;", "&")).into_iter().collect()
}

fn bare(text: &str) -> Option<Link> {
    let (_, url) = addresses(text).into_iter().next()?;
    Some(Link {
        unit: None,
        title: None,
        url,
    })
}

/// Lines and tables: the title stands before its address, on the same line or on the one above.
fn list(text: &str, grammar: &Grammar) -> Vec<Link> {
    let mut links = Vec::new();
    let mut above = None;
    let mut columns = None;
    for line in text.lines() {
        let found = addresses(line);
        let Some((at, _)) = found.first() else {
            columns = Columns::of(line).or(columns);
            let said = without_label(&tidy(line)).to_owned();
            above = some(&said).or(above);
            continue;
        };
        let beside = columns
            .as_ref()
            .and_then(|columns| columns.said(line))
            .or_else(|| said(&line[..*at], grammar));
        let mut said = beside.or_else(|| above.take().and_then(|line| said_in(&line, grammar)));
        above = None;
        for (_, url) in found {
            let (unit, title) = said.take().unwrap_or_default();
            links.push(Link { unit, title, url });
        }
        if links.len() >= MAX_LINKS {
            break;
        }
    }
    links
}

type Said = (Option<String>, Option<String>);

/// Unit and title in the text before an address: cells, or a name in the notice's grammar.
fn said(before: &str, grammar: &Grammar) -> Option<Said> {
    let cells: Vec<String> = before
        .split(FENCES)
        .map(|cell| without_label(&tidy(cell)).to_owned())
        .filter(|cell| !cell.is_empty() && !cell.chars().all(|c| c.is_ascii_digit() || c == '.'))
        .collect();
    match cells.as_slice() {
        [] => None,
        [only] => said_in(only, grammar),
        [.., unit, title] => Some((some(unit), some(title))),
    }
}

fn said_in(text: &str, grammar: &Grammar) -> Option<Said> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || "、.．)）".contains(c));
    let text = without_label(text.trim());
    if text.is_empty() || text.len() > MAX_TITLE_BYTES {
        return None;
    }
    let parsed = grammar.read(text);
    let title = parsed.title.or_else(|| some(text));
    Some((parsed.unit, title))
}

/// Where a table's heading puts unit and title.
struct Columns {
    unit: Option<usize>,
    title: Option<usize>,
}

impl Columns {
    fn of(line: &str) -> Option<Self> {
        let names: Vec<String> = line
            .split(FENCES)
            .map(|cell| tidy(cell).to_lowercase())
            .collect();
        let find = |words: &[&str]| {
            names
                .iter()
                .position(|name| words.iter().any(|word| name.contains(word)))
        };
        find(&["链接", "网址", "url", "link"])?;
        let columns = Columns {
            unit: find(&["单位", "学校", "院校", "unit", "school"]),
            title: find(&["标题", "名称", "题目", "title"]),
        };
        (names.len() > 1).then_some(columns)
    }

    fn said(&self, line: &str) -> Option<Said> {
        let cells: Vec<String> = line.split(FENCES).map(tidy).collect();
        let cell = |at: Option<usize>| {
            let cell = at.and_then(|at| cells.get(at))?;
            some(cell).filter(|cell| addresses(cell).is_empty())
        };
        let said = (cell(self.unit), cell(self.title));
        (said.0.is_some() || said.1.is_some()).then_some(said)
    }
}

fn without_label(text: &str) -> &str {
    let text = text.trim();
    let labelled = LABELS.iter().find_map(|label| text.strip_prefix(label));
    let Some(rest) = labelled else {
        return text;
    };
    // 链接未来 is a title, 链接：… is a label.
    match rest.strip_prefix(['：', ':']) {
        Some(rest) => rest.trim(),
        None if rest.is_empty() => rest,
        None => text,
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= MAX_TITLE_BYTES).then(|| text.to_owned())
}

/// The addresses in a text, each with the place where it starts.
fn addresses(text: &str) -> Vec<(usize, String)> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = lower[from..].find("http").map(|at| from + at) {
        let rest = &lower[at + 4..];
        let is_address = rest.starts_with("://") || rest.starts_with("s://");
        let length = text[at..].bytes().take_while(|b| is_of_address(*b)).count();
        let url =
            text[at..at + length].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        let has_host = url.split("://").nth(1).is_some_and(|host| !host.is_empty());
        if is_address && has_host && url.len() <= MAX_ADDRESS_BYTES {
            found.push((at, url.to_owned()));
        }
        from = at + length.max(4);
    }
    found
}

/// RFC 3986 §2: the characters of an address, and `%`; everything else has to be written in them.
fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::unit;

    fn shown(name: &str, text: &str) -> String {
        let roster = unit::tests::roster(&["一区 西南民族大学 民大"]);
        let grammar = Grammar {
            roster: Some(&roster),
            ..Grammar::default()
        };
        let links = read(text.as_bytes(), name, &grammar);
        let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        let shown = links
            .iter()
            .map(|l| format!("{} | {} | {}", word(&l.unit), word(&l.title), l.url));
        shown.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_list_of_articles_is_read_however_it_is_written() {
        insta::assert_snapshot!(shown("推文.txt", "西南民族大学《爱我中华》 https://mp.weixin.qq.com/s/AbC-1_2\n"), @"西南民族大学 | 爱我中华 | https://mp.weixin.qq.com/s/AbC-1_2");
        insta::assert_snapshot!(shown("民大推文.txt", "推文标题：爱我中华\n链接：https://a.cn/1。\n\n2、我的祖国\nhttp://a.cn/2?x=1&y=2\n"), @r"
        民大 | 爱我中华 | https://a.cn/1
        民大 | 我的祖国 | http://a.cn/2?x=1&y=2
        ");
        insta::assert_snapshot!(shown("链接.csv", "序号,学校,标题,链接\n1,西南民族大学,爱我中华,https://a.cn/1\n2,西华大学,雨,https://a.cn/2\n"), @r"
        西南民族大学 | 爱我中华 | https://a.cn/1
        西华大学 | 雨 | https://a.cn/2
        ");
        insta::assert_snapshot!(shown("a.txt", "1\t西华大学\t雨\thttps://a.cn/2"), @"西华大学 | 雨 | https://a.cn/2");
    }

    #[test]
    fn shortcuts_of_both_systems_hold_one_address() {
        let windows =
            "[InternetShortcut]\r\nURL=https://a.cn/1\r\nIconFile=https://a.cn/favicon.ico\r\n";
        insta::assert_snapshot!(shown("西南民族大学《爱我中华》.url", windows), @"西南民族大学 | 爱我中华 | https://a.cn/1");
        let mac = "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\
            <plist><dict><key>URL</key><string>https://a.cn/1?a=1&amp;b=2</string></dict></plist>";
        insta::assert_snapshot!(shown("西南民族大学《爱我中华》.webloc", mac), @"西南民族大学 | 爱我中华 | https://a.cn/1?a=1&b=2");
        let links = read(
            b"bplist00\xd1\x01\x02SURL_\x10\x0ehttps://a.cn/1\x08\x0b\x0f",
            "雨.webloc",
            &Grammar::default(),
        );
        assert_eq!(links[0].url, "https://a.cn/1");
    }

    #[test]
    fn a_text_without_an_address_is_no_list() {
        assert_eq!(
            shown("a.txt", "http 是协议。https:// 后面没有地址\nftp://a.cn/1"),
            ""
        );
        assert_eq!(
            shown("a.txt", &format!("https://a.cn/{}", "x".repeat(3000))),
            ""
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|\n|http|https://|链接：){0,40}", name in "\\PC{0,12}\\.(txt|url|webloc|csv)") {
            for link in read(text.as_bytes(), &name, &Grammar::default()) {
                proptest::prop_assert!(link.url.bytes().all(is_of_address));
            }
        }
    }
}
