// Ticket authentication: the client sends the ticket it was given; the router compares.
#pragma once

#include <string_view>

namespace autobahn::inline v0::wamp {

/// Whether a ticket (or any shared secret) is the expected one. The time taken tells neither where they
/// differ nor whether their lengths do. An empty expected ticket matches nothing. From any thread.
bool verifyTicket(std::string_view expected, std::string_view given);

}  // namespace autobahn::inline v0::wamp
