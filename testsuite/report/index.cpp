#include "report/index.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <stdexcept>

#include "report/files.hpp"
#include "report/json.hpp"

namespace wstest {

namespace {

using Json = rapidjson::Value;

std::string textOf(const Json& value) { return {value.GetString(), value.GetStringLength()}; }

/// Empty when there is no such text.
std::string textIn(const Json& object, const char* member) {
  const auto found = object.FindMember(member);
  return found != object.MemberEnd() && found->value.IsString() ? textOf(found->value) : "";
}

std::optional<std::int64_t> numberIn(const Json& object, const char* member) {
  const auto found = object.FindMember(member);
  if (found == object.MemberEnd() || !found->value.IsInt64()) return {};
  return found->value.GetInt64();
}

IndexEntry entryOf(const Json& value) {
  return {textIn(value, "behavior"), textIn(value, "behaviorClose"), numberIn(value, "duration").value_or(0),
          numberIn(value, "remoteCloseCode"), textIn(value, "reportfile")};
}

std::string lowercaseAscii(std::string_view text) {
  std::string out(text);
  for (char& letter : out) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return out;
}

bool isSpace(char letter) { return letter == ' '; }

/// As Autobahn does it: other characters than a–z and 0–9 become _, those at the ends go.
std::string fileStem(std::string_view agent) {
  std::string stem = lowercaseAscii(agent);
  for (char& letter : stem) {
    const bool isKept = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    if (!isKept) letter = ' ';
  }
  stem.erase(std::find_if_not(stem.rbegin(), stem.rend(), isSpace).base(), stem.end());
  stem.erase(stem.begin(), std::find_if_not(stem.begin(), stem.end(), isSpace));
  std::ranges::replace(stem, ' ', '_');
  return stem;
}

/// FNV-1a: tells apart agents whose file names would be the same.
std::string fingerprint(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char each : text) hash = (hash ^ static_cast<std::uint8_t>(each)) * 16777619u;
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift & 0xFF);
  return hex(bytes);
}

std::string filenameOf(const std::string& stem, const std::string& caseId, const std::string& extension) {
  std::string numbers = caseId;
  std::ranges::replace(numbers, '.', '_');
  return stem + "_case_" + numbers + "." + extension;
}

/// A file name may have 255 bytes.
constexpr std::size_t kLongestStem = 150;

std::string stemOf(const std::string& agent, bool isShared) {
  std::string stem = fileStem(agent);
  if (!stem.empty() && stem.size() <= kLongestStem && !isShared) return stem;
  return stem.substr(0, kLongestStem) + "_" + fingerprint(agent);
}

std::size_t agentsWithStem(const IndexEntries& index, const std::string& stem) {
  return static_cast<std::size_t>(
      std::ranges::count_if(index, [&](const auto& each) { return fileStem(each.first) == stem; }));
}

}  // namespace

IndexEntries loadIndex(const std::string& file) {
  const std::string text = readFile(file);
  rapidjson::Document document;
  // Hostile nesting must not end us: iterative.
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError()) {
    throw std::runtime_error(file + " is no JSON, at byte " + std::to_string(document.GetErrorOffset()) +
                             ": " + rapidjson::GetParseError_En(document.GetParseError()));
  }
  const auto refuse = [&file] {
    throw std::runtime_error(file + " is no index of reports (agent → case → verdict)");
  };
  const Json& root = document;
  if (!root.IsObject()) refuse();
  IndexEntries index;
  for (const auto& agent : root.GetObject()) {
    if (!agent.value.IsObject()) refuse();
    auto& cases = index[textOf(agent.name)];
    for (const auto& each : agent.value.GetObject()) {
      if (!each.value.IsObject()) refuse();
      cases[textOf(each.name)] = entryOf(each.value);
    }
  }
  return index;
}

IndexEntries loadIndexOf(const std::string& outdir) {
  const std::string file = outdir + "/index.json";
  return isThere(file) ? loadIndex(file) : IndexEntries();
}

IndexEntries merge(IndexEntries kept, const Results::Agents& agents) {
  for (const auto& [agent, cases] : agents) kept[validUtf8(agent)];
  for (const auto& [agent, cases] : agents) {
    const std::string known = validUtf8(agent);
    const std::string stem = stemOf(known, agentsWithStem(kept, fileStem(known)) > 1);
    auto& entries = kept[known];
    for (const auto& [id, result] : cases) {
      entries[id.text()] = {std::string(name(result.verdict.behavior)),
                            std::string(name(result.verdict.behaviorClose)), result.duration,
                            result.closing.remoteCloseCode, filenameOf(stem, id.text(), "json")};
    }
  }
  return kept;
}

std::string toJson(const IndexEntries& index) {
  return prettyJson([&](auto out) {
    out.beginObject();
    for (const auto& [agent, cases] : index) {
      out.key(agent);
      out.beginObject();
      for (const auto& [id, entry] : cases) {
        out.key(id);
        out.beginObject();
        out.member("behavior", entry.behavior);
        out.member("behaviorClose", entry.behaviorClose);
        out.member("duration", entry.duration);
        out.member("remoteCloseCode", entry.remoteCloseCode);
        out.member("reportfile", entry.reportfile);
        out.endObject();
      }
      out.endObject();
    }
    out.endObject();
  });
}

std::string reportFilename(const std::string& agent, const std::string& caseId,
                           const std::string& extension) {
  return filenameOf(stemOf(validUtf8(agent), false), caseId, extension);
}

void writeIndexJson(const Results::Agents& agents, const std::string& outdir) {
  writeFile(outdir + "/index.json", toJson(merge(loadIndexOf(outdir), agents)));
}

Index readIndex(const std::string& file) {
  Index index;
  for (const auto& [agent, cases] : loadIndex(file)) {
    auto& verdicts = index[agent];
    for (const auto& [id, entry] : cases) {
      try {
        verdicts[parseCaseId(id)] = {entry.behavior, entry.behaviorClose};
      } catch (const std::invalid_argument& problem) {
        throw std::runtime_error(file + ": " + problem.what());
      }
    }
  }
  return index;
}

}  // namespace wstest
