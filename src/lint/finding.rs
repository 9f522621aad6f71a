//! What was found. In: clauses and facts, in the order of discovery. Out: [`Finding`]s, grouped by file. Never more than a
//! few of one kind for one file: a film of a thousand segments with one mistake is one mistake.

use std::collections::BTreeMap;

use super::clause::Clause;
use crate::text::Text;

/// How many findings of one clause are kept for one file; the rest are counted.
const MAX_OF_A_KIND: usize = 5;

/// One place where a clause is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which clause.
    pub clause: Clause,
    /// The file, relative to the folder of the playlist that was given.
    pub file: String,
    /// Line in the playlist, from 1.
    pub line: Option<usize>,
    /// What was found.
    pub found: Text,
    /// How many more of the kind there are in this file.
    pub more: usize,
}

/// Findings as they come.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    // Clause and file, to the place of the last one kept and how many are kept.
    kinds: BTreeMap<(Clause, String), (usize, usize)>,
}

impl Findings {
    /// One more.
    pub fn add(
        &mut self,
        clause: Clause,
        file: &str,
        line: impl Into<Option<usize>>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        let kind = self
            .kinds
            .entry((clause, file.to_owned()))
            .or_insert((0, 0));
        if kind.1 >= MAX_OF_A_KIND {
            self.list[kind.0].more += 1;
            return;
        }
        *kind = (self.list.len(), kind.1 + 1);
        self.list.push(Finding {
            clause,
            file: file.to_owned(),
            line: line.into(),
            found: Text::new(zh, en),
            more: 0,
        });
    }

    /// All of them by file, line and level.
    pub fn sorted(self) -> Vec<Finding> {
        let mut list = self.list;
        list.sort_by(|a, b| {
            let key = |f: &Finding| (f.file.clone(), f.line, f.clause.about().level, f.clause);
            key(a).cmp(&key(b))
        });
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_of_a_kind_are_five_and_a_number() {
        let mut findings = Findings::default();
        for line in 1..=1000 {
            findings.add(Clause::Continuous, "a.m3u8", line, "空隙", "a gap");
        }
        let sorted = findings.sorted();
        assert_eq!((sorted.len(), sorted[4].more), (5, 995));
    }
}
