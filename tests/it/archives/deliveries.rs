use std::fs;
use std::process::Command;

use super::{checked, manifests, places, rules};
use crate::document_maker::{docx, paragraphs};
use crate::media_maker::{Place, needs, plain};
use crate::packer::{gbk, item, rar4, rar5, unicode_field, zip};
use crate::program::{ended, report, run, submission, tree, zhanbo};

/// Source and introduction of every submission.
fn sources(report: &serde_json::Value) -> Vec<(String, String, Option<String>)> {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let all = report["submissions"].as_array().unwrap();
    all.iter()
        .map(|s| {
            let region = text(&s["region"]).unwrap();
            (
                region,
                text(&s["source"]).unwrap(),
                text(&s["introduction"]),
            )
        })
        .collect()
}

fn own(region: &str, source: &str, introduction: Option<&str>) -> (String, String, Option<String>) {
    (
        region.into(),
        source.into(),
        introduction.map(str::to_owned),
    )
}

fn has_all(found: &[&str], names: &[&str]) {
    for name in names {
        assert!(found.contains(name), "{name} is not in {found:?}");
    }
}

/// An introduction that names no film.
fn word() -> Vec<u8> {
    docx(&paragraphs(&[
        "我们用歌声唱出对祖国的热爱，唱出新时代青年的心声。",
    ]))
}

#[test]
fn every_kind_of_archive_is_its_regions_folder() {
    needs!("ffmpeg");
    let place = Place::new();
    let film = |seed| fs::read(plain(1, seed)).unwrap();
    let names = [
        "成都大学《诚》.mp4",
        "成都大学《诚》.docx",
        "誠乗運/西华大学《片》.mp4",
    ];
    let packed = zip(&[
        item(gbk(names[0]), &film(1)),
        item(gbk(names[1]), &word()),
        item(gbk(names[2]), &film(2)),
    ]);
    place.file("", "成都第二片区.zip", &packed);
    let unit = "绵阳师范学院《江》";
    let files = [
        (gbk(&format!("川北片区\\{unit}.mp4")), &film(3)[..]),
        (gbk(&format!("川北片区\\{unit}.docx")), &word()),
    ];
    place.file("", "川北片区.zip", &rar4(&files));
    place.file(
        "",
        "川东片区.rar",
        &rar5(&[("四川文理学院《猫》.mp4", &film(4), &[])]),
    );
    // The introduction lies beside the archive, in the region's own folder.
    place.file("川东片区", "四川文理学院《猫》.docx", &word());
    let (_, report) = checked(&place);
    assert_eq!(
        sources(&report),
        [
            own(
                "成都第二片区",
                "成都第二片区.zip/成都大学《诚》.mp4",
                Some("成都第二片区.zip/成都大学《诚》.docx")
            ),
            own(
                "成都第二片区",
                "成都第二片区.zip/誠乗運/西华大学《片》.mp4",
                None
            ),
            own(
                "川北片区",
                "川北片区.zip/川北片区/绵阳师范学院《江》.mp4",
                Some("川北片区.zip/川北片区/绵阳师范学院《江》.docx")
            ),
            own(
                "川东片区",
                "川东片区.rar/四川文理学院《猫》.mp4",
                Some("川东片区/四川文理学院《猫》.docx")
            ),
        ]
    );
    for region in ["成都第二片区", "川北片区", "川东片区"] {
        let found = rules(&report, region);
        assert!(
            found.iter().all(|rule| !rule.starts_with("archive")),
            "{region}: {found:?}"
        );
    }
}

