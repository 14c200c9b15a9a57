"use strict";
// The query page: YASGUI on this server's endpoint. It asks nothing of any other server: completion knows the words of
// this graph's vocabulary, and prefixes are those that the endpoint knows.
(() => {
  const place = document.getElementById("yasgui");
  const { root, base } = place.dataset;
  const prefixes = JSON.parse(place.dataset.prefixes);
  const words = JSON.parse(place.dataset.terms);
  const endpoint = `${location.origin}${root}/sparql`;
  const Yasgui = window.Yasgui;
  const { Yasqe, Yasr } = Yasgui;

  const complete = (from, get) =>
    Yasqe.forkAutocompleter(from, { name: `kg-${from}`, get, bulk: false, autoShow: false, persistenceId: null });
  const starting = (iris) => (editor, token) => {
    const typed = (token && token.autocompletionString) || "";
    return iris.filter((iri) => iri.toLowerCase().startsWith(typed.toLowerCase()));
  };
  complete("class", starting(words.classes));
  complete("property", starting(words.properties));
  const declarations = Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort();
  complete("prefixes", (editor, token) => {
    const typed = ((token && (token.autocompletionString || token.string)) || "").trim().toLowerCase();
    return declarations.filter((line) => line.startsWith(typed));
  });
  Yasqe.defaults.autocompleters = ["variables", "kg-class", "kg-property", "kg-prefixes"];
  Yasqe.defaults.prefixCcApi = null;
  Yasqe.defaults.createShortLink = undefined;
  // Prefixes that the endpoint knows need not be written out, also where a name is completed.
  const written = Yasqe.prototype.getPrefixesFromQuery;
  Yasqe.prototype.getPrefixesFromQuery = function () { return { ...prefixes, ...written.call(this) }; };

  const mine = `kg ${base} ${root}`;
  const gui = new Yasgui(place, {
    requestConfig: {
      endpoint,
      method: "POST",
      acceptHeaderSelect: "application/sparql-results+json",
      acceptHeaderGraph: "text/turtle",
    },
    copyEndpointOnNewTab: false,
    corsProxy: undefined,
    persistenceId: mine,
    autofocus: false,
    endpointCatalogueOptions: { getData: () => [], keys: [], renderItem: () => {} },
    populateFromUrl: (tab) => ({ ...tab, requestConfig: { ...tab.requestConfig, endpoint } }),
    yasqe: { value: place.dataset.query, editorHeight: "240px" },
  });
  const here = (tab) => { if (tab && tab.getEndpoint() !== endpoint) tab.setEndpoint(endpoint); };
  gui.on("query", (_, tab) => here(tab));
  gui.on("tabAdd", (_, id) => here(gui.getTab(id)));
  Object.values(gui._tabs).forEach(here);

  document.getElementById("examples").addEventListener("change", (event) => {
    if (!event.target.value) return;
    const tab = gui.getTab();
    tab.getYasqe().setValue(event.target.value);
    tab.query().catch(() => {}); // the tab shows what went wrong
    event.target.value = "";
  });

  // Things of this graph lead to their pages on this server, wherever their IRIs are at home.
  const ours = /^(id\/[^/?#]+\/[^/?#]+|paper\/[^/?#]+)$/;
  const lead = (event) => {
    const link = event.target.closest && event.target.closest("a[href]");
    const address = link && link.getAttribute("href");
    if (address && address.startsWith(base) && ours.test(address.slice(base.length))) {
      link.setAttribute("href", `${root}/${address.slice(base.length)}`);
    }
  };
  for (const name of ["pointerover", "focusin", "click"]) place.addEventListener(name, lead, true);
})();
