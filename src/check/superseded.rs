//! # 中文
//!
//! ## 检查什么
//!
//! 同一片区、同一单位、同一名称交了两次、内容不同的，后一次替代前一次；前一次留在记录里，不再制作。
//! 哪个在后，依次看：文件名里的 v2、第二稿、修改版、补交、最终版和日期；文件夹或压缩包名里的“补交”“第二批”和日期；
//! 最后才看文件的修改时间。凭什么判断的，会写明。都看不出来的，两个都留着，请人确认。
//! 后一次没有通过而前一次通过的，仍用前一次，两边都会说明。
//!
//! ## 为什么
//!
//! 单位改好再交很常见；两个版本都播，或者播了旧的，都不行。
//!
//! ## 选项
//!
//! 没有，总是检查。应以旧的为准的，请秘书处对旧的放行（`rule = "superseded"`），并把新的移出收件夹；
//! 其实是两部作品的，放行以后两个都展播。
//!
//! # English
//!
//! ## What it checks
//!
//! Where one region hands in the same title of the same unit twice, with different content, the later delivery takes the
//! place of the earlier one, which stays on record and is not made. Which one is later is told by, in this order: v2,
//! 第二稿, 修改版, 补交, 最终版 and dates in the file's name; 补交, 第二批 and dates in the name of a folder or archive; and only
//! then by the time at which the file was written. The finding says what decided. Where nothing does, both stay and a
//! person is asked. If the later one is not accepted and the earlier one is, the earlier one stays, and both say so.
//!
//! ## Why
//!
//! Units often hand in again; showing both versions is wrong, and showing the old one is worse.
//!
//! ## Option
//!
//! None; it is always checked. If the old one is right, waive it there (`rule = "superseded"`) and take the new one out of
//! the inbox; if they are two works after all, both are shown once it is waived.

use super::{Case, Finding, Level, Said};
use crate::dedup::version::{DecidedBy, Version};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "superseded";

pub(super) fn find(case: &Case, _: &Rules) -> Option<Finding> {
    let replacement = case.version?;
    let other = replacement.other;
    let said = match replacement.version {
        Version::Superseded { decided, .. } => superseded(other, *decided),
        Version::StandsIn { decided, .. } => stands_in(other, *decided),
        Version::NotTaken { decided, .. } => not_taken(other, *decided),
        Version::Undecided { .. } => undecided(other),
    };
    // Not a requirement of any notice: the verdict for a replaced version is its own.
    Some(said.by(NAME, Level::Advice, None))
}

fn superseded(other: &str, decided: DecidedBy) -> Said {
    Said {
        measured: basis(decided),
        allowed: once(),
        message: Text::new(
            format!("已由后来报送的“{other}”替代，这一个只留记录，不再制作。"),
            format!(
                "The later delivery \"{other}\" takes its place; this one stays on record and is not made."
            ),
        ),
        remedy: Text::new(
            "不用处理。如果应以这一个为准，请秘书处在 showcase.toml 里放行（rule = \"superseded\"），并把另一个移出收件夹。",
            "Nothing to do. If this one is right, waive the finding in showcase.toml (rule = \"superseded\") and take the \
             other one out of the inbox.",
        ),
    }
}

fn stands_in(other: &str, decided: DecidedBy) -> Said {
    Said {
        measured: basis(decided),
        allowed: once(),
        message: Text::new(
            format!("后来又报送了“{other}”，但它没有通过，所以暂时仍用这一个。"),
            format!(
                "\"{other}\" was handed in later, but was not accepted, so this earlier one stays."
            ),
        ),
        remedy: Text::new(
            "不用处理：新版改好重新报送以后，会自动换上。",
            "Nothing to do: once the later one is put right and handed in again, it takes this one's place.",
        ),
    }
}

fn not_taken(other: &str, decided: DecidedBy) -> Said {
    Said {
        measured: basis(decided),
        allowed: once(),
        message: Text::new(
            format!("这是后来报送的版本，但没有通过，暂时仍用先前报送的“{other}”。"),
            format!(
                "This is the later version, but it was not accepted; the earlier \"{other}\" stays in the meantime."
            ),
        ),
        remedy: Text::new(
            "请按其他各条改好后重新报送；如果先前的那个就可以，请告诉秘书处。",
            "Please put right what is said above and hand it in again; if the earlier one will do, tell the secretariat.",
        ),
    }
}

fn undecided(other: &str) -> Said {
    Said {
        measured: Text::new(
            "文件名、文件夹和修改时间都看不出先后",
            "neither names nor folders nor times tell",
        ),
        allowed: once(),
        message: Text::new(
            format!("与“{other}”单位、名称相同而内容不同，分不清哪个是新的，两个都保留了。"),
            format!(
                "\"{other}\" has the same unit and title and other content; nothing tells which is newer, so both stay."
            ),
        ),
        remedy: Text::new(
            "请在新的那个文件名末尾加上“v2”，或者只留一个，再运行一次。",
            "Add \"v2\" to the end of the newer one's name, or keep only one, and run again.",
        ),
    }
}

