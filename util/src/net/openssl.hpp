// OpenSSL's objects with owners, and its errors in words.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace autobahn::inline v0::util {

template <auto Free>
struct OpensslDeleter {
  template <class Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, OpensslDeleter<&BIO_free_all>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<&EVP_PKEY_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<&SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslDeleter<&SSL_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDeleter<&X509_free>>;

/// The newest entry of the error queue in words, which is emptied; empty when there is none.
std::string opensslError();

}  // namespace autobahn::inline v0::util
