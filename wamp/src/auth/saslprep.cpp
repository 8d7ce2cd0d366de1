// SASLprep (RFC 4013). ASCII is done here; the tables and NFKC of Unicode 3.2 that the rest needs are
// libidn's.
#include <stringprep.h>

#include <algorithm>
#include <autobahn/util/utf8.hpp>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "autobahn/wamp/auth/error.hpp"
#include "autobahn/wamp/auth/kdf.hpp"
#include "openssl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

struct WipeAndFree {
  void operator()(char* text) const {
    OPENSSL_cleanse(text, std::strlen(text));
    std::free(text);
  }
};

[[noreturn]] void refuse(const char* what, const char* why) {
  throw AuthError(std::string(what) + ": " + why);
}

void refuseFor(const char* what, int code) {
  switch (code) {
    case STRINGPREP_CONTAINS_UNASSIGNED:
      refuse(what, "holds a character that SASLprep does not know (Unicode 3.2)");
    case STRINGPREP_CONTAINS_PROHIBITED:
    case STRINGPREP_BIDI_CONTAINS_PROHIBITED:
      refuse(what, "holds a character that SASLprep prohibits (RFC 4013 section 2.3)");
    case STRINGPREP_BIDI_BOTH_L_AND_RAL:
    case STRINGPREP_BIDI_LEADTRAIL_NOT_RAL:
      refuse(what, "mixes text directions in a way that SASLprep prohibits (RFC 3454 section 6)");
    case STRINGPREP_MALLOC_ERROR:
      throw std::bad_alloc();
    default:
      throw std::runtime_error(std::string(what) +
                               ": libidn: " + stringprep_strerror(static_cast<Stringprep_rc>(code)));
  }
}

}  // namespace

Secret saslPrep(std::string_view text, const char* what, bool isStored) {
  const auto isControl = [](char each) { return (each >= 0 && each < ' ') || each == 0x7f; };
  // RFC 3454 table C.2.1. NUL above all, where libidn would stop reading.
  if (std::ranges::any_of(text, isControl)) refuse(what, "holds a control character");
  if (text.empty()) refuse(what, "is empty");
  if (std::ranges::all_of(text, [](char each) { return each >= 0; })) return Secret::copyOf(text);
  if (!util::isValidUtf8(text)) refuse(what, "is not UTF-8");

  Secret terminated(text.size() + 1);
  std::ranges::copy(text, terminated.bytes().begin());
  char* out = nullptr;
  const auto flags = static_cast<Stringprep_profile_flags>(isStored ? STRINGPREP_NO_UNASSIGNED : 0);
  const int code = stringprep_profile(terminated.view().data(), &out, "SASLprep", flags);
  const std::unique_ptr<char, WipeAndFree> owner(out);
  if (code != STRINGPREP_OK) refuseFor(what, code);
  if (*out == '\0') refuse(what, "is empty after SASLprep");
  return Secret::copyOf(out);
}

}  // namespace autobahn::inline v0::wamp
