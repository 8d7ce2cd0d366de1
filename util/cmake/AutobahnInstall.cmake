# What `cmake --install` lays down: libraries, public headers, the CMake package, autobahn.pc, the commands `ws` and `wamp`.
include(CMakePackageConfigHelpers)
get_property(modules GLOBAL PROPERTY AUTOBAHN_MODULES)
set(packageDir ${CMAKE_INSTALL_LIBDIR}/cmake/autobahn)

# Asio's one compiled copy stands in an export file of its own: a consumer who has defined autobahn::asio before
# find_package() links that instead (two copies in one program collide).
if(TARGET autobahn_asio)
  install(TARGETS autobahn_asio EXPORT autobahnAsioTargets)
  install(EXPORT autobahnAsioTargets NAMESPACE autobahn:: DESTINATION ${packageDir})
endif()
foreach(module ${modules})
  install(TARGETS autobahn_${module} EXPORT autobahnTargets)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${module}/include)  # wamp_sqlite's stand with wamp's
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${module}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
      FILES_MATCHING PATTERN "*.hpp")
  endif()
endforeach()
install(EXPORT autobahnTargets NAMESPACE autobahn:: DESTINATION ${packageDir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/util/cmake/autobahnConfig.cmake.in autobahnConfig.cmake
  INSTALL_DESTINATION ${packageDir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may break the interface.
write_basic_package_version_file(autobahnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/autobahnConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/autobahnConfigVersion.cmake
  DESTINATION ${packageDir})

# pkg-config: a static library's own needs are its user's, a shared library's are not.
set(pcLibs "")
foreach(module ${modules})
  string(PREPEND pcLibs "-lautobahn_${module} ")  # users before what they use
endforeach()
string(APPEND pcLibs "-lautobahn_asio -pthread")
set(pcSqlite "")
if(TARGET autobahn_wamp_sqlite)
  set(pcSqlite " sqlite3")
endif()
if(BUILD_SHARED_LIBS)
  set(pcPrivate ".private")
else()
  set(pcPrivate "")
endif()
file(RELATIVE_PATH pcToPrefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" pcToPrefix ${pcToPrefix})
configure_file(${PROJECT_SOURCE_DIR}/util/cmake/autobahn.pc.in autobahn.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/autobahn.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

foreach(program ws wamp)
  if(TARGET ${program})
    install(TARGETS ${program})
  endif()
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
