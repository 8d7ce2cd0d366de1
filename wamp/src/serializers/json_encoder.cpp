#include <array>
#include <autobahn/util/crypto.hpp>
#include <charconv>
#include <cmath>

#include "json_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// What follows the backslash: a letter, 'u' for \u00xx, or 0 when the byte needs no escape.
constexpr auto kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes['\b'] = 'b';
  escapes['\t'] = 't';
  escapes['\n'] = 'n';
  escapes['\f'] = 'f';
  escapes['\r'] = 'r';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

class JsonEncoder final : public Encoder {
 public:
  void null() override { writeScalar("null"); }
  void boolean(bool value) override { writeScalar(value ? "true" : "false"); }
  void integer(std::int64_t value) override { writeNumber(value); }
  void unsignedInteger(std::uint64_t value) override { writeNumber(value); }

  void real(double value) override {
    if (!std::isfinite(value)) return fail("NaN and infinity cannot be written in JSON");
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    const std::string_view text(digits, end);
    writeScalar(text);
    // A whole number must not come back as an integer.
    if (text.find_first_of(".e") == std::string_view::npos) output_->append(".0");
  }

  void bytes(std::string_view value) override {
    writeScalar("\"\\u0000");
    output_->append(util::base64Encode(value));
    output_->append("\"");
  }

  void raw(std::string_view encoded) override { writeScalar(encoded); }

 protected:
  void restart() override { needsComma_ = false; }

  void writeText(std::string_view value) override {
    if (value.starts_with('\0')) return fail("a string that begins with NUL would be binary data in JSON");
    writeScalar("\"");
    writeEscaped(value);
    output_->append("\"");
  }

  void writeBeginList(std::size_t) override { open("["); }
  void writeEndList() override { close("]"); }
  void writeBeginDict(std::size_t) override { open("{"); }
  void writeEndDict() override { close("}"); }

  void writeKey(std::string_view value) override {
    output_->append(needsComma_ ? ",\"" : "\"");
    writeEscaped(value);
    output_->append("\":");
    needsComma_ = false;
  }

 private:
  void writeScalar(std::string_view text) {
    if (needsComma_) output_->append(",");
    output_->append(text);
    needsComma_ = true;
  }

  void open(std::string_view bracket) {
    writeScalar(bracket);
    needsComma_ = false;
  }

  void close(std::string_view bracket) {
    output_->append(bracket);
    needsComma_ = true;
  }

  template <class Integer>
  void writeNumber(Integer value) {
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    writeScalar({digits, end});
  }

  void writeEscaped(std::string_view text) {
    std::size_t written = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      const char escape = kEscapes[byte];
      if (escape == 0) continue;
      output_->append(text.substr(written, i - written));
      written = i + 1;
      const char sequence[] = {'\\', escape, '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
      output_->append({sequence, escape == 'u' ? std::size_t{6} : std::size_t{2}});
    }
    output_->append(text.substr(written));
  }

  bool needsComma_ = false;
};

}  // namespace

std::unique_ptr<Encoder> makeJsonEncoder() { return std::make_unique<JsonEncoder>(); }

}  // namespace autobahn::inline v0::wamp
