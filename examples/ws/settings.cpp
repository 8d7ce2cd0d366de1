#include "settings.hpp"

#include <charconv>
#include <stdexcept>

namespace ws {

namespace http = autobahn::websocket::http;

void Settings::addTo(CLI::App& app) {
  app.add_option("URL", url, "ws://host:port/path, wss://… or ws+unix:///path/of/socket:/path")->required();
  app.add_option("-m,--message", task.texts,
                 "send this text; repeatable. Then the answers are shown and ws ends")
      ->allow_extra_args(false);
  app.add_option("--binary", hexBinaries, "send these bytes, in hex; repeatable")->allow_extra_args(false);
  app.add_option("--wait", task.wait, "end after so many received messages (default: as many as were sent)");
  app.add_option("--timeout", task.timeout,
                 "seconds that all of it may take, unless interactive (default: 10)")
      ->check(CLI::PositiveNumber);
  app.add_option("--ping", task.pings, "send so many pings, one after the other, and show the round trips")
      ->check(CLI::PositiveNumber);
  app.add_flag("--frames", task.showsFrames, "show every frame sent and received");
  app.add_option("-H,--header", headers, "add a header, as 'Name: value'; repeatable")
      ->allow_extra_args(false);
  app.add_option("-s,--subprotocol", subprotocols, "offer a subprotocol; repeatable")
      ->allow_extra_args(false);
  app.add_option("--origin", origin, "value of the Origin header");
  app.add_option("--proxy", proxy, "http://[user:password@]host:port or socks5://…");
  examples::addDeflate(app, deflate);
  app.add_option("--ca", tls.caFile, "trust these authorities (PEM) instead of the system's")
      ->check(CLI::ExistingFile);
  auto* cert =
      app.add_option("--cert", tls.certificateFile, "certificate to show (PEM)")->check(CLI::ExistingFile);
  auto* key = app.add_option("--key", tls.keyFile, "its private key (PEM)")->check(CLI::ExistingFile);
  cert->needs(key);
  key->needs(cert);
  app.add_option("--server-name", tls.serverName, "name to ask for and to verify instead of the URL's host");
  app.add_flag("--insecure", isInsecure, "accept any certificate: for tests only");
}

void Settings::resolve() {
  for (const std::string& hex : hexBinaries) task.binaries.push_back(parseHex(hex));
  tls.verifyPeer = !isInsecure;
}

websocket::Headers Settings::parsedHeaders() const {
  websocket::Headers parsed;
  for (const std::string& line : headers) {
    const std::size_t colon = line.find(':');
    const std::string name = line.substr(0, colon);
    if (colon == std::string::npos || !http::isToken(name)) {
      throw std::invalid_argument("--header: '" + line + "' is not 'Name: value'");
    }
    const std::size_t start = line.find_first_not_of(' ', colon + 1);
    std::string value = start == std::string::npos ? "" : line.substr(start);
    if (!http::isFieldValue(value))
      throw std::invalid_argument("--header: control character in '" + name + "'");
    parsed.add(name, std::move(value));
  }
  return parsed;
}

std::string parseHex(std::string_view text) {
  std::string digits;
  for (const char digit : text) {
    if (digit != ' ') digits += digit;
  }
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned value = 0;
    const char* const end = digits.data() + std::min(i + 2, digits.size());
    const auto result = std::from_chars(digits.data() + i, end, value, 16);
    if (digits.size() % 2 != 0 || result.ptr != end) {
      throw std::invalid_argument("not bytes in hex: '" + std::string(text) + "'");
    }
    bytes += static_cast<char>(value);
  }
  return bytes;
}

}  // namespace ws
