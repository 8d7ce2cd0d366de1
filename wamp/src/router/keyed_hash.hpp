// A hash of strings that peers cannot steer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace autobahn::inline v0::wamp::router {

/// SipHash-1-3 under a random key. URIs are chosen by peers: with a hash that they can compute they could put
/// all of theirs into one bucket.
class KeyedHash {
 public:
  using is_transparent = void;

  /// With a key of this process, drawn at first use.
  KeyedHash() : key_(processKey()) {}
  explicit KeyedHash(std::array<std::uint64_t, 2> key) : key_(key) {}

  std::size_t operator()(std::string_view text) const noexcept;

 private:
  static std::array<std::uint64_t, 2> processKey();

  std::array<std::uint64_t, 2> key_;
};

}  // namespace autobahn::inline v0::wamp::router
