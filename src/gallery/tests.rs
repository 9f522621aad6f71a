//! The website as a whole, on made reports: nothing breaks out, nothing leads nowhere, nothing is too heavy.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Tile, Track};
use super::{Facts, File, files};
use crate::check::Verdict;
use crate::id::SubmissionId;
use crate::report::model::Report;
use crate::report::sample;
use crate::report::seen::{self, Element};
use crate::subtitle::Cue;
use crate::text::{Lang, Text};
use crate::units::Millis;

fn facts_of(report: &Report) -> BTreeMap<SubmissionId, Facts> {
    let shown = report
        .submissions
        .iter()
        .filter(|s| s.verdict.is_accepted() && s.outputs.is_some());
    let facts = |at: usize| Facts {
        made_at: jiff::Timestamp::from_second(1_783_000_000 + i64::try_from(at / 2).unwrap())
            .unwrap(),
        tracks: vec![Track {
            file: "zh.vtt".into(),
            tag: "zh".into(),
            label: "中文".into(),
            cues: vec![Cue {
                start: Millis(0),
                end: Millis(1500),
                text: "</script>&".into(),
            }],
        }],
        tiles: vec![Tile {
            start: Millis(0),
            end: Millis(2000),
            sheet: "storyboard-1.jpg".into(),
            area: [0, 0, 320, 180],
        }],
    };
    shown
        .enumerate()
        .map(|(at, s)| (s.id.clone(), facts(at)))
        .collect()
}

fn website(report: &Report, lang: Lang) -> Vec<File> {
    files(report, &facts_of(report), lang).unwrap()
}

fn text<'f>(files: &'f [File], path: &str) -> &'f str {
    let file = files.iter().find(|file| file.path == path);
    std::str::from_utf8(&file.unwrap_or_else(|| panic!("no {path}")).bytes).unwrap()
}

fn pages(files: &[File]) -> impl Iterator<Item = (&str, &str)> {
    let pages = files
        .iter()
        .filter(|file| file.path.ends_with("index.html"));
    pages.map(|file| {
        (
            file.path.as_str(),
            std::str::from_utf8(&file.bytes).unwrap(),
        )
    })
}

/// As many accepted films as names, each called so in every place where a name can stand.
fn named(names: &[String], regions: &[String]) -> Report {
    let mut report = sample::named(names);
    let made = sample::find("爱我中华").outputs;
    for (at, (submission, name)) in report.submissions.iter_mut().zip(names).enumerate() {
        submission.verdict = Verdict::Accepted;
        submission.outputs.clone_from(&made);
        submission.unit = Some(name.clone());
        submission.title = Some(name.clone());
        submission.region.clone_from(&regions[at % 30]);
        submission.introduction_text = vec![name.clone(), "写雨。".into()];
    }
    report.showcase.title = Text::same(names[0].clone());
    report.showcase.site.copyright = Some(Text::same(names[1].clone()));
    report.showcase.site.base_url = Some("https://example.org".into());
    report
}

/// Name and attributes' names of every element, as a browser's parser sees them.
fn elements(html: &str) -> Vec<(String, Vec<String>)> {
    let names = |element: Element| element.attributes.into_iter().map(|(name, _)| name);
    let elements = seen::parsed(html).into_iter();
    elements
        .map(|element| (element.name.clone(), names(element).collect()))
        .collect()
}

#[test]
fn three_hundred_hostile_names_add_no_element_and_no_attribute() {
    let names = sample::hostile_names();
    let harmless = sample::harmless_names(&names);
    let regions: Vec<_> = (0..names.len()).map(|at| format!("甲{at}")).collect();
    // In the order of the films, since slugs differ.
    let seen = |names: &[String], regions: &[String]| {
        let report = named(names, regions);
        let website = website(&report, Lang::Zh);
        let pages: Vec<_> = pages(&website).map(|(_, html)| elements(html)).collect();
        (pages, website)
    };
    let ((hostile, website), (plain, _)) = (seen(&names, &names), seen(&harmless, &regions));
    assert_eq!(hostile.len(), plain.len());
    assert!(hostile.len() > 301, "home, a page each, regions");
    for (found, expected) in hostile.iter().zip(&plain) {
        assert_eq!(found, expected);
    }
    for path in ["sitemap.xml", "feed.xml"] {
        let mut reader = quick_xml::Reader::from_str(text(&website, path));
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    }
}

