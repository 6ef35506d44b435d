// Making and changing elements. Text from outside only ever becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element; properties that begin with "on" are listeners. */
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);

/** An SVG element. */
export const s = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** A symbol of the page's own set. */
export const icon = (name) => s("svg", { class: "icon", "aria-hidden": "true" }, s("use", { href: `#i-${name}` }));

export const $ = (id) => document.getElementById(id);

/** Change a text only when it differs, so that nothing is read out or laid out again without need. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set or remove an attribute, only when that changes anything. */
export function setAttribute(element, name, value) {
  if (value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** Have a screen reader say something. */
export function announce(text) {
  const region = $("announcer");
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 30);
}

export const kilowatts = (watts) => `${(watts / 1000).toFixed(watts >= 99_950 ? 0 : 1)} kW`;

export function kilowattHours(wattHours) {
  const value = wattHours / 1000;
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} MWh`;
  return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} kWh`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});
export const clockTime = (date) => CLOCK.format(date);

export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
