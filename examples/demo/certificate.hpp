// A throw-away certificate, so that the demo can speak TLS without anybody preparing anything.
#pragma once

#include <string>

namespace demo {

struct Certificate {
  std::string certificate;  ///< PEM; self-signed, so it is its own authority
  std::string key;          ///< PEM
};

/// For localhost and 127.0.0.1, valid for a day. Throws std::runtime_error when OpenSSL fails.
Certificate makeCertificate();

}  // namespace demo
