"use strict";
// From the address to what is shown, and the keys.
(async () => {
  const index = await data.index();
  const bar = document.getElementById("bar"), about = document.getElementById("about");
  if (index.unfinished) {
    about.textContent = "The run is not over, or was killed. From its JSON Lines file `ocpplab-runner report FILE --html …` makes this page.";
    caseView.clear("Nothing to see yet.");
    return;
  }
  const total = Object.values(index.counts).reduce((sum, count) => sum + count, 0);
  const run = index.run;
  about.textContent = [`${total} cases`, run.target && `target ${run.target}`, run.end_elapsed !== undefined && `${say.seconds(run.end_elapsed)}`,
    run.wall_time && run.wall_time.replace("T", " ").slice(0, 19) + " UTC", run.seed !== undefined && `seed ${run.seed}`,
    run.end_wall_time === undefined && "the run did not finish"].filter(Boolean).join(" · ");
  for (const [verdict, count] of Object.entries(index.counts)) bar.append(el("span", { class: verdict, style: `flex:${count};background:currentColor` }));
  bar.setAttribute("aria-label", Object.entries(index.counts).map(([verdict, count]) => `${count} ${verdict}`).join(", "));

  const wanted = () => new URLSearchParams(location.hash.slice(1));
  let open = null;
  const follow = async () => {
    const asked = wanted(), number = asked.get("case"), seq = asked.get("seq");
    const wide = matchMedia("(min-width: 52.01rem)").matches;
    document.body.classList.toggle("open", number !== null);
    const row = number === null ? (wide ? listView.first() : null) : index.rows[Number(number)];
    if (!row) { open = null; caseView.clear(total ? "Choose a case." : "No case has run."); return; }
    open = row.n;
    listView.current(row.n);
    await caseView.show(index, row, seq === null ? undefined : Number(seq));
  };
  listView.begin(index, () => open !== null && listView.current(open));
  addEventListener("hashchange", follow);
  await follow();
  performance.mark("drawn");

  addEventListener("keydown", (key) => {
    if (key.target.matches("input, select, textarea") || key.metaKey || key.ctrlKey || key.altKey) {
      if (key.key === "Escape") key.target.blur();
      return;
    }
    const move = { j: 1, k: -1 }[key.key];
    if (move !== undefined) { const row = listView.beside(open ?? -1, move); if (row) location.hash = caseView.address(row); }
    else if (key.key === "/") { key.preventDefault(); listView.search.focus(); }
    else if (key.key === "Escape") location.hash = "";
    else return;
  });
})();
