// One JSON file per agent and case, its members named as in Autobahn's.
#include <cmath>
#include <map>

#include "report/case_json.hpp"
#include "report/files.hpp"
#include "report/json.hpp"
#include "report/outcome.hpp"
#include "report/report.hpp"

namespace wstest {

namespace {

double toMicroseconds(double milliseconds) { return std::round(milliseconds * 1000) / 1000; }

std::string withEllipsis(std::string text, const WireEntry& entry) {
  return entry.data.size() < entry.size ? text + " ..." : text;
}

/// Text as it is, other payloads as "0x…".
std::string payloadText(const WireEntry& entry) {
  std::string_view text = entry.data;
  // The excerpt may end within a character.
  std::size_t whole = 0;
  while (const std::size_t size = characterSize(text.substr(whole))) whole += size;
  const bool isText = whole == text.size() || (text.size() < entry.size && text.size() - whole < 4);
  return withEllipsis(isText ? std::string(text.substr(0, whole)) : "0x" + hex(text), entry);
}

std::string maskKeyText(std::uint32_t key) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(key >> shift & 0xFF);
  return hex(bytes);
}

/// ["RO"|"TO", [size, hex], …], ["RF"|"TF", [size, text], opcode, FIN, RSV, …]: as Autobahn has them, our
/// time (ms) last.
template <typename Out>
void putEntry(Out& out, const WireEntry& entry) {
  using Kind = WireEntry::Kind;
  const auto key = entry.isMasked ? std::optional(maskKeyText(entry.maskKey)) : std::nullopt;
  const double time = toMicroseconds(entry.milliseconds);
  out.beginArray();
  switch (entry.kind) {
    case Kind::note:
      out.value("NOTE");
      out.value(entry.data);
      break;
    case Kind::sentBytes:
      out.value("TO");
      out.tuple(entry.size, withEllipsis(hex(entry.data), entry));
      out.value(false);  // sync
      break;
    case Kind::receivedBytes:
      out.value("RO");
      out.tuple(entry.size, withEllipsis(hex(entry.data), entry));
      break;
    case Kind::sentFrame:
      out.value("TF");
      out.tuple(entry.size, payloadText(entry));
      out.value(entry.opcode);
      out.value(entry.fin);
      out.value(entry.rsv);
      out.value(key);
      out.value(nullptr);  // repeated payload
      out.value(nullptr);  // chop size
      out.value(false);    // sync
      break;
    case Kind::receivedFrame:
      out.value("RF");
      out.tuple(entry.size, payloadText(entry));
      out.value(entry.opcode);
      out.value(entry.fin);
      out.value(entry.rsv);
      out.value(entry.isMasked);
      out.value(key);
      break;
  }
  out.value(time);
  out.endArray();
}

template <typename Out>
void putCounts(Out& out, std::string_view name, const std::map<std::uint64_t, std::uint64_t>& counts) {
  out.key(name);
  out.beginObject();
  for (const auto& [what, howOften] : counts) out.member(std::to_string(what), howOften);
  out.endObject();
}

template <typename Out>
void putCase(Out& out, const CaseResult& result) {
  out.member("id", result.id);
  const Case* testCase = caseOf(result.id);
  if (testCase == nullptr) return;
  out.member("case", testCase - allCases().data() + 1);
  out.member("description", testCase->description);
  out.member("expectation", testCase->expectation);
  out.member("section", testCase->section);
  out.member("strictness", name(testCase->strictness));
  out.member("reportTime", testCase->isTimed);
}

template <typename Out>
void putClosing(Out& out, const ClosingFacts& closing) {
  const auto unlessEmpty = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  out.member("closedByMe", closing.closedByMe);
  out.member("failedByMe", closing.failedByMe);
  out.member("droppedByMe", closing.droppedByMe);
  out.member("wasClean", closing.wasClean);
  out.member("wasNotCleanReason", unlessEmpty(closing.wasNotCleanReason));
  out.member("localCloseCode", closing.localCloseCode);
  out.member("localCloseReason", unlessEmpty(closing.localCloseReason));
  out.member("remoteCloseCode", closing.remoteCloseCode);
  out.member("remoteCloseReason", unlessEmpty(closing.remoteCloseReason));
}

template <typename Out>
void putWire(Out& out, const WireLog& wire) {
  putCounts(out, "rxOctetStats", wire.receivedOctets);
  putCounts(out, "rxFrameStats", wire.receivedFrames);
  putCounts(out, "txOctetStats", wire.sentOctets);
  putCounts(out, "txFrameStats", wire.sentFrames);
  out.key("wirelog");
  out.beginArray();
  for (const WireEntry& entry : wire.entries()) putEntry(out, entry);
  out.endArray();
}

}  // namespace

std::string toJson(const CaseResult& result) {
  return prettyJson([&](auto out) {
    out.beginObject();
    putCase(out, result);
    out.member("agent", result.agent);
    out.member("started", result.started);
    out.member("duration", result.duration);
    out.member("behavior", name(result.verdict.behavior));
    out.member("behaviorClose", name(result.verdict.behaviorClose));
    out.member("result", result.verdict.result);
    out.member("resultClose", result.verdict.resultClose);
    out.member("expected", result.expected);
    out.member("expectedClose", nullptr);
    out.member("received", result.received);
    putClosing(out, result.closing);
    out.member("isServer", result.isServer);
    out.member("tls", result.tls);
    out.member("httpRequest", result.httpRequest);
    out.member("httpResponse", result.httpResponse);
    putWire(out, result.wire);
    out.endObject();
  });
}

void writeCaseJson(const CaseResult& result, const std::string& outdir) {
  writeFile(outdir + "/" + reportFilename(result.agent, result.id, "json"), toJson(result));
}

}  // namespace wstest
