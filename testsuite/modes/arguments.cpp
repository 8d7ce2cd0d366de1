#include "modes/arguments.hpp"

#include <autobahn/websocket/url.hpp>
#include <iostream>
#include <stdexcept>

#include "wire/tls.hpp"

namespace wstest {

using namespace autobahn::websocket;
namespace util = autobahn::util;

CLI::Option* addList(CLI::App& app, const std::string& names, std::vector<std::string>& into,
                     const std::string& description) {
  return app.add_option(names, into, description)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("LIST");
}

CLI::Option* addSeconds(CLI::App& app, const std::string& names, std::optional<double>& into,
                        const std::string& description) {
  return app.add_option(names, into, description)->check(CLI::NonNegativeNumber)->option_text("SECONDS");
}

std::chrono::milliseconds toDuration(double seconds) {
  constexpr double kLongest = 1e9;  // some 30 years: nothing overflows
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(seconds, kLongest) * 1000));
}

void PeerArguments::addTlsTo(CLI::App& app) {
  app.add_option("--tls-ca", caFile, "trust the certificate authorities in this file (PEM)")
      ->check(CLI::ExistingFile)
      ->option_text("FILE");
  app.add_flag("--insecure", isInsecure, "accept any certificate");
}

void PeerArguments::addTo(CLI::App& app) {
  addTlsTo(app);
  app.add_option("--origin", origin, "Origin header to send")->option_text("ORIGIN");
  addList(app, "--subprotocol", protocols, "subprotocols to offer");
  app.add_option("--header", headers, "header to send; may be repeated")
      ->allow_extra_args(false)
      ->option_text("'Name: value'");
}

HeaderList PeerArguments::parsedHeaders() const {
  HeaderList parsed;
  for (const std::string& header : headers) {
    const auto colon = header.find(':');
    const auto begin = header.find_first_not_of(" \t", colon + 1);
    if (colon == std::string::npos || colon == 0 || header.find_first_of("\r\n") != std::string::npos) {
      throw std::invalid_argument("--header: '" + header + "' is not 'Name: value'");
    }
    parsed.emplace_back(header.substr(0, colon), begin == std::string::npos ? "" : header.substr(begin));
  }
  return parsed;
}

void PeerArguments::applyTo(ServerTarget& target) const {
  if (!caFile.empty()) target.tls.caFile = caFile;
  if (isInsecure) target.tls.isInsecure = true;
  if (!origin.empty()) target.origin = origin;
  if (!protocols.empty()) target.protocols = protocols;
  for (auto& header : parsedHeaders()) target.headers.push_back(std::move(header));
}

void PeerArguments::applyTo(WebSocketClientFactory& factory) const {
  Headers fields;
  for (auto& [name, value] : parsedHeaders()) fields.add(std::move(name), std::move(value));
  factory.setSessionParameters(factory.url(), origin, protocols, WebSocketClientFactory::defaultUserAgent(),
                               std::move(fields));
}

ConnectOptions PeerArguments::connectOptions() const {
  ConnectOptions options;
  if (!caFile.empty() || isInsecure) {
    util::TlsOptions tls;
    tls.caFile = caFile;
    tls.verifyPeer = !isInsecure;
    options.tls = tls;
  }
  return options;
}

void ConnectArguments::addTo(CLI::App& app, const std::string& urlDescription) {
  app.add_option("-w,--wsuri,url", urls, urlDescription)->option_text("URL");
  peer.addTo(app);
}

std::string ConnectArguments::url(const std::string& otherwise) const {
  if (urls.size() > 1)
    throw std::invalid_argument("one URL is enough, there are " + std::to_string(urls.size()));
  return urls.empty() ? otherwise : urls.front();
}

void ListenArguments::addTo(CLI::App& app, const std::string& defaultUrl) {
  otherwise = defaultUrl;
  app.add_option("-w,--wsuri,url", url, "where to listen, ws:// or wss:// (default: " + defaultUrl + ")")
      ->option_text("URL");
  app.add_option("--host", host, "address to listen on instead of the URL's; 0.0.0.0 for all")
      ->option_text("HOST");
  app.add_option("--port", port, "port instead of the URL's; 0 for any free one")->option_text("PORT");
  auto* certificate = app.add_option("-c,--cert,--tls-cert", certificateFile, "certificate for wss (PEM)");
  auto* key = app.add_option("-k,--key,--tls-key", keyFile, "its private key (PEM)");
  certificate->check(CLI::ExistingFile)->needs(key)->option_text("FILE");
  key->check(CLI::ExistingFile)->needs(certificate)->option_text("FILE");
}

void ListenArguments::addThreadsTo(CLI::App& app) {
  app.add_option("--threads", threads, "event loops, each on a thread of its own (default: 1)")
      ->check(CLI::Range(1, 1024))
      ->option_text("N");
}

std::string ListenArguments::resolvedUrl() const {
  UrlParts parts = parseUrl(url.empty() ? otherwise : url);
  if (url.empty() && !certificateFile.empty()) parts.isSecure = true;
  if (!certificateFile.empty() && !parts.isSecure) {
    throw std::invalid_argument("a certificate is of no use with " + url + ": say wss://");
  }
  if (!url.empty() && host.empty() && !port) return url;
  if (!parts.unixPath.empty()) throw std::invalid_argument("--host and --port do not go with " + url);
  const std::string& name = host.empty() ? parts.host : host;
  const bool isIpv6 = name.find(':') != std::string::npos && !name.starts_with('[');
  return (parts.isSecure ? "wss://" : "ws://") + (isIpv6 ? "[" + name + "]" : name) + ":" +
         std::to_string(port.value_or(parts.port)) + parts.resource;
}

namespace {

util::TlsOptions tlsFor(const ListenArguments& arguments) {
  util::TlsOptions tls;
  if (!arguments.certificateFile.empty()) {
    tls.certificateFile = arguments.certificateFile;
    tls.keyFile = arguments.keyFile;
    return tls;
  }
  IdentityRequest request;
  request.subjectAltName = "DNS:localhost,IP:127.0.0.1,IP:::1";
  const Identity made = makeIdentity(request);
  tls.certificate = made.certificate;
  tls.key = made.key;
  std::cout << "no --tls-cert: using a certificate made for this run; clients need --insecure\n";
  return tls;
}

}  // namespace

int serve(WebSocketServerFactory& factory, const ListenArguments& arguments) {
  ListenOptions options;
  options.threads = arguments.threads;
  if (factory.isSecure()) options.tls = tlsFor(arguments);
  std::string where = factory.listen(options).url;
  if (where.ends_with('/')) where.pop_back();
  std::cout << "listening on " << where << std::endl;
  factory.run(std::chrono::seconds(1));
  std::cout << "ended" << std::endl;
  return 0;
}

}  // namespace wstest
