// What a message weighs while it waits.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <cstddef>
#include <variant>

namespace autobahn::inline v0::wamp {

/// Octets of what the application has put into a message.
inline std::size_t octetsOf(const Message& message) {
  return std::visit(
      [](const auto& each) -> std::size_t {
        if constexpr (requires { each.payload; }) {
          return each.payload.octets();
        } else {
          return 0;
        }
      },
      message);
}

}  // namespace autobahn::inline v0::wamp
