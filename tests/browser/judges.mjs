// Two readers of HLS that are not ours, over every package of a site: hls-parser, which is strict about playlists, and
// mp4box.js, which reads the segments' samples.
//
//   node judges.mjs OUT_DIR
//
// Exit 0: both agree with every package. 1: one does not, with the reason. 2: there is nothing to judge.

import { readFile } from "node:fs/promises";
import path from "node:path";

import HLS from "hls-parser";
import { createFile, MP4BoxBuffer } from "mp4box";

import { check, filmsOf, insist, judgeAll } from "./films.mjs";

// One tick of the longest film's clock is far below; a gap that a player bridges is a fault all the same.
const TOLERANCE = 0.0015;

const out = process.argv[2];
const films = out ? await filmsOf(out) : [];
insist(films, "judges", out);
HLS.setOptions({ strictMode: true });
await judgeAll("judges", films, ({ master }) => judge(master));

async function judge(master) {
  const playlist = HLS.parse(await readFile(master, "utf8"));
  check(playlist.isMasterPlaylist, "hls-parser takes the multivariant playlist for another kind");
  const beside = (uri) => path.join(path.dirname(master), decodeURIComponent(uri));
  const told = { variants: 0, samples: 0, segments: 0 };
  const lengths = new Map();
  for (const variant of playlist.variants) {
    const list = await rendition(beside(variant.uri), variant.isIFrameOnly, told);
    if (!variant.isIFrameOnly) {
      told.variants += 1;
      lengths.set(variant.uri, list);
    }
    for (const group of ["audio", "subtitles"]) {
      for (const other of variant[group] ?? []) {
        if (other.uri && !lengths.has(other.uri)) lengths.set(other.uri, await rendition(beside(other.uri), false, told, group));
      }
    }
  }
  const all = [...lengths.values()];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  check(most - least < 0.06, `its renditions last from ${least.toFixed(3)} to ${most.toFixed(3)} s`);
  return `${told.variants} variants, ${told.segments} segments, ${told.samples} samples, ${most.toFixed(3)} s`;
}

/** One media playlist and all its segments; its length in seconds, by its own EXTINFs. */
async function rendition(file, iFramesOnly, told, group) {
  const list = HLS.parse(await readFile(file, "utf8"));
  check(!list.isMasterPlaylist && list.endlist, `${path.basename(path.dirname(file))} has no end`);
  const length = list.segments.reduce((sum, segment) => sum + segment.duration, 0);
  if (group === "subtitles" || iFramesOnly) return length;
  const folder = path.dirname(file);
  const reader = createFile();
  let info, broken;
  reader.onReady = (ready) => (info = ready);
  reader.onError = (module, message) => (broken = `${module}: ${message}`);
  let at = 0;
  const append = async (uri) => {
    const bytes = await readFile(path.join(folder, decodeURIComponent(uri)));
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    reader.appendBuffer(MP4BoxBuffer.fromArrayBuffer(buffer, at));
    at += bytes.byteLength;
  };
  await append(list.segments[0].map.uri);
  check(info, `mp4box.js finds no film in ${path.basename(folder)}'s initialisation segment`);
  const track = info.tracks[0];
  check(info.tracks.length === 1, `${path.basename(folder)} has ${info.tracks.length} tracks`);
  const trak = reader.getTrackById(track.id);
  let due = null;
  for (const segment of list.segments) {
    const before = trak.samples.length;
    await append(segment.uri);
    const samples = trak.samples.slice(before);
    const name = `${path.basename(folder)}/${segment.uri}`;
    check(!broken, `mp4box.js: ${broken} in ${name}`);
    check(samples.length > 0, `${name} has no samples`);
    check(samples[0].is_sync, `${name} does not begin with a sample that can be decoded by itself`);
    for (const sample of samples) {
      check(due === null || sample.dts === due, `${name}: decoding time ${sample.dts} where ${due} was due`);
      due = sample.dts + sample.duration;
    }
    const seconds = samples.reduce((sum, sample) => sum + sample.duration, 0) / track.timescale;
    // The first segment of sound carries the encoder's priming, which an edit list hides.
    const hidden = before === 0 ? 0.05 : TOLERANCE + 1024 / track.timescale;
    check(Math.abs(seconds - segment.duration) < hidden + TOLERANCE, `${name} lasts ${seconds} s, its EXTINF says ${segment.duration}`);
    told.segments += 1;
    told.samples += samples.length;
  }
  return length;
}
