// A stand-in for Shopify's App Bridge, for apps that run against a local Shopify.
// <script data-api-key="{api key}" src="{local Shopify}/app-bridge.js"></script>
//
// Inside the admin's frame it provides shopify.idToken(), puts a fresh ID token on
// every same-origin fetch, retries once when the app asks for it, follows the app's
// reauthorize header, lets open(url, "_top") leave the frame, and reloads a bounce
// page (?shopify-reload=) with a fresh id_token. In a top-level window it does none
// of this.
(() => {
  "use strict";

  const script = document.currentScript ?? document.querySelector("script[data-api-key]");
  const admin = new URL(script.src).origin;
  const query = new URLSearchParams(location.search);
  const embedded = window.parent !== window;

  const waiting = new Map(); // question id → {resolve, reject}
  let questions = 0;

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== admin) return;
    const { type, id, token, error } = event.data ?? {};
    const question = waiting.get(id);
    if (type !== "shopify:id-token" || !question) return;
    waiting.delete(id);
    if (token) question.resolve(token);
    else question.reject(new Error(error));
  });

  // idToken resolves to a new ID token, never to one it gave out before.
  function idToken() {
    if (!embedded) return Promise.reject(new Error("shopify.idToken: the page is not inside the admin"));
    return new Promise((resolve, reject) => {
      const id = ++questions;
      waiting.set(id, { resolve, reject });
      setTimeout(() => {
        if (waiting.delete(id)) reject(new Error("shopify.idToken: the admin does not answer"));
      }, 10_000);
      window.parent.postMessage({ type: "shopify:id-token", id }, admin);
    });
  }

  // navigate leaves the frame: the admin goes to url in its place.
  function navigate(url) {
    const target = new URL(url, location.href).href;
    window.parent.postMessage({ type: "shopify:navigate", url: target }, admin);
  }

  window.shopify = {
    config: {
      apiKey: script.dataset.apiKey ?? "",
      shop: query.get("shop") ?? "",
      host: query.get("host") ?? "",
      locale: query.get("locale") ?? "en",
    },
    idToken,
  };
  if (!embedded) return;

  const plainFetch = window.fetch.bind(window);
  const plainOpen = window.open.bind(window);

  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const own = new URL(request.url).origin === location.origin;
    if (!own || request.headers.has("Authorization")) return plainFetch(request);

    const again = request.clone();
    let response = await withToken(request);
    if (response.status === 401 && response.headers.get("X-Shopify-Retry-Invalid-Session-Request") === "1") {
      response = await withToken(again);
    }
    const reauthorize = response.headers.get("X-Shopify-API-Request-Failure-Reauthorize-Url");
    if (reauthorize && (response.status === 401 || response.status === 403)) navigate(reauthorize);
    return response;
  };

  async function withToken(request) {
    request.headers.set("Authorization", `Bearer ${await idToken()}`);
    return plainFetch(request);
  }

  window.open = (url, target, features) => {
    if (target !== "_top" && target !== "_parent") return plainOpen(url, target, features);
    navigate(url);
    return null;
  };

  const reload = query.get("shopify-reload");
  if (reload) {
    const url = new URL(reload, location.href);
    if (url.origin !== location.origin) {
      console.error("app-bridge: shopify-reload leads to another origin");
      return;
    }
    idToken().then((token) => {
      url.searchParams.set("id_token", token);
      location.replace(url);
    }, console.error);
  }
})();
