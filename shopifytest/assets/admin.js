// The admin's side of the App Bridge stand-in: it answers the app in the frame,
// and only the app in the frame. It is loaded before the frame, so that it is
// there when the app asks.
(() => {
  "use strict";

  async function freshToken(address) {
    const response = await fetch(address, { method: "POST" });
    if (!response.ok) throw new Error(`the admin gave no ID token: ${response.status}`);
    return (await response.json()).id_token;
  }

  window.addEventListener("message", async (event) => {
    const frame = document.querySelector("iframe[data-app-origin]");
    if (!frame || event.source !== frame.contentWindow) return;
    const { appOrigin, tokenUrl } = frame.dataset;
    if (event.origin !== appOrigin) return;

    const message = event.data;
    if (message?.type === "shopify:id-token") {
      const answer = { type: message.type, id: message.id };
      try {
        answer.token = await freshToken(tokenUrl);
      } catch (error) {
        answer.error = error.message;
      }
      frame.contentWindow.postMessage(answer, appOrigin);
    }
    if (message?.type === "shopify:navigate") {
      const url = URL.parse(message.url);
      if (url?.protocol === "https:" || url?.protocol === "http:") location.assign(url);
    }
  });
})();
