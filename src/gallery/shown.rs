//! What the website shows. In: a [`Report`], today, and what really lies there. Out: which submissions are shown, the
//! report's paths of them, and what the secretary should know. Pure.

use std::collections::BTreeSet;

use crate::id::SubmissionId;
use crate::layout::Layout;
use crate::preset::Date;
use crate::report::model::{Outputs, Report, SubmissionReport};
use crate::text::Text;

/// Which submissions are on the website today.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// They are.
    pub ids: BTreeSet<SubmissionId>,
    /// They will be, from the day of the reveal on: the meeting's programme.
    pub withheld: BTreeSet<SubmissionId>,
    /// They should be, but their files are gone.
    pub gone: BTreeSet<SubmissionId>,
}

/// Decides: what is accepted and made is shown, but for the programme's films before the day of the reveal.
pub fn shown(report: &Report, today: &Date, is_there: impl Fn(&SubmissionId) -> bool) -> Shown {
    let programme: BTreeSet<_> = report
        .programme
        .iter()
        .map(|item| &item.submission)
        .collect();
    let site = &report.showcase.site;
    let is_early = site
        .reveal
        .as_deref()
        .is_some_and(|reveal| today.as_str() < reveal);
    let mut shown = Shown::default();
    for id in report
        .submissions
        .iter()
        .filter(|s| is_accepted(s))
        .map(|s| &s.id)
    {
        let place = if is_early && programme.contains(id) {
            &mut shown.withheld
        } else if is_there(id) {
            &mut shown.ids
        } else {
            &mut shown.gone
        };
        place.insert(id.clone());
    }
    shown
}

fn is_accepted(submission: &SubmissionReport) -> bool {
    submission.verdict.is_accepted() && submission.outputs.is_some()
}

/// Writes into the report where the outputs for the web lie: on the website, or withheld from it. Says whether that is
/// anything new.
pub fn place(report: &mut Report, is_shown: impl Fn(&SubmissionId) -> bool) -> bool {
    let mut moved = false;
    for submission in &mut report.submissions {
        let SubmissionReport {
            id,
            outputs: Some(outputs),
            ..
        } = submission
        else {
            continue;
        };
        let places = [Layout::media_name(id), Layout::withheld_name(id)];
        let [from, to] = if is_shown(id) {
            [&places[1], &places[0]]
        } else {
            [&places[0], &places[1]]
        };
        for path in paths(outputs) {
            let inside = path
                .strip_prefix(from.as_str())
                .filter(|rest| rest.starts_with('/'));
            if let Some(inside) = inside {
                *path = format!("{to}{inside}");
                moved = true;
            }
        }
    }
    moved
}

fn paths(outputs: &mut Outputs) -> impl Iterator<Item = &mut String> {
    let Outputs {
        web_mp4,
        hls,
        poster,
        poster_webp,
        posters,
        storyboard,
        subtitles,
        ..
    } = outputs;
    [web_mp4, hls, poster]
        .into_iter()
        .chain(poster_webp.iter_mut())
        .chain(posters.iter_mut())
        .chain(storyboard.iter_mut())
        .chain(subtitles.iter_mut())
}

/// What the secretary should know about the website.
pub fn remarks(report: &Report, shown: &Shown) -> Vec<Text> {
    let site = &report.showcase.site;
    let mut remarks = Vec::new();
    if site.base_url.is_none() {
        remarks.push(Text::new(
            "网站还没有写网址（showcase.toml 里 [site] 的 base_url）：先不做站点地图和 RSS，转发链接时不带图片",
            "the website has no address yet (base_url in [site] of showcase.toml): no sitemap, no RSS, no pictures in link \
             previews",
        ));
    }
    if let (Some(day), count @ 1..) = (&site.reveal, shown.withheld.len()) {
        remarks.push(Text::new(
            format!("节目单里的 {count} 个视频到 {day} 才上网站；到那天请再运行一次 run 或 site"),
            format!("videos of the programme that are not on the website before {day}: {count}; run `run` or `site` on that day"),
        ));
    }
    if let count @ 1.. = shown.gone.len() {
        remarks.push(Text::new(
            format!("{count} 个视频的文件不在输出文件夹里，没有上网站；请再运行一次 run"),
            format!("videos whose files are not in the output folder, so that the website does not show them: {count}; run `run` again"),
        ));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use crate::report::sample;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_accepted_and_made_is_shown_and_nothing_else() {
        let report = sample::report();
        let all = shown(&report, &day("2026-07-12"), |_| true);
        let expected: BTreeSet<_> = report
            .submissions
            .iter()
            .filter(|s| matches!(s.verdict, Verdict::Accepted | Verdict::AcceptedWithWarnings))
            .filter(|s| s.outputs.is_some())
            .map(|s| s.id.clone())
            .collect();
        assert!(!expected.is_empty() && expected.len() < report.submissions.len());
        assert_eq!(
            all,
            Shown {
                ids: expected.clone(),
                ..Shown::default()
            }
        );
        let none = shown(&report, &day("2026-07-12"), |_| false);
        assert_eq!(
            none,
            Shown {
                gone: expected,
                ..Shown::default()
            }
        );
    }

    #[test]
    fn the_programme_waits_for_its_day() {
        let mut report = sample::report();
        report.showcase.site.reveal = Some("2026-07-15".into());
        let on = |today| shown(&report, &day(today), |_| true);
        let programme: BTreeSet<_> = report
            .programme
            .iter()
            .map(|i| i.submission.clone())
            .collect();
        let before = on("2026-07-14");
        assert!(!programme.is_empty() && before.withheld == programme);
        assert!(before.ids.is_disjoint(&programme));
        let after = on("2026-07-15");
        assert!(after.withheld.is_empty() && after.ids.is_superset(&programme));
    }

    #[test]
    fn paths_say_where_things_lie_now() {
        let mut report = sample::report();
        assert!(!place(&mut report, |_| true));
        let before = report.clone();
        assert!(place(&mut report, |_| false));
        let outputs = report
            .submissions
            .iter()
            .find_map(|s| s.outputs.as_ref())
            .unwrap();
        for path in [&outputs.web_mp4, &outputs.hls, &outputs.poster] {
            assert!(path.starts_with("work/withheld/"), "{path}");
        }
        assert!(outputs.master.starts_with("masters/"));
        assert!(!place(&mut report, |_| false));
        assert!(place(&mut report, |_| true));
        assert_eq!(report, before);
    }

    #[test]
    fn what_is_left_out_is_said() {
        let mut report = sample::report();
        report.showcase.site.reveal = Some("2026-07-15".into());
        let early = shown(&report, &day("2026-07-01"), |_| false);
        let said: Vec<_> = remarks(&report, &early)
            .into_iter()
            .map(|r| format!("{}\n{}", r.zh, r.en))
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        网站还没有写网址（showcase.toml 里 [site] 的 base_url）：先不做站点地图和 RSS，转发链接时不带图片
        the website has no address yet (base_url in [site] of showcase.toml): no sitemap, no RSS, no pictures in link previews
        节目单里的 3 个视频到 2026-07-15 才上网站；到那天请再运行一次 run 或 site
        videos of the programme that are not on the website before 2026-07-15: 3; run `run` or `site` on that day
        1 个视频的文件不在输出文件夹里，没有上网站；请再运行一次 run
        videos whose files are not in the output folder, so that the website does not show them: 1; run `run` again
        ");
        report.showcase.site.base_url = Some("https://example.org".into());
        let late = shown(&report, &day("2026-07-15"), |_| true);
        assert_eq!(remarks(&report, &late), []);
    }
}
