// The nonce of the opening handshake and the proof that the server read it.
#include <array>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/random.hpp>

#include "handshake.hpp"

namespace autobahn::inline v0::websocket {

std::string newKey() {
  std::array<char, 16> bytes{};
  util::randomBytes(bytes);
  return util::base64Encode({bytes.data(), bytes.size()});
}

std::string acceptKey(std::string_view key) {
  // RFC 6455 section 1.3.
  constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return util::base64Encode(util::sha1(std::string(key).append(kGuid)));
}

std::optional<int> wireVersion(int version) {
  if (version == 8 || (version >= 10 && version <= 12)) return 8;
  if (version >= 13 && version <= 18) return 13;
  return std::nullopt;
}

}  // namespace autobahn::inline v0::websocket
