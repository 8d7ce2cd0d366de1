'use strict';
// npm's `ws` as an echo server and as a client that walks through the cases.
//   node node_ws.js server [CERTIFICATE KEY]
//   node node_ws.js client URL AGENT [CA]

const fs = require('fs');
const https = require('https');
const path = require('path');
const { WebSocket, WebSocketServer } = require(path.join(__dirname, '../interop/node_modules/ws'));

const LIMIT = 64 << 20; // bytes of a message, as for all peers
const CASE_TIMEOUT = 90000;

function echo(socket) {
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

function server(cert, key) {
  const options = { perMessageDeflate: true, maxPayload: LIMIT };
  const announce = (web) => console.log(`listening on 127.0.0.1:${web.address().port}`);
  if (!cert) {
    const sockets = new WebSocketServer({ ...options, host: '127.0.0.1', port: 0 }, () => announce(sockets));
    sockets.on('connection', echo);
    return;
  }
  // As the library's own server answers what is no WebSocket.
  const web = https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (request, response) =>
    response.writeHead(426, { 'Content-Type': 'text/plain' }).end('Upgrade Required'),
  );
  new WebSocketServer({ ...options, server: web }).on('connection', echo);
  web.listen(0, '127.0.0.1', () => announce(web));
}

async function client(url, agent, ca) {
  const visit = (to, isEchoing) =>
    new Promise((resolve) => {
      const socket = new WebSocket(to, {
        maxPayload: LIMIT,
        ca: ca && fs.readFileSync(ca),
        followRedirects: true,
      });
      const limit = setTimeout(() => socket.terminate(), CASE_TIMEOUT);
      let last = '';
      if (isEchoing) echo(socket);
      else socket.on('message', (data) => (last = data.toString()));
      socket.on('error', (error) => isEchoing && console.log(`${to}: ${error.message}`));
      socket.on('close', () => (clearTimeout(limit), resolve(last)));
    });
  const query = `agent=${encodeURIComponent(agent)}`;
  const count = Number(await visit(`${url}/getCaseCount`, false));
  for (let number = 1; number <= count; number++) {
    const info = JSON.parse(await visit(`${url}/getCaseInfo?case=${number}&${query}`, false));
    await visit(info.url || `${url}/runCase?case=${number}&${query}`, true);
  }
  await visit(`${url}/updateReports?${query}&shutdownOnComplete=true`, false);
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'server') server(...rest);
else client(...rest);
