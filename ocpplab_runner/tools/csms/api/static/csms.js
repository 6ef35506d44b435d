// The page: stations, operations, and a row for each call with its answer. The feed brings what has changed.

import { Refused, call, follow, signIn, signOut, signedIn, text as textOf } from "./api.js";
import { $, clockTime, h, plural, setText } from "./dom.js";
import { showScenario } from "./scenario.js";

const ROWS = 300;
const ARROWS = { to_csms: "→", to_charger: "←" };
const stations = new Map();
const exchanges = new Map();
let bodies = {};
let paused = false;
let stop = null;
let rewrites = false;

const json = (value) => JSON.stringify(value, null, 2);
const brief = (value) => (JSON.stringify(value) ?? "").slice(0, 140);

function show(view, error = "") {
  document.body.dataset.view = view;
  $("leave").hidden = view === "login";
  setText($("login-error"), error);
  if (view === "login") $("token").focus();
}

function renderStations() {
  const rows = [...stations.values()].sort((a, b) => a.identity.localeCompare(b.identity));
  $("stations").replaceChildren(
    ...rows.map((row) =>
      h(
        "tr",
        {},
        h("td", {}, row.identity),
        h("td", {}, row.ocpp ?? ""),
        h("td", { class: row.connected ? "good" : "bad" }, row.connected ? "connected" : "gone"),
        h("td", {}, row.registration ?? ""),
        h("td", {}, row.transactions.map((one) => `${one.transaction_id} (EVSE ${one.evse_id ?? "?"})`).join(", ")),
        h("td", {}, String(row.calls)),
        h("td", { class: row.violations_counted ? "bad" : "" }, String(row.violations_counted)),
        h("td", {}, rewrites && scenarioButton(row.identity)),
      ),
    ),
  );
  $("no-stations").hidden = rows.length > 0;
  const chosen = $("station").value;
  $("station").replaceChildren(...rows.map((row) => h("option", { value: row.identity, selected: row.identity === chosen }, row.identity)));
}

/** Makes a scenario of what a station has done so far; that takes a while, since it is tried. */
function scenarioButton(identity) {
  const button = h("button", { type: "button", "aria-label": `Make this a scenario: ${identity}`, onclick: async () => {
    button.disabled = true;
    try {
      showScenario(identity, await textOf(`/page/scenario/${encodeURIComponent(identity)}`));
    } catch (error) {
      setText($("answer"), error.message);
    }
    button.disabled = false;
  } }, "Make this a scenario");
  return button;
}

/** What became of a call, in a few words. */
function outcome(one) {
  if (one.outcome === "waiting") return "…";
  if (one.outcome === "lost") return "no answer";
  if (one.outcome === "one-way") return "needs no answer";
  if (one.outcome === "stray") return "belongs to no call";
  if (one.outcome === "error") return `${one.answer.code}: ${one.answer.description ?? ""}`;
  return brief(one.answer);
}

function exchangeRow(one) {
  const bad = !["result", "waiting", "one-way"].includes(one.outcome);
  const details = h("details", {}, h("summary", {}, h("code", {}, `${brief(one.payload)} ⇒ `), h("code", { class: bad ? "bad" : "" }, outcome(one))));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(h("pre", { tabindex: "0" }, `${json(one.payload)}\n⇒\n${json(one.answer ?? null)}`));
  });
  const way = one.direction === "to_csms" ? "from the station" : "to the station";
  return h(
    "tr",
    {},
    h("td", {}, h("time", { datetime: one.at }, clockTime(new Date(one.at)))),
    h("td", {}, one.station),
    h("td", { title: way, "aria-label": way }, ARROWS[one.direction]),
    h("td", {}, h("b", {}, one.action)),
    h("td", {}, one.latency_ms === undefined ? "" : `${Math.round(one.latency_ms)} ms`),
    h("td", {}, details),
  );
}

function renderMessages() {
  if (paused) return;
  const wanted = $("filter").value.trim().toLowerCase();
  const rows = [...exchanges.values()].filter((one) => one.station.toLowerCase().includes(wanted)).slice(-ROWS).reverse();
  $("messages").replaceChildren(...rows.map(exchangeRow));
  setText($("note"), `${rows.length === ROWS ? `The latest ${ROWS} messages` : plural(rows.length, "message")}, the newest at the top`);
}

function take(batch, first) {
  if (first) {
    stations.clear();
    exchanges.clear();
    rewrites = batch.rewrites;
    setText($("state"), `Stations dial ${batch.url}`);
  }
  for (const row of batch.stations ?? []) stations.set(row.identity, row);
  for (const one of batch.exchanges ?? []) exchanges.set(one.number, one);
  while (exchanges.size > 2 * ROWS) exchanges.delete(exchanges.keys().next().value);
  if (first || batch.stations) renderStations();
  if (first || batch.exchanges) renderMessages();
}

/** The operations and their fields, as the API describes itself. */
async function learn() {
  const { body } = await call("GET", "/openapi.json");
  const found = Object.entries(body.paths).filter(([path, methods]) => path.startsWith("/stations/{identity}/") && methods.post);
  bodies = Object.fromEntries(found.map(([path, methods]) => [path.split("/").pop(), methods.post.requestBody.content["application/json"].schema]));
  $("verb").replaceChildren(...Object.keys(bodies).sort().map((name) => h("option", { value: name }, name)));
  prefill();
}

function prefill() {
  const schema = bodies[$("verb").value] ?? {};
  const needed = (schema.required ?? []).map((name) => [name, schema.properties[name].enum?.[0] ?? (schema.properties[name].type === "integer" ? 1 : "")]);
  $("fields").value = json(Object.fromEntries(needed));
  $("fields").title = Object.keys(schema.properties ?? {}).join(", ");
}

async function operate(event) {
  event.preventDefault();
  const verb = $("verb").value;
  const wait = verb === "csms_reply" ? "" : "?wait=30";
  setText($("answer"), "…");
  try {
    const fields = JSON.parse($("fields").value || "{}");
    const { body } = await call("POST", `/stations/${encodeURIComponent($("station").value)}/${verb}${wait}`, fields);
    setText($("answer"), body === null ? "done" : json(body));
    $("answer").scrollIntoView({ block: "nearest" });
  } catch (error) {
    setText($("answer"), error instanceof Refused || error instanceof SyntaxError ? error.message : String(error));
  }
}

function watch() {
  show("live");
  stop = follow({
    batch: take,
    state: (state) => document.body.setAttribute("data-feed", state),
    refused: (error) => {
      signOut();
      show("login", error.message);
    },
  });
  learn().catch((error) => setText($("answer"), error.message));
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  signIn($("token").value);
  $("token").value = "";
  watch();
});
$("leave").addEventListener("click", () => {
  stop?.();
  signOut();
  show("login");
});
$("operation").addEventListener("submit", operate);
$("verb").addEventListener("change", prefill);
$("filter").addEventListener("input", renderMessages);
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  setText($("pause"), paused ? "Resume" : "Pause");
  renderMessages();
});
if (signedIn()) watch();
else show("login");
