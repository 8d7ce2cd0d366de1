// Throw-away certificates for tests.
#pragma once

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace autobahn::inline v0::util::testing {

/// A certificate and its key, PEM.
struct TestCertificate {
  std::string certificate;
  std::string key;
};

/// What to make. Without an issuer it signs itself.
struct CertificateRequest {
  std::string commonName = "localhost";
  std::string altNames =
      "DNS:localhost,IP:127.0.0.1,IP:::1";  ///< as OpenSSL's subjectAltName has them; or empty
  bool isAuthority = false;
  long notBefore = -3600;  ///< seconds from now
  long notAfter = 24 * 3600;
  const TestCertificate* issuer = nullptr;
};

namespace detail {

template <class Object, class Free>
auto owned(Object* object, Free free) {
  if (object == nullptr) throw std::runtime_error("OpenSSL gave nothing");
  return std::unique_ptr<Object, Free>(object, free);
}

template <class Write>
std::string toPem(Write write) {
  const auto bio = owned(BIO_new(BIO_s_mem()), &BIO_free_all);
  if (write(bio.get()) != 1) throw std::runtime_error("cannot write PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

inline void addExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const auto extension =
      owned(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), &X509_EXTENSION_free);
  X509_add_ext(certificate, extension.get(), -1);
}

}  // namespace detail

inline TestCertificate makeCertificate(const CertificateRequest& request) {
  using detail::owned;
  static long serial = 1;
  const auto key = owned(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const auto certificate = owned(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), request.notBefore);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), request.notAfter);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(request.commonName.c_str()), -1, -1, 0);

  std::unique_ptr<X509, decltype(&X509_free)> issuer(nullptr, &X509_free);
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> issuerKey(nullptr, &EVP_PKEY_free);
  if (request.issuer != nullptr) {
    const auto bio = owned(BIO_new_mem_buf(request.issuer->certificate.data(), -1), &BIO_free_all);
    issuer.reset(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    const auto keyBio = owned(BIO_new_mem_buf(request.issuer->key.data(), -1), &BIO_free_all);
    issuerKey.reset(PEM_read_bio_PrivateKey(keyBio.get(), nullptr, nullptr, nullptr));
  }
  X509* const signer = issuer ? issuer.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  detail::addExtension(certificate.get(), signer, NID_basic_constraints,
                       request.isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  detail::addExtension(certificate.get(), signer, NID_subject_key_identifier, "hash");
  if (!request.altNames.empty()) {
    detail::addExtension(certificate.get(), signer, NID_subject_alt_name, request.altNames);
  }
  if (X509_sign(certificate.get(), issuerKey ? issuerKey.get() : key.get(), EVP_sha256()) == 0) {
    throw std::runtime_error("cannot sign");
  }
  return {detail::toPem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); }),
          detail::toPem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

/// A key under a password.
inline std::string encryptKey(const std::string& key, const std::string& password) {
  const auto bio = detail::owned(BIO_new_mem_buf(key.data(), -1), &BIO_free_all);
  const auto parsed =
      detail::owned(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  return detail::toPem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, parsed.get(), EVP_aes_128_cbc(),
                                    reinterpret_cast<const unsigned char*>(password.data()),
                                    static_cast<int>(password.size()), nullptr, nullptr);
  });
}

/// An authority, and a server ("localhost", 127.0.0.1, ::1) and a client ("alice") it vouches for.
struct TestAuthority {
  TestCertificate ca =
      makeCertificate({.commonName = "autobahn test CA", .altNames = {}, .isAuthority = true});
  TestCertificate server = issue({});
  TestCertificate client = issue({.commonName = "alice", .altNames = "email:alice@example.com"});

  TestCertificate issue(CertificateRequest request) const {
    request.issuer = &ca;
    return makeCertificate(request);
  }
};

}  // namespace autobahn::inline v0::util::testing
