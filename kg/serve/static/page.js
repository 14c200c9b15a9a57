"use strict";
// The query page: asks the endpoint beside it, nothing else. Texts reach the page as text nodes only.
(() => {
  const form = document.getElementById("ask");
  const query = document.getElementById("query");
  const status = document.getElementById("status");
  const answer = document.getElementById("answer");
  const stop = document.getElementById("stop");
  const { root, base } = form.dataset;
  const prefixes = Object.entries(JSON.parse(form.dataset.prefixes)).sort((a, b) => b[1].length - a[1].length);
  const MOST = 1000; // rows that are shown
  let running = null;

  const element = (name, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const short = (iri) => {
    const known = prefixes.find(([, start]) => iri.startsWith(start) && !/[/#?]/.test(iri.slice(start.length)));
    return known ? `${known[0]}:${iri.slice(known[1].length)}` : iri;
  };

  const shown = (term) => {
    if (!term) return document.createTextNode("");
    if (term.type !== "uri") return document.createTextNode(term.type === "triple" ? JSON.stringify(term.value) : term.value);
    const rest = term.value.startsWith(base) ? term.value.slice(base.length) : null;
    const ours = rest !== null && /^(id\/[^/?#]+\/[^/?#]+|paper\/[^/?#]+)$/.test(rest);
    if (!ours && !/^https?:/i.test(term.value)) return document.createTextNode(term.value);
    const link = element("a", short(term.value));
    link.href = ours ? `${root}/${rest}` : term.value;
    if (!ours) link.rel = "noreferrer nofollow";
    return link;
  };

  const table = (found) => {
    const made = element("table");
    const head = made.insertRow();
    for (const name of found.head.vars) head.append(element("th", name));
    for (const row of found.results.bindings.slice(0, MOST)) {
      const line = made.insertRow();
      for (const name of found.head.vars) line.insertCell().append(shown(row[name]));
    }
    const wide = element("div");
    wide.className = "wide";
    wide.append(made);
    return wide;
  };

  const ask = async () => {
    running?.abort();
    const mine = (running = new AbortController());
    answer.replaceChildren();
    status.className = "";
    status.textContent = "Asking …";
    stop.disabled = false;
    try {
      const response = await fetch(`${root}/sparql`, {
        method: "POST",
        headers: { "Content-Type": "application/sparql-query", Accept: "application/sparql-results+json, text/turtle;q=0.9" },
        body: query.value,
        signal: mine.signal,
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text.trim());
      if (!(response.headers.get("Content-Type") || "").includes("json")) {
        answer.append(element("pre", text));
        status.textContent = "";
      } else {
        const found = JSON.parse(text);
        if ("boolean" in found) {
          status.textContent = found.boolean ? "yes" : "no";
        } else {
          const count = found.results.bindings.length;
          answer.append(table(found));
          status.textContent = `${count} rows${count > MOST ? `, the first ${MOST} shown` : ""}`;
        }
      }
    } catch (error) {
      if (running !== mine) return;
      status.className = "error";
      status.textContent = mine.signal.aborted ? "Stopped." : error.message;
    } finally {
      if (running === mine) stop.disabled = true;
    }
  };

  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  stop.addEventListener("click", () => running?.abort());
  query.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); ask(); } });
  document.getElementById("examples").addEventListener("change", (event) => {
    if (event.target.value) { query.value = event.target.value; ask(); }
  });
})();
