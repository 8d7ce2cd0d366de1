#include "tls_details.hpp"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <autobahn/util/crypto.hpp>

namespace autobahn::inline v0::util {

namespace {

std::string textOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string nameOf(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  return textOf(bio.get());
}

std::string textOf(const ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, string);
  if (size < 0) return {};
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  // "good.example\0.evil.example" is nobody's name.
  return text.find('\0') == std::string::npos ? text : std::string();
}

std::string commonName(const X509_NAME* name) {
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  return index < 0 ? std::string() : textOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
}

std::string addressOf(const ASN1_OCTET_STRING* octets) {
  const int size = ASN1_STRING_length(octets);
  if (size != 4 && size != 16) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(octets), text.data(), text.size());
  return text.data();
}

PeerCertificate describe(X509* certificate) {
  PeerCertificate described;
  described.subject = nameOf(X509_get_subject_name(certificate));
  described.commonName = commonName(X509_get_subject_name(certificate));
  described.issuer = nameOf(X509_get_issuer_name(certificate));
  described.subjectAltNames = subjectAltNames(certificate);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1) {
    described.sha256Fingerprint = hexEncode({reinterpret_cast<const char*>(digest.data()), size});
  }
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) == 1) described.pem = textOf(bio.get());
  return described;
}

/// The Finished message that was sent first: the client's, in a resumed TLS 1.2 session the server's.
std::string firstFinished(SSL* ssl, bool isServer) {
  // Without the extended master secret it binds to nothing (RFC 7627); TLS 1.3 has no tls-unique.
  if (SSL_version(ssl) > TLS1_2_VERSION || SSL_get_extms_support(ssl) != 1) return {};
  const bool clientFirst = SSL_session_reused(ssl) == 0;
  std::array<char, EVP_MAX_MD_SIZE> finished;
  const std::size_t size = clientFirst != isServer
                               ? SSL_get_finished(ssl, finished.data(), finished.size())
                               : SSL_get_peer_finished(ssl, finished.data(), finished.size());
  return {finished.data(), std::min(size, finished.size())};
}

}  // namespace

std::vector<std::string> subjectAltNames(X509* certificate) {
  std::vector<std::string> names;
  auto* const list =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(list, i);
    std::string text;
    std::string kind;
    switch (name->type) {
      case GEN_DNS:
        kind = "DNS:";
        text = textOf(name->d.dNSName);
        break;
      case GEN_IPADD:
        kind = "IP:";
        text = addressOf(name->d.iPAddress);
        break;
      case GEN_URI:
        kind = "URI:";
        text = textOf(name->d.uniformResourceIdentifier);
        break;
      case GEN_EMAIL:
        kind = "email:";
        text = textOf(name->d.rfc822Name);
        break;
      default:
        break;
    }
    if (!text.empty()) names.push_back(kind + text);
  }
  GENERAL_NAMES_free(list);
  return names;
}

TlsDetails describeTls(SSL* ssl) {
  TlsDetails details;
  if (SSL_is_init_finished(ssl) == 0) return details;
  details.version = SSL_get_version(ssl);
  if (const char* const cipher = SSL_get_cipher_name(ssl)) details.cipher = cipher;
  if (const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) details.serverName = name;
  const unsigned char* alpn = nullptr;
  unsigned int alpnSize = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &alpnSize);
  if (alpn != nullptr) details.alpn.assign(reinterpret_cast<const char*>(alpn), alpnSize);
  details.resumed = SSL_session_reused(ssl) == 1;
  const X509Ptr peer(SSL_get1_peer_certificate(ssl));
  if (peer) details.peerCertificate = describe(peer.get());
  return details;
}

std::string tlsChannelId(SSL* ssl, bool isServer, std::string_view type) {
  if (SSL_is_init_finished(ssl) == 0) return {};
  if (type == "tls-unique-raw") return firstFinished(ssl, isServer);
  if (type == "tls-unique") {
    const std::string finished = firstFinished(ssl, isServer);
    return finished.empty() ? finished : sha256(finished);
  }
  if (type != "tls-exporter") return {};
  // RFC 9266 section 2 and 4.2
  if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  std::array<unsigned char, 32> secret;
  const unsigned char none = 0;
  if (SSL_export_keying_material(ssl, secret.data(), secret.size(), kLabel.data(), kLabel.size(), &none, 0,
                                 1) != 1) {
    return {};
  }
  return {reinterpret_cast<const char*>(secret.data()), secret.size()};
}

}  // namespace autobahn::inline v0::util
