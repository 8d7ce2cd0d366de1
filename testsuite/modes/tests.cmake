# What tests wstest's command line and modes.
foreach(source ${wstest_mode_tests})
  autobahn_test(${source} wstest_modes)
endforeach()

# One ctest per TestCase of modes/*_test.py: each runs the programs it needs on ports of their own.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/modes/*_test.py)
foreach(script ${scripts})
  file(STRINGS ${script} lines REGEX "^class [A-Za-z]+Test\\(")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
  foreach(line ${lines})
    string(REGEX REPLACE "^class ([A-Za-z]+)Test\\(.*" "\\1" case ${line})
    add_test(NAME modes_${case} COMMAND ${Python3_EXECUTABLE} -B ${script} ${case}Test)
    set_tests_properties(modes_${case} PROPERTIES TIMEOUT 120 LABELS modes
      ENVIRONMENT "WSTEST=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/wstest")
  endforeach()
endforeach()
