// The command panel of a charger: target, 18 buttons, a form for what needs one, and what became of it.

import { call } from "./api.js";
import { COMMANDS, outcome, request, senseless, valuesOf } from "./commands.js";
import { announce, clockTime, h, icon, setAttribute, setText } from "./dom.js";
import { stateName } from "./states.js";

const RESULTS = 12;
const remembered = {};

export class CommandPanel {
  constructor(row, page) {
    this.row = row;
    this.page = page;
    this.connector = row.connectors[0]?.evse_id ?? null;
    this.buttons = new Map();
    this.open = null;
    this.places = h("div", { class: "segments" });
    this.scope = h("select", { "aria-label": "Send to" });
    this.scopeField = h("label", { class: "field inline" }, h("span", {}, "Send to"), this.scope);
    this.formPlace = h("div", { class: "form-place" });
    this.results = h("ol", { class: "results", "aria-label": "Results, the newest first" });
    this.resultsTitle = h("h3", { hidden: true }, "Results");
    this.scope.addEventListener("change", () => this.#enable());
    this.element = h(
      "section",
      { class: "panel commands", "aria-labelledby": "commands-title" },
      h("h2", { id: "commands-title", tabindex: "-1" }, "Commands"),
      h("div", { class: "row target" },
        h("fieldset", { class: "places" }, h("legend", {}, "Connector"), this.places), this.scopeField),
      h("div", { class: "groups" }, this.#groups()),
      this.formPlace,
      this.resultsTitle,
      this.results,
    );
    this.update(row);
    page.locations().then((found) => this.#scopes(found), () => this.#scopes([]));
  }

  update(row) {
    this.row = row;
    const shape = row.connectors.map((one) => `${one.evse_id}${one.status}`).join();
    if (shape !== this.shape) {
      this.shape = shape;
      this.#segments();
    }
    this.#enable();
  }

  focus() {
    this.element.querySelector(".groups button").focus();
  }

  choose(connector) {
    const radio = this.places.querySelector(`input[value="${connector ?? ""}"]`);
    if (!radio) return;
    radio.checked = true;
    this.connector = connector;
    this.#enable();
    announce(connector === null ? "The charger chooses the connector" : `Connector ${connector}`);
  }

  /** Close the form, if one is open; says whether there was one. */
  close() {
    if (this.open === null) return false;
    const button = this.buttons.get(this.open);
    this.open = null;
    this.formPlace.replaceChildren();
    for (const one of this.buttons.values()) setAttribute(one, "aria-expanded", one.hasAttribute("aria-expanded") ? "false" : null);
    button.focus();
    return true;
  }

  /** Run a command by its name, at a connector; asks for what it needs. */
  run(name, connector = this.connector) {
    const command = COMMANDS.find((one) => one.name === name);
    if (command.fields && command.name !== "stop_transaction") this.#ask(command, connector);
    else this.#send(command, {}, connector);
  }

  #groups() {
    const groups = new Map();
    for (const command of COMMANDS) {
      const asks = command.fields !== undefined;
      const button = h(
        "button",
        { type: "button", "data-command": command.name, title: command.about, "aria-expanded": asks ? "false" : null },
        command.label, asks && h("span", { "aria-hidden": "true" }, "…"),
      );
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") === "true") announce(button.title);
        else if (asks) this.#ask(command, this.connector);
        else this.#send(command, {}, this.connector);
      });
      this.buttons.set(command.name, button);
      groups.set(command.group, [...(groups.get(command.group) ?? []), button]);
    }
    return [...groups].map(([name, buttons]) =>
      h("div", { class: "group", role: "group", "aria-label": name }, h("h3", {}, name), h("div", { class: "buttons" }, buttons)));
  }