#[test]
fn seven_zip_is_opened_and_its_password_is_a_finding() {
    needs!("7z");
    let place = Place::new();
    let packed = place.root().join("to-pack");
    fs::create_dir(&packed).unwrap();
    for name in ["a.txt", "b.txt"] {
        fs::write(packed.join(name), name.repeat(100)).unwrap();
    }
    let pack = |archive: &str, options: &[&str]| {
        let done = Command::new("7z")
            .arg("a")
            .args(options)
            .arg(place.inbox().join(archive))
            .args(["a.txt", "b.txt"])
            .current_dir(&packed)
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stdout)
        );
    };
    pack("川东片区.7z", &[]);
    pack("川南片区.7z", &["-psecret"]);
    pack("川西片区.7z", &["-psecret", "-mhe=on"]);
    pack("川北片区.zip", &["-psecret"]);
    pack("成都第一片区.7z", &["-v200b", "-mx0"]);
    let (_, report) = checked(&place);
    let other = places(&report);
    has_all(
        &other,
        &[
            "川东片区.7z/a.txt",
            "川东片区.7z/b.txt",
            "川南片区.7z/a.txt",
            "川北片区.zip/b.txt",
        ],
    );
    // In volumes of 200 bytes.
    assert!(other.contains(&"成都第一片区.7z.001/a.txt"), "{other:?}");
    assert!(other.contains(&"成都第一片区.7z.002"), "{other:?}");
    for region in ["川南片区", "川西片区", "川北片区"] {
        assert_eq!(rules(&report, region), ["archive-encrypted"], "{region}");
    }
    // Without its second volume the rest is not understood, and it is said why.
    fs::remove_file(place.inbox().join("成都第一片区.7z.002")).unwrap();
    let (_, report) = checked(&place);
    assert!(rules(&report, "成都第一片区").contains(&"archive-volume-missing"));
}

