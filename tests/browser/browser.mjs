// Debian's Chromium, headless, with nothing that would call home.

import { accessSync } from "node:fs";
import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/snap/bin/chromium", "/usr/bin/google-chrome"];

export async function launch() {
  return chromium.launch({
    executablePath: PLACES.find(exists),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
}

function exists(file) {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}
