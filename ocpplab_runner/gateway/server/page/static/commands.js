// The 18 commands: what each needs, and the body that its route takes.

/** Fault types that the simulated chargers know; those marked keep the connector in service. */
export const FAULTS = [
  "GroundFailure", "ConnectorLockFailure", "EVCommunicationError", "HighTemperature", "InternalError", "OtherError",
  "OverCurrentFailure", "OverVoltage", "PowerSwitchFailure", "ResetFailure", "UnderVoltage",
  "LocalListConflict", "PowerMeterFailure", "ReaderFailure", "WeakSignal",
];

const card = { name: "id_tag", label: "Card (id tag)", required: true, remember: true, placeholder: "CARD-1" };
const whole = { type: "number", step: "1", min: "0" };

const plugged = (one) => one.plugged;
const charges = (one) => one.transaction !== null;
/** Whether it is so at one of these connectors; else why not. */
const some = (test, why) => (connectors) => (connectors.some(test) ? "" : why);
const free = some((one) => !plugged(one), "A car is plugged in already");
const car = some(plugged, "No car is plugged in");
const session = some(charges, "No transaction runs");
const noSession = some((one) => !charges(one), "A transaction runs already");

/** What makes sense only in some states: command → (connectors, row) → why it does not, or nothing. */
const SENSE = {
  plug_connector: free,
  unplug_connector: car,
  start_session: noSession,
  stop_session: session,
  ev_requests_energy: car,
  ev_stops_energy: car,
  power_update: car,
  start_transaction: (connectors) => car(connectors) || noSession(connectors),
  stop_transaction: (_, row) => session(row.connectors),
  clear_fault: (_, row) => (row.faults?.length || row.connectors.some((one) => one.faults.length) ? "" : "Nothing is broken"),
};

/** Why a command makes no sense at a connector (null: any) as things stand; nothing where it does. */
export function senseless(command, row, connector) {
  if (row.stage === "stopped") return "The charger is switched off";
  const connectors = connector === null ? row.connectors : row.connectors.filter((one) => one.evse_id === connector);
  return SENSE[command.name]?.(connectors, row) ?? "";
}

/** place: how the route names a connector; fanout: whether it takes a location, too; event: fields → event. */
export const COMMANDS = [
  { group: "Driver", name: "plug_connector", label: "Plug in", path: "plug-connector", place: "evse_id", fanout: true,
    about: "A driver connects an EV." },
  { group: "Driver", name: "authorize_id_tag", label: "Present card", path: "authorize-id-tag", fanout: true, fields: [card],
    about: "A driver holds a card to the reader. The verdict comes as a message." },
  { group: "Driver", name: "start_session", label: "Start session", path: "start-session", place: "connector_id", fanout: true,
    about: "Plug in, present the card, start. It can stop by itself.",
    fields: [card,
      { name: "duration_seconds", label: "Stop after seconds", ...whole, min: "1", number: true },
      { name: "target_energy_kwh", label: "Stop after kWh", type: "number", step: "any", min: "0.001", number: true }] },
  { group: "Driver", name: "stop_session", label: "Stop session", path: "stop-session", place: "connector_id", fanout: true,
    about: "Stop, then unplug." },
  { group: "Driver", name: "unplug_connector", label: "Unplug", path: "unplug-connector", place: "evse_id", fanout: true,
    about: "A driver takes the cable away." },
  { group: "EV", name: "ev_requests_energy", label: "EV wants energy", path: "ev-requests-energy", place: "evse_id", fanout: true,
    about: "The EV asks for energy." },
  { group: "EV", name: "ev_stops_energy", label: "EV is full", path: "ev-stops-energy", place: "evse_id", fanout: true,
    about: "The EV asks for no more energy." },
  { group: "EV", name: "power_update", label: "Set power", path: "power-update", place: "evse_id", fanout: true,
    about: "What the EV draws; 0 W suspends it.",
    fields: [{ name: "power_w", label: "Power in W", ...whole, required: true, number: true, value: "7400" }] },
  { group: "Transaction", name: "start_transaction", label: "Begin transaction", path: "start-transaction", place: "evse_id",
    fanout: true, fields: [card], about: "Begin without authorizing the card; an EV has to be plugged in." },
  { group: "Transaction", name: "stop_transaction", label: "End transaction", path: "stop-transaction", fanout: true,
    fields: [{ name: "transaction_id", label: "Transaction id", placeholder: "the only one that runs" }],
    about: "End a transaction without asking for a card." },
  { group: "Hardware", name: "unlock_connector", label: "Unlock", path: "unlock-connector", place: "evse_id", fanout: true,
    about: "The lock is released at the charger; a transaction there ends." },
  { group: "Hardware", name: "inject_fault", label: "Inject fault", path: "inject-fault", place: "evse_id",
    fields: [{ name: "fault_type", label: "Fault", options: FAULTS, required: true }],
    about: "Something breaks: at the connector, or in the whole charger." },
  { group: "Hardware", name: "clear_fault", label: "Clear fault", path: "clear-fault", place: "evse_id",
    about: "Repair the connector, or everything." },
  { group: "Station", name: "set_configuration", label: "Set configuration", path: "configuration",
    about: "A configuration key of OCPP 1.6, or Component.Variable of 2.0.1.",
    fields: [{ name: "key", label: "Key", required: true, placeholder: "HeartbeatInterval" }, { name: "value", label: "Value", required: true }],
    event: ({ key, value }) => ({ configuration: { [key]: value } }) },
  { group: "Station", name: "reset_auth_cache", label: "Reset cache", path: "cache/reset", bare: true,
    about: "Empty the authorization cache." },
  { group: "Station", name: "send_local_auth_list", label: "Send local list", path: "local-auth-list",
    about: "Replace the local authorization list. Its version must grow.",
    fields: [
      { name: "list_version", label: "Version", ...whole, min: "1", required: true, number: true, suggest: (row) => String((row.local_list?.version ?? 0) + 1) },
      { name: "cards", label: "Cards, one in each line", area: true, placeholder: "CARD-1\nCARD-2" }],
    event: ({ list_version, cards }) => ({
      list_version,
      entries: (cards ?? "").split(/\s+/).filter(Boolean).map((id_tag) => ({ id_tag })),
    }) },
  { group: "Station", name: "clear_local_auth_list", label: "Clear local list", path: "clear-local-auth-list", bare: true,
    about: "Remove every card of the local authorization list." },
  { group: "Station", name: "proxy_message", label: "Send message", path: "proxy-message",
    about: "Let the charger send any OCPP message, past its own state.",
    fields: [
      { name: "action", label: "Action", required: true, placeholder: "DataTransfer" },
      { name: "payload", label: "Payload as JSON", area: true, json: true, value: "{}" }],
    event: ({ action, payload }, row) => ({ action, ocpp_version: row.version.toLowerCase(), payload: payload ?? {} }) },
];

