# `cmake --install`: the tool, the hosts it starts, the zoo, erl_driver.h, and what find_package(portlab) needs.
#
#   bin/portlab                 a link to lib/portlab/bin/portlab
#   lib/portlab/erlang/portlab  the Erlang modules of the bridge, as an OTP library
#   lib/portlab/{bin,drivers,programs}   as in the build folder: the tool finds the others beside itself
#   include/erl_driver.h
#   lib/cmake/portlab/          find_package(portlab)
#
# Runs of portlab itself (stress, explore, comparisons with OTP) stay in the source tree. So do the C++ headers in
# runtime/include/portlab: they are the lab's own interface, and their library is not installed.

if(PORTLAB_HOST_ONLY OR PORTLAB_FUZZ OR NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(_home "${CMAKE_INSTALL_LIBDIR}/portlab")
set(_config "${CMAKE_INSTALL_LIBDIR}/cmake/portlab")
install(DIRECTORY "${PORTLAB_OUTPUT_ROOT}/bin/" DESTINATION "${_home}/bin" USE_SOURCE_PERMISSIONS
  PATTERN "*_fuzz" EXCLUDE PATTERN "portlab-replay-fuzz" EXCLUDE PATTERN "portlab-opening-cost" EXCLUDE)
# Without the executable bit: a campaign must not take a driver for a fuzz target.
install(DIRECTORY "${PORTLAB_OUTPUT_ROOT}/drivers/" DESTINATION "${_home}/drivers"
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
  PATTERN "probe_drv.so" EXCLUDE PATTERN "timeslice_drv.so" EXCLUDE PATTERN "churn_drv.so" EXCLUDE PATTERN "crowd*" EXCLUDE PATTERN "canary*" EXCLUDE PATTERN "planted*" EXCLUDE
  PATTERN "wordcount*" EXCLUDE PATTERN "generation_*" EXCLUDE)
# portlab.erl and what it needs: an OTP library, for ERL_LIBS or rebar3.
install(DIRECTORY "${PORTLAB_OUTPUT_ROOT}/erlang/" DESTINATION "${_home}/erlang" OPTIONAL)
install(DIRECTORY "${PORTLAB_OUTPUT_ROOT}/programs/" DESTINATION "${_home}/programs" USE_SOURCE_PERMISSIONS
  PATTERN "tiny_program" EXCLUDE)
install(CODE "
  file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  file(CREATE_LINK \"../${_home}/bin/portlab\" \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/portlab\"
    SYMBOLIC)")
install(FILES "${PROJECT_SOURCE_DIR}/runtime/include/erl_driver.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/package/portlabConfig.cmake.in"
  "${CMAKE_BINARY_DIR}/package/portlabConfig.cmake" INSTALL_DESTINATION "${_config}"
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR _home)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/package/portlabConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/package/portlabConfig.cmake" "${CMAKE_BINARY_DIR}/package/portlabConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/package/PortlabDrivers.cmake" DESTINATION "${_config}")

# An outside project builds its driver against what was installed, with gcc and with clang.
if(PORTLAB_TESTS AND PORTLAB_FLAVOUR STREQUAL "plain" AND NOT PORTLAB_COVERAGE)
  add_test(NAME package.install COMMAND "${CMAKE_COMMAND}" --install "${CMAKE_BINARY_DIR}" --prefix
    "${CMAKE_BINARY_DIR}/package/prefix")
  set_tests_properties(package.install PROPERTIES LABELS package FIXTURES_SETUP package TIMEOUT 120)
  foreach(compiler gcc clang-19)
    add_test(NAME package.consumer_${compiler} COMMAND "${CMAKE_COMMAND}" -DCOMPILER=${compiler}
      -DPREFIX=${CMAKE_BINARY_DIR}/package/prefix -DSOURCE=${PROJECT_SOURCE_DIR}/cmake/package/consumer
      -DBUILD=${CMAKE_BINARY_DIR}/package/consumer-${compiler}
      -P "${PROJECT_SOURCE_DIR}/cmake/package/check_consumer.cmake")
    set_tests_properties(package.consumer_${compiler} PROPERTIES LABELS package FIXTURES_REQUIRED package TIMEOUT 280)
  endforeach()
endif()
