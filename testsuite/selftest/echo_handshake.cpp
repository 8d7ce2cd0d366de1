// The opening handshake of the peer, both roles (RFC 6455, 4).
#include <algorithm>
#include <cctype>

#include "selftest/echo_peer.hpp"

namespace wstest {
namespace {

constexpr std::size_t kLongestHead = 16384;
constexpr std::size_t kMostHeaders = 100;

bool isToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool isFieldRight(const std::pair<std::string, std::string>& field) {
  const bool hasControls = std::ranges::any_of(field.second, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7F';
  });
  return isToken(field.first) && !hasControls;
}

bool areFieldsRight(const HttpHead& head) {
  const auto hasNoColon = [&](const auto& field) {
    return head.raw.find("\r\n" + field.first + "\r\n") != std::string::npos;
  };
  return std::ranges::all_of(head.headers, isFieldRight) && std::ranges::none_of(head.headers, hasNoColon);
}

bool isHost(const std::string& host) {
  const auto colon = host.find(':', host.find(']') == std::string::npos ? 0 : host.find(']'));
  const bool isPortRight =
      colon == std::string::npos || host.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  return isPortRight && host.find_first_of(" ,/@") == std::string::npos;
}

/// RFC 6455, 9.1: names and parameters are tokens, in quotes or not.
bool isExtensionList(const std::string& header) {
  if (std::ranges::count(header, '"') % 2 != 0) return false;
  const auto extensions = parseExtensions(header);
  return std::ranges::all_of(extensions, [](const ExtensionText& extension) {
    return isToken(extension.name) && std::ranges::all_of(extension.parameters, [](const auto& each) {
             return isToken(each.first) && (!each.second || isToken(*each.second));
           });
  });
}

/// RFC 6455, 4.1: 16 bytes in base64.
bool isKey(const std::string& key) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kDigits = 22;
  // The last digit before the padding carries two bits.
  return key.size() == kDigits + 2 && key.ends_with("==") && key.find_first_not_of(kAlphabet) == kDigits &&
         std::string_view("AQgw").find(key[kDigits - 1]) != std::string_view::npos;
}

}  // namespace

std::optional<HttpHead> EchoPeer::readHead() {
  for (;;) {
    // RFC 9112, 2.2: an empty line before the request is overread.
    if (isServer() && input_.starts_with("\r\n")) input_.erase(0, 2);
    auto parsed = parseHead(input_);
    if (parsed) {
      input_.erase(0, parsed->second);
      return std::move(parsed->first);
    }
    if (input_.size() > kLongestHead || !fill()) return std::nullopt;
  }
}

std::string EchoPeer::whyRefused(const HttpHead& request) const {
  const auto target = request.target();
  if (request.raw.size() > kLongestHead || request.headers.size() > kMostHeaders) return "431 Too Large";
  // A higher minor version is read as 1.1 (RFC 9110, 2.5).
  const bool isOfOne = std::string_view("123456789").find(request.startLine.back()) != std::string_view::npos;
  if (!isOfOne || target.empty() ||
      request.startLine !=
          "GET " + target + " HTTP/1." + request.startLine.substr(request.startLine.size() - 1)) {
    return "400 Bad Request Line";
  }
  if (target.front() != '/' && !target.starts_with("http")) return "400 Bad Target";
  if (!areFieldsRight(request)) return "400 Bad Header";
  if (request.all("Host").size() != 1 || !isHost(request.all("Host").front())) return "400 Bad Host";
  if (request.all("Content-Length").size() + request.all("Transfer-Encoding").size() > 0 &&
      request.value("Content-Length") != "0") {
    return "400 Body";
  }
  if (!request.hasToken("Upgrade", "websocket")) return "426 Upgrade Required";
  if (!request.hasToken("Connection", "upgrade")) return "400 No Connection: Upgrade";
  const auto versions = request.all("Sec-WebSocket-Version");
  if (versions != std::vector<std::string>{"13"} && !has(Fault::takesAnyVersion)) {
    return versions.size() == 1 ? "426 Upgrade Required" : "400 Bad Version";
  }
  const auto keys = request.all("Sec-WebSocket-Key");
  if (!has(Fault::needsNoKey) && (keys.size() != 1 || !isKey(keys.front()))) return "400 Bad Key";
  for (const std::string& protocol : splitList(request.value("Sec-WebSocket-Protocol").value_or("x"))) {
    if (!isToken(protocol)) return "400 Bad Protocol";
  }
  const auto extensions = request.value("Sec-WebSocket-Extensions");
  return extensions && !isExtensionList(*extensions) ? "400 Bad Extensions" : "";
}

