//! A run sheet that comes back from a person. In: the rows of its table as the worker read them, and what was written
//! into it. Out: the order, the notes and the plans that the person wants, or what in it can not be followed. Pure.
//!
//! Two ways of changing the order are understood: new numbers in the first column, and rows that were moved. A row that was
//! deleted, or has no number any more, does not play.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::order::Entry;
use crate::text::Text;

/// Headings of the columns that are read, in both languages.
const ORDER: [&str; 2] = ["序号", "No."];
const NOTES: [&str; 2] = ["备注", "Notes"];
const PLAN_B: [&str; 2] = ["备用方案", "Plan B"];
const KEY: [&str; 2] = ["编号（勿改）", "Key (keep)"];

/// Headings of the columns that are read: order, notes, plan B, key.
pub const HEADINGS: [[&str; 2]; 4] = [ORDER, NOTES, PLAN_B, KEY];

/// A row as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// What it is known by.
    pub key: String,
    /// Its note.
    pub note: String,
    /// What to do if it fails.
    pub plan_b: String,
}

/// What a person wants.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Edits {
    /// What plays, in order.
    pub rows: Vec<Edit>,
    /// The order that was there when they changed it.
    pub base: Vec<String>,
}

/// One row of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What it is known by.
    pub key: String,
    /// Another note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Another plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_b: Option<String>,
}

/// Why a run sheet can not be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetProblem {
    /// There is no row with the headings.
    NoHeadings,
    /// A row that was not written by us.
    UnknownRow {
        /// Counted from 1 below the headings.
        row: usize,
        /// What stands in it.
        text: String,
    },
    /// The same row twice.
    RowTwice {
        /// What stands in it.
        text: String,
    },
    /// The same number twice.
    NumberTwice {
        /// Which.
        number: String,
    },
    /// No number in the first column.
    NoNumber {
        /// What stands there.
        text: String,
    },
    /// Rows were moved and numbers changed, and the two do not say the same.
    MovedAndRenumbered,
}

impl SheetProblem {
    /// What is wrong, and what to do.
    pub fn text(&self) -> Text {
        let (zh, en) = match self {
            SheetProblem::NoHeadings => (
                "找不到表头（序号……编号）".to_owned(),
                "the row with the headings (No. … Key) is gone".to_owned(),
            ),
            SheetProblem::UnknownRow { row, text } => (
                format!(
                    "第 {row} 行（{text}）不是节目单里的节目，新节目请写进 showcase.toml 的 [[programme.item]]"
                ),
                format!(
                    "row {row} ({text}) is no item of the programme; add new ones as [[programme.item]] in showcase.toml"
                ),
            ),
            SheetProblem::RowTwice { text } => {
                (format!("{text} 有两行"), format!("{text} has two rows"))
            }
            SheetProblem::NumberTwice { number } => (
                format!("序号 {number} 出现了两次"),
                format!("number {number} stands there twice"),
            ),
            SheetProblem::NoNumber { text } => (
                format!("序号“{text}”不是数字；不播放的节目请把序号清空"),
                format!(
                    "{text:?} in the first column is no number; clear it for an item that is not to play"
                ),
            ),
            SheetProblem::MovedAndRenumbered => (
                "行的先后改了，序号也改了，两者不一致：请只用一种办法".to_owned(),
                "rows were moved and numbers changed, and the two differ: use one way only"
                    .to_owned(),
            ),
        };
        Text::new(
            format!(
                "programme/run-sheet.xlsx 的改动没有采用：{zh}。改好后再运行一次 zhanbo programme"
            ),
            format!(
                "the changes in programme/run-sheet.xlsx were not followed: {en}. Correct it and run `zhanbo programme` again"
            ),
        )
    }
}

/// A row of the table that has a key.
struct Row {
    key: String,
    number: Option<f64>,
    note: String,
    plan_b: String,
}

