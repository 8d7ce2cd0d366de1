// One-time codes that change with time (RFC 6238), as authenticator applications show them: SHA-1, 30
// seconds, 6 digits. Secrets are base32 (RFC 4648); lower case is understood and padding is optional;
// anything else throws `std::invalid_argument`. From any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// A new random secret of `length` bytes in base32 (RFC 4226 asks for 16 or more; the default is Autobahn's,
/// 80 bits). A plain string because it is made to be stored and shown. Throws `std::invalid_argument` unless
/// 1…256.
std::string generateTotpSecret(std::size_t length = 10);

/// The code for a time. `offset`: steps of 30 s to look into the future or (negative) the past.
std::string computeTotp(std::string_view secret, std::chrono::system_clock::time_point time, int offset = 0);
/// The code for now.
std::string computeTotp(std::string_view secret, int offset = 0);

/// The step (30 s since 1970) whose code `code` is, looking up to `window` steps (0…100) to both sides of
/// `time`; nothing when it is none of theirs. The way to accept a code once only, as RFC 6238 section 5.2
/// demands: refuse steps that are not greater than the one last accepted of that user. Compares in constant
/// time.
std::optional<std::int64_t> findTotp(std::string_view secret, std::string_view code,
                                     std::chrono::system_clock::time_point time, int window = 1);

/// Whether `code` is right at `time`, give or take `window` steps (RFC 6238 recommends one).
bool checkTotp(std::string_view secret, std::string_view code, std::chrono::system_clock::time_point time,
               int window = 1);
/// Whether `code` is right now.
bool checkTotp(std::string_view secret, std::string_view code, int window = 1);

/// The text to show as a QR code that authenticator applications read ("otpauth://totp/…"). `label` names the
/// account, "Issuer:account" or just the account; both are UTF-8 and percent-encoded here. It holds the
/// secret.
std::string totpProvisioningUri(std::string_view secret, std::string_view label, std::string_view issuer);

}  // namespace autobahn::inline v0::wamp
