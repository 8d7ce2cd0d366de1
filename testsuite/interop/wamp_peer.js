#!/usr/bin/env node
'use strict';
// npm's autobahn or wampy on Node through the cases. Usage: wamp_peer.js autobahn|wampy run|authenticate PLAN-AS-JSON
// Prints a line of JSON for each case: ["ok NAME" or "FAIL NAME", note].

const adapters = require('./wamp_adapters.js');
const cases = require('./wamp_cases.js');

function autobahn() {
  globalThis.WebSocket ??= require('ws');  // this version takes the global one, which Node has since 22
  const library = require('autobahn');
  const {JSONSerializer, MsgpackSerializer, CBORSerializer} = library.serializer;
  return adapters.autobahn(library, require('when'),
    {json: JSONSerializer, msgpack: MsgpackSerializer, cbor: CBORSerializer});
}

async function wampy() {
  const {Wampy} = require('wampy');
  const nacl = require('tweetnacl');
  const hex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
  const cryptosign = require('wampy/cryptosign.js');
  const wampcra = await import('wampy/wampcra.js');
  return adapters.wampy({
    Wampy, WebSocket: require('ws'),
    serializers: {
      json: require('wampy/JsonSerializer.js').JsonSerializer, msgpack: require('wampy/MsgpackSerializer.js').MsgpackSerializer,
      cbor: require('wampy/CborSerializer.js').CborSerializer,
    },
    plugins: {
      ticket: (secret) => () => secret, wampcra: (secret) => wampcra.sign(secret),
      cryptosign: (secret) => cryptosign.sign(secret),
      publicKey: (secret) => Buffer.from(nacl.sign.keyPair.fromSeed(hex(secret)).publicKey).toString('hex'),
    },
  });
}

const [library, mode, plan] = process.argv.slice(2);
const say = (what, note) => console.log(JSON.stringify([what, note ?? '']));

async function main() {
  const open = await {autobahn, wampy}[library]();
  await cases[mode](open, JSON.parse(plan), say);
}

main().then(() => process.exit(0), (error) => {
  say('FAIL session', error?.stack ?? JSON.stringify(error));
  process.exit(1);
});
