"use strict";
/* Draws `data` with vis-network and tells what `about` says. Every text of a paper goes through text nodes alone. */

function make(tag, name, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/* --- pieces ------------------------------------------------------------------------------------------------- */

const SHAPES = {
  dot: "M8 2a6 6 0 1 0 .01 0z", square: "M2.5 2.5h11v11h-11z", diamond: "M8 1l7 7-7 7-7-7z", triangle: "M8 2l7 12H1z",
  triangleDown: "M8 14l7-12H1z", hexagon: "M4.5 2h7L15 8l-3.500 6h-7L1 8z",
  star: "M8 1l2 5h5l-4 3.300 1.500 5.200L8 11.400 3.500 14.500 5 9.300 1 6h5z"
};
const looks = {};
for (const look of about.legend) looks[look.type] = look;

function swatch(type) {
  const look = looks[type];
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("width", "16"); svg.setAttribute("height", "16"); svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[look.shape]); path.setAttribute("fill", look.fill); path.setAttribute("stroke", look.border);
  svg.append(path);
  return svg;
}

/* A sentence with its marks. Offsets count code points, JavaScript's strings count UTF-16 units. */
function sentence(quote) {
  const said = about.sentences[quote.s];
  const letters = Array.from(said.text);
  const block = make("div", "quote");
  block.dir = "auto";
  block.append("“");
  let position = 0;
  for (const [start, end] of quote.m) {
    if (start < position) continue;
    block.append(letters.slice(position, start).join(""), make("mark", "", letters.slice(start, end).join("")));
    position = end;
  }
  block.append(letters.slice(position).join("") + "”");
  const where = (said.title || said.paper) + (said.date ? " (" + said.date + ")" : "");
  block.append(make("span", "source", "— ", make("bdi", "", where)));
  return block;
}

function facts(node) {
  const list = make("dl", "facts");
  for (const [name, value] of node.facts) list.append(make("dt", "", name), make("dd", "", make("bdi", "", value)));
  return node.facts.length ? list : null;
}

function kind(node) {
  return make("div", "kind", swatch(node.type), node.type + (node.kind ? ", " + node.kind : ""));
}

function times(edge) {
  return edge.support > 1 ? "said by " + edge.support.toLocaleString("en") + " papers" : "";
}

/* --- hover cards: elements, so that nothing is ever parsed as markup ----------------------------------------- */

function nodeCard(id) {
  const node = about.nodes[id];
  return make("div", "card", make("div", "title", make("bdi", "", node.name)), kind(node), facts(node),
              node.q.length ? sentence(node.q[0]) : null);
}

function edgeCard(id) {
  const edge = about.edges[id];
  const title = make("div", "title", make("bdi", "", about.nodes[edge.from].name), " ",
                     make("span", "phrase", edge.phrase), " ", make("bdi", "", about.nodes[edge.to].name));
  return make("div", edge.denied ? "card denied" : "card", title, times(edge) ? make("div", "more", times(edge)) : null,
              edge.q.length ? sentence(edge.q[0]) : null);
}

for (const node of data.nodes) node.title = nodeCard(node.id);
for (const edge of data.edges) edge.title = edgeCard(edge.id);

/* --- the network --------------------------------------------------------------------------------------------- */

var nodes = new vis.DataSet(data.nodes);
var edges = new vis.DataSet(data.edges);
var container = document.getElementById("mynetwork");
var network = new vis.Network(container, {nodes: nodes, edges: edges}, options);

function fit(animated) {
  network.fit({maxZoomLevel: 1.4, animation: animated ? {duration: 350} : false});
  const scale = network.getScale();
  network.moveTo({scale: Math.min(scale, 1.4), animation: false});
}
let seen = false;
new ResizeObserver(function () {  /* a page in a hidden frame has no size when it starts */
  if (container.clientWidth && container.clientHeight && !seen) {
    seen = true;
    network.setSize("100%", "100%");
    network.redraw();
    fit(false);
  }
}).observe(container);

const touching = {};
for (const node of data.nodes) touching[node.id] = [];
for (const edge of data.edges) {
  touching[edge.from].push(edge.id);
  if (edge.to !== edge.from) touching[edge.to].push(edge.id);
}
const edgeColor = {};
for (const edge of data.edges) edgeColor[edge.id] = edge.color;

