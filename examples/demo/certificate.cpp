#include "certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace demo {
namespace {

void check(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL cannot make a certificate");
}

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free>>;

std::string takeText(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

void addNames(X509* certificate) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension names(
      X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"));
  check(names && X509_add_ext(certificate, names.get(), -1) == 1);
}

}  // namespace

Certificate makeCertificate() {
  const Key key(EVP_EC_gen("P-256"));
  const Cert certificate(X509_new());
  check(key && certificate);
  check(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 60 * 60);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const auto* const commonName = reinterpret_cast<const unsigned char*>("localhost");
  check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, commonName, -1, -1, 0) == 1);
  check(X509_set_issuer_name(certificate.get(), name) == 1);
  check(X509_set_pubkey(certificate.get(), key.get()) == 1);
  addNames(certificate.get());
  check(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);

  const Memory certificateText(BIO_new(BIO_s_mem()));
  const Memory keyText(BIO_new(BIO_s_mem()));
  check(certificateText && keyText);
  check(PEM_write_bio_X509(certificateText.get(), certificate.get()) == 1);
  check(PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {takeText(certificateText.get()), takeText(keyText.get())};
}

}  // namespace demo
