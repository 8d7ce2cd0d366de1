"use strict";
const { autobahn } = require("../../connect.js");
const { derive_key, sign } = autobahn.auth_cra;

module.exports = (authid, secret) => ({
  authid,
  authmethods: ["wampcra"],
  onchallenge: (session, method, { challenge, salt, iterations, keylen }) =>
    sign(salt ? derive_key(secret, salt, iterations, keylen) : secret, challenge),
});
