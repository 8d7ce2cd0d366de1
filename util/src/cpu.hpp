// What the processor at hand can do, for code that picks a kernel at run time.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#define AUTOBAHN_X86_KERNELS 1
#endif
#if defined(__aarch64__) && defined(__ARM_NEON)
#define AUTOBAHN_NEON_KERNELS 1
#endif

namespace autobahn::inline v0::util {

#if defined(AUTOBAHN_X86_KERNELS)
inline bool cpuHasSsse3() { return __builtin_cpu_supports("ssse3") != 0; }
/// Includes the operating system's saving of the wide registers.
inline bool cpuHasAvx2() { return __builtin_cpu_supports("avx2") != 0; }
/// Only processors that have VBMI as well: older ones lower their clock for wide registers.
inline bool cpuHasAvx512() {
  return __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
}
#endif

}  // namespace autobahn::inline v0::util
