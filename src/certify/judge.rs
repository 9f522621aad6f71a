//! Whether the programme may be played in front of a hall. In: its manifest, and what each file turned out to be. Out: findings,
//! each with what was measured, what was wanted and what to do. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::play::{Played, PlayedPicture, PlayedSound};
use crate::id::ContentHash;
use crate::preset::{Accept, Meant};
use crate::programme::manifest::{Item, ItemKind, Joined, Manifest};
use crate::text::Text;
use crate::units::{Bytes, FrameRate, Millis};

/// EBU R128: the hall's loudness where nobody asked for another.
pub const TARGET_LUFS: f64 = -23.0;
/// An item may be so far from the target, in LU.
const TOLERANCE_LU: f64 = 1.0;
/// The loudest item may be so far from the quietest.
const MAX_SPREAD_LU: f64 = 2.0;
/// Sound and picture may end so far from each other: AAC ends with a whole frame, up to 43 ms of it silence.
const MAX_AV_DIFFERENCE_MS: u64 = 50;
/// A sample may be so far from where counting puts it; more is seen on lips.
const MAX_SOUND_GAP_US: i64 = 20_000;
/// A film may begin or end with so much black. In the hall it looks like a failure.
const MAX_BLACK: Millis = Millis(2000);
/// A film may begin or end with so much silence, before somebody asks whether the loudspeakers are on.
const MAX_SILENCE: Millis = Millis(8000);
/// FAT32 keeps a file's size in 32 bits.
pub const MAX_FAT32_BYTES: u64 = u32::MAX as u64;
/// What every player plays.
const PIXEL_FORMAT: &str = "yuv420p";

/// A file of the programme.
#[derive(Debug, Clone, PartialEq)]
pub struct FileFacts {
    /// Its size.
    pub bytes: u64,
    /// Its content.
    pub blake3: ContentHash,
    /// What it is when played, or why it could not be.
    pub played: Result<Played, Text>,
}

/// Where the programme is to be copied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drive {
    /// Free bytes.
    pub free_bytes: u64,
    /// Its file system knows no file of 4 GiB.
    pub is_fat32: bool,
}

/// Everything that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Files that the manifest names, by name; none where there is nothing.
    pub files: BTreeMap<String, FileFacts>,
    /// Media files in the folder that the manifest does not name.
    pub extra: Vec<String>,
    /// Bytes of everything in the folder.
    pub bytes: u64,
    /// Where it is to be copied to, if anybody said so.
    pub drive: Option<Drive>,
    /// The loudness that was asked for, in LUFS.
    pub target_lufs: f64,
    /// What somebody said is meant.
    pub meant: Vec<Accept>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// The programme is not certified.
    Failure,
    /// Somebody should know.
    Note,
    /// It would be a failure, and somebody decided that it is meant.
    Accepted,
}

/// What was checked. The names are for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Every file is there.
    Missing,
    /// Every name is one that any player takes.
    Name,
    /// No other film is in the folder.
    Extra,
    /// Sizes are as recorded.
    Size,
    /// Contents are as recorded.
    Content,
    /// It plays to its end without an error.
    Decode,
    /// One picture, one sound, nothing else.
    Streams,
    /// Width and height.
    FrameSize,
    /// Frames a second, evenly.
    FrameRate,
    /// Whole frames.
    Scan,
    /// 8-bit 4:2:0.
    PixelFormat,
    /// As many frames as recorded.
    Frames,
    /// Samples a second.
    SampleRate,
    /// Two channels.
    Channels,
    /// Sound and picture are as long as each other, without a gap.
    Sync,
    /// As loud as the others.
    Loudness,
    /// It is heard at all.
    Silence,
    /// No black at the borders.
    Black,
    /// The order and the times of the manifest agree with each other.
    Order,
    /// The joined file has every item at its place.
    Joined,
    /// It fits on the drive.
    Space,
    /// No file is too big for FAT32.
    Fat32,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad.
    pub gravity: Gravity,
    /// What was checked.
    pub check: Check,
    /// Which file; empty for the programme as a whole.
    pub file: String,
    /// What was found, and what was wanted.
    pub message: Text,
    /// What to do.
    pub remedy: Text,
    /// Who said that it is meant, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// Somebody's word that something is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Everything that is not as it should be, in the order of the programme.
pub fn judge(manifest: &Manifest, facts: &Facts) -> Vec<Finding> {
    let mut judge = Judge {
        manifest,
        facts,
        findings: vec![],
    };
    judge.order();
    for item in &manifest.items {
        judge.item(item);
    }
    judge.spread();
    if let Some(joined) = &manifest.joined {
        judge.joined(joined);
    }
    judge.folder();
    judge.obey();
    judge.findings
}