#[test]
fn data_for_machines_is_json_whatever_a_title_says() {
    let names = sample::hostile_names();
    let website = website(&named(&names, &names), Lang::Zh);
    let mut films = 0;
    for (path, html) in pages(&website).filter(|(path, _)| path.starts_with("v/")) {
        let (_, rest) = html
            .split_once("<script type=\"application/ld+json\">")
            .unwrap();
        let (json, _) = rest.split_once("</script>").unwrap();
        let object: serde_json::Value =
            serde_json::from_str(json).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(object["@type"], "VideoObject");
        assert!(
            object["thumbnailUrl"]
                .as_str()
                .unwrap()
                .starts_with("https://example.org/media/")
        );
        assert!(object["uploadDate"].as_str().unwrap().ends_with("+08:00"));
        films += 1;
    }
    assert_eq!(films, names.len());
    let cues = website
        .iter()
        .find(|file| file.path.starts_with("assets/cues/"))
        .unwrap();
    let cues = std::str::from_utf8(&cues.bytes).unwrap();
    assert_eq!(
        cues,
        "window.zhanboCues={\"tiles\":[[0.0,2.0,\"storyboard-1.jpg\",[0,0,320,180]]],\"tracks\":[{\"lang\":\"zh\",\
         \"label\":\"中文\",\"cues\":[[0.0,1.5,\"\\u003c/script\\u003e\\u0026\"]]}]};\n"
    );
}

/// Where a page leads, resolved inside `site/`; addresses of other places are not taken.
fn leads_to(path: &str, html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in [
        "href=\"",
        "src=\"",
        "srcset=\"",
        "poster=\"",
        "data-hls=\"",
        "data-mp4=\"",
        "data-engine=\"",
        "data-cues=\"",
    ] {
        for rest in html.split(attribute).skip(1) {
            let address = rest.split('"').next().unwrap();
            if address.starts_with('#') || address.starts_with("https://example.org") {
                continue;
            }
            let mut place: Vec<&str> = path.split('/').collect();
            place.pop();
            for part in address.split(['?', '#']).next().unwrap().split('/') {
                if part == ".." {
                    assert!(
                        place.pop().is_some(),
                        "{path} leads out of the website: {address}"
                    );
                } else {
                    place.push(part);
                }
            }
            found.push(place.join("/"));
        }
    }
    found
}

#[test]
fn every_link_leads_to_a_file_of_the_website() {
    let mut report = sample::report();
    report.showcase.site.base_url = Some("https://example.org".into());
    let website = website(&report, Lang::Zh);
    let files: BTreeSet<&str> = website.iter().map(|file| file.path.as_str()).collect();
    let mut links = 0;
    for (path, html) in pages(&website) {
        for link in leads_to(path, html) {
            assert!(
                link.starts_with("media/") || files.contains(link.as_str()),
                "{path} leads to {link}"
            );
            links += 1;
        }
        assert!(html.contains("default-src 'self'") || html.contains("default-src &#39;self&#39;"));
        for other in ["http://", "//cdn", "@import", "style=\"", "onclick"] {
            assert!(!html.contains(other), "{path} has {other}");
        }
    }
    assert!(links > 50, "{links}");
}

#[test]
fn only_what_there_are_facts_of_is_named_anywhere() {
    let report = sample::report();
    let mut facts = facts_of(&report);
    let (hidden, _) = facts.pop_first().unwrap();
    let hidden = report.submissions.iter().find(|s| s.id == hidden).unwrap();
    let website = files(&report, &facts, Lang::Zh).unwrap();
    let returned = report
        .submissions
        .iter()
        .filter(|s| !s.verdict.is_accepted());
    for gone in returned.chain([hidden]) {
        for file in website
            .iter()
            .filter(|file| !file.path.ends_with("hls.min.js"))
        {
            let text = std::str::from_utf8(&file.bytes).unwrap();
            assert!(
                !text.contains(gone.id.as_str()),
                "{} names {}",
                file.path,
                gone.id
            );
        }
    }
}

