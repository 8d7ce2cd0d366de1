// The UTF-8 validator, each of its kernels that this machine has, whole and in pieces, against the table of
// RFC 3629.
#include <autobahn/util/utf8.hpp>
#include <vector>

#include "choices.hpp"
#include "target.hpp"
#include "util/src/utf8_kernels.hpp"
#include "websocket_reference.hpp"

namespace autobahn::fuzz {
namespace {

// Where each beginning of the text stands; a code point has four bytes at most.
std::vector<Utf8State> statesOf(std::string_view text) {
  std::vector<Utf8State> states(text.size(), Utf8State::wrong);
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    states[at] = utf8State(text.substr(start, at + 1 - start));
    if (states[at] == Utf8State::wrong) break;
    if (states[at] == Utf8State::complete) start = at + 1;
  }
  return states;
}

// Fails as soon as the text so far cannot be continued, and not before.
void checkPieces(std::string_view text, const std::vector<Utf8State>& states, std::uint32_t how) {
  Cuts cuts(how);
  util::Utf8Validator validator;
  for (std::size_t at = 0; at < text.size();) {
    const ExactBytes piece(text.substr(at, cuts.next(text.size() - at)));
    at += piece.view().size();
    const Utf8State wanted = states[at - 1];
    require(validator.feed(piece.view()) == (wanted != Utf8State::wrong), "wrong in pieces");
    // What is wrong stays so: what is complete is of no interest any more.
    if (wanted != Utf8State::wrong) {
      require(validator.isComplete() == (wanted == Utf8State::complete), "its end is wrong in pieces");
    }
  }
}

void check(std::string_view text) {
  const ExactBytes exact(text);
  const bool wanted = utf8State(text) == Utf8State::complete;
  const auto* bytes = reinterpret_cast<const unsigned char*>(exact.data());
  for (const auto& [name, run] : util::utf8::kernels()) {
    require(run(bytes, text.size()) == wanted,
            std::string(name) + (wanted ? " refuses it" : " lets it pass"));
  }
  require(util::isValidUtf8(exact.view()) == wanted, "isValidUtf8");
}

}  // namespace

void tryUtf8(std::string_view input) {
  Choices choices(input);
  const std::uint32_t seed = choices.byte();
  // Some text in front moves it over the borders of blocks; the input behind itself makes it long.
  const std::string_view front =
      "Gr\xc3\xbc\xc3\x9f"
      "e, \xe2\x82\xac 5, \xf0\x9f\x98\x80; and so on, and so on.";
  std::string text(front.substr(0, seed % 8 == 0 ? 0 : front.size()));
  text.append(seed / 8, 'x');
  const std::string_view rest = choices.rest();
  for (int times = 0; times < 2; ++times) {
    text += rest;
    check(text);
    const auto states = statesOf(text);
    for (const std::uint32_t cuts : {1U, 2U + seed, 300U + seed}) checkPieces(text, states, cuts);
  }
}

}  // namespace autobahn::fuzz
