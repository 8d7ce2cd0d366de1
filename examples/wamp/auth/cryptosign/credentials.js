"use strict";
const { autobahn, load } = require("../../connect.js");
const { public_key, sign_challenge } = autobahn.auth_cryptosign;
const nacl = autobahn.nacl || load("tweetnacl");

module.exports = (authid, seed) => {
  const key = nacl.sign.keyPair.fromSeed(Uint8Array.from(Buffer.from(seed, "hex")));
  return {
    authid,
    authmethods: ["cryptosign"],
    authextra: { pubkey: public_key(key) },
    onchallenge: (session, method, extra) => sign_challenge(key, extra),
  };
};
