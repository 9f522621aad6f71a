//! What was typed. In: the command line and `ZHANBO_…`. Out: one `…Args` a subcommand. Never decides a default.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::preset::EncoderChoice;
use crate::text::Lang;

/// 把各片区交来的展播视频，变成会场节目和网站（检查、转码、节目单、报告）。
///
/// From the videos that regions upload to a programme for the hall and HLS for the web: checked, encoded, reported.
#[derive(Debug, Parser)]
#[command(
    name = "zhanbo",
    version,
    max_term_width = 120,
    after_help = "Exit codes: 0 all well · 1 some submissions were returned or failed · 2 the run could not be done · \
                  130 interrupted\n退出码：0 全部正常 · 1 有视频被退回或失败 · 2 无法运行 · 130 被中止"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Settings for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// Settings for every command.
#[derive(Debug, Args)]
pub struct GlobalArgs {
    /// 语言 / language of everything printed; by the system's locale where not given
    #[arg(long, global = true, value_enum, env = "ZHANBO_LANG")]
    pub lang: Option<Lang>,
    /// 机器可读输出 / machine-readable output on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// 少说 / say less: results only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// 多说 / say more: -v for decisions, -vv for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// 不用颜色 / no colours
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 检查、转码、出节目和报告；可以随时重复运行，只做新的 / the main job, safe to repeat
    Run(RunArgs),
    /// 只检查、出报告，不转码 / check and report, encode nothing
    Check(CheckArgs),
    /// 看看 run 会做什么、为什么 / what `run` would do, and why
    Plan(RunArgs),
    /// 用 OUT 里的 report.json 重新生成报告、汇总表和通知 / make the report's pages, spreadsheet and notices again
    Report(ReportArgs),
    /// 用已经做好的成品重新做会场节目：顺序、片头、整场文件、节目单 / make the programme again from what is there
    Programme(ProgrammeArgs),
    /// 用 OUT 里已经做好的视频重新生成网站 / make the website again from what is already made
    Site(SiteArgs),
    /// 查看、检查规则和输出预设 / the presets: rule sets and ladders
    Presets(PresetsArgs),
    /// 一条规则的说明 / a rule's manual page; without a name, all rules
    Rule {
        /// 规则名 / name of the rule
        name: Option<String>,
    },
    /// 逐条检查任何一个 HLS 包 / check any HLS package, clause by clause
    HlsLint(HlsLintArgs),
    /// 往年作品库：把一次展播的作品加进去，以后能认出重复报送的 / the library of earlier years: add a showcase's works
    Index(IndexArgs),
    /// 新建收件夹：showcase.toml、片区文件夹、单位名单 / a fresh inbox: showcase.toml, regions' folders, a roster
    Init(InitArgs),
    /// 逐字节验证输出文件夹或 U 盘上的节目 / is every file still what it was made as: an output folder, or a stick
    Verify(VerifyArgs),
    /// 在这台电脑上看网站和报告；Ctrl-C 结束 / show site and report on this computer, until Ctrl-C
    Serve(ServeArgs),
    /// 检查这台电脑缺什么 / what is missing on this computer, and how to get it
    Doctor,
    /// 命令行补全 / completions for a shell
    Completions {
        /// 哪种命令行 / which shell
        shell: clap_complete::Shell,
    },
    /// 手册页（roff） / the manual page, for man(1); of one command where it is named
    Man {
        /// 命令 / name of the command
        command: Option<String>,
    },
    /// Serves one request of a parent process; not for people.
    #[command(hide = true)]
    Worker {
        /// Forks a worker for each request instead.
        #[arg(long)]
        forks: bool,
    },
}

