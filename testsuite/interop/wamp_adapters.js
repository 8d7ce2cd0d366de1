'use strict';
// WAMP clients in JavaScript under one face: open({url, realm, serializer, auth: {authid, method, secret}}) gives a
// session, or throws {error: URI}.

((exports) => {
  /** Autobahn|JS. `serializers`: by name. */
  exports.autobahn = (autobahn, when, serializers) => (options) => new Promise((resolve, reject) => {
    const {auth} = options;
    const key = auth?.method === 'cryptosign' && autobahn.nacl.sign.keyPair.fromSeed(
      Uint8Array.from(auth.secret.match(/../g), (pair) => Number.parseInt(pair, 16)));
    const answer = (session, method, extra) => {
      if (method === 'ticket') return auth.secret;
      if (method === 'cryptosign') return autobahn.auth_cryptosign.sign_challenge(key, extra);
      const secret = extra.salt
        ? autobahn.auth_cra.derive_key(auth.secret, extra.salt, extra.iterations, extra.keylen) : auth.secret;
      return autobahn.auth_cra.sign(secret, extra.challenge);
    };
    const {protocol, hostname, port} = new URL(options.url);
    const where = protocol.startsWith('http') ? {transports: [{type: 'longpoll', url: options.url}]}
      : protocol === 'rs:' ? {transports: [{type: 'rawsocket', host: hostname, port: Number(port)}]} : {url: options.url};
    const connection = new autobahn.Connection({
      ...where, realm: options.realm, serializers: [new serializers[options.serializer]()],
      use_deferred: when.defer, max_retries: 0, on_user_error: () => {}, onchallenge: answer,
      ...(auth && {authid: auth.authid, authmethods: [auth.method]}),
      ...(key && {authextra: {pubkey: autobahn.auth_cryptosign.public_key(key)}}),
    });
    let end;
    const ended = new Promise((done) => { end = done; });
    connection.onopen = (session, details) => resolve(new AutobahnSession(autobahn, connection, session, details, ended));
    connection.onclose = (reason, details) => {
      reject({error: details.reason ?? reason, message: details.message});
      end(details.reason ?? reason);
      return true;  // no retries
    };
    connection.open();
  });

  class AutobahnSession {
    constructor(autobahn, connection, session, details, ended) {
      Object.assign(this, {autobahn, connection, session, details, ended, id: session.id, canUnsubscribe: true, isToldWhy: true});
    }
    whole(result) {
      if (result instanceof this.autobahn.Result) return {args: result.args, kwargs: result.kwargs};
      return {args: [result], kwargs: {}};
    }
    error(uri, args, kwargs) { return new this.autobahn.Error(uri, args, kwargs); }
    call(uri, args, kwargs, {onProgress, onSent, discloseMe, timeout} = {}) {
      const options = {};
      if (onProgress) options.receive_progress = true;
      if (discloseMe) options.disclose_me = true;
      if (timeout) options.timeout = timeout;
      const reply = this.session.call(uri, args, kwargs, options);
      onSent?.((mode) => reply.cancel({mode}));
      return new Promise((resolve, reject) => reply.then((result) => resolve(this.whole(result)), reject,
        (part) => onProgress(this.whole(part).args)));
    }
    register(uri, endpoint, options = {}) {
      const run = (args, kwargs, details) => {
        const {args: results, kwargs: kwresults} = endpoint(args, kwargs, details);
        return new this.autobahn.Result(results, kwresults);
      };
      const runLater = (args, kwargs, details) => {
        const result = endpoint(args, kwargs, details);
        return result instanceof Promise ? result : new this.autobahn.Result(result.args, result.kwargs);
      };
      return this.session.register(uri, uri.endsWith('.sleep') ? runLater : run, options);
    }
    publish(topic, args, kwargs, options) { return this.session.publish(topic, args, kwargs, options); }
    subscribe(topic, handler, options) {
      return this.session.subscribe(topic, (args, kwargs, details) => handler(args, kwargs, details), options);
    }
    unsubscribe(subscription) { return this.session.unsubscribe(subscription); }
    close() {
      this.connection.close();
      return this.ended;
    }
  }

  /** wampy. `WebSocket`: its class on Node. `plugins`: for authentication. */
  exports.wampy = ({Wampy, serializers, WebSocket, plugins}) => async (options) => {
    const {auth} = options;
    let end;
    const ended = new Promise((done) => { end = done; });
    const wampy = new Wampy(options.url, {
      realm: options.realm, ws: WebSocket, serializer: new serializers[options.serializer](), autoReconnect: false,
      uriValidation: 'loose', onClose: () => end('closed'),
      ...(auth && {authid: auth.authid, authmethods: [auth.method], onChallenge: plugins[auth.method](auth.secret)}),
      ...(auth?.method === 'cryptosign' && {authextra: {pubkey: plugins.publicKey(auth.secret)}}),
    });
    try {
      const details = await wampy.connect();
      return new WampySession(wampy, details, ended);
    } catch (error) {
      throw {error: error.error ?? error.errorUri ?? error.message, message: error.stack};
    }
  };

  class WampySession {
    constructor(wampy, details, ended) {
      Object.assign(this, {wampy, details, ended, id: wampy.getSessionId()});
    }
    error(error, argsList, argsDict) { return {error, argsList, argsDict}; }
    async call(uri, args, kwargs, {onProgress, onSent, discloseMe, timeout} = {}) {
      const options = {};
      if (onProgress) options.progress_callback = (part) => onProgress(part.argsList);
      if (discloseMe) options.disclose_me = true;
      if (timeout) options.timeout = timeout;
      const reply = this.wampy.call(uri, {argsList: args, argsDict: kwargs}, options);
      const {reqId} = this.wampy.getOpStatus();
      onSent?.((mode) => this.wampy.cancel(reqId, {mode}));
      try {
        const result = await reply;
        return {args: result.argsList ?? [], kwargs: result.argsDict ?? {}};
      } catch (error) {
        throw {error: error.error ?? error.errorUri, args: error.argsList ?? [], kwargs: error.argsDict ?? {},
          stack: error.stack};
      }
    }
    register(uri, endpoint, options = {}) {
      return this.wampy.register(uri, async ({details, argsList, argsDict, result_handler: handler}) => {
        const progress = details.receive_progress &&
          ((args) => handler({argsList: args, argsDict: {}, options: {progress: true}}));
        const result = await endpoint(argsList ?? [], argsDict ?? {}, {...details, procedure: details.procedure ?? uri, progress});
        return {argsList: result.args, argsDict: result.kwargs};
      }, options);
    }
    publish(topic, args, kwargs, options) {
      return this.wampy.publish(topic, {argsList: args, argsDict: kwargs}, options);
    }
    subscribe(topic, handler, options) {
      // Options left away go out as `undefined`, which MessagePack does not know.
      const all = {match: 'exact', get_retained: false, ...options};
      return this.wampy.subscribe(topic, ({details, argsList, argsDict}) =>
        handler(argsList ?? [], argsDict ?? {}, {...details, topic: details.topic ?? topic}), all);
    }
    async unsubscribe() {}  // this version fails at UNSUBSCRIBED when there were options
    async close() {
      await this.wampy.disconnect();
      return 'wamp.close.goodbye_and_out';  // it does not tell
    }
  }
})(typeof module === 'undefined' ? (globalThis.wampAdapters = {}) : module.exports);
