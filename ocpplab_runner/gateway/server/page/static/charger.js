// One charger: how it stands, its connectors with their charts, and its commands.

import { call, text as textOf } from "./api.js";
import { Chart } from "./chart.js";
import { $, announce, h, icon, kilowattHours, kilowatts, plural, setAttribute, setText } from "./dom.js";
import { CommandPanel } from "./panel.js";
import { showScenario } from "./scenario.js";
import { STATES, link, stateName } from "./states.js";

export class ChargerView {
  constructor(store, page) {
    this.store = store;
    this.page = page;
    this.id = null;
  }

  /** Show a charger; none when the id is null. */
  show(id) {
    if (id === this.id) return;
    this.id = id;
    this.panel = null;
    this.cards = [];
    $("charger-body").replaceChildren();
    this.render();
  }

  render() {
    const row = this.id === null ? undefined : this.store.chargers.get(this.id);
    $("charger-none").hidden = row !== undefined;
    $("charger-body").hidden = row === undefined;
    if (row === undefined) {
      this.panel = null;
      const text = this.id === null || !this.page.loaded ? "Choose a charger of the fleet to see its connectors and to command it."
        : "There is no such charger here, or not any more.";
      setText($("charger-none"), text);
      return;
    }
    const shape = row.connectors.map((one) => `${one.evse_id}.${one.connector_id}`).join();
    if (this.panel === null || this.panel === undefined || shape !== this.shape) {
      this.shape = shape;
      this.#build(row);
    }
    this.#update(row);
  }

  tick() {
    const row = this.id === null ? undefined : this.store.chargers.get(this.id);
    if (row) row.connectors.forEach((one, index) => this.cards[index]?.tick(row, one, this.store));
  }

  focus() {
    $("charger-title")?.focus();
  }

