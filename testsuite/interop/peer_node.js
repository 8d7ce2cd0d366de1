'use strict';
// npm's `ws` as client and server, driven by peer_node.py:
//   node peer_node.js server JSON    prints "listening on port"; ends with SIGTERM
//   node peer_node.js client JSON    sends everything, prints "negotiated: …"; exit status 0 when all came back
// JSON: {url, ca, cert, key, deflate, cases: {sizes, text, commands…}}

const fs = require('fs');
const http = require('http');
const https = require('https');
const assert = require('assert');
const { WebSocket, WebSocketServer } = require('ws');

const options = JSON.parse(process.argv[3]);
const NO_LIMIT = 0;

// A quarter does not compress. As in cases.py, the exact bytes do not matter.
function binary(size) {
  const block = Buffer.alloc(16384);
  let state = (0x9e3779b9 ^ size) >>> 0;
  for (let i = 0; i < 4096; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    block[i] = state >>> 16;
  }
  for (let i = 4096; i < block.length; i++) block[i] = i;
  return Buffer.alloc(size, block);
}

function text(size) {
  const pattern = Buffer.from('Grüße aus der Prüfung: € 42, 漢字, 😀. ');
  const whole = Math.floor(size / pattern.length) * pattern.length;
  return Buffer.concat([Buffer.alloc(whole, pattern), Buffer.alloc(size - whole, '.')]);
}

function cuts(payload) {
  const pieces = [];
  for (let i = 0; i <= payload.length; i++) pieces.push([payload.subarray(0, i), payload.subarray(i)]);
  pieces.push([...payload].map((byte) => Buffer.of(byte)));
  return pieces;
}

function sendPieces(socket, pieces, binaryMessage, pingBetween) {
  pieces.forEach((piece, i) => {
    if (pingBetween && i > 0) socket.ping('between');
    socket.send(piece, { binary: binaryMessage, fin: i === pieces.length - 1, compress: true });
  });
}

function server() {
  const web = options.cert
    ? https.createServer({ cert: fs.readFileSync(options.cert), key: fs.readFileSync(options.key) })
    : http.createServer();
  const sockets = new WebSocketServer({ server: web, perMessageDeflate: options.deflate, maxPayload: NO_LIMIT });
  sockets.on('connection', (socket) => {
    socket.on('error', (error) => console.log(`error: ${error.message}`));
    socket.on('message', (data, isBinary) => {
      const command = isBinary || data.length > 1000 ? '' : data.toString();
      if (command.startsWith(options.cutsCommand)) {
        const payload = Buffer.from(command.slice(options.cutsCommand.length));
        for (const pieces of cuts(payload)) sendPieces(socket, pieces, false, true);
      } else if (command === options.closeCommand) {
        socket.close(options.closeCode, options.closeReason);
      } else {
        socket.send(data, { binary: isBinary });
      }
    });
  });
  web.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${web.address().port}`));
  process.on('SIGTERM', () => process.exit(0));
}

async function client() {
  const socket = new WebSocket(options.url, {
    perMessageDeflate: options.deflate,
    maxPayload: NO_LIMIT,
    ca: options.ca && fs.readFileSync(options.ca),
  });
  const messages = [];
  let wake = () => {};
  let pongs = 0;
  let agreed = '';
  socket.on('upgrade', (response) => (agreed = response.headers['sec-websocket-extensions'] || ''));
  socket.on('message', (data, isBinary) => (messages.push({ data, isBinary }), wake()));
  socket.on('pong', () => pongs++);
  const ended = new Promise((resolve, reject) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    socket.on('error', reject);
  });
  ended.then(() => wake(), () => wake());

  const receive = async () => {
    while (messages.length === 0) {
      if (socket.readyState > WebSocket.OPEN) throw new Error(`closed early: ${JSON.stringify(await ended)}`);
      await new Promise((resolve) => (wake = resolve));
    }
    return messages.shift();
  };
  const expectEcho = async (payload, isBinary, what) => {
    const echo = await receive();
    assert.strictEqual(echo.isBinary, isBinary, `${what}: binary or text?`);
    assert.ok(payload.equals(echo.data), `${what}: the echo differs (${payload.length}, ${echo.data.length})`);
  };

  await Promise.race([new Promise((resolve) => socket.once('open', resolve)), ended]);
  console.log(`negotiated: ${agreed}`);
  for (const size of options.sizes) {
    for (const isBinary of [true, false]) {
      const payload = isBinary ? binary(size) : text(size);
      socket.send(payload, { binary: isBinary });
      await expectEcho(payload, isBinary, `${size} bytes ${isBinary ? 'binary' : 'text'}`);
    }
  }
  const payload = Buffer.from(options.cutText);
  let pings = 0;
  for (const pieces of cuts(payload)) {
    sendPieces(socket, pieces, false, true);
    pings += pieces.length - 1;
    await expectEcho(payload, false, `cut as ${pieces.map((piece) => piece.length)}`);
  }
  assert.strictEqual(pongs, pings, 'every ping between frames is answered before the message');
  socket.close(1000, 'done');
  const { code } = await ended;
  assert.strictEqual(code, 1000, 'close code');
}

if (process.argv[2] === 'server') {
  server();
} else {
  client().then(
    () => process.exit(0),
    (error) => (console.error(error.message), process.exit(1)),
  );
}