/* Everything but `keptNodes` and `keptEdges` steps back; with null all is as at first. */
function emphasise(keptNodes, keptEdges) {
  nodes.update(data.nodes.map(function (node) {
    return {id: node.id, opacity: !keptNodes || keptNodes.has(node.id) ? 1 : 0.15,
            font: Object.assign({}, node.font, {color: !keptNodes || keptNodes.has(node.id) ? "#1D2733" : "#1D273322"})};
  }));
  edges.update(data.edges.map(function (edge) {
    const kept = !keptEdges || keptEdges.has(edge.id);
    return {id: edge.id, color: kept ? Object.assign({}, edgeColor[edge.id], keptEdges ? {color: edge.dashes ? "#B3261E" : "#4A5562"} : {})
                                     : {color: "#EEF1F4", highlight: "#EEF1F4", hover: "#EEF1F4"},
            font: {color: kept ? "#4A5562" : "#4A556200", strokeColor: kept ? "#FFFFFF" : "#FFFFFF00"}};
  }));
}

/* --- the panel ----------------------------------------------------------------------------------------------- */

const panel = document.getElementById("panel");

function open(...children) {
  const close = make("button", "close", "×");
  close.type = "button";
  close.setAttribute("aria-label", "Close");
  close.onclick = clear;
  panel.replaceChildren(close, ...children.filter(Boolean));
  panel.hidden = false;
  panel.scrollTop = 0;
}

function clear() {
  panel.hidden = true;
  network.unselectAll();
  emphasise(null, null);
}

function nameButton(id) {
  const button = make("button", "name", make("bdi", "", about.nodes[id].name));
  button.type = "button";
  button.onclick = function () { choose(id); };
  return button;
}

function edgeBlock(id) {
  const edge = about.edges[id];
  const block = make("div", edge.denied ? "edge denied" : "edge",
                     make("div", "says", nameButton(edge.from), " ", make("span", "phrase", edge.phrase), " ", nameButton(edge.to)));
  if (times(edge)) block.append(make("div", "more", times(edge)));
  for (const quote of edge.q) block.append(sentence(quote));
  return block;
}

function link(address) {
  if (!/^https?:\/\//i.test(address)) return make("span", "link", make("bdi", "", address));
  const anchor = make("a", "link", make("bdi", "", address));
  anchor.setAttribute("href", address);
  anchor.setAttribute("rel", "noopener noreferrer");
  anchor.setAttribute("target", "_blank");
  return anchor;
}

function tellNode(id) {
  const node = about.nodes[id];
  const lines = touching[id].slice().sort(function (a, b) { return about.edges[b].support - about.edges[a].support; });
  const heading = lines.length ? make("h3", "", lines.length === 1 ? "One edge on this page" : lines.length.toLocaleString("en") + " edges on this page") : null;
  open(make("h2", "", make("bdi", "", node.name)), kind(node), facts(node), ...node.links.map(link), ...node.q.map(sentence),
       heading, ...lines.slice(0, 100).map(edgeBlock),
       lines.length > 100 ? make("p", "more", "The first 100 are listed; kg show lists all.") : null);
}

function choose(id) {
  network.selectNodes([id], false);
  const kept = new Set([id]);
  for (const edge of touching[id]) { kept.add(about.edges[edge].from); kept.add(about.edges[edge].to); }
  emphasise(kept, new Set(touching[id]));
  tellNode(id);
}

network.on("click", function (event) {
  if (event.nodes.length) choose(event.nodes[0]);
  else if (event.edges.length) {
    const id = event.edges[0], edge = about.edges[id];
    emphasise(new Set([edge.from, edge.to]), new Set([id]));
    open(make("h3", "", "One statement"), edgeBlock(id));
  } else clear();
});
network.on("hoverNode", function () { container.style.cursor = "pointer"; });
network.on("blurNode", function () { container.style.cursor = ""; });
container.addEventListener("mouseleave", function () {  /* vis-network leaves its card open there */
  const handler = network.interactionHandler;
  if (handler && handler.popup) { handler.popup.hide(); handler.popupObj = undefined; }
});
document.addEventListener("keydown", function (event) { if (event.key === "Escape" && !panel.hidden) clear(); });

/* --- legend and zoom ----------------------------------------------------------------------------------------- */

const hidden = new Set();

function applyHidden() {
  const gone = new Set(data.nodes.filter(function (node) { return hidden.has(node.type); }).map(function (node) { return node.id; }));
  nodes.update(data.nodes.map(function (node) { return {id: node.id, hidden: gone.has(node.id)}; }));
  edges.update(data.edges.map(function (edge) { return {id: edge.id, hidden: gone.has(edge.from) || gone.has(edge.to)}; }));
}

const legend = document.getElementById("legend");
for (const look of about.legend) {
  const button = make("button", "", swatch(look.type), look.name, make("span", "count", look.count.toLocaleString("en")));
  button.type = "button";
  button.setAttribute("aria-pressed", "true");
  button.onclick = function () {
    const show = hidden.delete(look.type);
    if (!show) hidden.add(look.type);
    button.setAttribute("aria-pressed", String(show));
    applyHidden();
  };
  legend.append(button);
}
if (about.denied) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg"), line = document.createElementNS(space, "path");
  svg.setAttribute("width", "16"); svg.setAttribute("height", "16");
  line.setAttribute("d", "M0 8h16"); line.setAttribute("stroke", "#B3261E"); line.setAttribute("stroke-width", "2");
  line.setAttribute("stroke-dasharray", "4 2");
  svg.append(line);
  legend.append(make("div", "line", svg, "denied"));
}

