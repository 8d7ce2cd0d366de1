// Who of several gets what belongs to a key.
#pragma once

#include <cstdint>

namespace autobahn::inline v0::wamp::router {

/// Rendezvous hashing: a key belongs to the owner with whom it has the greatest weight, so that an owner who
/// comes or goes moves its own share of the keys and no other. Every bit of the weight depends on every bit
/// of both hashes (the finalizer of SplitMix64).
constexpr std::uint64_t rendezvousWeight(std::uint64_t key, std::uint64_t owner) {
  std::uint64_t mixed = key + owner * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

}  // namespace autobahn::inline v0::wamp::router