#[test]
fn whole_addresses_stand_only_where_one_is_known() {
    let mut report = sample::report();
    let without = website(&report, Lang::Zh);
    let named: Vec<_> = without.iter().map(|file| file.path.as_str()).collect();
    assert!(!named.contains(&"sitemap.xml") && !named.contains(&"feed.xml"));
    for (path, html) in pages(&without) {
        assert!(
            !html.contains("og:url") && !html.contains("og:image") && !html.contains("canonical"),
            "{path}"
        );
    }
    report.showcase.site.base_url = Some("https://example.org/zhanbo".into());
    let with = website(&report, Lang::Zh);
    let (path, page) = pages(&with)
        .find(|(path, _)| path.starts_with("v/"))
        .unwrap();
    let folder = path.trim_end_matches("index.html");
    assert!(page.contains(&format!(
        "<link rel=\"canonical\" href=\"https://example.org/zhanbo/{folder}\">"
    )));
    assert!(page.contains("property=\"og:image\" content=\"https://example.org/zhanbo/media/"));
    assert!(
        text(&with, "sitemap.xml")
            .contains(&format!("<loc>https://example.org/zhanbo/{folder}</loc>"))
    );
    assert!(text(&with, "feed.xml").contains(&format!(
        "<guid isPermaLink=\"true\">https://example.org/zhanbo/{folder}</guid>"
    )));
    assert!(text(&with, "robots.txt").contains("Sitemap: https://example.org/zhanbo/sitemap.xml"));
}

#[test]
fn the_website_speaks_one_language_and_both_are_complete() {
    let mut report = sample::report();
    for submission in &mut report.submissions {
        submission.unit = Some("Unit".into());
        submission.title = Some("Title".into());
        submission.original_name = "film.mp4".into();
        submission.region = "Region".into();
        submission.introduction_text.clear();
    }
    let english = website(&report, Lang::En);
    for (path, html) in pages(&english) {
        let chinese: String = html
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .collect();
        let labels = html.matches("中文").count() * 2;
        assert_eq!(chinese.chars().count(), labels, "{path}: {chinese}");
        assert!(html.contains("<html lang=\"en\">"));
    }
    let chinese = website(&sample::report(), Lang::Zh);
    assert!(text(&chinese, "index.html").contains("<html lang=\"zh-CN\">"));
    assert!(text(&chinese, "index.html").contains("主办方有权发表、编辑和出版"));
}

#[test]
fn two_hundred_and_thirty_three_films_are_light_and_newest_first() {
    let names: Vec<_> = (0..233)
        .map(|at| format!("四川某某职业技术学院{at}"))
        .collect();
    let mut report = named(&names, &names);
    for (at, submission) in report.submissions.iter_mut().enumerate() {
        submission.region = format!("第{}片区", at % 8);
        let outputs = submission.outputs.as_mut().unwrap();
        outputs.poster_webp = Some("site/media/x/poster.webp".into());
        outputs.posters = ["480.jpg", "480.webp", "960.webp"]
            .map(|end| format!("site/media/x/p{end}"))
            .to_vec();
    }
    let website = website(&report, Lang::Zh);
    let home = text(&website, "index.html");
    let weight = |paths: &[&str]| {
        paths
            .iter()
            .map(|path| text(&website, path).len())
            .sum::<usize>()
    };
    let first = weight(&[
        "index.html",
        "assets/site.css",
        "assets/theme.js",
        "assets/site.js",
        "assets/favicon.svg",
    ]);
    assert!(first <= 150_000, "{first} bytes before the first picture");
    let (film, _) = pages(&website)
        .find(|(path, _)| path.starts_with("v/"))
        .unwrap();
    let first = weight(&[
        film,
        "assets/site.css",
        "assets/theme.js",
        "assets/site.js",
        "assets/player.js",
        "assets/favicon.svg",
    ]);
    assert!(first <= 150_000, "{first} bytes before the first picture");
    let shown = |at: usize| home.find(&format!("学院{at}<")).unwrap();
    assert!(shown(232) < shown(100) && shown(100) < shown(2));
    assert!(shown(2) < shown(3), "of one second in the report's order");
    assert_eq!(home.matches("loading=\"lazy\"").count(), 229);
}

