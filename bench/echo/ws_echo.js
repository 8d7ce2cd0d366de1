'use strict';
// An echo server on npm's `ws`, for bench/echo/run.py; permessage-deflate where it is offered.
//   node ws_echo.js [--port P] …

const path = require('path');
const { WebSocketServer } = require(path.join(__dirname, '../../testsuite/interop/node_modules/ws'));

const server = new WebSocketServer(
  { host: '127.0.0.1', port: 0, perMessageDeflate: { threshold: 0 }, maxPayload: 64 << 20 },
  () => console.log(`listening on ws://127.0.0.1:${server.address().port}`),
);
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
