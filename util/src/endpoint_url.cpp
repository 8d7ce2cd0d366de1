#include <algorithm>
#include <autobahn/util/endpoint_url.hpp>
#include <autobahn/util/uri.hpp>
#include <stdexcept>

namespace autobahn::inline v0::util {
namespace {

// What fits into sockaddr_un with its final NUL.
constexpr std::size_t kMaxUnixPath = 107;

// `rest` is "/run/x.sock[:resource]" or "/run/x.sock[?query]".
void takeUnix(const UrlFamily& family, std::string_view rest, EndpointUrl& parts) {
  const std::size_t end = std::min(rest.find_first_of(":?"), rest.size());
  parts.host = "localhost";
  parts.unixPath = decodeUrlPart(family, rest.substr(0, end), "path of the Unix socket");
  if (parts.unixPath.size() < 2 || parts.unixPath.ends_with('/')) failUrl(family, "no path of a Unix socket");
  if (parts.unixPath.size() > kMaxUnixPath)
    failUrl(family, "the path of the Unix socket is longer than 107 bytes");
  rest.remove_prefix(end);
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    if (!rest.starts_with('/')) failUrl(family, "no '/' behind the colon that follows the Unix socket");
  }
  parts.resource = rest;
}

void takeTcp(const UrlFamily& family, std::string_view rest, EndpointUrl& parts) {
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view text = rest.substr(0, end);
  if (text.empty()) failUrl(family, "missing host");
  if (text.find('@') != std::string_view::npos) failUrl(family, "user name or password before the host");
  const auto authority = parseAuthority(text, PortZero::allowed);
  if (!authority) failUrl(family, "malformed host or port");
  parts.host = authority->host;
  parts.port = authority->port.value_or(parts.isSecure ? 443 : 80);
  parts.resource = rest.substr(end);
}

bool isUrlText(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// True when `scheme` is `base` + `suffix`.
bool isScheme(std::string_view scheme, std::string_view base, std::string_view suffix) {
  return scheme.size() == base.size() + suffix.size() &&
         equalsIgnoreCase(scheme.substr(0, base.size()), base) &&
         equalsIgnoreCase(scheme.substr(base.size()), suffix);
}

}  // namespace

void failUrl(const UrlFamily& family, std::string_view what) {
  throw std::invalid_argument("invalid " + std::string(family.name) + " URL: " + std::string(what));
}

std::string decodeUrlPart(const UrlFamily& family, std::string_view text, std::string_view where) {
  auto plain = percentDecode(text);
  if (!plain) failUrl(family, "malformed percent escape in the " + std::string(where));
  if (plain->find('\0') != std::string::npos) failUrl(family, "NUL in the " + std::string(where));
  return std::move(*plain);
}

EndpointUrl parseEndpointUrl(const UrlFamily& family, std::string_view url) {
  EndpointUrl parts;
  if (url.find('#') != std::string_view::npos) failUrl(family, "it has a fragment");
  if (!isUrlText(url))
    failUrl(family, "it is empty or holds a space or a character that is not visible ASCII");
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos) failUrl(family, "it has no scheme");
  const std::string_view scheme = url.substr(0, colon);
  std::string_view rest = url.substr(colon + 1);
  constexpr std::string_view kUnixSuffix = "+unix";
  const bool isSecureUnix = isScheme(scheme, family.secure, kUnixSuffix);
  parts.isSecure = isSecureUnix || equalsIgnoreCase(scheme, family.secure);
  if (isSecureUnix || isScheme(scheme, family.plain, kUnixSuffix) || equalsIgnoreCase(scheme, "unix")) {
    if (rest.starts_with("//")) rest.remove_prefix(2);
    if (!rest.starts_with('/')) failUrl(family, "the path of the Unix socket is not absolute");
    takeUnix(family, rest, parts);
    return parts;
  }
  if (!parts.isSecure && !equalsIgnoreCase(scheme, family.plain)) {
    const std::string plain(family.plain);
    failUrl(family, "scheme '" + std::string(scheme) + "' is not " + plain + ", " +
                        std::string(family.secure) + " or " + plain + "+unix");
  }
  if (!rest.starts_with("//")) failUrl(family, "missing host");
  rest.remove_prefix(2);
  constexpr std::string_view kUnix = "unix:/";
  if (equalsIgnoreCase(rest.substr(0, kUnix.size()), kUnix)) {
    takeUnix(family, rest.substr(kUnix.size() - 1), parts);
  } else {
    takeTcp(family, rest, parts);
  }
  return parts;
}

std::string encodePath(std::string_view path) {
  std::string encoded;
  while (true) {
    const std::size_t slash = path.find('/');
    encoded += percentEncode(path.substr(0, slash));
    if (slash == std::string_view::npos) return encoded;
    encoded += '/';
    path.remove_prefix(slash + 1);
  }
}

std::string createEndpointUrl(const UrlFamily& family, std::string_view host, std::uint16_t port,
                              bool isSecure) {
  std::string authority(host);
  if (host.find(':') != std::string_view::npos && !host.starts_with('[')) authority = '[' + authority + ']';
  const auto parsed = parseAuthority(authority);
  if (!parsed || parsed->port) failUrl(family, "malformed host");
  const int written = port != 0 ? port : (isSecure ? 443 : 80);
  return std::string(isSecure ? family.secure : family.plain) + "://" + authority + ':' +
         std::to_string(written);
}

std::string createUnixEndpointUrl(const UrlFamily& family, std::string_view unixPath, bool isSecure) {
  if (!unixPath.starts_with('/')) failUrl(family, "the path of the Unix socket is not absolute");
  return std::string(isSecure ? family.secure : family.plain) + "+unix://" + encodePath(unixPath);
}

}  // namespace autobahn::inline v0::util
