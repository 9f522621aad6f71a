//! What is missing on this computer, and how to get it. In: questions to the libraries and the system. Out: a list of
//! answers. Never installs anything.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::av::{self, H264Encoder};
use crate::config;
use crate::preset;
use crate::text::Text;
use crate::transcode::trial::TrialOrder;
use crate::units::Bytes;
use crate::worker::parent::Workers;

/// How an answer is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, but not everything.
    Weak,
    /// Nothing can be made without it.
    Missing,
    /// Not there, and nothing is the worse for it.
    Spare,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What was asked.
    pub what: Text,
    /// How it stands.
    pub health: Health,
    /// What was found.
    pub found: Text,
    /// What to do, where something is to be done.
    pub remedy: Option<Text>,
}

/// Asks everything. `here` is where outputs would go.
pub fn examine(workers: &Workers, here: &Path) -> Vec<Answer> {
    let mut answers = vec![libraries(), worker(workers)];
    answers.extend([
        part(
            ("编码器 libx264", "encoder libx264"),
            av::has_encoder("libx264"),
            Health::Missing,
        ),
        part(
            ("编码器 aac", "encoder aac"),
            av::has_encoder("aac"),
            Health::Missing,
        ),
        part(
            ("编码器 mjpeg", "encoder mjpeg"),
            av::has_encoder("mjpeg"),
            Health::Missing,
        ),
        part(
            (
                "编码器 libwebp（海报另存 WebP）",
                "encoder libwebp (the poster as WebP, too)",
            ),
            av::can_encode_webp(),
            Health::Weak,
        ),
        part(
            ("解码器 h264、hevc", "decoders h264, hevc"),
            has_all(&["h264", "hevc"]),
            Health::Missing,
        ),
        part(
            ("解码器 av1", "decoder av1"),
            has_any(&["libdav1d", "libaom-av1", "av1"]),
            Health::Weak,
        ),
        part(
            ("滤镜 bwdif（去隔行）", "filter bwdif (deinterlacing)"),
            av::has_filter("bwdif"),
            Health::Missing,
        ),
        part(
            (
                "滤镜 haldclut、premultiply、fieldmatch、decimate（HDR、透明、胶片）",
                "filters haldclut, premultiply, fieldmatch, decimate (HDR, transparency, film)",
            ),
            ["haldclut", "premultiply", "fieldmatch", "decimate"]
                .into_iter()
                .all(av::has_filter),
            Health::Weak,
        ),
    ]);
    answers.extend(H264Encoder::HARDWARE.map(|encoder| hardware(workers, encoder)));
    answers.extend([sandbox(), fonts(), disk(here), machine()]);
    answers
}

fn answer(what: (&str, &str), health: Health, found: Text, remedy: Option<Text>) -> Answer {
    Answer {
        what: Text::new(what.0, what.1),
        health,
        found,
        remedy: remedy.filter(|_| health != Health::Good),
    }
}

fn libraries() -> Answer {
    let libav = av::version();
    let found = format!(
        "FFmpeg {} (avcodec {}, avformat {}, avfilter {}), {}",
        libav.ffmpeg, libav.avcodec, libav.avformat, libav.avfilter, libav.license
    );
    answer(
        ("FFmpeg 库", "FFmpeg libraries"),
        Health::Good,
        Text::same(found),
        None,
    )
}

fn worker(workers: &Workers) -> Answer {
    let what = ("处理进程", "worker process");
    match workers.greet() {
        Err(crate::worker::parent::WorkerError::Refused { .. }) | Ok(()) => answer(
            what,
            Health::Good,
            Text::new("可以启动", "starts and answers"),
            None,
        ),
        Err(error) => {
            let remedy = Text::new(
                "请检查 /proc 是否可用，程序文件是否允许执行",
                "check that /proc is there and that the program may be executed",
            );
            answer(what, Health::Missing, error.text(), Some(remedy))
        }
    }
}

fn has_all(decoders: &[&str]) -> bool {
    decoders.iter().all(|name| av::has_decoder(name))
}

fn has_any(decoders: &[&str]) -> bool {
    decoders.iter().any(|name| av::has_decoder(name))
}

fn part(what: (&str, &str), there: bool, otherwise: Health) -> Answer {
    let found = if there {
        Text::new("有", "there")
    } else {
        Text::new("没有", "not there")
    };
    let remedy = Text::new(
        "请安装发行版自带的 FFmpeg 库（Debian/Ubuntu：scripts/setup）",
        "install the distribution's FFmpeg libraries (Debian, Ubuntu: scripts/setup)",
    );
    answer(
        what,
        if there { Health::Good } else { otherwise },
        found,
        Some(remedy),
    )
}

