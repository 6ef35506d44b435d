// For pages read from the disk: browsers start no worker there, and the search is one. This one lives in a hidden frame.

class FrameWorker extends EventTarget {
  #frame;
  #loaded;

  constructor(url) {
    super();
    this.#frame = Object.assign(document.createElement("iframe"), { hidden: true });
    document.body.append(this.#frame);
    const inside = this.#frame.contentWindow;
    inside.postMessage = (data) => setTimeout(() => {
      const event = new MessageEvent("message", { data });
      this.onmessage?.(event);
      this.dispatchEvent(event);
    });
    inside.importScripts = (...urls) => urls.map((one) => this.#load(one)).at(-1) ?? Promise.resolve();
    this.#loaded = this.#load(url);
  }

  postMessage(data) {
    this.#loaded.then(() => {
      const inside = this.#frame.contentWindow;
      const event = new inside.MessageEvent("message", { data });
      inside.onmessage?.(event);
      inside.dispatchEvent(event);
    });
  }

  terminate() {
    this.#frame.remove();
  }

  #load(url) {
    return new Promise((done, failed) => {
      const script = this.#frame.contentDocument.createElement("script");
      script.src = new URL(url, document.baseURI);
      script.onload = done;
      script.onerror = failed;
      this.#frame.contentDocument.documentElement.append(script);
    });
  }
}

if (location.protocol === "file:") window.Worker = FrameWorker;