/// What a person may say is meant. That a film lost its sound is a failure of the same check, and nobody's intention: no file
/// that differs from what was made is ever accepted.
fn is_meant(accept: &Accept, finding: &Finding) -> bool {
    match accept.check {
        Meant::Black => finding.check == Check::Black,
        Meant::Loudness => finding.check == Check::Loudness,
        Meant::Silence => finding.check == Check::Silence && finding.gravity == Gravity::Note,
    }
}

struct Judge<'a> {
    manifest: &'a Manifest,
    facts: &'a Facts,
    findings: Vec<Finding>,
}

fn make_again() -> Text {
    Text::new(
        "再运行一次 zhanbo programme OUT 重新制作，然后再认证",
        "make it again with `zhanbo programme OUT`, then certify again",
    )
}

impl Judge<'_> {
    fn fail(&mut self, check: Check, file: &str, message: Text, remedy: Text) {
        self.say(Gravity::Failure, check, file, message, remedy);
    }

    fn say(&mut self, gravity: Gravity, check: Check, file: &str, message: Text, remedy: Text) {
        self.findings.push(Finding {
            gravity,
            check,
            file: file.to_owned(),
            message,
            remedy,
            decision: None,
        });
    }

    /// Whether somebody said that about this item.
    fn is_accepted(&self, item: &Item, check: Meant) -> bool {
        let mut meant = self.facts.meant.iter();
        meant.any(|accept| accept.check == check && is_about(accept, item))
    }

    /// What is meant is no failure any more; a decision that comes to nothing is told, as it may be a slip in a name.
    fn obey(&mut self) {
        let mut idle = Vec::new();
        for accept in &self.facts.meant {
            let mut used = false;
            let items = self.manifest.items.iter();
            for item in items.filter(|item| is_about(accept, item)) {
                let findings = self.findings.iter_mut().filter(|f| f.file == item.file);
                for finding in findings.filter(|finding| is_meant(accept, finding)) {
                    used = true;
                    finding.gravity = Gravity::Accepted;
                    finding.decision = Some(Decision {
                        by: accept.by.clone(),
                        reason: accept.reason.clone(),
                    });
                }
            }
            if !used {
                idle.push(accept);
            }
        }
        for accept in idle {
            let film = accept.film();
            let check = match accept.check {
                Meant::Black => Check::Black,
                Meant::Silence => Check::Silence,
                Meant::Loudness => Check::Loudness,
            };
            let message = Text::new(
                format!("showcase.toml 里 [[programme.accept]] 写的“{film}”没有对上任何问题"),
                format!(
                    "`[[programme.accept]]` for \"{film}\" in showcase.toml fits nothing that was found"
                ),
            );
            let remedy = Text::new(
                "不需要就删掉；写错了名称就改过来，再运行 zhanbo run 和认证",
                "take it out if it is not needed; if the name is wrong, put it right, `zhanbo run`, and certify again",
            );
            self.say(Gravity::Note, check, "", message, remedy);
        }
    }

    /// A measured value that is not the one that is wanted.
    fn differs(&mut self, check: Check, file: &str, what: (&str, &str), is: &str, wanted: &str) {
        let (zh, en) = what;
        self.fail(
            check,
            file,
            Text::new(
                format!("{zh}是 {is}，应当是 {wanted}"),
                format!("{en} is {is}, not {wanted}"),
            ),
            make_again(),
        );
    }

    fn order(&mut self) {
        let (mut starts, mut order) = (Millis(0), 0);
        for item in &self.manifest.items {
            let drift = item.starts_at_ms.abs_diff(starts);
            // Each start is rounded to a millisecond by itself.
            if drift > Millis(2) {
                let (is, wanted) = (item.starts_at_ms.to_string(), starts.to_string());
                self.differs(
                    Check::Order,
                    &item.file,
                    ("开始时间", "its start"),
                    &is,
                    &wanted,
                );
            }
            let length = self.manifest.frame_rate.start_of(item.frames);
            if item.duration_ms.abs_diff(length) > Millis(2) {
                let (is, wanted) = (item.duration_ms.to_string(), length.to_string());
                let what = ("清单里的时长", "its length in the manifest");
                self.differs(Check::Order, &item.file, what, &is, &wanted);
            }
            if item.order < order {
                let (is, wanted) = (item.order.to_string(), format!(">= {order}"));
                self.differs(
                    Check::Order,
                    &item.file,
                    ("次序", "its place"),
                    &is,
                    &wanted,
                );
            }
            starts = Millis(item.starts_at_ms.0.saturating_add(item.duration_ms.0));
            order = item.order;
        }
        let mut names: Vec<_> = self.manifest.files().collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        if let Some(twice) = twice.map(|pair| pair[0].to_owned()) {
            let message = Text::new("清单里出现两次", "it stands in the manifest twice");
            self.fail(Check::Order, &twice, message, make_again());
        }
    }

    fn item(&mut self, item: &Item) {
        let Some(played) = self.file(&item.file, item.bytes, &item.blake3) else {
            return;
        };
        let Some((picture, sound)) = self.streams(&item.file, &played, 0) else {
            return;
        };
        self.picture(&item.file, picture, item.frames);
        self.sound(&item.file, picture, sound);
        self.loudness(item, sound);
        if matches!(item.kind, ItemKind::Film | ItemKind::Still) {
            self.borders(item, picture, sound);
        }
    }

    /// Is it the file that was made? What it is when played, if it is there and plays.
    fn file(&mut self, file: &str, bytes: Bytes, blake3: &ContentHash) -> Option<Played> {
        if !file.is_ascii() {
            self.fail(
                Check::Name,
                file,
                Text::new(
                    "文件名里有非英文字符，有的播放器打不开",
                    "its name is not plain ASCII, and some players cannot open it",
                ),
                make_again(),
            );
        }
        let Some(facts) = self.facts.files.get(file) else {
            self.fail(
                Check::Missing,
                file,
                Text::new(
                    "清单里有，文件夹里没有",
                    "the manifest names it, and it is not in the folder",
                ),
                make_again(),
            );
            return None;
        };
        if facts.bytes != bytes.0 {
            let (is, wanted) = (facts.bytes.to_string(), bytes.0.to_string());
            self.differs(
                Check::Size,
                file,
                ("大小（字节）", "its size in bytes"),
                &is,
                &wanted,
            );
        } else if facts.blake3 != *blake3 {
            let short = |hash: &ContentHash| format!("{}…", &hash.as_str()[..16]);
            let (is, wanted) = (short(&facts.blake3), short(blake3));
            self.differs(
                Check::Content,
                file,
                ("内容（BLAKE3）", "its content (BLAKE3)"),
                &is,
                &wanted,
            );
        }
        self.fat32(file, facts.bytes);
        match &facts.played {
            Ok(played) => Some(played.clone()),
            Err(why) => {
                let message = Text::new(
                    format!("放不出来：{}", why.zh),
                    format!("it does not play: {}", why.en),
                );
                self.fail(Check::Decode, file, message, make_again());
                None
            }
        }
    }

    fn fat32(&mut self, file: &str, bytes: u64) {
        if bytes <= MAX_FAT32_BYTES {
            return;
        }
        let gravity = match self.facts.drive {
            Some(Drive { is_fat32: true, .. }) => Gravity::Failure,
            Some(_) => return,
            None => Gravity::Note,
        };
        self.say(
            gravity,
            Check::Fat32,
            file,
            Text::new(
                format!("有 {}，FAT32 的 U 盘放不下 4 GiB 以上的文件", Bytes(bytes)),
                format!("it has {}, and a FAT32 stick takes no file of 4 GiB or more", Bytes(bytes)),
            ),
            Text::new(
                "把 U 盘格式化为 exFAT 或 NTFS（先备份里面的东西），或者只用单个节目文件播放",
                "format the stick as exFAT or NTFS (save what is on it first), or play the single files",
            ),
        );
    }

    /// Picture and sound, and `more` tracks at most beside them.
    fn streams<'p>(
        &mut self,
        file: &str,
        played: &'p Played,
        more: usize,
    ) -> Option<(&'p PlayedPicture, &'p PlayedSound)> {
        if let Some(why) = &played.broken {
            let message = Text::new(
                format!("没有播放到结尾：{why}"),
                format!("it stops before its end: {why}"),
            );
            self.fail(Check::Decode, file, message, make_again());
        }
        if played.errors > 0 {
            let errors = played.errors;
            let message = Text::new(
                format!("解码时有 {errors} 处错误，播放会花屏或爆音"),
                format!("{errors} errors while decoding: it would show blocks or crackle"),
            );
            self.fail(Check::Decode, file, message, make_again());
        }
        if played.other_streams > more {
            let others = played.other_streams;
            let message = Text::new(
                format!("除画面和声音外还有 {others} 条轨道"),
                format!("there are {others} more tracks than one of pictures and one of sound"),
            );
            self.fail(Check::Streams, file, message, make_again());
        }
        if let (Some(picture), Some(sound)) = (&played.picture, &played.sound) {
            return Some((picture, sound));
        }
        let message = match played.picture {
            None => Text::new("没有画面", "there is no picture"),
            Some(_) => Text::new("没有声音轨道", "there is no track of sound"),
        };
        self.fail(Check::Streams, file, message, make_again());
        None
    }

    fn picture(&mut self, file: &str, picture: &PlayedPicture, frames: u64) {
        let Manifest {
            width,
            height,
            frame_rate,
            ..
        } = *self.manifest;
        let sizes: Vec<_> = picture
            .sizes
            .iter()
            .map(|(w, h)| format!("{w}x{h}"))
            .collect();
        let wanted = format!("{width}x{height}");
        if sizes != [wanted.as_str()] {
            let is = sizes.join(" ");
            self.differs(
                Check::FrameSize,
                file,
                ("画面大小", "its frame size"),
                &is,
                &wanted,
            );
        }
        if !is_rate(picture.rate, frame_rate) || !is_even(picture, frame_rate) {
            let (num, den) = picture.rate;
            let over = u64::try_from(picture.last_us - picture.first_us).unwrap_or(0);
            let (frames, over) = (picture.frames, Millis(over / 1000));
            let is = format!("{num}/{den} ({frames} / {over})");
            let what = ("帧率", "its frame rate");
            self.differs(Check::FrameRate, file, what, &is, &frame_rate.to_string());
        }
        if picture.interlaced > 0 {
            let is = format!("{} / {}", picture.interlaced, picture.frames);
            let what = ("隔行扫描的帧数", "the number of its interlaced frames");
            self.differs(Check::Scan, file, what, &is, "0");
        }
        let formats: Vec<_> = picture.pixel_formats.iter().map(String::as_str).collect();
        if formats != [PIXEL_FORMAT] {
            let is = formats.join(" ");
            self.differs(
                Check::PixelFormat,
                file,
                ("像素格式", "its pixel format"),
                &is,
                PIXEL_FORMAT,
            );
        }
        if picture.frames != frames {
            let (is, wanted) = (picture.frames.to_string(), frames.to_string());
            self.differs(
                Check::Frames,
                file,
                ("帧数", "its number of frames"),
                &is,
                &wanted,
            );
        }
    }

    fn sound(&mut self, file: &str, picture: &PlayedPicture, sound: &PlayedSound) {
        let (rate, channels) = (self.manifest.sample_rate, self.manifest.channels);
        if sound.rate != rate {
            let (is, wanted) = (sound.rate.to_string(), rate.to_string());
            self.differs(
                Check::SampleRate,
                file,
                ("采样率", "its sample rate"),
                &is,
                &wanted,
            );
        }
        if sound.channels != u32::from(channels) {
            let (is, wanted) = (sound.channels.to_string(), channels.to_string());
            self.differs(
                Check::Channels,
                file,
                ("声道数", "its number of channels"),
                &is,
                &wanted,
            );
        }
        let of_sound = length(sound.samples, sound.rate);
        let of_picture = self.manifest.frame_rate.start_of(picture.frames);
        let apart = of_sound.abs_diff(of_picture);
        if apart > Millis(MAX_AV_DIFFERENCE_MS) || sound.gap_us > MAX_SOUND_GAP_US {
            let gap = sound.gap_us / 1000;
            self.fail(
                Check::Sync,
                file,
                Text::new(
                    format!("声音长 {of_sound}，画面长 {of_picture}，中间最多差 {gap} 毫秒：会不同步"),
                    format!("its sound is {of_sound} long, its picture {of_picture}, and up to {gap} ms are missing in between: they drift apart"),
                ),
                make_again(),
            );
        }
    }

    fn loudness(&mut self, item: &Item, sound: &PlayedSound) {
        let target = self.facts.target_lufs;
        match (item.loudness_lufs, sound.loudness_lufs) {
            (Some(recorded), None) => self.fail(
                Check::Silence,
                &item.file,
                Text::new(
                    format!("整段没有声音，制作时有 {recorded:.1} LUFS"),
                    format!("it is silent, and had {recorded:.1} LUFS when it was made"),
                ),
                make_again(),
            ),
            (_, Some(loudness)) if (loudness - target).abs() > TOLERANCE_LU => {
                let word = if loudness > target {
                    ("太响", "too loud")
                } else {
                    ("太轻", "too quiet")
                };
                self.fail(
                    Check::Loudness,
                    &item.file,
                    Text::new(
                        format!("{}：{loudness:.1} LUFS，应当是 {target:.1} ± {TOLERANCE_LU:.0}", word.0),
                        format!("{}: {loudness:.1} LUFS instead of {target:.1} ± {TOLERANCE_LU:.0}", word.1),
                    ),
                    Text::new(
                        "重新制作（zhanbo run、zhanbo programme OUT）；仍然这样，说明原片峰值太高或太短，请在会场为它单独调音量并写进节目单备注",
                        "make it again (`zhanbo run`, `zhanbo programme OUT`); if it stays so, its peaks are too high or it is too \
                         short: set the volume for it by hand and note that in the run sheet",
                    ),
                );
            }
            _ => {}
        }
    }

    fn spread(&mut self) {
        let played = |item: &Item| {
            let played = self.facts.files.get(&item.file)?.played.as_ref().ok()?;
            Some((played.sound.as_ref()?.loudness_lufs?, item.file.clone()))
        };
        let items = self.manifest.items.iter();
        let counted = items.filter(|item| !self.is_accepted(item, Meant::Loudness));
        let all: Vec<_> = counted.filter_map(played).collect();
        let by_loudness = |a: &&(f64, String), b: &&(f64, String)| a.0.total_cmp(&b.0);
        let (quiet, loud) = (
            all.iter().min_by(by_loudness),
            all.iter().max_by(by_loudness),
        );
        let (Some((quiet, quiet_file)), Some((loud, loud_file))) = (quiet, loud) else {
            return;
        };
        let spread = loud - quiet;
        if spread > MAX_SPREAD_LU {
            self.fail(
                Check::Loudness,
                "",
                Text::new(
                    format!("最响的 {loud_file}（{loud:.1} LUFS）和最轻的 {quiet_file}（{quiet:.1} LUFS）相差 {spread:.1} LU，最多 {MAX_SPREAD_LU:.0}"),
                    format!("the loudest, {loud_file} ({loud:.1} LUFS), and the quietest, {quiet_file} ({quiet:.1} LUFS), are {spread:.1} LU apart, at most {MAX_SPREAD_LU:.0} are allowed"),
                ),
                make_again(),
            );
        }
    }

    fn borders(&mut self, item: &Item, picture: &PlayedPicture, sound: &PlayedSound) {
        let rate = self.manifest.frame_rate;
        for (frames, zh, en) in [
            (picture.black_start, "开头", "begins"),
            (picture.black_end, "结尾", "ends"),
        ] {
            let black = rate.start_of(frames);
            if black > MAX_BLACK {
                self.fail(
                    Check::Black,
                    &item.file,
                    Text::new(
                        format!("{zh}有 {black} 全黑，最多 {MAX_BLACK}：在会场像是出了故障"),
                        format!("it {en} with {black} of black, at most {MAX_BLACK} is allowed: in the hall it looks like a failure"),
                    ),
                    Text::new(
                        "请报送单位剪掉黑场重新发送（剪映：分割后删除；Premiere：Ctrl+K 后删除），再运行一次 zhanbo run",
                        "have the unit cut the black off and send it again (CapCut: split and delete; Premiere: Ctrl+K and delete), then `zhanbo run`",
                    ),
                );
            }
        }
        if sound.loudness_lufs.is_none() {
            return;
        }
        for (samples, zh, en) in [
            (sound.silent_start, "开头", "begins"),
            (sound.silent_end, "结尾", "ends"),
        ] {
            let silent = length(samples, sound.rate);
            if silent > MAX_SILENCE {
                let message = Text::new(
                    format!("{zh}有 {silent} 没有声音"),
                    format!("it {en} with {silent} of silence"),
                );
                let remedy = Text::new(
                    "听一遍；如果是本意，请写进节目单备注，免得会场以为音响坏了",
                    "listen to it; if it is meant so, note it in the run sheet, or somebody will look for a fault of the loudspeakers",
                );
                self.say(Gravity::Note, Check::Silence, &item.file, message, remedy);
            }
        }
    }

    fn joined(&mut self, joined: &Joined) {
        let Some(played) = self.file(&joined.file, joined.bytes, &joined.blake3) else {
            return;
        };
        let all: u64 = self.manifest.items.iter().map(|item| item.frames).sum();
        if joined.frames != all {
            let (is, wanted) = (joined.frames.to_string(), all.to_string());
            let what = ("清单里的帧数", "its number of frames in the manifest");
            self.differs(Check::Joined, &joined.file, what, &is, &wanted);
        }
        // Some write chapters as a track of text, too.
        let of_chapters = usize::from(!played.chapters.is_empty());
        if let Some((picture, sound)) = self.streams(&joined.file, &played, of_chapters) {
            self.picture(&joined.file, picture, joined.frames);
            self.sound(&joined.file, picture, sound);
        }
        self.chapters(&joined.file, &played.chapters);
    }

    /// Every chapter begins where an item does, and they go forward.
    fn chapters(&mut self, file: &str, chapters: &[i64]) {
        let starts: Vec<_> = self
            .manifest
            .items
            .iter()
            .map(|item| item.starts_at_ms)
            .collect();
        let frame = self.manifest.frame_rate.start_of(1);
        let is_start = |start: Millis| starts.iter().any(|s| s.abs_diff(start) <= frame);
        let at = |micros: i64| Millis(u64::try_from(micros).unwrap_or(0) / 1000);
        let wrong = chapters.iter().find(|start| !is_start(at(**start)));
        let forward = chapters.windows(2).all(|pair| pair[0] < pair[1]);
        let message = match wrong {
            _ if chapters.is_empty() => Text::new("没有章节", "it has no chapters"),
            Some(start) => Text::new(
                format!("章节 {} 不在任何节目的开头", at(*start)),
                format!("the chapter at {} is no item's start", at(*start)),
            ),
            None if !forward => Text::new("章节的次序不对", "its chapters are out of order"),
            None => return,
        };
        self.fail(Check::Joined, file, message, make_again());
    }

    fn folder(&mut self) {
        for file in self.facts.extra.clone() {
            self.fail(
                Check::Extra,
                &file,
                Text::new(
                    "不在清单里的视频：按文件夹播放时会播到它",
                    "a film that the manifest does not name: a player that plays the folder would play it",
                ),
                Text::new(
                    "请把它移到 programme 文件夹之外",
                    "move it out of the folder `programme`",
                ),
            );
        }
        let Some(drive) = self.facts.drive else {
            return;
        };
        let (free, wanted) = (drive.free_bytes, self.facts.bytes);
        if free < wanted {
            self.fail(
                Check::Space,
                "",
                Text::new(
                    format!("要复制到的盘只剩 {}，节目有 {}", Bytes(free), Bytes(wanted)),
                    format!(
                        "the drive has {} left, and the programme is {}",
                        Bytes(free),
                        Bytes(wanted)
                    ),
                ),
                Text::new(
                    "腾出空间，或换一个更大的 U 盘",
                    "free some space, or take a bigger stick",
                ),
            );
        }
    }
}

