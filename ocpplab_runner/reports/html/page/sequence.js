"use strict";
// The messages between charger and CSMS: a call and its answer stand together, facts beside their frame.
const sequence = (() => {
  const isAnswer = (event) => ["result", "error", "result_error"].includes(event.fields?.type);

  // Groups in the order of the ledger: {first, answer, facts} for frames, {first, facts: []} for the rest.
  const groups = (events) => {
    const made = [], bySeq = new Map(), open = new Map();
    for (const event of events) {
      const key = `${event.charger} ${event.fields?.message_id}`;
      if (event.kind === "frame" && isAnswer(event) && open.has(key)) {
        const group = open.get(key);
        open.delete(key);
        group.answer = event;
        bySeq.set(event.seq, group);
        continue;
      }
      if (event.kind === "fact" && event.cause !== undefined && bySeq.has(event.cause)) {
        bySeq.get(event.cause).facts.push(event);
        bySeq.set(event.seq, bySeq.get(event.cause));
        continue;
      }
      const group = { first: event, answer: null, facts: [] };
      if (event.kind === "frame" && event.fields?.type === "call") open.set(key, group);
      bySeq.set(event.seq, group);
      made.push(group);
    }
    return { made, bySeq };
  };

  const told = (event) => [el("b", {}, event.name), ` ${say.short(say.fields(event.fields ?? {}), 220)}`];
  const factLine = (event) => el("span", { class: "fact" }, ...told(event),
    event.source === "inside" ? el("span", { class: "inside", title: "No frame shows this: the charger tells it of itself" }, "inside") : null);

  const arrow = (event, label, answer, latency, open) => {
    const up = event.fields?.direction === "to_csms";
    const bad = event.fields?.type === "error" || event.fields?.type === "malformed" || event.fields?.invalid !== undefined;
    return el("button", { type: "button", class: `arrow ${up ? "up" : "down"}${answer ? " answer" : ""}${bad ? " bad" : ""}`,
      "aria-expanded": "false", title: "Show the whole frame", onclick: (click) => open(click.currentTarget, event) },
      el("i", { "aria-hidden": "true" }), el("span", {}, label + (latency === null ? "" : ` · ${say.seconds(latency)}`)));
  };

  const answerLabel = (event) => {
    const fields = event.fields ?? {};
    if (fields.type !== "result") return `${fields.error_code ?? "CALLERROR"}`;
    const status = fields.payload?.status ?? fields.payload?.idTagInfo?.status ?? fields.payload?.idTokenInfo?.status;
    return status === undefined ? "answer" : String(status);
  };

  const openFrame = (button, event) => {
    const rowOf = button.closest(".event");
    const shown = rowOf.querySelector(`pre[data-seq="${event.seq}"]`);
    if (shown) { shown.remove(); button.setAttribute("aria-expanded", "false"); return; }
    const { payload, text, ...rest } = event.fields ?? {};
    const head = Object.entries(rest).map(([name, value]) => `${name}: ${say.flow(value)}`).join("\n");
    const body = payload === undefined ? (text ?? "") : JSON.stringify(payload, null, 2);
    rowOf.append(el("pre", { class: "whole", "data-seq": event.seq, tabindex: "0" }, `${event.name}   ${say.at(event.at)} s${event.wall_time ? `   ${event.wall_time}` : ""}\n${head}\n\n${body}`));
    button.setAttribute("aria-expanded", "true");
  };

  const described = (event) => {
    const fields = event.fields ?? {};
    if (event.kind === "command") {
      const status = fields.is ?? fields.status;
      const given = fields.fields && Object.keys(fields.fields).length ? ` ${say.short(say.flow(fields.fields), 160)}` : "";
      return [el("b", {}, event.name), `${given}${status ? `: ${status}` : ""}${fields.reason ? ` (${fields.reason})` : ""}`];
    }
    if (event.kind === "violation") return [el("b", {}, `violation ${event.name}`), ` ${say.short(fields.message ?? say.flow(fields), 300)}`];
    if (event.kind === "note") return [el("span", { class: "note" }, say.short(event.name, 400))];
    return null;
  };

  const draw = (attempt, address, jump) => {
    const events = attempt.events ?? [];
    const { made, bySeq } = groups(events);
    const failure = attempt.failure ?? {};
    // A block's record comes after those of its steps; it began before them.
    const order = (index) => index.split(".").map((part) => part.padStart(6, "0")).join(".");
    const begins = (step, event) => (step.seq === null ? step.at <= event.at && event.at >= 0 : step.seq <= event.seq);
    const steps = [...(attempt.steps ?? [])].sort((one, other) =>
      (one.seq ?? one.at) - (other.seq ?? other.at) || (order(one.index) < order(other.index) ? -1 : 1));
    const several = new Set(events.map((event) => event.charger)).size > 1;
    const rows = [];
    let next = 0;
    const stepLine = (step) => el("div", { class: `stepline${step.status === "passed" ? "" : " at"}`, id: `step-${step.index}` },
      el("span", { class: step.status }, "●"), el("span", { class: "title" }, `${step.index} · ${step.title}`),
      el("span", { class: step.status }, step.status), el("span", { class: "quiet number" }, say.seconds(step.elapsed)));
    for (const group of made) {
      const { first, answer, facts } = group;
      while (next < steps.length && begins(steps[next], first)) rows.push(stepLine(steps[next++]));
      const cells = [el("div", { class: "time" }, el("a", { href: address(first.seq), title: "A link to this moment" }, say.at(first.at)))];
      const says = el("div", { class: "says" });
      const wire = el("div", { class: "wire" });
      if (first.kind === "frame") {
        const label = isAnswer(first) ? answerLabel(first) : first.fields?.type === "malformed" ? "no OCPP message" : first.name || "?";
        wire.append(arrow(first, (several ? `${first.charger}: ` : "") + label, isAnswer(first), null, openFrame));
        if (answer) wire.append(arrow(answer, answerLabel(answer), true, answer.at - first.at, openFrame));
        says.append(...facts.map(factLine));
        if (first.fields?.invalid) says.append(el("span", { class: "fact failed" }, String(first.fields.invalid)));
        if (first.fields?.type === "call" && !answer && !facts.length) says.append(el("span", { class: "quiet" }, "no answer"));
      } else if (first.kind === "fact") says.append(factLine(first));
      else says.append(...described(first));
      const near = [first, answer, ...facts].some((event) => event && event.seq === failure.nearest_seq);
      const inWindow = failure.window !== undefined && first.seq >= failure.window;
      const row = el("div", { class: `event ${first.kind}${near ? " nearest" : ""}${inWindow ? " inwindow" : ""}`, id: `seq-${first.seq}` }, ...cells, wire, says);
      if (near) says.append(el("span", { class: "fact quiet" }, "nearest to what was asked for"));
      group.row = row;
      rows.push(row);
    }
    while (next < steps.length) rows.push(stepLine(steps[next++]));
    const lanes = el("div", { class: "lanes" }, el("div", {}), el("div", {}, el("span", {}, several ? "chargers" : "charger"), el("span", {}, "CSMS")), el("div", { class: "says" }, "what it shows"));
    const box = el("div", { class: "sequence", role: "group", "aria-label": "Message sequence" }, lanes, ...rows);
    const show = (seq) => {
      const group = bySeq.get(seq) ?? made.find((one) => one.first.seq >= seq);
      if (!group) return null;
      box.querySelectorAll(".target").forEach((row) => row.classList.remove("target"));
      group.row.classList.add("target");
      group.row.scrollIntoView({ block: "center" });
      return group.first.at;
    };
    return { element: box, show };
  };
  return { draw };
})();
