// 9: limits and performance. Large messages, many fragments, small TCP segments, round trips.
#include <array>
#include <initializer_list>

#include "cases/exchange.hpp"

namespace wstest {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

/// The two kinds of messages have sub-groups of their own, the same otherwise.
struct Kind {
  bool isBinary;
  std::string_view name;
  std::string payload(std::size_t size) const { return std::string(size, isBinary ? '\xFE' : '*'); }
};
constexpr Kind kText{false, "text"};
constexpr Kind kBinary{true, "binary"};

std::string sizeText(std::size_t size) {
  if (size >= kMiB && size % kMiB == 0) return std::to_string(size / kMiB) + "M";
  if (size >= kKiB && size % kKiB == 0) return std::to_string(size / kKiB) + "K";
  return std::to_string(size);
}

/// Smaller in the quick profile.
std::size_t scaled(const Exchange& x, std::size_t size) {
  constexpr std::size_t kPart = 16;
  return x.profile() == Profile::full ? size : size / kPart;
}

void echoOnce(Exchange& x, const Kind& kind, std::size_t size, std::size_t fragmentSize,
              std::size_t chopSize) {
  std::string payload = kind.payload(size);
  x.expect(Behavior::ok, {{Event::Kind::message, payload, kind.isBinary}});
  x.expectClose({.byMe = true, .codes = {1000}, .isClean = true});
  x.sendMessage(payload, kind.isBinary, fragmentSize, chopSize);
  x.settle(x.patience().whole);
}

std::string echoExpectation(const Kind& kind) {
  return "The same " + std::string(kind.name) + " message comes back; then a clean close with 1000.";
}

void addSizes(Catalog& catalog, const std::string& group, const Kind& kind) {
  int number = 0;
  for (const std::size_t size : {64 * kKiB, 256 * kKiB, kMiB, 4 * kMiB, 8 * kMiB, 16 * kMiB}) {
    auto& made = catalog.add(group + "." + std::to_string(++number),
                             "Send a " + std::string(kind.name) + " message of " + sizeText(size) + " bytes.",
                             echoExpectation(kind), "RFC 6455, 5.2 and 10.4",
                             [kind, size](Exchange& x) { echoOnce(x, kind, size, 0, 0); });
    made.isTimed = true;
    made.isInQuick = size <= kMiB;
  }
}

void addFragments(Catalog& catalog, const std::string& group, const Kind& kind) {
  int number = 0;
  for (const std::size_t fragment : {std::size_t{64}, std::size_t{256}, kKiB, 4 * kKiB, 16 * kKiB, 64 * kKiB,
                                     256 * kKiB, kMiB, 4 * kMiB}) {
    auto& made = catalog.add(group + "." + std::to_string(++number),
                             "Send a " + std::string(kind.name) + " message of 4M bytes in fragments of " +
                                 sizeText(fragment) + ".",
                             echoExpectation(kind), "RFC 6455, 5.4", [kind, fragment](Exchange& x) {
                               echoOnce(x, kind, scaled(x, 4 * kMiB), fragment, 0);
                             });
    made.isTimed = true;
  }
}

void addChops(Catalog& catalog, const std::string& group, const Kind& kind) {
  int number = 0;
  for (const std::size_t chop : std::initializer_list<std::size_t>{64, 128, 256, 512, 1024, 2048}) {
    auto& made = catalog.add(group + "." + std::to_string(++number),
                             "Send a " + std::string(kind.name) +
                                 " message of 1M bytes in one frame, written to TCP in pieces of " +
                                 std::to_string(chop) + " bytes.",
                             echoExpectation(kind), "RFC 6455, 5.2",
                             [kind, chop](Exchange& x) { echoOnce(x, kind, scaled(x, kMiB), 0, chop); });
    made.isTimed = true;
  }
}

void roundTrips(Exchange& x, const Kind& kind, std::size_t size) {
  x.expectClose({.byMe = true, .codes = {1000}, .isClean = true});
  x.keepEvents(false);
  const Event sent{Event::Kind::message, kind.payload(size), kind.isBinary};
  const int count = x.amount(1000, 50);
  for (int i = 0; i < count; ++i) {
    x.sendMessage(sent.payload, kind.isBinary);
    if (x.receive(x.patience().whole) != Received::event) {
      const std::string which = "message " + std::to_string(i + 1) + " of " + std::to_string(count) + ": ";
      return x.fail(which + (x.violation().empty() ? "no echo" : x.violation()));
    }
    if (x.last() != sent) return x.fail("the echo is another message: " + describe(x.last()));
  }
  x.pass(std::to_string(count) + " messages were echoed");
  if (!x.finish()) x.fail("more messages came than were sent");
  x.judgeClose();
}

void addRoundTrips(Catalog& catalog, const std::string& group, const Kind& kind) {
  int number = 0;
  for (const std::size_t size : std::initializer_list<std::size_t>{0, 16, 64, 256, 1024, 4096}) {
    auto& made = catalog.add(group + "." + std::to_string(++number),
                             "Send 1000 " + std::string(kind.name) + " messages of " + std::to_string(size) +
                                 " bytes, each after the echo of the one before: round-trip time.",
                             "Every message comes back.", "RFC 6455, 5.6",
                             [kind, size](Exchange& x) { roundTrips(x, kind, size); });
    made.isTimed = true;
  }
}

}  // namespace

void addLimits(Catalog& catalog) {
  catalog.group("9", "Limits/Performance");
  struct SubGroup {
    const char* title;
    void (*add)(Catalog&, const std::string&, const Kind&);
  };
  constexpr std::array<SubGroup, 4> kSubGroups{
      {{"message, increasing size", addSizes},
       {"message in fragments, fixed size, increasing fragment size", addFragments},
       {"message, fixed size, increasing TCP chop size", addChops},
       {"message round-trip time, increasing size", addRoundTrips}}};
  int number = 0;
  for (const auto& [title, add] : kSubGroups) {
    for (const Kind& kind : {kText, kBinary}) {
      const std::string id = "9." + std::to_string(++number);
      catalog.group(id, (kind.isBinary ? "Binary " : "Text ") + std::string(title));
      add(catalog, id, kind);
    }
  }
}

}  // namespace wstest
