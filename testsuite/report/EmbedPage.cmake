# The report's page is written as HTML, CSS and JavaScript, and compiled in: this makes them a C++ source.
#
# Included after wstest_core is declared, it adds that source; run as a script, it writes it.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(page ${CMAKE_CURRENT_LIST_DIR}/page)
  add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/page.cpp
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${CMAKE_CURRENT_LIST_DIR} -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/page.cpp -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${page}.html ${page}.css ${page}.js ${page}_panel.js ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
  target_sources(wstest_core PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/page.cpp)
  return()
endif()

set(content "// Made by EmbedPage.cmake.\n#include \"report/page.hpp\"\n\nnamespace wstest::page {\n\n")
set(html page.html)
set(css page.css)
set(js page.js)
set(panel page_panel.js)
foreach(name html css js panel)
  file(READ ${FOLDER}/${${name}} text)
  string(FIND "${text}" ")page\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${${name}} contains the end mark of a raw string")
  endif()
  string(APPEND content "const std::string_view ${name} = R\"page(${text})page\";\n")
endforeach()
file(WRITE ${OUTPUT} "${content}\n}  // namespace wstest::page\n")
