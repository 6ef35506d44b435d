// Power (a filled step curve) and energy (a dashed line) over the last minutes, as a small SVG.

import { kilowattHours, kilowatts, plural, s } from "./dom.js";
import { WINDOW } from "./store.js";

const WIDTH = 300;
const HEIGHT = 72;
const MINUTE = 60_000;
const round = (value) => Math.round(value * 10) / 10;

/** Corners [at, W, Wh] of the curve from a moment on until now. */
function corners(curve, start, now) {
  const points = [];
  curve.forEach((sample, index) => {
    const until = curve[index + 1]?.at ?? now;
    if (until < start) return;
    const from = Math.max(sample.at, start);
    const register = (at) => sample.wattHours + (sample.watts * (at - sample.at)) / 3_600_000;
    points.push([from, sample.watts, register(from)], [until, sample.watts, register(until)]);
  });
  return points;
}

const path = (points) => points.map(([left, top], index) => `${index ? "L" : "M"}${round(left)} ${round(top)}`).join("");

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

  /**
   * Draw a curve. Returns {minutes, gained}: how many minutes it shows, one at first, five at most; and the energy in Wh
   * that the top of the axis of the energy means, which begins with 0 at the left.
   *
   * top is what full height means, in W; wattHours the energy of the session, for those who cannot see the line.
   */
  draw(curve, top, wattHours) {
    const now = performance.now();
    const minutes = Math.max(1, Math.min(WINDOW / MINUTE, Math.ceil((now - (curve[0]?.at ?? now)) / MINUTE)));
    const points = corners(curve, now - minutes * MINUTE, now);
    const highest = points.reduce((most, [, watts]) => Math.max(most, watts), 0);
    const scale = Math.max(top, highest, 1);
    const left = (at) => WIDTH * (1 - (now - at) / (minutes * MINUTE));
    const power = points.map(([at, watts]) => [left(at), HEIGHT * (1 - watts / scale)]);
    this.line.setAttribute("d", path(power));
    this.area.setAttribute("d", power.length ? `${path(power)}L${WIDTH} ${HEIGHT}L${round(power[0][0])} ${HEIGHT}Z` : "");
    let gained = 0;
    if (this.energy) {
      const low = points[0]?.[2] ?? 0;
      gained = (points.at(-1)?.[2] ?? 0) - low;
      const line = points.map(([at, , register]) => [left(at), HEIGHT * (1 - (register - low) / Math.max(gained, 0.01))]);
      this.energy.setAttribute("d", gained > 0.01 ? path(line) : "");
    }
    const told = wattHours === undefined ? "" : `, energy ${kilowattHours(wattHours)}`;
    const label = `Power in the last ${plural(minutes, "minute")}: now ${kilowatts(curve.at(-1)?.watts ?? 0)}, at most ${kilowatts(highest)}${told}`;
    if (this.element.getAttribute("aria-label") !== label) this.element.setAttribute("aria-label", label);
    return { minutes, gained: gained > 0.01 ? gained : 0 };
  }
}
