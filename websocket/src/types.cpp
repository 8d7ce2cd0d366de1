#include <autobahn/websocket/types.hpp>

namespace autobahn::inline v0::websocket {
namespace {

double ratio(std::uint64_t wire, std::uint64_t app) {
  return app == 0 ? 0.0 : static_cast<double>(wire) / static_cast<double>(app);
}

}  // namespace

std::string_view ConnectionRequest::param(std::string_view name) const {
  for (const auto& [key, value] : params) {
    if (key == name) return value;
  }
  return {};
}

double TrafficStats::incomingCompressionRatio() const {
  return ratio(incomingOctetsWireLevel, incomingOctetsAppLevel);
}

double TrafficStats::outgoingCompressionRatio() const {
  return ratio(outgoingOctetsWireLevel, outgoingOctetsAppLevel);
}

}  // namespace autobahn::inline v0::websocket
