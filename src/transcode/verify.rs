//! Proving what was written, before it gets its name. In: files in the staging folder. Out: how loud they are, or what is wrong.
//! Every encode is decoded once in full, but for the deblocking filter, which cannot fail: frames as promised, sound as long as
//! the picture, no decode error. Under [`Proof::Count`] the first group of pictures is, and the frames of the rest are counted. The sound of
//! the files that people play is measured on the way. A copied picture was decoded in full when it was read; here its first
//! group is, by the headers that were written, and the rest is counted. Of subtitles in a file every cue must be there.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde::{Deserialize, Serialize};

use super::hls::MediaPlaylist;
use super::ladder::{HallPicture, Recipe};
use super::loudness::{Levels, Meter};
use super::make::{MakeError, MakeOrder, Note, NoteKind, joined};
use super::track::Finished;
use crate::av::{Decoded, Decoder, Demuxed, Frame, Input, Packet, PacketFacts, StreamKind};
use crate::layout::{HLS, INIT, MASTER, MEDIA, Staging, WEB_MP4};
use crate::text::Text;

/// Sound may be this much longer or shorter than promised, in milliseconds.
const SOUND_TOLERANCE_MS: u64 = 50;

/// How much of what was made is decoded before it gets its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Every frame of every encode.
    Decode,
    /// The first group of pictures; the frames of the rest are counted. The sound is decoded all the same: it is measured.
    Count,
}

impl Proof {
    /// What a person should know of a film that was proven like this.
    pub(super) fn note(self) -> Option<Note> {
        let text = Text::new(
            "成品只数了帧、解码了开头，没有全部解码验证（--proof count）",
            "what was made was not decoded in full: its frames were counted and its beginning decoded (--proof count)",
        );
        let kind = NoteKind::ProofShortened;
        (self == Proof::Count).then_some(Note { kind, text })
    }
}

/// What the sound of the files measures.
pub(super) struct Heard {
    pub(super) web: Levels,
    pub(super) hall: Levels,
}

/// Decodes every output. `progress` is told the percentage that is proven.
pub(super) fn outputs(
    staging: &Staging,
    order: &MakeOrder,
    finished: &Finished,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Heard, MakeError> {
    let recipe = &order.recipe;
    let encoded = match order.proof {
        Proof::Decode => Decode::All,
        Proof::Count => Decode::FirstGroup,
    };
    let top = match recipe.copy {
        Some(_) => Decode::FirstGroup,
        None => encoded,
    };
    let web = format!("{MEDIA}/{WEB_MP4}");
    let mut files = vec![Target {
        texts: finished.texts.iter().map(|text| text.cues).collect(),
        ..Target::whole(web, Expect::both(top))
    }];
    let has_own_master = finished.has_own_master(recipe);
    if has_own_master {
        // The packets of a shared picture are decoded in the web's file.
        let picture = match recipe.hall {
            HallPicture::SameAsTop => Decode::Nothing,
            HallPicture::Own(_) => encoded,
        };
        files.push(Target::whole(MASTER.into(), Expect::both(picture)));
    }
    for (index, rung) in recipe.rungs.iter().enumerate() {
        let Some(playlist) = &finished.pictures[index].playlist else {
            continue;
        };
        // The top rung's picture is decoded in the MP4: here it is enough that every frame is there.
        let picture = match index {
            0 => Decode::Nothing,
            _ => encoded,
        };
        files.push(Target::segments(
            format!("{MEDIA}/{HLS}/{}", rung.name),
            playlist,
            Expect::picture(picture),
        ));
    }
    if let Some(playlist) = &finished.sound.playlist {
        let folder = format!("{MEDIA}/{HLS}/audio");
        files.push(Target::segments(folder, playlist, Expect::SOUND));
    }
    let (done, all) = (AtomicU64::new(0), files.len() as u64 * recipe.frames.max(1));
    let tick = |frames| progress((done.fetch_add(frames, Ordering::Relaxed) + frames) * 100 / all);
    thread::scope(|scope| {
        let proofs: Vec<_> = files
            .iter()
            .map(|file| scope.spawn(|| prove(staging, recipe, file, &tick)))
            .collect();
        let levels = proofs
            .into_iter()
            .map(joined)
            .collect::<Result<Vec<_>, _>>()?;
        let web = levels[0];
        let hall = if has_own_master { levels[1] } else { web };
        Ok(Heard { web, hall })
    })
}

/// What the sound of one file measures.
pub(super) fn listen(staging: &Staging, recipe: &Recipe, name: &str) -> Result<Levels, MakeError> {
    let target = Target::whole(name.to_owned(), Expect::SOUND);
    prove(staging, recipe, &target, &|_| {})
}

/// What a target holds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Expect {
    /// There is a picture, and so much of it is decoded.
    picture: Option<Decode>,
    /// There is sound, which is decoded.
    sound: bool,
}

