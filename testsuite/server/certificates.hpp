// The certificates of a fuzzing server: the right one, and the wrong ones that clients must refuse.
#pragma once

#include <memory>
#include <string>

#include "cases/case.hpp"
#include "wire/tls.hpp"

namespace wstest {

class Certificates {
 public:
  /// Makes an authority, and certificates signed by it for `host` and localhost.
  explicit Certificates(const std::string& host);
  /// Uses the caller's for the right one. Throws std::runtime_error naming the file.
  void useFiles(const std::string& certificateFile, const std::string& keyFile);

  /// Of the authority that signs the right one (when it was made here), for clients to trust.
  const std::string& authority() const { return authority_.certificate; }
  std::shared_ptr<SSL_CTX> context(Presents presents) const;

 private:
  std::string names_;
  Identity authority_;
  std::shared_ptr<SSL_CTX> right_;
};

}  // namespace wstest
