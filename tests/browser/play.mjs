// Plays a site's films in headless Chromium through hls.js, as a visitor would.
//
//   node play.mjs OUT_DIR            those with subtitles, and the longest
//   node play.mjs OUT_DIR --all      all of them
//   node play.mjs OUT_DIR ID…        these
//
// Exit 0: all play. 1: at least one does not, with the reason. 2: there is nothing to play.

import path from "node:path";

import { check, exists, filmsOf, insist, playAll } from "./films.mjs";
import { firstCue, multivariant, plain } from "./playlist.mjs";

const OWN = { "/test/page.html": "page.html", "/test/hls.js": "node_modules/hls.js/dist/hls.min.js" };
const SEGMENT_BORDERS = [6, 12];
// A slow machine stalls now and then. And hls.js takes the decoder's reordering delay, which an edit list hides, for a part of the
// last segment: where it changes the variant of a film of one segment, it misses those frames in the buffer and says so.
// Anything else that it gets over by itself is a fault of ours all the same.
const HARMLESS = new Set(["bufferStalledError", "bufferNudgeOnStall", "bufferAppendNoProgress"]);

const [out, ...chosen] = process.argv.slice(2);
const films = out ? await choose(await filmsOf(out), chosen) : [];
insist(films, "play", out, "OUT_DIR [--all | ID…]");
await playAll("browser", out, films, OWN, play);

async function choose(films, chosen) {
  for (const film of films) {
    try {
      film.expected = await multivariant(film.master);
    } catch (error) {
      film.broken = error; // a playlist that names what is not there is told as this film's failure
    }
  }
  if (chosen.includes("--all")) return films;
  if (chosen.length) {
    const unknown = chosen.find((id) => !films.some((film) => film.id === id));
    if (unknown) throw new Error(`there is no film ${unknown}`);
    return films.filter((film) => chosen.includes(film.id));
  }
  const longest = Math.max(...films.map((film) => film.expected?.duration ?? 0));
  return films.filter((film) => film.broken || film.expected.subtitles.length || film.expected.duration === longest);
}

async function play({ root, folder, expected, broken }, stage) {
  if (broken) throw broken;
  return stage.open(async (page, call) => {
    const opened = await call("open", `${root}/hls/master.m3u8`);
    check(Math.abs(opened.duration - expected.duration) < 0.1, `is ${opened.duration} s long, its EXTINFs say ${expected.duration}`);
    for (const [kind, start] of Object.entries(opened.starts)) {
      check(Math.abs(start) < 0.03, `${kind} starts at ${start} s and not with the film`);
    }
    check(opened.levels === expected.sizes.length, `${opened.levels} variants open, ${expected.sizes.length} are listed`);
    check(opened.subtitles === expected.subtitles.length, `${opened.subtitles} subtitle tracks, ${expected.subtitles.length} are listed`);

    const size = await call("playPast", SEGMENT_BORDERS.map((border) => border + 0.2).filter((border) => border < opened.duration - 0.5));
    check(expected.sizes.includes(size), `shows ${size}, which no variant's RESOLUTION says (${expected.sizes.join(", ")})`);

    for (const [track, subtitle] of expected.subtitles.entries()) {
      const cue = await firstCue(subtitle.file);
      const shown = await call("cueAt", track, (cue.start + cue.end) / 2);
      check(
        shown.some((other) => plain(other.text) === cue.text && Math.abs(other.start - cue.start) < 0.1),
        `subtitle ${subtitle.name} shows ${JSON.stringify(shown)} instead of ${JSON.stringify(cue)}`,
      );
    }
    // hls.js sorts its levels by bit rate, the playlist need not: every listed size must come up once.
    const sizes = await page.evaluate(() => hls.levels.map((level) => `${level.width}x${level.height}`));
    for (const [index, variant] of sizes.entries()) {
      if (opened.duration > SEGMENT_BORDERS[0]) await call("variant", index, variant);
      else await stage.open((page) => startsAt(page, root, index, variant));
    }

    const end = await call("playToTheEnd");
    check(Math.abs(end.time - opened.duration) < 0.1, `ended at ${end.time} of ${opened.duration}`);
    // More than one range is right where the player has skipped a part of a long film.
    if (opened.duration < 60) check(end.ranges.length === 1, `has holes: buffered ${JSON.stringify(end.ranges)}`);
    const errors = [...end.fatal, ...end.errors.filter((error) => !HARMLESS.has(error.split(" ")[0]))];
    check(errors.length === 0, `hls.js met errors: ${errors.join(", ")}`);
    check(end.corrupted === 0, `${end.corrupted} corrupted frames`);
    check(!expected.hasSound || end.soundBytes > 0, "an audio rendition is listed, but no sound was decoded");

    if (await exists(path.join(folder, "web.mp4"))) {
      const whole = await call("progressive", `${root}/web.mp4`);
      check(Math.abs(whole.duration - opened.duration) < 0.1, `web.mp4 is ${whole.duration} s long, the HLS ${opened.duration}`);
    }
    const told = [`${opened.duration.toFixed(1)} s`, `variants ${expected.sizes.join(" ")}`];
    if (expected.hasSound) told.push("sound");
    if (expected.subtitles.length) told.push(`subtitles ${expected.subtitles.map((subtitle) => subtitle.name).join(", ")}`);
    return told.join("; ");
  });
}

/** A film of one segment is over before a player has changed to another variant: each is opened by itself. */
async function startsAt(page, root, index, size) {
  const master = `${root}/hls/master.m3u8`;
  await page.evaluate(([master, index]) => globalThis.open(master, index), [master, index]);
  const found = await page.evaluate(() => `${video.videoWidth}x${video.videoHeight}`);
  check(found === size, `variant ${size} shows ${found}`);
}
