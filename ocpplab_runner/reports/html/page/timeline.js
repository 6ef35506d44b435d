"use strict";
// Connection, connectors, power and energy along one axis of time.
const timeline = (() => {
  const NS = "http://www.w3.org/2000/svg";
  const WIDTH = 1000, LEFT = 120, RIGHT = 20, ROW = 24;
  const COLORS = {
    Available: "#7fb58f", Preparing: "#e0c46c", Occupied: "#e0c46c", Charging: "#6f9be8", SuspendedEV: "#b7a1e6", SuspendedEVSE: "#b7a1e6",
    Finishing: "#d9a2c0", Reserved: "#8fc7c9", Unavailable: "#a9adb2", Faulted: "#e08a80", opened: "#7fb58f", closed: "#e08a80",
  };
  const svg = (tag, attributes, ...children) => {
    const made = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  // Rows of stretches, each {at, word}, and curves, each {at, value}.
  const read = (events) => {
    const rows = new Map(), curves = new Map();
    const several = new Set(events.map((event) => event.charger)).size > 1;
    const named = (event, text) => (several ? `${event.charger} ${text}` : text);
    const put = (map, key, entry) => (map.has(key) ? map.get(key).push(entry) : map.set(key, [entry]));
    for (const event of events) {
      if (event.kind !== "fact") continue;
      const fields = event.fields ?? {};
      if (event.name === "connection") put(rows, named(event, "connection"), { at: event.at, word: String(fields.is) });
      if (event.name === "connector_status" && fields.evse_id) {
        put(rows, named(event, `EVSE ${fields.evse_id}`), { at: event.at, word: String(fields.is) });
      }
      if (event.name === "meter") {
        const where = fields.evse_id ? ` ${fields.evse_id}` : "";
        for (const [name, unit] of [["power", "w"], ["energy", "wh"]]) {
          const value = fields[`${name}_${unit}`];
          if (typeof value === "number") put(curves, named(event, `${name}${where} (${unit === "w" ? "W" : "Wh"})`), { at: event.at, value });
        }
      }
    }
    return { rows, curves };
  };

  const draw = (attempt, jump) => {
    const events = attempt.events ?? [];
    const { rows, curves } = read(events);
    if (!events.length || (!rows.size && !curves.size)) return null;
    const times = events.map((event) => event.at).concat(attempt.elapsed);
    const begin = Math.min(0, ...times), end = Math.max(...times, begin + 0.001);
    const x = (at) => LEFT + ((at - begin) / (end - begin)) * (WIDTH - LEFT - RIGHT);
    const drawn = [];
    let y = 8;
    const top = y;
    for (const [name, stretches] of rows) {
      drawn.push(svg("text", { x: LEFT - 8, y: y + 15, "text-anchor": "end" }, name));
      stretches.forEach((stretch, place) => {
        const from = x(stretch.at), to = x(stretches[place + 1]?.at ?? end);
        const box = svg("rect", { x: from, y: y + 3, width: Math.max(1.5, to - from), height: ROW - 8, rx: 2, fill: COLORS[stretch.word] ?? "#b9bec4" });
        box.append(svg("title", {}, `${name}: ${stretch.word} at ${say.at(stretch.at)} s`));
        drawn.push(box);
        if (to - from > stretch.word.length * 6.2 + 6) {
          drawn.push(svg("text", { x: from + 4, y: y + 15, style: "fill:#16181b" }, stretch.word));
        }
      });
      y += ROW;
    }
    for (const [name, points] of curves) {
      const height = 46, least = Math.min(0, ...points.map((point) => point.value)), most = Math.max(1, ...points.map((point) => point.value));
      const low = name.startsWith("energy") ? Math.min(...points.map((point) => point.value)) : least;
      const up = (value) => y + height - 6 - ((value - low) / (most - low || 1)) * (height - 14);
      drawn.push(svg("text", { x: LEFT - 8, y: y + 26, "text-anchor": "end" }, name));
      drawn.push(svg("text", { x: WIDTH - RIGHT, y: y + 10, "text-anchor": "end" }, `${most}`));
      const path = points.map((point, place) => {
        const across = name.includes("power") && place ? `H${x(point.at)}` : "";
        return `${place ? `${across}L` : "M"}${x(point.at)},${up(point.value)}`;
      });
      drawn.push(svg("path", { class: name.includes("power") ? "power" : "energy", d: path.join("") }));
      y += height;
    }
    const steps = (attempt.steps ?? []).map((step) => svg("line", { class: "step", x1: x(step.at), x2: x(step.at), y1: top, y2: y }));
    const ticks = Array.from({ length: 6 }, (_, place) => begin + ((end - begin) * place) / 5);
    const axis = ticks.map((at, place) => svg("text", { x: x(at), y: y + 15, "text-anchor": place === 5 ? "end" : "middle" }, say.seconds(Math.max(0, at))));
    const window_ = [];
    const opened = attempt.failure?.window, first = events.find((event) => event.seq >= opened);
    if (opened !== undefined && first) {
      window_.push(svg("rect", { class: "window", x: x(first.at), y: top, width: Math.max(2, x(end) - x(first.at)), height: y - top }));
    }
    const now = svg("line", { class: "now", x1: -9, x2: -9, y1: top, y2: y });
    const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${y + 22}`, role: "img", "aria-label": "Connection, connectors, power and energy over time" },
      ...window_, ...steps, ...drawn, svg("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }), ...axis, now);
    picture.addEventListener("click", (click) => {
      const point = new DOMPoint(click.clientX, click.clientY).matrixTransform(picture.getScreenCTM().inverse());
      const at = begin + ((point.x - LEFT) / (WIDTH - LEFT - RIGHT)) * (end - begin);
      jump(events.reduce((best, event) => (Math.abs(event.at - at) < Math.abs(best.at - at) ? event : best)).seq);
    });
    const mark = (at) => { now.setAttribute("x1", x(at)); now.setAttribute("x2", x(at)); };
    return { element: el("div", { class: "timeline", tabindex: "0", role: "group", "aria-label": "Timeline" }, picture), mark };
  };
  return { draw };
})();
