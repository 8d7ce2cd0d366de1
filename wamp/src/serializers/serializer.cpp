#include <algorithm>
#include <autobahn/wamp/serializer.hpp>
#include <limits>

#include "codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// What the protocol's own attributes need: HELLO.Details.roles.caller.features.
constexpr int kLeastMaxDepth = 5;

// Parts of messages are kept as 32-bit offsets.
std::size_t limitOf(std::size_t option) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  return option == 0 ? kMost : std::min(option, kMost);
}

}  // namespace

Serializer::Serializer(SerializerOptions options) : options_(options) {
  options_.maxMessageSize = limitOf(options.maxMessageSize);
  options_.maxDepth = std::clamp(options.maxDepth, kLeastMaxDepth, kHighestMaxDepth);
}

Problem Serializer::serialize(const Message& message, util::ByteBuffer& out) {
  const std::size_t before = out.size();
  Problem problem;
  try {
    problem = write(message, out);
  } catch (...) {  // out of memory
    out.truncate(before);
    throw;
  }
  const std::size_t size = out.size() - before;
  if (!problem && size > options_.maxMessageSize) {
    problem = std::string(messageName(message)) + ": " + std::to_string(size) + " octets, and at most " +
              std::to_string(options_.maxMessageSize) + " may be sent";
  }
  if (problem) {
    out.truncate(before);
    return problem;
  }
  stats_.octetsOut += size;
  ++stats_.messagesOut;
  return std::nullopt;
}

Problem Serializer::unserialize(std::string_view bytes, bool isBinaryMessage, std::vector<Message>& out) {
  if (isBinaryMessage != isBinary()) {
    return std::string(isBinary() ? "binary" : "text") + " messages are agreed on (" + subprotocol() +
           "), this one is " + (isBinaryMessage ? "binary" : "text");
  }
  stats_.octetsIn += bytes.size();
  const std::size_t before = out.size();
  Problem problem;
  try {
    problem = read(bytes, out);
  } catch (...) {  // out of memory
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(before), out.end());
    throw;
  }
  stats_.messagesIn += out.size() - before;
  return problem;
}

}  // namespace autobahn::inline v0::wamp
