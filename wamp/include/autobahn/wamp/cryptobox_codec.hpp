// Autobahn's end-to-end encryption as a session's payload codec.
#pragma once

#include <autobahn/wamp/auth/cryptobox.hpp>
#include <autobahn/wamp/payload_codec.hpp>
#include <memory>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::wamp {

/// Encrypts what a KeyRing has keys for: `session.setPayloadCodec(std::make_shared<CryptoboxCodec>(ring))`.
/// Inside is JSON: what JSON cannot carry throws SerializationError.
class CryptoboxCodec final : public PayloadCodec {
 public:
  explicit CryptoboxCodec(std::shared_ptr<const KeyRing> keys) : keys_(std::move(keys)) {}

  std::optional<EncodedPayload> encode(bool isOriginating, std::string_view uri,
                                       const CallArgs& content) override;
  CallArgs decode(bool isOriginating, std::string_view uri, const EncodedPayload& encoded) override;

 private:
  std::shared_ptr<const KeyRing> keys_;
};

}  // namespace autobahn::inline v0::wamp
