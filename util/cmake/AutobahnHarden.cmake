# What makes bugs harder to exploit, in what this project compiles for itself (a project that includes us decides
# for itself): checked library calls, guarded stacks, code at random addresses, and tables of addresses that are
# read-only once the program runs. What it costs is in docs/benchmarks.md, and where stacks are not guarded in
# wamp/CMakeLists.txt; the test `hardening` (testsuite/lint/binaries.py) looks at the programs.
# Sanitizers bring checks of their own and do not bear all of these; fortified calls need an optimising compiler.
option(AUTOBAHN_HARDEN "Compile with fortified calls, stack protector, PIE and read-only relocations" ${PROJECT_IS_TOP_LEVEL})
if(AUTOBAHN_HARDEN AND NOT AUTOBAHN_SANITIZE)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  include(CheckPIESupported)
  check_pie_supported()
  add_compile_options(-fstack-protector-strong)
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  add_link_options(LINKER:-z,relro,-z,now,-z,noexecstack)
endif()

# autobahn_hide_symbols(target): who links us into a shared library of his own does not export us with it. As shared
# libraries we export what is ours and none of the Asio, RapidJSON and OpenSSL code that is inlined into it, and
# refer to nothing that the libraries we name do not have (tried with util, websocket and rawsocket, and a consumer of them).
function(autobahn_hide_symbols target)
  set_target_properties(${target} PROPERTIES VISIBILITY_INLINES_HIDDEN ON)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL SHARED_LIBRARY)
    target_link_options(${target} PRIVATE LINKER:-z,defs
      LINKER:--version-script=${PROJECT_SOURCE_DIR}/util/cmake/exports.map)
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${PROJECT_SOURCE_DIR}/util/cmake/exports.map)
  else()
    set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden)
  endif()
endfunction()