fn once() -> Text {
    Text::new("每部作品用一个版本", "one version of each work")
}

fn basis(decided: DecidedBy) -> Text {
    match decided {
        DecidedBy::Name => Text::new(
            "按文件名里的版本或日期判断先后",
            "decided by a version or date in the file's name",
        ),
        DecidedBy::Folder => Text::new(
            "按文件夹或压缩包的名称判断先后",
            "decided by the name of a folder or archive",
        ),
        DecidedBy::Time => Text::new(
            "按文件的修改时间判断先后（没有别的依据，请核对）",
            "decided by the time at which the file was written, for want of anything better; please check",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Replacement, sample};
    use crate::id::SubmissionId;

    fn judged(version: fn(SubmissionId, DecidedBy) -> Version, decided: DecidedBy) -> Finding {
        let (submission, media) = (sample::submission(), sample::media());
        let version = version(SubmissionId::of("x"), decided);
        let case = Case {
            version: Some(Replacement {
                version: &version,
                other: "川北片区/西南民族大学《爱我中华》v2.mp4",
            }),
            ..sample::case(&submission, &media)
        };
        find(&case, &Rules::default()).unwrap()
    }

    #[test]
    fn a_replaced_version_names_the_one_that_took_its_place_and_why() {
        let finding = judged(
            |by, decided| Version::Superseded { by, decided },
            DecidedBy::Name,
        );
        insta::assert_snapshot!(sample::shown(Some(finding)), @r#"
        superseded Advice None
        按文件名里的版本或日期判断先后
        decided by a version or date in the file's name
        每部作品用一个版本
        one version of each work
        已由后来报送的“川北片区/西南民族大学《爱我中华》v2.mp4”替代，这一个只留记录，不再制作。
        The later delivery "川北片区/西南民族大学《爱我中华》v2.mp4" takes its place; this one stays on record and is not made.
        不用处理。如果应以这一个为准，请秘书处在 showcase.toml 里放行（rule = "superseded"），并把另一个移出收件夹。
        Nothing to do. If this one is right, waive the finding in showcase.toml (rule = "superseded") and take the other one out of the inbox.
        "#);
    }

    #[test]
    fn what_stays_and_what_is_not_taken_speak_of_each_other() {
        let stays = judged(
            |later, decided| Version::StandsIn { later, decided },
            DecidedBy::Folder,
        );
        insta::assert_snapshot!(sample::shown(Some(stays)), @r#"
        superseded Advice None
        按文件夹或压缩包的名称判断先后
        decided by the name of a folder or archive
        每部作品用一个版本
        one version of each work
        后来又报送了“川北片区/西南民族大学《爱我中华》v2.mp4”，但它没有通过，所以暂时仍用这一个。
        "川北片区/西南民族大学《爱我中华》v2.mp4" was handed in later, but was not accepted, so this earlier one stays.
        不用处理：新版改好重新报送以后，会自动换上。
        Nothing to do: once the later one is put right and handed in again, it takes this one's place.
        "#);
        let waits = judged(
            |earlier, decided| Version::NotTaken { earlier, decided },
            DecidedBy::Time,
        );
        insta::assert_snapshot!(sample::shown(Some(waits)), @r#"
        superseded Advice None
        按文件的修改时间判断先后（没有别的依据，请核对）
        decided by the time at which the file was written, for want of anything better; please check
        每部作品用一个版本
        one version of each work
        这是后来报送的版本，但没有通过，暂时仍用先前报送的“川北片区/西南民族大学《爱我中华》v2.mp4”。
        This is the later version, but it was not accepted; the earlier "川北片区/西南民族大学《爱我中华》v2.mp4" stays in the meantime.
        请按其他各条改好后重新报送；如果先前的那个就可以，请告诉秘书处。
        Please put right what is said above and hand it in again; if the earlier one will do, tell the secretariat.
        "#);
    }

    #[test]
    fn where_nothing_tells_the_secretary_is_asked() {
        let finding = judged(|other, _| Version::Undecided { other }, DecidedBy::Time);
        insta::assert_snapshot!(sample::shown(Some(finding)), @r#"
        superseded Advice None
        文件名、文件夹和修改时间都看不出先后
        neither names nor folders nor times tell
        每部作品用一个版本
        one version of each work
        与“川北片区/西南民族大学《爱我中华》v2.mp4”单位、名称相同而内容不同，分不清哪个是新的，两个都保留了。
        "川北片区/西南民族大学《爱我中华》v2.mp4" has the same unit and title and other content; nothing tells which is newer, so both stay.
        请在新的那个文件名末尾加上“v2”，或者只留一个，再运行一次。
        Add "v2" to the end of the newer one's name, or keep only one, and run again.
        "#);
    }
}
