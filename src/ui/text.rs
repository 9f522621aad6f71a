//! Words for events. In: an event. Out: one line without a line break, or nothing where it is not worth one.

use crate::event::Event;
use crate::report::model::JobOutcome;
use crate::report::terminal::printable;
use crate::text::{Lang, Text, count};
use crate::units::Bytes;

/// How a job ended, in a word.
pub fn outcome(outcome: JobOutcome) -> Text {
    match outcome {
        JobOutcome::Done => Text::new("完成", "done"),
        JobOutcome::UpToDate => Text::new("无需重做", "up to date"),
        JobOutcome::Returned => Text::new("退回", "returned"),
        JobOutcome::Failed => Text::new("失败", "failed"),
        JobOutcome::Cancelled => Text::new("中止", "cancelled"),
    }
}

/// One line about what happened, safe for a terminal.
pub fn line(event: &Event, lang: Lang) -> Option<String> {
    let text = match event {
        Event::InboxListed { submissions, bytes } => Text::new(
            format!("收件夹：{submissions} 个视频，{bytes}"),
            format!("inbox: {}, {bytes}", count(submissions, "video")),
        ),
        Event::Planned {
            to_make,
            up_to_date,
            returned,
            film_ms,
            ..
        } => Text::new(
            format!(
                "要制作 {to_make} 个（片长共 {film_ms}），无需重做 {up_to_date} 个，不制作 {returned} 个"
            ),
            format!(
                "to make: {to_make} ({film_ms} of film), up to date: {up_to_date}, not to be made: {returned}"
            ),
        ),
        Event::VerifyStarted { files, bytes } => Text::new(
            format!("要验证 {files} 个文件，{}", Bytes(*bytes)),
            format!("to verify: {}, {}", count(files, "file"), Bytes(*bytes)),
        ),
        Event::JobStarted { label, reason, .. } => Text::new(
            format!("开始 {label}（{}）", reason.zh),
            format!("started {label} ({})", reason.en),
        ),
        Event::JobFinished {
            label,
            outcome: how,
            reason,
            wall_ms,
            ..
        } => {
            let (word, seconds) = (outcome(*how), wall_ms.as_secs_f64());
            match how {
                JobOutcome::Failed | JobOutcome::Returned => Text::new(
                    format!("{} {label}：{}", word.zh, reason.zh),
                    format!("{} {label}: {}", word.en, reason.en),
                ),
                _ => Text::new(
                    format!("{} {label}（{seconds:.1} 秒）", word.zh),
                    format!("{} {label} ({seconds:.1} s)", word.en),
                ),
            }
        }
        Event::Unpacking { source, bytes } => Text::new(
            format!("解压 {source}（{bytes}）"),
            format!("unpacking {source} ({bytes})"),
        ),
        Event::EncoderRefused { why } => why.clone(),
        Event::Programme { what } => what.clone(),
        Event::WebsiteMade { films, remarks, .. } => {
            let remarks = |pick: fn(&Text) -> &str, mark: &str| -> String {
                let each = remarks
                    .iter()
                    .map(|remark| format!("{mark}{}", pick(remark)));
                each.collect()
            };
            Text::new(
                format!("网站：{films} 个视频{}", remarks(|r| &r.zh, "；")),
                format!(
                    "website: {}{}",
                    count(films, "video"),
                    remarks(|r| &r.en, "; ")
                ),
            )
        }
        Event::Stopping => Text::new(
            "正在停止：已完成的会保留，再按一次 Ctrl-C 立即退出",
            "stopping: what is done is kept; Ctrl-C once more quits at once",
        ),
        Event::RunStarted { .. }
        | Event::Surveyed { .. }
        | Event::Unpacked { .. }
        | Event::JobProgressed { .. }
        | Event::VerifyProgressed { .. }
        | Event::VerifyFinished { .. }
        | Event::RunFinished { .. } => {
            return None;
        }
    };
    Some(printable(text.in_lang(lang)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SubmissionId;
    use crate::units::Millis;

    #[test]
    fn a_failure_says_why_and_a_hostile_name_cannot_move_the_cursor() {
        let event = Event::JobFinished {
            id: SubmissionId::of("x"),
            label: "某大学《\x1b[2J清屏》".into(),
            outcome: JobOutcome::Failed,
            reason: Text::new("磁盘已满", "the disk is full"),
            wall_ms: Millis(1),
        };
        let line = line(&event, Lang::Zh).unwrap();
        assert!(
            line.contains("磁盘已满") && !line.contains('\x1b'),
            "{line:?}"
        );
    }

    #[test]
    fn a_website_says_in_one_line_what_is_to_be_known() {
        let event = Event::WebsiteMade {
            films: 3,
            withheld: 0,
            remarks: vec![Text::new("没有网址", "no address")],
        };
        assert_eq!(line(&event, Lang::Zh).unwrap(), "网站：3 个视频；没有网址");
        assert_eq!(
            line(&event, Lang::En).unwrap(),
            "website: 3 videos; no address"
        );
    }

    #[test]
    fn progress_is_no_line() {
        assert_eq!(
            line(
                &Event::JobProgressed {
                    id: SubmissionId::of("x"),
                    permille: 5
                },
                Lang::En
            ),
            None
        );
    }
}
