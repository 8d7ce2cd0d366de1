#include "session.hpp"

#include <autobahn/wamp/message.hpp>
#include <string>

#include "call.hpp"
#include "suspension.hpp"

namespace autobahn::inline v0::wamp::router {

Session::Session(SessionInfo who, SessionLimits atMost)
    : info(std::move(who)),
      limits(atMost),
      identity{.session = info.session, .authid = Text(info.authid), .authrole = Text(info.authrole)} {}
Session::~Session() = default;

void refuse(Outbox& out, Session& session, int requestType, Id request, std::string_view uri,
            std::string_view why) {
  message::Error error{.requestType = requestType, .request = request, .error = Text::constant(uri)};
  if (!why.empty()) error.payload = Payload(List{why});
  out.send(session, std::move(error));
}

std::string limitReached(std::string_view what, std::size_t limit) {
  return "no more than " + std::to_string(limit) + " " + std::string(what) + " here";
}

}  // namespace autobahn::inline v0::wamp::router
