//! Promise R8: hostile archives, nothing outside, everything accounted for.

use std::collections::BTreeSet;

use super::{checked, manifests, places, rules};
use crate::media_maker::Place;
use crate::packer::{Item, gbk, item, rar4, rar5, tar, unicode_field, zeros, zip};
use crate::program::tree;

/// An archive, and what must come of it.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    /// Entries in it, as far as anybody can count them.
    entries: usize,
    extracted: usize,
    /// The rules of the findings about it.
    rules: &'static [&'static str],
}

fn case(
    name: &'static str,
    bytes: Vec<u8>,
    entries: usize,
    extracted: usize,
    rules: &'static [&'static str],
) -> Case {
    Case {
        name,
        bytes,
        entries,
        extracted,
        rules,
    }
}

const REFUSED: &[&str] = &["archive-entry-refused"];
const ENCRYPTED: &[&str] = &["archive-encrypted"];
const DAMAGED: &[&str] = &["archive-damaged"];
const BOMB: &[&str] = &["archive-bomb"];
const CUT: &[&str] = &["archive-incomplete"];
const UNSUPPORTED: &[&str] = &["archive-unsupported"];

fn good() -> Item {
    item("good.txt", b"good content")
}

/// One good entry and this one, as a ZIP.
fn beside(hostile: Item) -> Vec<u8> {
    zip(&[good(), hostile])
}

/// Names that lead out of the folder, or nowhere.
fn slips() -> Vec<Case> {
    const NAMES: [(&str, &[u8]); 20] = [
        ("slip-up", b"../outside.txt"),
        (
            "slip-far",
            b"../../../../../../../../../../tmp/zhanbo-outside.txt",
        ),
        ("slip-inside", b"a/b/../../../outside.txt"),
        ("slip-end", b"a/.."),
        ("slip-root", b"/tmp/zhanbo-outside.txt"),
        ("slip-roots", b"//tmp/zhanbo-outside.txt"),
        ("slip-windows", b"..\\outside.txt"),
        ("slip-windows-far", b"a\\..\\..\\outside.txt"),
        ("slip-mixed", b"a\\../..\\../outside.txt"),
        ("slip-drive", b"C:\\Windows\\outside.txt"),
        ("slip-drive-slash", b"c:/Windows/outside.txt"),
        ("slip-share", b"\\\\server\\share\\outside.txt"),
        ("slip-blank", b".. /outside.txt"),
        ("slip-dots", b".../outside.txt"),
        ("slip-only", b".."),
        ("slip-root-windows", b"\\outside.txt"),
        ("name-empty", b""),
        ("name-dot", b"."),
        ("name-zero", b"a\0b.txt"),
        ("name-zero-end", b"../\0"),
    ];
    NAMES
        .into_iter()
        .map(|(name, entry)| case(name, beside(item(entry, b"evil")), 2, 1, REFUSED))
        .collect()
}

fn odd_names() -> Vec<Case> {
    let long = "长".repeat(400);
    let deep = "a/".repeat(40) + "a.txt";
    // 0x5C is the second byte of 誠: splitting before decoding would make a folder of half a character.
    let half = gbk("誠/乗/運.txt");
    let climbs = gbk("誠/../../outside.txt");
    let lies =
        item(b"a.txt", b"evil").with(|i| i.extra = unicode_field("../outside.txt", b"a.txt"));
    vec![
        case("name-long", beside(item(&long, b"x")), 2, 1, REFUSED),
        case("name-deep", beside(item(&deep, b"x")), 2, 1, REFUSED),
        case("name-gbk", beside(item(&half, b"x")), 2, 2, &[]),
        case("slip-gbk", beside(item(&climbs, b"x")), 2, 1, REFUSED),
        case("slip-field", beside(lies), 2, 1, REFUSED),
        case(
            "name-bytes",
            beside(item(b"\xFF\xFE\xFD\xFC", b"x")),
            2,
            2,
            &["archive-names-unsure"],
        ),
        case(
            "name-control",
            beside(item("\u{1b}[2J\u{202e}gpj.txt", b"x").flags(0x800)),
            2,
            2,
            &[],
        ),
        case(
            "name-markup",
            beside(item("<img src=x onerror=alert(1)>.txt", b"x")),
            2,
            2,
            &[],
        ),
        case("name-device", beside(item("CON", b"x")), 2, 2, &[]),
    ]
}

