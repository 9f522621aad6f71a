use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, submission, tree, zhanbo};

/// `roster.csv` as an office in China saves it: GB18030.
const ROSTER: &str = "片区,单位,别名,曾用名\r\n\
    川北片区,西南科技大学,西科大,西南工学院\r\n\
    川北片区,绵阳师范学院,,\r\n\
    川北片区,川北医学院,,\r\n\
    川东片区,四川文理学院,,\r\n";

fn check(place: &Place, rules: &str) -> Value {
    let path = place.root().join("rules.toml");
    let head = "schema = \"zhanbo.rules/1\"\nname = \"x\"\ntitle = \"通知\"\nnotice = \"通知\"\n\
        regions = [\"川北片区\", \"川东片区\"]\n";
    fs::write(&path, format!("{head}{rules}")).unwrap();
    let mut check = zhanbo();
    check
        .arg("check")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out())
        .arg("--preset")
        .arg(path);
    // Two deliveries of one work and an unknown unit are told; that the regions recommend nothing is a requirement.
    ended(&mut check).with(1);
    report(&place.out())
}

fn messages(findings: &Value) -> String {
    let findings = findings.as_array().unwrap().iter();
    let lines = findings.map(|f| {
        let (rule, message) = (&f["rule"], &f["message"]["zh"]);
        format!("{}: {}", rule.as_str().unwrap(), message.as_str().unwrap())
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_roster_tells_whose_a_video_is_who_is_missing_and_which_version_counts() {
    needs!("ffmpeg");
    let place = Place::new();
    let (gbk, _, _) = encoding_rs::GB18030.encode(ROSTER);
    place.file("", "roster.csv", &gbk);
    place.film("川北片区", "西科大《猫》.mp4", &plain(1, 1));
    let old = place.film("川北片区", "绵阳师范学院《雨》.mp4", &plain(1, 2));
    place.film("川北片区", "绵阳师范学院+雨（修改版）.mp4", &plain(1, 3));
    // The older version was copied last: its time must not win over the name.
    let tomorrow = SystemTime::now() + Duration::from_hours(24);
    let file = fs::File::options().append(true).open(old).unwrap();
    file.set_modified(tomorrow).unwrap();
    place.film("川东片区", "四川文里学院《狗》.mp4", &plain(1, 4));
    let before = tree(&place.inbox());

    let report = check(&place, "[rules.naming]\nlevel = \"requirement\"\n");
    assert_eq!(tree(&place.inbox()), before);

    let cat = submission(&report, "西科大《猫》.mp4");
    assert_eq!(cat["unit"], "西南科技大学");
    assert_eq!(cat["verdict"], "accepted");
    assert_eq!(cat["findings"][0]["repaired"], "西南科技大学");

    let (earlier, later) = (
        submission(&report, "绵阳师范学院《雨》.mp4"),
        submission(&report, "绵阳师范学院+雨（修改版）.mp4"),
    );
    assert_eq!(earlier["verdict"], "duplicate");
    assert_eq!(earlier["superseded_by"], later["id"]);
    assert_eq!(later["verdict"], "accepted");
    let proposal = &later["name_proposal"];
    assert_eq!(proposal["name"], "绵阳师范学院《雨》.mp4");
    assert_eq!(proposal["steps"][0]["zh"], "去掉“（修改版）”");
    assert!(proposal["confidence"].as_f64().unwrap() > 0.9);

    let dog = submission(&report, "四川文里学院《狗》.mp4");
    assert_eq!(
        messages(&dog["findings"]),
        "unit: 名册里没有“四川文里学院”，是不是 四川文理学院？"
    );
    let ledger = report["roster"].as_array().unwrap();
    assert_eq!(ledger.len(), 4);
    assert_eq!(ledger[1]["submissions"].as_array().unwrap().len(), 2);
    assert_eq!(ledger[3]["to_be_confirmed"][0], dog["id"]);
    assert_eq!(
        messages(&report["regions"][0]["findings"]),
        "units-missing: “川北片区”还有 1 个单位没有报送：川北医学院。\nrecommendation-missing: 没有找到本片区推荐年会播放的视频；节目单暂放全部通过的视频，本片区有 2 个。"
    );
    let page = fs::read_to_string(place.out().join("report/report.html")).unwrap();
    assert!(page.contains("个单位未报送") && page.contains("待确认"));
}

#[test]
fn a_link_is_recorded_where_the_notice_takes_links_and_is_text_in_the_page() {
    needs!("ffmpeg");
    let place = Place::new();
    place.film("川北片区", "甲大学《一》.mp4", &plain(1, 1));
    place.film("川东片区", "乙大学《二》.mp4", &plain(1, 2));
    let list = "丙大学《三》 https://mp.weixin.qq.com/s/abc?x=1&y=2\n";
    place.file("川北片区", "推文链接.txt", list.as_bytes());
    let report = check(&place, "links = true\n");
    let link = &report["links"][0];
    assert_eq!(
        (&link["unit"], &link["title"], &link["region"]),
        (&"丙大学".into(), &"三".into(), &"川北片区".into())
    );
    assert_eq!(link["url"], "https://mp.weixin.qq.com/s/abc?x=1&y=2");
    let page = fs::read_to_string(place.out().join("report/report.html")).unwrap();
    assert!(page.contains("https:&#x2f;&#x2f;mp.weixin") || page.contains("https://mp.weixin"));
    assert!(!page.contains("href=\"https:"));

    let report = check(&place, "");
    assert_eq!(report["links"], Value::Null);
    let files = report["other_files"].as_array().unwrap();
    let file = files.iter().find(|f| f["path"] == "川北片区/推文链接.txt");
    let note = file.unwrap()["note"]["zh"].as_str().unwrap();
    assert!(note.contains("不接受链接"), "{note}");
}
