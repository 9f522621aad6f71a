//! Lists and start scripts for players. In: a manifest. Out: text. Names of files are ours and ASCII; titles come from
//! outside and are escaped for each format. Pure.

use std::fmt::Write as _;

use super::manifest::{Item, Manifest};

/// The joined file.
pub const JOINED: &str = "programme.mp4";
/// For VLC, mpv and `PotPlayer`.
pub const M3U: &str = "programme.m3u8";
/// For VLC and others.
pub const XSPF: &str = "programme.xspf";
/// For `PotPlayer`.
pub const DPL: &str = "programme.dpl";

/// What a player shows of an item: one line, whatever the title holds.
fn label(item: &Item) -> String {
    let title = match item.unit.as_str() {
        "" => item.title.clone(),
        unit => format!("{unit}《{}》", item.title),
    };
    let plain: String = title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    match plain.trim() {
        "" => item.file.clone(),
        plain => plain.to_owned(),
    }
}

/// An extended M3U playlist.
pub fn m3u(manifest: &Manifest) -> String {
    let mut text = String::from("#EXTM3U\n");
    for item in &manifest.items {
        let seconds = (item.duration_ms.0 + 500) / 1000;
        let _ = writeln!(text, "#EXTINF:{seconds},{}\n{}", label(item), item.file);
    }
    text
}

/// An XSPF playlist (<https://xspf.org/spec>).
pub fn xspf(manifest: &Manifest) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\">\n  <title>{}</title>\n  <trackList>\n",
        xml(&manifest.title)
    );
    for item in &manifest.items {
        let _ = writeln!(
            text,
            "    <track><location>{}</location><title>{}</title><duration>{}</duration></track>",
            item.file,
            xml(&label(item)),
            item.duration_ms.0
        );
    }
    text.push_str("  </trackList>\n</playlist>\n");
    text
}

/// Text for XML: what has a meaning there is written as its entity, and what XML 1.0 (§2.2) forbids is left out.
fn xml(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars()
        .filter(allowed)
        .fold(String::new(), |mut out, c| {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&apos;"),
                c => out.push(c),
            }
            out
        })
}

/// `PotPlayer`'s own list: UTF-8 with a mark, lines as Windows ends them, fields between stars.
pub fn dpl(manifest: &Manifest) -> String {
    let mut text = String::from("\u{feff}DAUMPLAYLIST\r\ntopindex=0\r\nsaveplaypos=0\r\n");
    for (index, item) in manifest.items.iter().enumerate() {
        let number = index + 1;
        // A star would end the field.
        let title = label(item).replace('*', "＊");
        let _ = write!(
            text,
            "{number}*file*{}\r\n{number}*title*{title}\r\n{number}*duration2*{}\r\n",
            item.file, item.duration_ms.0
        );
    }
    text
}

/// A start script: name, content, and whether it is for a Unix shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Name in `programme/`.
    pub name: &'static str,
    /// Content.
    pub text: String,
    /// A Unix shell runs it.
    pub is_shell: bool,
}

/// Options of mpv: full screen, no words on the picture, on to the end and then still on the last picture.
const MPV: &str = "--fullscreen --no-osc --osd-level=0 --osd-on-seek=no --keep-open=yes --loop-playlist=no --no-resume-playback --force-window=immediate";
/// Options of VLC: the same.
const VLC: &str = "--fullscreen --no-video-title-show --no-osd --no-loop --no-repeat --play-and-pause --no-qt-error-dialogs";

