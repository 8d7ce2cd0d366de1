// A small WAMP client: JSON over WebSocket, caller, publisher and subscriber.

const HELLO = 1, WELCOME = 2, ABORT = 3, CHALLENGE = 4, AUTHENTICATE = 5, GOODBYE = 6, ERROR = 8, PUBLISH = 16,
      PUBLISHED = 17, SUBSCRIBE = 32, SUBSCRIBED = 33, UNSUBSCRIBE = 34, UNSUBSCRIBED = 35, EVENT = 36, CALL = 48,
      RESULT = 50;

/** What a router answers instead of a result: `uri`, `args`, `kwargs`. */
export class WampError extends Error {
  constructor(uri, args = [], kwargs = {}) {
    super([uri, ...args.map(each => (typeof each === "string" ? each : JSON.stringify(each)))].join(": "));
    Object.assign(this, {uri, args, kwargs});
  }
}

const base64 = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** The signature of WAMP-CRA; with a salt, of a key that is derived from the secret. */
async function sign(secret, extra) {
  const text = new TextEncoder();
  let key = text.encode(secret);
  if (extra.salt) {
    const password = await crypto.subtle.importKey("raw", key, "PBKDF2", false, ["deriveBits"]);
    const parameters = {name: "PBKDF2", hash: "SHA-256", salt: text.encode(extra.salt), iterations: extra.iterations};
    key = text.encode(base64(await crypto.subtle.deriveBits(parameters, password, 8 * extra.keylen)));
  }
  const hmac = await crypto.subtle.importKey("raw", key, {name: "HMAC", hash: "SHA-256"}, false, ["sign"]);
  return base64(await crypto.subtle.sign("HMAC", hmac, text.encode(extra.challenge)));
}

/** One session over a connection of its own. */
export class Session {
  /** Joins; `who` is {method, authid, secret}. Resolves to the session, rejects with a WampError. */
  static join(url, realm, who) {
    return new Promise((resolve, reject) => new Session(url, realm, who, resolve, reject));
  }

  /** Called when a session that had joined has ended, with the reason. */
  onEnd = () => {};

  #socket;
  #who;
  #joined;
  #refused;
  #request = 0;
  #pending = new Map();   // request → {resolve, reject}
  #handlers = new Map();  // subscription → handlers

  constructor(url, realm, who, joined, refused) {
    Object.assign(this, {realm, id: null, details: null});
    this.#who = who;
    this.#joined = joined;
    this.#refused = refused;
    this.#socket = new WebSocket(url, ["wamp.2.json"]);
    this.#socket.onopen = () => this.#send(HELLO, realm, {
      authmethods: [who.method],
      ...(who.authid ? {authid: who.authid} : {}),
      roles: {caller: {}, publisher: {}, subscriber: {features: {pattern_based_subscription: true}}},
    });
    this.#socket.onmessage = event => this.#receive(JSON.parse(event.data));
    this.#socket.onclose = () => this.#end("wamp.close.transport_lost");
  }

  /** Resolves to {args, kwargs}. */
  async call(procedure, args = [], kwargs = {}) {
    const [, , , resultArgs = [], resultKwargs = {}] = await this.#ask(CALL, {}, procedure, args, kwargs);
    return {args: resultArgs, kwargs: resultKwargs};
  }
  /** Resolves when the router has it, to the publication's ID. */
  async publish(topic, args = [], kwargs = {}) {
    return (await this.#ask(PUBLISH, {acknowledge: true, exclude_me: false}, topic, args, kwargs))[2];
  }
  /** `handler(args, kwargs, details)`. Resolves to what `unsubscribe` wants. */
  async subscribe(topic, handler, match = "exact") {
    const id = (await this.#ask(SUBSCRIBE, {match}, topic))[2];
    if (!this.#handlers.has(id)) this.#handlers.set(id, new Set());
    this.#handlers.get(id).add(handler);
    return {id, topic, handler};
  }
  async unsubscribe({id, handler}) {
    const handlers = this.#handlers.get(id);
    if (!handlers?.delete(handler) || handlers.size > 0) return;
    this.#handlers.delete(id);
    await this.#ask(UNSUBSCRIBE, id);
  }
  leave() {
    this.onEnd = () => {};
    if (this.#socket.readyState === WebSocket.OPEN) this.#send(GOODBYE, {}, "wamp.close.close_realm");
    this.#socket.close();
  }

  #send(...message) {
    this.#socket.send(JSON.stringify(message));
  }
  #ask(code, ...rest) {
    return new Promise((resolve, reject) => {
      if (this.id === null) return reject(new WampError("wamp.close.transport_lost"));
      this.#pending.set(++this.#request, {resolve, reject});
      this.#send(code, this.#request, ...rest);
    });
  }
  #settle(request, how, value) {
    this.#pending.get(request)?.[how](value);
    this.#pending.delete(request);
  }
  #end(reason, details) {
    const wasJoined = this.id !== null;
    this.id = null;
    const error = new WampError(reason, details?.message ? [details.message] : []);
    for (const each of this.#pending.values()) each.reject(error);
    this.#pending.clear();
    if (wasJoined) this.onEnd(error);
    else this.#refused(error);
    this.#socket.close();
  }
  async #answer(method, extra) {
    try {
      this.#send(AUTHENTICATE, method === "wampcra" ? await sign(this.#who.secret, extra) : this.#who.secret, {});
    } catch (error) {
      this.#end("wamp.error.cannot_authenticate", {message: String(error)});
    }
  }

  #receive(message) {
    const [code, first, second] = message;
    switch (code) {
      case WELCOME:
        Object.assign(this, {id: first, details: second});
        return this.#joined(this);
      case CHALLENGE: return this.#answer(first, second);
      case ABORT: return this.#end(second, first);
      case GOODBYE:
        if (this.id !== null) this.#send(GOODBYE, {}, "wamp.close.goodbye_and_out");
        return this.#end(second, first);
      case ERROR: return this.#settle(second, "reject", new WampError(message[4], message[5], message[6]));
      case RESULT: case PUBLISHED: case SUBSCRIBED: case UNSUBSCRIBED:
        return this.#settle(first, "resolve", message);
      case EVENT:
        for (const each of this.#handlers.get(first) ?? []) each(message[4] ?? [], message[5] ?? {}, message[3]);
    }
  }
}
