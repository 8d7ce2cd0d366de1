#include "schema.hpp"

#include <algorithm>
#include <array>

namespace autobahn::inline v0::wamp::flatbuffers {
namespace {

using Names = std::string_view[];
using Fields = Field[];

// ---- Enumerations, in the order of their values

constexpr Names kMatch = {"exact", "prefix", "wildcard"};
constexpr Names kInvoke = {"single", "first", "last", "roundrobin", "random"};
constexpr Names kCancelMode = {"skip", "kill", "killnowait"};
constexpr Names kAuthMethod = {"anonymous", "ticket", "wampcra", "wamp-scram", "cryptosign"};
constexpr Names kScheme = {"", "cryptobox", "mqtt", "xbr", "opaque"};
constexpr Names kSerializer = {"",       "json",   "msgpack",     "cbor",
                               "ubjson", "opaque", "flatbuffers", "flexbuffers"};
constexpr Names kCipher = {"", "xsalsa20poly1305", "aes256gcm"};

// ---- Roles and their features

template <class... Name>
constexpr auto flags(Name... names) {
  std::uint16_t slot = 0;
  return std::array{Field{names, slot++, Type::boolean}...};
}

constexpr auto kPublisherFeatures =
    flags("publisher_identification", "publisher_exclusion", "subscriber_blackwhite_listing",
          "acknowledge_event_received", "payload_transparency", "payload_encryption_cryptobox");
constexpr auto kSubscriberFeatures =
    flags("publisher_identification", "pattern_based_subscription", "publication_trustlevels",
          "subscription_revocation", "event_history", "acknowledge_subscriber_received",
          "payload_transparency", "payload_encryption_cryptobox");
constexpr auto kCallerFeatures =
    flags("caller_identification", "call_timeout", "call_canceling", "progressive_call_results",
          "payload_transparency", "payload_encryption_cryptobox");
constexpr auto kCalleeFeatures =
    flags("caller_identification", "call_trustlevels", "call_timeout", "call_canceling",
          "progressive_call_results", "registration_revocation", "pattern_based_registration",
          "shared_registration", "payload_transparency", "payload_encryption_cryptobox");
constexpr auto kBrokerFeatures = flags(
    "publisher_identification", "publisher_exclusion", "subscriber_blackwhite_listing",
    "pattern_based_subscription", "publication_trustlevels", "subscription_revocation", "session_meta_api",
    "subscription_meta_api", "event_retention", "event_history", "acknowledge_event_received",
    "acknowledge_subscriber_received", "payload_transparency", "payload_encryption_cryptobox");
constexpr auto kDealerFeatures = flags(
    "caller_identification", "call_trustlevels", "call_timeout", "call_canceling", "progressive_call_results",
    "registration_revocation", "pattern_based_registration", "shared_registration", "session_meta_api",
    "registration_meta_api", "testament_meta_api", "payload_transparency", "payload_encryption_cryptobox");

// The table of a role is that of its features; in WAMP there is a dict between.
constexpr Field features(std::span<const Field> of) {
  return {.name = "features", .slot = 0, .type = Type::attributes, .fields = of, .others = Losable::all};
}
constexpr Fields kPublisher = {features(kPublisherFeatures)};
constexpr Fields kSubscriber = {features(kSubscriberFeatures)};
constexpr Fields kCaller = {features(kCallerFeatures)};
constexpr Fields kCallee = {features(kCalleeFeatures)};
constexpr Fields kBroker = {features(kBrokerFeatures)};
constexpr Fields kDealer = {features(kDealerFeatures)};

constexpr Fields kClientRoles = {
    {"publisher", 0, Type::table, {}, kPublisher},
    {"subscriber", 1, Type::table, {}, kSubscriber},
    {"caller", 2, Type::table, {}, kCaller},
    {"callee", 3, Type::table, {}, kCallee},
};
constexpr Fields kRouterRoles = {
    {"broker", 0, Type::table, {}, kBroker},
    {"dealer", 1, Type::table, {}, kDealer},
};

// ---- Rows that many messages have

constexpr Fields kPrincipal = {
    {"session", 0, Type::uint64},
    {"authid", 1, Type::text},
    {"authrole", 2, Type::text},
};

constexpr Field id(std::string_view name, std::uint16_t slot) { return {name, slot, Type::uint64}; }
constexpr Field text(std::string_view name, std::uint16_t slot) { return {name, slot, Type::text}; }
constexpr Field flag(std::string_view name, std::uint16_t slot) { return {name, slot, Type::boolean}; }
constexpr Field name(std::string_view key, std::uint16_t slot, std::span<const std::string_view> names) {
  return {key, slot, Type::name, names};
}
constexpr Field payload(std::uint16_t slot) { return {"Arguments", slot, Type::payload}; }
constexpr Field forwardFor(std::uint16_t slot) {
  return {"forward_for", slot, Type::tableList, {}, kPrincipal};
}
constexpr Field roles(std::span<const Field> which) {
  return {.name = "roles", .slot = 1, .type = Type::table, .fields = which, .isAssumed = true};
}
constexpr Field options(std::span<const Field> fields) {
  return {.name = "Options", .slot = 0, .type = Type::attributes, .fields = fields};
}
constexpr Field details(std::span<const Field> fields, std::span<const std::string_view> losable = {}) {
  return {.name = "Details",
          .slot = 0,
          .type = Type::attributes,
          .fields = fields,
          .losable = losable,
          .others = Losable::custom};
}

// What Autobahn|Python keeps in the slots of payload passthru mode are the attributes of its older payload
// transparency.
template <std::size_t count>
constexpr std::array<Field, count + 4> withPassthru(std::uint16_t slot, const Field (&&others)[count]) {
  std::array<Field, count + 4> all{name("enc_algo", slot, kScheme),
                                   name("enc_serializer", static_cast<std::uint16_t>(slot + 1), kSerializer),
                                   name("ppt_cipher", static_cast<std::uint16_t>(slot + 2), kCipher),
                                   text("enc_key", static_cast<std::uint16_t>(slot + 3))};
  std::copy(std::begin(others), std::end(others), all.begin() + 4);
  return all;
}

// ---- Sessions

constexpr Names kAgent = {"agent"};
constexpr Fields kHelloDetails = {
    roles(kClientRoles),         {"authmethods", 3, Type::nameList, kAuthMethod},
    text("authid", 4),           text("authrole", 5),
    {"authextra", 6, Type::map}, flag("resumable", 7),
    id("resume-session", 8),     text("resume-token", 9),
};
constexpr Fields kHello = {text("Realm", 2), details(kHelloDetails, kAgent)};

constexpr Fields kWelcomeDetails = {
    roles(kRouterRoles),
    text("realm", 2),
    text("authid", 3),
    text("authrole", 4),
    name("authmethod", 5, kAuthMethod),
    text("authprovider", 6),
    {"authextra", 7, Type::map},
    flag("resumed", 8),
    flag("resumable", 9),
    text("resume_token", 10),
};
constexpr Fields kWelcome = {id("Session", 0), details(kWelcomeDetails, kAgent)};

constexpr Fields kAbortDetails = {text("message", 2)};
constexpr Fields kAbort = {details(kAbortDetails), text("Reason", 1)};
constexpr Fields kChallenge = {name("AuthMethod", 1, kAuthMethod), {"Extra", 2, Type::map}};
constexpr Fields kAuthenticate = {text("Signature", 1), {"Extra", 2, Type::map}};
constexpr Fields kGoodbyeDetails = {text("message", 2), flag("resumable", 3)};
constexpr Fields kGoodbye = {details(kGoodbyeDetails), text("Reason", 1)};

constexpr Names kCalleeNames = {"callee", "callee_authid", "callee_authrole"};
constexpr auto kErrorDetails = withPassthru(7, {forwardFor(11)});
constexpr Fields kError = {{"Request.Type", 1, Type::uint16},
                           id("Request", 2),
                           details(kErrorDetails, kCalleeNames),
                           text("Error", 3),
                           payload(4)};

// ---- Publishers, broker, subscribers

constexpr auto kPublishOptions = withPassthru(6, {
                                                     flag("acknowledge", 10),
                                                     flag("exclude_me", 11),
                                                     {"exclude", 12, Type::idList},
                                                     {"exclude_authid", 13, Type::textList},
                                                     {"exclude_authrole", 14, Type::textList},
                                                     {"eligible", 15, Type::idList},
                                                     {"eligible_authid", 16, Type::textList},
                                                     {"eligible_authrole", 17, Type::textList},
                                                     flag("retain", 18),
                                                     text("transaction_hash", 19),
                                                     forwardFor(20),
                                                 });
constexpr Fields kPublish = {id("Request", 1), options(kPublishOptions), text("Topic", 2), payload(3)};
constexpr Fields kPublished = {id("Request", 1), id("Publication", 2)};

constexpr Fields kSubscribeOptions = {name("match", 3, kMatch), flag("get_retained", 4)};
constexpr Fields kSubscribe = {id("Request", 1), options(kSubscribeOptions), text("Topic", 2)};
constexpr Fields kSubscribed = {id("Request", 1), id("Subscription", 2)};
constexpr Fields kUnsubscribe = {id("Request", 1), id("Subscription", 2)};
constexpr Fields kUnsubscribedDetails = {id("subscription", 2), text("reason", 3)};
constexpr Fields kUnsubscribed = {id("Request", 1), details(kUnsubscribedDetails)};

constexpr Names kTrustlevel = {"trustlevel"};
constexpr auto kEventDetails = withPassthru(6, {
                                                   id("publisher", 10),
                                                   text("publisher_authid", 11),
                                                   text("publisher_authrole", 12),
                                                   text("topic", 13),
                                                   flag("retained", 14),
                                                   text("transaction_hash", 15),
                                                   flag("x_acknowledged_delivery", 16),
                                                   forwardFor(17),
                                               });
constexpr Fields kEvent = {id("Subscription", 1), id("Publication", 2), details(kEventDetails, kTrustlevel),
                           payload(3)};
constexpr Fields kEventReceived = {id("Publication", 1)};

// ---- Callers, dealer, callees

constexpr auto kCallOptions = withPassthru(6, {
                                                  {"timeout", 10, Type::uint32},
                                                  flag("receive_progress", 11),
                                                  text("transaction_hash", 12),
                                                  id("caller", 13),
                                                  text("caller_authid", 14),
                                                  text("caller_authrole", 15),
                                                  forwardFor(16),
                                              });
constexpr Fields kCall = {id("Request", 1), options(kCallOptions), text("Procedure", 2), payload(3)};

constexpr Fields kCancelOptions = {name("mode", 2, kCancelMode), forwardFor(3)};
constexpr Fields kCancel = {id("Request", 1), options(kCancelOptions)};

constexpr auto kResultDetails = withPassthru(5, {
                                                    flag("progress", 9),
                                                    id("callee", 10),
                                                    text("callee_authid", 11),
                                                    text("callee_authrole", 12),
                                                    forwardFor(13),
                                                });
constexpr Fields kResult = {id("Request", 1), details(kResultDetails), payload(2)};

constexpr Fields kRegisterOptions = {
    name("match", 3, kMatch),
    name("invoke", 4, kInvoke),
    {"concurrency", 5, Type::uint16},
    flag("force_reregister", 6),
};
constexpr Fields kRegister = {id("Request", 1), options(kRegisterOptions), text("Procedure", 2)};
constexpr Fields kRegistered = {id("Request", 1), id("Registration", 2)};
constexpr Fields kUnregister = {id("Request", 1), id("Registration", 2)};
constexpr Fields kUnregisteredDetails = {id("registration", 2), text("reason", 3)};
constexpr Fields kUnregistered = {id("Request", 1), details(kUnregisteredDetails)};

constexpr auto kInvocationDetails = withPassthru(6, {
                                                        text("procedure", 10),
                                                        {"timeout", 11, Type::uint32},
                                                        flag("receive_progress", 12),
                                                        text("transaction_hash", 13),
                                                        id("caller", 14),
                                                        text("caller_authid", 15),
                                                        text("caller_authrole", 16),
                                                        forwardFor(17),
                                                    });
constexpr Fields kInvocation = {id("Request", 1), id("Registration", 2),
                                details(kInvocationDetails, kTrustlevel), payload(3)};

constexpr Fields kInterruptOptions = {name("mode", 2, kCancelMode), text("reason", 3), forwardFor(4)};
constexpr Fields kInterrupt = {id("Request", 1), options(kInterruptOptions)};

// The same slots as RESULT's; but what a callee asks for and does not get is an error.
constexpr Fields kYield = {id("Request", 1), options(kResultDetails), payload(2)};

constexpr MessageTable kMessages[] = {
    {1, 1, kHello},          {2, 2, kWelcome},      {3, 3, kAbort},
    {4, 4, kChallenge},      {5, 5, kAuthenticate}, {6, 6, kGoodbye},
    {8, 8, kError},          {16, 16, kPublish},    {17, 17, kPublished},
    {32, 32, kSubscribe},    {33, 33, kSubscribed}, {34, 34, kUnsubscribe},
    {35, 35, kUnsubscribed}, {36, 36, kEvent},      {337, 37, kEventReceived},
    {48, 48, kCall},         {49, 49, kCancel},     {50, 50, kResult},
    {64, 64, kRegister},     {65, 65, kRegistered}, {66, 66, kUnregister},
    {67, 67, kUnregistered}, {68, 68, kInvocation}, {69, 69, kInterrupt},
    {70, 70, kYield},
};

const MessageTable* orNull(const MessageTable* found) {
  return found == std::end(kMessages) ? nullptr : found;
}

}  // namespace

const MessageTable* findByCode(std::int64_t code) {
  return orNull(std::ranges::find(kMessages, code, &MessageTable::code));
}

const MessageTable* findByType(std::uint8_t type) {
  return orNull(std::ranges::find(kMessages, type, &MessageTable::type));
}

}  // namespace autobahn::inline v0::wamp::flatbuffers
