// Exceptions to ERRORs and back, payloads and their codec, names.
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "impl.hpp"

namespace autobahn::inline v0::wamp {

void SessionImpl::report(std::exception_ptr thrown, std::string_view where) {
  try {
    owner_.onUserError(std::move(thrown), where);
  } catch (...) {
    owner_.log().error("onUserError threw", {{"where", where}});
  }
}

std::string SessionImpl::resolve(std::string_view uri) const {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos) return std::string(uri);
  const auto found = prefixes.find(uri.substr(0, colon));
  if (found == prefixes.end()) return std::string(uri);
  return found->second + "." + std::string(uri.substr(colon + 1));
}

void SessionImpl::requireTransport() const {
  if (!transport) throw SessionNotReady("the session has no transport");
}

SessionImpl::Packed SessionImpl::pack(bool isOriginating, std::string_view uri, CallArgs args,
                                      const std::optional<message::Passthru>& given) {
  Packed packed;
  if (codec && !given) {
    if (const auto encoded = codec->encode(isOriginating, uri, args)) {
      packed.payload = Payload::opaque(encoded->payload);
      auto& passthru = packed.passthru.make();
      passthru.encAlgo = Text(encoded->encAlgo);
      if (!encoded->encSerializer.empty()) passthru.encSerializer = Text(encoded->encSerializer);
      if (encoded->encKey) passthru.encKey = Text(*encoded->encKey);
      return packed;
    }
  }
  if (given) packed.passthru = *given;
  if (!args.args.empty() || !args.kwargs.empty()) {
    packed.payload = Payload(std::move(args.args), std::move(args.kwargs));
  }
  return packed;
}

CallArgs SessionImpl::unpack(bool isOriginating, std::string_view uri, Payload payload,
                             const Rare<message::Passthru>& passthru) {
  if (!payload.isOpaque()) {
    auto [args, kwargs] = std::move(payload).take();
    return {std::move(args), std::move(kwargs)};
  }
  EncodedPayload encoded;
  encoded.payload = payload.opaqueBytes();
  if (passthru) {
    if (passthru->encAlgo) encoded.encAlgo = passthru->encAlgo->view();
    if (passthru->encSerializer) encoded.encSerializer = passthru->encSerializer->view();
    if (passthru->encKey) encoded.encKey = passthru->encKey->string();
  }
  if (!codec) {
    throw ApplicationError(error::kNoPayloadCodec, {"a payload encoded by \"" + encoded.encAlgo +
                                                    "\" came, and the session has no payload codec"});
  }
  return codec->decode(isOriginating, uri, encoded);
}

std::exception_ptr SessionImpl::exceptionOf(message::Error& error) {
  try {
    CallArgs args = unpack(true, error.error.view(), std::move(error.payload), error.details.passthru);
    const ApplicationError received(error.error.view(), std::move(args.args), std::move(args.kwargs));
    for (const auto& defined : definedErrors) {
      if (defined.uri == received.error()) return defined.toException(received);
    }
    return std::make_exception_ptr(received);
  } catch (...) {
    return std::current_exception();
  }
}

namespace detail {

void refuseResult(const ConversionError& error) {
  constexpr std::string_view kArgument = "argument";
  std::string path = error.path();
  if (path.starts_with(kArgument)) path.replace(0, kArgument.size(), "result");
  throw ConversionError(path.empty() ? "result" : path, error.detail());
}

std::string firstText(const ApplicationError& error) {
  if (!error.args().empty() && error.args()[0].isString()) return error.args()[0].asString();
  return error.what();
}

}  // namespace detail

}  // namespace autobahn::inline v0::wamp
