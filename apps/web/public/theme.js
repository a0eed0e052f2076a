/* global document, matchMedia */
// Runs before the first paint, so that a dark page never flashes white. An external file: the CSP allows no inline script.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("lorekeep.theme");
  } catch {
    // Storage is off: the system decides.
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
