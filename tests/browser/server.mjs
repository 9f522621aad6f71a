// A web server for a folder, on localhost only: right MIME types (Apple's HLS specification, 10.1), byte ranges.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".m4s": "video/iso.segment",
  ".mp4": "video/mp4",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".vtt": "text/vtt; charset=utf-8",
};

/** Serves `mounts` (URL prefix -> folder or file; the longest prefix wins). Returns its address and how to close it. */
export async function serve(mounts) {
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const server = createServer(async (request, response) => {
    const wanted = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const prefix = prefixes.find((candidate) => wanted.startsWith(candidate));
    if (prefix === undefined) return refuse(response, 404);
    const file = path.join(mounts[prefix], wanted.slice(prefix.length));
    if (file !== mounts[prefix] && !file.startsWith(path.join(mounts[prefix], path.sep))) return refuse(response, 403);
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) return refuse(response, 404);
    send(request, response, file, found.size);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function refuse(response, status) {
  response.writeHead(status).end();
}

function send(request, response, file, size) {
  const headers = { "Content-Type": TYPES[path.extname(file)] ?? "application/octet-stream", "Accept-Ranges": "bytes" };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (!range) {
    response.writeHead(200, { ...headers, "Content-Length": size });
    return createReadStream(file).pipe(response);
  }
  const start = Number(range[1]);
  const end = Math.min(range[2] === "" ? size - 1 : Number(range[2]), size - 1);
  if (start > end) {
    return response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
  }
  response.writeHead(206, {
    ...headers,
    "Content-Length": end - start + 1,
    "Content-Range": `bytes ${start}-${end}/${size}`,
  });
  createReadStream(file, { start, end }).pipe(response);
}
