#include "keyed_hash.hpp"

#include <autobahn/util/random.hpp>
#include <bit>
#include <cstring>
#include <span>

namespace autobahn::inline v0::wamp::router {
namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

std::uint64_t loadWord(const char* bytes, std::size_t count) noexcept {
  std::uint64_t word = 0;
  if (count != 0)
    std::memcpy(&word, bytes, count);  // of the host's byte order: the hash does not leave the process
  return word;
}

}  // namespace

std::array<std::uint64_t, 2> KeyedHash::processKey() {
  static const std::array<std::uint64_t, 2> key = [] {
    std::array<std::uint64_t, 2> drawn{};
    util::randomBytes({reinterpret_cast<char*>(drawn.data()), sizeof drawn});
    return drawn;
  }();
  return key;
}

std::size_t KeyedHash::operator()(std::string_view text) const noexcept {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  SipState state{key_[0] ^ 0x736f6d6570736575u, key_[1] ^ 0x646f72616e646f6du, key_[0] ^ 0x6c7967656e657261u,
                 key_[1] ^ 0x7465646279746573u};
  const std::uint64_t length = std::uint64_t{text.size()} << 56;
  while (text.size() >= kWord) {
    state.absorb(loadWord(text.data(), kWord));
    text.remove_prefix(kWord);
  }
  state.absorb(length | loadWord(text.data(), text.size()));
  state.v2 ^= 0xff;
  state.round();
  state.round();
  state.round();
  return static_cast<std::size_t>(state.v0 ^ state.v1 ^ state.v2 ^ state.v3);
}

}  // namespace autobahn::inline v0::wamp::router
