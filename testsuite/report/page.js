// The matrix, the filters and the keys. page_panel.js stands before this in the page.
// Peers under test are hostile, and their words are in the data: text is only ever set as text, never as markup, and
// links lead to plain file names beside this page only.

const data = JSON.parse(document.getElementById("data").textContent);
const OUTCOMES = {
  failed: { sign: "✕", word: "Failed" },
  loose: { sign: "≈", word: "Non-strict" },
  info: { sign: "i", word: "Informational" },
  none: { sign: "–", word: "Unimplemented" },
  ok: { sign: "✓", word: "OK" },
};
const OPCODES = { 0: "CONTINUATION", 1: "TEXT", 2: "BINARY", 8: "CLOSE", 9: "PING", 10: "PONG" };
const byId = (id) => document.getElementById(id);

/** An element with these properties; children that are strings become text. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// --- the model: agents, cases, sections ---

const agents = data.agents.map((agent, index) => ({
  name: agent.name || "(no name)", index, results: new Map(Object.entries(agent.results)),
}));
const groupTitles = new Map(Object.entries(data.groups));
const cases = data.cases.map((each, index) => {
  const numbers = each.id.split(".");
  const sub = numbers.slice(0, 2).join(".");
  const strictness = each.strictness ?? "required";
  return { description: "", expectation: "", section: "", ...each, strictness, index, group: numbers[0],
    sub: numbers.length > 2 && groupTitles.has(sub) ? sub : null };
});
const caseById = new Map(cases.map((each) => [each.id, each]));
const groupKeys = [...new Set(cases.map((each) => each.group))];
const titleOf = (key) => `${key} ${groupTitles.get(key) ?? ""}`.trim();

const state = { text: "", outcomes: new Set(), group: "", hidden: new Set(), toggled: new Set(), all: null };
let current = null; // { agent, each } of the panel
let rows = []; // what the table shows: { each, cells }
let shown = []; // cases that pass the filters, in order, whether their section is open or not

const shownAgents = () => agents.filter((agent) => !state.hidden.has(agent.index));
const isTrouble = (result) => result !== undefined && (result.o === "failed" || result.o === "loose");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function toggle(set, key) {
  if (!set.delete(key)) set.add(key);
}

function plural(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}

function moment(iso) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** What a result is called: the behaviour, and the closing where that is what is wrong. */
function wordsOf(result) {
  const word = OUTCOMES[result.o].word;
  const behavior = result.b === "OK" ? "OK" : capital(result.b.toLowerCase());
  const closing = `closing: ${result.c.toLowerCase()}`;
  if (result.c === "OK" || result.c === result.b) return [result.b === "OK" ? word : behavior, ""];
  return result.b === "OK" ? [capital(closing), ""] : [behavior, closing];
}

function reasonOf(result) {
  if (!result.more) return "";
  const { why = "", whyClose = "" } = result.more;
  return result.b === "OK" && result.c !== "OK" ? whyClose : why || whyClose;
}

function styleOf(each, result) {
  return result.o + (result.o === "failed" && each.strictness !== "required" ? " soft" : "");
}

function tally(list, agent) {
  const counts = { failed: 0, loose: 0, info: 0, none: 0, ok: 0, all: 0, time: 0 };
  for (const each of list) {
    const result = agent.results.get(each.id);
    if (result === undefined) continue;
    counts[result.o] += 1;
    counts.all += 1;
    counts.time += result.d;
  }
  return counts;
}

function tallyText(counts) {
  if (counts.all === 0) return "not run";
  if (counts.ok === counts.all) return counts.all === 1 ? "1 OK" : `all ${counts.all} OK`;
  return ["failed", "loose", "info", "none", "ok"].filter((key) => counts[key] > 0)
    .map((key) => `${counts[key]} ${key === "ok" ? "OK" : OUTCOMES[key].word.toLowerCase()}`).join(" · ");
}

/** The same, short. */
function signs(counts) {
  return Object.keys(OUTCOMES).filter((key) => counts[key] > 0)
    .map((key) => make("span", { className: `count ${key}` }, `${OUTCOMES[key].sign} ${counts[key]}`));
}

function bar(counts) {
  const element = make("div", { className: "bar", "aria-hidden": "true" });
  for (const key of ["ok", "none", "info", "loose", "failed"]) {
    if (counts[key] === 0) continue;
    const part = make("i", { className: key });
    part.style.flexGrow = counts[key];
    element.append(part);
  }
  return element;
}

