# One ctest per TestCase of the scripts: each starts the programs it needs on ports of their own.
find_package(Python3 COMPONENTS Interpreter)
# /usr/bin/python3 is Debian's own, which has python3-websockets.
set(python /usr/bin/python3)
if(NOT EXISTS ${python})
  set(python ${Python3_EXECUTABLE})
endif()
set(environment "EXAMPLES_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" "EXAMPLES_SANITIZED=${AUTOBAHN_SANITIZE}")
foreach(name run_examples_test run_wamp_examples_test)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
  file(STRINGS ${script} lines REGEX "^class [A-Za-z]+Test\\(")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
  foreach(line ${lines})
    string(REGEX REPLACE "^class ([A-Za-z]+)Test\\(.*" "\\1" case ${line})
    add_test(NAME examples_${case} COMMAND ${python} ${script} ${case}Test)
    set_tests_properties(examples_${case} PROPERTIES TIMEOUT 120 LABELS integration SKIP_RETURN_CODE 77
      ENVIRONMENT "${environment}")
  endforeach()
endforeach()

# Every WAMP example, one line each.
get_property(examples GLOBAL PROPERTY AUTOBAHN_EXAMPLES)
list(FILTER examples INCLUDE REGEX "^wamp_")
add_custom_target(run-all-examples
  COMMAND ${CMAKE_COMMAND} -E env ${environment} ${python} ${CMAKE_CURRENT_SOURCE_DIR}/run_wamp_examples_test.py
  DEPENDS ${examples} USES_TERMINAL VERBATIM)
