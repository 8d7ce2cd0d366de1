// 14: how servers read an opening handshake (RFC 6455, 4.2), and the HTTP around it (RFC 9110, RFC 9112).
#include <functional>
#include <utility>

#include "cases/beyond.hpp"

namespace wstest {
namespace {

/// What is done to a right request.
using Bend = std::function<std::string(const std::string& request)>;

/// A request that differs from a right one in one thing.
struct Row {
  std::string id;
  std::string description;
  std::string section;
  Strictness strictness;
  Wanted wanted;
  Bend bend;
};

constexpr auto kRequired = Strictness::required;
constexpr auto kRecommended = Strictness::recommended;
constexpr auto kInformational = Strictness::informational;

const std::string kHandshake = "RFC 6455, 4.2.1";

std::string expectationOf(Wanted wanted) {
  switch (wanted) {
    case Wanted::acceptance:
      return "The server accepts with 101, and the connection works.";
    case Wanted::refusal:
      return "The server answers with an HTTP error (4xx), and goes on serving others.";
    case Wanted::refusalOrPage:
      return "The server does not switch protocols: it answers with an error, or as to any HTTP request, and "
             "goes on "
             "serving others.";
    case Wanted::either:
      return "Accepted or refused, but not left hanging; the server goes on serving others.";
  }
  return "";
}

Case& addAttempt(Catalog& catalog, const Row& row) {
  Case& made = catalog.add(row.id, row.description, expectationOf(row.wanted), row.section,
                           [bend = row.bend, wanted = row.wanted](Exchange& x) {
                             const std::string key = randomKey();
                             attempt(x, {.key = key, .bytes = bend(x.request(key)), .wanted = wanted});
                             if (wanted != Wanted::acceptance) checkStillServing(x);
                           });
  made.strictness = row.strictness;
  return made;
}

void addRows(Catalog& catalog, const std::vector<Row>& rows) {
  for (const Row& row : rows) addAttempt(catalog, row);
}

// What the rows below do to a request.
Bend set(std::string name, std::string value) {
  return [name, value](const std::string& request) { return withHeader(request, name, value); };
}
Bend without(std::string name) {
  return [name](const std::string& request) { return withoutHeader(request, name); };
}
Bend plus(std::string line) {
  return [line](const std::string& request) { return withLine(request, line); };
}
Bend instead(std::string what, std::string by) {
  return [what, by](const std::string& request) { return replaced(request, what, by); };
}
/// The start line with another target; `make` gets the right one.
Bend target(Bend make) {
  return [make](const std::string& request) {
    const std::string line = request.substr(0, request.find("\r\n"));
    const std::string right = line.substr(4, line.rfind(' ') - 4);
    return withStartLine(request, "GET " + make(right) + " HTTP/1.1");
  };
}

// --- 14.1 ---

void addRequestLines(Catalog& catalog) {
  catalog.group("14.1", "Request line");
  addRows(
      catalog,
      {
          {"14.1.1", "A handshake as it should be.", kHandshake, kRequired, Wanted::acceptance,
           [](const std::string& request) { return request; }},
          {"14.1.2", "The request is a POST.", kHandshake, kRequired, Wanted::refusalOrPage,
           instead("GET ", "POST ")},
          {"14.1.3", "The method is written 'get'; methods are case-sensitive.",
           "RFC 9110, 9.1 and RFC 6455, 4.2.1", kRequired, Wanted::refusalOrPage, instead("GET ", "get ")},
          {"14.1.4", "The request is one of HTTP/1.0.", kHandshake, kRequired, Wanted::refusalOrPage,
           instead("HTTP/1.1", "HTTP/1.0")},
          {"14.1.5", "The request is one of HTTP/1.2: a higher minor version is to be read as 1.1.",
           "RFC 9110, 2.5", kRecommended, Wanted::acceptance, instead("HTTP/1.1", "HTTP/1.2")},
          {"14.1.6", "The request line ends with HTTP/2.0, in the syntax of HTTP/1.1.", "RFC 9110, 15.6.6",
           kInformational, Wanted::either, instead("HTTP/1.1", "HTTP/2.0")},
          {"14.1.7", "The version is no version: HTTP/1.1x.", "RFC 9112, 2.3 and RFC 6455, 4.2.1", kRequired,
           Wanted::refusal, instead("HTTP/1.1", "HTTP/1.1x")},
          {"14.1.8", "The protocol's name is written 'http'; it is case-sensitive.",
           "RFC 9112, 2.3 and RFC 6455, 4.2.1", kRequired, Wanted::refusal, instead("HTTP/1.1", "http/1.1")},
          {"14.1.9", "The request line has no version at all.", "RFC 9112, 3 and RFC 6455, 4.2.1", kRequired,
           Wanted::refusal, instead(" HTTP/1.1", "")},
          {"14.1.10", "The target contains a space.", "RFC 9112, 3.2", kRecommended, Wanted::refusal,
           target([](const std::string& right) { return right + " x"; })},
          {"14.1.11", "The target contains a fragment, which has no place in requests.",
           "RFC 6455, 3 and RFC 9112, 3.2", kInformational, Wanted::either,
           target([](const std::string& right) { return right + "#top"; })},
          {"14.1.12", "The target is '*', which only OPTIONS may have.", "RFC 9112, 3.2.4", kInformational,
           Wanted::either, target([](const std::string&) { return "*"; })},
          {"14.1.13", "The target is empty: two spaces follow each other.", "RFC 9112, 3.2", kRecommended,
           Wanted::refusal, target([](const std::string&) { return ""; })},
          {"14.1.14", "The target contains bytes of UTF-8 that are not percent-encoded.", "RFC 9112, 3.2",
           kInformational, Wanted::either,
           target([](const std::string& right) { return right + "?\xC3\xBC"; })},
          {"14.1.15", "The target has a broken percent encoding: '%zz'.", "RFC 3986, 2.1", kInformational,
           Wanted::either, target([](const std::string& right) { return right + "?a=%zz"; })},
      });
  catalog.add("14.1.16", "The target is an absolute URI: http://host/path (https for wss).",
              expectationOf(Wanted::acceptance), "RFC 6455, 4.2.1 and RFC 9112, 3.2.2", [](Exchange& x) {
                const std::string key = randomKey();
                const std::string origin =
                    (x.target().isSecure ? "https://" : "http://") + x.target().hostHeader;
                const auto bend = target([&](const std::string& right) { return origin + right; });
                attempt(x, {.key = key, .bytes = bend(x.request(key)), .wanted = Wanted::acceptance});
              });
}

// --- 14.2 ---

void addFieldSyntax(Catalog& catalog) {
  const std::string grammar = "RFC 9112, 5 and RFC 6455, 4.2.1";
  catalog.group("14.2", "Header fields as such");
  addRows(
      catalog,
      {
          {"14.2.1", "All names of header fields are in lower case.", "RFC 6455, 4.1 and RFC 9110, 5.1",
           kRequired, Wanted::acceptance,
           [](const std::string& request) {
             std::string bent = request;
             for (const char* name : {"Host", "Upgrade", "Connection", "User-Agent", "Sec-WebSocket-Key",
                                      "Sec-WebSocket-Version"}) {
               std::string small = name;
               for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
               bent = replaced(bent, std::string("\r\n") + name + ":", "\r\n" + small + ":");
             }
             return bent;
           }},
          {"14.2.2", "An unknown header field, and one with an empty value.", kHandshake, kRequired,
           Wanted::acceptance, plus("X-Wstest-Unknown: 1\r\nX-Wstest-Empty:")},
          {"14.2.3", "No white space after the colons, and tabs and spaces behind the values.",
           "RFC 9112, 5.1", kRequired, Wanted::acceptance,
           [](const std::string& request) {
             return replaced(replaced(request, "Upgrade: websocket", "Upgrade:websocket \t"), "Version: 13",
                             "Version:\t 13 \t");
           }},
          {"14.2.4", "The header fields come in another order, Host last.", kHandshake, kRequired,
           Wanted::acceptance,
           [](const std::string& request) {
             const auto begin = request.find("Host:");
             const std::string host = request.substr(begin, request.find("\r\n", begin) - begin);
             return withLine(withoutHeader(request, "Host"), host);
           }},
          {"14.2.5", "A header field's value has bytes above 7F.", "RFC 9110, 5.5", kInformational,
           Wanted::either, plus("X-Wstest: gr\xC3\xBC\xDF")},
          {"14.2.6", "White space stands between a name and its colon.", "RFC 9112, 5.1", kRequired,
           Wanted::refusal, plus("X-Wstest : 1")},
          {"14.2.7", "A line has no colon.", grammar, kRequired, Wanted::refusal, plus("X-Wstest")},
          {"14.2.8", "A line begins with a colon: the name is empty.", grammar, kRequired, Wanted::refusal,
           plus(": nameless")},
          {"14.2.9", "A name contains a character that no token can have.",
           "RFC 9110, 5.1 and RFC 6455, 4.2.1", kRequired, Wanted::refusal, plus("X-Wst@st: 1")},
          {"14.2.10", "A value is folded over two lines: to be refused, or read as one line.",
           "RFC 9112, 5.2", kInformational, Wanted::either, plus("X-Wstest: one\r\n two")},
          {"14.2.11", "The token list of Connection is folded over two lines.", "RFC 9112, 5.2",
           kInformational, Wanted::either, set("Connection", "keep-alive,\r\n Upgrade")},
          {"14.2.12", "The line behind the request line begins with a space: to be refused, or left out.",
           "RFC 9112, 2.2", kInformational, Wanted::either,
           [](const std::string& request) { return withFirstLine(request, " X-Wstest: 1"); }},
          {"14.2.13", "A value contains a NUL byte. (A server may also take it for a space.)",
           "RFC 9110, 5.5", kRecommended, Wanted::refusal, plus(std::string("X-Wstest: a\0b", 13))},
          {"14.2.14", "A value contains a CR without LF. (A server may also take it for a space.)",
           "RFC 9110, 5.5 and RFC 9112, 2.2", kRecommended, Wanted::refusal,
           plus("X-Wstest: a\rSec-WebSocket-Protocol: injected")},
          {"14.2.15", "A value contains the control byte 01.", "RFC 9110, 5.5", kInformational,
           Wanted::either, plus("X-Wstest: a\x01z")},
          {"14.2.16", "Lines end with LF alone.", "RFC 9112, 2.2", kInformational, Wanted::either,
           [](const std::string& request) { return replaced(request, "\r\n", "\n"); }},
          {"14.2.17", "An empty line comes before the request line; one is to be overread.", "RFC 9112, 2.2",
           kRecommended, Wanted::acceptance, [](const std::string& request) { return "\r\n" + request; }},
      });
}

// --- 14.3 ---

void addRequiredFields(Catalog& catalog) {
  catalog.group("14.3", "Host, Upgrade, Connection");
  addRows(catalog,
          {
              {"14.3.1", "There is no Host.", "RFC 9112, 3.2 and RFC 6455, 4.2.1", kRequired, Wanted::refusal,
               without("Host")},
              {"14.3.2", "There are two Host lines, with different values.", "RFC 9112, 3.2", kRequired,
               Wanted::refusal, plus("Host: elsewhere.invalid")},
              {"14.3.3", "The value of Host is none: 'a b/c'.", "RFC 9112, 3.2", kRequired, Wanted::refusal,
               set("Host", "a b/c")},
              {"14.3.4", "Host names a port that is no number.", "RFC 9112, 3.2", kRequired, Wanted::refusal,
               set("Host", "localhost:ws")},
              {"14.3.5", "Host names another host than this one.", kHandshake, kInformational, Wanted::either,
               set("Host", "elsewhere.invalid")},
              {"14.3.6", "There is no Upgrade.", kHandshake, kRequired, Wanted::refusalOrPage,
               without("Upgrade")},
              {"14.3.7", "Upgrade asks for another protocol.", kHandshake, kRequired, Wanted::refusalOrPage,
               set("Upgrade", "websockets")},
              {"14.3.8", "Upgrade: WebSocket, in mixed case.", kHandshake, kRequired, Wanted::acceptance,
               set("Upgrade", "WebSocket")},
              {"14.3.9", "Upgrade lists two protocols, websocket among them.", "RFC 9110, 7.8",
               kInformational, Wanted::either, set("Upgrade", "example/1, websocket")},
              {"14.3.10", "There is no Connection.", kHandshake, kRequired, Wanted::refusalOrPage,
               without("Connection")},
              {"14.3.11", "Connection lacks the token: keep-alive.", kHandshake, kRequired,
               Wanted::refusalOrPage, set("Connection", "keep-alive")},
              {"14.3.12", "Connection has a token that merely begins like the right one: Upgraded.",
               kHandshake, kRequired, Wanted::refusalOrPage, set("Connection", "Upgraded")},
              {"14.3.13", "Connection: keep-alive, Upgrade, as Firefox sends it.", kHandshake, kRequired,
               Wanted::acceptance, set("Connection", "keep-alive, Upgrade")},
              {"14.3.14", "Connection: upgrade, in lower case.", kHandshake, kRequired, Wanted::acceptance,
               set("Connection", "upgrade")},
              {"14.3.15", "The list of Connection comes in two lines.", "RFC 9110, 5.3 and RFC 6455, 4.2.1",
               kRequired, Wanted::acceptance,
               [](const std::string& request) {
                 return withLine(set("Connection", "keep-alive")(request), "Connection: Upgrade");
               }},
              {"14.3.16", "The list of Connection has empty elements: ', Upgrade ,'.", "RFC 9110, 5.6.1.2",
               kRequired, Wanted::acceptance, set("Connection", ", Upgrade ,")},
              {"14.3.17", "The request says Content-Length: 0.", kHandshake, kRecommended, Wanted::acceptance,
               plus("Content-Length: 0")},
              {"14.3.18", "The request has a body of five bytes.", "RFC 9110, 9.3.1", kInformational,
               Wanted::either,
               [](const std::string& request) { return withLine(request, "Content-Length: 5") + "Hello"; }},
              {"14.3.19", "The request has both a length and chunks: the matter of request smuggling.",
               "RFC 9112, 6.1", kInformational, Wanted::either,
               [](const std::string& request) {
                 return withLine(request, "Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n";
               }},
          });
}

// --- 14.4 ---

void addKeys(Catalog& catalog) {
  const std::string name = "Sec-WebSocket-Key";
  // 4.2.1 says what a key is, and 4.2.2 that a server need not decode it: it may be unable to tell.
  const std::string keySection = "RFC 6455, 4.2.1 and 4.2.2";
  catalog.group("14.4", "Sec-WebSocket-Key");
  addRows(catalog, {
                       {"14.4.1", "There is no key.", kHandshake, kRequired, Wanted::refusal, without(name)},
                       {"14.4.2", "The key is empty.", kHandshake, kRequired, Wanted::refusal, set(name, "")},
                       {"14.4.3", "The key is 15 bytes in base64.", keySection, kRecommended, Wanted::refusal,
                        set(name, base64("fifteen bytes!!"))},
                       {"14.4.4", "The key is 17 bytes in base64.", keySection, kRecommended, Wanted::refusal,
                        set(name, base64("seventeen bytes!!"))},
                       {"14.4.5", "The key has the right length, but characters that base64 lacks.",
                        keySection, kRecommended, Wanted::refusal, set(name, "!!!!!!!!!!!!!!!!!!!!!!==")},
                       {"14.4.6", "The key is in the alphabet for URLs ('-' and '_').",
                        "RFC 6455, 4.2.1, 4.2.2 and RFC 4648, 4", kRecommended, Wanted::refusal,
                        set(name, "-_-_-_-_-_-_-_-_-_-_-w==")},
                       {"14.4.7", "The key lacks its padding.", "RFC 6455, 4.2.1, 4.2.2 and RFC 4648, 3.2",
                        kRecommended, Wanted::refusal, set(name, "AQIDBAUGBwgJCgsMDQ4PEA")},
                       {"14.4.8", "The key is 200 characters long.", keySection, kRecommended,
                        Wanted::refusal, set(name, std::string(200, 'A'))},
                       {"14.4.9", "There are two different keys.", "RFC 6455, 11.3.1", kRequired,
                        Wanted::refusal, plus(name + ": AQIDBAUGBwgJCgsMDQ4PEA==")},
                       {"14.4.10", "White space surrounds the key; it is no part of it.", "RFC 9110, 5.5",
                        kRequired, Wanted::acceptance, instead("-Key: ", "-Key: \t ")},
                   });
  const auto withKey = [&](std::string id, std::string key, std::string description, std::string section,
                           Strictness strictness, Wanted wanted) {
    Case& made = catalog.add(id, std::move(description), expectationOf(wanted), std::move(section),
                             [key = std::move(key), wanted](Exchange& x) {
                               attempt(x, {.key = key, .bytes = x.request(key), .wanted = wanted});
                             });
    made.strictness = strictness;
  };
  withKey("14.4.11", "dGhlIHNhbXBsZSBub25jZQ==", "The key of the RFC's example, with a known answer.",
          "RFC 6455, 1.3 and 4.2.2", kRequired, Wanted::acceptance);
  withKey("14.4.12", "+/+/+/+/+/+/+/+/+/+/+w==", "The key has '+' and '/', which base64 has.", kHandshake,
          kRequired, Wanted::acceptance);
  withKey("14.4.13", "AQIDBAUGBwgJCgsMDQ4PEC==",
          "The key's last character has bits that belong to no byte, as in an example of the RFC (4.1).",
          "RFC 6455, 4.1 and RFC 4648, 3.5", kInformational, Wanted::either);
}

// --- 14.5 ---

/// A version that is not spoken must be refused, and the answer must tell which one is.
void offerVersion(Exchange& x, const std::string& version, bool mayBeSpoken) {
  const std::string key = randomKey();
  x.sendBytes(withHeader(x.request(key), "Sec-WebSocket-Version", version));
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head) {
    return x.fail(x.hasEnded() ? "the server ended the connection instead of telling its versions"
                               : "the server did not answer within " + text(x.patience().reaction));
  }
  const std::string answered = "the server answered " + quote(head->startLine, 100);
  const int status = statusOf(*head);
  if (status == 101 && mayBeSpoken) return x.inform("the server also speaks version " + version);
  if (status < 400) return x.fail(answered + " to version " + version + " instead of an HTTP error");
  if (!head->hasToken("Sec-WebSocket-Version", "13")) {
    return x.fail(answered + ", but without Sec-WebSocket-Version: 13, which tells what it speaks");
  }
  if (status == 426 && !head->hasToken("Upgrade", "websocket")) {
    return x.nonStrict(answered + " with its version, but without Upgrade (RFC 9110, 15.5.22)");
  }
  x.pass(answered + " and told that it speaks version 13");
}

void addVersions(Catalog& catalog) {
  const std::string name = "Sec-WebSocket-Version";
  catalog.group("14.5", "Sec-WebSocket-Version");
  int number = 0;
  for (const auto& [version, mayBeSpoken] : std::vector<std::pair<std::string, bool>>{{"0", false},
                                                                                      {"7", true},
                                                                                      {"8", true},
                                                                                      {"12", false},
                                                                                      {"14", false},
                                                                                      {"99", false},
                                                                                      {"255", false}}) {
    Case& made = catalog.add(
        "14.5." + std::to_string(++number), "The client asks for version " + version + ".",
        mayBeSpoken ? "An HTTP error (such as 426) that has Sec-WebSocket-Version with 13 in it; or 101 "
                      "from a server that also speaks this draft."
                    : "An HTTP error (such as 426) that has Sec-WebSocket-Version with 13 in it.",
        "RFC 6455, 4.2.2 and 4.4", [version = version, mayBeSpoken = mayBeSpoken](Exchange& x) {
          offerVersion(x, version, mayBeSpoken);
          checkStillServing(x);
        });
    made.strictness = kRequired;
  }
  addRows(catalog,
          {
              {"14.5.8", "There is no version.", kHandshake, kRequired, Wanted::refusal, without(name)},
              {"14.5.9", "The version is empty.", kHandshake, kRequired, Wanted::refusal, set(name, "")},
              {"14.5.10", "The version is no number: abc.", kHandshake, kRequired, Wanted::refusal,
               set(name, "abc")},
              {"14.5.11", "The version has a leading zero: 013.", "RFC 6455, 4.2.1 and 4.3", kRequired,
               Wanted::refusal, set(name, "013")},
              {"14.5.12", "The version is 13.0.", "RFC 6455, 4.2.1 and 4.3", kRequired, Wanted::refusal,
               set(name, "13.0")},
              {"14.5.13", "The version is a list: 13, 8. A request has but one.", "RFC 6455, 4.2.1 and 4.3",
               kRequired, Wanted::refusal, set(name, "13, 8")},
              {"14.5.14", "There are two lines with a version, 13 and 8.", "RFC 6455, 11.3.5", kRequired,
               Wanted::refusal, plus(name + ": 8")},
          });
}

}  // namespace

void addServerHandshake(Catalog& catalog) {
  const std::size_t before = catalog.cases.size();
  catalog.group("14", "Opening handshake, server side");
  addRequestLines(catalog);
  addFieldSyntax(catalog);
  addRequiredFields(catalog);
  addKeys(catalog);
  addVersions(catalog);
  addServerTransport(catalog);
  for (std::size_t i = before; i < catalog.cases.size(); ++i) {
    catalog.cases[i].tests = Tests::servers;
    catalog.cases[i].opening = Opening::byCase;
  }
}

}  // namespace wstest
