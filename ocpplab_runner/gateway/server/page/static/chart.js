// Power (a filled step curve) and energy (a dashed line) over the last minutes, as a small SVG.

import { kilowattHours, kilowatts, s } from "./dom.js";
import { WINDOW } from "./store.js";

const WIDTH = 300;
const HEIGHT = 72;
const round = (value) => Math.round(value * 10) / 10;

/** Corners of the power curve from the first sample in the window until now. */
function steps(curve, now) {
  const start = now - WINDOW;
  const points = [];
  curve.forEach((sample, index) => {
    const until = curve[index + 1]?.at ?? now;
    if (until < start) return;
    points.push([Math.max(sample.at, start), sample.watts], [until, sample.watts]);
  });
  return points;
}

/** The register at every corner, in Wh. */
function energy(curve, now) {
  const start = now - WINDOW;
  const points = [];
  curve.forEach((sample, index) => {
    const until = curve[index + 1]?.at ?? now;
    if (until < start) return;
    const from = Math.max(sample.at, start);
    const at = (moment) => sample.wattHours + (sample.watts * (moment - sample.at)) / 3_600_000;
    points.push([from, at(from)], [until, at(until)]);
  });
  return points;
}

const x = (at, now) => round(WIDTH * (1 - (now - at) / WINDOW));
const path = (points) => points.map(([left, top], index) => `${index ? "L" : "M"}${left} ${top}`).join("");

export class Chart {
  constructor({ energyLine = true } = {}) {
    this.area = s("path", { class: "area" });
    this.line = s("path", { class: "line" });
    this.energy = energyLine ? s("path", { class: "energy" }) : null;
    this.element = s(
      "svg",
      { class: "chart", viewBox: `0 -3 ${WIDTH} ${HEIGHT + 3}`, preserveAspectRatio: "none", role: "img" },
      energyLine && s("path", { class: "rule", d: `M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}` }),
      this.area, this.line, this.energy,
    );
  }

  /** curve: samples; top: what full height means, in W; wattHours: of the session, for those who cannot see it. */
  draw(curve, top, wattHours) {
    const now = performance.now();
    const corners = steps(curve, now);
    const highest = corners.reduce((most, [, watts]) => Math.max(most, watts), 0);
    const scale = Math.max(top, highest, 1);
    const power = corners.map(([at, watts]) => [x(at, now), round(HEIGHT * (1 - watts / scale))]);
    this.line.setAttribute("d", path(power));
    const closed = power.length ? `${path(power)}L${power.at(-1)[0]} ${HEIGHT}L${power[0][0]} ${HEIGHT}Z` : "";
    this.area.setAttribute("d", closed);
    if (this.energy) {
      const register = energy(curve, now);
      const low = register[0]?.[1] ?? 0;
      const span = Math.max((register.at(-1)?.[1] ?? 0) - low, 1);
      const line = register.map(([at, value]) => [x(at, now), round(HEIGHT * (1 - (0.9 * (value - low)) / span))]);
      this.energy.setAttribute("d", register.length && (register.at(-1)[1] - low) > 0.01 ? path(line) : "");
    }
    const current = curve.at(-1)?.watts ?? 0;
    const told = wattHours === undefined ? "" : `, energy ${kilowattHours(wattHours)}`;
    const label = `Power in the last five minutes: now ${kilowatts(current)}, at most ${kilowatts(highest)}${told}`;
    if (this.element.getAttribute("aria-label") !== label) this.element.setAttribute("aria-label", label);
  }
}