// --- filters ---

/** "6.4" and "9.*" mean numbers, "1007" and "ping" mean text. */
function matchesWord(each, word, visible) {
  if (/^\d{1,2}(\.\d*|\.\*)*$/.test(word)) {
    const prefix = word.replace(/[.*]+$/, "");
    return each.id === prefix || each.id.startsWith(`${prefix}.`);
  }
  const texts = [each.id, each.description, each.expectation, each.section, each.strictness];
  for (const agent of visible) {
    const result = agent.results.get(each.id);
    if (result) texts.push(...wordsOf(result), reasonOf(result));
  }
  return texts.some((text) => text.toLowerCase().includes(word));
}

function passes(each, words, visible) {
  if (state.group !== "" && each.group !== state.group) return false;
  const results = visible.map((agent) => agent.results.get(each.id)).filter((result) => result !== undefined);
  if (results.length === 0) return false;
  if (state.outcomes.size > 0 && !results.some((result) => state.outcomes.has(result.o))) return false;
  return words.every((word) => matchesWord(each, word, visible));
}

const isFiltered = () => state.text.trim() !== "" || state.outcomes.size > 0 || state.group !== "";

function isOpen(key, list) {
  if (state.all !== null) return state.all !== state.toggled.has(key);
  const visible = shownAgents();
  const isSmall = cases.length <= 40;
  const hasTrouble = list.some((each) => visible.some((agent) => isTrouble(agent.results.get(each.id))));
  return (isFiltered() || isSmall || hasTrouble) !== state.toggled.has(key);
}

// --- the matrix ---

function headRow(visible) {
  const row = make("tr", {}, make("th", { scope: "col" },
    make("div", { className: "tally" }, `${plural(cases.length, "case")} in ${plural(groupKeys.length, "group")}`)));
  for (const agent of visible) {
    const counts = tally(cases, agent);
    row.append(make("th", { scope: "col", title: agent.name }, make("div", { className: "agent" }, agent.name),
      bar(counts), make("div", { className: "tally", title: tallyText(counts), "aria-label": tallyText(counts) }, ...signs(counts)),
      make("div", { className: "tally" }, duration(counts.time))));
  }
  return row;
}

function sectionRow(key, list, visible, isSub) {
  const isExpanded = isOpen(key, list);
  const fold = make("button", { type: "button", className: "fold", "aria-expanded": String(isExpanded) },
    make("span", {}, titleOf(key)), make("small", {}, plural(list.length, "case")));
  fold.dataset.key = key;
  const row = make("tr", { className: isSub ? "group sub" : "group" }, make("th", { scope: "rowgroup" }, fold));
  for (const agent of visible) {
    const counts = tally(list, agent);
    row.append(make("td", { className: counts.failed > 0 ? "troubled" : "" }, tallyText(counts),
      counts.all > 0 && !isSub ? bar(counts) : null));
  }
  byId("body").append(row);
  return isExpanded;
}

function cellOf(each, agent, isWide) {
  const result = agent.results.get(each.id);
  if (result === undefined) return make("td", { className: "empty" }, "not run");
  const [word, second] = wordsOf(result);
  const reason = result.o === "ok" ? "" : reasonOf(result);
  const cell = make("button", { type: "button", className: `cell ${styleOf(each, result)}`, tabIndex: -1, title: reason,
    "aria-label": `${each.id}, ${agent.name}: ${word} ${second}` },
  make("span", { className: "sign", "aria-hidden": "true" }, OUTCOMES[result.o].sign),
  make("span", {}, word, second === "" ? null : make("small", {}, second)),
  isWide && reason !== "" ? make("span", { className: "why" }, reason) : null,
  make("span", { className: "time" }, duration(result.d)));
  cell.dataset.agent = agent.index;
  cell.dataset.case = each.id;
  return make("td", {}, cell);
}

function caseRow(each, visible) {
  const tag = each.strictness === "required" ? null : make("em", { className: "tag" }, each.strictness);
  const row = make("tr", {}, make("th", { scope: "row", className: "row" }, make("div", { className: "case" },
    make("b", {}, each.id), make("span", { title: each.description }, tag, each.description))));
  const cells = visible.map((agent) => cellOf(each, agent, visible.length <= 2));
  row.append(...cells);
  rows.push({ each, cells: cells.map((cell) => cell.querySelector("button")) });
  byId("body").append(row);
}

