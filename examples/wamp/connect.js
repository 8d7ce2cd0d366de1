// What the JavaScript examples share: node FILE [URL] [REALM] joins the realm and runs the example. The packages are
// those of testsuite/interop (`make interop-deps`), or of the folder where you are.
"use strict";
const path = require("path");
const folders = [process.cwd(), path.join(__dirname, "../../testsuite/interop")];
const load = name => require(require.resolve(name, { paths: folders }));
if (!globalThis.WebSocket) globalThis.WebSocket = load("ws");  // Node before 22
const autobahn = load("autobahn");

const [url = "ws://127.0.0.1:8080/ws", realm] = process.argv.slice(2);

function connect(options, onOpen) {
  const connection = new autobahn.Connection(
    { url, realm: realm || "realm1", max_retries: 0, use_deferred: autobahn.when.defer, ...options });
  let failure = 1;  // until it has ended in order
  const end = code => { failure = code; connection.close(); };
  connection.onopen = (session, details) => Promise.resolve(onOpen(session, details, () => end(0))).catch(error => {
    console.error(error);
    end(1);
  });
  connection.onclose = (reason, details) => {
    if (failure) console.error("closed:", reason, details && details.reason, details && details.message);
    process.exit(failure);
  };
  process.on("SIGINT", () => end(0));
  connection.open();
}

/** Runs `body(session, details)`, says that the backend is ready, and stays until Ctrl-C. */
exports.backend = (body, options = {}) => connect(options, async (session, details) => {
  await body(session, details);
  console.log("backend is ready");
});

/** The same for a backend whose body goes on for ever. */
exports.loopingBackend = (body, options = {}) => connect(options, (session, details) => {
  console.log("backend is ready");
  return body(session, details);
});

/** Runs `body(session, details, done)` and ends when it calls `done`. */
exports.frontend = (body, options = {}) => connect(options, body);

exports.pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
exports.autobahn = autobahn;
exports.load = load;
