//! `site OUT`, and which films lie under `site/` at all.

use std::fs;

use serde_json::Value;

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run, submission, tree, zhanbo};

const REGION: &str = "成都第一片区";

fn made(showcase: &str) -> Place {
    let place = Place::new();
    place.file("", "showcase.toml", showcase.as_bytes());
    place.introduced(REGION, "甲大学《一》.mp4", &plain(1, 1));
    place.introduced(REGION, "乙大学《二》.mp4", &plain(1, 2));
    ended(&mut run(&place)).with(0);
    place
}

fn site(place: &Place) -> crate::program::Ended {
    ended(zhanbo().args(["site", "--lang", "zh"]).arg(place.out()))
}

fn id(place: &Place, name: &str) -> String {
    submission(&report(&place.out()), name)["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn media(place: &Place) -> Vec<String> {
    let folders = fs::read_dir(place.out().join("site/media")).unwrap();
    let mut names: Vec<_> = folders
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Every file under `site/` whose name or text has this in it.
fn mentions(place: &Place, what: &str) -> Vec<String> {
    let files = tree(&place.out().join("site")).into_keys();
    files
        .filter(|name| {
            let bytes = fs::read(place.out().join("site").join(name.trim_start_matches('/')))
                .unwrap_or_default();
            name.contains(what) || bytes.windows(what.len()).any(|w| w == what.as_bytes())
        })
        .collect()
}

fn set_verdict(place: &Place, verdict: Option<&str>) {
    let text = verdict.map_or_else(String::new, |verdict| {
        format!(
            "[[override]]\nunit = \"甲大学\"\ntitle = \"一\"\nverdict = \"{verdict}\"\nby = \"秘书处\"\nreason = \"会上定的\"\n"
        )
    });
    place.file("", "showcase.toml", text.as_bytes());
}

#[test]
fn a_run_leaves_a_website_and_site_makes_it_again_to_the_byte() {
    needs!("ffmpeg");
    let place = made("[site]\nbase_url = \"https://example.org/zhanbo\"\n");
    let index = fs::read_to_string(place.out().join("index.html")).unwrap();
    assert!(index.contains("href=\"site/index.html\""));
    let before = tree(&place.out().join("site"));
    for name in [
        "/index.html",
        "/assets/site.css",
        "/assets/hls.min.js",
        "/robots.txt",
        "/sitemap.xml",
        "/feed.xml",
    ] {
        assert!(
            before.contains_key(name),
            "{name} is not in {:?}",
            before.keys()
        );
    }
    ended(&mut run(&place)).with(0);
    assert_eq!(
        tree(&place.out().join("site")),
        before,
        "nothing changed, nothing is written"
    );
    for folder in ["v", "assets", "region"] {
        fs::remove_dir_all(place.out().join("site").join(folder)).unwrap();
    }
    ended(zhanbo().arg("site").arg(place.out())).with(0);
    let contents = |all: &std::collections::BTreeMap<String, crate::program::Leaf>| -> Vec<_> {
        all.iter()
            .map(|(name, leaf)| (name.clone(), leaf.blake3.clone()))
            .collect()
    };
    assert_eq!(
        contents(&tree(&place.out().join("site"))),
        contents(&before)
    );
    site(&place).with(0);
    let page = fs::read_to_string(place.out().join("site/index.html")).unwrap();
    assert!(page.contains("lang=\"zh-CN\"") && page.contains("最新的在前"));
}

#[test]
fn what_is_returned_later_leaves_the_website_and_comes_back_without_encoding() {
    needs!("ffmpeg");
    let place = made("");
    let one = id(&place, "甲大学《一》.mp4");
    assert!(media(&place).contains(&one) && !mentions(&place, &one).is_empty());
    let film = place.out().join(format!("site/media/{one}/web.mp4"));
    let before = fs::metadata(&film).unwrap().modified().unwrap();
    let own = place.out().join("site/v/our-own.txt");
    fs::write(&own, "ours").unwrap();

    set_verdict(&place, Some("returned"));
    ended(&mut run(&place)).with(1);
    assert_eq!(mentions(&place, &one), [""; 0]);
    assert_eq!(media(&place).len(), 1);
    assert!(
        place
            .out()
            .join(format!("work/withheld/{one}/web.mp4"))
            .is_file()
    );
    assert!(own.exists());
    // What waits is still proven, where it waits.
    ended(zhanbo().arg("verify").arg(place.out())).with(0);

    set_verdict(&place, None);
    let events = ended(run(&place).arg("--json")).with(0).events();
    assert!(
        !events.iter().any(|event| event["event"] == "job_started"),
        "{events:?}"
    );
    assert_eq!(fs::metadata(&film).unwrap().modified().unwrap(), before);
    assert!(!mentions(&place, &one).is_empty());
    assert!(!place.out().join(format!("work/withheld/{one}")).exists());
    ended(zhanbo().arg("verify").arg(place.out())).with(0);
}

#[test]
fn a_film_that_is_gone_from_the_inbox_is_gone_from_the_website() {
    needs!("ffmpeg");
    let place = made("");
    let two = id(&place, "乙大学《二》.mp4");
    fs::remove_file(place.inbox().join(REGION).join("乙大学《二》.mp4")).unwrap();
    fs::remove_file(place.inbox().join(REGION).join("乙大学《二》.docx")).unwrap();
    ended(&mut run(&place)).with(0);
    assert_eq!(mentions(&place, &two), [""; 0]);
}

#[test]
fn the_programme_is_nowhere_under_site_before_its_day() {
    needs!("ffmpeg");
    let wish = "[[recommend]]\nregion = \"成都第一片区\"\ntitle = \"一\"\n";
    let place = made(&format!("{wish}[site]\nreveal = 2999-01-01\n"));
    let (one, two) = (
        id(&place, "甲大学《一》.mp4"),
        id(&place, "乙大学《二》.mp4"),
    );
    assert_eq!(media(&place), std::slice::from_ref(&two));
    assert_eq!(mentions(&place, &one), [""; 0]);
    let outputs = |place: &Place| -> Value {
        submission(&report(&place.out()), "甲大学《一》.mp4")["outputs"].clone()
    };
    let film = outputs(&place)["web_mp4"].as_str().unwrap().to_owned();
    assert_eq!(film, format!("work/withheld/{one}/web.mp4"));
    assert!(place.out().join(&film).is_file(), "the report leads to it");
    let said = site(&place).with(0).stderr;
    assert!(said.contains("1 个视频到 2999-01-01 才上网站"), "{said}");

    // The day comes: here by another date in the report, since the clock is the computer's.
    let path = place.out().join("report/report.json");
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("2999-01-01", "2021-01-01");
    fs::write(&path, text).unwrap();
    site(&place).with(0);
    assert_eq!(media(&place).len(), 2);
    assert!(!mentions(&place, &one).is_empty());
    let film = outputs(&place)["web_mp4"].as_str().unwrap().to_owned();
    assert_eq!(film, format!("site/media/{one}/web.mp4"));
    let page = fs::read_to_string(place.out().join("report/report.html")).unwrap();
    assert!(page.contains(&one) && !page.contains("work/withheld"));
}

#[test]
fn a_folder_without_a_report_is_told_what_to_do() {
    let place = Place::new();
    let said = ended(zhanbo().arg("site").arg(place.inbox()))
        .with(2)
        .stderr;
    assert!(
        said.contains("report.json cannot be read as a report"),
        "{said}"
    );
}

#[test]
fn somebody_elses_robots_txt_stays() {
    needs!("ffmpeg");
    let place = made("");
    let path = place.out().join("site/robots.txt");
    fs::write(&path, "User-agent: *\nDisallow: /\n").unwrap();
    site(&place).with(0);
    assert!(fs::read_to_string(&path).unwrap().contains("Disallow"));
}
