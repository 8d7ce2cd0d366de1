// A choice that nobody can foresee.
#pragma once

#include <autobahn/util/random.hpp>
#include <cstddef>

namespace autobahn::inline v0::wamp::router {

/// Uniform in 0…count-1; `count` > 0.
inline std::size_t randomIndex(std::size_t count) { return util::newId() % count; }

}  // namespace autobahn::inline v0::wamp::router