/// Reads what a person made of the sheet. `rows` are those of the whole table.
pub fn read(rows: &[Vec<String>], written: &[Written]) -> Result<Edits, SheetProblem> {
    let heading = |row: &Vec<String>, names: [&str; 2]| {
        row.iter().position(|cell| names.contains(&cell.trim()))
    };
    let found = rows
        .iter()
        .enumerate()
        .find_map(|(index, row)| Some((index, heading(row, ORDER)?, heading(row, KEY)?)));
    let (top, order_at, key_at) = found.ok_or(SheetProblem::NoHeadings)?;
    let (note_at, plan_at) = (heading(&rows[top], NOTES), heading(&rows[top], PLAN_B));
    let known: BTreeMap<&str, &Written> = written.iter().map(|w| (w.key.as_str(), w)).collect();
    let mut read: Vec<Row> = Vec::new();
    for (index, row) in rows.iter().enumerate().skip(top + 1) {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map_or("", |cell| cell.trim());
        let key = cell(Some(key_at));
        if key.is_empty() && cell(Some(order_at)).is_empty() {
            continue;
        }
        let text = || {
            row.iter()
                .filter(|c| !c.is_empty())
                .take(4)
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        };
        if !known.contains_key(key) {
            return Err(SheetProblem::UnknownRow {
                row: index - top,
                text: text(),
            });
        }
        if read.iter().any(|other| other.key == key) {
            return Err(SheetProblem::RowTwice { text: text() });
        }
        let written_number = cell(Some(order_at));
        let number = match written_number {
            "" => None,
            number => match number.parse::<f64>() {
                Ok(number) if number.is_finite() => Some(number),
                _ => {
                    return Err(SheetProblem::NoNumber {
                        text: number.to_owned(),
                    });
                }
            },
        };
        read.push(Row {
            key: key.to_owned(),
            number,
            note: cell(note_at).to_owned(),
            plan_b: cell(plan_at).to_owned(),
        });
    }
    read.retain(|row| row.number.is_some());
    let ordered = in_order(read, written)?;
    let changed = |now: String, before: &str| (now != before.trim()).then_some(now);
    let rows = ordered.into_iter().map(|row| {
        let before = known.get(row.key.as_str());
        Edit {
            note: changed(row.note, before.map_or("", |w| &w.note)),
            plan_b: changed(row.plan_b, before.map_or("", |w| &w.plan_b)),
            key: row.key,
        }
    });
    Ok(Edits {
        rows: rows.collect(),
        base: vec![],
    })
}

fn in_order(mut rows: Vec<Row>, written: &[Written]) -> Result<Vec<Row>, SheetProblem> {
    let number = |row: &Row| row.number.unwrap_or(f64::INFINITY);
    let mut seen: Vec<f64> = rows.iter().map(number).collect();
    seen.sort_by(f64::total_cmp);
    if let Some(twice) = seen
        .windows(2)
        .find(|two| two[0].total_cmp(&two[1]).is_eq())
    {
        return Err(SheetProblem::NumberTwice {
            number: twice[0].to_string(),
        });
    }
    if rows.is_sorted_by(|a, b| number(a) < number(b)) {
        return Ok(rows);
    }
    let place = |row: &Row| {
        written
            .iter()
            .position(|w| w.key == row.key)
            .unwrap_or(usize::MAX)
    };
    // As many as were written, each still where it was: the numbers say the order.
    if rows.is_sorted_by(|a, b| place(a) < place(b)) {
        rows.sort_by(|a, b| number(a).total_cmp(&number(b)));
        return Ok(rows);
    }
    // Moved with the numbers that they had: the rows say the order.
    let as_written = |row: &Row| {
        let place = u32::try_from(place(row)).unwrap_or(u32::MAX);
        (number(row) - f64::from(place) - 1.0).abs() < 0.5
    };
    if rows.iter().all(as_written) {
        return Ok(rows);
    }
    Err(SheetProblem::MovedAndRenumbered)
}

/// The entries as the person wants them. `explicit` is where showcase.toml lists every item: a list that was changed later
/// than the sheet wins, and only the sheet's notes are kept. Films that were recommended later stand behind those that they
/// follow.
pub fn apply(entries: Vec<Entry>, edits: &Edits, explicit: bool) -> (Vec<Entry>, Option<Text>) {
    let now: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let wishes: BTreeMap<&str, &Edit> = edits.rows.iter().map(|e| (e.key.as_str(), e)).collect();
    let noted = |mut entry: Entry| {
        if let Some(edit) = wishes.get(entry.key.as_str()) {
            entry.note = edit.note.clone().unwrap_or(entry.note);
            entry.plan_b = edit.plan_b.clone().or(entry.plan_b);
        }
        entry
    };
    if explicit && now != edits.base {
        let remark = Text::new(
            "showcase.toml 的 [[programme.item]] 在节目单表格之后改过，播放顺序以它为准；表格里的备注保留",
            "[[programme.item]] in showcase.toml was changed after the run sheet, and gives the order; the sheet's notes are kept",
        );
        return (entries.into_iter().map(noted).collect(), Some(remark));
    }
    let base: BTreeSet<&str> = edits.base.iter().map(String::as_str).collect();
    let mut order: Vec<String> = edits.rows.iter().map(|edit| edit.key.clone()).collect();
    order.retain(|key| now.contains(key));
    let mut before: Option<&String> = None;
    for key in &now {
        if !base.contains(key.as_str()) && !order.contains(key) {
            let place = before.and_then(|before| order.iter().position(|other| other == before));
            order.insert(place.map_or(0, |place| place + 1), key.clone());
        }
        if order.contains(key) {
            before = Some(key);
        }
    }
    let mut by_key: BTreeMap<String, Entry> = entries
        .into_iter()
        .map(|entry| (entry.key.clone(), entry))
        .collect();
    let ordered = order.iter().filter_map(|key| by_key.remove(key)).map(noted);
    (ordered.collect(), None)
}

#[cfg(test)]
mod tests {
    use super::super::lineup::tests::film;
    use super::*;