/** The values of a form; throws an Error that says what is wrong. */
export function valuesOf(command, form) {
  const values = {};
  for (const field of command.fields ?? []) {
    const text = form.elements[field.name].value;
    if (text.trim() === "") continue;
    if (field.number) values[field.name] = Number(text);
    else if (field.json) {
      try {
        values[field.name] = JSON.parse(text);
      } catch (error) {
        throw new Error(`${field.label}: ${error.message}`);
      }
      if (values[field.name] === null || typeof values[field.name] !== "object" || Array.isArray(values[field.name])) {
        throw new Error(`${field.label}: it has to be an object`);
      }
    } else values[field.name] = field.area ? text : text.trim();
  }
  return values;
}

/** The request of a command: {path, body}. connector null leaves it to the charger; location replaces the charger. */
export function request(command, row, { values = {}, connector = null, location = null }) {
  const target = location !== null && command.fanout ? { location_id: location } : { charger_id: row.id };
  const event = command.event ? command.event(values, row) : { ...values };
  if (command.place && connector !== null) event[command.place] = connector;
  return { path: `/ocpp/commands/${command.path}`, body: command.bare ? { target } : { target, event } };
}

/** What an answer says, in words: {good, text}. Queued is not done: the messages show what follows. */
export function outcome({ status, body }) {
  if (body?.targeted_count !== undefined) {
    const failures = body.failed.map((one) => (one.identity && body.targeted_count > 1 ? `${one.identity}: ${one.error}` : one.error));
    if (body.failed_count === 0) return { good: true, text: body.queued_count === 1 ? "Queued" : `Queued for ${body.queued_count} chargers` };
    return { good: false, text: body.queued_count ? `Queued for ${body.queued_count}; ${failures.join("; ")}` : failures.join("; ") };
  }
  if (body?.configured) return { good: body.status === "Accepted", text: body.msg };
  if (body?.cleared_entries !== undefined) return { good: true, text: `${body.msg}: ${body.cleared_entries}` };
  if (body?.entries_deleted !== undefined) return { good: true, text: `${body.msg}: ${body.entries_deleted}` };
  if (body?.entries_received !== undefined) return { good: true, text: `${body.entries_received} cards, version ${body.list_version}` };
  if (body?.msg) return { good: true, text: body.msg };
  return { good: true, text: status === 202 ? "Queued" : "Done" };
}