  #segments() {
    const option = (value, content) => {
      const radio = h("input", { type: "radio", name: "connector", value: value ?? "" });
      radio.checked = this.connector === value;
      radio.addEventListener("change", () => {
        this.connector = value;
        this.#enable();
      });
      return h("label", { class: "segment" }, radio, h("span", {}, content));
    };
    const focused = this.places.contains(document.activeElement);
    this.places.replaceChildren(
      ...this.row.connectors.map((one) =>
        option(one.evse_id, [h("span", { class: "tone", "data-state": one.status }, icon(one.status)), String(one.evse_id), h("span", { class: "sr" }, `, ${stateName(one.status)}`)])),
      option(null, "Any"),
    );
    if (focused) this.places.querySelector("input:checked")?.focus();
  }

  #scopes(locations) {
    const location = locations.find((one) => one.id === this.row.location_id);
    this.scopeField.hidden = location === undefined;
    this.scope.replaceChildren(h("option", { value: "" }, "This charger"));
    if (location) this.scope.append(h("option", { value: location.id }, `Every charger at ${location.name}`));
  }

  /** Only what makes sense now; of a whole location nobody can say that, but only some commands can go there. */
  #enable() {
    const everywhere = this.scope.value !== "";
    for (const command of COMMANDS) {
      const button = this.buttons.get(command.name);
      const why = everywhere ? (command.fanout ? "" : "Only for one charger") : senseless(command, this.row, this.connector);
      // Not `disabled`: it stays within reach of the keyboard, and says why.
      setAttribute(button, "aria-disabled", why ? "true" : null);
      setAttribute(button, "title", why ? `${why}. ${command.about}` : command.about);
    }
  }

  #ask(command, connector) {
    this.open = command.name;
    for (const [name, button] of this.buttons) {
      if (button.hasAttribute("aria-expanded")) setAttribute(button, "aria-expanded", String(name === command.name));
    }
    const problem = h("p", { class: "problem", role: "alert" });
    const form = h(
      "form",
      { class: "ask", autocomplete: "off", "aria-label": command.label, "data-form": command.name },
      h("p", { class: "muted" }, command.about),
      h("div", { class: "fields" }, command.fields.map((field) => this.#field(field))),
      problem,
      h("div", { class: "row" },
        h("button", { type: "submit", class: "primary" }, command.label),
        h("button", { type: "button", onclick: () => this.close() }, "Close")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      let values;
      try {
        values = valuesOf(command, form);
      } catch (error) {
        setText(problem, error.message);
        return;
      }
      setText(problem, "");
      for (const field of command.fields) if (field.remember) remembered[field.name] = values[field.name];
      this.#send(command, values, command.place ? this.#placeOf(connector) : null);
    });
    this.formPlace.replaceChildren(form);
    const first = [...form.elements].find((element) => element.value === "" && element.required) ?? form.elements[0];
    first.focus();
    form.scrollIntoView({ block: "nearest" });
  }

  /** A form asked for at one connector sends there, unless another has been chosen since. */
  #placeOf(connector) {
    return this.connector === connector ? connector : this.connector;
  }

  #field(field) {
    const value = remembered[field.name] ?? field.suggest?.(this.row) ?? field.value;
    const shared = { name: field.name, required: field.required, placeholder: field.placeholder, spellcheck: "false" };
    let input;
    if (field.options) input = h("select", shared, field.options.map((one) => h("option", {}, one)));
    else if (field.area) input = h("textarea", { ...shared, rows: "4" });
    else input = h("input", { ...shared, type: field.type ?? "text", step: field.step, min: field.min, autocapitalize: "off" });
    if (value !== undefined) input.value = value;
    return h("label", { class: field.area ? "field wide" : "field" }, h("span", {}, field.label, !field.required && h("em", {}, " optional")), input);
  }

  async #send(command, values, connector) {
    const location = this.scope.value === "" ? null : this.scope.value;
    const { path, body } = request(command, this.row, { values, connector, location });
    let shown, answer;
    try {
      answer = await call("POST", path, body);
      shown = outcome(answer);
    } catch (error) {
      answer = { status: error.status, body: error.body };
      shown = { good: false, text: error.message };
      if (error.status === 401) this.page.failed(error);
    }
    this.#report(command, { path, body }, answer, shown, connector);
  }

  #report(command, sent, answer, { good, text }, connector) {
    const where = connector === null || !command.place ? "" : ` at connector ${connector}`;
    const title = `${command.label}${where}`;
    this.resultsTitle.hidden = false;
    this.results.prepend(
      h("li", { class: good ? "result good" : "result bad" },
        icon(good ? "Finishing" : "Faulted"),
        h("div", {},
          h("p", {}, h("b", {}, title), h("span", { class: "sr" }, good ? " taken: " : " refused: "), " ", h("span", { class: "said" }, text)),
          h("details", {}, h("summary", {}, answer.status ? `POST ${sent.path}, ${answer.status}` : `POST ${sent.path}`),
            h("pre", { tabindex: "0", "aria-label": "Request and answer" }, `${JSON.stringify(sent.body, null, 2)}\n\n${JSON.stringify(answer.body ?? null, null, 2)}`))),
        h("time", { class: "muted small" }, clockTime(new Date()).slice(0, 8))),
    );
    while (this.results.childElementCount > RESULTS) this.results.lastElementChild.remove();
    this.results.firstElementChild.scrollIntoView({ block: "nearest" });
    announce(`${title}: ${text}`);
  }
}
