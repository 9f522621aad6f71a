//! What is found against a region about its archives. In: a [`Manifest`]. Out: one [`Finding`] for each kind of trouble,
//! with the first names it concerns, and a note on every entry that was left behind.

use super::finding;
use super::packed::Package;
use crate::archive::{Fate, MAX_DEPTH, MAX_PARTS, MAX_PATH, MAX_RATIO, Manifest, Refusal, Trouble};
use crate::check::{Finding, Level};
use crate::text::Text;
use crate::units::Bytes;

/// Names that a finding lists; the others are counted, and stand one by one among the other files.
const NAMES_SHOWN: usize = 3;

/// A kind of trouble; its order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rule {
    NotAnArchive,
    Encrypted,
    VolumeMissing,
    Incomplete,
    Damaged,
    Bomb,
    DiskFull,
    Unsupported,
    EntryRefused,
    Empty,
    SameNames,
    NamesUnsure,
}

const RULES: [Rule; 12] = [
    Rule::NotAnArchive,
    Rule::Encrypted,
    Rule::VolumeMissing,
    Rule::Incomplete,
    Rule::Damaged,
    Rule::Bomb,
    Rule::DiskFull,
    Rule::Unsupported,
    Rule::EntryRefused,
    Rule::Empty,
    Rule::SameNames,
    Rule::NamesUnsure,
];