#[test]
fn a_film_that_is_made_again_keeps_its_place() {
    let mut report = named(
        &["甲".into(), "乙".into(), "丙".into()],
        &vec!["川北".into(); 30],
    );
    for (submission, day) in report.submissions.iter_mut().zip([3, 1, 2]) {
        submission.first_accepted = Some(format!("2026-07-0{day}T08:00:00Z"));
    }
    let order = |report: &Report| {
        let website = files(report, &facts_of(report), Lang::Zh).unwrap();
        let home = text(&website, "index.html").to_owned();
        let mut names = ["甲", "乙", "丙"];
        names.sort_by_key(|name| home.find(&format!("<h3>{name}<")).unwrap());
        names.concat()
    };
    assert_eq!(
        order(&report),
        "甲丙乙",
        "by when they were accepted, not by when they were made"
    );
}

#[test]
fn a_card_offers_the_smaller_posters_that_there_are() {
    let mut report = named(&["甲".into(), "乙".into()], &vec!["川北".into(); 30]);
    let outputs = report.submissions[0].outputs.as_mut().unwrap();
    outputs.poster_webp = Some("site/media/x/poster.webp".into());
    outputs.posters = ["480.jpg", "480.webp", "960.webp"]
        .map(|end| format!("site/media/x/p{end}"))
        .to_vec();
    let picture = |report: &Report| {
        let website = website(report, Lang::Zh);
        let (_, after) = text(&website, "index.html")
            .split_once("<picture>")
            .unwrap();
        let (picture, _) = after.split_once("</picture>").unwrap();
        picture.replace(report.submissions[0].id.as_str(), "ID")
    };
    insta::assert_snapshot!(picture(&report), @r#"<source srcset="media/ID/p480.webp 480w,media/ID/p960.webp 960w" sizes="(max-width:40rem)42vw,20rem" type="image/webp"><img src="media/ID/p480.jpg" alt="" width="480" height="270">"#);
    let outputs = report.submissions[0].outputs.as_mut().unwrap();
    (outputs.poster_webp, outputs.posters) = (None, vec!["site/media/x/p480.jpg".into()]);
    insta::assert_snapshot!(picture(&report), @r#"<img src="media/ID/p480.jpg" srcset="media/ID/p480.jpg 480w,media/ID/poster.jpg 1280w" sizes="(max-width:40rem)42vw,20rem" alt="" width="480" height="270">"#);
}

#[test]
fn an_introduction_is_shown_without_how_to_reach_anybody() {
    let mut report = sample::report();
    for submission in &mut report.submissions {
        submission.introduction_text = vec![
            "写雨 <b>。联系人：张三 13800000000".into(),
            "电话：85520000".into(),
        ];
    }
    let website = website(&report, Lang::Zh);
    for file in website
        .iter()
        .filter(|file| !file.path.starts_with("assets/"))
    {
        let text = std::str::from_utf8(&file.bytes).unwrap();
        for private in ["张三", "13800000000", "85520000"] {
            assert!(!text.contains(private), "{}", file.path);
        }
    }
    let (_, page) = pages(&website)
        .find(|(path, _)| path.starts_with("v/"))
        .unwrap();
    assert!(page.contains("<p>写雨 &lt;b&gt;。</p>"));
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = sample::full();
    assert_eq!(website(&report, Lang::Zh), website(&report, Lang::Zh));
}

#[test]
fn an_empty_showcase_has_a_home_page() {
    let website = website(&sample::empty(), Lang::Zh);
    let home = text(&website, "index.html");
    assert!(home.contains("还没有上线的视频") && !home.contains("id=\"find\""));
    assert_eq!(pages(&website).count(), 1);
}
