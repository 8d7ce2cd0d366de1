#include "cases/test_data.hpp"

#include <array>
#include <cmath>

namespace wstest {
namespace {

/// The same numbers everywhere: std's distributions differ between libraries.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::size_t below(std::size_t limit) { return next() % limit; }

 private:
  std::uint64_t state_;
};

constexpr std::array<std::string_view, 48> kWords = {
    "bridge",  "harbour", "lantern",   "message",  "silver",  "quiet",    "morning",  "river",
    "between", "every",   "traveller", "letter",   "answer",  "window",   "market",   "under",
    "second",  "thunder", "paper",     "garden",   "the",     "of",       "and",      "to",
    "in",      "a",       "with",      "was",      "that",    "from",     "had",      "not",
    "slowly",  "carried", "wrote",     "remained", "counted", "opened",   "listened", "returned",
    "engine",  "signal",  "distance",  "measure",  "channel", "frequent", "hidden",   "colour"};

std::string sentence(Numbers& numbers) {
  std::string out;
  const std::size_t length = 5 + numbers.below(14);
  for (std::size_t i = 0; i < length; ++i) {
    // Few words make most of a text.
    const std::size_t rank = numbers.below(kWords.size()) * numbers.below(kWords.size()) / kWords.size();
    if (i > 0) out += numbers.below(9) == 0 ? ", " : " ";
    out += kWords[(rank + 20) % kWords.size()];
  }
  out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out + (numbers.below(8) == 0 ? "? " : ". ");
}

std::string makeJson() {
  Numbers numbers(0x6A736F6E);
  std::string out = "[\n";
  constexpr std::size_t kSize = 194'000;
  for (int id = 1; out.size() < kSize; ++id) {
    if (id > 1) out += ",\n";
    out += "  {\"id\": " + std::to_string(100'000 + id) +
           ", \"active\": " + (numbers.below(2) == 0 ? "true" : "false") +
           ", \"score\": " + std::to_string(numbers.below(100'000)) + "." +
           std::to_string(numbers.below(100)) + ", \"token\": \"" + std::to_string(numbers.next()) +
           "\", \"tags\": [\"" + std::string(kWords[numbers.below(kWords.size())]) + "\", \"" +
           std::string(kWords[numbers.below(kWords.size())]) + "\"], \"text\": \"" + sentence(numbers) +
           "\", \"position\": {\"x\": " + std::to_string(numbers.below(4096)) +
           ", \"y\": " + std::to_string(numbers.below(4096)) + "}}";
  }
  return out + "\n]\n";
}

std::string makeBitmap() {
  Numbers numbers(0x626D70);
  constexpr int kSide = 512;
  std::string out("BM\x36\x04\x04\0\0\0\0\0\x36\x04\0\0\x28\0\0\0\0\x02\0\0\0\x02\0\0\x01\0\x08\0", 30);
  out.resize(54, '\0');
  for (int grey = 0; grey < 256; ++grey) out += std::string(3, static_cast<char>(grey)) + '\0';
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const double wave = 96 * std::sin(x / 37.0) * std::cos(y / 53.0) + 24 * std::sin((x + 2 * y) / 9.0);
      out += static_cast<char>(128 + static_cast<int>(wave) + static_cast<int>(numbers.below(9)) - 4);
    }
  }
  return out;
}

std::string makeProse() {
  Numbers numbers(0x70726F7365);
  std::string out;
  constexpr std::size_t kSize = 222'000;
  while (out.size() < kSize) {
    const std::size_t sentences = 3 + numbers.below(6);
    for (std::size_t i = 0; i < sentences; ++i) out += sentence(numbers);
    out += "\r\n\r\n";
  }
  return out;
}

std::string makeHtml() {
  Numbers numbers(0x68746D6C);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta "
      "charset=\"utf-8\"><title>Pages</title></head>\n<body>\n";
  constexpr std::size_t kSize = 263'000;
  for (int section = 1; out.size() < kSize; ++section) {
    const std::string name = std::to_string(section);
    out += "<section id=\"s" + name + "\" class=\"chapter\">\n  <h2><a href=\"#s" + name + "\">" +
           sentence(numbers) + "</a></h2>\n  <ul class=\"links\">\n";
    for (std::size_t i = 2 + numbers.below(6); i > 0; --i) {
      out += "    <li><a href=\"/page/" + std::to_string(numbers.below(1'000'000)) + "\" title=\"" +
             std::string(kWords[numbers.below(kWords.size())]) + "\">" + sentence(numbers) + "</a></li>\n";
    }
    out += "  </ul>\n  <p>" + sentence(numbers) + sentence(numbers) + "</p>\n</section>\n";
  }
  return out + "</body>\n</html>\n";
}

std::string makePdf() {
  Numbers numbers(0x706466);
  std::string out = "%PDF-1.4\n";
  constexpr std::size_t kSize = 1'040'000;
  for (int object = 1; out.size() < kSize; ++object) {
    // A PDF's streams are compressed already: like noise to whoever compresses them again.
    const std::size_t length = 4096 + numbers.below(32768);
    out += std::to_string(object) + " 0 obj\n<< /Length " + std::to_string(length) +
           " /Filter /FlateDecode >>\nstream\n";
    for (std::size_t i = 0; i < length; ++i) out += static_cast<char>(numbers.next() >> 32);
    out += "\nendstream\nendobj\n";
  }
  return out + "trailer\n<< /Root 1 0 R >>\n%%EOF\n";
}

template <std::string (*Make)()>
const std::string& once() {
  static const std::string data = Make();
  return data;
}

}  // namespace

const DataSet& jsonData() {
  static constexpr DataSet kSet{"JSON document", false, &once<&makeJson>};
  return kSet;
}
const DataSet& bitmapData() {
  static constexpr DataSet kSet{"Bitmap of 512 x 512 greys", true, &once<&makeBitmap>};
  return kSet;
}
const DataSet& proseData() {
  static constexpr DataSet kSet{"Prose, as binary", true, &once<&makeProse>};
  return kSet;
}
const DataSet& htmlData() {
  static constexpr DataSet kSet{"HTML document", false, &once<&makeHtml>};
  return kSet;
}
const DataSet& pdfData() {
  static constexpr DataSet kSet{"PDF", true, &once<&makePdf>};
  return kSet;
}

}  // namespace wstest
