#include "fields_pubsub.hpp"
#include "fields_rpc.hpp"
#include "fields_session.hpp"
#include "message_codec.hpp"
#include "reader.hpp"

namespace autobahn::inline v0::wamp {
namespace {

template <class T>
bool readAs(MessageReader& reader, Message& out) {
  T& message = out.emplace<T>();
  return reader.readElements(message) && reader.check(message);
}

template <class... Alternatives>
bool readByCode(int code, MessageReader& reader, std::variant<Alternatives...>& out) {
  bool isGood = false;
  const bool isKnown =
      ((code == Alternatives::kCode && (isGood = readAs<Alternatives>(reader, out), true)) || ...);
  return isKnown && isGood;
}

}  // namespace

Problem readMessage(Decoder& decoder, Encoding encoding, std::string_view encoded,
                    const SerializerOptions& options, Message& out) {
  decoder.start(encoded, options.maxDepth);
  MessageReader reader(decoder, encoding, options);
  int code = 0;
  if (!reader.readCode(code)) return reader.problem("message");
  if (readByCode(code, reader, out)) return std::nullopt;
  return reader.problem(messageName(code));
}

}  // namespace autobahn::inline v0::wamp
