(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");

  function isChinese() {
    return root.lang.slice(0, 2) === "zh";
  }

  // Language: the style sheet hides one of the two, by the attribute on the root.
  document.getElementById("language").addEventListener("click", function () {
    root.lang = isChinese() ? "en" : "zh-CN";
    var title = document.querySelector("title");
    document.title = isChinese() ? title.dataset.zh : title.dataset.en;
  });

  // Filters: what does not match is hidden, then every group in which nothing is left. A page without filters has
  // nothing to filter.
  var wanted = { region: "", standing: "" };
  var search = document.getElementById("search");
  var items = Array.from(document.querySelectorAll("[data-region]"));
  var texts = new Map();

  function matches(item, name) {
    return !wanted[name] || item.dataset[name] === undefined || item.dataset[name] === wanted[name];
  }

  function text(item) {
    if (!texts.has(item)) {
      texts.set(item, item.textContent.normalize("NFKC").toLowerCase());
    }
    return texts.get(item);
  }

  // Every word must occur, whatever its case and width.
  function words() {
    return search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  }

  function filter() {
    var shown = 0;
    var sought = words();
    items.forEach(function (item) {
      var found = sought.every(function (word) { return text(item).indexOf(word) >= 0; });
      item.hidden = !(found && matches(item, "region") && matches(item, "standing"));
      if (!item.hidden && item.dataset.standing && !item.closest(".technical")) {
        shown += 1;
      }
    });
    document.querySelectorAll(".group").forEach(function (group) {
      var all = group.querySelectorAll("[data-region]");
      group.hidden = all.length > 0 && !Array.from(all).some(function (item) { return !item.hidden; });
    });
    document.getElementById("shown").textContent = shown;
  }

  document.querySelectorAll("[data-filter]").forEach(function (chip) {
    chip.addEventListener("click", function () {
      wanted[chip.dataset.filter] = chip.dataset.value;
      document.querySelectorAll('[data-filter="' + chip.dataset.filter + '"]').forEach(function (other) {
        other.setAttribute("aria-pressed", String(other === chip));
      });
      filter();
    });
  });

  if (search) {
    search.addEventListener("input", filter);
  }

  // Copying: the clipboard where the browser gives it to a local file, else a selection in a text area.
  function copyBySelection(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "offstage";
    document.body.appendChild(area);
    area.select();
    var copied = false;
    try {
      copied = document.execCommand("copy");
    } catch (refused) {
      copied = false;
    }
    area.remove();
    return copied;
  }

  function copy(text) {
    if (navigator.clipboard && navigator.clipboard.writeText) {
      return navigator.clipboard.writeText(text).then(
        function () { return true; },
        function () { return copyBySelection(text); }
      );
    }
    return Promise.resolve(copyBySelection(text));
  }

  document.querySelectorAll(".copy").forEach(function (button) {
    button.addEventListener("click", function () {
      var card = button.closest(".card");
      var letter = card.querySelector(isChinese() ? "pre.zh" : "pre.en").textContent;
      copy(letter).then(function (copied) {
        button.dataset.state = copied ? "done" : "sorry";
        if (!copied) {
          card.querySelector(".letter").open = true;
        }
        window.setTimeout(function () { delete button.dataset.state; }, 2500);
      });
    });
  });

  // Paper can not unfold anything.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll(".technical, .more").forEach(function (details) { details.open = true; });
  });
})();
