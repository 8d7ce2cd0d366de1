// The page: joins a realm and shows what goes on in it.
import {Chart} from "./chart.js";
import {byHand, log} from "./hand.js";
import {Tables} from "./tables.js";
import {Session} from "./wamp.js";

const element = id => document.getElementById(id);
const rate = value => value.toFixed(value < 10 ? 1 : 0) + "/s";
const RETRY = 2000;    // milliseconds
const SECOND = 1000;

const charts = {
  sessions: new Chart(element("charts"), "chartSessions", "Sessions", String),
  call: new Chart(element("charts"), "chartCalls", "Calls", rate),
  publish: new Chart(element("charts"), "chartPublications", "Publications", rate),
  events: new Chart(element("charts"), "chartEvents", "Events delivered", rate),
  refused: new Chart(element("charts"), "chartRefused", "Refused", rate),
  latency: new Chart(element("charts"), "chartLatency", "Round trip", ms => ms.toFixed(2) + " ms"),
};

let session = null;
let tables = null;
let last = null;     // {time, figures} of the realm shown
let attempt = 0;     // the newest attempt to join counts

function complain(error) {
  element("problem").textContent = error ? String(error.message ?? error) : "";
  element("problem").hidden = !error;
}

function show(state, isJoined = false) {
  element("state").textContent = state;
  element("state").className = isJoined ? "joined" : "";
}

function fillRealms(realms) {
  const select = element("realm");
  const names = realms.map(each => each.name);
  if ([...select.options].map(each => each.value).join("\n") === names.join("\n")) return;
  const chosen = select.value;
  select.replaceChildren(...names.map(name => new Option(name)));
  select.value = names.includes(chosen) ? chosen : names[0] ?? "";
}

async function fetchStatus() {
  const response = await fetch("status.json", {cache: "no-store"});
  if (!response.ok) throw new Error(`status.json: ${response.status}`);
  return response.json();
}

function socketUrl(status) {
  return location.origin.replace(/^http/, "ws") + status.webSocketPath;
}

async function join() {
  const mine = ++attempt;
  session?.leave();
  tables?.stop();
  session = tables = last = null;
  for (const each of Object.values(charts)) each.clear();
  element("mine").replaceChildren();
  show("connecting");
  try {
    const status = await fetchStatus();
    fillRealms(status.realms);
    element("version").textContent = status.version;
    const who = {method: element("method").value, authid: element("authid").value, secret: element("secret").value};
    const joined = await Session.join(socketUrl(status), element("realm").value, who);
    if (mine !== attempt) return joined.leave();
    await begin(joined);
  } catch (error) {
    if (mine === attempt) ended(error);
  }
}

async function begin(joined) {
  session = joined;
  session.onEnd = ended;
  element("whoami").textContent = `${session.details.authid ?? session.id} (${session.details.authrole ?? "?"})`;
  show("joined", true);
  complain(null);
  tables = new Tables(session, complain);
  await tables.start();
}

/** Lost connections are made again; who was refused has to say something else. */
function ended(error) {
  session = null;
  tables?.stop();
  tables = null;
  show("not joined");
  element("whoami").textContent = "nobody";
  complain(error);
  const isLost = !error.uri || error.uri === "wamp.close.transport_lost" || error.uri === "wamp.close.system_shutdown";
  const mine = attempt;
  if (isLost) setTimeout(() => mine === attempt && join(), RETRY);
  else element("identity").open = true;
}

async function measure() {
  if (session === null) return;
  const status = await fetchStatus();
  fillRealms(status.realms);
  element("uptime").textContent = `up ${duration(status.uptime)}, ${status.connections} connections`;
  const figures = status.realms.find(each => each.name === element("realm").value);
  if (figures === undefined) return;
  const time = performance.now();
  charts.sessions.add(figures.sessions);
  if (last !== null) {
    for (const each of ["call", "publish", "events", "refused"]) {
      charts[each].add((figures[each] - last.figures[each]) * SECOND / (time - last.time));
    }
  }
  last = {time, figures};
  const before = performance.now();
  await session.call("wamp.session.count");
  charts.latency.add(performance.now() - before);
}

function duration(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"]].filter(([size]) => seconds >= size);
  if (parts.length === 0) return Math.floor(seconds) + " s";
  return parts.slice(0, 2).map(([size, unit], i) => {
    const left = i === 0 ? seconds : seconds % parts[0][0];
    return `${Math.floor(left / size)} ${unit}`;
  }).join(" ");
}

element("realm").addEventListener("change", join);
element("join").addEventListener("submit", event => {
  event.preventDefault();
  element("identity").open = false;
  join();
});
byHand(() => session);
setInterval(() => measure().catch(error => session && log("status", String(error), true)), SECOND);
join();