function renderGroup(key, visible) {
  const list = shown.filter((each) => each.group === key);
  if (list.length === 0 || !sectionRow(key, list, visible, false)) return;
  let sub = null;
  let isSubOpen = true;
  for (const each of list) {
    if (each.sub !== sub) {
      sub = each.sub;
      isSubOpen = sub === null || sectionRow(sub, list.filter((other) => other.sub === sub), visible, true);
    }
    if (isSubOpen) caseRow(each, visible);
  }
}

function render() {
  const visible = shownAgents();
  const focused = document.activeElement?.dataset?.key;
  const words = state.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  shown = cases.filter((each) => passes(each, words, visible));
  rows = [];
  byId("body").replaceChildren();
  byId("head").replaceChildren(headRow(visible));
  for (const key of groupKeys) renderGroup(key, visible);
  byId("nothing").hidden = shown.length > 0;
  byId("count").textContent = isFiltered() ? `${shown.length} of ${plural(cases.length, "case")}` : "";
  if (rows.length > 0) (rows[0].cells.find((cell) => cell !== null) ?? {}).tabIndex = 0;
  if (focused !== undefined) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  markCurrent();
}

function cellAt(each, agent) {
  const row = rows.find((other) => other.each === each);
  return row?.cells.find((cell) => cell !== null && Number(cell.dataset.agent) === agent.index);
}

function markCurrent() {
  document.querySelector('.cell[aria-current="true"]')?.removeAttribute("aria-current");
  if (current !== null) cellAt(current.each, current.agent)?.setAttribute("aria-current", "true");
}

// --- going about: what the panel shows is the page's #fragment, so that the browser's way back works ---

function go(each, agent) {
  const fragment = `#${encodeURIComponent(each.id)}/${encodeURIComponent(agent.name)}`;
  if (current === null) location.hash = fragment;
  else location.replace(fragment);
}

function close() {
  const cell = current === null ? null : cellAt(current.each, current.agent);
  location.replace("#");
  focusCell(cell);
}

