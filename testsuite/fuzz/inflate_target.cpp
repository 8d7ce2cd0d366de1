// permessage-deflate's way in, over several messages, against zlib itself; and its way out.
#include "choices.hpp"
#include "target.hpp"
#include "websocket/src/permessage_deflate.hpp"
#include "websocket_reference.hpp"

namespace autobahn::fuzz {
namespace {

using websocket::PerMessageDeflate;
using websocket::PerMessageDeflateParameters;
using websocket::Role;
using Result = PerMessageDeflate::Result;

struct Setup {
  PerMessageDeflateParameters parameters;
  Role role = Role::server;
  std::size_t limit = 0;  ///< per message
  std::uint32_t seed = 0;
  bool takeover() const {
    return role == Role::server ? !parameters.clientNoContextTakeover : !parameters.serverNoContextTakeover;
  }
};

Setup readSetup(Choices& choices) {
  const unsigned first = choices.byte();
  constexpr std::size_t kLimits[] = {0, 1, 100, 5000};
  Setup setup;
  setup.role = (first & 1) != 0 ? Role::client : Role::server;
  setup.parameters.clientNoContextTakeover = (first & 2) != 0;
  setup.parameters.serverNoContextTakeover = (first & 4) != 0;
  setup.limit = kLimits[first >> 3 & 3];
  setup.parameters.maxMessageSize = (first & 0x20) != 0 ? 700 : 0;
  const unsigned second = choices.byte();
  setup.parameters.clientMaxWindowBits = static_cast<int>(8 + (second & 7));
  setup.parameters.serverMaxWindowBits = static_cast<int>(8 + (second >> 3 & 7));
  setup.seed = choices.byte();
  return setup;
}

struct Inflated {
  Result result = Result::ok;
  std::string text;
};

Inflated inflate(PerMessageDeflate& deflate, const Setup& setup, std::string_view payload,
                 std::uint32_t how) {
  Cuts cuts(how);
  util::ByteBuffer out;
  Inflated inflated;
  bool last = false;
  while (!last && inflated.result == Result::ok) {
    const ExactBytes piece(payload.substr(0, payload.empty() ? 0 : cuts.next(payload.size())));
    payload.remove_prefix(piece.view().size());
    last = payload.empty() && !cuts.oneIn(4);  // or with a piece of nothing
    inflated.result = deflate.decompress(piece.view(), last, setup.limit, out);
  }
  inflated.text = out.view();
  return inflated;
}

std::size_t smallest(std::size_t a, std::size_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

void checkMessages(const Setup& setup, const std::vector<std::string_view>& payloads, std::uint32_t how) {
  PerMessageDeflate ours(setup.role, setup.parameters);
  const std::size_t limit = smallest(setup.limit, setup.parameters.maxMessageSize);
  // The window of the peer's compressor. With a smaller one zlib looks no further than what it gets at once:
  // a distance that is too far may pass, but nothing that would not pass with the largest window.
  const int windowBits = setup.role == Role::server ? setup.parameters.clientMaxWindowBits
                                                    : setup.parameters.serverMaxWindowBits;
  ReferenceInflater theirs(setup.takeover());
  for (const std::string_view payload : payloads) {
    const auto wanted = theirs.inflate(payload, true);
    const Inflated got = inflate(ours, setup, payload, how);
    require(limit == 0 || got.text.size() <= limit, "more than the limit");
    const bool isTooBig = limit != 0 && wanted.text.size() > limit;
    const Result right = isTooBig ? Result::tooBig : wanted.isCorrupt ? Result::corrupt : Result::ok;
    const bool maySeeFurther = windowBits != 15 && got.result == Result::corrupt;
    require(got.result == right || maySeeFurther, "another result than zlib's");
    if (got.result == Result::ok) require(got.text == wanted.text, "another text than zlib's");
    if (got.result == Result::tooBig)
      require(got.text == wanted.text.substr(0, limit), "not the beginning of zlib's text");
    if (got.result != Result::ok) {
      util::ByteBuffer out;
      require(ours.decompress("\x00", true, setup.limit, out) == got.result && out.empty(),
              "it goes on behind a failure");
      return;
    }
    theirs.keep(wanted.text);
  }
}

/// What we deflate, zlib inflates, within the window that was agreed.
void checkWriting(const Setup& setup, const std::vector<std::string_view>& texts) {
  const Role role = setup.role == Role::server ? Role::client : Role::server;
  const int bits =
      role == Role::server ? setup.parameters.serverMaxWindowBits : setup.parameters.clientMaxWindowBits;
  PerMessageDeflate ours(role, setup.parameters);
  ReferenceInflater theirs(setup.takeover(), bits);
  Cuts cuts(setup.seed);
  for (std::string_view text : texts) {
    const std::string whole(text);
    util::ByteBuffer out;
    do {
      const std::string_view piece = text.substr(0, text.empty() ? 0 : cuts.next(text.size()));
      text.remove_prefix(piece.size());
      ours.compress(piece, text.empty(), out);
    } while (!text.empty());
    const auto [read, isCorrupt] = theirs.inflate(out.view(), true);
    require(!isCorrupt && read == whole, "what we deflated, zlib does not inflate");
    theirs.keep(read);
  }
}

}  // namespace

void tryInflate(std::string_view input) {
  Choices choices(input);
  const Setup setup = readSetup(choices);
  std::vector<std::string_view> messages;
  while (!choices.empty() && messages.size() < 8) {
    // The last one may be long.
    const std::size_t size = choices.byte();
    messages.push_back(size == 255 ? choices.rest() : choices.take(size));
  }
  for (const std::uint32_t cuts : {0U, 1U, 2U + setup.seed}) checkMessages(setup, messages, cuts);
  checkWriting(setup, messages);
}

}  // namespace autobahn::fuzz