/// Whether an encoder in hardware really encodes the built-in ladder's rungs.
fn hardware(workers: &Workers, encoder: H264Encoder) -> Answer {
    let name = encoder.name();
    let what = Text::new(
        format!("硬件编码 {name}"),
        format!("hardware encoder {name}"),
    );
    let tried = match preset::ladder(preset::DEFAULT_LADDER) {
        Ok(ladder) if av::has_encoder(name) => workers
            .try_encoder(TrialOrder {
                encoder,
                rungs: ladder.rungs,
            })
            .map_err(|error| error.text()),
        _ => Err(Text::new(
            "这个 FFmpeg 里没有",
            "this build of FFmpeg does not have it",
        )),
    };
    match tried {
        Ok(()) => Answer {
            what,
            health: Health::Good,
            found: Text::new(
                format!("可以用：--encoder {name}"),
                format!("works: --encoder {name}"),
            ),
            remedy: None,
        },
        Err(why) => Answer {
            what,
            health: Health::Spare,
            found: Text::new(
                format!("不能用，也不需要：{}", why.zh),
                format!("cannot be used, and is not needed: {}", why.en),
            ),
            remedy: None,
        },
    }
}

fn sandbox() -> Answer {
    let found = Text::new(
        "独立进程、只给文件描述符、解复用器和解码器白名单；内核级隔离（Landlock、seccomp）本版本还没有",
        "a process of its own, descriptors only, lists of demuxers and decoders; the kernel's walls (Landlock, seccomp) \
         are not built yet in this version",
    );
    let remedy = Text::new(
        "请以普通用户身份运行，不要用 root",
        "run as an ordinary user, not as root",
    );
    answer(("隔离", "isolation"), Health::Weak, found, Some(remedy))
}

// Pages are shown by the reader's browser; on this computer the font only matters for looking at them here.
fn fonts() -> Answer {
    let places = ["/usr/share/fonts", "/usr/local/share/fonts"];
    let found = places
        .iter()
        .find_map(|folder| cjk_font(Path::new(folder), 0));
    let remedy = Text::new("apt install fonts-noto-cjk", "apt install fonts-noto-cjk");
    match found {
        Some(name) => answer(
            ("中文字体", "Chinese font"),
            Health::Good,
            Text::same(name),
            None,
        ),
        None => answer(
            ("中文字体", "Chinese font"),
            Health::Weak,
            Text::new("没有找到", "none found"),
            Some(remedy),
        ),
    }
}

fn cjk_font(folder: &Path, depth: usize) -> Option<String> {
    let mut entries: Vec<_> = fs::read_dir(folder).ok()?.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    entries.into_iter().find_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().ok()?.is_dir() {
            return (depth < 4)
                .then(|| cjk_font(&entry.path(), depth + 1))
                .flatten();
        }
        let lower = name.to_lowercase();
        let is_cjk = ["cjk", "wqy", "simsun", "simhei", "msyh", "sourcehan"]
            .iter()
            .any(|word| lower.contains(word));
        is_cjk.then_some(name)
    })
}

/// Free space below which a season's outputs will hardly fit.
const LITTLE_SPACE: u64 = 20 << 30;

fn disk(here: &Path) -> Answer {
    let what = ("磁盘剩余空间", "free disk space");
    match rustix::fs::statvfs(here) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let health = if free < LITTLE_SPACE {
                Health::Weak
            } else {
                Health::Good
            };
            let remedy = Text::new(
                "一季约 200 个视频需要 20 到 60 GiB",
                "a season of some 200 videos takes 20 to 60 GiB",
            );
            answer(
                what,
                health,
                Text::same(Bytes(free).to_string()),
                Some(remedy),
            )
        }
        Err(error) => answer(what, Health::Weak, Text::same(error.to_string()), None),
    }
}

fn machine() -> Answer {
    let (cores, memory) = (config::cores(), Bytes(config::free_memory()));
    let found = Text::new(
        format!("{cores} 个核，可用内存 {memory}"),
        format!("{cores} cores, {memory} of memory free"),
    );
    answer(
        ("处理器和内存", "processor and memory"),
        Health::Good,
        found,
        None,
    )
}
