'use strict';
// What a JavaScript peer offers to us and asks of us, over an adapter (wamp_adapters.js); for Node and the browser.

((exports) => {
  // Node's libraries take other arrays for something else.
  const repeated = (times) => (typeof Buffer === 'undefined' ? Uint8Array : Buffer)
    .from(Array.from({length: 256 * times}, (_, i) => i & 0xff));
  const VALUES = {  // as in wamp/values.cpp
    null: null, true: true, false: false, zero: 0, minus_one: -1, two_to_31: 2147483648,
    max_safe: 2 ** 53 - 1, two_to_53: 2 ** 53, minus_two_to_53: -(2 ** 53), beyond_53: 9007199254740993n,
    int64_max: 9223372036854775807n, int64_min: -9223372036854775808n, uint64_max: 18446744073709551615n,
    half: 0.5, huge: 1e300, tiny: 5e-324, empty_text: '', world: 'Grüße, 世界', astral: '😀𝄞\u{10FFFD}',
    text_with_nul: 'a\0b', controls: '\x01\x1f\x7f"\\/\t\r\n\u2028', long_text: 'é'.repeat(40000),
    empty_bytes: repeated(0), all_bytes: repeated(1), long_bytes: repeated(300), list: [1, [2, [3, []]], {}],
    dict: {'': 1, 'a b': {c: [null, 'd']}},
  };

  const isBytes = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  const octets = (value) => value instanceof ArrayBuffer
    ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);

  function same(a, b) {
    if (typeof a === 'bigint' || typeof b === 'bigint') {
      const isWhole = (x) => typeof x === 'bigint' || Number.isInteger(x);
      return isWhole(a) && isWhole(b) && BigInt(a) === BigInt(b);
    }
    if (isBytes(a) || isBytes(b)) {
      if (!isBytes(a) || !isBytes(b)) return false;
      const [x, y] = [octets(a), octets(b)];
      return x.length === y.length && x.every((octet, i) => octet === y[i]);
    }
    if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return Object.is(a, b);
    const keys = Object.keys(a);
    return Array.isArray(a) === Array.isArray(b) && keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
  }

  const show = (value) => {
    const kind = typeof value;
    return `${kind} ${JSON.stringify(value, (_, v) => typeof v === 'bigint' ? `${v}n` : v)}`.slice(0, 300);
  };
  const problem = (error) => error?.error ? show([error.error, error.args, error.message]) : error?.stack ?? show(error);
  function expect(got, wanted, what) {
    if (!same(got, wanted)) throw new Error(`${what}: wanted ${show(wanted)}, got ${show(got)}`);
  }
  async function failure(call) {
    let result;
    try {
      result = await call;
    } catch (error) {
      return error;
    }
    throw new Error(`it succeeded: ${show(result)}`);
  }

  /** The procedures that every peer offers, as Desk (wamp/desk.cpp) does for us. */
  async function offer(peer, prefix) {
    const give = (...args) => ({args, kwargs: {}});
    const check = ([name, value]) => {
      if (same(value, VALUES[name])) return give(true);
      throw peer.error('com.peer.error.differs', [`${name}: ${show(value)}`], {});
    };
    const fail = ([what]) => {
      if (what === 'plain') throw new Error('something broke');
      throw peer.error('com.interop.error.custom', ['text', 7], {key: [1, 2]});
    };
    const count = ([n], _, details) => {
      for (let i = 0; i < n; i++) details.progress([i]);
      return give(n);
    };
    const sleep = (args, kwargs, details) => {
      if (details.progress) details.progress(['asleep']);
      return new Promise(() => {});
    };
    const called = (args, kwargs, details) => give(details.procedure);
    for (const [name, endpoint, options] of [
      ['echo', (args, kwargs) => ({args, kwargs})],
      ['nothing', () => ({args: [], kwargs: {}})],
      ['several', () => ({args: [1, 'two', true], kwargs: {three: 3}})],
      ['value', ([value]) => give(VALUES[value])],
      ['check', check],
      ['fail', fail],
      ['count', count],
      ['caller', (args, kwargs, details) => give(details.caller ?? null)],
      ['sleep', sleep],
      ['prefix', called, {match: 'prefix'}],
      ['wild..card', called, {match: 'wildcard'}],
    ]) {
      await peer.register(`${prefix}.${name}`, endpoint, options);
    }
  }

  // ---- What the peer asks of the procedures under a prefix: ours, or another peer's.
  const CALLS = {
    async echo(peer, prefix) {
      for (const [args, kwargs] of [[[], {}], [[1], {}], [[1, 'zwei', null, []], {}], [[], {a: 1, b: [true, 'c']}],
        [[{x: 'y'}], {kw: 'ärgs'}]]) {
        const back = await peer.call(`${prefix}.echo`, args, kwargs);
        const isNull = !args.length && same(back.args, [null]);  // a peer's way to give nothing
        if (!isNull) expect(back.args, args, 'args');
        expect(back.kwargs, kwargs, 'kwargs');
      }
    },
    async values(peer, prefix, names, readable) {
      for (const name of readable) {
        expect((await peer.call(`${prefix}.value`, [name], {})).args, [VALUES[name]], `${name}, given`);
      }
      for (const name of names) {
        expect((await peer.call(`${prefix}.check`, [name, VALUES[name]], {})).args, [true], name);
        expect((await peer.call(`${prefix}.echo`, [VALUES[name]], {})).args, [VALUES[name]], `${name}, echoed`);
      }
      return `${names.length} values, ${readable.length} of ours`;
    },
    async results(peer, prefix) {
      expect(await peer.call(`${prefix}.several`, [], {}), {args: [1, 'two', true], kwargs: {three: 3}}, 'several');
      const nothing = await peer.call(`${prefix}.nothing`, [], {});
      if (!same(nothing.args, [null])) expect(nothing, {args: [], kwargs: {}}, 'nothing');
    },
    async errors(peer, prefix) {
      const custom = await failure(peer.call(`${prefix}.fail`, ['error'], {}));
      expect([custom.error, custom.args], ['com.interop.error.custom', ['text', 7]], 'error');
      expect(custom.kwargs.key, [1, 2], 'kwargs');
      const plain = await failure(peer.call(`${prefix}.fail`, ['plain'], {}));
      expect(plain.error, 'wamp.error.runtime_error', 'of an exception');
      const missing = await failure(peer.call(`${prefix}.not_there`, [], {}));
      expect(missing.error, 'wamp.error.no_such_procedure', 'of nobody');
    },
    async progress(peer, prefix) {
      const seen = [];
      const last = await peer.call(`${prefix}.count`, [5], {}, {onProgress: (args) => seen.push(...args)});
      expect(seen, [0, 1, 2, 3, 4], 'progress');
      expect(last.args, [5], 'result');
    },
    async identity(peer, prefix) {
      expect((await peer.call(`${prefix}.caller`, [], {})).args, [null], 'not disclosed');
      expect((await peer.call(`${prefix}.caller`, [], {}, {discloseMe: true})).args, [peer.id], 'disclosed');
    },
    async patterns(peer, prefix) {
      for (const name of ['prefix.some.thing', 'prefix.other', 'wild.any.card']) {
        expect((await peer.call(`${prefix}.${name}`, [], {})).args, [`${prefix}.${name}`], name);
      }
    },
    async timeout(peer, prefix) {
      await peer.call('com.interop.interrupted', [0], {});  // forgets earlier ones
      const late = await failure(peer.call(`${prefix}.sleep`, [], {}, {timeout: 20}));
      expect(late.error, 'wamp.error.timeout', 'error');
      if (prefix === 'com.interop') await peer.call('com.interop.interrupted', [1], {});
    },
    async cancel(peer, prefix) {
      await peer.call('com.interop.interrupted', [0], {});  // forgets earlier ones
      let cancel;
      const options = {onProgress: () => cancel('kill'), onSent: (how) => { cancel = how; }};
      const canceled = await failure(peer.call(`${prefix}.sleep`, [], {}, options));
      expect(canceled.error, 'wamp.error.canceled', 'error');
      expect((await peer.call('com.interop.interrupted', [1], {})).args, [1], 'interrupted');
    },
  };

  // ---- Publishing and subscribing, with us.
  class Queue {
    constructor() { this.items = []; this.wake = null; }
    push(item) { this.items.push(item); this.wake?.(); }
    async next() {
      while (!this.items.length) await new Promise((resolve) => { this.wake = resolve; });
      return this.items.shift();
    }
  }
  const PUBSUB = {
    async publish(peer, names) {
      await peer.call('com.interop.events', [], {});  // forgets earlier ones
      const sent = [['com.interop.topic', [], {}], ['com.interop.topic', [1, 'two'], {three: [3]}],
        ['com.interop.topics.one', ['prefix'], {}], ['com.interop.anything.changed', ['wildcard'], {}],
        ...names.map((name) => ['com.interop.topic', [VALUES[name]], {}])];
      for (const [topic, args, kwargs] of sent) await peer.publish(topic, args, kwargs, {acknowledge: true});
      await peer.publish('com.interop.topic', ['known'], {}, {acknowledge: true, disclose_me: true});
      const events = (await peer.call('com.interop.events', [], {})).args[0];
      expect(events.map((e) => [e.topic, e.args, e.kwargs]), [...sent, ['com.interop.topic', ['known'], {}]], 'events');
      expect([events[0].publisher, events.at(-1).publisher], [null, peer.id], 'publisher');
      return `${sent.length + 1} events`;
    },
    async subscribe(peer, names) {
      const queue = new Queue();
      const handler = (args, kwargs, details) =>
        queue.push([details.topic, args, kwargs, details.publisher ?? null, details.retained ?? false]);
      const subscriptions = [];
      for (const [topic, match] of [['com.peer.topic', undefined], ['com.peer.topics', 'prefix'],
        ['com.peer..changed', 'wildcard']]) {
        subscriptions.push(await peer.subscribe(topic, handler, match ? {match} : {}));
      }
      const publish = (...args) => peer.call('com.interop.publish', args, {});
      const sent = [['com.peer.topic', [], {}], ['com.peer.topic', [1, 'two'], {three: [3]}],
        ['com.peer.topics.one', ['prefix'], {}], ['com.peer.any.changed', ['wildcard'], {}],
        ...names.map((name) => ['com.peer.topic', [VALUES[name]], {}])];
      for (const event of sent) {
        await publish(...event, {});
        expect(await queue.next(), [...event, null, false], 'event');
      }
      await publish('com.peer.topic', [], {}, {disclose_me: true});
      const publisher = (await queue.next())[3];
      if (publisher === null || same(publisher, peer.id)) throw new Error(`publisher ${show(publisher)}`);
      for (const [i, options] of [{exclude: [peer.id]}, {eligible: [publisher]}, {eligible: [peer.id]}].entries()) {
        await publish('com.peer.topic', [i], {}, options);
      }
      expect((await queue.next())[1], [2], 'excluded, or not eligible');
      for (const subscription of subscriptions) await peer.unsubscribe(subscription);
      if (peer.canUnsubscribe) await publish('com.peer.topic', ['nobody listens'], {}, {});
      await publish('com.peer.other', ['kept'], {}, {retain: true});
      await peer.subscribe('com.peer.other', handler, {get_retained: true});
      const kept = await queue.next();
      expect([kept[1], kept[4]], [['kept'], true], 'retained');
      expect(queue.items, [], 'too many events');
      return `${sent.length + 4} events`;
    },
    async own_events(peer) {
      const queue = new Queue();
      await peer.subscribe('com.peer.own', (args) => queue.push(args[0]), {});
      for (const [what, options] of [['no', {exclude_me: true}], ['yes', {exclude_me: false}], ['no', {}]]) {
        await peer.publish('com.peer.own', [what], {}, {acknowledge: true, ...options});
      }
      expect(await queue.next(), 'yes', 'own event');
      const acknowledged = {acknowledge: true, exclude_me: false};
      await peer.publish('com.peer.own', ['no'], {}, {...acknowledged, exclude: [peer.id]});
      await peer.publish('com.peer.own', ['yes'], {}, {...acknowledged, eligible: [peer.id]});
      expect(await queue.next(), 'yes', 'eligible');
      expect(queue.items, [], 'too many events');
    },
    async who(peer) {
      const who = (await peer.call('com.interop.who', [], {})).args[0];
      expect(who, {session: peer.id, authid: peer.details.authid, authrole: peer.details.authrole}, 'who');
    },
  };

  const CALL_BACKS = ['echo', 'values', 'results', 'errors', 'progress', 'identity', 'patterns', 'skip', 'timeout'];

  /**
   * All cases of one session; `say` hears of each. `plan`: {url, serializer, without (names of cases), unreadable and
   * unwritable (names of values that the peer cannot receive, and send), prefix (whose procedures are called; absent:
   * ours, and everything else too)}.
   */
  async function run(open, plan, say) {
    const attempt = async (name, action) => {
      if ((plan.without ?? []).includes(name)) return;
      try {
        say(`ok ${name}`, await action());
      } catch (error) {
        say(`FAIL ${name}`, problem(error));
      }
    };
    const readable = Object.keys(VALUES).filter((name) => !(plan.unreadable ?? []).includes(name));
    const names = readable.filter((name) => !(plan.unwritable ?? []).includes(name));
    const peer = await open({url: plan.url, realm: 'realm1', serializer: plan.serializer});
    const whose = plan.prefix ?? 'com.interop';
    for (const [name, run] of Object.entries(CALLS)) {
      await attempt(`calls ${whose}: ${name}`, () => run(peer, whose, names, readable));
    }
    if (!plan.prefix) {
      await offer(peer, 'com.peer');
      for (const name of CALL_BACKS) {
        await attempt(`is called: ${name}`,
          async () => (await peer.call('com.interop.call_back', [name, 'com.peer', names], {})).args[0]);
      }
      for (const [name, run] of Object.entries(PUBSUB)) await attempt(name, () => run(peer, names));
      await attempt('is dismissed', async () => {
        const other = await open({url: plan.url, realm: 'realm1', serializer: plan.serializer});
        other.call('com.interop.dismiss', [], {}).catch(() => {});
        expect(await other.ended, peer.isToldWhy ? 'com.interop.close.dismissed' : 'closed', 'reason');
      });
    }
    await attempt('leaves', async () => {
      expect(await peer.close(), 'wamp.close.goodbye_and_out', 'reason');
    });
  }

  /** Comes in with each secret, and not with a wrong one. */
  async function authenticate(open, plan, say) {
    const proofs = {'ticket-user': ['ticket', 'ticket-secret'], 'cra-user': ['wampcra', 'cra-secret'],
      'cra-salted-user': ['wampcra', 'cra-password'], 'cryptosign-user': ['cryptosign', '7'.repeat(64)]};
    for (const [authid, [method, secret]] of Object.entries(proofs)) {
      for (const isRight of [true, false]) {
        const name = `${isRight ? '' : 'not '}${authid}`;
        const auth = {authid, method, secret: isRight ? secret : '8'.repeat(64)};
        try {
          const joined = open({url: plan.url, realm: 'secure', serializer: plan.serializer, auth});
          if (isRight) {
            const peer = await joined;
            expect([peer.details.authid, peer.details.authrole, peer.details.authmethod], [authid, 'tester', method],
              'details');
            await peer.close();
          } else {
            expect((await failure(joined)).error, 'wamp.error.authentication_failed', 'reason');
          }
          say(`ok ${name}`);
        } catch (error) {
          say(`FAIL ${name}`, problem(error));
        }
      }
    }
  }

  /**
   * Publishes to plan.topic when it offers `com.js.echo` and listens to `com.js.topic`. When `com.js.begin` is called it
   * calls plan.echo. `com.js.end` gives the events that came, and ends it.
   */
  async function serve(open, plan, say) {
    const peer = await open({url: plan.url, realm: 'realm1', serializer: plan.serializer});
    const events = [];
    const begun = new Queue();
    const ended = new Queue();
    await peer.subscribe('com.js.topic', (args, kwargs) => events.push([args, kwargs]), {});
    await peer.register('com.js.echo', (args, kwargs) => ({args, kwargs}));
    await peer.register('com.js.begin', () => {
      begun.push(peer.call(plan.echo, [1, 'zwei'], {k: [3]}));
      return {args: [], kwargs: {}};
    });
    await peer.register('com.js.end', () => {
      ended.push(true);
      return {args: [events], kwargs: {}};
    });
    await peer.publish(plan.topic, ['from js'], {k: 1}, {acknowledge: true});
    expect(await begun.next(), {args: [1, 'zwei'], kwargs: {k: [3]}}, 'echo');
    say('ok calls');
    await ended.next();
    await peer.call(plan.echo, [], {});  // answers go out before
    await peer.close();
    say('ok leaves');
  }

  Object.assign(exports, {run, authenticate, serve});
})(typeof module === 'undefined' ? (globalThis.wampCases = {}) : module.exports);