/// Settings of `run` and `plan`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// 收件夹：里面每个片区一个文件夹 / the inbox: a folder for each region
    pub inbox: PathBuf,
    /// 输出文件夹 / output folder
    #[arg(short, long)]
    pub out: PathBuf,
    /// What is wanted.
    #[command(flatten)]
    pub wanted: WantedArgs,
    /// 同时处理几个视频 / videos made at the same time; as many as cores and memory allow where not given
    #[arg(long, env = "ZHANBO_JOBS")]
    pub jobs: Option<usize>,
    /// 全部重新编码，合格的原画面也不直接使用 / encode every picture, even one that could be packaged as it is
    #[arg(long)]
    pub no_copy: bool,
    /// 用什么编码，代替输出预设里写的；不能用时说明原因并改用 x264 / what encodes, instead of what the ladder says; one that does not work
    /// here is told, and x264 is used
    #[arg(long, value_enum)]
    pub encoder: Option<EncoderChoice>,
    /// 成品怎么验证：decode 全部解码一遍；count 只解码开头、其余数帧，赶时间用 / how what was made is proven: decode all of it, or, when time is
    /// short, count its frames and decode how it begins
    #[arg(long, value_enum, default_value_t = ProofArg::Decode)]
    pub proof: ProofArg,
}

/// How what was made is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProofArg {
    /// 全部解码 / every frame is decoded
    Decode,
    /// 数帧，只解码开头 / frames are counted, the first group of pictures is decoded
    Count,
}

/// Settings of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// 收件夹：里面每个片区一个文件夹 / the inbox: a folder for each region
    pub inbox: PathBuf,
    /// 报告写到哪里；不给就只在屏幕上显示 / where the report goes; without it, the screen only
    #[arg(short, long)]
    pub out: Option<PathBuf>,
    /// What is wanted.
    #[command(flatten)]
    pub wanted: WantedArgs,
    /// 同时检查几个视频 / videos checked at the same time
    #[arg(long, env = "ZHANBO_JOBS")]
    pub jobs: Option<usize>,
}

/// Settings of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// 输出文件夹 / an output folder that `run` or `check` has written
    pub out: PathBuf,
}

/// Settings of `site`.
#[derive(Debug, Args)]
pub struct SiteArgs {
    /// 输出文件夹 / an output folder that `run` has written
    pub out: PathBuf,
}

/// Which rules, which outputs.
#[derive(Debug, Clone, Args)]
pub struct WantedArgs {
    /// 规则：名称或 .toml 文件 / rule set: a name or a .toml file; `zhanbo presets` lists them
    #[arg(long, env = "ZHANBO_PRESET")]
    pub preset: Option<String>,
    /// 输出：名称或 .toml 文件 / ladder of outputs: a name or a .toml file
    #[arg(long, env = "ZHANBO_LADDER")]
    pub ladder: Option<String>,
    /// 往年作品库，重复报送会指出年份、单位和作品 / library of earlier years to compare with, see `zhanbo index`
    #[arg(long, env = "ZHANBO_LIBRARY")]
    pub library: Option<PathBuf>,
    /// 活动名称 / the event's title
    #[arg(long)]
    pub title: Option<String>,
}

/// Settings of `hls-lint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 no error and no warning · 1 findings · 2 the playlist cannot be read\n\
                  退出码：0 没有错误和警告 · 1 有发现 · 2 无法读取"
)]
pub struct HlsLintArgs {
    /// 播放列表（.m3u8）或它所在的文件夹 / a playlist, or the folder that it stands in
    #[arg(required_unless_present = "list")]
    pub playlist: Option<PathBuf>,
    /// 列出全部条款 / list all clauses
    #[arg(long, conflicts_with = "playlist")]
    pub list: bool,
}

/// Settings of `programme`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 made, or certified · 1 not certified · 2 it could not be made, or there is none\n\
                  退出码：0 做好了，或认证通过 · 1 没有通过 · 2 做不出来，或没有节目"
)]
pub struct ProgrammeArgs {
    /// 输出文件夹；改过的 programme/run-sheet.xlsx 会读回来 / output folder of `run`; a changed run sheet in it is followed
    pub out: PathBuf,
    /// 不重做，只把现有的从头到尾播放一遍，写认证书和 checksums.b3 / make nothing: play what is there to its end, write a
    /// certificate and checksums.b3
    #[arg(long)]
    pub certify: bool,
    /// 要复制到的 U 盘：检查剩余空间和 4 GiB 限制 / the stick it goes to: free space and the limit of 4 GiB are checked
    #[arg(long, value_name = "DIR", requires = "certify")]
    pub target: Option<PathBuf>,
}