fn links() -> Vec<Case> {
    let link = |target: &[u8]| item("link", target).mode(0o120_777);
    let swapped = zip(&[link(b"/tmp"), item("link/outside.txt", b"evil")]);
    let tarred = tar(&[
        ("good.txt", b'0', "", b"good"),
        ("symbolic", b'2', "/etc/passwd", b""),
        ("hard", b'1', "good.txt", b""),
        ("character", b'3', "", b""),
        ("block", b'4', "", b""),
        ("pipe", b'6', "", b""),
        ("../outside.txt", b'0', "", b"evil"),
        ("/tmp/zhanbo-outside.txt", b'0', "", b"evil"),
        (
            "symbolic/below.txt",
            b'0',
            "",
            b"kept, for there is no link",
        ),
    ]);
    vec![
        case("link", beside(link(b"/etc/passwd")), 2, 1, REFUSED),
        case("link-then-below", swapped, 2, 1, REFUSED),
        case(
            "link-mac",
            beside(link(b"x").with(|i| i.system = 19)),
            2,
            1,
            REFUSED,
        ),
        case(
            "device",
            beside(item("d", b"").mode(0o020_666)),
            2,
            1,
            REFUSED,
        ),
        case(
            "block",
            beside(item("d", b"").mode(0o060_666)),
            2,
            1,
            REFUSED,
        ),
        case(
            "pipe",
            beside(item("d", b"").mode(0o010_666)),
            2,
            1,
            REFUSED,
        ),
        case(
            "socket",
            beside(item("d", b"").mode(0o140_666)),
            2,
            1,
            REFUSED,
        ),
        case("tar", tarred, 9, 2, REFUSED),
    ]
}

fn lies() -> Vec<Case> {
    let content = |change: fn(&mut Item)| item("bad.txt", b"some content").with(change);
    vec![
        case("crc", beside(content(|i| i.crc ^= 1)), 2, 1, DAMAGED),
        case("larger", beside(content(|i| i.size = 4)), 2, 1, DAMAGED),
        case(
            "smaller",
            beside(content(|i| i.size = 4_000_000)),
            2,
            1,
            DAMAGED,
        ),
        case(
            "method",
            beside(content(|i| i.method = 77)),
            2,
            1,
            UNSUPPORTED,
        ),
        case(
            "implode",
            beside(content(|i| i.method = 6)),
            2,
            1,
            UNSUPPORTED,
        ),
        case(
            "no-deflate",
            beside(content(|i| i.method = 8)),
            2,
            1,
            DAMAGED,
        ),
        case(
            "password",
            beside(content(|i| i.flags = 1)),
            2,
            1,
            ENCRYPTED,
        ),
        case(
            "aes",
            beside(content(|i| (i.flags, i.method) = (1, 99))),
            2,
            1,
            ENCRYPTED,
        ),
    ]
}

