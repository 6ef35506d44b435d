// The Gateway's routes, with the user's own token. The token is kept for this tab alone and never put into a URL.

const TOKEN = "gateway-token";
const ORGANIZATION = "gateway-organization";

export class Refused extends Error {
  constructor(status, message, body) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

export const signedIn = () => sessionStorage.getItem(TOKEN) !== null;

export function signIn(token, organization) {
  sessionStorage.setItem(TOKEN, token);
  if (organization) sessionStorage.setItem(ORGANIZATION, organization);
  else sessionStorage.removeItem(ORGANIZATION);
}

export function signOut() {
  sessionStorage.removeItem(TOKEN);
  sessionStorage.removeItem(ORGANIZATION);
}

function headers() {
  const found = { Authorization: `Bearer ${sessionStorage.getItem(TOKEN) ?? ""}` };
  const organization = sessionStorage.getItem(ORGANIZATION);
  if (organization) found["X-Organization-Id"] = organization;
  return found;
}

/** Why a request was refused, in words: FastAPI gives a text, or a list of what is wrong where. */
function reason(status, body) {
  const detail = body?.detail;
  if (typeof detail === "string") return detail;
  if (Array.isArray(detail)) {
    return detail.map((one) => `${(one.loc ?? []).slice(1).join(".")}: ${one.msg}`).join("; ");
  }
  return `the Gateway answered ${status}`;
}

/** Call a route; returns {status, body}, throws Refused. */
export async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? headers() : { ...headers(), "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new Refused(0, "the Gateway cannot be reached");
  }
  const text = await answer.text();
  let parsed = null;
  try {
    parsed = text === "" ? null : JSON.parse(text);
  } catch {
    parsed = text;
  }
  if (!answer.ok) throw new Refused(answer.status, reason(answer.status, parsed), parsed);
  return { status: answer.status, body: parsed };
}

/** A text of a route, such as a scenario; throws Refused. */
export async function text(path) {
  const answer = await fetch(path, { headers: headers(), cache: "no-store" }).catch(() => {
    throw new Refused(0, "nothing can be reached");
  });
  if (answer.ok) return answer.text();
  const body = await answer.json().catch(() => null);
  throw new Refused(answer.status, reason(answer.status, body), body);
}

/** Every item of a paged list. */
export async function all(path) {
  const items = [];
  for (let page = 1; ; page += 1) {
    const { body } = await call("GET", `${path}?page=${page}&limit=100`);
    items.push(...body.data);
    if (body.data.length === 0 || items.length >= body.total) return items;
  }
}

/** Read the feed until it ends; calls heard with each batch. Throws Refused when it is not to be had. */
async function read(heard, signal) {
  const answer = await fetch("/page/feed", { headers: headers(), signal, cache: "no-store" });
  if (!answer.ok) {
    const body = await answer.json().catch(() => null);
    throw new Refused(answer.status, reason(answer.status, body), body);
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) if (event.startsWith("data: ")) heard(JSON.parse(event.slice(6)));
  }
}

/**
 * Follow the feed, again and again when it breaks; returns a function that stops it.
 *
 * on.batch(batch, first) gets what has happened, on.state("connecting" | "live" | "lost") how it stands, on.refused(error)
 * is called, once, when the token does not do.
 */
export function follow(on) {
  const controller = new AbortController();
  const { signal } = controller;
  (async () => {
    let wait = 500;
    while (!signal.aborted) {
      let first = true;
      on.state("connecting");
      try {
        await read((batch) => {
          if (signal.aborted) return;
          on.state("live");
          on.batch(batch, first);
          first = false;
          wait = 500;
        }, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused && (error.status === 401 || error.status === 403)) {
          on.refused(error);
          return;
        }
      }
      if (signal.aborted) return;
      on.state("lost");
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(wait * 2, 8000);
    }
  })();
  return () => controller.abort();
}
