// A scenario that has been written of what a station has done: to look at, to copy, to keep.

import { announce, h } from "./dom.js";

/** Show it in a dialog of its own, which is gone when it is closed. */
export function showScenario(identity, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const name = `${identity.replace(/[^\w.-]+/g, "_")}.yaml`;
  const copy = h("button", { type: "button", hidden: !navigator.clipboard, onclick: async () => {
    await navigator.clipboard.writeText(text);
    announce("The scenario is copied");
  } }, "Copy");
  const dialog = h("dialog", { class: "scenario", "aria-labelledby": "scenario-title" },
    h("h2", { id: "scenario-title" }, `What ${identity} has done, as a scenario`),
    h("p", { class: "muted" }, "It passes on the simulated charger. What could not be taken over stands in its comments."),
    h("pre", { tabindex: "0", "aria-label": name }, text),
    h("div", { class: "row end" },
      copy,
      h("a", { class: "button", href: url, download: name }, "Save"),
      h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => {
    dialog.remove();
    URL.revokeObjectURL(url);
  });
  document.body.append(dialog);
  dialog.showModal();
}
