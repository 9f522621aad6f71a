// As much of HLS as the test must know by itself, to compare with what the browser says. In: files. Never plays.

import { readFile } from "node:fs/promises";
import path from "node:path";

/** A multivariant playlist: the variants' picture sizes in order, whether sound is apart, the subtitle renditions. */
export async function multivariant(file) {
  const lines = (await readFile(file, "utf8")).split(/\r?\n/);
  const sizes = [];
  const medias = [];
  let firstVariant;
  lines.forEach((line, at) => {
    if (line.startsWith("#EXT-X-STREAM-INF:")) {
      if (soundOnly(line)) return; // allowed, and players leave it out where there is a picture
      sizes.push(attribute(line, "RESOLUTION"));
      firstVariant ??= lines.slice(at + 1).find((next) => next && !next.startsWith("#"));
    }
    if (line.startsWith("#EXT-X-MEDIA:")) {
      medias.push({ type: attribute(line, "TYPE"), uri: attribute(line, "URI"), name: attribute(line, "NAME") });
    }
  });
  if (!firstVariant) throw new Error("the multivariant playlist lists no variant");
  const beside = (uri) => path.join(path.dirname(file), decodeURIComponent(uri));
  const { duration } = await media(beside(firstVariant));
  return {
    sizes,
    duration,
    hasSound: medias.some((rendition) => rendition.type === "AUDIO"),
    subtitles: medias
      .filter((rendition) => rendition.type === "SUBTITLES")
      .map((rendition) => ({ name: rendition.name, file: beside(rendition.uri) })),
  };
}

/** The first cue of a subtitle rendition, in seconds. */
export async function firstCue(file) {
  const { segments } = await media(file);
  for (const segment of segments) {
    const text = await readFile(path.join(path.dirname(file), decodeURIComponent(segment)), "utf8");
    const cue = /^((?:\d+:)?\d\d:\d\d\.\d{3}) --> ((?:\d+:)?\d\d:\d\d\.\d{3}).*\r?\n([^]*?)(?:\r?\n\r?\n|$)/m.exec(text);
    if (cue) return { start: seconds(cue[1]), end: seconds(cue[2]), text: plain(cue[3]) };
  }
  throw new Error(`no cue in ${path.basename(file)}`);
}

/** A cue's text as people read it. */
export function plain(text) {
  const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "", "&rlm;": "" };
  return text.replace(/<[^>]*>/g, "").replace(/&\w+;/g, (entity) => entities[entity] ?? entity).replace(/\s+/g, " ").trim();
}

async function media(file) {
  const lines = (await readFile(file, "utf8")).split(/\r?\n/);
  const lengths = lines.filter((line) => line.startsWith("#EXTINF:")).map((line) => parseFloat(line.slice(8)));
  return {
    duration: lengths.reduce((sum, length) => sum + length, 0),
    segments: lines.filter((line) => line && !line.startsWith("#")),
  };
}

function soundOnly(line) {
  return (attribute(line, "CODECS") ?? "unknown").split(",").every((codec) => codec.startsWith("mp4a."));
}

function attribute(line, name) {
  const found = new RegExp(`[:,]${name}=(?:"([^"]*)"|([^,]*))`).exec(line);
  return found ? (found[1] ?? found[2]) : undefined;
}

function seconds(stamp) {
  return stamp.split(":").reduce((sum, part) => sum * 60 + parseFloat(part), 0);
}
