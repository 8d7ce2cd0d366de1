// Messages and the codecs: one reader and one writer for all messages and all encodings.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <autobahn/wamp/serializer.hpp>

#include "../serializers/codec.hpp"

namespace autobahn::inline v0::wamp {

/// Reads the one message that `encoded` is, into `out` (whose former content is lost). On a problem `out`
/// holds anything. Costs one allocation when the message has texts or a payload, none otherwise; unusual
/// attributes cost more.
Problem readMessage(Decoder& decoder, Encoding encoding, std::string_view encoded,
                    const SerializerOptions& options, Message& out);

/// Appends a message to `out`. On a problem `out` holds a part of it.
Problem writeMessage(Encoder& encoder, Encoding encoding, const Message& message,
                     const SerializerOptions& options, util::ByteBuffer& out);

}  // namespace autobahn::inline v0::wamp
