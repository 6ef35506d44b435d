// The stream of OCPP messages: a row for each call with its answer, the newest first.

import { $, clockTime, h, icon, plural, setAttribute, setText } from "./dom.js";

/** Rows on the page at most; the store holds more, for the filters. */
const ROWS = 200;
const KINDS = { 2: "", 3: "result", 4: "error", 5: "error", 6: "send" };
const ANSWERS = new Set([3, 4, 5]);

export class MessagesView {
  constructor(store, page) {
    this.store = store;
    this.page = page;
    this.paused = false;
    this.missed = 0;
    /** What is shown, the newest first: {frame, answer, row}, where the frame is a call or stands alone. */
    this.shown = [];
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
    if (this.paused) this.missed += pair(wanted).length;
    else if (wanted.length) this.#bring(wanted);
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

  /** Put frames that have just come above the others, and answers beside their calls. */
  #bring(frames) {
    const fresh = [];
    for (const frame of frames) {
      const call = isAnswer(frame) ? [...fresh, ...this.shown].find((one) => answers(frame, one)) : undefined;
      if (call === undefined) {
        fresh.unshift({ frame, answer: null });
        continue;
      }
      call.answer = frame;
      if (!call.row) continue;
      const old = call.row;
      call.row = this.#row(call, old.firstElementChild.open);
      const focused = old.contains(document.activeElement);
      old.replaceWith(call.row);
      if (focused) call.row.querySelector("summary").focus();
    }
    for (const one of fresh) one.row = this.#row(one);
    this.shown.unshift(...fresh);
    $("stream").prepend(...fresh.slice(0, ROWS).map((one) => one.row));
    for (const one of this.shown.splice(ROWS)) one.row.remove();
  }

  #rebuild() {
    this.known = undefined;
    const open = new Set([...$("stream").querySelectorAll("details[open]")].map((one) => one.dataset.key));
    this.shown = pair(this.store.frames.filter((frame) => this.#fits(frame))).slice(0, ROWS);
    for (const one of this.shown) one.row = this.#row(one, open.has(one.frame.key));
    $("stream").replaceChildren(...this.shown.map((one) => one.row));
    this.missed = 0;
    $("stream").classList.toggle("one", this.#exact($("messages-charger").value.trim().toLowerCase()));
    this.#note();
  }

  #note() {
    const button = $("pause");
    setText(button, this.paused ? "Resume" : "Pause");
    setAttribute(button, "aria-pressed", String(this.paused));
    const shown = $("stream").childElementCount;
    const parts = [shown === 0 ? "No messages yet" : `${shown >= ROWS ? `The latest ${ROWS} messages` : plural(shown, "message")}, the newest at the top`];
    if (this.paused) parts.push(`paused, ${this.missed} more have come`);
    if (this.store.skipped) parts.push(`${this.store.skipped} came too fast to show; the logs have them`);
    setText($("messages-note"), parts.join(", "));
  }

  #row({ frame, answer }, open = false) {
    const message = parsed(frame);
    const kind = message === null ? "garbage" : (KINDS[message[0]] ?? "");
    const up = frame.direction === "cp_to_csms";
    const direction = up ? "Charger to CSMS" : "CSMS to charger";
    const reply = answer && parsed(answer);
    const bad = reply && reply[0] !== 3;
    const details = h(
      "details",
      { "data-key": frame.key, open },
      h(
        "summary",
        {},
        h("span", { class: up ? "way up" : "way down", title: direction }, icon(up ? "up" : "down"), h("span", { class: "sr" }, `${direction}: `)),
        h("span", { class: "what" }, h("b", {}, frame.action),
          kind && h("span", { class: `kind kind-${kind}` }, kind),
          bad && h("span", { class: "kind kind-error" }, "error"),
          answer && h("span", { class: "took" }, `${Math.max(0, answer.time - frame.time)} ms`)),
        h("time", { datetime: frame.timestamp }, clockTime(new Date(frame.time))),
        h("span", { class: "who" }, this.store.identity(frame.charger_id)),
        h("code", { class: "brief" }, brief(message, frame.message)),
        message?.[0] === 2 && h("code", { class: bad ? "brief answer bad" : "brief answer" },
          h("span", { class: "sr" }, "Answer: "), answer ? `↩ ${brief(reply, answer.message)}` : "↩ …"),
      ),
    );
    const expand = () => {
      if (!details.open || details.childElementCount > 1) return;
      details.append(whole(frame, `${frame.action}, ${direction}`));
      if (answer) details.append(whole(answer, `Answer to ${frame.action}`));
    };
    details.addEventListener("toggle", expand);
    expand();
    return h("li", {}, details);
  }
}

/** A frame as it crossed, indented. */
function whole(frame, label) {
  const message = parsed(frame);
  const text = message === null ? frame.message : JSON.stringify(message, null, 2);
  return h("pre", { tabindex: "0", "aria-label": label }, frame.cut ? `${text}\n…` : text);
}

/** Frames, the oldest first, as {frame, answer}, the newest first: an answer stands with its call. */
function pair(frames) {
  const calls = new Map();
  const found = [];
  for (const frame of frames) {
    const place = `${frame.charger_id} ${parsed(frame)?.[1]}`;
    const call = isAnswer(frame) ? calls.get(place) : undefined;
    if (call !== undefined && answers(frame, call)) {
      call.answer = frame;
      continue;
    }
    const one = { frame, answer: null };
    if (parsed(frame)?.[0] === 2) calls.set(place, one);
    found.push(one);
  }
  return found.reverse();
}

const isAnswer = (frame) => ANSWERS.has(parsed(frame)?.[0]);

/** Whether a frame is the answer that a call still lacks. */
const answers = (frame, { frame: call, answer }) =>
  answer === null && call.charger_id === frame.charger_id && call.direction !== frame.direction
  && parsed(call)?.[0] === 2 && parsed(call)[1] === parsed(frame)?.[1];

/** The message of a frame, read once. */
const parsed = (frame) => (frame.parsed === undefined ? (frame.parsed = parse(frame.message)) : frame.parsed);

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
