"use strict";
// News of a run that goes on: the list is drawn anew at once; who reads a case is asked.
(() => {
  const PAUSE = 2000;
  let due = null;
  const reading = () => location.hash.includes("case=") || scrollY > 0 || document.activeElement.matches("input, select");
  const button = document.createElement("button");
  button.type = "button";
  button.id = "news";
  button.hidden = true;
  button.textContent = "There is more: show it";
  button.addEventListener("click", () => location.reload());
  Object.assign(button.style, { position: "fixed", right: "1rem", bottom: "1rem", zIndex: 9, padding: "0.5rem 0.9rem", cursor: "pointer" });
  document.body.append(button);
  const tell = () => {
    due = null;
    if (reading()) button.hidden = false;
    else location.reload();
  };
  const source = new EventSource("news");
  source.addEventListener("message", (event) => {
    if (JSON.parse(event.data).changed && due === null) due = setTimeout(tell, PAUSE);
  });
})();
