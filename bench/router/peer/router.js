// The npm router fox-wamp with one realm on a free port of 127.0.0.1. It ends when a client leaves, for it writes to
// connections that are gone: run.py starts it anew for each measurement.
const Router = require("fox-wamp");

const router = new Router();
router.getRealm("realm1", () => {
  const server = router.listenWAMP({ port: 0, host: "127.0.0.1" });
  server.on("listening", () => console.error(`listening on ws://127.0.0.1:${server.address().port}/ws`));
});
