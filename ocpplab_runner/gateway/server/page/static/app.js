// The live page: puts the parts together, follows the feed, and keeps to the address after the "#".

import { all, call, follow, signIn, signOut, signedIn } from "./api.js";
import { ChargerView } from "./charger.js";
import { AddDialog, confirm, prepareDialogs } from "./dialogs.js";
import { $, h, icon, setAttribute, setText } from "./dom.js";
import { FleetView } from "./fleet.js";
import { MessagesView } from "./messages.js";
import { listenToKeys } from "./keys.js";
import { STATES, stateName } from "./states.js";
import { Store } from "./store.js";

const BACKLOG = 200;
/** Milliseconds that a refusal stays in sight. */
const NOTICE = 8000;
const LIVE = { connecting: "Connecting", live: "Live", lost: "Connection lost" };

class Page {
  constructor() {
    this.store = new Store();
    this.selected = null;
    this.loaded = false;
    this.fleet = new FleetView(this.store, this);
    this.charger = new ChargerView(this.store, this);
    this.messages = new MessagesView(this.store, this);
    this.adding = new AddDialog(this);
    this.stop = null;
    this.pending = false;
    this.unnamed = false;
    addEventListener("hashchange", () => this.#route(true));
    $("login-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter($("token").value.trim(), $("as-organization").value.trim());
    });
    $("sign-out").addEventListener("click", () => this.leave(""));
    $("add-open").addEventListener("click", () => this.addCharger());
    $("help-open").addEventListener("click", () => $("help").showModal());
    $("legend").append(...Object.entries(STATES).map(([state, about]) =>
      h("li", {}, h("span", { class: "badge", "data-state": state }, icon(state), stateName(state)), h("span", {}, about))));
    setInterval(() => this.#tick(), 1000);
    if (signedIn()) this.#follow();
    else this.#view("login");
  }

  addCharger() {
    this.adding.open();
  }

  confirm(title, text, yes) {
    confirm(title, text, yes);
  }

  locations() {
    this.known ??= all("/ocpp/locations");
    return this.known;
  }

  /** A request was refused: a token that does not do any more ends the visit. */
  failed(error) {
    if (error.status === 401) {
      this.leave("The token is not valid any more.");
      return;
    }
    const notice = $("notice");
    setText(notice, error.message);
    notice.hidden = false;
    clearTimeout(this.noticed);
    this.noticed = setTimeout(() => (notice.hidden = true), NOTICE);
  }

  leave(why) {
    this.stop?.();
    this.stop = null;
    signOut();
    this.store.reset();
    this.fleet.reset();
    this.messages.reset();
    this.charger.show(null);
    this.selected = null;
    this.known = undefined;
    this.loaded = false;
    setText($("organization"), "");
    setText($("live"), "");
    setText($("login-problem"), why);
    $("token").value = "";
    history.replaceState(null, "", "#/");
    document.title = "ocpplab-runner gateway";
    this.#view("login");
    $("token").focus();
  }

  /** Show what has changed, once per frame. */
  render() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      if (!signedIn()) return;
      this.fleet.render();
      this.charger.render();
      this.messages.renderIdentities();
    });
  }

  #enter(token, organization) {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      setText($("login-problem"), "A token has neither spaces nor special letters.");
      return;
    }
    setText($("login-problem"), "");
    signIn(token, organization);
    this.#follow();
  }

  #follow() {
    this.stop?.();
    this.stop = follow({
      batch: (batch, first) => this.#heard(batch, first),
      state: (state) => {
        setAttribute($("live"), "data-live", state);
        setText($("live"), LIVE[state]);
      },
      refused: (error) => this.leave(error.message),
    });
  }

  #heard(batch, first) {
    const fresh = this.store.apply(batch, first);
    if (fresh.length || first) this.messages.add(fresh);
    if (first) {
      this.loaded = true;
      setText($("organization"), this.store.organization);
      if (document.body.dataset.view === "login") $("token").value = "";
      this.#route(document.body.dataset.view === "login");
      if (this.selected !== null) this.#backlog(this.selected);
    }
    const row = this.store.chargers.get(this.selected);
    if (this.unnamed && row) this.#name(row);
    this.render();
    if (first) this.#tick();
  }

  #route(byUser) {
    if (!this.loaded) return;
    const [, part, id] = location.hash.split("/");
    if (part === "charger" && id) this.#select(decodeURIComponent(id), byUser);
    else if (part === "messages") this.#view("messages");
    else if (part === "charger") this.#view("charger");
    else this.#select(null, byUser);
  }

  #select(id, byUser) {
    const before = this.selected;
    this.selected = id;
    this.#view(id === null ? "fleet" : "charger");
    if (id !== before) {
      const row = id === null ? null : this.store.chargers.get(id);
      this.charger.show(id);
      this.#name(row);
      if (id !== null) this.#backlog(id);
    }
    this.fleet.render();
    this.charger.render();
    if (!byUser || id === before) return;
    scrollTo(0, 0);
    if (id === null) this.#focusTile(before);
    else this.charger.focus();
  }

  /** Everything that bears the name of the selected charger; a new one has none until the feed has brought it. */
  #name(row) {
    this.unnamed = row === undefined;
    this.messages.only(row?.identity ?? null);
    document.title = row ? `${row.identity}, gateway` : "ocpplab-runner gateway";
  }

  #focusTile(id) {
    const tile = this.fleet.tiles.get(id);
    if (tile) tile.anchor.focus();
  }

  /** The end of a charger's log, for what came before this page did. */
  async #backlog(id) {
    const path = `/ocpp/chargers/${encodeURIComponent(id)}/logs`;
    try {
      const { body: { total } } = await call("GET", `${path}?limit=1`);
      const { body } = await call("GET", `${path}?limit=${BACKLOG}&offset=${Math.max(0, total - BACKLOG)}`);
      if (!this.store.backfill(body.data.map((row) => ({ ...row, charger_id: id })))) return;
      this.messages.add([]);
      this.messages.rebuild();
    } catch (error) {
      if (this.store.chargers.has(id)) this.failed(error);
    }
  }

  #view(name) {
    document.body.dataset.view = name;
    setAttribute(document.body, "data-selected", this.selected === null ? null : "");
    for (const tab of document.querySelectorAll("[data-tab]")) {
      setAttribute(tab, "aria-current", tab.dataset.tab === name ? "page" : null);
    }
    const charger = document.querySelector('[data-tab="charger"]');
    charger.href = this.selected === null ? "#/charger" : `#/charger/${encodeURIComponent(this.selected)}`;
  }

  #tick() {
    if (document.hidden || !this.loaded) return;
    this.fleet.tick();
    this.charger.tick();
  }
}

prepareDialogs();
listenToKeys(new Page());
