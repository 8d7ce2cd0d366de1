#include <autobahn/websocket/http.hpp>
#include <stdexcept>

#include "http_text.hpp"

namespace autobahn::inline v0::websocket::http {
namespace {

void appendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void appendFields(std::string& out, const Headers& headers, std::size_t bodySize) {
  for (const auto& [name, value] : headers) {
    if (!isToken(name)) throw std::invalid_argument("header name is not a token");
    if (!isFieldValue(value)) throw std::invalid_argument("header " + name + " holds a control character");
    if (equalsIgnoreCase(name, "Transfer-Encoding")) {
      throw std::invalid_argument(
          "header Transfer-Encoding cannot be given: bodies are sent with Content-Length");
    }
    const bool isLength = equalsIgnoreCase(name, "Content-Length");
    if (isLength && bodySize != 0 && parseNumber(value) != bodySize) {
      throw std::invalid_argument("header Content-Length differs from the size of the body");
    }
    appendField(out, name, value);
  }
}

void checkMinorVersion(int version) {
  if (version != 0 && version != 1) throw std::invalid_argument("minorVersion is neither 0 nor 1");
}

void appendConnection(std::string& out, const Headers& headers, bool keepAlive, int minorVersion) {
  if (!keepAlive && !listContains(headers, "Connection", "close")) appendField(out, "Connection", "close");
  if (keepAlive && minorVersion == 0 && !headers.contains("Connection")) {
    appendField(out, "Connection", "keep-alive");
  }
}

}  // namespace

std::string serialize(const Request& request) {
  if (!isToken(request.method)) throw std::invalid_argument("request method is not a token");
  if (!isTarget(request.target)) {
    throw std::invalid_argument(
        "request target is empty or holds '#' or a character that is not visible ASCII");
  }
  checkMinorVersion(request.minorVersion);
  std::string out =
      request.method + ' ' + request.target + " HTTP/1." + std::to_string(request.minorVersion) + "\r\n";
  appendFields(out, request.headers, request.body.size());
  const bool expectsBody = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if ((expectsBody || !request.body.empty()) && !request.headers.contains("Content-Length")) {
    appendField(out, "Content-Length", std::to_string(request.body.size()));
  }
  appendConnection(out, request.headers, request.keepAlive, request.minorVersion);
  out += "\r\n";
  out += request.body;
  return out;
}

std::string serialize(const Response& response) {
  if (response.status < 100 || response.status > 599)
    throw std::invalid_argument("status is outside 100…599");
  if (!isFieldValue(response.reason)) throw std::invalid_argument("reason holds a control character");
  checkMinorVersion(response.minorVersion);
  // RFC 9110 sections 15.2, 15.3.5 and 15.4.5.
  const bool hasNoBody = response.status < 200 || response.status == 204 || response.status == 304;
  if (hasNoBody && !response.body.empty()) {
    throw std::invalid_argument("a response with status " + std::to_string(response.status) + " has no body");
  }
  std::string out =
      "HTTP/1." + std::to_string(response.minorVersion) + ' ' + std::to_string(response.status) + ' ';
  out += response.reason.empty() ? reasonPhrase(response.status) : std::string_view(response.reason);
  out += "\r\n";
  appendFields(out, response.headers, response.body.size());
  if (!hasNoBody && !response.headers.contains("Content-Length")) {
    appendField(out, "Content-Length", std::to_string(response.body.size()));
  }
  appendConnection(out, response.headers, response.keepAlive, response.minorVersion);
  out += "\r\n";
  out += response.body;
  return out;
}

}  // namespace autobahn::inline v0::websocket::http