impl Rule {
    fn of_refusal(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Link
            | Refusal::Special
            | Refusal::Escapes
            | Refusal::BadName
            | Refusal::LongName => Rule::EntryRefused,
            Refusal::Encrypted => Rule::Encrypted,
            Refusal::Broken { .. } | Refusal::WrongSize { .. } => Rule::Damaged,
            Refusal::CutOff => Rule::Incomplete,
            Refusal::Method { .. } => Rule::Unsupported,
            Refusal::Overlaps | Refusal::PastLimit => Rule::Bomb,
        }
    }

    fn of_trouble(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::NotAnArchive => Rule::NotAnArchive,
            Trouble::Encrypted => Rule::Encrypted,
            Trouble::CutOff => Rule::Incomplete,
            Trouble::VolumeMissing => Rule::VolumeMissing,
            Trouble::Damaged { .. } => Rule::Damaged,
            Trouble::Unsupported { .. } => Rule::Unsupported,
            Trouble::TooManyEntries { .. }
            | Trouble::TooLarge { .. }
            | Trouble::Ratio { .. }
            | Trouble::Overlaps { .. } => Rule::Bomb,
            Trouble::DiskFull { .. } => Rule::DiskFull,
            Trouble::NamesUnsure => Rule::NamesUnsure,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Rule::NotAnArchive => "archive-is-none",
            Rule::Encrypted => "archive-encrypted",
            Rule::VolumeMissing => "archive-volume-missing",
            Rule::Incomplete => "archive-incomplete",
            Rule::Damaged => "archive-damaged",
            Rule::Bomb => "archive-bomb",
            Rule::DiskFull => "archive-disk-full",
            Rule::Unsupported => "archive-unsupported",
            Rule::EntryRefused => "archive-entry-refused",
            Rule::Empty => "archive-empty",
            Rule::SameNames => "archive-same-names",
            Rule::NamesUnsure => "archive-names-unsure",
        }
    }

    fn level(self) -> Level {
        match self {
            Rule::SameNames | Rule::NamesUnsure => Level::Advice,
            _ => Level::Requirement,
        }
    }

    /// What is wrong with the archive called `source`.
    fn message(self, source: &str) -> Text {
        let (zh, en) = match self {
            Rule::NotAnArchive => (
                "名字像压缩包，内容却不是压缩包（或者类型不认识），没有解开",
                "is named like an archive, but its content is none that is known here, so it was not opened",
            ),
            Rule::Encrypted => (
                "设有密码，密码里面的内容没有取出",
                "has a password; what is behind it was not taken out",
            ),
            Rule::VolumeMissing => (
                "是分卷压缩包，分卷没有到齐，跨卷的内容没有取出",
                "comes in volumes, and not all are here; what goes across them was not taken out",
            ),
            Rule::Incomplete => (
                "不完整（可能没有传完），后面的内容没有取出，前面完好的已取出",
                "is incomplete (perhaps the upload was cut); what is whole was taken out, the rest was not",
            ),
            Rule::Damaged => (
                "有损坏，损坏的内容没有取出，其余已取出",
                "is damaged; what is damaged was not taken out, the rest was",
            ),
            Rule::Bomb => (
                "解开后的内容超过限制（常见于压缩炸弹），已提前停止",
                "unpacks to more than is allowed, as archive bombs do, and was stopped early",
            ),
            Rule::DiskFull => (
                "没有解完：磁盘剩余空间不够",
                "was not unpacked to its end: too little space is left on the disk",
            ),
            Rule::Unsupported => (
                "用了本程序不支持的压缩方式，有内容没有取出",
                "uses a compression that cannot be read here, so something in it was not taken out",
            ),
            Rule::EntryRefused => (
                "里面有链接、设备或指向压缩包之外的路径，这些没有取出",
                "holds links, devices, or names that lead out of it; these were not taken out",
            ),
            Rule::Empty => ("里面没有文件", "holds no files"),
            Rule::SameNames => (
                "里面有同名的文件，两份都已取出，请确认哪一份有效",
                "holds files of the same name; all were taken out, and somebody must say which one counts",
            ),
            Rule::NamesUnsure => (
                "里面的文件名编码不明，显示的名称可能有误",
                "has names in an unclear encoding; they may be shown wrongly",
            ),
        };
        Text::new(
            format!("压缩包 {source} {zh}。"),
            format!("The archive {source} {en}."),
        )
    }

    fn remedy(self) -> Text {
        let (zh, en) = match self {
            Rule::NotAnArchive => (
                "请确认文件是否选错，重新打包为 ZIP 后再交；其他格式请先解压再放进收件夹。",
                "Check that it is the right file and pack again as ZIP; unpack other formats first and put the files into the inbox.",
            ),
            Rule::Encrypted => (
                "请片区重新打包为不设密码的 ZIP 再交；或向片区要密码，自己解压后把文件夹放进收件夹。",
                "Ask the region to pack again as ZIP without a password; or ask for the password, unpack it yourself and put the folder into the inbox.",
            ),
            Rule::VolumeMissing => (
                "请片区补齐所有分卷，放在同一个文件夹里且不要改名；或重新打包为一个 ZIP。",
                "Ask the region for all volumes and put them into one folder with their names unchanged; or have it packed again as one ZIP.",
            ),
            Rule::Incomplete => (
                "请片区重新发送这个压缩包，发送后核对文件大小。",
                "Ask the region to send the archive again and to compare the size afterwards.",
            ),
            Rule::Damaged => (
                "请片区重新打包为 ZIP，自己试解压一次，再重新发送。",
                "Ask the region to pack again as ZIP, to try unpacking it once, and to send it again.",
            ),
            Rule::Bomb => (
                "请片区只打包视频、简介和推荐结果；内容确实很多时请分成几个 ZIP。",
                "Ask the region to pack only videos, introductions and the recommendation, in several ZIP files if it is really that much.",
            ),
            Rule::DiskFull => (
                "请腾出磁盘空间后再运行一次；已解开的内容不会重做。",
                "Free some space and run again; what is unpacked already stays.",
            ),
            Rule::Unsupported => (
                "请片区用系统自带的压缩功能重新打包为 ZIP（不设密码、不分卷）；或先自己解压再放进收件夹。",
                "Ask the region to pack again as ZIP (no password, no volumes) with the system's own tool; or unpack it first and put the files into the inbox.",
            ),
            Rule::EntryRefused => (
                "请片区把文件本身（不是快捷方式）重新打包；如果不认识这些名称，请先查毒。",
                "Ask the region to pack the files themselves, not links to them; if nobody knows these names, check for malware first.",
            ),
            Rule::Empty => (
                "请片区重新打包，确认里面有视频。",
                "Ask the region to pack again and to make sure that the videos are in it.",
            ),
            Rule::SameNames => (
                "请片区确认哪一份有效，删掉另一份后重新打包。",
                "Ask the region which one counts, and to pack again without the other.",
            ),
            Rule::NamesUnsure => (
                "请对照片区的清单核对名称；有误时请片区用 Windows 自带的压缩功能或 7-Zip 重新打包。",
                "Compare the names with the region's list; if they are wrong, ask it to pack again with Windows' own tool or 7-Zip.",
            ),
        };
        Text::new(zh, en)
    }

    fn allowed(self) -> Text {
        match self {
            Rule::Bomb => Text::new(
                format!("解开后不超过压缩包的 {MAX_RATIO} 倍，内容互不重叠"),
                format!("at most {MAX_RATIO} times the archive's size, and no bytes used twice"),
            ),
            Rule::EntryRefused => Text::new(
                format!("普通文件和文件夹，路径不超过 {MAX_PATH} 字节、{MAX_PARTS} 层"),
                format!(
                    "plain files and folders, with paths of at most {MAX_PATH} bytes and {MAX_PARTS} parts"
                ),
            ),
            _ => Text::new(
                "完整、不设密码的 ZIP、7z 或 RAR",
                "a whole ZIP, 7z or RAR without a password",
            ),
        }
    }
}

