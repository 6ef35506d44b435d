"use strict";
// What the page holds: an index of all cases, and of each case a piece that is inflated when it is opened.
const data = (() => {
  const inflate = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).json();
  };
  const held = (id) => document.getElementById(id).textContent;
  // The pieces stand behind the scripts, so that the list is drawn before the browser has read them.
  const whole = new Promise((done) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", done);
    else done();
  });
  let pieces = null;
  const piece = async (number) => {
    await whole;
    pieces ??= held("chunks").split("\n");
    return pieces[number] ? inflate(pieces[number]) : null;
  };
  let texts = null;
  return {
    index: () => inflate(held("index")),
    detail: piece,
    sources: async (index) => (texts ??= (await piece(index.sources)) ?? {}),
  };
})();
