// How many allocations of operator new there have been in this thread.
#pragma once

#include <cstddef>

namespace bench {

std::size_t allocationCount();

}  // namespace bench