    fn written() -> Vec<Written> {
        ["a", "b", "c"]
            .map(|key| Written {
                key: key.into(),
                note: String::new(),
                plan_b: "放下一个".into(),
            })
            .to_vec()
    }

    fn sheet(rows: &[[&str; 4]]) -> Vec<Vec<String>> {
        let head = [["序号", "备注", "备用方案", "编号（勿改）"]];
        let title = vec![vec!["展播节目单".to_owned()]];
        let rows = head
            .iter()
            .chain(rows)
            .map(|row| row.map(str::to_owned).to_vec());
        title.into_iter().chain(rows).collect()
    }

    fn keys(rows: &[[&str; 4]]) -> Result<String, SheetProblem> {
        let edits = read(&sheet(rows), &written())?;
        Ok(edits.rows.into_iter().map(|edit| edit.key).collect())
    }

    #[test]
    fn numbers_or_moved_rows_give_the_order_and_cleared_rows_do_not_play() {
        let row = |number, key| [number, "", "放下一个", key];
        assert_eq!(
            keys(&[row("1", "a"), row("2", "b"), row("3", "c")]).unwrap(),
            "abc"
        );
        assert_eq!(
            keys(&[row("3", "a"), row("1", "b"), row("2", "c")]).unwrap(),
            "bca"
        );
        assert_eq!(
            keys(&[row("3", "c"), row("1", "a"), row("2", "b")]).unwrap(),
            "cab"
        );
        assert_eq!(
            keys(&[row("1", "c"), row("2", "a"), row("3", "b")]).unwrap(),
            "cab"
        );
        assert_eq!(
            keys(&[row("1", "a"), row("", "b"), row("3", "c")]).unwrap(),
            "ac"
        );
        assert_eq!(keys(&[row("1", "a"), row("3", "c")]).unwrap(), "ac");
        assert_eq!(
            keys(&[row("1.5", "b"), row("1", "a"), row("9", "c")]),
            Err(SheetProblem::MovedAndRenumbered)
        );
    }

    #[test]
    fn what_can_not_be_followed_is_told() {
        let row = |number, key| [number, "", "", key];
        let told = |rows: &[[&str; 4]]| keys(rows).unwrap_err().text().zh;
        insta::assert_snapshot!(told(&[row("1", "x")]), @"programme/run-sheet.xlsx 的改动没有采用：第 1 行（1 x）不是节目单里的节目，新节目请写进 showcase.toml 的 [[programme.item]]。改好后再运行一次 zhanbo programme");
        insta::assert_snapshot!(told(&[row("1", "a"), row("1", "b")]), @"programme/run-sheet.xlsx 的改动没有采用：序号 1 出现了两次。改好后再运行一次 zhanbo programme");
        insta::assert_snapshot!(told(&[row("一", "a")]), @"programme/run-sheet.xlsx 的改动没有采用：序号“一”不是数字；不播放的节目请把序号清空。改好后再运行一次 zhanbo programme");
        assert!(matches!(
            keys(&[row("1", "a"), row("2", "a")]),
            Err(SheetProblem::RowTwice { .. })
        ));
        assert_eq!(
            read(&[vec!["x".into()]], &written()),
            Err(SheetProblem::NoHeadings)
        );
    }

    #[test]
    fn only_notes_and_plans_that_were_changed_are_kept() {
        let edits = read(
            &sheet(&[["1", "先报幕", "放下一个", "a"], ["2", "", "停一下", "b"]]),
            &written(),
        )
        .unwrap();
        assert_eq!(
            (
                edits.rows[0].note.as_deref(),
                edits.rows[0].plan_b.as_deref()
            ),
            (Some("先报幕"), None)
        );
        assert_eq!(
            (
                edits.rows[1].note.as_deref(),
                edits.rows[1].plan_b.as_deref()
            ),
            (None, Some("停一下"))
        );
    }

    #[test]
    fn a_film_recommended_later_finds_its_place_and_a_changed_list_wins() {
        let [one, two, three] = [film("甲", "一"), film("乙", "二"), film("丙", "三")];
        let edit = |entry: &Entry, note: Option<&str>| Edit {
            key: entry.key.clone(),
            note: note.map(str::to_owned),
            plan_b: None,
        };
        // The person turned the first and the third round; the second came later.
        let edits = Edits {
            rows: vec![edit(&three, Some("灯光")), edit(&one, None)],
            base: vec![one.key.clone(), three.key.clone()],
        };
        let all = vec![one.clone(), two.clone(), three.clone()];
        let keys = |entries: &[Entry]| entries.iter().map(|e| e.key.clone()).collect::<Vec<_>>();
        let (followed, remark) = apply(all.clone(), &edits, false);
        assert_eq!(keys(&followed), keys(&[three.clone(), one, two]));
        assert_eq!((followed[0].note.as_str(), remark), ("灯光", None));
        let (listed, remark) = apply(all.clone(), &edits, true);
        assert_eq!(keys(&listed), keys(&all));
        assert!(listed[2].note == "灯光" && remark.is_some());
    }
}
