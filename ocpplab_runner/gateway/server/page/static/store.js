// What the page knows: chargers, their power over time, and the latest messages. Everything is bounded.

import { powerOf } from "./states.js";

const FRAMES = 2000;
const SAMPLES = 600;
/** Milliseconds that a chart looks back. */
export const WINDOW = 5 * 60_000;

export class Store {
  constructor() {
    this.reset();
  }

  reset() {
    this.organization = "";
    this.chargers = new Map();
    this.frames = [];
    this.skipped = 0;
    this.total = [];
    this.#curves = new Map();
    this.#keys = new Set();
  }

  /** power over time: charger/EVSE → [{at, watts, wattHours}], exact, because power is constant between two of them */
  #curves = new Map();
  #keys = new Set();

  /** Take a batch in; returns the frames that are new. A first batch is everything: what it lacks is gone. */
  apply(batch, first) {
    const at = performance.now();
    if (first) {
      this.organization = batch.organization;
      this.rewrites = batch.rewrites;
      const there = new Set((batch.chargers ?? []).map((row) => row.id));
      for (const id of this.chargers.keys()) if (!there.has(id)) this.#forget(id);
    }
    for (const id of batch.gone ?? []) this.#forget(id);
    for (const row of batch.chargers ?? []) {
      row.at = at;
      this.chargers.set(row.id, row);
      for (const one of row.connectors) this.#sample(row, one, at);
    }
    if (batch.chargers || batch.gone) this.#sampleTotal(at);
    this.skipped += batch.skipped ?? 0;
    return this.#take(batch.frames ?? []);
  }

  /** Messages from a charger's log that the feed has not brought. */
  backfill(frames) {
    if (this.#take(frames).length === 0) return false;
    this.frames.sort((a, b) => a.time - b.time || a.number - b.number);
    return true;
  }

  clearFrames() {
    this.frames = [];
    this.skipped = 0;
  }

  identity(id) {
    return this.chargers.get(id)?.identity ?? id;
  }

  /** Energy register of a connector's EVSE now, in Wh: the meter runs on while power flows. */
  wattHours(row, connector) {
    return connector.meter_wh + (connector.power_w * (performance.now() - row.at)) / 3_600_000;
  }

  curve(row, connector) {
    return this.#curves.get(`${row.id}/${connector.evse_id}`) ?? [];
  }

  #number = 0;

  #take(frames) {
    const fresh = [];
    for (const frame of frames) {
      const key = `${frame.charger_id} ${frame.timestamp} ${frame.direction} ${frame.message.slice(0, 80)}`;
      if (this.#keys.has(key)) continue;
      this.#keys.add(key);
      fresh.push({ ...frame, key, number: (this.#number += 1), time: Date.parse(frame.timestamp) });
    }
    this.frames.push(...fresh);
    if (this.frames.length > FRAMES) this.frames.splice(0, this.frames.length - FRAMES);
    if (this.#keys.size > 2 * FRAMES) this.#keys = new Set(this.frames.map((frame) => frame.key));
    return fresh;
  }

  #forget(id) {
    for (const one of this.chargers.get(id)?.connectors ?? []) this.#curves.delete(`${id}/${one.evse_id}`);
    this.chargers.delete(id);
  }

  #sample(row, one, at) {
    if (one.connector_id !== 1) return;
    const key = `${row.id}/${one.evse_id}`;
    const curve = this.#curves.get(key) ?? [];
    this.#curves.set(key, curve);
    if (curve.at(-1)?.watts !== one.power_w) curve.push({ at, watts: one.power_w, wattHours: one.meter_wh });
    prune(curve, at);
  }

  #sampleTotal(at) {
    let watts = 0;
    for (const row of this.chargers.values()) watts += powerOf(row);
    if (this.total.at(-1)?.watts !== watts) this.total.push({ at, watts, wattHours: 0 });
    prune(this.total, at);
  }
}

/** Leave out what no chart shows; the last one before the window tells how it begins. */
function prune(curve, at) {
  while (curve.length > SAMPLES || (curve.length > 1 && curve[1].at < at - WINDOW)) curve.shift();
}
