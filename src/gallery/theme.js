// zhanbo: before anything is drawn: the look that the visitor chose, else the system's; and that there are scripts, so that
// what needs them has its place from the beginning.
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  try {
    var chosen = localStorage.getItem("zhanbo-theme");
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  } catch (error) {
    // Some browsers keep nothing for files: then the system's look holds.
  }
})();
