# One ctest per TestCase of run_examples_test.py: each starts the programs it needs on ports of their own.
find_package(Python3 COMPONENTS Interpreter)
set(script ${CMAKE_CURRENT_SOURCE_DIR}/run_examples_test.py)
# /usr/bin/python3 is Debian's own, which has python3-websockets.
set(python /usr/bin/python3)
if(NOT EXISTS ${python})
  set(python ${Python3_EXECUTABLE})
endif()
file(STRINGS ${script} lines REGEX "^class [A-Za-z]+Test\\(")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
foreach(line ${lines})
  string(REGEX REPLACE "^class ([A-Za-z]+)Test\\(.*" "\\1" case ${line})
  add_test(NAME examples_${case} COMMAND ${python} ${script} ${case}Test)
  set_tests_properties(examples_${case} PROPERTIES TIMEOUT 120 LABELS integration SKIP_RETURN_CODE 77
    ENVIRONMENT "EXAMPLES_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};EXAMPLES_SANITIZED=${AUTOBAHN_SANITIZE}")
endforeach()