function readFragment() {
  const [id, name] = location.hash.slice(1).split("/").map((part) => { try { return decodeURIComponent(part); } catch { return ""; } });
  const each = caseById.get(id);
  const agent = agents.find((other) => other.name === name && other.results.has(id));
  current = each !== undefined && agent !== undefined ? { each, agent } : null;
  if (current !== null) reveal(current.each);
  renderPanel();
  if (current !== null) cellAt(current.each, current.agent)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Opens the sections of a case. */
function reveal(each) {
  let isChanged = false;
  for (const key of [each.group, each.sub]) {
    const list = shown.filter((other) => other.group === key || other.sub === key);
    if (key === null || list.length === 0 || isOpen(key, list)) continue;
    toggle(state.toggled, key);
    isChanged = true;
  }
  if (isChanged) render();
}

function step(by) {
  if (current === null) return;
  const { agent } = current;
  const list = shown.filter((each) => agent.results.has(each.id));
  const next = list[list.indexOf(current.each) + by];
  if (next !== undefined) go(next, agent);
}

function stepToTrouble(by) {
  const visible = shownAgents();
  const all = shown.flatMap((each) => visible.filter((agent) => isTrouble(agent.results.get(each.id))).map((agent) => ({ each, agent })));
  if (all.length === 0) return;
  const order = (place) => (place.each.index * agents.length) + place.agent.index;
  const ahead = by > 0 ? all : all.reverse();
  const next = current === null ? ahead[0] : ahead.find((place) => (order(place) - order(current)) * by > 0);
  if (next !== undefined) go(next.each, next.agent);
}

function focusCell(cell) {
  if (!cell) return;
  document.querySelectorAll('.cell[tabindex="0"]').forEach((other) => { other.tabIndex = -1; });
  cell.tabIndex = 0;
  cell.focus();
}

function moveFocus(cell, down, right) {
  const at = rows.findIndex((row) => row.cells.includes(cell));
  const column = rows[at].cells.indexOf(cell);
  const row = rows[Math.min(Math.max(at + down, 0), rows.length - 1)];
  focusCell(row.cells[column + right] ?? null);
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const KEYS = { j: () => step(1), k: () => step(-1), n: () => stepToTrouble(1), p: () => stepToTrouble(-1) };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = ["INPUT", "SELECT"].includes(event.target.tagName) && event.target.type !== "checkbox";
  if (event.key === "Escape") {
    byId("agents-menu").open = false;
    if (isTyping) event.target.blur();
    else close();
  } else if (!isTyping && event.key === "/") {
    byId("filters").classList.add("open");
    byId("search").focus();
    event.preventDefault();
  } else if (!isTyping && Object.hasOwn(KEYS, event.key)) {
    KEYS[event.key]();
  } else if (event.target.classList?.contains("cell") && Object.hasOwn(ARROWS, event.key)) {
    moveFocus(event.target, ...ARROWS[event.key]);
    event.preventDefault();
  }
}

// --- controls ---

function refilter() {
  state.toggled.clear();
  state.all = null;
  render();
}

function makeChips() {
  const totals = { failed: 0, loose: 0, info: 0, none: 0, ok: 0 };
  for (const agent of agents) for (const result of agent.results.values()) totals[result.o] += 1;
  for (const [key, { sign, word: text }] of Object.entries(OUTCOMES)) {
    byId("legend").append(word(key, text));
    if (totals[key] === 0) continue;
    const chip = make("button", { type: "button", className: key === "failed" ? "failed soft" : key, "aria-pressed": "false" },
      `${sign} ${text} `, make("b", {}, totals[key].toLocaleString("en")));
    chip.onclick = () => {
      toggle(state.outcomes, key);
      chip.setAttribute("aria-pressed", String(state.outcomes.has(key)));
      refilter();
    };
    byId("verdicts").append(chip);
  }
}

function makeAgentMenu() {
  byId("agents-menu").hidden = agents.length < 2;
  const update = () => { byId("agents-summary").textContent = `Agents ${shownAgents().length}/${agents.length}`; };
  for (const agent of agents) {
    const box = make("input", { type: "checkbox", checked: true });
    box.onchange = () => {
      toggle(state.hidden, agent.index);
      update();
      render();
    };
    byId("agents").append(make("label", {}, box, agent.name));
  }
  update();
}

function toggleBy(button, target) {
  byId(button).onclick = () => {
    const isShown = byId(button).getAttribute("aria-expanded") !== "true";
    byId(button).setAttribute("aria-expanded", String(isShown));
    target(isShown);
  };
}

function resetFilters() {
  Object.assign(state, { text: "", group: "" });
  state.outcomes.clear();
  byId("search").value = "";
  byId("group").value = "";
  byId("verdicts").querySelectorAll("button").forEach((chip) => chip.setAttribute("aria-pressed", "false"));
  refilter();
}

function expandAll(isExpanded) {
  state.toggled.clear();
  state.all = isExpanded;
  render();
}

function makeControls() {
  makeChips();
  makeAgentMenu();
  byId("about").textContent = `${plural(agents.length, "agent")} · written ${moment(data.written)}`;
  byId("group").append(make("option", { value: "" }, "All groups"), ...groupKeys.map((key) => make("option", { value: key }, titleOf(key))));
  byId("group").onchange = (event) => { state.group = event.target.value; refilter(); };
  byId("search").oninput = (event) => { state.text = event.target.value; refilter(); };
  byId("filters").onsubmit = (event) => event.preventDefault();
  byId("expand").onclick = () => expandAll(true);
  byId("collapse").onclick = () => expandAll(false);
  byId("reset").onclick = resetFilters;
  toggleBy("filters-toggle", (isShown) => byId("filters").classList.toggle("open", isShown));
  toggleBy("help-toggle", (isShown) => { byId("help").hidden = !isShown; });
  byId("body").onclick = (event) => {
    const cell = event.target.closest("button.cell");
    const fold = event.target.closest("button.fold");
    if (cell !== null) {
      focusCell(cell);
      go(caseById.get(cell.dataset.case), agents[Number(cell.dataset.agent)]);
    } else if (fold !== null) {
      const { key } = fold.dataset;
      toggle(state.toggled, key);
      render();
    }
  };
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => { if (!byId("agents-menu").contains(event.target)) byId("agents-menu").open = false; });
  addEventListener("hashchange", readFragment);
}

makeControls();
render();
readFragment();