#[test]
fn one_archive_of_everything_holds_the_regions() {
    let place = Place::new();
    let inner = zip(&[item("西昌学院《宽银幕》.mp4".as_bytes(), b"four").flags(0x800)]);
    let all = zip(&[
        item("展播/成都第一片区/甲大学《一》.mp4".as_bytes(), b"one"),
        item("展播/川北片区报送材料/乙大学《二》.mp4".as_bytes(), b"two"),
        item("展播/川西片区.zip".as_bytes(), &inner),
    ]);
    place.file("", "全部.zip", &all);
    let (_, report) = checked(&place);
    assert_eq!(
        sources(&report),
        [
            own(
                "成都第一片区",
                "全部.zip/展播/成都第一片区/甲大学《一》.mp4",
                None
            ),
            own(
                "川北片区",
                "全部.zip/展播/川北片区报送材料/乙大学《二》.mp4",
                None
            ),
            own(
                "川西片区",
                "全部.zip/展播/川西片区.zip/西昌学院《宽银幕》.mp4",
                None
            ),
        ]
    );
    let regions: Vec<_> = report["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["name"])
        .collect();
    assert!(!regions.iter().any(|name| *name == "全部"), "{regions:?}");
}

#[test]
fn names_come_from_the_flag_the_field_or_all_together() {
    let place = Place::new();
    let (name, stale) = (gbk("成都大学《雨》.mp4"), gbk("改过的名字.mp4"));
    let fresh = item(&name, b"a").with(|i| i.extra = unicode_field("成都大学《风雨》.mp4", &name));
    let old = item(&stale, b"b").with(|i| i.extra = unicode_field("旧名.mp4", b"another name"));
    place.file("", "成都第二片区.zip", &zip(&[fresh, old]));
    place.file(
        "",
        "川南片区.zip",
        &zip(&[item("宜宾学院《江水》.mp4".as_bytes(), b"c")]),
    );
    let (_, report) = checked(&place);
    let found: Vec<_> = sources(&report)
        .into_iter()
        .map(|(_, source, _)| source)
        .collect();
    assert_eq!(
        found,
        [
            "成都第二片区.zip/成都大学《风雨》.mp4",
            "成都第二片区.zip/改过的名字.mp4",
            "川南片区.zip/宜宾学院《江水》.mp4",
        ]
    );
}

#[test]
fn archives_are_opened_three_deep_and_no_deeper() {
    let place = Place::new();
    let mut packed = zip(&[item("四.mp4".as_bytes(), b"4").flags(0x800)]);
    for (depth, name) in [(3, "三"), (2, "二"), (1, "一")] {
        let inner = item(format!("里{depth}.zip"), &packed).flags(0x800);
        let film = item(format!("{name}.mp4"), name.as_bytes()).flags(0x800);
        packed = zip(&[film, inner]);
    }
    place.file("", "川北片区.zip", &packed);
    let (_, report) = checked(&place);
    let found: Vec<_> = sources(&report)
        .into_iter()
        .map(|(_, source, _)| source)
        .collect();
    assert_eq!(
        found,
        [
            "川北片区.zip/一.mp4",
            "川北片区.zip/里1.zip/里2.zip/三.mp4",
            "川北片区.zip/里1.zip/二.mp4",
        ]
    );
    assert!(rules(&report, "川北片区").contains(&"archive-too-deep"));
    assert!(places(&report).contains(&"川北片区.zip/里1.zip/里2.zip/里3.zip"));
}

#[test]
fn a_film_from_an_archive_is_made_once_and_the_store_follows_the_inbox() {
    needs!("ffmpeg");
    let place = Place::new();
    let film = fs::read(plain(1, 7)).unwrap();
    let packed = zip(&[
        item(gbk("甲大学《一》.mp4"), &film),
        item(gbk("甲大学《一》.docx"), &word()),
    ]);
    let archive = place.file("", "甲片区.zip", &packed);
    ended(&mut run(&place)).with(0);
    let record = report(&place.out());
    let master = submission(&record, "甲大学《一》.mp4")["outputs"]["master"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(place.out().join(&master).is_file());
    let before = tree(&place.out().join("work/unpacked"));
    assert_eq!(before.len(), 4, "{before:?}");
    ended(&mut run(&place)).with(0);
    assert_eq!(
        tree(&place.out().join("work/unpacked")),
        before,
        "it was unpacked again"
    );
    let again = report(&place.out());
    assert_eq!(
        submission(&again, "甲大学《一》.mp4")["job"]["outcome"],
        "done",
        "nothing new is to be said, so the page still tells of the run that made it"
    );
    // A file of the store that is gone is unpacked again; the film is still the same film.
    fs::remove_file(
        fs::read_dir(place.out().join("work/unpacked"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path()
            .join("0001"),
    )
    .unwrap();
    ended(&mut run(&place)).with(0);
    let again = report(&place.out());
    assert_eq!(
        submission(&again, "甲大学《一》.mp4")["job"]["outcome"],
        "done"
    );
    // Moved under another name: another submission, from the same store.
    fs::rename(&archive, place.inbox().join("乙片区.zip")).unwrap();
    ended(&mut run(&place)).with(0);
    assert_eq!(manifests(&place.out()).len(), 1);
    fs::remove_file(place.inbox().join("乙片区.zip")).unwrap();
    ended(&mut run(&place)).with(0);
    assert_eq!(
        manifests(&place.out()).len(),
        0,
        "what nobody refers to any more is still there"
    );
}

#[test]
fn a_check_without_a_tree_and_a_plan_leave_nothing_behind() {
    let place = Place::new();
    place.file(
        "",
        "甲片区.zip",
        &zip(&[item(gbk("甲大学《一》.mp4"), b"no film")]),
    );
    let temporary = place.root().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let names = || tree(place.root()).into_keys().collect::<Vec<_>>();
    let before = names();
    let mut check = zhanbo();
    check
        .arg("check")
        .arg(place.inbox())
        .env("TMPDIR", &temporary);
    let ended_check = ended(&mut check).with(1);
    assert!(
        ended_check.stdout.contains("received 1"),
        "{}",
        ended_check.stdout
    );
    let mut plan = zhanbo();
    plan.arg("plan")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out())
        .env("TMPDIR", &temporary);
    let planned = ended(&mut plan).with(0);
    assert!(
        planned.stdout.contains("甲大学《一》"),
        "{}",
        planned.stdout
    );
    assert_eq!(names(), before);
}

#[test]
fn content_decides_what_is_an_archive() {
    let place = Place::new();
    let inside = zip(&[item("a.mp4", b"a")]);
    place.file("", "川北片区.zip", &rar5(&[("b.mp4", b"b", &[])]));
    place.file(
        "",
        "川东片区.rar",
        b"This is only a text about a region. "
            .repeat(20)
            .as_slice(),
    );
    place.file("川西片区", "没有扩展名", &inside);
    place.file("川西片区", "表.xlsx", &inside);
    place.file("川西片区", "四川音乐学院《合唱》.mp4", &inside);
    let (_, report) = checked(&place);
    let found = places(&report);
    has_all(
        &found,
        &[
            "川北片区.zip/b.mp4",
            "川西片区/没有扩展名/a.mp4",
            "川西片区/表.xlsx",
            "川西片区/四川音乐学院《合唱》.mp4",
        ],
    );
    assert!(rules(&report, "川东片区").contains(&"archive-is-none"));
    assert_eq!(
        submission(&report, "四川音乐学院《合唱》.mp4")["verdict"],
        "unreadable"
    );
    assert_eq!(manifests(&place.out()).len(), 3);
}
