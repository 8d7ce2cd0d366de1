#include <autobahn/wamp/transport.hpp>

namespace autobahn::inline v0::wamp {

void Transport::sendSerialized(std::string_view /*bytes*/) {
  throw InvalidState("this transport has no serializer: use send");
}

}  // namespace autobahn::inline v0::wamp
