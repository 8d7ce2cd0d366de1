// WAMP's messages from any value: all encodings judge the same value alike, what one reads can be carried
// over into all others and back, and refusals name the message and a reason.
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/message.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <map>
#include <optional>
#include <vector>

#include "choices.hpp"
#include "consistency.hpp"
#include "target.hpp"
#include "wamp/src/serializers/codecs.hpp"

namespace autobahn::fuzz {
namespace {

using namespace wamp;

// ---- Values that look like messages

constexpr std::string_view kUris[] = {"com.app.add",         "com.app..x", "com.app.", "",
                                      "wamp.error.canceled", "a b",        "x#",       "com.App-1"};
constexpr std::string_view kWords[] = {"exact",  "prefix",    "wildcard", "roundrobin", "kill",  "killnowait",
                                       "skip",   "wamp",      "mqtt",     "cbor",       "x_own", "anonymous",
                                       "ticket", "partition", "native",   "cryptobox"};
constexpr std::string_view kKeys[] = {"acknowledge",
                                      "exclude",
                                      "exclude_authid",
                                      "exclude_authrole",
                                      "eligible",
                                      "eligible_authid",
                                      "eligible_authrole",
                                      "exclude_me",
                                      "retain",
                                      "disclose_me",
                                      "rkey",
                                      "nkey",
                                      "match",
                                      "get_retained",
                                      "invoke",
                                      "concurrency",
                                      "force_reregister",
                                      "timeout",
                                      "receive_progress",
                                      "progress",
                                      "mode",
                                      "reason",
                                      "roles",
                                      "agent",
                                      "authmethods",
                                      "authid",
                                      "authrole",
                                      "authextra",
                                      "realm",
                                      "authmethod",
                                      "authprovider",
                                      "message",
                                      "ppt_scheme",
                                      "ppt_serializer",
                                      "ppt_cipher",
                                      "ppt_keyid",
                                      "enc_algo",
                                      "enc_key",
                                      "enc_serializer",
                                      "forward_for",
                                      "caller",
                                      "caller_authid",
                                      "caller_authrole",
                                      "callee",
                                      "publisher",
                                      "publisher_authid",
                                      "trustlevel",
                                      "topic",
                                      "procedure",
                                      "retained",
                                      "transaction_hash",
                                      "registration",
                                      "subscription",
                                      "runmode",
                                      "x_custom",
                                      "_cust",
                                      "resumable",
                                      "resume_token",
                                      "resume_session",
                                      "x_acknowledged_delivery",
                                      "session",
                                      "features",
                                      "subscriber",
                                      "caller"};

class Maker {
 public:
  explicit Maker(Choices& choices) : choices_(choices) {}

  /// A list as messages have it: i an ID, d a dict, u a URI, s a string, t the code of a request, l and k
  /// what may be missing at the end.
  Value message() {
    static const std::vector<std::pair<int, std::string_view>> kForms = {
        {1, "ud"},     {2, "id"},  {3, "dulk"},   {4, "sd"},  {5, "sd"},    {6, "du"},   {8, "tidulk"},
        {16, "idulk"}, {17, "ii"}, {32, "idu"},   {33, "ii"}, {34, "ii"},   {35, "i"},   {35, "id"},
        {36, "iidlk"}, {337, "i"}, {48, "idulk"}, {49, "id"}, {50, "idlk"}, {64, "idu"}, {65, "ii"},
        {66, "ii"},    {67, "id"}, {68, "iidlk"}, {69, "id"}, {70, "idlk"}, {7, "d"}};
    const auto [code, form] = kForms[choices_.below(kForms.size())];
    List list{code};
    for (const char each : form) {
      const unsigned how = choices_.byte();
      if (how >= 0xF8) return list;
      list.push_back(how >= 0xF0 ? any(3) : field(each));
    }
    return list;
  }

