// The URIs that the protocol itself defines: errors and reasons.
#pragma once

#include <string_view>

namespace autobahn::inline v0::wamp {

/// The error URIs that the protocol, Autobahn and Crossbar.io define.
namespace error {
/// A URI in a message is malformed.
inline constexpr std::string_view kInvalidUri = "wamp.error.invalid_uri";
/// CALL: nothing is registered under the URI.
inline constexpr std::string_view kNoSuchProcedure = "wamp.error.no_such_procedure";
/// REGISTER: somebody else has registered it.
inline constexpr std::string_view kProcedureAlreadyExists = "wamp.error.procedure_already_exists";
/// REGISTER: it is shared by another policy.
inline constexpr std::string_view kProcedureExistsWithDifferentInvocationPolicy =
    "wamp.error.procedure_exists_with_different_invocation_policy";
/// UNREGISTER: not active, or not the session's.
inline constexpr std::string_view kNoSuchRegistration = "wamp.error.no_such_registration";
/// UNSUBSCRIBE: not active, or not the session's.
inline constexpr std::string_view kNoSuchSubscription = "wamp.error.no_such_subscription";
/// Meta procedures: no session of that ID.
inline constexpr std::string_view kNoSuchSession = "wamp.error.no_such_session";
/// The procedure does not accept these arguments.
inline constexpr std::string_view kInvalidArgument = "wamp.error.invalid_argument";
/// The payload is not acceptable to a validating router.
inline constexpr std::string_view kInvalidPayload = "wamp.error.invalid_payload";
/// An endpoint failed with something that is no ApplicationError.
inline constexpr std::string_view kRuntimeError = "wamp.error.runtime_error";
/// The call was canceled.
inline constexpr std::string_view kCanceled = "wamp.error.canceled";
/// The call took too long.
inline constexpr std::string_view kTimeout = "wamp.error.timeout";
/// The message is too large for the receiver's transport.
inline constexpr std::string_view kPayloadSizeExceeded = "wamp.error.payload_size_exceeded";
/// ABORT: the peer broke the protocol.
inline constexpr std::string_view kProtocolViolation = "wamp.error.protocol_violation";
/// The session may not do that.
inline constexpr std::string_view kNotAuthorized = "wamp.error.not_authorized";
/// It could not be found out whether the session may do that.
inline constexpr std::string_view kAuthorizationFailed = "wamp.error.authorization_failed";
/// The principal may not do that.
inline constexpr std::string_view kAuthorizationDenied = "wamp.error.authorization_denied";
/// The action needs an authorization that was not given.
inline constexpr std::string_view kAuthorizationRequired = "wamp.error.authorization_required";
/// Authentication broke down, or the secret is wrong.
inline constexpr std::string_view kAuthenticationFailed = "wamp.error.authentication_failed";
/// The authentication presented is refused.
inline constexpr std::string_view kAuthenticationDenied = "wamp.error.authentication_denied";
/// The client did not authenticate.
inline constexpr std::string_view kAuthenticationRequired = "wamp.error.authentication_required";
/// ABORT by a client: it has no answer to the challenge.
inline constexpr std::string_view kCannotAuthenticate = "wamp.error.cannot_authenticate";
/// None of the authentication methods offered is accepted.
inline constexpr std::string_view kNoAuthMethod = "wamp.error.no_auth_method";
/// None of the authentication methods offered is accepted.
inline constexpr std::string_view kNoMatchingAuthMethod = "wamp.error.no_matching_auth_method";
/// HELLO: there is no such realm.
inline constexpr std::string_view kNoSuchRealm = "wamp.error.no_such_realm";
/// The principal's role does not exist.
inline constexpr std::string_view kNoSuchRole = "wamp.error.no_such_role";
/// The principal does not exist.
inline constexpr std::string_view kNoSuchPrincipal = "wamp.error.no_such_principal";
/// An option is not allowed by the router.
inline constexpr std::string_view kOptionNotAllowed = "wamp.error.option_not_allowed";
/// The router does not let the peer disclose itself.
inline constexpr std::string_view kOptionDisallowedDiscloseMe = "wamp.error.option_disallowed.disclose_me";
/// The router lost the way to a peer.
inline constexpr std::string_view kNetworkFailure = "wamp.error.network_failure";
/// By a callee: try another one.
inline constexpr std::string_view kUnavailable = "wamp.error.unavailable";
/// All callees are unavailable.
inline constexpr std::string_view kNoAvailableCallee = "wamp.error.no_available_callee";
/// No callee may take the call.
inline constexpr std::string_view kNoEligibleCallee = "wamp.error.no_eligible_callee";
/// The callee cannot do what the call asks for.
inline constexpr std::string_view kFeatureNotSupported = "wamp.error.feature_not_supported";
/// A payload is encrypted and there is no codec for it.
inline constexpr std::string_view kNoPayloadCodec = "wamp.error.no_payload_codec";
/// A decrypted payload is for another URI.
inline constexpr std::string_view kEncryptionTrustedUriMismatch =
    "wamp.error.encryption.trusted_uri_mismatch";
/// A payload cannot be decrypted.
inline constexpr std::string_view kEncryptionDecryptError = "wamp.error.encryption.decrypt_error";
/// Arguments do not have the declared types.
inline constexpr std::string_view kTypeCheckError = "wamp.error.type_check_error";
/// The name that some peers use for wamp.close.system_shutdown.
inline constexpr std::string_view kSystemShutdown = "wamp.error.system_shutdown";
}  // namespace error

/// Reasons in GOODBYE and ABORT.
namespace close {
/// The usual reason of a client's GOODBYE.
inline constexpr std::string_view kNormal = "wamp.close.normal";
/// The answer to GOODBYE.
inline constexpr std::string_view kGoodbyeAndOut = "wamp.close.goodbye_and_out";
/// The peer leaves the realm.
inline constexpr std::string_view kCloseRealm = "wamp.close.close_realm";
/// The peer ends altogether.
inline constexpr std::string_view kSystemShutdown = "wamp.close.system_shutdown";
/// A session was ended through the meta API.
inline constexpr std::string_view kKilled = "wamp.close.killed";
/// The session was logged out, with all that share its cookie.
inline constexpr std::string_view kLogout = "wamp.close.logout";
/// Made up locally: the transport went away without a GOODBYE.
inline constexpr std::string_view kTransportLost = "wamp.close.transport_lost";
}  // namespace close

}  // namespace autobahn::inline v0::wamp