document.getElementById("zoom").addEventListener("click", function (event) {
  const how = event.target.dataset.zoom;
  if (how === "fit") fit(true);
  else if (how) network.moveTo({scale: network.getScale() * (how === "in" ? 1.3 : 1 / 1.3), animation: {duration: 150}});
});

/* --- search: what is typed is text, compared with names and aliases ------------------------------------------- */

const search = document.getElementById("search"), found = document.getElementById("found");
let hits = [], active = 0;

function spaced(text) {
  return text.normalize("NFKC").toLowerCase().replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g, "")
    .replace(/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00ad-]/g, " ").normalize("NFD").replace(/([a-z])\p{M}+/gu, "$1").normalize("NFC")
    .replace(/\s+/g, " ").trim();
}

function rank(id, typed) {
  const text = about.nodes[id].find;
  const at = text.indexOf(typed);
  if (at < 0) return -1;
  return text === typed || text.startsWith(typed + " \n") ? 0 : at === 0 ? 1 : text[at - 1] === " " ? 2 : 3;
}

function lookUp() {
  const typed = spaced(search.value);
  hits = [];
  if (!typed) { found.hidden = true; found.replaceChildren(); return; }
  hits = data.nodes.map(function (node) { return [rank(node.id, typed), node.id]; })
    .filter(function (hit) { return hit[0] >= 0; })
    .sort(function (a, b) { return a[0] - b[0] || touching[b[1]].length - touching[a[1]].length; })
    .slice(0, 30).map(function (hit) { return hit[1]; });
  active = 0;
  found.replaceChildren(...hits.map(function (id, i) {
    const item = make("li", i === 0 ? "on" : "", swatch(about.nodes[id].type), make("bdi", "", about.nodes[id].name));
    item.setAttribute("role", "option");
    item.onmousedown = function (event) { event.preventDefault(); goTo(id); };
    return item;
  }));
  if (!hits.length) found.append(make("li", "none", "Nothing found on this page"));
  found.hidden = false;
}

function goTo(id) {
  found.hidden = true;
  search.value = about.nodes[id].name;
  if (hidden.delete(about.nodes[id].type)) {
    legend.querySelectorAll("button").forEach(function (button, i) {
      button.setAttribute("aria-pressed", String(!hidden.has(about.legend[i].type)));
    });
    applyHidden();
  }
  choose(id);
  network.focus(id, {scale: Math.max(network.getScale(), 1), animation: {duration: 400}});
}

search.addEventListener("input", lookUp);
search.addEventListener("focus", lookUp);
search.addEventListener("blur", function () { found.hidden = true; });
search.addEventListener("keydown", function (event) {
  if (event.key === "Enter" && hits.length) goTo(hits[active]);
  else if (event.key === "Escape") { search.value = ""; lookUp(); event.stopPropagation(); }
  else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && hits.length) {
    active = (active + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length;
    [...found.children].forEach(function (item, i) { item.className = i === active ? "on" : ""; });
    found.children[active].scrollIntoView({block: "nearest"});
    event.preventDefault();
  }
});

if (about.centre) tellNode(about.centre);
