"use strict";
// All cases, filtered and in order.
const listView = (() => {
  const RANK = ["error", "failed", "xpassed", "blocked", "skipped", "xfailed", "passed"];
  const place = document.getElementById("list");
  const controls = Object.fromEntries(["text", "version", "tag", "order"].map((id) => [id, document.getElementById(id)]));
  const chosen = new Set();
  let index = null, shown = [], changed = () => {};

  // What all files have in common says nothing of any of them.
  const common = (files) => {
    const first = files[0] ?? "";
    let length = first.lastIndexOf("/") + 1;
    while (length && !files.every((file) => file.startsWith(first.slice(0, length)))) length = first.lastIndexOf("/", length - 2) + 1;
    return length;
  };
  const short = (file) => file.slice(index.common);

  const haystack = (row) => (row.hay ??= `${row.name} ${row.file} ${row.reason} ${row.tags.join(" ")} ${row.covers.join(" ")} ${row.verdict}`.toLowerCase());
  const wanted = (row) => (!chosen.size || chosen.has(row.verdict) || (chosen.has("flaky") && row.flaky))
    && (!controls.version.value || row.ocpp === controls.version.value) && (!controls.tag.value || row.tags.includes(controls.tag.value))
    && controls.text.value.toLowerCase().split(/\s+/).every((word) => haystack(row).includes(word));
  const orders = {
    worst: (one, other) => RANK.indexOf(one.verdict) - RANK.indexOf(other.verdict) || one.n - other.n,
    slowest: (one, other) => other.elapsed - one.elapsed || one.n - other.n,
    file: (one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : one.line - other.line || one.n - other.n),
    run: (one, other) => one.n - other.n,
  };

  const item = (row) => el("li", {}, el("a", { href: caseView.address(row), "data-n": row.n },
    el("span", { class: `dot ${row.verdict}`, role: "img", "aria-label": row.verdict }), el("span", { class: "name" }, row.name), el("span", { class: "took" }, say.seconds(row.elapsed)),
    row.reason && row.verdict !== "passed" ? el("span", { class: "why", title: row.reason }, row.reason) : el("span", { class: "where" }, short(row.file))));

  const draw = () => {
    shown = index.rows.filter(wanted).sort(orders[controls.order.value]);
    const parts = [];
    for (const one of index.invalid) {
      parts.push(el("li", { class: "group" }, el("span", { class: "error" }, "refused "), `${one.file}: ${one.diagnostics.map((told) => told.message).join("; ")}`));
    }
    let group = null;
    for (const row of shown) {
      const heading = controls.order.value === "file" ? short(row.file) : controls.order.value === "worst" && row.verdict === "blocked" ? `blocked: ${row.reason}` : row.verdict;
      if (heading !== group && ["file", "worst"].includes(controls.order.value)) parts.push(el("li", { class: "group" }, say.short(heading, 160)));
      group = heading;
      parts.push(item(row));
    }
    place.replaceChildren(parts.length ? el("ol", {}, parts) : el("p", { class: "empty" }, "No case is like that."));
    changed();
  };

  const current = (n) => {
    place.querySelectorAll('[aria-current="true"]').forEach((one) => one.removeAttribute("aria-current"));
    const link = place.querySelector(`a[data-n="${n}"]`);
    link?.setAttribute("aria-current", "true");
    link?.scrollIntoView({ block: "nearest" });
  };

  const begin = (data_, whenChanged) => {
    index = data_;
    index.common = common([...new Set(index.rows.map((row) => row.file))]);
    const chips = document.getElementById("verdicts");
    const entries = [...RANK.filter((verdict) => index.counts[verdict]).map((verdict) => [verdict, index.counts[verdict]]), ...(index.flaky ? [["flaky", index.flaky]] : [])];
    chips.replaceChildren(...entries.map(([verdict, count]) => el("button", { type: "button", class: "chip", "aria-pressed": "false", onclick: (click) => {
      const pressed = !chosen.delete(verdict);
      if (pressed) chosen.add(verdict);
      click.currentTarget.setAttribute("aria-pressed", String(pressed));
      draw();
    } }, el("b", { class: verdict }, String(count)), ` ${verdict}`)));
    const fill = (select, any, values) => select.replaceChildren(el("option", { value: "" }, any), ...values.map((value) => el("option", { value }, value)));
    fill(controls.version, "all versions", [...new Set(index.rows.map((row) => row.ocpp))].sort());
    fill(controls.tag, "all tags", [...new Set(index.rows.flatMap((row) => row.tags))].sort());
    let soon = null;
    controls.text.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(draw, 120); });
    for (const control of [controls.version, controls.tag, controls.order]) control.addEventListener("change", draw);
    document.getElementById("filters").addEventListener("submit", (submit) => submit.preventDefault());
    draw();
    changed = whenChanged;
  };
  const beside = (n, step) => {
    const at = shown.findIndex((row) => row.n === n);
    return shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + step))];
  };
  return { begin, current, beside, first: () => shown[0], search: controls.text };
})();
