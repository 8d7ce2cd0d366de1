// Digests and encodings. OpenSSL underneath, none of its types in sight. Every function may be called from
// any thread; an OpenSSL failure (no memory, digest forbidden by policy) throws `std::runtime_error`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::util {

/// The 20 raw bytes of SHA-1. For the opening handshake (RFC 6455 section 4.2.2) only; not for security.
std::string sha1(std::string_view data);

/// The 32 raw bytes of SHA-256 (FIPS 180-4).
std::string sha256(std::string_view data);

/// SHA-256 over data that arrives in pieces. One object for one thread at a time.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  /// Adds data. May be empty.
  void update(std::string_view data);
  /// The 32 raw bytes over everything added; the object then begins a new digest.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// The 32 raw bytes of HMAC-SHA-256 (RFC 2104). Keys of any length, the empty one included.
std::string hmacSha256(std::string_view key, std::string_view data);

/// Base64 with padding (RFC 4648 section 4), no line breaks.
std::string base64Encode(std::string_view data);
/// Strict reverse of `base64Encode`: nothing for a wrong length or alphabet, missing or misplaced padding,
/// white space, or bits set behind the last byte, so that every value has one accepted spelling.
std::optional<std::string> base64Decode(std::string_view text);

/// Lower-case hexadecimal, two digits per byte.
std::string hexEncode(std::string_view data);

/// Compares secrets in a time that depends on their lengths only.
bool constantTimeEquals(std::string_view a, std::string_view b);

}  // namespace autobahn::inline v0::util
