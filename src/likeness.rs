//! How alike two names are, to say which one was probably meant. In: names. Out: the nearest of them. Never decides that
//! two names are the same: that is for a person.

use unicode_normalization::UnicodeNormalization as _;

/// Names that are proposed at most.
const MOST: usize = 3;
/// Shared pairs of letters below which two names have nothing to do with each other.
const LEAST: f64 = 0.2;

/// The names that are most like the wanted one, best first, at most three; none where nothing is like it.
pub fn closest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = pairs(wanted);
    let mut ranked: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (dice(&wanted, &pairs(name)), name))
        .filter(|(likeness, _)| *likeness >= LEAST)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    ranked.dedup_by(|a, b| a.1 == b.1);
    ranked
        .into_iter()
        .take(MOST)
        .map(|(_, name)| name)
        .collect()
}

/// Letters and neighbouring pairs of them: 2 shared of 3 and 3 is 2·2/(3+3).
fn pairs(name: &str) -> Vec<(char, char)> {
    let letters: Vec<char> = name
        .nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let single = letters.iter().map(|c| (*c, *c));
    let neighbours = letters.windows(2).map(|two| (two[0], two[1]));
    let mut pairs: Vec<_> = single.chain(neighbours).collect();
    pairs.sort_unstable();
    pairs
}

/// Sørensen and Dice's measure over sorted lists.
fn dice(one: &[(char, char)], other: &[(char, char)]) -> f64 {
    let (mut at, mut beside, mut shared) = (0, 0, 0_usize);
    while at < one.len() && beside < other.len() {
        match one[at].cmp(&other[beside]) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => beside += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                at += 1;
                beside += 1;
            }
        }
    }
    2.0 * shared as f64 / (one.len() + other.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_with_one_wrong_letter_comes_first_and_a_stranger_not_at_all() {
        let names = ["西华大学《雨巷》", "西华大学《雪》", "四川音乐学院《合唱》"];
        assert_eq!(
            closest("西华大学《雨港》", names),
            ["西华大学《雨巷》", "西华大学《雪》"]
        );
        assert_eq!(closest("成都体育", ["起跑", ""]), Vec::<&str>::new());
        assert_eq!(closest("", names), Vec::<&str>::new());
        assert_eq!(closest("Ａ《B》", ["a《b》", "a《b》"]), ["a《b》"]);
    }
}
