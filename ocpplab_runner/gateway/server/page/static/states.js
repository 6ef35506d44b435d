// What a charger and a connector can be in, in words; shapes are the symbols of index.html, colours stand in style.css.

/** The nine states of OCPP 1.6 section 7.7, the most urgent last. */
export const STATES = {
  Available: "Free, and ready for an EV",
  Preparing: "A cable or a card is there, the transaction is not",
  Charging: "Energy flows",
  SuspendedEV: "The EV takes no energy",
  SuspendedEVSE: "The charger gives no energy",
  Finishing: "The transaction is over, the cable is still there",
  Reserved: "Kept for a card",
  Unavailable: "Out of service",
  Faulted: "Broken",
};

/** Names that may be broken into two lines. */
export const stateName = (state) => state.replace("Suspended", "Suspended ");

const STAGES = {
  queued: "Queued", starting: "Starting", connecting: "Connecting", registering: "Registering", online: "Online",
  offline: "Offline", stopped: "Switched off",
};

/** How a charger stands to its CSMS: {online, text, bad}. */
export function link(row) {
  const online = row.stage === "online";
  const bad = row.outcome === "failed" || row.outcome === "stuck";
  const name = STAGES[row.stage] ?? row.stage;
  return { online, bad, text: row.outcome === "failed" ? "Failed" : name };
}

/** Power of a charger now, in W. */
export const powerOf = (row) => row.connectors.reduce((sum, one) => sum + one.power_w, 0);
