// How the C++ clients walk through the cases of `wstest fuzzingserver`.
#pragma once

#include <exception>
#include <iostream>
#include <string>

namespace foreign {

/// Bytes of a message, as for all peers.
constexpr std::size_t kLimit = std::size_t{64} << 20;

/// The value of a member of a flat JSON object whose strings need no unescaping; "" without it.
inline std::string member(const std::string& json, const std::string& name) {
  const std::string key = "\"" + name + "\": \"";
  const auto begin = json.find(key);
  if (begin == std::string::npos) return "";
  const auto end = json.find('"', begin + key.size());
  return json.substr(begin + key.size(), end - begin - key.size());
}

/// `visit(url, isEchoing)` stays until the connection has ended, and gives the last message. What it throws
/// is for the harness to judge. `agent` goes into URLs as it is.
template <class Visit>
void walk(const std::string& url, const std::string& agent, Visit visit) {
  const std::string query = "agent=" + agent;
  const int count = std::stoi(visit(url + "/getCaseCount", false));
  for (int number = 1; number <= count; ++number) {
    const std::string which = "case=" + std::to_string(number) + "&" + query;
    const std::string info = visit(url + "/getCaseInfo?" + which, false);
    const std::string elsewhere = member(info, "url");
    try {
      visit(elsewhere.empty() ? url + "/runCase?" + which : elsewhere, true);
    } catch (const std::exception& error) {
      std::cout << member(info, "id") << ": " << error.what() << std::endl;
    }
  }
  visit(url + "/updateReports?" + query + "&shutdownOnComplete=true", false);
}

/// "wss://host:port/path?query" in parts.
struct Place {
  std::string host, port, resource;
};
inline Place placeOf(const std::string& url) {
  const auto host = url.find("://") + 3;
  const auto slash = url.find('/', host);
  const auto colon = url.rfind(':', slash);
  return {url.substr(host, colon - host), url.substr(colon + 1, slash - colon - 1), url.substr(slash)};
}

}  // namespace foreign
