"use strict";
const byId = id => document.getElementById(id);
const name = new URLSearchParams(location.search).get("name") || "anonymous";
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const socket = new WebSocket(`${scheme}//${location.host}/chat`);

function show(text) {
  const line = document.createElement("div");
  line.textContent = text;  // never innerHTML: what others write is not ours to run
  byId("log").append(line);
  line.scrollIntoView();
}

socket.onopen = () => {
  byId("status").textContent = "open";
  byId("extensions").textContent = socket.extensions && `(${socket.extensions})`;
};
socket.onmessage = event => show(event.data);
socket.onclose = event => { byId("status").textContent = `closed ${event.code}`; };

byId("form").addEventListener("submit", event => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN || !byId("text").value) return;
  socket.send(`${name}: ${byId("text").value}`);
  byId("text").value = "";
});