 private:
  Value field(char form) {
    switch (form) {
      case 'i':
        return id();
      case 't':
        return 48;
      case 'u':
        return kUris[choices_.below(2) * choices_.below(std::size(kUris))];
      case 's':
        return std::string(choices_.take(choices_.below(8)));
      case 'l':
        return list(3);
      default:
        return dict(form == 'd' ? 4 : 2);
    }
  }
  Value id() {
    constexpr std::uint64_t kIds[] = {
        1, 2, std::uint64_t{1} << 53, 0, (std::uint64_t{1} << 53) + 1, ~std::uint64_t{0}};
    const std::size_t which = choices_.below(32);
    return which < std::size(kIds) ? kIds[which] : which;
  }
  Value list(int depth) {
    List all;
    for (std::size_t i = choices_.below(4); i > 0; --i) all.push_back(any(depth - 1));
    return all;
  }
  Value dict(int depth) {
    Dict all;
    for (std::size_t i = choices_.below(6); i > 0; --i) {
      const std::string_view key = kKeys[choices_.below(std::size(kKeys))];
      all[std::string(key)] = any(depth - 1);
    }
    return all;
  }
  Value any(int depth) {
    switch (choices_.below(depth > 0 ? 12 : 9)) {
      case 0:
        return nullptr;
      case 1:
        return choices_.flag();
      case 2:
        return id();
      case 3:
        return -static_cast<std::int64_t>(choices_.byte());
      case 4:
        return choices_.byte() / 4.0;
      case 5:
        return Bytes(std::string(choices_.take(choices_.below(5))));
      case 6:
        return std::string(choices_.take(choices_.below(12)));
      case 7:
      case 8:
        return kWords[choices_.below(std::size(kWords))];
      case 9:
        return list(depth);
      default:
        return dict(depth);
    }
  }

