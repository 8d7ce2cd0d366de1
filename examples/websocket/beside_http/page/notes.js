"use strict";
const byId = id => document.getElementById(id);

async function refresh() {
  const answer = await fetch("notes");
  byId("names").textContent = await answer.text();
}

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const socket = new WebSocket(`${scheme}//${location.host}/changes`);
socket.onopen = refresh;
socket.onmessage = event => {
  const item = document.createElement("li");
  item.textContent = event.data;
  byId("changes").append(item);
  refresh();
};

byId("save").onclick = () =>
  fetch(`notes/${encodeURIComponent(byId("name").value)}`, { method: "PUT", body: byId("note").value });