/// Everything to be said about an archive that was looked into.
pub(super) fn of_manifest(
    package: &Package,
    manifest: &Manifest,
    missing: &[usize],
    duplicates: &[String],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        let mut names: Vec<&str> = refusals(manifest)
            .filter(|(_, refusal)| Rule::of_refusal(refusal) == rule)
            .map(|(name, _)| name)
            .collect();
        let mut details: Vec<Text> = manifest
            .trouble
            .iter()
            .filter(|trouble| Rule::of_trouble(trouble) == rule)
            .map(detail)
            .collect();
        match rule {
            Rule::SameNames => names.extend(duplicates.iter().map(String::as_str)),
            Rule::VolumeMissing if !missing.is_empty() => details.push(missing_volumes(missing)),
            Rule::Empty if is_empty(manifest) => details.push(Text::new("0 个文件", "0 files")),
            _ => {}
        }
        if !names.is_empty() || !details.is_empty() {
            findings.push(finding(rule, package, &names, details));
        }
    }
    findings
}

fn finding(rule: Rule, package: &Package, names: &[&str], mut details: Vec<Text>) -> Finding {
    if !names.is_empty() {
        let shown = &names[..names.len().min(NAMES_SHOWN)];
        let more = names.len() - shown.len();
        let (mut zh, mut en) = (shown.join("、"), shown.join(", "));
        if more > 0 {
            zh = format!("{zh} 等");
            en = format!("{en} and {more} more");
        }
        details.push(Text::new(
            format!("{} 项：{zh}", names.len()),
            format!("{}: {en}", entries(names.len())),
        ));
    }
    Finding {
        rule: rule.name().to_owned(),
        level: rule.level(),
        clause: None,
        measured: join(&details),
        allowed: rule.allowed(),
        message: rule.message(&package.source),
        remedy: rule.remedy(),
        repaired: None,
        waived: None,
    }
}

fn join(texts: &[Text]) -> Text {
    let all = |of: fn(&Text) -> &str, between: &str| {
        texts.iter().map(of).collect::<Vec<_>>().join(between)
    };
    Text::new(all(|t| &t.zh, "；"), all(|t| &t.en, "; "))
}

fn entries(count: usize) -> String {
    if count == 1 {
        "1 entry".to_owned()
    } else {
        format!("{count} entries")
    }
}

fn refusals(manifest: &Manifest) -> impl Iterator<Item = (&str, &Refusal)> {
    manifest
        .entries
        .iter()
        .filter_map(|entry| match &entry.fate {
            Fate::Refused(why) => Some((entry.name.as_str(), why)),
            _ => None,
        })
}

