#include <algorithm>
#include <array>
#include <autobahn/websocket/close_code.hpp>

namespace autobahn::inline v0::websocket {
namespace {

struct CloseCodeRange {
  std::uint16_t first;
  std::uint16_t last;
  std::string_view name;
  bool mayReceive;  // RFC 6455 section 7.4.2: what a peer may put on the wire
  bool maySend;     // what an application may ask for; the engine itself may send more (1002, 1007, 1009 …)
};

// Everything that is not listed is "unknown" and may neither be sent nor received: 0–999 are unused, 1004 and
// 1016–2999 are reserved for the protocol and its extensions.
constexpr std::array kCloseCodes = {
    CloseCodeRange{1000, 1000, "normal closure", true, true},
    CloseCodeRange{1001, 1001, "going away", true, true},
    CloseCodeRange{1002, 1002, "protocol error", true, false},
    CloseCodeRange{1003, 1003, "unsupported data", true, false},
    CloseCodeRange{1005, 1005, "no status received", false, false},
    CloseCodeRange{1006, 1006, "abnormal closure", false, false},
    CloseCodeRange{1007, 1007, "invalid frame payload data", true, false},
    CloseCodeRange{1008, 1008, "policy violation", true, true},
    CloseCodeRange{1009, 1009, "message too big", true, false},
    CloseCodeRange{1010, 1010, "mandatory extension missing", true, false},
    CloseCodeRange{1011, 1011, "internal error", true, true},
    CloseCodeRange{1012, 1012, "service restart", true, true},
    CloseCodeRange{1013, 1013, "try again later", true, true},
    CloseCodeRange{1014, 1014, "bad gateway", true, true},
    CloseCodeRange{1015, 1015, "TLS handshake failed", false, false},
    CloseCodeRange{3000, 3999, "library", true, true},
    CloseCodeRange{4000, 4999, "application", true, true},
};

const CloseCodeRange* findRange(std::uint16_t code) {
  const auto* found = std::ranges::find_if(
      kCloseCodes, [code](const CloseCodeRange& range) { return code >= range.first && code <= range.last; });
  return found == kCloseCodes.end() ? nullptr : found;
}

}  // namespace

std::string_view closeCodeName(std::uint16_t code) {
  const CloseCodeRange* range = findRange(code);
  return range == nullptr ? "unknown" : range->name;
}

bool mayReceiveCloseCode(std::uint16_t code) {
  const CloseCodeRange* range = findRange(code);
  return range != nullptr && range->mayReceive;
}

bool maySendCloseCode(std::uint16_t code) {
  const CloseCodeRange* range = findRange(code);
  return range != nullptr && range->maySend;
}

}  // namespace autobahn::inline v0::websocket
