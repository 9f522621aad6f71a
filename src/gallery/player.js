// zhanbo: the player. Without it the page has the browser's own player on an MP4; with it there are qualities (HLS through
// hls.js, fetched when somebody plays), subtitles, previews over the time line, speed and keys. In: data-… of #player.
// Opened as a file, hls.js and WebVTT are out of reach: then the MP4 plays, with cues from a script. Sends nothing anywhere.
(() => {
  "use strict";
  const root = document.getElementById("player");
  if (!root) return;
  const zh = document.documentElement.lang.startsWith("zh");
  const say = (chinese, english) => (zh ? chinese : english);
  const data = root.dataset;
  const video = root.querySelector("video");
  const screen = root.querySelector(".screen");
  const total = Number(data.seconds) || 0;
  const STEP = 5;
  const IDLE_MS = 2500;

  // ---- what plays: hls.js where there are Media Source Extensions, the browser itself where it knows HLS (iPhone), else MP4
  const isFile = location.protocol === "file:";
  const hasSource = "MediaSource" in window && MediaSource.isTypeSupported('video/mp4; codecs="avc1.640028,mp4a.40.2"');
  const hasNative = video.canPlayType("application/vnd.apple.mpegurl") !== "";
  // hls.js tells of the end once the sound is heard, and browsers begin a film of a few frames once they know of the end.
  const isTooShort = total < 0.25;
  let way = isFile || isTooShort ? "mp4" : hasSource ? "hls.js" : hasNative ? "native" : "mp4";
  let hls = null;
  let begun = null;
  let wanted = -1;
  let held = null;
  root.dataset.way = way;

  // ---- controls
  const ICONS = {
    play: "M8 5v14l11-7z",
    pause: "M7 5h4v14H7zM13 5h4v14h-4z",
    sound: "M4 9v6h4l5 5V4L8 9zM16 8.5a4.5 4.5 0 0 1 0 7M18.5 6a8 8 0 0 1 0 12",
    mute: "M4 9v6h4l5 5V4L8 9zM16 9.5l5 5M21 9.5l-5 5",
    text: "M3 6h18v12H3zM7 13h4M13 13h4M7 10h2M11 10h6",
    gear: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h11M19 17h1M15 5v4M9 10v4M17 15v4",
    speed: "M4 17a8.5 8.5 0 1 1 16 0M12 15l4-5",
    keys: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 10h.01M7 14h10",
    full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
    small: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  };
  const SOLID = new Set(["play", "pause"]);
  const SVG = "http://www.w3.org/2000/svg";

  function icon(name) {
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", ICONS[name]);
    path.setAttribute("class", SOLID.has(name) ? "solid" : "line");
    picture.append(path);
    return picture;
  }

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function button(name, label, act) {
    const made = make("button", { type: "button", class: `ctl ${name}`, "aria-label": label, title: label }, icon(name));
    made.addEventListener("click", act);
    return made;
  }

  function relabel(control, name, label) {
    control.replaceChildren(icon(name));
    control.setAttribute("aria-label", label);
    control.title = label;
  }

  const big = make("button", { type: "button", class: "big", "aria-label": say("播放", "Play") }, icon("play"));
  const told = make("p", { class: "told", role: "alert" });
  const seek = make("input", { type: "range", class: "seek", min: "0", max: String(total), step: "any", value: "0", "aria-label": say("进度", "Position") });
  const tile = make("div", { class: "tile" });
  const tileTime = make("span");
  const preview = make("div", { class: "preview", "aria-hidden": "true" }, make("div", { class: "frame" }, tile), tileTime);
  preview.hidden = true;
  const playing = button("play", say("播放", "Play"), toggle);
  const sound = button("sound", say("静音", "Mute"), mute);
  const volume = make("input", { type: "range", class: "volume", min: "0", max: "1", step: "0.05", value: "1", "aria-label": say("音量", "Volume") });
  const time = make("span", { class: "time" });
  const full = button("full", say("全屏", "Full screen"), fullScreen);
  const help = button("keys", say("键盘", "Keyboard"), showKeys);
  const texts = menu("text", say("字幕", "Subtitles"), textChoices);
  const qualities = menu("gear", say("清晰度", "Quality"), qualityChoices);
  const speeds = menu("speed", say("速度", "Speed"), speedChoices);
  const bar = make(
    "div",
    { class: "bar", role: "group", "aria-label": say("播放控制", "Player controls") },
    make("div", { class: "line" }, seek, preview),
    make("div", { class: "row" }, playing, sound, volume, time, make("span", { class: "gap" }), texts.place, qualities.place, speeds.place, help, full),
  );

  video.removeAttribute("controls");
  screen.append(big, told);
  root.append(bar);
  root.classList.add("ours");
  if (way !== "hls.js") qualities.place.hidden = true;
  if (isFile) for (const track of video.querySelectorAll("track")) track.remove();
  else texts.place.hidden = video.textTracks.length === 0;
  if (isFile) texts.place.hidden = true;
  tick();

  // ---- beginning: the engine and the cues come when somebody shows that they want to watch
  function load(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = () => reject(new Error(address));
      document.head.append(script);
    });
  }

  let board = null;
  function cues() {
    board ??= load(data.cues).then(() => {
      const known = window.zhanboCues ?? { tiles: [], tracks: [] };
      if (isFile) addTracks(known.tracks);
      return known.tiles;
    }, () => []);
    return board;
  }

  function addTracks(tracks) {
    for (const track of tracks) {
      const added = video.addTextTrack("subtitles", track.label, track.lang);
      for (const [start, end, text] of track.cues) {
        const cue = new VTTCue(start, end, "");
        cue.text = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        added.addCue(cue);
      }
      added.mode = "disabled";
    }
    texts.place.hidden = tracks.length === 0;
    recallText();
  }

  function begin() {
    begun ??= start();
    return begun;
  }

  async function start() {
    cues();
    if (way === "hls.js") {
      try {
        await load(data.engine);
        await attach();
      } catch (error) {
        plain();
      }
    } else if (way === "native") {
      // The browser finds the subtitles in the playlist itself.
      for (const track of video.querySelectorAll("track")) track.remove();
      video.src = data.hls;
    }
    recallText();
  }

  function attach() {
    const Hls = window.Hls;
    if (!Hls?.isSupported()) return Promise.reject(new Error("no media source"));
    for (const source of video.querySelectorAll("source")) source.remove();
    hls = new Hls({
      enableWorker: false,
      capLevelToPlayerSize: true,
      // Subtitles are the page's own tracks: they work the same without hls.js.
      subtitleTrackController: undefined,
      subtitleStreamController: undefined,
      timelineController: undefined,
    });
    let mended = false;
    return new Promise((resolve, reject) => {
      hls.on(Hls.Events.MANIFEST_PARSED, () => {
        quality(wanted);
        resolve();
      });
      hls.on(Hls.Events.LEVEL_SWITCHED, () => qualities.renew());
      hls.on(Hls.Events.ERROR, (event, problem) => {
        if (!problem.fatal) return;
        if (problem.type === Hls.ErrorTypes.MEDIA_ERROR && !mended) {
          mended = true;
          hls.recoverMediaError();
          return;
        }
        reject(new Error(problem.details));
        plain();
      });
      hls.loadSource(data.hls);
      hls.attachMedia(video);
    });
  }

  // The MP4, from where the film was: one quality, but it plays.
  function plain() {
    if (way === "mp4") return;
    const at = video.currentTime;
    const going = !video.paused;
    hls?.destroy();
    hls = null;
    way = "mp4";
    root.dataset.way = way;
    qualities.place.hidden = true;
    video.src = data.mp4;
    video.addEventListener("loadedmetadata", () => {
      video.currentTime = at;
      if (going) play();
    }, { once: true });
  }

  // ---- playing
  async function play() {
    root.classList.add("started");
    await begin();
    try {
      await video.play();
    } catch (error) {
      // Interrupted by a pause, or the browser wants another touch: the button is there again.
      tick();
    }
  }

  function toggle() {
    if (video.paused) play();
    else video.pause();
  }

  function length() {
    return Number.isFinite(video.duration) && video.duration > 0 ? video.duration : total;
  }

  async function jump(to) {
    const at = Math.min(Math.max(to, 0), length());
    seek.value = String(at);
    await begin();
    if (video.readyState === 0) {
      if (video.preload === "none") video.preload = "metadata";
      if (way !== "hls.js") video.load();
      await new Promise((ready) => video.addEventListener("loadedmetadata", ready, { once: true }));
    }
    video.currentTime = at;
  }

  function mute() {
    video.muted = !video.muted;
    if (!video.muted && video.volume === 0) video.volume = 0.5;
  }

  function louder(by) {
    video.muted = false;
    video.volume = Math.min(Math.max(video.volume + by, 0), 1);
  }

  function fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (root.requestFullscreen) root.requestFullscreen().catch(() => {});
    else if (video.webkitEnterFullscreen) begin().then(() => video.webkitEnterFullscreen());
  }

  // ---- what is seen of it
  function clock(seconds) {
    const all = Math.max(0, Math.floor(seconds));
    const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, String(all % 60).padStart(2, "0")];
    return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
  }

  function tick() {
    const [at, end] = [held ?? video.currentTime, length()];
    seek.max = String(end);
    if (held === null) seek.value = String(at);
    seek.style.setProperty("--at", `${end ? (100 * at) / end : 0}%`);
    seek.setAttribute("aria-valuetext", say(`${clock(at)}，共 ${clock(end)}`, `${clock(at)} of ${clock(end)}`));
    time.textContent = `${clock(at)} / ${clock(end)}`;
  }

  function state() {
    const stopped = video.paused || video.ended;
    const label = stopped ? say("播放", "Play") : say("暂停", "Pause");
    relabel(playing, stopped ? "play" : "pause", label);
    root.classList.toggle("playing", !stopped);
    wake();
    tick();
  }

  function heard() {
    const silent = video.muted || video.volume === 0;
    relabel(sound, silent ? "mute" : "sound", silent ? say("取消静音", "Unmute") : say("静音", "Mute"));
    volume.value = String(silent ? 0 : video.volume);
    volume.style.setProperty("--at", `${100 * Number(volume.value)}%`);
  }

  let resting = 0;
  function wake() {
    root.classList.remove("idle");
    clearTimeout(resting);
    if (!video.paused) resting = setTimeout(() => root.classList.add("idle"), IDLE_MS);
    lift();
  }

  // In full screen the controls lie over the picture: subtitles step aside while they are there.
  function lift() {
    const over = document.fullscreenElement === root && !root.classList.contains("idle");
    for (const cue of showing()?.activeCues ?? []) cue.line = over ? -4 : "auto";
  }

  seek.addEventListener("input", () => {
    held = Number(seek.value);
    tick();
    look(held);
  });
  seek.addEventListener("change", async () => {
    const to = Number(seek.value);
    await jump(to);
    held = null;
    tick();
  });
  seek.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" && held === null) return;
    const place = seek.getBoundingClientRect();
    look(((event.clientX - place.left) / place.width) * length());
  });
  for (const name of ["pointerleave", "pointerup", "blur", "touchend"]) seek.addEventListener(name, () => (preview.hidden = true));

  async function look(at) {
    const time = Math.min(Math.max(at, 0), length());
    preview.hidden = false;
    const tiles = await cues();
    const found = tiles.find(([start, end]) => time >= start && time < end) ?? tiles[tiles.length - 1];
    tileTime.textContent = clock(time);
    preview.classList.toggle("bare", !found);
    const width = seek.clientWidth;
    if (found) {
      const [, , sheet, [x, y, w, h]] = found;
      const scale = 176 / w;
      Object.assign(tile.style, {
        width: `${w}px`,
        height: `${h}px`,
        backgroundImage: `url("${new URL(data.folder + sheet, location.href)}")`,
        backgroundPosition: `-${x}px -${y}px`,
        transform: `scale(${scale})`,
      });
      tile.parentElement.style.height = `${h * scale}px`;
    }
    const half = (preview.offsetWidth || 180) / 2;
    const centre = (time / (length() || 1)) * width;
    preview.style.left = `${Math.min(Math.max(centre, half), Math.max(half, width - half))}px`;
  }

  // ---- menus
  function menu(name, label, choices) {
    const list = make("div", { class: "menu", role: "menu", "aria-label": label });
    list.hidden = true;
    const opener = make("button", { type: "button", class: `ctl ${name}`, "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label, title: label }, icon(name));
    const place = make("div", { class: "choice" }, opener, list);
    const close = (back) => {
      list.hidden = true;
      opener.setAttribute("aria-expanded", "false");
      if (back) opener.focus();
    };
    const renew = () => {
      const inside = list.contains(document.activeElement);
      list.replaceChildren(
        ...choices().map((choice) => {
          const item = make("button", { type: "button", role: "menuitemradio", "aria-checked": String(choice.on), tabindex: "-1" }, choice.label);
          item.addEventListener("click", () => {
            choice.act();
            close(true);
          });
          return item;
        }),
      );
      if (inside) (list.querySelector('[aria-checked="true"]') ?? list.firstElementChild)?.focus();
    };
    const open = () => {
      for (const other of root.querySelectorAll(".menu:not([hidden])")) other.hidden = true;
      renew();
      list.hidden = false;
      opener.setAttribute("aria-expanded", "true");
      (list.querySelector('[aria-checked="true"]') ?? list.firstElementChild)?.focus();
    };
    opener.addEventListener("click", () => (list.hidden ? open() : close(true)));
    opener.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      event.stopPropagation();
      open();
    });
    list.addEventListener("keydown", (event) => {
      const items = [...list.children];
      const at = items.indexOf(document.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
      if (to !== undefined) {
        items[(to + items.length) % items.length]?.focus();
        event.preventDefault();
      }
      if (event.key === "Escape") close(true);
      if (event.key === "Tab") close(false);
      if (to !== undefined || event.key === "Escape") event.stopPropagation();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!list.hidden && !place.contains(event.target)) close(false);
    });
    return { place, renew: () => !list.hidden && renew() };
  }

  function speedChoices() {
    return [0.5, 0.75, 1, 1.25, 1.5, 2].map((rate) => ({
      label: rate === 1 ? say("正常", "Normal") : `${rate}×`,
      on: video.playbackRate === rate,
      act: () => {
        video.defaultPlaybackRate = rate;
        video.playbackRate = rate;
      },
    }));
  }

  function qualityChoices() {
    const now = hls && wanted === -1 && video.videoHeight ? ` (${video.videoHeight}p)` : "";
    const heights = [...new Set((data.heights ?? "").split(",").filter(Boolean).map(Number))].sort((a, b) => b - a);
    const auto = { label: say("自动", "Auto") + now, on: wanted === -1, act: () => quality(-1) };
    return [auto, ...heights.map((height) => ({ label: `${height}p`, on: wanted === height, act: () => quality(height) }))];
  }

  function quality(height) {
    wanted = height;
    if (!hls) return;
    const level = hls.levels.findIndex((level) => level.height === height);
    if (video.readyState > 0) hls.nextLevel = level;
    else hls.loadLevel = level;
  }

  function tracks() {
    return [...video.textTracks].filter((track) => track.kind === "subtitles" || track.kind === "captions");
  }

  function showing() {
    return tracks().find((track) => track.mode === "showing");
  }

  function textChoices() {
    const on = showing();
    const off = { label: say("关", "Off"), on: !on, act: () => subtitle(null) };
    return [off, ...tracks().map((track) => ({ label: track.label || track.language, on: track === on, act: () => subtitle(track) }))];
  }

  function subtitle(chosen) {
    for (const track of tracks()) track.mode = track === chosen ? "showing" : "disabled";
    root.classList.toggle("texted", Boolean(chosen));
    try {
      localStorage.setItem("zhanbo-subtitles", chosen ? chosen.language : "");
    } catch (error) {
      // It holds for this page.
    }
  }

  function recallText() {
    let language = "";
    try {
      language = localStorage.getItem("zhanbo-subtitles") ?? "";
    } catch (error) {
      return;
    }
    const track = language && tracks().find((track) => track.language === language);
    if (track && !showing()) subtitle(track);
  }

  async function nextText() {
    await cues();
    const all = [...tracks(), null];
    subtitle(all[(all.indexOf(showing() ?? null) + 1) % all.length]);
  }

  // ---- keys
  const list = document.getElementById("keys");
  document.getElementById("keys-close").addEventListener("click", () => list.close());
  function showKeys() {
    if (list.open) list.close();
    else list.showModal();
  }

  const KEYS = {
    " ": toggle,
    k: toggle,
    ArrowLeft: () => jump((held ?? video.currentTime) - STEP),
    ArrowRight: () => jump((held ?? video.currentTime) + STEP),
    ArrowUp: () => louder(0.05),
    ArrowDown: () => louder(-0.05),
    m: mute,
    f: fullScreen,
    c: nextText,
    "?": showKeys,
    "？": showKeys,
  };

  document.addEventListener("keydown", (event) => {
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    const on = event.target;
    const writes = on.closest("textarea, select, [contenteditable]") || (on.matches("input") && on !== seek);
    const presses = event.key === " " && on.closest("button, a, summary");
    const moves = event.key.startsWith("Arrow") && on.closest(".menu");
    if (writes || presses || moves || (list.open && event.key !== "?")) return;
    // Up and down scroll the page, unless somebody is at the player.
    if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !root.contains(on) && document.fullscreenElement !== root) return;
    event.preventDefault();
    wake();
    act();
  });

  // ---- listening
  big.addEventListener("click", play);
  screen.addEventListener("click", (event) => {
    if (event.target === video) toggle();
  });
  video.addEventListener("dblclick", fullScreen);
  volume.addEventListener("input", () => {
    video.muted = false;
    video.volume = Number(volume.value);
  });
  for (const name of ["play", "pause", "ended", "playing"]) video.addEventListener(name, state);
  for (const name of ["timeupdate", "durationchange", "seeked"]) video.addEventListener(name, tick);
  for (const name of ["waiting", "seeking", "loadstart"]) video.addEventListener(name, () => root.classList.toggle("waiting", root.classList.contains("started")));
  for (const name of ["playing", "seeked", "canplay", "pause"]) video.addEventListener(name, () => root.classList.remove("waiting"));
  video.addEventListener("volumechange", heard);
  video.addEventListener("play", () => root.classList.add("started"));
  video.addEventListener("error", () => {
    if (way === "native" || way === "hls.js") return plain();
    told.textContent = say("播放不了。请检查网络，然后刷新页面。", "This cannot be played. Check the network and reload the page.");
  });
  video.textTracks.addEventListener?.("addtrack", () => {
    texts.place.hidden = tracks().length === 0;
  });
  document.addEventListener("fullscreenchange", () => {
    const on = document.fullscreenElement === root;
    relabel(full, on ? "small" : "full", on ? say("退出全屏", "Leave full screen") : say("全屏", "Full screen"));
    wake();
  });
  const upNext = root.querySelector(".upnext");
  if (upNext) {
    video.addEventListener("ended", () => (upNext.hidden = false));
    for (const name of ["play", "seeking"]) video.addEventListener(name, () => (upNext.hidden = true));
  }
  root.addEventListener("pointermove", wake);
  // Whoever points at the player or steps into it will look for subtitles and previews.
  root.addEventListener("pointerenter", cues, { once: true });
  root.addEventListener("focusin", cues, { once: true });
  heard();
})();
