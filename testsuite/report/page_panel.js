"use strict";
// The panel: everything about one case and one agent. Stands before page.js in the page, and uses its
// helpers; text is only ever set as text here as well.

function heading(text, ...children) {
  return children.some((child) => child) ? [make("h3", {}, text), ...children.filter((child) => child)] : [];
}

function word(outcome, text) {
  return make("span", { className: `word ${outcome}` },
    make("span", { className: "sign", "aria-hidden": "true" }, OUTCOMES[outcome.split(" ")[0]].sign), text);
}

function sectionLink(section) {
  const found = /RFC (\d+), (?:section )?(\d+(?:\.\d+)*)/i.exec(section);
  if (found === null) return section;
  const href = `https://www.rfc-editor.org/rfc/rfc${found[1]}#section-${found[2]}`;
  return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, section);
}

function facts(pairs) {
  const list = make("dl");
  for (const [name, value] of pairs) {
    if (value) list.append(make("dt", {}, name), make("dd", {}, value));
  }
  return list.childElementCount > 0 ? list : null;
}

function closeOutcome(result) {
  if (["FAILED", "WRONG CODE", "UNCLEAN"].includes(result.c)) return result.o === "info" ? "info" : "failed";
  return { OK: "ok", "FAILED BY CLIENT": "loose", UNIMPLEMENTED: "none" }[result.c] ?? "info";
}

function verdictPart(each, result) {
  const soft = each.strictness === "required" ? "" : " soft";
  const behavior = { OK: "ok", "NON-STRICT": "loose", UNIMPLEMENTED: "none", FAILED: result.o }[result.b] ?? "info";
  return make("div", { className: "verdict" },
    word(behavior + soft, result.b), make("p", {}, result.more?.why ?? ""),
    word(closeOutcome(result) + soft, `closing: ${result.c}`), make("p", {}, result.more?.whyClose ?? ""));
}

function closingPart(closing, result) {
  const code = (number, reason) => (number === null ? "none" : `${number}${reason ? ` “${reason}”` : ""}`);
  const who = closing.failedByMe ? "wstest failed the connection" :
    closing.byMe ? "wstest closed first" : closing.remoteCode === null ? "nobody sent a Close first" : "the peer closed first";
  return facts([["Who", who], ["Close from peer", code(closing.remoteCode ?? result.code, closing.remoteReason)],
    ["Close from wstest", code(closing.localCode, closing.localReason)],
    ["Clean", closing.clean ? "yes" : `no${closing.why ? `: ${closing.why}` : ""}`],
    ["TCP", closing.droppedByMe ? "ended by wstest" : "ended by the peer"]]);
}

function flagsOf([, , , , , , , fin, rsv, key], isOdd) {
  const flags = [fin ? "FIN" : "no FIN"];
  if (rsv & 4) flags.push("RSV1");
  if (rsv & 2) flags.push("RSV2");
  if (rsv & 1) flags.push("RSV3");
  flags.push(key === null ? "unmasked" : `mask ${key.toString(16).padStart(8, "0")}`);
  return flags.map((flag) => make("span", { className: isOdd(flag) ? "flag odd" : "flag" }, flag));
}

/** Pairs of digits apart, as hex dumps have them. */
const hexDump = (digits) => digits.replace(/../g, "$& ").trim();

function payloadOf([, , text, isHex, , isCut]) {
  if (text === "") return null;
  return make("code", { className: isHex ? "hex" : "" }, (isHex ? hexDump(text) : text) + (isCut ? " …" : ""));
}

function wireRow(entry, isServer) {
  const [kind, ms, text, , size] = entry;
  if (kind === "gap") return make("li", { className: "remark" }, make("time"), make("span", {}, `… ${plural(ms, "entry").replace("entrys", "entries")} left out in this page …`));
  const time = make("time", {}, ms.toFixed(ms < 1000 ? 1 : 0));
  if (kind === "n") return make("li", { className: "remark" }, time, make("span", {}, text));
  const isSent = kind === "s" || kind === "S";
  const side = make("span", {}, isSent ? "→ sent" : "← received");
  const bytes = make("span", { className: "size" }, plural(size, "byte"));
  if (kind === "s" || kind === "r") {
    return make("li", { className: `octets ${isSent ? "sent" : "received"}` }, time,
      make("div", { className: "frame" }, side, make("b", {}, "octets"), bytes), payloadOf(entry));
  }
  // RFC 6455, 5.1: clients mask, servers do not.
  const wrongMask = isSent === isServer ? "mask" : "unmasked";
  const name = OPCODES[entry[6]] ?? `RESERVED ${entry[6]}`;
  return make("li", { className: isSent ? "sent" : "received" }, time,
    make("div", { className: "frame" }, side, make("b", {}, name), ...flagsOf(entry, (flag) => flag.startsWith(wrongMask)), bytes),
    payloadOf(entry));
}

