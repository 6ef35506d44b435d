// The fleet: figures, filters with counts, and one page of tiles.

import { Chart } from "./chart.js";
import { $, h, icon, kilowattHours, kilowatts, plural, setAttribute, setText } from "./dom.js";
import { STATES, link, powerOf, stateName } from "./states.js";

/** Tiles on one page; a bigger fleet has several. */
const PAGE = 60;
const COLLATOR = new Intl.Collator(undefined, { numeric: true });
const OFFLINE = "offline";
const URGENCY = [OFFLINE, ...Object.keys(STATES)];

export class FleetView {
  constructor(store, page) {
    this.store = store;
    this.page = page;
    this.wanted = new Set();
    this.number = 0;
    this.tiles = new Map();
    this.order = "";
    this.#buildFigures();
    this.#buildChips();
    $("filter").addEventListener("input", () => this.#refilter());
    $("order").addEventListener("change", () => this.#refilter());
    $("tiles").addEventListener("keydown", (event) => this.#arrows(event));
    $("tiles").addEventListener("focusin", (event) => this.#rove(event.target.closest(".tile")));
  }

  reset() {
    this.wanted.clear();
    this.number = 0;
    $("filter").value = "";
    $("tiles").replaceChildren();
    this.tiles.clear();
    this.order = "";
  }

  render() {
    const rows = [...this.store.chargers.values()];
    this.#counts(rows);
    const shown = this.#chosen(rows);
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    this.number = Math.min(this.number, pages - 1);
    const first = this.number * PAGE;
    this.#list(shown.slice(first, first + PAGE));
    this.#pager(shown.length, pages, first);
    const text = rows.length === shown.length ? plural(rows.length, "charger") : `${shown.length} of ${plural(rows.length, "charger")}`;
    setText($("fleet-count"), pages > 1 ? `${text}, ${first + 1} to ${Math.min(first + PAGE, shown.length)} shown` : text);
    this.#emptiness(rows.length, shown.length);
  }

  /** Once a second: what changes without a word. */
  tick() {
    let wattHours = 0;
    for (const row of this.store.chargers.values()) {
      for (const one of row.connectors) wattHours += this.store.wattHours(row, one);
    }
    setText(this.figures.energy, kilowattHours(wattHours));
    this.chart.draw(this.store.total, 0);
  }

  focus() {
    const tile = document.querySelector(".tile[aria-current]") ?? document.querySelector('.tile[tabindex="0"]');
    (tile ?? $("filter")).focus();
  }

  #refilter() {
    this.number = 0;
    this.page.render();
  }

  #buildFigures() {
    this.figures = {};
    const figure = (key, name, plot) => {
      this.figures[key] = h("dd", {});
      return h("div", { class: `figure ${key}` }, h("dt", {}, name), this.figures[key], plot && h("dd", { class: "plot" }, plot));
    };
    this.chart = new Chart({ energyLine: false });
    $("figures").append(
      figure("online", "Chargers online"),
      figure("sessions", "Transactions"),
      figure("power", "Power now", this.chart.element),
      figure("energy", "Energy, all meters"),
    );
  }

  #buildChips() {
    this.chips = new Map();
    const chip = (key, name, title) => {
      const count = h("b", {}, "0");
      const button = h(
        "button",
        { type: "button", class: "chip", "aria-pressed": "false", "data-state": key, title },
        icon(key), h("span", {}, name), count,
      );
      button.addEventListener("click", () => {
        if (!this.wanted.delete(key)) this.wanted.add(key);
        setAttribute(button, "aria-pressed", String(this.wanted.has(key)));
        this.#refilter();
      });
      this.chips.set(key, { button, count });
      return button;
    };
    $("chips").append(
      ...Object.entries(STATES).map(([key, title]) => chip(key, stateName(key), title)),
      chip(OFFLINE, "Not online", "Chargers that their CSMS has not accepted, or that are switched off"),
    );
  }

  #counts(rows) {
    const counts = new Map(URGENCY.map((key) => [key, 0]));
    let online = 0, sessions = 0, watts = 0;
    for (const row of rows) {
      if (link(row).online) {
        online += 1;
        for (const one of row.connectors) counts.set(one.status, (counts.get(one.status) ?? 0) + 1);
      } else counts.set(OFFLINE, counts.get(OFFLINE) + 1);
      for (const one of row.connectors) sessions += one.transaction ? 1 : 0;
      watts += powerOf(row);
    }
    for (const [key, { button, count }] of this.chips) {
      setText(count, String(counts.get(key)));
      setAttribute(button, "data-none", counts.get(key) === 0 ? "" : null);
      setAttribute(button, "aria-pressed", String(this.wanted.has(key)));
    }
    setText(this.figures.online, `${online} of ${rows.length}`);
    setText(this.figures.sessions, String(sessions));
    setText(this.figures.power, kilowatts(watts));
  }

