"use strict";
// One case: why, the steps, the timeline, the sequence, the file.
const caseView = (() => {
  const place = document.getElementById("case");
  const address = (row, seq) => `#case=${row.n}${seq === undefined ? "" : `&seq=${seq}`}`;

  const why = (attempt) => {
    const failure = attempt.failure ?? {};
    const box = el("section", { class: `why-box ${attempt.verdict}`, "aria-label": "Why" }, el("p", {}, attempt.reason || failure.message || ""));
    const pairs = [["expected", failure.expected], ["nearest", failure.nearest]].filter(([, text]) => text);
    if (pairs.length) box.append(el("dl", { class: "pair" }, pairs.map(([name, text]) => [el("dt", {}, name), el("dd", {}, text)])));
    if (failure.diff?.length) {
      const rows = failure.diff.map((one) => el("tr", {}, el("td", { class: "mono" }, one.path || "(whole)"), el("td", { class: "mono" }, say.flow(one.expected)),
        el("td", { class: "mono" }, one.actual === undefined ? "missing" : say.flow(one.actual)), el("td", {}, one.reason ?? "")));
      box.append(el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ["field", "expected", "was", "why"].map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, rows))));
    }
    for (const at of failure.included_at ?? []) box.append(el("p", { class: "quiet" }, `included at ${at}`));
    return box;
  };

  const stepTable = (attempt, jumpToStep) => {
    const rows = attempt.steps.map((step) => el("tr", { class: step.status === "passed" || step.status === "skipped" ? null : "at" },
      el("td", { class: "number quiet" }, step.index),
      el("td", {}, el("button", { type: "button", class: "link", onclick: () => jumpToStep(step) }, say.short(step.title, 240))),
      el("td", { class: step.status }, step.status), el("td", { class: "number" }, say.at(step.at)), el("td", { class: "number" }, say.seconds(step.elapsed)),
      el("td", { class: "number quiet" }, `line ${step.line}`)));
    return el("div", { class: "scroll" }, el("table", { class: "steps" },
      el("thead", {}, el("tr", {}, ["no.", "step", "verdict", "at (s)", "took", "where"].map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, rows)));
  };

  const source = (text, row, attempt) => {
    const failure = attempt.failure ?? {};
    const bad = new Set([failure.file === undefined || failure.file === row.file ? failure.line : null,
      ...attempt.steps.filter((step) => !["passed", "skipped"].includes(step.status) && step.file === row.file).map((step) => step.line)]);
    const lines = text.replace(/\n$/, "").split("\n");
    const shown = el("pre", { class: "source", tabindex: "0", "aria-label": `The file ${row.file}` },
      lines.map((line, number) => el("span", { "data-n": number + 1, class: bad.has(number + 1) ? "bad" : null }, line || " ")));
    requestAnimationFrame(() => {
      const first = shown.querySelector(".bad") ?? shown.children[row.line - 1];
      if (first) shown.scrollTop = Math.max(0, first.offsetTop - shown.offsetTop - 120);
    });
    return shown;
  };

  const list = (title, texts) => (texts.length ? [el("h3", {}, title), el("ul", { class: "lines" }, texts.map((text) => el("li", {}, text)))] : []);

  const clear = (text) => place.replaceChildren(el("p", { class: "empty" }, text));

  const show = async (index, row, seq) => {
    const detail = await data.detail(row.n);
    const sources = await data.sources(index);
    const parts = [
      el("a", { class: "back", href: "#" }, "← all cases"),
      el("h2", {}, row.name),
      el("div", { class: "badges" }, el("span", { class: `badge verdict ${row.verdict}` }, row.flaky ? `${row.verdict}, flaky` : row.verdict),
        el("span", { class: "badge" }, `OCPP ${row.ocpp}`), el("span", { class: "badge" }, detail.target), el("span", {}, say.seconds(row.elapsed)), el("span", { class: "mono" }, `${row.file}:${row.line}`)),
      row.tags.length || row.covers.length ? el("div", { class: "badges" }, [...row.tags, ...row.covers].map((name) => el("span", { class: "badge" }, name))) : null,
    ];
    let target = null;
    for (const attempt of detail.attempts) {
      if (detail.attempts.length > 1) parts.push(el("h3", {}, `Attempt ${attempt.number}: ${attempt.verdict}`));
      if (attempt.verdict !== "passed") parts.push(why(attempt));
      const drawn = attempt.events ? sequence.draw(attempt, (number) => address(row, number)) : null;
      const jump = (number) => { history.replaceState(null, "", address(row, number)); go(number); };
      const line = attempt.events ? timeline.draw(attempt, jump) : null;
      const go = (number) => { const at = drawn?.show(number); if (at !== null && at !== undefined) line?.mark(at); };
      const toStep = (step) => {
        const mark = drawn?.element.querySelector(`[id="step-${CSS.escape(step.index)}"]`);
        if (mark) { mark.scrollIntoView({ block: "center" }); line?.mark(step.at); }
      };
      parts.push(el("h3", {}, "Steps"), stepTable(attempt, toStep));
      if (line) parts.push(el("h3", {}, "Timeline"), line.element);
      if (drawn) {
        parts.push(el("h3", {}, "Messages"));
        if (attempt.left_out) parts.push(el("p", { class: "tools" }, `${attempt.left_out} events in the middle are not on this page; the JSON Lines file has them.`));
        const nearest = attempt.failure?.nearest_seq;
        parts.push(el("div", { class: "tools" }, el("span", {}, "Click an arrow for the whole frame, a time for a link to it."),
          nearest === undefined ? null : el("button", { type: "button", class: "link", onclick: () => jump(nearest) }, "Go to the nearest miss")), drawn.element);
      } else parts.push(el("p", { class: "quiet" }, "The messages of this case are not on this page, for its size; `report` makes one of fewer cases, and the JSON Lines file has them."));
      parts.push(...list("Violations", attempt.violations.map((one) => `${say.at(one.at)} ${one.code} by ${one.by ?? "?"}: ${one.message ?? ""}`)),
        ...list("Warnings", attempt.warnings), ...list("Log", attempt.logs.map((one) => `${say.at(one.at)} ${one.text}`)));
      if (attempt === detail.attempts.at(-1)) target = go;
    }
    const text = sources[row.file];
    if (text !== undefined) parts.push(el("h3", {}, "Scenario"), source(text, row, detail.attempts.at(-1)));
    place.replaceChildren(...parts.filter((part) => part !== null));
    place.scrollTop = 0;
    if (seq !== undefined) requestAnimationFrame(() => target?.(seq));
    else if (document.body.classList.contains("open")) scrollTo(0, 0);
  };
  return { show, clear, address };
})();