function wirePart(more) {
  if (more.wire.length === 0) return null;
  const list = make("ol", { className: "wire" }, ...more.wire.map((entry) => wireRow(entry, more.isServer)));
  const octets = list.querySelectorAll(".octets");
  const hasFrames = more.wire.some(([kind]) => kind === "S" || kind === "R");
  const show = (isShown) => octets.forEach((row) => { row.hidden = !isShown; });
  show(!hasFrames);
  if (octets.length === 0 || !hasFrames) return list;
  const box = make("input", { type: "checkbox", onchange: (event) => show(event.target.checked) });
  return make("div", {}, make("label", { className: "switch" }, box, "Raw octets of each read and write too"), list);
}

function statsPart(more) {
  const table = (caption, lines) => make("table", {}, make("caption", {}, caption),
    ...(lines.length > 0 ? lines : [["none", ""]]).map(([name, value]) => make("tr", {}, make("td", {}, name), make("td", {}, value))));
  const frames = (counts) => counts.map(([code, count]) => [OPCODES[code] ?? `RESERVED ${code}`, count.toLocaleString("en")]);
  const octets = ({ n, sum, top }, what) => [["octets", sum.toLocaleString("en")], [what, n.toLocaleString("en")],
    ...top.map(([size, count]) => [`of ${plural(size, "octet")}`, `${count.toLocaleString("en")} ×`])];
  return make("div", { className: "stats" },
    table("Frames sent", frames(more.sentFrames)), table("Frames received", frames(more.receivedFrames)),
    table("Octets sent", octets(more.sentOctets, "writes")), table("Octets received", octets(more.receivedOctets, "reads")));
}

function fileLink(file) {
  if (!/^\w[\w-]*(\.\w+)+$/.test(file)) return null;
  return make("p", { className: "note" }, "Everything, with the whole wire log as it was kept: ", make("a", { href: `./${file}` }, file));
}

const httpHead = (text) => (text ? make("pre", {}, text.trimEnd()) : null);

function detailParts(more, result) {
  return [
    ...heading("Expected and received", facts([["Expected", more.expected], ["Received", more.received]])),
    ...heading("Closing", closingPart(more.closing, result)),
    ...heading("Opening handshake", more.tls ? make("p", { className: "note" }, more.tls) : null,
      httpHead(more.request), httpHead(more.response)),
    ...heading("Wire log (ms)", wirePart(more)),
    ...heading("Statistics", statsPart(more)),
  ];
}

function renderPanel() {
  const panel = byId("panel");
  panel.hidden = current === null;
  document.body.classList.toggle("split", current !== null);
  markCurrent();
  if (current === null) return;
  const { each, agent } = current;
  const result = agent.results.get(each.id);
  const { more } = result;
  const button = (text, label, onclick) => make("button", { type: "button", title: label, "aria-label": label, onclick }, text);
  panel.replaceChildren(
    make("div", { className: "top" }, make("h2", { title: agent.name }, `${each.id} `, make("span", {}, agent.name)),
      button("↑", "Previous case (k)", () => step(-1)), button("↓", "Next case (j)", () => step(1)),
      button("✕", "Close (Esc)", () => close())),
    make("div", { className: "content" },
      make("p", { className: "lead" }, each.description), verdictPart(each, result),
      ...heading("Expectation", each.expectation ? make("p", {}, each.expectation) : null),
      facts([["Section", sectionLink(each.section)], ["Strictness", each.strictness], ["Group", titleOf(each.sub ?? each.group)],
        ["Duration", duration(result.d)], ["Started", more?.started ? moment(more.started) : ""]]),
      ...(more ? detailParts(more, result) : [make("p", { className: "note" }, "From an earlier run: this page has the verdict only.")]),
      fileLink(result.file)));
  panel.scrollTop = 0;
}
