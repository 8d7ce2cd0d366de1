#include "server/certificates.hpp"

#include <arpa/inet.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace wstest {
namespace {

std::string readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) throw std::runtime_error("cannot read " + path);
  return text.str();
}

bool isAddress(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

}  // namespace

Certificates::Certificates(const std::string& host)
    : names_("DNS:localhost,IP:127.0.0.1,IP:::1"),
      authority_(makeIdentity({.commonName = "wstest authority", .isAuthority = true})) {
  if (host != "localhost" && host != "127.0.0.1" && !host.empty()) {
    names_ += (isAddress(host) ? ",IP:" : ",DNS:") + host;
  }
  right_ = serverContext(makeIdentity({.commonName = "wstest", .subjectAltName = names_}, &authority_));
}

void Certificates::useFiles(const std::string& certificateFile, const std::string& keyFile) {
  const Identity identity{readFile(certificateFile), readFile(keyFile)};
  try {
    right_ = serverContext(identity);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(certificateFile + ", " + keyFile + ": " + error.what());
  }
}

std::shared_ptr<SSL_CTX> Certificates::context(Presents presents) const {
  switch (presents) {
    case Presents::rightCertificate:
      return right_;
    case Presents::otherHost:
      return serverContext(
          makeIdentity({.commonName = "other", .subjectAltName = "DNS:other.invalid"}, &authority_));
    case Presents::unknownAuthority: {
      const Identity stranger = makeIdentity({.commonName = "wstest stranger", .isAuthority = true});
      return serverContext(makeIdentity({.commonName = "wstest", .subjectAltName = names_}, &stranger));
    }
    case Presents::expired:
      return serverContext(makeIdentity(
          {.commonName = "wstest", .subjectAltName = names_, .validFromDays = -30, .validUntilDays = -1},
          &authority_));
  }
  throw std::logic_error("no such certificate");
}

}  // namespace wstest
