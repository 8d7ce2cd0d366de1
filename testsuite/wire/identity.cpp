// Certificates made on the spot.
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

#include "wire/tls.hpp"

namespace wstest {
namespace {

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freeing<&::BIO_free>>;
using Certificate = std::unique_ptr<X509, Freeing<&::X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freeing<&::EVP_PKEY_free>>;

void require(bool isGood, const char* what) {
  if (!isGood) throw std::runtime_error(std::string("OpenSSL cannot ") + what);
}

std::string textOf(BIO* bio) {
  char* data = nullptr;
  const long size = ::BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Bio reading(const std::string& text) {
  return Bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void addExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr, "make a certificate's extension");
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

}  // namespace

Identity makeIdentity(const IdentityRequest& request, const Identity* issuer) {
  const Key key(::EVP_EC_gen("P-256"));
  require(key != nullptr, "make a key");
  const Certificate certificate(::X509_new());
  X509* const made = certificate.get();
  ::X509_set_version(made, 2);
  std::uint32_t serial = 0;
  ::RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(made), serial);
  constexpr long kDay = 24L * 60 * 60;
  ::X509_gmtime_adj(::X509_getm_notBefore(made), request.validFromDays * kDay);
  ::X509_gmtime_adj(::X509_getm_notAfter(made), request.validUntilDays * kDay);
  ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(request.commonName.c_str()), -1, -1, 0);
  ::X509_set_pubkey(made, key.get());

  Certificate issuerCertificate;
  Key issuerKey;
  if (issuer != nullptr) {
    issuerCertificate.reset(
        ::PEM_read_bio_X509(reading(issuer->certificate).get(), nullptr, nullptr, nullptr));
    issuerKey.reset(::PEM_read_bio_PrivateKey(reading(issuer->key).get(), nullptr, nullptr, nullptr));
    require(issuerCertificate && issuerKey, "read the issuer");
  }
  X509* const signer = issuer != nullptr ? issuerCertificate.get() : made;
  ::X509_set_issuer_name(made, ::X509_get_subject_name(signer));
  addExtension(made, signer, NID_basic_constraints, request.isAuthority ? "critical,CA:TRUE" : "CA:FALSE");
  addExtension(made, signer, NID_subject_key_identifier, "hash");
  addExtension(made, signer, NID_authority_key_identifier, "keyid:always");
  if (request.isAuthority) addExtension(made, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  if (!request.subjectAltName.empty())
    addExtension(made, signer, NID_subject_alt_name, request.subjectAltName);
  require(::X509_sign(made, issuer != nullptr ? issuerKey.get() : key.get(), ::EVP_sha256()) > 0,
          "sign a certificate");

  const Bio pem(::BIO_new(::BIO_s_mem()));
  ::PEM_write_bio_X509(pem.get(), made);
  const Bio keyPem(::BIO_new(::BIO_s_mem()));
  ::PEM_write_bio_PrivateKey(keyPem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {textOf(pem.get()), textOf(keyPem.get())};
}

}  // namespace wstest
