// Fills the table of products. App Bridge, where there is one, puts an ID token
// on the request; without it the cookie says who is asking.
(() => {
  "use strict";

  const section = document.getElementById("products");
  const table = section.querySelector("table");
  const rows = table.tBodies[0];
  const status = document.getElementById("status");
  const reload = document.getElementById("reload");

  // say shows a text in place of the table.
  function say(text, isProblem = false) {
    table.hidden = true;
    status.hidden = false;
    status.setAttribute("role", isProblem ? "alert" : "status");
    status.classList.toggle("problem", isProblem);
    status.textContent = text;
  }

  function cell(content, className = "") {
    const td = document.createElement("td");
    td.className = className;
    td.append(content);
    return td;
  }

  const states = {
    ACTIVE: ["Active", "good"],
    DRAFT: ["Draft", ""],
    ARCHIVED: ["Archived", ""],
    UNLISTED: ["Unlisted", ""],
  };

  function state(name) {
    const [text, className] = states[name] ?? [name, ""];
    const span = document.createElement("span");
    span.className = `state ${className}`;
    span.textContent = text;
    return span;
  }

  function row(product) {
    const tr = document.createElement("tr");
    const title = document.createElement("th");
    title.scope = "row";
    title.textContent = product.title;
    const stock = product.totalInventory.toLocaleString();
    tr.append(title, cell(state(product.status)), cell(stock, "number"));
    return tr;
  }

  function show({ products, more }) {
    if (products.length === 0) {
      say("This shop has no products yet. Add some in the Shopify admin.");
      return;
    }
    rows.replaceChildren(...products.map(row));
    if (more) {
      const tr = document.createElement("tr");
      const td = cell(`These are the first ${products.length}.`, "soft");
      td.colSpan = 3;
      tr.append(td);
      rows.append(tr);
    }
    status.hidden = true;
    table.hidden = false;
  }

  async function load() {
    section.setAttribute("aria-busy", "true");
    reload.disabled = true;
    try {
      const response = await fetch(section.dataset.source, { headers: { Accept: "application/json" } });
      if (response.ok) {
        show(await response.json());
        return;
      }
      const login = response.headers.get("X-Shopify-API-Request-Failure-Reauthorize-Url");
      if (login && window.parent === window) {
        location.assign(login); // the app's own address
        return;
      }
      const { error, setting } = await response.json();
      say(setting ? `${error} Setting to check: ${setting}.` : error, true);
    } catch {
      say("The app does not answer. Check that it runs, then reload.", true);
    } finally {
      section.setAttribute("aria-busy", "false");
      reload.disabled = false;
    }
  }

  reload.addEventListener("click", load);
  load();
})();
