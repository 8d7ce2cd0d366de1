// End-to-end encryption and other transformations of payloads, on their way between sessions.
#pragma once

#include <autobahn/wamp/auth/encoded_payload.hpp>
#include <autobahn/wamp/rpc.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// Turns arguments and results into a form that routers cannot read, and back (`setPayloadCodec`). Called on
/// the thread of the session. Exceptions of `encode` fail the operation; of `decode`, the call, or the event
/// is dropped and told to `onUserError`.
class PayloadCodec {
 public:
  PayloadCodec() = default;
  PayloadCodec(const PayloadCodec&) = delete;
  PayloadCodec& operator=(const PayloadCodec&) = delete;
  virtual ~PayloadCodec() = default;

  /// `isOriginating`: this session is the caller or publisher, and not the callee or subscriber. `uri`: the
  /// procedure, topic or error. Nothing: this URI's payloads travel as they are.
  virtual std::optional<EncodedPayload> encode(bool isOriginating, std::string_view uri,
                                               const CallArgs& content) = 0;
  /// The reverse, with this session's role as above.
  virtual CallArgs decode(bool isOriginating, std::string_view uri, const EncodedPayload& encoded) = 0;
};

}  // namespace autobahn::inline v0::wamp
