// The stream of OCPP messages, the newest first.

import { $, clockTime, h, icon, plural, setAttribute, setText } from "./dom.js";

/** Rows on the page at most; the store holds more, for the filters. */
const ROWS = 200;
const KINDS = { 2: "", 3: "result", 4: "error", 5: "error", 6: "send" };

export class MessagesView {
  constructor(store, page) {
    this.store = store;
    this.page = page;
    this.paused = false;
    this.missed = 0;
    this.rows = new Map();
    this.actions = new Set();
    $("pause").addEventListener("click", () => this.togglePause());
    $("clear-messages").addEventListener("click", () => this.clear());
    $("messages-charger").addEventListener("input", () => this.#rebuild());
    $("messages-action").addEventListener("change", () => this.#rebuild());
  }

  reset() {
    this.paused = false;
    this.actions.clear();
    $("messages-action").replaceChildren(h("option", { value: "" }, "All actions"));
    $("messages-charger").value = "";
    this.#rebuild();
  }

  clear() {
    this.store.clearFrames();
    this.#rebuild();
  }

  /** Only a charger's messages; everybody's when it is null. */
  only(identity) {
    $("messages-charger").value = identity ?? "";
    this.#rebuild();
  }

  togglePause() {
    this.paused = !this.paused;
    if (!this.paused) this.#rebuild();
    this.#note();
  }

  /** Frames that have just come. */
  add(frames) {
    const options = [];
    for (const frame of frames) {
      if (this.actions.has(frame.action)) continue;
      this.actions.add(frame.action);
      options.push(frame.action);
    }
    if (options.length) {
      const select = $("messages-action");
      const chosen = select.value;
      const names = [...this.actions].sort();
      select.replaceChildren(h("option", { value: "" }, "All actions"), ...names.map((name) => h("option", { value: name }, name)));
      select.value = chosen;
    }
    const wanted = frames.filter((frame) => this.#fits(frame));
    if (this.paused) this.missed += wanted.length;
    else {
      const stream = $("stream");
      stream.prepend(...wanted.slice(-ROWS).reverse().map((frame) => this.#row(frame)));
      while (stream.childElementCount > ROWS) stream.lastElementChild.remove();
    }
    this.#note();
  }

  /** The list of chargers to choose from. */
  renderIdentities() {
    const names = [...this.store.chargers.values()].map((row) => row.identity).sort();
    const list = $("identities");
    if (list.dataset.names === names.join(" ")) return;
    list.dataset.names = names.join(" ");
    list.replaceChildren(...names.map((name) => h("option", { value: name })));
  }

  rebuild() {
    if (!this.paused) this.#rebuild();
  }

  #fits(frame) {
    const charger = $("messages-charger").value.trim().toLowerCase();
    const action = $("messages-action").value;
    if (action && frame.action !== action) return false;
    if (!charger) return true;
    const identity = this.store.identity(frame.charger_id).toLowerCase();
    return this.#exact(charger) ? identity === charger : identity.includes(charger);
  }

  /** Whether somebody is called exactly that: CP-1 is then not CP-10. */
  #exact(text) {
    if (this.known?.size !== this.store.chargers.size) {
      this.known = new Set([...this.store.chargers.values()].map((row) => row.identity.toLowerCase()));
    }
    return this.known.has(text);
  }

  #rebuild() {
    this.known = undefined;
    const frames = [];
    for (let index = this.store.frames.length - 1; index >= 0 && frames.length < ROWS; index -= 1) {
      if (this.#fits(this.store.frames[index])) frames.push(this.store.frames[index]);
    }
    const open = new Set([...$("stream").querySelectorAll("details[open]")].map((one) => one.dataset.key));
    $("stream").replaceChildren(...frames.map((frame) => this.#row(frame, open.has(frame.key))));
    this.missed = 0;
    $("stream").classList.toggle("one", this.#exact($("messages-charger").value.trim().toLowerCase()));
    this.#note();
  }

  #note() {
    const button = $("pause");
    setText(button, this.paused ? "Resume" : "Pause");
    setAttribute(button, "aria-pressed", String(this.paused));
    const shown = $("stream").childElementCount;
    const parts = [shown === 0 ? "No messages yet" : shown >= ROWS ? `The latest ${ROWS} messages` : plural(shown, "message")];
    if (this.paused) parts.push(`paused, ${this.missed} more have come`);
    if (this.store.skipped) parts.push(`${this.store.skipped} came too fast to show; the logs have them`);
    setText($("messages-note"), parts.join(", "));
  }

  #row(frame, open = false) {
    const message = parse(frame.message);
    const kind = message === null ? "garbage" : (KINDS[message[0]] ?? "");
    const up = frame.direction === "cp_to_csms";
    const direction = up ? "Charger to CSMS" : "CSMS to charger";
    const details = h(
      "details",
      { "data-key": frame.key, open },
      h(
        "summary",
        {},
        h("span", { class: up ? "way up" : "way down", title: direction }, icon(up ? "up" : "down"), h("span", { class: "sr" }, `${direction}: `)),
        h("span", { class: "what" }, h("b", {}, frame.action), kind && h("span", { class: `kind kind-${kind}` }, kind)),
        h("time", { datetime: frame.timestamp }, clockTime(new Date(frame.time))),
        h("span", { class: "who" }, this.store.identity(frame.charger_id)),
        h("code", { class: "brief" }, brief(message, frame.message)),
      ),
    );
    const expand = () => {
      if (!details.open || details.childElementCount > 1) return;
      const text = message === null ? frame.message : JSON.stringify(message, null, 2);
      details.append(h("pre", { tabindex: "0", "aria-label": `${frame.action}, ${direction}` }, frame.cut ? `${text}\n…` : text));
    };
    details.addEventListener("toggle", expand);
    expand();
    return h("li", {}, details);
  }
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** The payload in one line. */
function brief(message, text) {
  if (message === null) return text.slice(0, 120);
  const [type] = message;
  if (type === 4 || type === 5) return `${message[2]} ${message[3]}`;
  return JSON.stringify(type === 3 ? message[2] : message[3])?.slice(0, 160) ?? "";
}
