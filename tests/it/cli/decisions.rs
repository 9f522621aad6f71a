use crate::media_maker::{Place, needs, plain};
use crate::program::{Ended, ended, report, submission, zhanbo};

const WHO: &str = "by = \"秘书处\"\nreason = \"会上定的\"\n";

/// Two films of which one lacks its introduction, checked by the notice of 2021 and this showcase.toml.
fn checked(place: &Place, showcase: &str) -> Ended {
    std::fs::write(
        place.inbox().join("showcase.toml"),
        format!("preset = \"sichuan-2021-showcase\"\n{showcase}"),
    )
    .unwrap();
    ended(
        zhanbo()
            .arg("check")
            .arg(place.inbox())
            .arg("-o")
            .arg(place.out()),
    )
}

fn place() -> Place {
    let place = Place::new();
    place.introduced("川北片区", "甲大学《一》.mp4", &plain(1, 1));
    place.film("川北片区", "乙大学《二》.mp4", &plain(1, 2));
    place
}

#[test]
fn dates_and_decisions_change_verdicts_and_stay_on_record() {
    needs!("ffmpeg");
    let place = place();
    checked(&place, "").with(1);
    let before = report(&place.out());
    assert_eq!(
        submission(&before, "乙大学《二》.mp4")["verdict"],
        "returned"
    );

    let showcase = format!(
        "resubmit_by = 2021-07-20\n[[delivery]]\nregion = \"川北片区\"\nreceived = 2021-07-14\n\
         [[override]]\nunit = \"乙大学\"\ntitle = \"二\"\nverdict = \"accepted\"\n{WHO}\
         [[waive]]\nsource = \"川北片区/甲大学《一》.mp4\"\nrule = \"late\"\n{WHO}"
    );
    checked(&place, &showcase);
    let after = report(&place.out());
    assert_eq!(after["showcase"]["resubmit_by"], "2021-07-20");
    let second = submission(&after, "乙大学《二》.mp4");
    assert_eq!(second["verdict"], "accepted_with_warnings");
    assert_eq!(second["overridden"]["was"], "returned");
    let rules: Vec<_> = second["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["rule"])
        .collect();
    assert!(rules.contains(&&"late".into()), "{rules:?}");
    let first = submission(&after, "甲大学《一》.mp4");
    assert_eq!(first["verdict"], "accepted");
    let decisions = after["decisions"].as_array().unwrap();
    let kinds: Vec<_> = decisions
        .iter()
        .map(|d| (d["kind"].as_str().unwrap(), d["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(kinds, [("delivery", 3), ("override", 6), ("waive", 12)]);
    assert!(
        decisions.iter().all(|decision| decision["matched"] == true),
        "{decisions:?}"
    );
    assert_eq!(after["remarks"], serde_json::Value::Null);
}

#[test]
fn a_slip_in_a_name_is_told_with_its_line_and_the_nearest() {
    needs!("ffmpeg");
    let place = place();
    let slip = format!(
        "[[waive]]\nsource = \"川北片区/乙大学《三》.mp4\"\nrule = \"introduction\"\n{WHO}"
    );
    let said = checked(&place, &slip).with(1).stdout;
    assert!(said.contains("showcase.toml line 2"), "{said}");
    assert!(
        said.contains("did you mean \"川北片区/乙大学《二》.mp4\"?"),
        "{said}"
    );
    assert_eq!(report(&place.out())["decisions"][0]["matched"], false);
}