  #chosen(rows) {
    const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (row) => {
      const { online, text } = link(row);
      const states = online ? row.connectors.map((one) => one.status) : [OFFLINE];
      if (this.wanted.size && !states.some((state) => this.wanted.has(state))) return false;
      if (words.length === 0) return true;
      const all = [row.identity, row.name, row.vendor, row.model, row.version, text, ...states].join(" ").toLowerCase();
      return words.every((word) => all.includes(word));
    };
    const by = $("order").value;
    const urgency = (row) =>
      link(row).online ? Math.max(0, ...row.connectors.map((one) => URGENCY.indexOf(one.status))) : URGENCY.length;
    const order = { identity: () => 0, state: (a, b) => urgency(b) - urgency(a), power: (a, b) => powerOf(b) - powerOf(a) }[by];
    return rows.filter(fits).sort((a, b) => order(a, b) || COLLATOR.compare(a.identity, b.identity));
  }

  #list(rows) {
    const ids = rows.map((row) => row.id);
    for (const [id, tile] of this.tiles) {
      if (!ids.includes(id)) {
        tile.item.remove();
        this.tiles.delete(id);
      }
    }
    for (const row of rows) {
      const tile = this.tiles.get(row.id) ?? this.#newTile(row.id);
      if (tile.row !== row) fillTile(tile, row);
      setAttribute(tile.anchor, "aria-current", row.id === this.page.selected ? "true" : null);
    }
    const order = ids.join(" ");
    if (order !== this.order) {
      this.order = order;
      const focused = document.activeElement;
      $("tiles").append(...ids.map((id) => this.tiles.get(id).item));
      if (focused?.isConnected) focused.focus({ preventScroll: true });
    }
    const reachable = [...this.tiles.values()].some((tile) => tile.anchor.tabIndex === 0);
    if (!reachable && ids.length) this.tiles.get(ids[0]).anchor.tabIndex = 0;
  }

  #newTile(id) {
    const anchor = h("a", { class: "tile", href: `#/charger/${encodeURIComponent(id)}`, tabindex: "-1" });
    const tile = { anchor, item: h("li", {}, anchor), row: null };
    this.tiles.set(id, tile);
    return tile;
  }

  #pager(count, pages, first) {
    const pager = $("pager");
    pager.hidden = pages < 2;
    if (pager.hidden || pager.dataset.at === `${first}/${count}`) return;
    pager.dataset.at = `${first}/${count}`;
    const go = (number, name) =>
      h("button", { type: "button", disabled: number < 0 || number >= pages, onclick: () => {
        this.number = number;
        this.page.render();
        $("fleet-title").scrollIntoView();
        this.focus();
      } }, name);
    pager.replaceChildren(go(this.number - 1, "Previous"), h("span", {}, `Page ${this.number + 1} of ${pages}`), go(this.number + 1, "Next"));
  }

  #emptiness(count, shown) {
    const empty = $("fleet-empty");
    empty.hidden = shown > 0 || !this.page.loaded;
    if (empty.hidden) return;
    const kind = count === 0 ? "none" : "filtered";
    if (empty.dataset.kind === kind) return;
    empty.dataset.kind = kind;
    if (count === 0) {
      const add = h("button", { type: "button", class: "primary", onclick: () => this.page.addCharger() }, icon("plus"), "Add the first charger");
      empty.replaceChildren(h("p", {}, "There is no charger in this organization yet."), add);
    } else {
      const clear = h("button", { type: "button", onclick: () => {
        this.wanted.clear();
        $("filter").value = "";
        this.#refilter();
        $("filter").focus();
      } }, "Show all");
      empty.replaceChildren(h("p", {}, "No charger fits the filter."), clear);
    }
  }

  #rove(tile) {
    if (!tile) return;
    for (const other of this.tiles.values()) other.anchor.tabIndex = other.anchor === tile ? 0 : -1;
  }

  #arrows(event) {
    const anchors = [...$("tiles").querySelectorAll(".tile")];
    const here = anchors.indexOf(event.target.closest(".tile"));
    if (here < 0) return;
    const top = anchors[0].offsetTop;
    const columns = Math.max(1, anchors.filter((anchor) => anchor.offsetTop === top).length);
    const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -here, End: anchors.length - 1 - here }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    anchors[Math.min(anchors.length - 1, Math.max(0, here + move))].focus();
  }
}

/** The state of a connector: shape, number and, unless it has to be short, the word. */
function badge(one, short, single) {
  const words = `Connector ${one.evse_id}: ${stateName(one.status)}`;
  return h(
    "span",
    { class: short ? "pip" : "badge", "data-state": one.status, title: words },
    icon(one.status),
    short ? [h("span", { "aria-hidden": "true" }, String(one.evse_id)), h("span", { class: "sr" }, `${words}, `)]
      : [!single && h("b", {}, String(one.evse_id)), h("span", {}, stateName(one.status))],
  );
}

function fillTile(tile, row) {
  tile.row = row;
  const { online, bad, text } = link(row);
  const watts = powerOf(row);
  const short = row.connectors.length > 2;
  const body = online
    ? h("span", { class: "badges" }, row.connectors.map((one) => badge(one, short, row.connectors.length === 1)))
    : h("span", { class: "badges" }, h("span", { class: bad ? "badge bad" : "badge", "data-state": "offline" }, icon("offline"), h("span", {}, text)));
  setAttribute(tile.anchor, "data-offline", online ? null : "");
  const level = h("span", { class: "level", "aria-hidden": "true" }, h("span", {}));
  const most = row.max_power_w * Math.max(1, row.connectors.length);
  level.firstChild.style.width = `${Math.min(100, (100 * watts) / most)}%`;
  tile.anchor.replaceChildren(
    h("span", { class: "tile-name" }, h("span", {}, row.identity),
      h("small", { class: "muted", title: row.version.replace("OCPP", "OCPP ") }, h("span", { class: "sr" }, "OCPP "), row.version.replace("OCPP", ""))),
    h("span", { class: "tile-model muted" }, row.model),
    body,
    h("span", { class: "tile-power" }, level, h("span", { class: watts > 0 ? "" : "muted" }, kilowatts(watts))),
  );
}