/// Several entries of one name or on one place, and what lies around the archive.
fn twins() -> Vec<Case> {
    let content = |change: fn(&mut Item)| item("bad.txt", b"some content").with(change);
    let same = [
        item("a.txt", b"one"),
        item("a.txt", b"two"),
        item("a.txt", b"three"),
    ];
    let first = item("a.txt", &[b'x'; 1000]);
    let over = |name: &str| item(name, &[b'x'; 1000]).with(|i| i.at = Some(0));
    let quoted = zip(&[first, over("b.txt"), over("c.txt")]);
    vec![
        case(
            "three-of-one-name",
            zip(&same),
            3,
            3,
            &["archive-same-names"],
        ),
        case(
            "case-twins",
            zip(&[item("A.txt", b"1"), item("a.txt", b"2")]),
            2,
            2,
            &[],
        ),
        case("on-one-place", quoted, 3, 1, BOMB),
        case(
            "elsewhere",
            beside(content(|i| i.at = Some(7))),
            2,
            1,
            DAMAGED,
        ),
        case(
            "behind-the-end",
            beside(content(|i| i.at = Some(u32::MAX - 1))),
            2,
            1,
            CUT,
        ),
        case(
            "in-front",
            [
                b"MZ program".repeat(50),
                beside(good().with(|i| i.name = b"b".to_vec())),
            ]
            .concat(),
            2,
            2,
            &[],
        ),
        case(
            "trailing",
            [
                beside(good().with(|i| i.name = b"c".to_vec())),
                vec![b'x'; 3000],
            ]
            .concat(),
            2,
            2,
            &[],
        ),
        case("empty", zip(&[]), 0, 0, &["archive-empty"]),
        case(
            "folders-only",
            zip(&[item("a/", b""), item("a/b/", b"")]),
            2,
            0,
            &["archive-empty"],
        ),
    ]
}

fn bombs() -> Vec<Case> {
    let many: Vec<Item> = (0..20_100).map(|n| item(format!("{n}.txt"), b"")).collect();
    vec![
        case("zeros", zeros("zeros.bin", 300), 1, 0, BOMB),
        case("many", zip(&many), 20_100, 20_000, BOMB),
    ]
}

fn cut_and_torn() -> Vec<Case> {
    let whole = zip(&[item("a.txt", &[b'a'; 3000]), item("b.txt", &[b'b'; 3000])]);
    let rar = rar5(&[("a.txt", &[b'a'; 3000], &[]), ("b.txt", &[b'b'; 3000], &[])]);
    let old = rar4(&[
        (b"a.txt".to_vec(), &[b'a'; 3000]),
        (b"..\\..\\b.txt".to_vec(), b"evil"),
    ]);
    let hidden = rar5(&[
        ("a.txt", b"open", &[]),
        ("b.txt", b"shut", &[0x02, 0x01, 0x00]),
    ]);
    let link = rar5(&[
        ("a.txt", b"open", &[]),
        ("l", b"", &[0x07, 0x05, 0x01, 0x00, 0x03, b'/', b'x', b'y']),
    ]);
    let mut flipped = rar.clone();
    flipped[1000] ^= 1;
    vec![
        case("cut", whole[..5000].to_vec(), 2, 1, CUT),
        case(
            "cut-at-directory",
            whole[..whole.len() - 60].to_vec(),
            2,
            2,
            CUT,
        ),
        case("cut-at-once", whole[..20].to_vec(), 0, 0, CUT),
        case("rar-cut", rar[..5000].to_vec(), 2, 1, CUT),
        case("rar-flipped", flipped, 2, 1, DAMAGED),
        case("rar-password", hidden, 2, 1, ENCRYPTED),
        case("rar-link", link, 2, 1, REFUSED),
        case("rar-slip", old, 2, 1, REFUSED),
        case(
            "no-archive",
            b"PK but no archive at all ".repeat(40),
            0,
            0,
            &["archive-is-none"],
        ),
        case(
            "seven-nonsense",
            [&b"7z\xBC\xAF\x27\x1C\0\x04"[..], &[0xFF; 100]].concat(),
            0,
            0,
            CUT,
        ),
    ]
}