fn is_about(accept: &Accept, item: &Item) -> bool {
    accept.is_about(item.submission.as_ref(), &item.unit, &item.title)
}

fn length(samples: u64, rate: u32) -> Millis {
    Millis(u64::try_from(u128::from(samples) * 1000 / u128::from(rate.max(1))).unwrap_or(u64::MAX))
}

/// The container's rate is an average over a length in ticks; 24 and 23.976 are three times as far apart.
fn is_rate((num, den): (i32, i32), wanted: FrameRate) -> bool {
    let rate = f64::from(num) / f64::from(den.max(1));
    (rate / wanted.as_f64() - 1.0).abs() < 0.0003
}

/// Every frame one step after the other: the last is where counting puts it, and none goes back.
fn is_even(picture: &PlayedPicture, rate: FrameRate) -> bool {
    let step = 1_000_000 * i64::from(rate.den) / i64::from(rate.num.max(1));
    let counted = rate.start_of(picture.frames.saturating_sub(1)).0;
    let counted = i64::try_from(counted.saturating_mul(1000)).unwrap_or(i64::MAX);
    picture.backward == 0 && (picture.last_us - picture.first_us - counted).abs() <= step / 2 + 1000
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FRAMES: u64 = 250;

    fn hash(name: &str) -> ContentHash {
        blake3::hash(name.as_bytes()).into()
    }

    fn item(order: usize, file: &str) -> Item {
        Item {
            order,
            kind: ItemKind::Film,
            file: file.into(),
            submission: None,
            region: String::new(),
            unit: String::new(),
            title: String::new(),
            starts_at_ms: Millis((order as u64 - 1) * 10_000),
            duration_ms: Millis(10_000),
            frames: FRAMES,
            bytes: Bytes(1000),
            loudness_lufs: Some(-23.0),
            blake3: hash(file),
        }
    }

    fn played(frames: u64) -> Played {
        Played {
            picture: Some(PlayedPicture {
                codec: "h264".into(),
                sizes: BTreeSet::from([(1920, 1080)]),
                pixel_formats: BTreeSet::from(["yuv420p".to_owned()]),
                frames,
                rate: (25, 1),
                last_us: i64::try_from((frames - 1) * 40_000).unwrap(),
                ..PlayedPicture::default()
            }),
            sound: Some(PlayedSound {
                codec: "aac".into(),
                rate: 48_000,
                channels: 2,
                samples: frames * 1920,
                loudness_lufs: Some(-23.2),
                ..PlayedSound::default()
            }),
            ..Played::default()
        }
    }

    fn good() -> (Manifest, Facts) {
        let items = vec![item(1, "01-rain.mp4"), item(2, "02-snow.mp4")];
        let joined = Joined {
            file: "programme.mp4".into(),
            duration_ms: Millis(20_000),
            frames: 2 * FRAMES,
            bytes: Bytes(1000),
            blake3: hash("programme.mp4"),
        };
        let facts = |name: &str, frames| FileFacts {
            bytes: 1000,
            blake3: hash(name),
            played: Ok(played(frames)),
        };
        let mut files: BTreeMap<_, _> = items
            .iter()
            .map(|item| (item.file.clone(), facts(&item.file, FRAMES)))
            .collect();
        let mut whole = facts("programme.mp4", 2 * FRAMES);
        if let Ok(played) = &mut whole.played {
            played.chapters = vec![0, 10_000_000];
        }
        files.insert("programme.mp4".into(), whole);
        let manifest = Manifest::sample(items, Some(joined));
        let facts = Facts {
            files,
            extra: vec![],
            bytes: 3000,
            drive: None,
            target_lufs: TARGET_LUFS,
            meant: vec![],
        };
        (manifest, facts)
    }

    fn accept(check: Meant) -> Accept {
        Accept {
            source: None,
            unit: Some("甲大学".into()),
            title: Some("雨".into()),
            check,
            by: "秘书处".into(),
            reason: "片子就是这样开始的".into(),
        }
    }

    #[test]
    fn what_is_meant_is_no_failure_and_says_who_decided() {
        let (mut manifest, mut facts) = good();
        manifest.items[0].unit = "甲大学".into();
        manifest.items[0].title = "雨".into();
        let black = |facts: &mut Facts, name: &str| {
            let played = facts.files.get_mut(name).unwrap().played.as_mut().unwrap();
            played.picture.as_mut().unwrap().black_start = 75;
        };
        black(&mut facts, "01-rain.mp4");
        black(&mut facts, "02-snow.mp4");
        facts.meant = vec![accept(Meant::Black), accept(Meant::Loudness)];
        let findings = judge(&manifest, &facts);
        let told: Vec<_> = findings
            .iter()
            .map(|f| {
                (
                    f.gravity,
                    f.check,
                    f.file.as_str(),
                    f.decision.as_ref().map(|d| &*d.by),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    Gravity::Accepted,
                    Check::Black,
                    "01-rain.mp4",
                    Some("秘书处")
                ),
                (Gravity::Failure, Check::Black, "02-snow.mp4", None),
                (Gravity::Note, Check::Loudness, "", None),
            ]
        );
    }

    #[test]
    fn a_film_that_is_meant_to_be_quiet_does_not_spread_the_others_and_a_lost_sound_is_never_meant()
    {
        let (mut manifest, mut facts) = good();
        manifest.items[0].unit = "甲大学".into();
        manifest.items[0].title = "雨".into();
        let sound = |facts: &mut Facts| {
            let played = rain(facts).played.as_mut().unwrap();
            played.sound.as_mut().unwrap().loudness_lufs = Some(-31.0);
        };
        sound(&mut facts);
        facts.meant = vec![accept(Meant::Loudness), accept(Meant::Silence)];
        let failures = |facts: &Facts| {
            let findings = judge(&manifest, facts).into_iter();
            let failures = findings.filter(|f| f.gravity == Gravity::Failure);
            failures.map(|f| f.check).collect::<Vec<_>>()
        };
        assert_eq!(failures(&facts), []);
        let played = rain(&mut facts).played.as_mut().unwrap();
        played.sound.as_mut().unwrap().loudness_lufs = None;
        assert_eq!(failures(&facts), [Check::Silence]);
    }

    /// What is found once something was spoilt; only failures.
    fn found(spoil: impl FnOnce(&mut Manifest, &mut Facts)) -> BTreeSet<Check> {
        let (mut manifest, mut facts) = good();
        spoil(&mut manifest, &mut facts);
        let findings = judge(&manifest, &facts);
        let failures = findings.iter().filter(|f| f.gravity == Gravity::Failure);
        failures.map(|finding| finding.check).collect()
    }

    fn rain(facts: &mut Facts) -> &mut FileFacts {
        facts.files.get_mut("01-rain.mp4").unwrap()
    }

    fn picture(facts: &mut Facts) -> &mut PlayedPicture {
        let played = rain(facts).played.as_mut().unwrap();
        played.picture.as_mut().unwrap()
    }

    fn sound(facts: &mut Facts) -> &mut PlayedSound {
        let played = rain(facts).played.as_mut().unwrap();
        played.sound.as_mut().unwrap()
    }

    #[test]
    fn a_good_programme_has_nothing_to_be_found() {
        let (manifest, facts) = good();
        assert_eq!(judge(&manifest, &facts), []);
    }

    #[test]
    fn every_defect_is_found_and_nothing_else_with_it() {
        let only = |check| BTreeSet::from([check]);
        assert_eq!(
            found(|_, f| drop(f.files.remove("01-rain.mp4"))),
            only(Check::Missing)
        );
        assert_eq!(
            found(|_, f| f.extra.push("holiday.mp4".into())),
            only(Check::Extra)
        );
        assert_eq!(found(|_, f| rain(f).bytes = 999), only(Check::Size));
        assert_eq!(
            found(|_, f| rain(f).blake3 = hash("other")),
            only(Check::Content)
        );
        assert_eq!(
            found(|_, f| rain(f).played = Err(Text::same("no"))),
            only(Check::Decode)
        );
        let spoilt = |how: fn(&mut Played)| found(|_, f| how(rain(f).played.as_mut().unwrap()));
        assert_eq!(spoilt(|p| p.errors = 1), only(Check::Decode));
        assert_eq!(
            spoilt(|p| p.broken = Some("cut".into())),
            only(Check::Decode)
        );
        assert_eq!(spoilt(|p| p.other_streams = 1), only(Check::Streams));
        assert_eq!(spoilt(|p| p.sound = None), only(Check::Streams));
        assert_eq!(spoilt(|p| p.picture = None), only(Check::Streams));
        let seen = |how: fn(&mut PlayedPicture)| found(|_, f| how(picture(f)));
        assert_eq!(
            seen(|p| p.sizes = BTreeSet::from([(1280, 720)])),
            only(Check::FrameSize)
        );
        assert_eq!(
            seen(|p| assert!(p.sizes.insert((1280, 720)))),
            only(Check::FrameSize),
            "a size that changes in the middle"
        );
        assert_eq!(seen(|p| p.rate = (24000, 1001)), only(Check::FrameRate));
        assert_eq!(seen(|p| p.last_us += 40_000), only(Check::FrameRate));
        assert_eq!(seen(|p| p.backward = 1), only(Check::FrameRate));
        assert_eq!(seen(|p| p.interlaced = 250), only(Check::Scan));
        assert_eq!(
            seen(|p| p.pixel_formats = BTreeSet::from(["yuv420p10le".to_owned()])),
            only(Check::PixelFormat)
        );
        assert_eq!(seen(|p| p.black_start = 51), only(Check::Black));
        assert_eq!(seen(|p| p.black_end = 51), only(Check::Black));
        assert_eq!(seen(|p| p.black_end = 50), BTreeSet::new());
        let heard = |how: fn(&mut PlayedSound)| found(|_, f| how(sound(f)));
        assert_eq!(heard(|s| s.channels = 1), only(Check::Channels));
        assert_eq!(heard(|s| s.samples -= 2500), only(Check::Sync));
        assert_eq!(heard(|s| s.gap_us = 20_001), only(Check::Sync));
        assert_eq!(
            heard(|s| s.loudness_lufs = Some(-21.9)),
            only(Check::Loudness)
        );
        assert_eq!(
            heard(|s| s.loudness_lufs = Some(-24.1)),
            only(Check::Loudness)
        );
        assert_eq!(heard(|s| s.loudness_lufs = None), only(Check::Silence));
        assert_eq!(
            heard(|s| (s.rate, s.samples) = (44_100, 441_000)),
            only(Check::SampleRate)
        );
    }

    #[test]
    fn a_film_that_was_silent_when_it_was_made_may_be() {
        let silent = |m: &mut Manifest, f: &mut Facts| {
            m.items[0].loudness_lufs = None;
            sound(f).loudness_lufs = None;
        };
        assert_eq!(found(silent), BTreeSet::new());
    }

    #[test]
    fn slates_may_be_black_and_films_may_not() {
        let slate = |m: &mut Manifest, f: &mut Facts| {
            m.items[0].kind = ItemKind::Pause;
            picture(f).black_start = FRAMES;
        };
        assert_eq!(found(slate), BTreeSet::new());
    }

    #[test]
    fn order_and_times_agree_with_each_other() {
        assert!(found(|m, _| m.items.swap(0, 1)).contains(&Check::Order));
        assert!(found(|m, _| m.items[0].duration_ms = Millis(9000)).contains(&Check::Order));
        assert!(found(|m, _| m.items[1].starts_at_ms = Millis(9000)).contains(&Check::Order));
        assert!(found(|m, _| m.items[1].file = "01-rain.mp4".into()).contains(&Check::Order));
        assert!(found(|m, _| m.items[0].frames = 249).contains(&Check::Frames));
    }

    #[test]
    fn the_joined_file_has_every_item_at_its_place() {
        let chapters = |starts: &'static [i64]| {
            found(|_, f| {
                let whole = f.files.get_mut("programme.mp4").unwrap();
                whole.played.as_mut().unwrap().chapters = starts.to_vec();
            })
        };
        assert_eq!(chapters(&[0, 10_000_000]), BTreeSet::new());
        for wrong in [&[][..], &[0, 9_000_000], &[10_000_000, 0]] {
            assert_eq!(
                chapters(wrong),
                BTreeSet::from([Check::Joined]),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_file_of_four_gibibytes_stops_only_a_stick_that_cannot_hold_it() {
        let big = |drive: Option<Drive>| {
            let (mut manifest, mut facts) = good();
            let bytes = MAX_FAT32_BYTES + 1;
            manifest.items[0].bytes = Bytes(bytes);
            rain(&mut facts).bytes = bytes;
            facts.drive = drive;
            let findings = judge(&manifest, &facts);
            findings
                .into_iter()
                .map(|finding| (finding.check, finding.gravity))
                .collect::<Vec<_>>()
        };
        let drive = |is_fat32| Drive {
            free_bytes: u64::MAX,
            is_fat32,
        };
        assert_eq!(big(None), [(Check::Fat32, Gravity::Note)]);
        assert_eq!(big(Some(drive(true))), [(Check::Fat32, Gravity::Failure)]);
        assert_eq!(big(Some(drive(false))), []);
    }

    #[test]
    fn a_stick_must_have_room() {
        let drive = Drive {
            free_bytes: 2999,
            is_fat32: false,
        };
        assert_eq!(
            found(|_, f| f.drive = Some(drive)),
            BTreeSet::from([Check::Space])
        );
    }
}