/// Settings of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every file is right · 1 something is wrong · 2 nothing says what the files must contain\n\
                  退出码：0 全部正确 · 1 有问题 · 2 没有清单，无法验证"
)]
pub struct VerifyArgs {
    /// 输出文件夹，或者 U 盘上的 programme 文件夹 / an output folder, or the folder `programme` on a stick
    pub path: PathBuf,
    /// 坏的重新制作；不给 --inbox 就等下一次 run / make what is damaged again; at the next `run` where no --inbox is given
    #[arg(long)]
    pub repair: bool,
    /// 收件夹：马上重新制作 / the inbox: make it again right away
    #[arg(long, requires = "repair")]
    pub inbox: Option<PathBuf>,
    /// What is wanted, with --inbox: the same as at the last run.
    #[command(flatten)]
    pub wanted: WantedArgs,
}

/// Settings of `serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 ended by Ctrl-C · 2 the address or the folder cannot be used\n\
                  退出码：0 用 Ctrl-C 结束 · 2 地址或文件夹不能用"
)]
pub struct ServeArgs {
    /// 输出文件夹 / an output folder that `run` or `check -o` has written
    pub out: PathBuf,
    /// 端口；0 表示自动选一个空闲的 / port; 0 for a free one
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// 在哪个地址上提供；默认只有本机能打开，0.0.0.0 表示同一网络的人都能看 / address to listen on: this computer only, or
    /// 0.0.0.0 for everybody in the network
    #[arg(long, default_value_t = std::net::Ipv4Addr::LOCALHOST.into(), value_name = "ADDR")]
    pub bind: std::net::IpAddr,
}

/// Settings of `index`.
#[derive(Debug, Args)]
pub struct IndexArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: IndexAction,
}

/// What to do with the library of earlier years.
#[derive(Debug, Subcommand)]
pub enum IndexAction {
    /// 把一个输出文件夹里通过的作品加进作品库 / add the accepted works of an output folder
    Add {
        /// run 或 check -o 的输出文件夹 / output folder of `run` or `check -o`
        out: PathBuf,
        /// 作品库文件夹；不给就用本机的默认位置 / the library's folder; a folder of this user where not given
        #[arg(long, env = "ZHANBO_LIBRARY")]
        library: Option<PathBuf>,
        /// 哪一年的展播；不给就用运行的年份 / the showcase's year; the year of its run where not given
        #[arg(long, value_parser = clap::value_parser!(u16).range(1900..=2999))]
        year: Option<u16>,
    },
    /// 列出作品库里的作品 / list the works of the library
    List {
        /// 作品库文件夹；不给就用本机的默认位置 / the library's folder; a folder of this user where not given
        #[arg(long, env = "ZHANBO_LIBRARY")]
        library: Option<PathBuf>,
    },
}

/// Settings of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// 收件夹；没有就新建，已有的文件不动 / the inbox; made if it is not there, and nothing in it is overwritten
    pub inbox: PathBuf,
    /// 规则：名称或 .toml 文件，决定有哪些片区 / rule set: a name or a .toml file; it says which regions there are
    #[arg(long, env = "ZHANBO_PRESET")]
    pub preset: Option<String>,
}

/// Settings of `presets`.
#[derive(Debug, Args)]
pub struct PresetsArgs {
    /// What to do; a list where not given.
    #[command(subcommand)]
    pub action: Option<PresetsAction>,
}

/// What to do with presets.
#[derive(Debug, Subcommand)]
pub enum PresetsAction {
    /// 列出 / list what is built in
    List,
    /// 显示全文，可以复制修改 / print one, to be copied and edited
    Show {
        /// 名称 / its name
        name: String,
    },
    /// 带说明的模板，每个选项都有 / a commented template with everything that can be said
    Template {
        /// 哪一种 / of which kind
        #[arg(value_enum, default_value_t)]
        kind: FileKind,
    },
    /// 给编辑器用的 JSON Schema / JSON Schema, for editors
    Schema {
        /// 哪一种 / of which kind
        #[arg(value_enum, default_value_t)]
        kind: FileKind,
    },
    /// 检查自己写的文件 / check a file of your own
    Check {
        /// 文件 / the file
        file: PathBuf,
    },
}

/// A kind of TOML file that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FileKind {
    /// 规则 / what is demanded
    #[default]
    Rules,
    /// 输出 / what is made
    Ladder,
    /// 收件夹里的 showcase.toml / showcase.toml in the inbox
    Showcase,
}
