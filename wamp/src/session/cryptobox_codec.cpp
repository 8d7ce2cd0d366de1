#include <autobahn/wamp/cryptobox_codec.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/payload.hpp>

namespace autobahn::inline v0::wamp {

std::optional<EncodedPayload> CryptoboxCodec::encode(bool isOriginating, std::string_view uri,
                                                     const CallArgs& content) {
  const Payload payload(content.args, content.kwargs);
  const Payload::Raw json = payload.rawFor(Encoding::json);
  if (!json.error.empty()) throw SerializationError("cryptobox: " + std::string(json.error));
  return keys_->encode(isOriginating, uri, json.args, json.kwargs);
}

CallArgs CryptoboxCodec::decode(bool isOriginating, std::string_view uri, const EncodedPayload& encoded) {
  const CryptoboxContent content = keys_->decode(isOriginating, uri, encoded);
  if (content.args.empty() && content.kwargs.empty()) return {};
  // Where there are keyword arguments, positional ones stand before them.
  const std::string_view args =
      content.args.empty() ? std::string_view("[]") : std::string_view(content.args);
  auto [positional, named] = Payload::encoded(Encoding::json, args, content.kwargs).take();
  return {std::move(positional), std::move(named)};
}

}  // namespace autobahn::inline v0::wamp
