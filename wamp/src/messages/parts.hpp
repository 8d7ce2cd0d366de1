// The parts of messages that hold memory: how much, and how to hold no more than one's own.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <cstddef>

namespace autobahn::inline v0::wamp {

/// Octets that a message keeps in memory, about: the buffer it came in (or those that its texts and its
/// payload have instead), and what its options have on the heap.
std::size_t heldOctets(const Message& message);
std::size_t heldOctets(const message::Call& call);
std::size_t heldOctets(const message::Invocation::Details& details);
std::size_t heldOctets(const message::Event::Details& details);
std::size_t heldOctets(const message::Receivers& receivers);

/// Gives all texts bytes of their own, so that the message they came in goes.
void detach(message::Invocation::Details& details);
void detach(message::Event::Details& details);
void detach(message::Receivers& receivers);

}  // namespace autobahn::inline v0::wamp