  Choices& choices_;
};

// ---- What must hold

// A value as the encoding writes it; nothing when it cannot.
std::optional<std::string> encoded(Encoding encoding, const Value& value) {
  util::ByteBuffer out;
  const auto encoder = findCodec(encoding)->makeEncoder();
  encoder->start(out);
  encodeValue(*encoder, value);
  if (encoder->failed()) return std::nullopt;
  return std::string(out.view());
}

std::optional<Message> read(Serializer& serializer, std::string_view bytes, std::string& problem) {
  std::vector<Message> messages;
  const Problem why = serializer.unserialize(bytes, serializer.isBinary(), messages);
  problem = why.value_or("");
  if (why) {
    require(!problem.empty() && problem.find_first_of("\r\n") == std::string::npos,
            "refused without a line of reason");
    return std::nullopt;
  }
  require(messages.size() == 1, "not one message");
  return std::move(messages[0]);
}

// Arguments as values: an empty dict is the same as none.
void simplify(Message& message) {
  const auto simplified = [](auto& each) {
    if constexpr (requires { each.payload; }) {
      if (!each.payload.isOpaque()) each.payload = Payload(each.payload.args(), each.payload.kwargs());
    }
  };
  try {
    std::visit(simplified, message);
  } catch (const SerializationError&) {  // what no value holds stays as it is
  }
}

/// A message in words that differ when messages do.
std::string words(Message message) {
  simplify(message);
  util::ByteBuffer out;
  const auto serializer = makeSerializer("cbor");
  const Problem problem = serializer->serialize(message, out);
  return problem ? "cannot be written: " + *problem : std::string(out.view());
}

// For a finding's words.
std::string shown(const Message& message) {
  util::ByteBuffer out;
  const Problem problem = makeSerializer("json")->serialize(message, out);
  return problem.value_or(std::string(out.view()));
}

// Into another format and back.
std::optional<Message> carried(const Message& message, std::string_view id, bool mustGo) {
  const auto serializer = makeSerializer(id);
  util::ByteBuffer out;
  if (const Problem problem = serializer->serialize(message, out)) {
    if (mustGo) require(false, std::string(id) + " cannot carry it: " + *problem);
    return std::nullopt;
  }
  std::string problem;
  auto back = read(*serializer, out.view(), problem);
  require(back.has_value(), std::string(id) + " does not read what it wrote: " + problem);
  return back;
}

void checkCarrying(const Message& message, std::string_view id, bool mustGo) {
  const auto back = carried(message, id, mustGo);
  if (!back) return;
  if (id != "flatbuffers") {
    require(words(*back) == words(message),
            std::string(id) + " brings another message back: " + shown(*back) + ", not " + shown(message));
    return;
  }
  // Its schema has no place for some details, which are left away (docs/wamp/values.md): once, not twice.
  require(messageName(*back) == messageName(message), "flatbuffers brings another message back");
  require(words(*carried(*back, id, true)) == words(*back),
          "flatbuffers changes a message on its second way");
}

bool isId(Id id) { return id >= 1 && id <= kMaxId; }

// What every message that is read says, whatever it is.
void checkFields(const Message& message) {
  const auto check = [](const auto& each) {
    // A router revokes with the request 0.
    constexpr bool mayBeZero = requires { each.details.reason; };
    if constexpr (requires { each.request; })
      require(isId(each.request) || (mayBeZero && each.request == 0), "no request's ID");
    if constexpr (requires { each.session; }) require(isId(each.session), "no session's ID");
    if constexpr (requires { each.publication; }) require(isId(each.publication), "no publication's ID");
    if constexpr (requires { each.subscription; }) require(isId(each.subscription), "no subscription's ID");
    if constexpr (requires { each.registration; }) require(isId(each.registration), "no registration's ID");
    if constexpr (requires { each.requestType; })
      require(!messageName(each.requestType).empty(), "no request's type");
    if constexpr (requires { each.error; }) require(isValidUri(each.error), "an error that is no URI");
    if constexpr (requires { each.reason; }) require(isValidUri(each.reason), "a reason that is no URI");
    if constexpr (requires { each.options.match; }) return;  // patterns have rules of their own
    if constexpr (requires { each.topic; }) require(isValidUri(each.topic), "a topic that is no URI");
    if constexpr (requires { each.procedure; })
      require(isValidUri(each.procedure), "a procedure that is no URI");
  };
  std::visit(check, message);
}

void checkEverywhere(const Value& value) {
  std::optional<std::string> first;  // what the first encoding said
  std::string firstId;
  for (const auto& [id, encoding] : std::map<std::string, Encoding>{{"json", Encoding::json},
                                                                    {"msgpack", Encoding::msgpack},
                                                                    {"cbor", Encoding::cbor},
                                                                    {"ubjson", Encoding::ubjson}}) {
    const auto bytes = encoded(encoding, value);
    if (!bytes) continue;
    checkMessage(id, *bytes);
    const auto serializer = makeSerializer(id);
    std::string problem;
    const auto message = read(*serializer, *bytes, problem);
    const std::string said = message ? words(*message) : "refused";
    if (!first) {
      first = said;
      firstId = id;
    }
    require(said == *first, id + " takes for another message what " + firstId + " reads: " + problem);
    if (!message) continue;
    checkFields(*message);
    for (const std::string_view other : {"json", "msgpack", "cbor", "ubjson", "flatbuffers"}) {
      checkCarrying(*message, other, other == id);
    }
  }
}

}  // namespace

void tryMessage(std::string_view input) {
  Choices choices(input);
  const std::size_t how = choices.below(8);
  if (how >= 4) return checkEverywhere(Maker(choices).message());
  constexpr Encoding kEncodings[] = {Encoding::json, Encoding::msgpack, Encoding::cbor, Encoding::ubjson};
  const Reading reading = checkValue(kEncodings[how], choices.rest());
  if (reading.value) checkEverywhere(*reading.value);
}

}  // namespace autobahn::fuzz