std::optional<DeflateParameters> EchoPeer::acceptOffer(const std::string& header) const {
  for (const ExtensionText& extension : parseExtensions(header)) {
    constexpr std::string_view kName = "permessage-deflate";
    const bool isDeflate =
        std::ranges::equal(extension.name, kName, {}, [](char c) { return std::tolower(c); });
    if (!isDeflate) continue;
    auto offer = parseDeflate(extension, true, nullptr);
    if (!offer && has(Fault::acceptsAnyOffer)) offer = DeflateParameters{};
    if (!offer) continue;
    // Both are only hints of what the client could do.
    offer->clientNoContextTakeover = false;
    if (offer->clientMaxWindowBits == -1) offer->clientMaxWindowBits = 0;
    return offer;
  }
  return std::nullopt;
}

bool EchoPeer::openAsServer() {
  const auto request = readHead();
  if (!request) return false;
  const std::string refusal = whyRefused(*request);
  if (!refusal.empty()) {
    const std::string version =
        refusal.starts_with("426")
            ? "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
            : "Connection: close\r\n";
    write("HTTP/1.1 " + refusal + "\r\n" + version + "Content-Length: 0\r\n\r\n");
    endTcp();
    return false;
  }
  const std::string key =
      has(Fault::wrongAccept) ? randomKey() : request->value("Sec-WebSocket-Key").value_or("");
  std::string response =
      "HTTP/1.1 101 Switching Protocols\r\nServer: echo-peer\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
      acceptFor(key) + "\r\n";
  if (has(Fault::choosesProtocol)) response += "Sec-WebSocket-Protocol: unasked\r\n";
  const auto agreed = acceptOffer(request->value("Sec-WebSocket-Extensions").value_or(""));
  if (agreed) {
    response += "Sec-WebSocket-Extensions: " + agreed->text() + "\r\n";
    const bool ignores = has(Fault::ignoresWindow);
    const auto bits = [](int some) { return some > 0 ? some : 15; };
    deflater_.emplace(ignores ? 15 : bits(agreed->serverMaxWindowBits),
                      !agreed->serverNoContextTakeover || has(Fault::takesOverAnyway));
    inflater_.emplace(bits(agreed->clientMaxWindowBits),
                      !agreed->clientNoContextTakeover && !has(Fault::forgetsContext));
  }
  frames_.add(input_);
  return write(response + "\r\n");
}

std::string EchoPeer::whyWrong(const HttpHead& response, const std::string& key) {
  const bool hasThreeDigits = response.startLine.size() == 12 || response.startLine[12] == ' ';
  if ((response.status() != 101 || !hasThreeDigits) && !has(Fault::checksNoStatus)) return "status";
  if (response.raw.size() > kLongestHead || response.headers.size() > kMostHeaders) return "size";
  if (!areFieldsRight(response)) return "header";
  if (!response.hasToken("Upgrade", "websocket") && !has(Fault::checksNoStatus)) return "Upgrade";
  if (!response.hasToken("Connection", "upgrade") && !has(Fault::checksNoStatus)) return "Connection";
  if (response.all("Sec-WebSocket-Accept") != std::vector{acceptFor(key)} && !has(Fault::checksNoAccept))
    return "accept";
  if (has(Fault::takesAnyExtension)) return "";
  if (!response.all("Sec-WebSocket-Protocol").empty()) return "protocol";
  const auto header = response.value("Sec-WebSocket-Extensions");
  if (!header) return "";
  const auto extensions = parseExtensions(*header);
  const auto agreed = extensions.size() == 1 && extensions.front().name == "permessage-deflate"
                          ? parseDeflate(extensions.front(), false, nullptr)
                          : std::nullopt;
  if (!agreed) return "extension";
  const auto bits = [](int some) { return some > 0 ? some : 15; };
  deflater_.emplace(has(Fault::ignoresWindow) ? 15 : bits(agreed->clientMaxWindowBits),
                    !agreed->clientNoContextTakeover || has(Fault::takesOverAnyway));
  inflater_.emplace(bits(agreed->serverMaxWindowBits),
                    !agreed->serverNoContextTakeover && !has(Fault::forgetsContext));
  return "";
}

bool EchoPeer::openAsClient() {
  const std::string key = randomKey();
  write("GET " + resource_ + " HTTP/1.1\r\nHost: " + host_ +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
        "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate; "
        "client_max_window_bits\r\n\r\n");
  auto response = readHead();
  // RFC 9110, 15.2: other 1xx may come first.
  const auto isInterim = [](const HttpHead& head) {
    return head.status() / 100 == 1 && head.status() != 101;
  };
  while (response && isInterim(*response) && !has(Fault::checksNoStatus)) response = readHead();
  if (!response || !whyWrong(*response, key).empty()) {
    stream_->endWriting();
    return false;
  }
  frames_.add(input_);
  return true;
}

}  // namespace wstest