fn is_empty(manifest: &Manifest) -> bool {
    let folders_only = manifest.entries.iter().all(|e| e.fate == Fate::Folder);
    folders_only && manifest.trouble.is_empty()
}

fn missing_volumes(missing: &[usize]) -> Text {
    let numbers: Vec<String> = missing.iter().take(10).map(usize::to_string).collect();
    Text::new(
        format!("缺第 {} 卷", numbers.join("、")),
        format!("volume {} is missing", numbers.join(", ")),
    )
}

fn detail(trouble: &Trouble) -> Text {
    match trouble {
        Trouble::NotAnArchive => Text::new("内容不是压缩包", "the content is no archive"),
        Trouble::Encrypted => Text::new("文件清单也加了密", "the list of files is encrypted too"),
        Trouble::CutOff => Text::new("压缩包结尾缺失", "the end of the archive is missing"),
        Trouble::VolumeMissing => Text::new("还有别的分卷", "there are other volumes"),
        Trouble::Damaged { why } => Text::new(
            format!("从某处起读不下去（{why}）"),
            format!("it cannot be read on from some place ({why})"),
        ),
        Trouble::Unsupported { what } => {
            Text::new(format!("不支持：{what}"), format!("not supported: {what}"))
        }
        Trouble::TooManyEntries { limit } => Text::new(
            format!("超过 {limit} 项"),
            format!("more than {limit} entries"),
        ),
        Trouble::TooLarge { limit } => {
            let limit = Bytes(*limit);
            Text::new(
                format!("解开后超过 {limit}"),
                format!("more than {limit} unpacked"),
            )
        }
        Trouble::Ratio { packed, unpacked } => {
            let (packed, unpacked) = (Bytes(*packed), Bytes(*unpacked));
            Text::new(
                format!("{packed} 的压缩包解到 {unpacked} 仍未结束"),
                format!("{unpacked} out of {packed}, and still more to come"),
            )
        }
        Trouble::Overlaps { entries: count } => Text::new(
            format!("{count} 项与别的项共用数据"),
            format!("{} on the bytes of others", entries(*count)),
        ),
        Trouble::DiskFull { free } => {
            let free = Bytes(*free);
            Text::new(format!("剩余 {free}"), format!("{free} free"))
        }
        Trouble::NamesUnsure => Text::new("文件名编码不明", "names in an unclear encoding"),
    }
}

/// What an opened archive held, in one line.
pub(super) fn note(manifest: &Manifest) -> Text {
    let count = |wanted: fn(&Fate) -> bool| {
        manifest.entries.iter().filter(|e| wanted(&e.fate)).count() as u64
    };
    let files = count(|fate| matches!(fate, Fate::Extracted { .. }));
    let folders = count(|fate| *fate == Fate::Folder);
    let refused = count(|fate| matches!(fate, Fate::Refused(_))) + manifest.beyond;
    let kind = manifest.kind.map_or("", crate::archive::Kind::name);
    let encoding = manifest.encoding.name();
    Text::new(
        format!(
            "压缩包（{kind}，文件名 {encoding}）：取出 {files} 个文件，文件夹 {folders} 个，未取出 {refused} 项。"
        ),
        format!(
            "an archive ({kind}, names in {encoding}): files taken out: {files}, folders: {folders}, not taken out: {refused}"
        ),
    )
}

