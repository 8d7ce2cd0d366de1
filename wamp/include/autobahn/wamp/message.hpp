// The messages of WAMP v2: plain structs, one per message, in namespace `message`.
//
//   message::Call call{.request = 1, .procedure = "com.myapp.add", .payload = Payload({2, 3})};
//
// Everything a peer may send is checked when it is read (serializer.hpp): types, ranges, URIs, required keys.
// Keys of options and details that are not known are ignored, but for custom attributes, which are kept.
#pragma once

#include <autobahn/wamp/message_pubsub.hpp>
#include <autobahn/wamp/message_rpc.hpp>
#include <autobahn/wamp/message_session.hpp>
#include <span>
#include <string_view>
#include <variant>

namespace autobahn::inline v0::wamp {

/// Any message.
using Message =
    std::variant<message::Hello, message::Welcome, message::Abort, message::Challenge, message::Authenticate,
                 message::Goodbye, message::Error, message::Publish, message::Published, message::Subscribe,
                 message::Subscribed, message::Unsubscribe, message::Unsubscribed, message::Event,
                 message::EventReceived, message::Call, message::Cancel, message::Result, message::Register,
                 message::Registered, message::Unregister, message::Unregistered, message::Invocation,
                 message::Interrupt, message::Yield>;

/// One row of the table of messages.
struct MessageType {
  int code;
  std::string_view name;  ///< "CALL"
};
/// All messages, in the order of `Message`'s alternatives.
std::span<const MessageType> messageTypes();
/// "CALL" for 48; empty for codes that mean nothing.
std::string_view messageName(int code);
/// The code of what is held.
int messageCode(const Message& message);
inline std::string_view messageName(const Message& message) { return messageTypes()[message.index()].name; }

}  // namespace autobahn::inline v0::wamp
