// What the pages share: joining a realm as the address says (?url=ws://…&realm=…) and showing what happens, in #log,
// and in #status: "connecting", "open", "done" or "closed REASON".
"use strict";
const parameters = new URLSearchParams(location.search);

function show(...words) {
  const line = document.createElement("div");
  line.textContent = words.join(" ");  // never innerHTML: what others write is not ours to run
  document.getElementById("log").append(line);
}

function joinRealm(onOpen) {
  const status = text => { document.getElementById("status").textContent = text; };
  const connection = new autobahn.Connection({
    url: parameters.get("url") || `ws://${location.hostname || "127.0.0.1"}:8080/ws`,
    realm: parameters.get("realm") || "realm1",
  });
  connection.onopen = async (session, details) => {
    status("open");
    try {
      await onOpen(session, details);
      status("done");
    } catch (error) {
      show("failed:", error.error || error, ...(error.args || []));
    }
  };
  connection.onclose = reason => { status(`closed ${reason}`); };
  connection.open();
}
