// 6.5 to 6.23: valid and invalid UTF-8 in one frame. The sequences are those of the classic suite, which took
// them from Markus Kuhn's decoder test; its ranges leave out their last element, and so do these.
#include "cases/classic.hpp"

namespace wstest {
namespace {

std::string fromHex(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out += static_cast<char>(value(digits[i]) << 4 | value(digits[i + 1]));
  }
  return out;
}

std::vector<Utf8Sequence> all(bool isValid, std::initializer_list<std::string_view> sequences) {
  std::vector<Utf8Sequence> made;
  for (const std::string_view digits : sequences) made.push_back({isValid, fromHex(digits)});
  return made;
}
std::vector<Utf8Sequence> valid(std::initializer_list<std::string_view> sequences) {
  return all(true, sequences);
}
std::vector<Utf8Sequence> invalid(std::initializer_list<std::string_view> sequences) {
  return all(false, sequences);
}

constexpr std::string_view kGreek = "cebae1bdb9cf83cebcceb5";

/// U+0024, U+00A2, U+20AC, U+24B62 between ASCII letters, and a Greek word.
std::vector<Utf8Sequence> someText() {
  std::vector<Utf8Sequence> made = valid({"24", "c2a2", "e282ac", "f0a4ada2"});
  for (Utf8Sequence& each : made) each.bytes = "hello" + each.bytes + "world";
  made.push_back({true, fromHex(kGreek)});
  return made;
}

std::vector<Utf8Sequence> prefixes() {
  const std::string word = fromHex(kGreek);
  std::vector<Utf8Sequence> made;
  for (std::size_t size = 1; size <= word.size(); ++size) {
    const bool isWhole = size == 2 || size == 5 || size == 7 || size == 9 || size == 11;
    made.push_back({isWhole, word.substr(0, size)});
  }
  return made;
}

std::vector<Utf8Sequence> boundaries() {
  std::vector<Utf8Sequence> made = valid({"ed9fbf", "ee8080", "efbfbd", "f48fbfbf"});
  made.push_back({false, fromHex("f4908080")});
  return made;
}

std::vector<Utf8Sequence> continuationBytes() {
  std::vector<Utf8Sequence> made =
      invalid({"80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf"});
  std::string nearlyAll;
  for (int byte = 0x80; byte < 0xbf; ++byte) nearlyAll += static_cast<char>(byte);
  made.push_back({false, nearlyAll});
  return made;
}

std::vector<Utf8Sequence> startBytes() {
  std::vector<Utf8Sequence> made;
  for (const auto& [first, end] :
       {std::pair{0xc0, 0xdf}, {0xe0, 0xef}, {0xf0, 0xf7}, {0xf8, 0xfb}, {0xfc, 0xfd}}) {
    std::string spaced;
    for (int byte = first; byte < end; ++byte) {
      spaced += static_cast<char>(byte);
      spaced += ' ';
    }
    made.push_back({false, spaced});
  }
  return made;
}

std::vector<Utf8Sequence> cutShort() {
  return invalid(
      {"c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"});
}

std::vector<Utf8Sequence> cutShortInARow() {
  std::string joined;
  for (const Utf8Sequence& each : cutShort()) joined += each.bytes;
  return {{false, joined}};
}

/// U+FFFE and U+FFFF, then the last two code points of each further plane.
std::vector<Utf8Sequence> nonCharacters() {
  std::vector<Utf8Sequence> made = valid({"efbfbe", "efbfbf"});
  for (int plane = 1; plane <= 16; ++plane) {
    for (const int last : {0xbe, 0xbf}) {
      std::string bytes;
      bytes += static_cast<char>(0xf0 | plane >> 2);
      bytes += static_cast<char>(0x8f | (plane & 3) << 4);
      bytes += static_cast<char>(0xbf);
      bytes += static_cast<char>(last);
      made.push_back({true, bytes});
    }
  }
  return made;
}

}  // namespace

std::vector<Utf8Group> utf8Groups() {
  return {
      {5, "Some valid text", someText()},
      {6, "Every prefix of a valid text", prefixes()},
      {7, "The first code point of each length", valid({"00", "c280", "e0a080", "f0908080"})},
      {8, "The first of lengths 5 and 6, which are none", invalid({"f888808080", "fc8480808080"})},
      {9, "The last code point of each length", valid({"7f", "dfbf", "efbfbf", "f48fbfbf"})},
      {10, "The last of lengths 4, 5 and 6 by the bit pattern",
       invalid({"f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"})},
      {11, "Borders of what is allowed", boundaries()},
      {12, "Continuation bytes that continue nothing", continuationBytes()},
      {13, "Start bytes that are not continued", startBytes()},
      {14, "Sequences without their last byte", cutShort()},
      {15, "Incomplete sequences in a row", cutShortInARow()},
      {16, "Bytes that UTF-8 does not have", invalid({"fe", "ff", "fefeffff"})},
      {17, "An ASCII character in overlong form",
       invalid({"c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"})},
      {18, "The largest overlong forms",
       invalid({"c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"})},
      {19, "U+0000 in overlong form", invalid({"c080", "e08080", "f0808080", "f880808080", "fc8080808080"})},
      {20, "Single surrogates of UTF-16",
       invalid({"eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"})},
      {21, "Pairs of surrogates of UTF-16",
       invalid({"eda080edb080", "eda080edbfbf", "edadbfedb080", "edadbfedbfbf", "edae80edb080",
                "edae80edbfbf", "edafbfedb080", "edafbfedbfbf"})},
      {22, "Non-characters, which are valid UTF-8", nonCharacters()},
      {23, "Special characters, such as the replacement character",
       valid({"efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"})},
  };
}

void addUtf8Sequences(Catalog& catalog) {
  for (const Utf8Group& group : utf8Groups()) {
    const std::string id = "6." + std::to_string(group.number);
    catalog.group(id, group.title);
    int number = 0;
    for (const Utf8Sequence& each : group.sequences) {
      catalog.add(id + "." + std::to_string(++number),
                  std::string("A text message whose payload is ") + (each.isValid ? "valid" : "not valid") +
                      " UTF-8: " + hex(each.bytes) + ".",
                  each.isValid ? std::string(kEchoed) : "The peer fails the connection at once, with 1007.",
                  "RFC 6455, 8.1", [each](Exchange& x) {
                    if (each.isValid) {
                      expectEvents(x, {textMessage(each.bytes)});
                    } else {
                      expectNothingButFailure(x, closecode::invalidPayload);
                    }
                    x.sendMessage(each.bytes);
                    x.settle();
                  });
    }
  }
}

}  // namespace wstest
