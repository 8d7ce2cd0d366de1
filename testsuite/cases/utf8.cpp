// 6: text messages and UTF-8.
#include <array>

#include "cases/classic.hpp"

namespace wstest {
namespace {

constexpr std::string_view kSection = "RFC 6455, 5.6 and 8.1";
constexpr std::string_view kMixed = "Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!!";
constexpr std::string_view kGreek = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
constexpr std::string_view kEdited = "edited";

Frame textPart(std::string_view payload) { return {.payload = std::string(payload), .fin = false}; }
Frame nextPart(std::string_view payload, bool fin) {
  return {.opcode = opcode::continuation, .payload = std::string(payload), .fin = fin};
}

/// One frame, or fragments of one byte. As in the original an empty fragment ends those: the last character
/// is complete before the message is.
void sendText(Exchange& x, std::string_view message, bool isBytewise) {
  if (!isBytewise) return x.sendMessage(message);
  x.send(textPart(message.substr(0, 1)));
  for (std::size_t i = 1; i < message.size(); ++i) x.send(nextPart(message.substr(i, 1), false));
  x.send(nextPart("", true));
}

void addEmptyFragments(Catalog& catalog) {
  catalog.group("6.1", "Valid text with empty fragments");
  catalog.add("6.1.1", "An empty text message.", std::string(kEchoed), std::string(kSection),
              [](Exchange& x) {
                expectEvents(x, {textMessage("")});
                x.send(Frame{});
                x.settle();
              });
  const auto add = [&](std::string_view id, std::string description, const std::string& middle) {
    catalog.add(id, std::move(description), std::string(kEchoed), std::string(kSection),
                [middle](Exchange& x) {
                  expectEvents(x, {textMessage(middle)});
                  x.send({textPart(""), nextPart(middle, false), nextPart("", true)});
                  x.settle();
                });
  };
  add("6.1.2", "A text message in three empty fragments.", "");
  add("6.1.3", "A text message in three fragments, of which only the middle one has a payload.",
      "middle frame payload");
}

void addValid(Catalog& catalog) {
  catalog.group("6.2", "Valid text, whole and in fragments");
  const auto add = [&](std::string_view id, std::string description, std::string_view message,
                       bool isBytewise) {
    catalog.add(id, std::move(description) + ": " + hex(message) + ".", std::string(kEchoed),
                std::string(kSection), [message, isBytewise](Exchange& x) {
                  expectEvents(x, {textMessage(std::string(message))});
                  sendText(x, message, isBytewise);
                  x.settle();
                });
  };
  const std::string bytewise =
      "A text message in fragments of one byte, which end within characters, and an empty last one";
  add("6.2.1", "A text message in one frame, with characters of one and two bytes", kMixed, false);
  catalog.add("6.2.2", "The message of 6.2.1 in two fragments, cut between two characters.",
              std::string(kEchoed), std::string(kSection), [](Exchange& x) {
                const std::size_t cut = kMixed.find("\u00fc");
                expectEvents(x, {textMessage(std::string(kMixed))});
                x.send({textPart(kMixed.substr(0, cut)), nextPart(kMixed.substr(cut), true)});
                x.settle();
              });
  add("6.2.3", bytewise, kMixed, true);
  add("6.2.4", bytewise, kGreek, true);
}

void addInvalid(Catalog& catalog) {
  catalog.group("6.3", "Invalid text, whole and in fragments");
  const std::string message = std::string(kGreek) + "\xed\xa0\x80" + std::string(kEdited);
  const auto add = [&](std::string_view id, std::string description, bool isBytewise) {
    catalog.add(id,
                std::move(description) + " with a surrogate, which is not valid UTF-8: " + hex(message) + ".",
                "The peer fails the connection at once, with 1007.", std::string(kSection),
                [message, isBytewise](Exchange& x) {
                  expectNothingButFailure(x, closecode::invalidPayload);
                  sendText(x, message, isBytewise);
                  x.settle();
                });
  };
  add("6.3.1", "A text message in one frame", false);
  add("6.3.2", "A text message in fragments of one byte, and an empty last one,", true);
}

/// Where the text of 6.4.x is cut, and whether the parts are frames or pieces of one frame.
struct FailFast {
  std::string_view id;
  std::size_t firstCut;
  std::size_t secondCut;
  bool isOneFrame;
};
constexpr std::array<FailFast, 4> kFailFast = {
    {{"6.4.1", 11, 15, false}, {"6.4.2", 12, 13, false}, {"6.4.3", 11, 15, true}, {"6.4.4", 12, 13, true}}};

/// What goes over the wire in each of the three steps. U+110000 is beyond Unicode: invalid from its second
/// byte on.
std::array<std::string, 3> failFastParts(const FailFast& which) {
  const std::string message = std::string(kGreek) + "\xf4\x90\x80\x80" + std::string(kEdited);
  return {message.substr(0, which.firstCut), message.substr(which.firstCut, which.secondCut - which.firstCut),
          message.substr(which.secondCut)};
}

void sendFailFastPart(Exchange& x, const FailFast& which, std::size_t index) {
  const auto parts = failFastParts(which);
  if (!which.isOneFrame) {
    x.send(index == 0 ? textPart(parts[0]) : nextPart(parts.at(index), index == 2));
    return;
  }
  // Masking goes through the whole frame: encode it as one, then cut it.
  constexpr std::uint32_t kMaskKey = 0x5a17c38e;
  const std::string payload = parts[0] + parts[1] + parts[2];
  const std::string frame = encodeFrame(Frame{.payload = payload}, x.testsServer(), kMaskKey);
  const std::size_t head = frame.size() - payload.size();
  const std::array<std::size_t, 4> cuts = {0, head + which.firstCut, head + which.secondCut, frame.size()};
  x.note("part " + std::to_string(index + 1) + " of 3 of one text frame of " +
         std::to_string(payload.size()) + " bytes");
  x.sendBytes(std::string_view(frame).substr(cuts.at(index), cuts.at(index + 1) - cuts.at(index)));
}

void runFailFast(Exchange& x, const FailFast& which) {
  expectFailure(x, closecode::invalidPayload);
  sendFailFastPart(x, which, 0);
  x.pause(1s);
  if (x.isOver()) {
    x.settle();
    if (x.violation().empty())
      failAfterAll(x, "The peer ended the connection while the text was still valid");
    return;
  }
  sendFailFastPart(x, which, 1);
  x.pause(1s);
  x.expect(x.isOver() ? Behavior::ok : Behavior::nonStrict, {});
  if (!x.isOver()) sendFailFastPart(x, which, 2);
  x.settle();
}

void addFailFast(Catalog& catalog) {
  catalog.group("6.4", "Failing fast on invalid text");
  for (const FailFast& which : kFailFast) {
    const auto parts = failFastParts(which);
    catalog.add(
        which.id,
        std::string("An invalid text message in three ") +
            (which.isOneFrame ? "pieces of one frame" : "fragments") +
            ", with a second between them: " + hex(parts[0]) + ", still valid; " + hex(parts[1]) +
            ", which makes it invalid; " + hex(parts[2]) + ".",
        "Nothing after the first part. After the second the peer fails the connection with 1007; not strict: "
        "after the third.",
        std::string(kSection), [which](Exchange& x) { runFailFast(x, which); });
  }
}

}  // namespace

void addUtf8(Catalog& catalog) {
  catalog.group("6", "UTF-8");
  addEmptyFragments(catalog);
  addValid(catalog);
  addInvalid(catalog);
  addFailFast(catalog);
  addUtf8Sequences(catalog);
}

}  // namespace wstest
