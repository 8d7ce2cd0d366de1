// What there is in the realm: sessions, registrations, subscriptions, by the router's meta procedures.

const LIMIT = 100;  // rows of a table

/** One kind of thing: `ids(session)` lists, `row(session, id)` gives the cells. */
class Table {
  #known = new Map();  // id → cells that do not change
  constructor(name, ids, fixed, changing) {
    Object.assign(this, {name, ids, fixed, changing});
    this.body = document.getElementById(name + "s");
    this.count = document.getElementById(name + "Count");
  }

  async refresh(session) {
    const ids = await this.ids(session);
    this.count.textContent = ids.length;
    const shown = ids.slice(0, LIMIT);
    for (const id of this.#known.keys()) if (!shown.includes(id)) this.#known.delete(id);
    // What ends in between has no row.
    const rows = await Promise.all(shown.map(id => this.#row(session, id).catch(() => null)));
    this.body.replaceChildren(...rows.filter(each => each !== null));
    if (ids.length > LIMIT) this.body.append(this.#more(ids.length - LIMIT));
  }
  clear() {
    this.#known.clear();
    this.body.replaceChildren();
    this.count.textContent = "";
  }

  async #row(session, id) {
    if (!this.#known.has(id)) this.#known.set(id, await this.fixed(session, id));
    const row = document.createElement("tr");
    if (id === session.id) row.className = "me";
    for (const each of [...this.#known.get(id), ...await this.changing(session, id)]) {
      row.insertCell().textContent = each;
    }
    return row;
  }
  #more(count) {
    const row = document.createElement("tr");
    const cell = row.insertCell();
    Object.assign(cell, {textContent: `and ${count} more`, className: "more", colSpan: 9});
    return row;
  }
}

const result = async (session, procedure, ...args) => (await session.call(procedure, args)).args[0];
const listed = kind => async session => {
  const {exact = [], prefix = [], wildcard = []} = await result(session, `wamp.${kind}.list`);
  return [...exact, ...prefix, ...wildcard];
};

const sessions = new Table("session", session => result(session, "wamp.session.list"), async (session, id) => {
  const {authid, authrole, authmethod, transport = {}} = await result(session, "wamp.session.get", id);
  const kind = [transport.type, transport.serializer, transport.secure ? "TLS" : ""].filter(Boolean).join(" ");
  return [id, authid, authrole, authmethod, kind, transport.peer ?? ""];
}, () => []);

const registrations = new Table("registration", listed("registration"), async (session, id) => {
  const {uri, match, invoke} = await result(session, "wamp.registration.get", id);
  return [uri || "(everything)", match, invoke];
}, async (session, id) => [await result(session, "wamp.registration.count_callees", id)]);

const subscriptions = new Table("subscription", listed("subscription"), async (session, id) => {
  const {uri, match} = await result(session, "wamp.subscription.get", id);
  return [uri || "(everything)", match];
}, async (session, id) => [await result(session, "wamp.subscription.count_subscribers", id)]);

const ALL = [sessions, registrations, subscriptions];

/** Keeps the tables as they are in the session's realm; `complain` is told what may not be seen. */
export class Tables {
  #again = false;
  #timer = null;

  constructor(session, complain) {
    Object.assign(this, {session, complain});
  }
  async start() {
    // All that happens to sessions, registrations and subscriptions; who may not hear of it looks by hand.
    await this.session.subscribe("wamp.", () => this.soon(), "prefix").catch(this.complain);
    await this.refresh();
  }
  /** Many changes at a time are looked at once. */
  soon() {
    this.#timer ??= setTimeout(() => this.refresh(), 250);
  }
  async refresh() {
    this.#timer = null;
    const outcomes = await Promise.allSettled(ALL.map(each => each.refresh(this.session)));
    const failed = outcomes.find(each => each.status === "rejected");
    if (failed && this.session.id !== null) this.complain(failed.reason);
  }
  stop() {
    clearTimeout(this.#timer);
    for (const each of ALL) each.clear();
  }
}
