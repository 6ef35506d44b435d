// Single keys, for those who want them; they never fire while something is being typed.

import { $ } from "./dom.js";

const WANTED = "gateway-single-keys";

export function listenToKeys(page) {
  const box = $("shortcuts");
  box.checked = localStorage.getItem(WANTED) !== "no";
  box.addEventListener("change", () => localStorage.setItem(WANTED, box.checked ? "yes" : "no"));
  const go = (hash, focus) => {
    if (location.hash !== hash && location.hash + "/" !== hash) location.hash = hash;
    setTimeout(focus, 60);
  };
  const keys = {
    "/": () => go("#/", () => $("filter").focus()),
    f: () => go("#/", () => page.fleet.focus()),
    c: () => page.charger.panel?.focus(),
    m: () => (matchMedia("(max-width: 760px)").matches ? go("#/messages", () => $("pause").focus()) : $("pause").focus()),
    p: () => page.messages.togglePause(),
    a: () => page.addCharger(),
    "?": () => $("help").showModal(),
    0: () => page.charger.panel?.choose(null),
  };
  for (let number = 1; number <= 8; number += 1) keys[number] = () => page.charger.panel?.choose(number);

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !page.loaded) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      if (!page.charger.panel?.close() && page.selected !== null) location.hash = "#/";
      return;
    }
    if (!box.checked || event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
    const action = keys[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
}
