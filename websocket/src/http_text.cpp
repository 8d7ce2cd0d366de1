#include "http_text.hpp"

#include <algorithm>
#include <array>
#include <autobahn/websocket/http.hpp>

namespace autobahn::inline v0::websocket::http {
namespace {

constexpr bool isAlphaNumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr bool isTokenCharacter(char c) {
  return isAlphaNumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool isTarget(std::string_view target) {
  return !target.empty() &&
         std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

bool isToken(std::string_view text) { return !text.empty() && std::ranges::all_of(text, isTokenCharacter); }

bool isFieldValue(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

std::vector<std::string_view> splitList(std::string_view value) {
  std::vector<std::string_view> members;
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view member = trim(value.substr(0, comma));
    if (!member.empty()) members.push_back(member);
    if (comma == std::string_view::npos) return members;
    value.remove_prefix(comma + 1);
  }
}

std::vector<std::pair<std::string, std::string>> parseQuery(std::string_view query) {
  const auto decode = [](std::string_view part) {
    std::string text(part);
    std::ranges::replace(text, '+', ' ');
    return percentDecode(text).value_or(std::string(part));
  };
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    parameters.emplace_back(decode(part.substr(0, equals)),
                            decode(part.substr(std::min(equals + 1, part.size()))));
  }
  return parameters;
}

std::string_view reasonPhrase(int status) {
  struct Phrase {
    int status;
    std::string_view phrase;
  };
  // RFC 9110 section 15, RFC 6585.
  static constexpr std::array kPhrases = {Phrase{100, "Continue"},
                                          Phrase{101, "Switching Protocols"},
                                          Phrase{200, "OK"},
                                          Phrase{201, "Created"},
                                          Phrase{202, "Accepted"},
                                          Phrase{203, "Non-Authoritative Information"},
                                          Phrase{204, "No Content"},
                                          Phrase{205, "Reset Content"},
                                          Phrase{206, "Partial Content"},
                                          Phrase{300, "Multiple Choices"},
                                          Phrase{301, "Moved Permanently"},
                                          Phrase{302, "Found"},
                                          Phrase{303, "See Other"},
                                          Phrase{304, "Not Modified"},
                                          Phrase{307, "Temporary Redirect"},
                                          Phrase{308, "Permanent Redirect"},
                                          Phrase{400, "Bad Request"},
                                          Phrase{401, "Unauthorized"},
                                          Phrase{402, "Payment Required"},
                                          Phrase{403, "Forbidden"},
                                          Phrase{404, "Not Found"},
                                          Phrase{405, "Method Not Allowed"},
                                          Phrase{406, "Not Acceptable"},
                                          Phrase{407, "Proxy Authentication Required"},
                                          Phrase{408, "Request Timeout"},
                                          Phrase{409, "Conflict"},
                                          Phrase{410, "Gone"},
                                          Phrase{411, "Length Required"},
                                          Phrase{412, "Precondition Failed"},
                                          Phrase{413, "Content Too Large"},
                                          Phrase{414, "URI Too Long"},
                                          Phrase{415, "Unsupported Media Type"},
                                          Phrase{416, "Range Not Satisfiable"},
                                          Phrase{417, "Expectation Failed"},
                                          Phrase{421, "Misdirected Request"},
                                          Phrase{422, "Unprocessable Content"},
                                          Phrase{426, "Upgrade Required"},
                                          Phrase{428, "Precondition Required"},
                                          Phrase{429, "Too Many Requests"},
                                          Phrase{431, "Request Header Fields Too Large"},
                                          Phrase{451, "Unavailable For Legal Reasons"},
                                          Phrase{500, "Internal Server Error"},
                                          Phrase{501, "Not Implemented"},
                                          Phrase{502, "Bad Gateway"},
                                          Phrase{503, "Service Unavailable"},
                                          Phrase{504, "Gateway Timeout"},
                                          Phrase{505, "HTTP Version Not Supported"},
                                          Phrase{511, "Network Authentication Required"}};
  const auto* found = std::ranges::find(kPhrases, status, &Phrase::status);
  return found == kPhrases.end() ? std::string_view{} : found->phrase;
}

}  // namespace autobahn::inline v0::websocket::http
