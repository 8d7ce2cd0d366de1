// 15.1: what clients ask with (RFC 6455, 4.1).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>

#include "cases/beyond.hpp"

namespace wstest {
namespace {

/// Judges the request with `problemOf` (empty: all is well), having accepted it.
void inspectRequest(Exchange& x, const std::function<std::string(Exchange&)>& problemOf,
                    const std::string& praise) {
  const std::string problem = problemOf(x);
  if (x.open()) x.finish();
  problem.empty() ? x.pass(praise) : x.fail(problem);
}

std::string onceProblem(const HttpHead& request, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const std::size_t count = request.all(name).size();
    if (count != 1)
      return "the request has " + std::to_string(count) + " header fields " + name + ", not one";
  }
  return "";
}

std::string startLineProblem(Exchange& x) {
  const HttpHead& request = x.clientRequest();
  const std::string target = request.target();
  const bool isAbsolute = target.starts_with("http://") || target.starts_with("https://");
  if (request.method() != "GET") return "the method is " + quote(request.method());
  if (!request.startLine.ends_with(" HTTP/1.1")) return "the request line is " + quote(request.startLine);
  if (!target.starts_with('/') && !isAbsolute) return "the target is " + quote(target);
  if (target.find('#') != std::string::npos) return "the target has a fragment: " + quote(target);
  const bool isPrintable = std::ranges::all_of(target, [](char c) { return c > ' ' && c < 127; });
  return isPrintable ? "" : "the target has bytes that no URI has: " + quote(target);
}

std::uint16_t localPort(const Stream& stream) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(stream.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  // The port lies at the same place in both families' addresses.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

std::string hostProblem(Exchange& x) {
  std::string problem = onceProblem(x.clientRequest(), {"Host"});
  if (!problem.empty()) return problem;
  const std::string host = x.clientRequest().value("Host").value_or("");
  const std::uint16_t port = localPort(x.stream());
  const bool isDefault = port == (x.stream().isSecure() ? 443 : 80);
  if (host.empty() || host.front() == ':') return "Host names no host: " + quote(host);
  if (host.find('@') != std::string::npos) return "Host has user information: " + quote(host);
  if (!isDefault && !host.ends_with(":" + std::to_string(port))) {
    return "Host is " + quote(host) + ", without the port " + std::to_string(port);
  }
  return "";
}

std::string upgradeProblem(Exchange& x) {
  const HttpHead& request = x.clientRequest();
  if (!request.hasToken("Upgrade", "websocket")) return "Upgrade lacks websocket";
  if (!request.hasToken("Connection", "upgrade")) return "Connection lacks Upgrade";
  if (request.all("Sec-WebSocket-Version") != std::vector<std::string>{"13"}) {
    return "Sec-WebSocket-Version is " + quote(request.value("Sec-WebSocket-Version").value_or("missing"));
  }
  return "";
}

std::string keyProblem(Exchange& x) {
  std::string problem = onceProblem(x.clientRequest(), {"Sec-WebSocket-Key"});
  if (!problem.empty()) return problem;
  const std::string key = x.clientRequest().value("Sec-WebSocket-Key").value_or("");
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // 16 bytes: 22 characters and two of padding.
  const bool isRight = key.size() == 24 && key.ends_with("==") && key.find_first_not_of(kAlphabet) == 22;
  return isRight ? "" : "the key is no base64 of 16 bytes: " + quote(key);
}

std::string fieldsProblem(Exchange& x) {
  const HttpHead& request = x.clientRequest();
  for (const auto& [name, value] : request.headers) {
    if (!isToken(name)) return "a header field named " + quote(name);
    const bool hasControl =
        std::ranges::any_of(value, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; });
    if (hasControl) return "control bytes in " + name + ": " + quote(value);
  }
  if (request.raw.find("\n ") != std::string::npos || request.raw.find("\n\t") != std::string::npos)
    return "a folded header field";
  return onceProblem(request, {"Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version"});
}

std::string protocolsProblem(Exchange& x) {
  const auto offered = x.clientRequest().value("Sec-WebSocket-Protocol");
  if (!offered) return "";
  std::set<std::string> seen;
  for (const std::string& each : splitList(*offered)) {
    if (!isToken(each)) return "a subprotocol that is no token: " + quote(each);
    if (!seen.insert(each).second) return "a subprotocol comes twice: " + quote(each);
  }
  return "";
}

std::string impatienceProblem(Exchange& x) {
  const std::string early = x.receiveBytes(x.patience().quiet);
  return early.empty() ? "" : "the client did not wait for the response, but sent " + quote(early);
}

}  // namespace

bool isNewKey(const std::string& key) {
  static std::mutex mutex;
  static std::set<std::string> seen;
  const std::lock_guard lock(mutex);
  return seen.insert(key).second;
}

void addClientRequests(Catalog& catalog) {
  catalog.group("15.1", "The client's request");
  const auto add = [&](std::string id, std::string description, std::string expectation, std::string section,
                       std::string (*problemOf)(Exchange&), std::string praise) {
    catalog.add(
        id, std::move(description), std::move(expectation), std::move(section),
        [problemOf, praise = std::move(praise)](Exchange& x) { inspectRequest(x, problemOf, praise); });
  };
  add("15.1.1", "The request line.", "GET, a path (or an absolute http URI) without a fragment, HTTP/1.1.",
      "RFC 6455, 4.1 and 3", startLineProblem, "the request line is right");
  add("15.1.2", "The Host field.",
      "One, with the port unless it is the default one, without user information.",
      "RFC 6455, 4.1 and RFC 9110, 7.2", hostProblem, "Host is right");
  add("15.1.3", "Upgrade, Connection and Sec-WebSocket-Version.", "websocket, Upgrade and 13.",
      "RFC 6455, 4.1", upgradeProblem, "they are right");
  add("15.1.4", "The Sec-WebSocket-Key.", "One: 16 bytes in base64.", "RFC 6455, 4.1 and 11.3.1", keyProblem,
      "the key has the right form");
  add("15.1.5", "The form of all header fields.",
      "Names are tokens, values have no control bytes, nothing is folded; what may come once comes once.",
      "RFC 6455, 4.1 and RFC 9112, 5", fieldsProblem, "all header fields have the right form");
  add("15.1.6", "The subprotocols, when there are any.", "Tokens, each only once.", "RFC 6455, 4.1",
      protocolsProblem, "the list is right, or there is none");
  add("15.1.7", "The response comes late.", "The client sends nothing before.", "RFC 6455, 4.1",
      impatienceProblem, "the client waited");
  catalog.add(
      "15.1.8", "The Sec-WebSocket-Key, compared with those of all connections so far.",
      "Each connection has a new one.", "RFC 6455, 4.1", [](Exchange& x) {
        inspectRequest(
            x,
            [](Exchange& each) { return isNewKey(each.key()) ? "" : "an earlier connection had this key"; },
            "the key is new");
      });
}

}  // namespace wstest
