// Everything of WAMP's authentication and payload encryption that is computation: no sockets, no sessions,
// no clock that a test could not replace. Both sides: what a client answers and what a router verifies.
//
// Errors are the same everywhere. What a peer or a file brings and cannot be used throws `AuthError`, which
// names the field; a wrong password, signature or code is the answer "no" and never an exception; an argument
// that no caller should pass throws `std::invalid_argument`. No message contains a secret.
#pragma once

#include <autobahn/wamp/auth/channel_binding.hpp>
#include <autobahn/wamp/auth/cryptobox.hpp>
#include <autobahn/wamp/auth/cryptosign.hpp>
#include <autobahn/wamp/auth/decoy.hpp>
#include <autobahn/wamp/auth/encoded_payload.hpp>
#include <autobahn/wamp/auth/error.hpp>
#include <autobahn/wamp/auth/kdf.hpp>
#include <autobahn/wamp/auth/ppt.hpp>
#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/secret.hpp>
#include <autobahn/wamp/auth/ticket.hpp>
#include <autobahn/wamp/auth/totp.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
