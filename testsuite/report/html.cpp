// The page for people: page.html with its style, its script and the data put in.
#include <ctime>
#include <random>
#include <stdexcept>

#include "cases/printable.hpp"
#include "report/case_json.hpp"
#include "report/files.hpp"
#include "report/page.hpp"
#include "report/page_data.hpp"

namespace wstest {

namespace {

/// The page's security policy runs scripts with this number only: whatever a peer managed to smuggle in stays
/// text.
std::string randomNonce() {
  std::random_device random;
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes += static_cast<char>(random() & 0xFF);
  return hex(bytes);
}

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string_view contentOf(std::string_view placeholder, std::string_view nonce, std::string_view data) {
  if (placeholder == "nonce") return nonce;
  if (placeholder == "style") return page::css;
  if (placeholder == "panel") return page::panel;
  if (placeholder == "script") return page::js;
  if (placeholder == "data") return data;
  throw std::logic_error("page.html has an unknown placeholder");
}

/// Replaces {{name}} in page.html; once through, so that nothing is replaced within what was put in.
std::string fillPage(std::string_view data) {
  const std::string nonce = randomNonce();
  std::string out;
  std::string_view rest = page::html;
  for (std::size_t begin = rest.find("{{"); begin != std::string_view::npos; begin = rest.find("{{")) {
    const std::size_t end = rest.find("}}", begin);
    out += rest.substr(0, begin);
    out += contentOf(rest.substr(begin + 2, end - begin - 2), nonce, data);
    rest.remove_prefix(end + 2);
  }
  return out += rest;
}

}  // namespace

void writeHtml(const Results::Agents& agents, const std::string& outdir) {
  const IndexEntries index = merge(loadIndexOf(outdir), agents);
  writeFile(outdir + "/index.html", fillPage(pageData(index, agents, now())));
}

void writeReports(const Results::Agents& agents, const std::string& outdir) {
  const IndexEntries index = merge(loadIndexOf(outdir), agents);
  for (const auto& [agent, cases] : agents) {
    const auto& entries = index.at(validUtf8(agent));
    for (const auto& [id, result] : cases) {
      writeFile(outdir + "/" + entries.at(id.text()).reportfile, toJson(result));
    }
  }
  // Last, so that it names only files that are there.
  writeFile(outdir + "/index.json", toJson(index));
  writeHtml(agents, outdir);
}

}  // namespace wstest
