#include "report/page_data.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "report/json.hpp"
#include "report/outcome.hpp"
#include "report/wire_excerpt.hpp"

namespace wstest {

namespace {

using Counts = std::map<std::uint64_t, std::uint64_t>;

/// In characters.
constexpr std::size_t kLongestText = 2000;
constexpr std::size_t kLongestHead = 4000;

/// How much of the wire logs goes into the page: with few results nearly all, with thousands enough to see
/// the point.
struct Limits {
  ExcerptLimits good, other;
};

Limits limitsFor(const Results::Agents& agents) {
  std::size_t good = 0;
  std::size_t other = 0;
  for (const auto& [agent, cases] : agents) {
    for (const auto& [id, result] : cases) ++(outcomeOf(result) == Outcome::ok ? good : other);
  }
  constexpr std::size_t kMany = 1000;
  Limits limits;
  limits.good = {std::clamp<std::size_t>(40'000 / std::max<std::size_t>(good, 1), 8, 40),
                 good > kMany ? 48u : 96u, false};
  limits.other = {std::clamp<std::size_t>(60'000 / std::max<std::size_t>(other, 1), 12, 240),
                  other > kMany ? 96u : WireLog::kExcerpt, true};
  return limits;
}

template <typename Out>
void putText(Out& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.member(name, shortened(printable(text), kLongestText));
}

/// {"n": how many, "sum": of the values, "top": the most frequent values and how often each}
template <typename Out>
void putOctets(Out& out, std::string_view name, const Counts& counts) {
  std::uint64_t calls = 0;
  std::uint64_t sum = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> top(counts.begin(), counts.end());
  for (const auto& [size, howOften] : counts) {
    calls += howOften;
    sum += size * howOften;
  }
  std::ranges::stable_sort(top, std::ranges::greater(), [](const auto& row) { return row.second; });
  if (top.size() > 8) top.resize(8);
  out.key(name);
  out.beginObject();
  out.member("n", calls);
  out.member("sum", sum);
  out.key("top");
  out.beginArray();
  for (const auto& [size, howOften] : top) out.tuple(size, howOften);
  out.endArray();
  out.endObject();
}

template <typename Out>
void putFrames(Out& out, std::string_view name, const Counts& counts) {
  out.key(name);
  out.beginArray();
  for (const auto& [code, howOften] : counts) out.tuple(code, howOften);
  out.endArray();
}

std::string_view letterOf(WireEntry::Kind kind) {
  switch (kind) {
    case WireEntry::Kind::sentBytes:
      return "s";
    case WireEntry::Kind::receivedBytes:
      return "r";
    case WireEntry::Kind::sentFrame:
      return "S";
    case WireEntry::Kind::receivedFrame:
      return "R";
    case WireEntry::Kind::note:
      return "n";
  }
  return "";
}

/// [letter, ms, text, 1 when hex, size, 1 when cut, opcode, FIN, RSV, mask key or null]
template <typename Out>
void putEntry(Out& out, const WireEntry& entry, std::size_t limit) {
  const ShownPayload payload = shownPayload(entry, limit);
  const bool isCut = std::min(limit, entry.data.size()) < entry.size;
  out.beginArray();
  out.value(letterOf(entry.kind));
  out.value(entry.milliseconds);
  out.value(payload.text);
  if (entry.kind != WireEntry::Kind::note) {
    out.value(payload.isHex ? 1 : 0);
    out.value(entry.size);
    out.value(isCut ? 1 : 0);
  }
  if (entry.kind == WireEntry::Kind::sentFrame || entry.kind == WireEntry::Kind::receivedFrame) {
    out.value(entry.opcode);
    out.value(entry.fin ? 1 : 0);
    out.value(entry.rsv);
    out.value(entry.isMasked ? std::optional(entry.maskKey) : std::nullopt);
  }
  out.endArray();
}

template <typename Out>
void putWire(Out& out, const WireLog& wire, const ExcerptLimits& limits) {
  const WireExcerpt excerpt = excerptOf(wire, limits);
  out.key("wire");
  out.beginArray();
  for (std::size_t i = 0; i < excerpt.entries.size(); ++i) {
    if (excerpt.leftOut > 0 && i == excerpt.gapAt) out.tuple("gap", excerpt.leftOut);
    putEntry(out, excerpt.entries[i], limits.bytes);
  }
  out.endArray();
}

template <typename Out>
void putClosing(Out& out, const ClosingFacts& closing) {
  out.key("closing");
  out.beginObject();
  out.member("byMe", closing.closedByMe);
  out.member("failedByMe", closing.failedByMe);
  out.member("droppedByMe", closing.droppedByMe);
  out.member("clean", closing.wasClean);
  putText(out, "why", closing.wasNotCleanReason);
  out.member("localCode", closing.localCloseCode);
  putText(out, "localReason", closing.localCloseReason);
  out.member("remoteCode", closing.remoteCloseCode);
  putText(out, "remoteReason", closing.remoteCloseReason);
  out.endObject();
}

template <typename Out>
void putDetails(Out& out, const CaseResult& result, const Limits& limits) {
  out.key("more");
  out.beginObject();
  putText(out, "started", result.started);
  putText(out, "why", result.verdict.result);
  putText(out, "whyClose", result.verdict.resultClose);
  putText(out, "expected", result.expected);
  putText(out, "received", result.received);
  putText(out, "tls", result.tls);
  out.member("isServer", result.isServer);
  out.member("request", shortened(printableLines(result.httpRequest), kLongestHead));
  out.member("response", shortened(printableLines(result.httpResponse), kLongestHead));
  putClosing(out, result.closing);
  putOctets(out, "sentOctets", result.wire.sentOctets);
  putOctets(out, "receivedOctets", result.wire.receivedOctets);
  putFrames(out, "sentFrames", result.wire.sentFrames);
  putFrames(out, "receivedFrames", result.wire.receivedFrames);
  putWire(out, result.wire, outcomeOf(result) == Outcome::ok ? limits.good : limits.other);
  out.endObject();
}

/// By case ID. Agents of the index have names in UTF-8, those of results any bytes.
std::map<std::string, const CaseResult*> resultsOf(const Results::Agents& agents, const std::string& agent) {
  std::map<std::string, const CaseResult*> results;
  for (const auto& [each, cases] : agents) {
    if (validUtf8(each) != agent) continue;
    for (const auto& [id, result] : cases) results[id.text()] = &result;
  }
  return results;
}

/// The page's word for it.
std::string_view outcomeWord(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::nonStrict:
      return "loose";
    case Outcome::informational:
      return "info";
    case Outcome::unimplemented:
      return "none";
    case Outcome::failed:
      return "failed";
  }
  return "";
}

/// Of an index that others wrote, maybe, with verdicts and cases that are not ours.
Outcome outcomeOf(const std::string& id, const IndexEntry& entry) {
  const auto behavior = behaviorOf(entry.behavior);
  const auto behaviorClose = closeBehaviorOf(entry.behaviorClose);
  if (!behavior || !behaviorClose) return Outcome::informational;
  return outcomeOf(*behavior, *behaviorClose, strictnessOf(id));
}

template <typename Out>
void putAgent(Out& out, const std::string& agent, const std::map<std::string, IndexEntry>& entries,
              const Results::Agents& agents, const Limits& limits) {
  const auto results = resultsOf(agents, agent);
  out.beginObject();
  out.member("name", shortened(printable(agent), 200));
  out.key("results");
  out.beginObject();
  for (const auto& [id, entry] : entries) {
    out.key(printable(id));
    out.beginObject();
    out.member("o", outcomeWord(outcomeOf(id, entry)));
    out.member("b", entry.behavior);
    out.member("c", entry.behaviorClose);
    out.member("d", entry.duration);
    out.member("code", entry.remoteCloseCode);
    out.member("file", entry.reportfile);
    if (const auto found = results.find(id); found != results.end()) putDetails(out, *found->second, limits);
    out.endObject();
  }
  out.endObject();
  out.endObject();
}

template <typename Out>
void putCase(Out& out, const std::string& id, const Case* testCase) {
  out.beginObject();
  out.member("id", id);
  if (testCase != nullptr) {
    out.member("description", testCase->description);
    out.member("expectation", testCase->expectation);
    out.member("section", testCase->section);
    out.member("strictness", name(testCase->strictness));
  }
  out.endObject();
}

/// Those with a result: ours in order, then what others call cases.
template <typename Out>
void putCases(Out& out, const IndexEntries& index) {
  std::set<std::string> ids;
  for (const auto& [agent, entries] : index) {
    for (const auto& [id, entry] : entries) ids.insert(id);
  }
  out.key("cases");
  out.beginArray();
  for (const Case& each : allCases()) {
    if (ids.erase(each.id.text()) > 0) putCase(out, each.id.text(), &each);
  }
  for (const std::string& id : ids) putCase(out, printable(id), nullptr);
  out.endArray();
}

template <typename Out>
void putGroups(Out& out) {
  out.key("groups");
  out.beginObject();
  for (const Group& group : allGroups()) out.member(group.id.text(), group.title);
  out.endObject();
}

/// In JSON these letters stand in strings only. Without them no payload can end the <script> or begin a
/// comment in it.
std::string withoutMarkup(const std::string& json) {
  std::string out;
  out.reserve(json.size() + json.size() / 50);
  for (const char each : json) {
    switch (each) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += each;
    }
  }
  return out;
}

}  // namespace

std::string pageData(const IndexEntries& index, const Results::Agents& agents, const std::string& written) {
  const Limits limits = limitsFor(agents);
  return withoutMarkup(compactJson([&](auto out) {
    out.beginObject();
    out.member("written", written);
    putGroups(out);
    putCases(out, index);
    out.key("agents");
    out.beginArray();
    for (const auto& [agent, entries] : index) putAgent(out, agent, entries, agents, limits);
    out.endArray();
    out.endObject();
  }));
}

}  // namespace wstest
