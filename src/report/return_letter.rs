//! The words with which a submission goes back to its unit. In: a report and one of its submissions. Out: plain text to
//! paste into a message. Never blames the unit for a failure of ours: for those there is no letter.

use std::fmt::Write as _;

use super::model::{Report, SubmissionReport};
use super::terminal::printable;
use super::wording::{ById, Standing, clean, duplicate, name, region};
use crate::check::{Finding, Level, Verdict};
use crate::text::{Lang, Text};

/// The letter in one language; none where the unit has nothing to do.
pub(crate) fn letter(
    report: &Report,
    submission: &SubmissionReport,
    by_id: &ById<'_>,
    lang: Lang,
) -> Option<String> {
    let standing = Standing::of(submission);
    if standing == Standing::Failed || !standing.needs_action() {
        return None;
    }
    let mut text = opening(submission, standing, lang);
    let points = points(submission, by_id, lang);
    for (number, point) in points.iter().enumerate() {
        if points.len() > 1 {
            let _ = write!(text, "{}. ", number + 1);
        }
        text += point;
        text.push('\n');
    }
    text += closing(standing, lang);
    let title = clean(&report.showcase.title);
    let _ = writeln!(text, "\n\n{}", title.in_lang(lang));
    Some(text)
}

fn opening(submission: &SubmissionReport, standing: Standing, lang: Lang) -> String {
    let addressee = submission
        .unit
        .as_deref()
        .map_or_else(|| region(&submission.region), |u| Text::same(printable(u)));
    let (video, file) = (name(submission), printable(&submission.original_name));
    let verdict = standing.text();
    match lang {
        Lang::Zh => format!(
            "{}：\n\n报送的视频 {video}（文件名：{file}）未能通过，结论：{}。\n\n",
            addressee.zh, verdict.zh
        ),
        Lang::En => format!(
            "To {},\n\nThe video {video} (file name: {file}) was not accepted: {}.\n\n",
            addressee.en, verdict.en
        ),
    }
}

fn closing(standing: Standing, lang: Lang) -> &'static str {
    if standing == Standing::Judged(Verdict::Duplicate) {
        return lang.pick(
            "同一视频只展播一次。请商定由哪个单位报送；如果是两部不同的视频，请回复说明。",
            "A video is shown once. Please settle which unit hands it in, or tell us if these are two \
             different videos.",
        );
    }
    lang.pick(
        "请按以上说明处理后重新报送。",
        "Please put this right and hand the video in again.",
    )
}

fn points(submission: &SubmissionReport, by_id: &ById<'_>, lang: Lang) -> Vec<String> {
    let same = duplicate(submission, by_id).map(|text| format!("{}\n", text.in_lang(lang)));
    let mut open: Vec<_> = submission.findings.iter().filter(|f| f.is_open()).collect();
    open.sort_by_key(|f| f.level);
    same.into_iter()
        .chain(open.into_iter().map(|f| point(f, lang)))
        .collect()
}

fn point(finding: &Finding, lang: Lang) -> String {
    let advice = match finding.level {
        Level::Requirement => "",
        Level::Advice => lang.pick("（建议）", "(advice) "),
    };
    let words = |text| clean(text).in_lang(lang).to_owned();
    let mut text = format!("{advice}{}\n", words(&finding.message));
    let clause = finding.clause.as_deref().map(printable).unwrap_or_default();
    let colon = lang.pick("：", ": ");
    for (label, value) in [
        (lang.pick("实测", "Measured"), words(&finding.measured)),
        (lang.pick("要求", "Allowed"), words(&finding.allowed)),
        (lang.pick("依据", "Clause"), clause),
        (lang.pick("处理办法", "What to do"), words(&finding.remedy)),
    ] {
        if !value.is_empty() {
            let _ = writeln!(text, "   {label}{colon}{value}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{sample, wording};

    fn sent(title: &str, lang: Lang) -> Option<String> {
        let report = sample::report();
        letter(
            &report,
            &sample::find(title),
            &wording::by_id(&report),
            lang,
        )
    }

    #[test]
    fn a_returned_video_goes_back_with_every_reason() {
        insta::assert_snapshot!(sent("雨巷", Lang::Zh).unwrap(), @"
        成都信息工程大学：

        报送的视频 成都信息工程大学《雨巷》（文件名：成都信息工程大学《雨巷》.mp4）未能通过，结论：退回。

        1. 视频超过 5 分钟
           实测：6:02.800
           要求：不超过 5:00.000
           依据：视频时长不超过5分钟
           处理办法：请剪短至少 1:02.800

        2. 没有视频简介
           实测：没有找到
           要求：一份 Word 文档
           依据：附视频简介（Word文档）
           处理办法：请附上同名的 .docx 文件

        请按以上说明处理后重新报送。

        庆祝建党100周年诗歌朗诵、合唱视频展播
        ");
        insta::assert_snapshot!(sent("雨巷", Lang::En).unwrap(), @"
        To 成都信息工程大学,

        The video 成都信息工程大学《雨巷》 (file name: 成都信息工程大学《雨巷》.mp4) was not accepted: returned.

        1. the video is longer than 5 minutes
           Measured: 6:02.800
           Allowed: at most 5:00.000
           Clause: 视频时长不超过5分钟
           What to do: cut at least 1:02.800

        2. the introduction is missing
           Measured: not found
           Allowed: a Word document
           Clause: 附视频简介（Word文档）
           What to do: add a .docx of the same name

        Please put this right and hand the video in again.

        Showcase of poetry recitals and choirs for the centenary
        ");
    }

    #[test]
    fn a_duplicate_names_the_other() {
        insta::assert_snapshot!(sent("小猫", Lang::Zh).unwrap(), @"
        四川文理学院：

        报送的视频 四川文理学院《小猫》（文件名：四川文理学院《小猫》.mp4）未能通过，结论：重复。

        与西南科技大学《猫》（川北片区）看起来是同一部片子（相似度 97%）

        同一视频只展播一次。请商定由哪个单位报送；如果是两部不同的视频，请回复说明。

        庆祝建党100周年诗歌朗诵、合唱视频展播
        ");
    }

    #[test]
    fn what_failed_with_us_and_what_is_accepted_get_no_letter() {
        assert_eq!(sent("稻花香", Lang::Zh), None);
        assert_eq!(sent("我的祖国", Lang::Zh), None);
    }

    #[test]
    fn a_video_without_a_unit_is_addressed_to_its_region() {
        let report = sample::report();
        let nameless = report
            .submissions
            .iter()
            .find(|s| s.unit.is_none())
            .unwrap();
        let text = letter(&report, nameless, &wording::by_id(&report), Lang::Zh).unwrap();
        assert!(text.starts_with("成都第三片区：\n"), "{text}");
    }
}
