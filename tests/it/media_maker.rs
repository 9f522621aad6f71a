//! Small films made by the `ffmpeg` command, and inboxes built from them. In: a name and the command's arguments. Out: a
//! file under the build's own temporary folder, made once for all tests and all processes that want it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::document_maker::{docx, paragraphs};

/// Whether all these programs are installed. If not, the test says so aloud and should return.
pub(crate) fn installed(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs
        .iter()
        .filter(|program| {
            let found = Command::new(program)
                .arg(if **program == "mediainfo" {
                    "--Version"
                } else {
                    "-version"
                })
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            found.is_err()
        })
        .collect();
    if missing.is_empty() {
        return true;
    }
    skipped(&format!(
        "{missing:?} not installed (scripts/setup --tests installs them)"
    ));
    false
}

/// Says that a test was skipped, past the test runner's capture.
pub(crate) fn skipped(why: &str) {
    let test = std::thread::current();
    let name = test.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "SKIPPED {name}: {why}");
}

/// Leaves the test, aloud, where a program is missing.
macro_rules! needs {
    ($($program:literal),+) => {
        if !$crate::media_maker::installed(&[$($program),+]) {
            return;
        }
    };
}
pub(crate) use needs;

/// The film that `ffmpeg … name` makes.
pub(crate) fn film(name: &str, arguments: &[&str]) -> PathBuf {
    made(name, arguments, |film| {
        ffmpeg(arguments, film);
    })
}

// The name holds the recipe's hash, and only whole files have it: whoever finds it may use it.
fn made(name: &str, recipe: &[&str], make: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("films-1");
    fs::create_dir_all(&folder).unwrap();
    let hash = blake3::hash(recipe.join("\0").as_bytes()).to_hex();
    let film = folder.join(format!("{}-{name}", &hash[..12]));
    if !film.exists() {
        let partial = TempDir::new_in(&folder).unwrap();
        let beside = partial.path().join(name);
        make(&beside);
        fs::rename(beside, &film).unwrap();
    }
    film
}

pub(crate) fn ffmpeg(arguments: &[&str], output: &Path) {
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(arguments)
        .arg(output)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "ffmpeg {arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Whether `ffmpeg` can encode with this.
pub(crate) fn has_encoder(name: &str) -> bool {
    let listed = Command::new("ffmpeg")
        .args(["-v", "error", "-encoders"])
        .output()
        .unwrap();
    let there = String::from_utf8_lossy(&listed.stdout).contains(name);
    if !there {
        skipped(&format!("this ffmpeg has no encoder {name}"));
    }
    there
}

const X264: [&str; 6] = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
];

/// A plain film of so many seconds with picture and sound; `seed` makes films of one length different.
pub(crate) fn plain(seconds: u32, seed: u32) -> PathBuf {
    // Other parts of one picture: another hue alone would be the same film to `dedup`, which looks at brightness.
    let (x, y) = (seed * 97 % 640, seed * 53 % 360);
    let picture = format!("testsrc2=s=1280x720:r=25:d={seconds},crop=640:360:{x}:{y}");
    let sound = format!("sine=f={}:r=48000:d={seconds}", 220 + seed * 50);
    let inputs = ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound];
    let rest = ["-c:a", "aac", "-movflags", "+faststart"];
    film("plain.mp4", &[&inputs[..], &X264, &rest].concat())
}

/// A film from lavfi's sources; what follows the inputs is added to x264's settings.
pub(crate) fn from_sources(
    name: &str,
    picture: &str,
    sound: Option<&str>,
    rest: &[&str],
) -> PathBuf {
    let mut arguments = vec!["-f", "lavfi", "-i", picture];
    if let Some(sound) = sound {
        arguments.extend(["-f", "lavfi", "-i", sound, "-c:a", "aac"]);
    }
    arguments.extend(X264);
    arguments.extend(rest);
    film(name, &arguments)
}

/// The same film with a display matrix that turns it 90 degrees clockwise.
pub(crate) fn turned(upright: &Path, stored_height: u32) -> PathBuf {
    let recipe = format!("{} turned", upright.display());
    made("turned.mp4", &[&recipe], |film| {
        let mut bytes = fs::read(upright).unwrap();
        let tkhd = find(&bytes, b"tkhd").unwrap();
        // ISO/IEC 14496-12 §8.3.2, version 0: the matrix { a b u c d v x y w }.
        let matrix: [u32; 9] = [
            0,
            0x1_0000,
            0,
            0xffff_0000,
            0,
            0,
            stored_height << 16,
            0,
            0x4000_0000,
        ];
        for (index, number) in matrix.into_iter().enumerate() {
            let at = tkhd + 44 + index * 4;
            bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
        }
        fs::write(film, bytes).unwrap();
    })
}

/// Where a needle begins.
pub(crate) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len())
        .position(|window| window == needle)
}

/// An inbox, an output folder beside it, and a small ladder.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(place.inbox()).unwrap();
        fs::write(place.ladder(), SMALL_LADDER).unwrap();
        place
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn inbox(&self) -> PathBuf {
        self.root().join("inbox")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.root().join("out")
    }

    pub(crate) fn ladder(&self) -> PathBuf {
        self.root().join("small.toml")
    }

    /// Copies a film into a region's folder; an empty region is the inbox itself.
    pub(crate) fn film(&self, region: &str, name: &str, film: &Path) -> PathBuf {
        self.file(region, name, &fs::read(film).unwrap())
    }

    /// A film with its introduction: any file that starts as a ZIP archive does is a Word document's likeness.
    pub(crate) fn introduced(&self, region: &str, name: &str, film: &Path) -> PathBuf {
        let stem = name.rsplit_once('.').unwrap().0;
        let says = paragraphs(&["本片由学生拍摄，记录了校园里普通的一天，献给所有的老师。"]);
        self.file(region, &format!("{stem}.docx"), &docx(&says));
        self.film(region, name, film)
    }

    pub(crate) fn file(&self, region: &str, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.inbox().join(region).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// Two rungs, segments of two seconds: everything that a large ladder has, in little time.
pub(crate) const SMALL_LADDER: &str = r#"
schema = "zhanbo.ladder/1"
name = "small"
title = "Two small rungs for tests"

[video]
preset = "superfast"
gop = "1s"
segment = "2s"

[audio]
bit_rate = "96k"
sample_rate = 48000
channels = 2

[[rungs]]
name = "360p"
width = 640
height = 360
crf = 28
max_bit_rate = "900k"
buffer = "1800k"

[[rungs]]
name = "180p"
width = 320
height = 180
crf = 28
max_bit_rate = "400k"
buffer = "800k"

[hall]
width = 640
height = 360
crf = 26
max_bit_rate = "1200k"
buffer = "2400k"
"#;