#[test]
fn hostile_archives_stay_inside_and_every_entry_is_accounted_for() {
    let cases: Vec<Case> = [
        slips(),
        odd_names(),
        links(),
        lies(),
        twins(),
        bombs(),
        cut_and_torn(),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(cases.len() >= 60, "only {} hostile archives", cases.len());
    let place = Place::new();
    for case in &cases {
        place.file("", &format!("{}.zip", case.name), &case.bytes);
    }
    let before = tree(&place.inbox());
    let (_, report) = checked(&place);
    assert_eq!(tree(&place.inbox()), before, "the inbox was changed");
    for name in ["zhanbo-outside.txt", "outside.txt"] {
        assert!(
            !std::path::Path::new("/tmp").join(name).exists(),
            "{name} was written"
        );
    }
    let mut wrong = Vec::new();
    for path in tree(place.root()).keys() {
        let known = ["/inbox", "/out", "/small.toml"]
            .iter()
            .any(|top| path.starts_with(top));
        let in_out = path.strip_prefix("/out/").unwrap_or_default();
        let stored = in_out.strip_prefix("work/unpacked/").is_none_or(|rest| {
            let name = rest.split('/').nth(1).unwrap_or("manifest.json");
            name == "manifest.json" || name.bytes().all(|b| b.is_ascii_digit())
        });
        if !known || !stored {
            wrong.push(format!("{path} is outside"));
        }
    }
    let found = manifests(&place.out());
    let places = places(&report);
    let stored: BTreeSet<_> = tree(&place.out().join("work/unpacked"))
        .into_iter()
        .map(|(path, leaf)| (path.rsplit('/').next().unwrap().to_owned(), leaf.blake3))
        .collect();
    for case in &cases {
        check(case, &report, &places, &mut wrong);
    }
    for manifest in &found {
        account(manifest, &stored, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the report says of one archive.
fn check(case: &Case, report: &serde_json::Value, places: &[&str], wrong: &mut Vec<String>) {
    let source = format!("{}.zip", case.name);
    let found = rules(report, case.name);
    let found: Vec<_> = found
        .into_iter()
        .filter(|rule| rule.starts_with("archive"))
        .collect();
    if found != case.rules {
        wrong.push(format!("{source}: {found:?}, not {:?}", case.rules));
    }
    let others = report["other_files"].as_array().unwrap();
    let note = others
        .iter()
        .find(|o| o["path"] == *source)
        .map(|o| &o["note"]["en"]);
    let numbers: Vec<usize> = note
        .and_then(|note| note.as_str())
        .unwrap_or_default()
        .split(": ")
        .skip(1)
        .filter_map(|part| part.split(',').next()?.trim().parse().ok())
        .collect();
    let told = (numbers.iter().sum::<usize>(), numbers.first().copied());
    if told != (case.entries, Some(case.extracted)) && case.entries > 0 {
        wrong.push(format!(
            "{source}: {told:?} of {} ({}): {note:?}",
            case.entries, case.extracted
        ));
    }
    // Folders are counted, everything else stands in the report by itself.
    let inside = places
        .iter()
        .filter(|p| {
            p.strip_prefix(&source)
                .is_some_and(|rest| rest.starts_with('/'))
        })
        .count();
    let folders = numbers.get(1).copied().unwrap_or(0);
    let listed = case.entries.min(20_000) - folders.min(case.entries);
    if inside != listed {
        wrong.push(format!(
            "{source}: {inside} of {listed} entries are in the report"
        ));
    }
}

/// The store holds exactly what a manifest says, under numbers.
fn account(
    manifest: &serde_json::Value,
    stored: &BTreeSet<(String, String)>,
    wrong: &mut Vec<String>,
) {
    let entries = manifest["entries"].as_array().unwrap();
    for extracted in entries.iter().filter_map(|e| e["fate"].get("extracted")) {
        let hash = extracted["blake3"].as_str().unwrap().to_owned();
        let name = format!("{:04}", extracted["file"].as_u64().unwrap());
        if !stored.contains(&(name.clone(), hash.clone())) {
            wrong.push(format!("no file {name} with the content of {hash}"));
        }
    }
}