/// Scripts that start the joined file in full screen. Nothing from outside is in them: no title, no path.
pub fn scripts() -> Vec<Script> {
    let player = |name, program: &str, options: &str, places: &[&str]| {
        let (bat_name, sh_name) = name;
        let mut bat = format!("@echo off\r\ncd /d \"%~dp0\"\r\nset \"PLAYER={program}.exe\"\r\n");
        for place in places {
            let _ = write!(bat, "if exist \"{place}\" set \"PLAYER={place}\"\r\n");
        }
        let _ = write!(
            bat,
            "start \"\" \"%PLAYER%\" {options} \"{JOINED}\"\r\nif errorlevel 1 pause\r\n"
        );
        let sh = format!(
            "#!/bin/sh\ncd -- \"$(dirname -- \"$0\")\" || exit 1\nexec {program} {options} {JOINED}\n"
        );
        [
            Script {
                name: bat_name,
                text: bat,
                is_shell: false,
            },
            Script {
                name: sh_name,
                text: sh,
                is_shell: true,
            },
        ]
    };
    let mpv = player(
        ("play-mpv.bat", "play-mpv.sh"),
        "mpv",
        MPV,
        &[
            "%~dp0mpv.exe",
            "%~dp0mpv\\mpv.exe",
            "%ProgramFiles%\\mpv\\mpv.exe",
        ],
    );
    let vlc = player(
        ("play-vlc.bat", "play-vlc.sh"),
        "vlc",
        VLC,
        &[
            "%ProgramFiles(x86)%\\VideoLAN\\VLC\\vlc.exe",
            "%ProgramFiles%\\VideoLAN\\VLC\\vlc.exe",
            "%~dp0vlc\\vlc.exe",
        ],
    );
    mpv.into_iter().chain(vlc).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::id::{ContentHash, SubmissionId};
    use crate::programme::manifest::{ItemKind, Joined};
    use crate::units::{Bytes, Millis};

    pub(crate) fn manifest(titles: &[(&str, &str)]) -> Manifest {
        let hash = ContentHash::from(blake3::hash(b""));
        let mut items = vec![];
        for (index, (unit, title)) in titles.iter().enumerate() {
            let order = index + 1;
            let film = Item {
                order,
                kind: ItemKind::Film,
                file: format!("{order:02}-film.mp4"),
                submission: Some(SubmissionId::of(title)),
                region: "川北片区".into(),
                unit: (*unit).into(),
                title: (*title).into(),
                starts_at_ms: Millis(index as u64 * 95_480),
                duration_ms: Millis(90_480),
                frames: 2262,
                bytes: Bytes(1),
                loudness_lufs: Some(-23.0),
                blake3: hash.clone(),
            };
            items.push(film);
        }
        let joined = Joined {
            file: JOINED.into(),
            duration_ms: Millis(0),
            frames: 0,
            bytes: Bytes(0),
            blake3: hash,
        };
        Manifest::sample(items, Some(joined))
    }

    const HOSTILE: &str = "\"%COMSPEC%\" & del *.* <b>]]>`$(rm -rf ~)`\n#EXT\u{0}";

    #[test]
    fn lists_name_films_in_chinese_and_files_in_ascii() {
        let manifest = manifest(&[("西南民族大学", "爱我中华"), ("", HOSTILE)]);
        insta::assert_snapshot!(m3u(&manifest), @r#"
        #EXTM3U
        #EXTINF:90,西南民族大学《爱我中华》
        01-film.mp4
        #EXTINF:90,"%COMSPEC%" & del *.* <b>]]>`$(rm -rf ~)` #EXT
        02-film.mp4
        "#);
        insta::assert_snapshot!(xspf(&manifest), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <playlist version="1" xmlns="http://xspf.org/ns/0/">
          <title>展播</title>
          <trackList>
            <track><location>01-film.mp4</location><title>西南民族大学《爱我中华》</title><duration>90480</duration></track>
            <track><location>02-film.mp4</location><title>&quot;%COMSPEC%&quot; &amp; del *.* &lt;b&gt;]]&gt;`$(rm -rf ~)` #EXT</title><duration>90480</duration></track>
          </trackList>
        </playlist>
        "#);
        let dpl = dpl(&manifest).replace("\r\n", "\n").replace('\u{feff}', "");
        insta::assert_snapshot!(dpl, @r#"
        DAUMPLAYLIST
        topindex=0
        saveplaypos=0
        1*file*01-film.mp4
        1*title*西南民族大学《爱我中华》
        1*duration2*90480
        2*file*02-film.mp4
        2*title*"%COMSPEC%" & del ＊.＊ <b>]]>`$(rm -rf ~)` #EXT
        2*duration2*90480
        "#);
    }

    #[test]
    fn an_xspf_list_is_xml_whatever_the_title() {
        let text = xspf(&manifest(&[(HOSTILE, "a\u{ffff}\u{1f}")]));
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut tracks = 0;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Start(tag) => {
                    tracks += usize::from(tag.name().as_ref() == "track");
                }
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(tracks, 1);
    }

    #[test]
    fn scripts_are_ascii_and_windows_ones_end_their_lines_as_windows_does() {
        for script in scripts() {
            assert!(script.text.is_ascii(), "{}", script.name);
            let returns = script.text.matches("\r\n").count();
            let lines = script.text.matches('\n').count();
            assert_eq!(
                returns,
                if script.is_shell { 0 } else { lines },
                "{}",
                script.name
            );
        }
        insta::assert_snapshot!(scripts()[0].text.replace('\r', ""), @r#"
        @echo off
        cd /d "%~dp0"
        set "PLAYER=mpv.exe"
        if exist "%~dp0mpv.exe" set "PLAYER=%~dp0mpv.exe"
        if exist "%~dp0mpv\mpv.exe" set "PLAYER=%~dp0mpv\mpv.exe"
        if exist "%ProgramFiles%\mpv\mpv.exe" set "PLAYER=%ProgramFiles%\mpv\mpv.exe"
        start "" "%PLAYER%" --fullscreen --no-osc --osd-level=0 --osd-on-seek=no --keep-open=yes --loop-playlist=no --no-resume-playback --force-window=immediate "programme.mp4"
        if errorlevel 1 pause
        "#);
        insta::assert_snapshot!(scripts()[3].text, @r#"
        #!/bin/sh
        cd -- "$(dirname -- "$0")" || exit 1
        exec vlc --fullscreen --no-video-title-show --no-osd --no-loop --no-repeat --play-and-pause --no-qt-error-dialogs programme.mp4
        "#);
    }
}
