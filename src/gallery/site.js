// zhanbo: every page's script. The look, sharing, and on the home page search and filter. Loads the pinyin of names only when
// somebody searches; sends nothing anywhere.
(() => {
  "use strict";
  const zh = document.documentElement.lang.startsWith("zh");
  const say = (chinese, english) => (zh ? chinese : english);

  look();
  share();
  home();

  function look() {
    const button = document.getElementById("theme");
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    button.addEventListener("click", () => {
      const now = document.documentElement.dataset.theme || (system.matches ? "dark" : "light");
      const next = now === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = next;
      try {
        localStorage.setItem("zhanbo-theme", next);
      } catch (error) {
        // It holds for this page.
      }
    });
  }

  function share() {
    const place = document.getElementById("share");
    if (!place) return;
    const url = place.dataset.url || location.href.split("#")[0];
    const copied = document.getElementById("copied");
    const send = document.getElementById("send");
    document.getElementById("copy").addEventListener("click", async () => {
      const done = await copy(url);
      copied.textContent = done ? say("已复制", "Copied") : url;
    });
    if (navigator.share && location.protocol !== "file:") {
      send.hidden = false;
      send.addEventListener("click", () => navigator.share({ title: document.title, url }).catch(() => {}));
    }
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      // Plain http has no clipboard of its own; the old way still works there.
      const field = document.createElement("textarea");
      field.value = text;
      field.setAttribute("readonly", "");
      field.className = "unseen";
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      return done;
    }
  }

  function home() {
    const find = document.getElementById("find");
    if (!find) return;
    const field = document.getElementById("q");
    const chips = [...find.querySelectorAll(".chips button")];
    const films = [...document.querySelectorAll("#films > li")].map((item) => ({
      item,
      region: item.dataset.r,
      text: plain(["h3", ".u"].map((part) => item.querySelector(part)?.textContent ?? "").join(" ")),
      readings: [],
    }));
    let region = "";
    let asked = null;

    const keys = () => {
      asked ??= load(find.dataset.keys).then(() => {
        (window.zhanboFilms ?? []).forEach((reading, at) => {
          if (films[at]) films[at].readings = reading.split(",").map((part) => part.split(" ").filter(Boolean));
        });
      }, () => {});
      return asked;
    };

    const show = () => {
      const words = plain(field.value).split(/\s+/).filter(Boolean);
      let count = 0;
      for (const film of films) {
        const fits = (region === "" || film.region === region) && words.every((word) => matches(film, word));
        film.item.hidden = !fits;
        count += fits ? 1 : 0;
      }
      const all = words.length === 0 && region === "";
      document.getElementById("none").hidden = count > 0;
      document.getElementById("found").textContent = all ? "" : say(`找到 ${count} 个视频`, `${count} videos found`);
      remember(field.value.trim(), region);
    };

    const choose = (chosen) => {
      region = chosen;
      for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.r === chosen));
      show();
    };

    field.addEventListener("focus", keys, { once: true });
    field.addEventListener("input", () => {
      show();
      keys().then(show);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      field.value = "";
      show();
    });
    for (const chip of chips) chip.addEventListener("click", () => choose(chip.dataset.r));

    const before = new URLSearchParams(location.hash.slice(1));
    field.value = before.get("q") ?? "";
    if (field.value) keys().then(show);
    const wanted = before.get("r") ?? "";
    if (field.value || wanted) choose(chips.some((chip) => chip.dataset.r === wanted) ? wanted : "");
  }

  // The way back from a film leads to the same list.
  function remember(words, region) {
    const state = new URLSearchParams();
    if (words) state.set("q", words);
    if (region) state.set("r", region);
    const hash = state.toString();
    try {
      history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    } catch (error) {
      // Some browsers allow no change for files.
    }
  }

  function matches(film, word) {
    return film.text.includes(word) || film.readings.some((reading) => reading.some((_, at) => reads(reading, at, word)));
  }

  // Every syllable may be written whole, begun, or by its first letter: xinan, xnmzdx, xnminzu.
  function reads(syllables, at, rest) {
    if (rest === "") return true;
    const syllable = syllables[at];
    if (syllable === undefined) return false;
    let same = 0;
    while (same < syllable.length && same < rest.length && syllable[same] === rest[same]) same += 1;
    for (let length = same; length > 0; length -= 1) {
      if (reads(syllables, at + 1, rest.slice(length))) return true;
    }
    return false;
  }

  function plain(text) {
    return text.normalize("NFKC").toLowerCase().trim();
  }

  function load(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }
})();
