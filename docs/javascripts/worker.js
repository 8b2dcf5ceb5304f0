// A page that is opened from a folder may start no worker, in which the theme searches. There, a frame does its work.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const answering = document.createElement("script");
      answering.textContent =
        "postMessage = data => frameElement.worker.dispatchEvent(new parent.MessageEvent('message', { data }))";
      const working = document.createElement("script");
      working.src = new URL(address, location.href).href;
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "Search";
      this.frame.worker = this;
      this.frame.srcdoc = answering.outerHTML + working.outerHTML;
      this.ready = new Promise((resolve) => this.frame.addEventListener("load", resolve));
      document.body.append(this.frame);
    }

    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
