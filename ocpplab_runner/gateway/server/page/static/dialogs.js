// Dialogs: add a charger, and make sure.

import { all, call } from "./api.js";
import { $, announce, h, setText } from "./dom.js";

export function prepareDialogs() {
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}

/** Ask before something that cannot be undone. */
export function confirm(title, text, yes) {
  setText($("confirm-title"), title);
  setText($("confirm-text"), text);
  $("confirm-yes").onclick = () => {
    $("confirm").close();
    yes();
  };
  $("confirm").showModal();
}

export class AddDialog {
  constructor(page) {
    this.page = page;
    this.form = $("add-form");
    this.models = new Map();
    this.form.elements.brand_slug.addEventListener("change", () => this.#offerModels());
    this.form.elements.model_slug.addEventListener("change", () => this.#offerTypes());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#create();
    });
  }

  async open() {
    setText($("add-problem"), "");
    $("add").showModal();
    try {
      await this.#offerBrands();
      const locations = await all("/ocpp/locations");
      this.form.elements.location_id.replaceChildren(h("option", { value: "" }, "None"), ...locations.map((one) => h("option", { value: one.id }, one.name)));
    } catch (error) {
      this.#problem(error);
    }
  }

  async #offerBrands() {
    if (this.models.size) return;
    const brands = await all("/ocpp/catalog/brands");
    const lists = await Promise.all(brands.map((brand) => all(`/ocpp/catalog/brands/${encodeURIComponent(brand.slug)}/models`)));
    const select = this.form.elements.brand_slug;
    select.replaceChildren(...brands.map((brand) => h("option", { value: brand.slug }, brand.name)));
    brands.forEach((brand, index) => this.models.set(brand.slug, lists[index]));
    if (this.models.has("simulated")) select.value = "simulated";
    this.#offerModels();
  }

  #offerModels() {
    const models = this.models.get(this.form.elements.brand_slug.value) ?? [];
    this.form.elements.model_slug.replaceChildren(...models.map((model) => h("option", { value: model.slug }, model.name)));
    this.#offerTypes();
  }

  #offerTypes() {
    const models = this.models.get(this.form.elements.brand_slug.value) ?? [];
    const model = models.find((one) => one.slug === this.form.elements.model_slug.value);
    const types = model?.connector_types ?? ["Type2"];
    this.form.elements.connector_type.replaceChildren(...types.map((name) => h("option", {}, typeof name === "string" ? name : name.name)));
  }

  async #create() {
    const body = {};
    for (const [key, value] of new FormData(this.form)) if (value.trim() !== "") body[key] = value.trim();
    try {
      const { body: made } = await call("POST", "/ocpp/chargers", body);
      $("add").close();
      this.form.elements.identity.value = "";
      this.form.elements.charge_point_name.value = "";
      announce(`${made.identity} is being provisioned`);
      location.hash = `#/charger/${encodeURIComponent(made.charger_id)}`;
    } catch (error) {
      this.#problem(error);
    }
  }

  #problem(error) {
    setText($("add-problem"), error.message);
    if (error.status === 401) {
      $("add").close();
      this.page.failed(error);
    }
  }
}