/// Why one entry was left behind.
pub(super) fn refused(why: &Refusal) -> Text {
    let (zh, en) = match why {
        Refusal::Link => ("是链接，不是文件本身", "a link, not the file itself"),
        Refusal::Special => (
            "是设备、管道或删除标记，不是文件",
            "a device, a pipe or a mark for deletion, not a file",
        ),
        Refusal::Escapes => ("路径指向压缩包之外", "its name leads out of the archive"),
        Refusal::BadName => (
            "文件名为空或含有零字节",
            "its name is empty or has a zero byte",
        ),
        Refusal::LongName => ("路径太长或层数太多", "its path is too long or too deep"),
        Refusal::Encrypted => ("设有密码", "behind a password"),
        Refusal::CutOff => (
            "压缩包不完整，这一项没有结尾",
            "the archive ends before it does",
        ),
        Refusal::Overlaps => (
            "与别的项共用数据，常见于压缩炸弹",
            "on the bytes of another entry, as in archive bombs",
        ),
        Refusal::PastLimit => (
            "压缩包超过限制，停在这一项之前或之中",
            "the archive met a limit at or before it",
        ),
        Refusal::Broken { why } => {
            return left(&format!("数据损坏（{why}）"), &format!("damaged ({why})"));
        }
        Refusal::WrongSize { declared, actual } => {
            return left(
                &format!("大小与压缩包所写不符（写 {declared} 字节，读到 {actual} 字节）"),
                &format!(
                    "not of the size that the archive says ({declared} bytes said, {actual} read)"
                ),
            );
        }
        Refusal::Method { name } => {
            return left(
                &format!("压缩方式不支持（{name}）"),
                &format!("a compression that cannot be read ({name})"),
            );
        }
    };
    left(zh, en)
}

fn left(zh: &str, en: &str) -> Text {
    Text::new(format!("没有取出：{zh}。"), format!("not taken out: {en}"))
}

/// What a further volume is.
pub(super) fn volume_of(source: &str) -> Text {
    Text::new(
        format!("{source} 的分卷。"),
        format!("a volume of {source}"),
    )
}

/// An archive in too many archives.
pub(super) fn too_deep(source: &str) -> Finding {
    plain(
        "archive-too-deep",
        [
            Text::new(
                format!("第 {} 层", MAX_DEPTH + 1),
                format!("{} archives deep", MAX_DEPTH + 1),
            ),
            Text::new(
                format!("最多套 {MAX_DEPTH} 层"),
                format!("at most {MAX_DEPTH} archives deep"),
            ),
            Text::new(
                format!("压缩包 {source} 套在太多层压缩包里，没有解开。"),
                format!("The archive {source} lies in too many archives and was not opened."),
            ),
            Text::new(
                "请片区把文件直接打包成一个 ZIP，不要在压缩包里再套压缩包。",
                "Ask the region to pack the files into one ZIP, with no archives in archives.",
            ),
        ],
    )
}

/// One archive more than the limit.
pub(super) fn too_many(source: &str, limit: usize) -> Finding {
    plain(
        "archive-bomb",
        [
            Text::new(format!("超过 {limit}"), format!("more than {limit}")),
            Text::new(format!("最多 {limit}"), format!("at most {limit}")),
            Text::new(
                format!("压缩包 {source} 没有解开：收件夹里的压缩包或其中的文件太多。"),
                format!(
                    "The archive {source} was not opened: there are too many archives, or files in them, in the inbox."
                ),
            ),
            Text::new(
                "请确认这是不是片区的正常材料；确实太多时请分几次运行。",
                "Check that this is a delivery; if there really is so much, run in parts.",
            ),
        ],
    )
}

/// An archive that could not be read at all, or whose worker failed.
pub(super) fn failed(package: &Package, why: &Text) -> Finding {
    let source = &package.source;
    plain(
        "archive-not-opened",
        [
            Text::same(package.bytes().to_string()),
            Text::new("能解开的压缩包", "an archive that can be opened"),
            Text::new(
                format!(
                    "压缩包 {source} 没有解开：{}。",
                    why.zh.trim_end_matches('。')
                ),
                format!(
                    "The archive {source} was not opened: {}.",
                    why.en.trim_end_matches('.')
                ),
            ),
            Text::new(
                "请再运行一次；仍不行时请片区重新打包为 ZIP，或先自己解压再放进收件夹。",
                "Run again; if that does not help, ask the region to pack again as ZIP, or unpack it first and put the files into the inbox.",
            ),
        ],
    )
}

fn plain(rule: &str, texts: [Text; 4]) -> Finding {
    finding::finding(rule, Level::Requirement, texts)
}
