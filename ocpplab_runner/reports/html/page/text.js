"use strict";
// Making elements, and saying things: nothing here is ever read as HTML.
const el = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
};
const say = {
  // YAML's flow style, as the terminal has it.
  flow(value) {
    if (Array.isArray(value)) return `[${value.map(say.flow).join(", ")}]`;
    if (value !== null && typeof value === "object") {
      return `{${Object.entries(value).map(([key, one]) => `${key}: ${say.flow(one)}`).join(", ")}}`;
    }
    return typeof value === "string" ? (/^[\w.:+ -]*$/.test(value) && value !== "" ? value : JSON.stringify(value)) : String(value);
  },
  short: (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`),
  seconds(value) {
    if (value === 0) return "0 s";
    if (value < 0.001) return `${(value * 1e6).toFixed(0)} µs`;
    if (value < 1) return `${Number((value * 1000).toPrecision(3))} ms`;
    if (value < 120) return `${Number(value.toPrecision(4))} s`;
    if (value < 7200) return `${Number((value / 60).toPrecision(3))} min`;
    return `${Number((value / 3600).toPrecision(3))} h`;
  },
  at: (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`,
  fields(fields) {
    const { is, ...rest } = fields;
    const parts = is === undefined ? [] : [say.flow(is)];
    if (Object.keys(rest).length) parts.push(say.flow(rest));
    return parts.join(" ");
  },
};
