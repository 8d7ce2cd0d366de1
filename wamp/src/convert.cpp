#include <autobahn/wamp/arguments.hpp>

#include "value_text.hpp"

namespace autobahn::inline v0::wamp {

void refuse(std::string_view wanted, const Value& value) {
  throw ConversionError(std::string(wanted) + " wanted, got " + describeValue(value));
}

const List& listOf(const Value& value, std::size_t size) {
  const std::string wanted = "a list of " + std::to_string(size);
  if (!value.isList()) refuse(wanted, value);
  const List& list = value.asList();
  if (list.size() != size)
    throw ConversionError(wanted + " wanted, got one of " + std::to_string(list.size()));
  return list;
}

namespace arguments {

void refuseCount(std::size_t most, std::size_t got) {
  throw ConversionError("at most " + std::to_string(most) + (most == 1 ? " argument" : " arguments") +
                        " wanted, got " + std::to_string(got));
}

void refuseKeywords(const Dict& kwargs) {
  throw ConversionError("no keyword arguments wanted, got " + quoted(kwargs.begin()->first));
}

void refuseMissing(std::size_t index) {
  throw ConversionError("argument " + std::to_string(index + 1), "a value wanted, got nothing");
}

}  // namespace arguments
}  // namespace autobahn::inline v0::wamp
