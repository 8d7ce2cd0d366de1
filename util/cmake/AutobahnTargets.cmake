# How a module, its tests and a program are declared: one function each.
#
# What is set here is seen by this project's directories only; a project that includes us keeps its own settings.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
include(GNUInstallDirs)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  find_program(CCACHE ccache)
  if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  endif()
endif()

find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

# Warnings and sanitizers, for our own targets only: never exported.
add_library(autobahn_flags INTERFACE)
if(PROJECT_IS_TOP_LEVEL)
  target_compile_options(autobahn_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    # GCC 12 sees a mismatch of operators where it has inlined Asio's coroutine frames.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)
endif()
if(AUTOBAHN_SANITIZE)
  add_compile_options(-fsanitize=${AUTOBAHN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${AUTOBAHN_SANITIZE})
  # GCC 12 does not follow which alternative a std::variant holds; its manual says that sanitizers mislead this warning.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

include(AutobahnHarden)

# Libraries and programs, without the tests: what `make build` builds.
if(PROJECT_IS_TOP_LEVEL)
  add_custom_target(autobahn_programs)
  add_custom_target(autobahn_tests)
  add_custom_target(autobahn_threaded_tests)
endif()

# autobahn_module(name DEPENDS targets… PRIVATE targets…): the library autobahn::name from name/src/*.cpp and
# name/include, and its tests, one program per *_test.cpp.
function(autobahn_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS src/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/src/asio/")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  add_library(autobahn_${name} ${sources})
  add_library(autobahn::${name} ALIAS autobahn_${name})
  set_target_properties(autobahn_${name} PROPERTIES EXPORT_NAME ${name}
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  target_include_directories(autobahn_${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_include_directories(autobahn_${name} PRIVATE src)
  target_link_libraries(autobahn_${name} PUBLIC ${ARG_DEPENDS} PRIVATE $<BUILD_INTERFACE:autobahn_flags> ${ARG_PRIVATE})
  target_compile_features(autobahn_${name} PUBLIC cxx_std_20)
  autobahn_hide_symbols(autobahn_${name})
  set_property(GLOBAL APPEND PROPERTY AUTOBAHN_MODULES ${name})
  if(TARGET autobahn_programs)
    add_dependencies(autobahn_programs autobahn_${name})
  endif()
  if(AUTOBAHN_TESTS)
    foreach(source ${tests})
      autobahn_test(${source} autobahn::${name} ${ARG_PRIVATE})
    endforeach()
  endif()
endfunction()

# autobahn_test(x_test.cpp libraries…): the GoogleTest program x_test, which sees the module's private headers.
function(autobahn_test source)
  find_package(GTest REQUIRED)
  get_filename_component(test ${source} NAME_WE)
  add_executable(${test} ${source})
  target_include_directories(${test} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_link_libraries(${test} PRIVATE ${ARGN} autobahn_flags GTest::gmock GTest::gtest_main)
  set_target_properties(${test} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  # One ctest per program: asking each program for its list of tests at build time costs more than it gives.
  add_test(NAME ${test} COMMAND ${test})
  set_tests_properties(${test} PROPERTIES TIMEOUT 120 LABELS unit)
  if(TARGET autobahn_tests)
    add_dependencies(autobahn_tests ${test})
  endif()
  # Most tests have one thread only: ThreadSanitizer (`make tsan`) runs the others, found by what they say.
  file(STRINGS ${source} threaded REGEX "std::j?thread|threads *=|[Rr]esolve|std::async|use_future|LoopGroup|TEST_SUITE_P.Threads" LIMIT_COUNT 1)
  # Compiling wamp takes ThreadSanitizer a quarter of an hour on two cores, for a few tests: when it is asked for.
  if(AUTOBAHN_SANITIZE STREQUAL thread AND NOT AUTOBAHN_TSAN_WAMP AND CMAKE_CURRENT_SOURCE_DIR MATCHES "/wamp(/|$)")
    set(threaded "")
  endif()
  if(threaded)
    set_property(TEST ${test} APPEND PROPERTY LABELS threads)
    if(TARGET autobahn_threaded_tests)
      add_dependencies(autobahn_threaded_tests ${test})
    endif()
  endif()
endfunction()

# autobahn_program(name sources… [LIBS targets…]): a program in bin/.
function(autobahn_program name)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE autobahn::websocket autobahn_flags ${ARG_LIBS})
  if(TARGET autobahn_programs)
    add_dependencies(autobahn_programs ${name})
  endif()
endfunction()