/// How much of a picture is decoded; the frames of the rest are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Decode {
    All,
    FirstGroup,
    Nothing,
}

impl Expect {
    const SOUND: Expect = Expect {
        picture: None,
        sound: true,
    };

    fn picture(decode: Decode) -> Self {
        Expect {
            picture: Some(decode),
            sound: false,
        }
    }

    fn both(decode: Decode) -> Self {
        Expect {
            picture: Some(decode),
            sound: true,
        }
    }

    /// Groups of pictures that are decoded.
    fn groups(self) -> u64 {
        match self.picture {
            Some(Decode::All) => u64::MAX,
            Some(Decode::FirstGroup) => 1,
            Some(Decode::Nothing) | None => 0,
        }
    }
}

/// A file, or segments that make one when they are put behind each other.
struct Target {
    name: String,
    parts: Vec<String>,
    expect: Expect,
    /// Cues of each subtitle track.
    texts: Vec<u64>,
}

impl Target {
    fn whole(name: String, expect: Expect) -> Self {
        Target {
            parts: vec![name.clone()],
            name,
            expect,
            texts: vec![],
        }
    }

    fn segments(folder: String, playlist: &MediaPlaylist, expect: Expect) -> Self {
        let names = std::iter::once(INIT).chain(playlist.segments.iter().map(|s| s.uri.as_str()));
        Target {
            parts: names.map(|name| format!("{folder}/{name}")).collect(),
            name: folder,
            expect,
            texts: vec![],
        }
    }
}

fn prove(
    staging: &Staging,
    recipe: &Recipe,
    target: &Target,
    tick: &dyn Fn(u64),
) -> Result<Levels, MakeError> {
    let failed = |source| MakeError::Write {
        name: target.name.clone(),
        source,
    };
    let parts = target
        .parts
        .iter()
        .map(|part| staging.open(part))
        .collect::<io::Result<Vec<_>>>()
        .map_err(failed)?;
    let mut input = Input::open(Joined::new(parts).map_err(failed)?)?;
    // Of segments and files with the same packets, the files are measured.
    let meter = (target.expect.sound && target.parts.len() == 1)
        .then(|| Meter::new(recipe.audio.sample_rate))
        .transpose()?;
    let counted = count(&mut input, target.expect, meter, tick)?;
    let wrong = |what, actual, promised| MakeError::Wrong {
        name: target.name.clone(),
        what,
        actual,
        promised,
    };
    if target.expect.picture.is_some() && counted.frames != recipe.frames {
        return Err(wrong("frames", counted.frames, recipe.frames));
    }
    let (samples, promised) = (counted.samples, recipe.samples());
    let tolerance = SOUND_TOLERANCE_MS * u64::from(recipe.audio.sample_rate) / 1000;
    if target.expect.sound && samples.abs_diff(promised) > tolerance {
        return Err(wrong("samples", samples, promised));
    }
    let (cues, promised) = (&counted.texts, &target.texts);
    if cues.len() != promised.len() {
        let count = |list: &[u64]| list.len() as u64;
        return Err(wrong("subtitle tracks", count(cues), count(promised)));
    }
    if let Some((cues, promised)) = cues.iter().zip(promised).find(|(is, be)| is != be) {
        return Err(wrong("cues", *cues, *promised));
    }
    if counted.errors > 0 {
        return Err(wrong("decode errors", counted.errors, 0));
    }
    Ok(counted.meter.map(|m| m.levels()).unwrap_or_default())
}

struct Counted {
    frames: u64,
    samples: u64,
    errors: u64,
    /// Cues of each subtitle track, in the file's order.
    texts: Vec<u64>,
    meter: Option<Meter>,
}

