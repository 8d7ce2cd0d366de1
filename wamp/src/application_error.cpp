#include <autobahn/util/text.hpp>
#include <autobahn/wamp/application_error.hpp>
#include <utility>

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kMaxMessageSize = 1024;

std::string makeMessage(std::string_view error, const List& args) {
  std::string message(error);
  for (const Value& each : args) {
    if (message.size() > kMaxMessageSize) break;
    message += &each == args.data() ? ": " : " ";
    // A text that is the message itself is shown without quotes.
    message += each.isString() ? util::encodeTruncate(each.asString(), kMaxMessageSize) : each.toString();
  }
  return message;
}

}  // namespace

ApplicationError::ApplicationError(std::string_view error, List args, Dict kwargs)
    : Error(makeMessage(error, args)), error_(error), args_(std::move(args)), kwargs_(std::move(kwargs)) {}

std::string ApplicationError::errorMessage() const { return what(); }

}  // namespace autobahn::inline v0::wamp