  #build(row) {
    this.title = h("h2", { id: "charger-title", tabindex: "-1" }, row.identity);
    this.state = h("span", { class: "badge link" });
    this.about = h("p", { class: "muted about" });
    this.hint = h("p", { class: "problem" });
    this.facts = h("dl", { class: "facts" });
    this.power = h("button", { type: "button", onclick: () => this.#power() });
    const scenario = h("button", { type: "button", hidden: !this.store.rewrites, onclick: () => this.#scenario(scenario) }, "Make this a scenario");
    this.cards = row.connectors.map((one) => new ConnectorCard(one, this));
    this.panel = new CommandPanel(row, this.page);
    $("charger-body").replaceChildren(
      h("div", { class: "head" },
        h("a", { class: "button quiet back", href: "#/", "aria-label": "Back to the fleet" }, icon("back")),
        this.title, this.state, h("span", { class: "spring" }),
        h("div", { class: "row actions" },
          scenario,
          this.power,
          h("button", { type: "button", onclick: () => this.#runtime("reset-charger", "Restart") }, "Restart"),
          h("button", { type: "button", class: "quiet warn", onclick: () => this.#delete() }, "Delete"))),
      this.about, this.hint, this.facts,
      h("div", { class: "connectors" }, this.cards.map((card) => card.element)),
      this.panel.element,
    );
  }

  #update(row) {
    const { online, bad, text } = link(row);
    setText(this.title, row.identity);
    setAttribute(this.state, "data-state", online ? "online" : "offline");
    setAttribute(this.state, "class", bad ? "badge link bad" : "badge link");
    if (this.state.dataset.text !== text) {
      this.state.dataset.text = text;
      this.state.replaceChildren(icon(online ? "online" : "offline"), text);
    }
    const name = row.name && row.name !== row.identity ? `${row.name}, ` : "";
    setText(this.about, `${name}${row.vendor} ${row.model}, ${row.version.replace("OCPP", "OCPP ")}, dials ${row.csms}, ${row.id}`);
    setText(this.hint, row.hint ?? "");
    setText(this.power, row.stage === "stopped" ? "Switch on" : "Switch off");
    const facts = { "Local list": listText(row.local_list), Cache: row.cache === undefined ? "" : plural(row.cache, "card"),
      "Messages that wait": String(row.queued_messages ?? 0), "Faults of the charger": row.faults?.length ? row.faults.join(", ") : "none" };
    const told = JSON.stringify(facts);
    if (this.facts.dataset.told !== told) {
      this.facts.dataset.told = told;
      this.facts.replaceChildren(...Object.entries(facts).map(([key, value]) => h("div", {}, h("dt", {}, key), h("dd", {}, value))));
    }
    row.connectors.forEach((one, index) => this.cards[index].update(row, one));
    this.panel.update(row);
    this.tick();
  }

  #power() {
    const stopped = this.store.chargers.get(this.id)?.stage === "stopped";
    return this.#runtime(stopped ? "start-charger" : "stop-charger", stopped ? "Switch on" : "Switch off");
  }

  /** What the charger has done so far, as a scenario; writing it takes a while, since it is tried. */
  async #scenario(button) {
    button.disabled = true;
    announce("The scenario is being written");
    try {
      const { identity } = this.store.chargers.get(this.id);
      showScenario(identity, await textOf(`/page/scenario/${encodeURIComponent(this.id)}`));
    } catch (error) {
      this.page.failed(error);
    }
    button.disabled = false;
  }

  async #runtime(path, name) {
    try {
      await call("POST", `/ocpp/chargers/${encodeURIComponent(this.id)}/${path}`);
      announce(`${name}: done`);
    } catch (error) {
      this.page.failed(error);
    }
  }

  #delete() {
    const id = this.id;
    const identity = this.store.identity(id);
    this.page.confirm(`Delete ${identity}?`, "Its connection closes, and its memory and its log are gone.", async () => {
      try {
        await call("DELETE", `/ocpp/chargers/${encodeURIComponent(id)}`);
        announce(`${identity} is deleted`);
        location.hash = "#/";
      } catch (error) {
        this.page.failed(error);
      }
    });
  }
}

const listText = (list) => (list === undefined ? "" : list.version === 0 && list.entries === 0 ? "empty" : `version ${list.version}, ${plural(list.entries, "card")}`);

class ConnectorCard {
  constructor(one, view) {
    const place = one.evse_id;
    this.state = h("p", { class: "state" });
    this.note = h("p", { class: "muted small" });
    this.watts = h("dd", {});
    this.energy = h("dd", {});
    this.chart = new Chart();
    this.scale = h("span", { class: "scale muted" });
    this.energyScale = h("span", { class: "scale energy" });
    this.start = h("span", { class: "scale start muted" });
    this.plug = h("button", { type: "button", onclick: () => view.panel.run(this.plugged ? "unplug_connector" : "plug_connector", place) });
    this.session = h("button", { type: "button", onclick: () => {
      view.panel.choose(place);
      view.panel.run(this.charging ? "stop_session" : "start_session", place);
    } });
    this.element = h(
      "article",
      { class: "connector panel", "aria-label": `Connector ${place}`, "data-connector": place },
      h("header", {}, h("h3", {}, `Connector ${place}`), this.state),
      this.note,
      h("div", { class: "plot" }, this.chart.element, this.scale, this.energyScale, this.start, h("span", { class: "scale end muted" }, "now")),
      h("dl", { class: "readings" }, h("div", { class: "reading-power" }, h("dt", {}, "Power"), this.watts), h("div", { class: "reading-energy" }, this.energyName = h("dt", {}, "Energy"), this.energy)),
      h("div", { class: "row" }, this.plug, this.session),
    );
  }

  update(row, one) {
    this.plugged = one.plugged;
    this.charging = one.transaction !== null;
    // A connector is as free as its charger is: without it the last state is only a memory, and has no colour.
    const { online, text } = link(row);
    const tone = online ? one.status : "Unavailable";
    if (this.state.dataset.status !== one.status || this.state.dataset.state !== tone) {
      this.state.dataset.status = one.status;
      this.state.dataset.state = tone;
      this.element.dataset.state = tone;
      this.state.title = STATES[one.status];
      this.state.replaceChildren(icon(one.status), stateName(one.status));
    }
    const notes = [online ? STATES[one.status] : `The last known state; the charger is ${text.toLowerCase()}`];
    if (one.transaction) notes[0] = `Card ${one.transaction.id_tag}, transaction ${one.transaction.id}`;
    if (one.reservation_id !== null) notes.push(`reservation ${one.reservation_id}`);
    if (one.faults.length) notes.push(one.faults.join(", "));
    setText(this.note, notes.join("; "));
    setText(this.plug, one.plugged ? "Unplug" : "Plug in");
    setText(this.session, this.charging ? "Stop session" : "Start session");
    setText(this.scale, kilowatts(row.max_power_w));
    setText(this.watts, kilowatts(one.power_w));
    setText(this.energyName, this.charging ? "This session" : "Register");
  }

  tick(row, one, store) {
    const register = store.wattHours(row, one);
    const wattHours = one.transaction ? register - one.transaction.meter_start_wh : register;
    setText(this.energy, kilowattHours(wattHours));
    const { minutes, gained } = this.chart.draw(store.curve(row, one), row.max_power_w, wattHours);
    setText(this.energyScale, gained ? `+${kilowattHours(gained)}` : "");
    setText(this.start, `${minutes} min ago`);
  }
}