fn count(
    input: &mut Input,
    expect: Expect,
    meter: Option<Meter>,
    tick: &dyn Fn(u64),
) -> Result<Counted, MakeError> {
    let streams = input.streams();
    let mut decoders = streams
        .iter()
        .map(|s| match s.kind {
            StreamKind::Video if expect.groups() == 0 => Ok(None),
            StreamKind::Subtitle => Ok(None),
            StreamKind::Video => Decoder::open_to_prove(input, s.index).map(Some),
            _ => Decoder::open(input, s.index, 1).map(Some),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let texts: Vec<usize> = streams
        .iter()
        .filter(|s| s.kind == StreamKind::Subtitle)
        .map(|s| s.index)
        .collect();
    let mut counted = Counted {
        frames: 0,
        samples: 0,
        errors: 0,
        texts: vec![0; texts.len()],
        meter,
    };
    let mut groups = 0;
    let mut packet = Packet::empty();
    loop {
        match input.read(&mut packet) {
            Demuxed::Packet => {}
            Demuxed::End => break,
            Demuxed::Broken(error) => return Err(error.into()),
        }
        let facts = PacketFacts::of(&packet);
        if let Some(text) = texts.iter().position(|index| *index == facts.stream) {
            // The length of a gap's text is zero.
            let is_gap = packet.data().is_none_or(|data| data.len() <= 2);
            counted.texts[text] += u64::from(!is_gap);
            continue;
        }
        let decoder = &mut decoders[facts.stream];
        if streams[facts.stream].kind == StreamKind::Video {
            tick(1);
            groups += u64::from(facts.key);
            if groups > expect.groups()
                && let Some(mut enough) = decoder.take()
            {
                enough.finish()?;
                drain(&mut enough, &mut counted)?;
            }
        }
        match decoder {
            None => counted.frames += 1,
            Some(decoder) => {
                counted.errors += u64::from(decoder.send(&packet).is_err());
                drain(decoder, &mut counted)?;
            }
        }
    }
    for decoder in decoders.iter_mut().flatten() {
        decoder.finish()?;
        drain(decoder, &mut counted)?;
    }
    Ok(counted)
}

fn drain(decoder: &mut Decoder, counted: &mut Counted) -> Result<(), MakeError> {
    let mut frame = Frame::empty();
    loop {
        match decoder.receive(&mut frame) {
            Ok(Decoded::Frame) if frame.samples() > 0 => {
                counted.samples += frame.samples() as u64;
                if let Some(meter) = &mut counted.meter {
                    meter.add(&frame.stereo())?;
                }
            }
            Ok(Decoded::Frame) => {
                counted.frames += 1;
                counted.errors += u64::from(frame.is_damaged());
            }
            Ok(_) => return Ok(()),
            Err(_) => {
                counted.errors += 1;
                return Ok(());
            }
        }
    }
}

/// Files behind each other, read as one: an initialisation segment and its media segments.
struct Joined {
    parts: Vec<(File, u64)>,
    position: u64,
    length: u64,
}

impl Joined {
    fn new(files: Vec<File>) -> io::Result<Self> {
        let mut length = 0;
        let mut parts = Vec::new();
        for file in files {
            parts.push((file, length));
            length += parts
                .last()
                .map_or(Ok(0), |(file, _)| file.metadata().map(|m| m.len()))?;
        }
        Ok(Joined {
            parts,
            position: 0,
            length,
        })
    }
}

impl Read for Joined {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let current = self
            .parts
            .iter()
            .rposition(|(_, start)| *start <= self.position);
        let Some(current) = current.filter(|_| self.position < self.length) else {
            return Ok(0);
        };
        let end = self
            .parts
            .get(current + 1)
            .map_or(self.length, |(_, start)| *start);
        let room = usize::try_from(end - self.position)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let (file, start) = &mut self.parts[current];
        file.seek(SeekFrom::Start(self.position - *start))?;
        let read = file.read(&mut buffer[..room])?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Joined {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_files_read_and_seek_as_one() {
        let part = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            io::Write::write_all(&mut file, bytes).unwrap();
            file
        };
        let mut joined = Joined::new(vec![part(b"ab"), part(b"cde"), part(b"f")]).unwrap();
        assert_eq!(io::read_to_string(&mut joined).unwrap(), "abcdef");
        joined.seek(SeekFrom::End(-3)).unwrap();
        assert_eq!(io::read_to_string(&mut joined).unwrap(), "def");
        joined.seek(SeekFrom::Start(1)).unwrap();
        assert_eq!(io::read_to_string(&mut joined).unwrap(), "bcdef");
    }
}
