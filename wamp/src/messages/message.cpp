#include <algorithm>
#include <array>
#include <autobahn/wamp/message.hpp>
#include <cstddef>
#include <cstdint>

namespace autobahn::inline v0::wamp {
namespace {

// In the order of Message's alternatives, which the assertion below holds to.
constexpr std::array kTypes{
    MessageType{1, "HELLO"},         MessageType{2, "WELCOME"},      MessageType{3, "ABORT"},
    MessageType{4, "CHALLENGE"},     MessageType{5, "AUTHENTICATE"}, MessageType{6, "GOODBYE"},
    MessageType{8, "ERROR"},         MessageType{16, "PUBLISH"},     MessageType{17, "PUBLISHED"},
    MessageType{32, "SUBSCRIBE"},    MessageType{33, "SUBSCRIBED"},  MessageType{34, "UNSUBSCRIBE"},
    MessageType{35, "UNSUBSCRIBED"}, MessageType{36, "EVENT"},       MessageType{337, "EVENT_RECEIVED"},
    MessageType{48, "CALL"},         MessageType{49, "CANCEL"},      MessageType{50, "RESULT"},
    MessageType{64, "REGISTER"},     MessageType{65, "REGISTERED"},  MessageType{66, "UNREGISTER"},
    MessageType{67, "UNREGISTERED"}, MessageType{68, "INVOCATION"},  MessageType{69, "INTERRUPT"},
    MessageType{70, "YIELD"},
};

template <class... Alternatives>
constexpr bool isInOrder(const std::variant<Alternatives...>*) {
  const std::array codes{Alternatives::kCode...};
  return std::ranges::equal(codes, kTypes, {}, {}, &MessageType::code);
}
static_assert(isInOrder(static_cast<const Message*>(nullptr)));

// The place of each code in `kTypes`, for the codes below kCodes; EVENT_RECEIVED is looked for.
constexpr int kCodes = 128;
constexpr std::uint8_t kNone = 0xFF;
constexpr auto kPlaces = [] {
  std::array<std::uint8_t, kCodes> places{};
  places.fill(kNone);
  for (std::size_t i = 0; i != kTypes.size(); ++i) {
    if (kTypes[i].code < kCodes)
      places[static_cast<std::size_t>(kTypes[i].code)] = static_cast<std::uint8_t>(i);
  }
  return places;
}();

}  // namespace

std::span<const MessageType> messageTypes() { return kTypes; }

std::string_view messageName(int code) {
  if (code >= 0 && code < kCodes) {
    const std::uint8_t place = kPlaces[static_cast<std::size_t>(code)];
    return place == kNone ? std::string_view() : kTypes[place].name;
  }
  const auto found = std::ranges::find(kTypes, code, &MessageType::code);
  return found == kTypes.end() ? std::string_view() : found->name;
}

int messageCode(const Message& message) { return kTypes[message.index()].code; }

}  // namespace autobahn::inline v0::wamp
