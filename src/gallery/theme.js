// zhanbo: the look that the visitor chose, before anything is drawn. Without a choice the system's look holds.
(function () {
  "use strict";
  try {
    var chosen = localStorage.getItem("zhanbo-theme");
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  } catch (error) {
    // Some browsers keep nothing for files: then the system's look holds.
  }
})();
