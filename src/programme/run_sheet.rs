//! The run sheet as rows: what plays when, for how long, and what to do if it fails. In: entries and a line-up. Out: rows in
//! both languages, which `report::run_sheet` makes into a page and a workbook. Pure.

use super::lineup::{Lineup, Part};
use super::order::{Entry, What};
use super::sheet::Written;
use crate::preset::ClockTime;
use crate::text::{Lang, Text};
use crate::units::Millis;

/// Names in `programme/`.
pub const PAGE: &str = "run-sheet.html";
/// The workbook, which may be changed and is read back.
pub const WORKBOOK: &str = "run-sheet.xlsx";

/// Everything on the run sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSheet {
    /// The event's title.
    pub title: Text,
    /// When it begins, where that is known.
    pub begins: Option<ClockTime>,
    /// How long all of it is.
    pub length: Millis,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it is known by when the sheet comes back.
    pub key: String,
    /// Place, from 1.
    pub order: usize,
    /// The region.
    pub region: String,
    /// The unit.
    pub unit: String,
    /// The title, or what the item is.
    pub title: Text,
    /// When it starts, from the programme's start.
    pub starts_at: Millis,
    /// How long it is, with its slate.
    pub length: Millis,
    /// Its subtitles.
    pub subtitles: Text,
    /// A note.
    pub note: String,
    /// What to do if it fails.
    pub plan_b: Text,
}

impl RunSheet {
    /// From what plays.
    pub fn new(
        title: &Text,
        begins: Option<ClockTime>,
        entries: &[Entry],
        lineup: &Lineup,
    ) -> Self {
        let starts: Vec<u64> = lineup.starts().collect();
        let rows = entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| row(index + 1, entry, lineup, &starts));
        RunSheet {
            title: title.clone(),
            begins,
            length: lineup.duration(),
            rows: rows.collect(),
        }
    }

    /// The rows as a sheet in this language holds them.
    pub fn written(&self, lang: Lang) -> Vec<Written> {
        let rows = self.rows.iter().map(|row| Written {
            key: row.key.clone(),
            note: row.note.clone(),
            plan_b: row.plan_b.in_lang(lang).to_owned(),
        });
        rows.collect()
    }

    /// When a row starts, for people: the time of day where it is known, else the time since the start.
    pub fn start(&self, row: &Row) -> String {
        let seconds = row.starts_at.0 / 1000;
        let clock = |seconds: u64| {
            format!(
                "{:02}:{:02}:{:02}",
                seconds / 3600,
                seconds / 60 % 60,
                seconds % 60
            )
        };
        match self.begins {
            Some(begins) => clock((begins.seconds() + seconds) % 86_400),
            None => clock(seconds),
        }
    }
}

fn row(order: usize, entry: &Entry, lineup: &Lineup, starts: &[u64]) -> Option<Row> {
    let own = |part: &&Part| part.order == order;
    let first = lineup.parts.iter().position(|part| part.order == order)?;
    let parts: Vec<&Part> = lineup.parts.iter().filter(own).collect();
    let frames: u64 = parts.iter().map(|part| part.frames).sum();
    let rate = lineup.frame_rate;
    let next = lineup.parts.iter().find(|part| part.order > order);
    let (region, unit, title, subtitles) = match &entry.what {
        What::Film(film) => (
            film.region.clone(),
            film.unit.clone(),
            Text::same(film.title.clone()),
            subtitles(&film.subtitles),
        ),
        What::Still { source, .. } => still(source),
        What::Pause(_) => plain(Text::new("（黑场）", "(black)")),
        What::Section { words, .. } => plain(Text::new(
            format!("（章节片头）{words}"),
            format!("(section) {words}"),
        )),
    };
    let own_file = parts.last().map_or("", |part| part.file.as_str());
    let plan_b = match &entry.plan_b {
        Some(written) => Text::same(written.clone()),
        None => plan_b(own_file, next.map(|part| part.file.as_str())),
    };
    Some(Row {
        key: entry.key.clone(),
        order,
        region,
        unit,
        title,
        starts_at: match starts.get(first) {
            Some(0) | None => Millis(0),
            Some(frame) => rate.start_of(*frame),
        },
        length: rate.start_of(frames),
        subtitles,
        note: entry.note.clone(),
        plan_b,
    })
}

fn plain(title: Text) -> (String, String, Text, Text) {
    (String::new(), String::new(), title, Text::same(""))
}

fn still(source: &str) -> (String, String, Text, Text) {
    let name = source.rsplit('/').next().unwrap_or(source);
    plain(Text::new(
        format!("（图片）{name}"),
        format!("(picture) {name}"),
    ))
}

fn subtitles(languages: &[String]) -> Text {
    if languages.is_empty() {
        return Text::new("无", "none");
    }
    Text::new(
        format!("网站有（{}）", languages.join("、")),
        format!("on the web ({})", languages.join(", ")),
    )
}

/// By the numbers that files begin with: names are long, and whoever stands at the player has little time.
fn plan_b(own: &str, next: Option<&str>) -> Text {
    let number = |file: &str| file.split('-').next().unwrap_or(file).to_owned();
    let own = number(own);
    match next.map(number) {
        Some(next) => Text::new(
            format!("单独播放 {own}- 开头的文件；还不行就从 {next}- 开头的接着放"),
            format!("play the files that begin with {own}-; else go on with {next}-"),
        ),
        None => Text::new(
            format!("单独播放 {own}- 开头的文件"),
            format!("play the files that begin with {own}-"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lineup::{lineup, tests::*};
    use super::*;
    use crate::units::FrameRate;

    #[test]
    fn rows_have_the_time_of_day_where_it_is_known() {
        let entries = [film("甲", "一"), film("乙", "二")];
        let lineup = lineup(
            &entries,
            &settings(),
            FrameRate { num: 25, den: 1 },
            &masters(&[("一", 25), ("二", 25)]),
            None,
        );
        let title = Text::same("展播");
        let sheet = RunSheet::new(&title, None, &entries, &lineup);
        let times: Vec<_> = sheet
            .rows
            .iter()
            .map(|row| (sheet.start(row), row.length))
            .collect();
        assert_eq!(
            times,
            [
                ("00:00:00".into(), Millis(15_000)),
                ("00:00:15".into(), Millis(15_000))
            ]
        );
        let at_nine = RunSheet::new(&title, "23:59".parse().ok(), &entries, &lineup);
        assert_eq!(at_nine.start(&at_nine.rows[1]), "23:59:15");
        assert_eq!(
            sheet.rows[0].plan_b.zh,
            "单独播放 01- 开头的文件；还不行就从 02- 开头的接着放"
        );
    }
}
