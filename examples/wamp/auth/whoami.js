// The sessions of the examples of authentication; see wamp_whoami.cpp.
"use strict";
const { backend, frontend } = require("../connect.js");

/** `credentials(authid, secret)` gives Autobahn|JS' options for the method. */
exports.backend = (credentials, secret = "secret-of-backend") => backend(async session => {
  await session.register("com.example.whoami", (args, kwargs, details) =>
    `${details.caller_authid}, ${details.caller_authrole}`, { disclose_caller: true });
}, { realm: "auth", ...credentials("backend", secret) });

exports.frontend = (credentials, secret = "secret-of-joe") => frontend(async (session, details, done) => {
  console.log(`joined as ${details.authid} by ${details.authmethod}`);
  console.log("the backend says:", await session.call("com.example.whoami"));
  done();
}, { realm: "auth", ...credentials("joe", secret) });
