# One line per artefact. Every area is a static library `portlab_<area>`; an area's DEPENDS are the edges of the DAG that
# `lint.layers` checks against the includes.

set(PORTLAB_API_LIST "${PROJECT_SOURCE_DIR}/runtime/driver_api/exported_symbols.txt")
set(PORTLAB_BEAM_LIST "${PROJECT_SOURCE_DIR}/runtime/driver_api/beam_symbols.txt")
set(PORTLAB_DYNAMIC_LIST "${CMAKE_BINARY_DIR}/driver_api.dynamic-list")

# portlab_area(NAME SOURCES file... [DEPENDS area...] [LIBRARIES target...])
function(portlab_area name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(portlab_${name} STATIC ${ARG_SOURCES})
  target_include_directories(portlab_${name} PUBLIC
    "${PROJECT_SOURCE_DIR}/runtime/include" "${PROJECT_SOURCE_DIR}/runtime" "${PROJECT_SOURCE_DIR}")
  list(TRANSFORM ARG_DEPENDS PREPEND portlab_)
  target_link_libraries(portlab_${name} PUBLIC portlab_runtime_flags Threads::Threads ${ARG_DEPENDS} ${ARG_LIBRARIES}
    PRIVATE portlab_warnings)
endfunction()

# portlab_unit_test(NAME SOURCES x_test.cc... [DEPENDS area...] [LIBRARIES target...] [LABELS l...] [EXPORTS_DRIVER_API])
# One GoogleTest program per area; CTest runs every test in a process of its own.
function(portlab_unit_test name)
  if(NOT PORTLAB_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "EXPORTS_DRIVER_API" "" "SOURCES;DEPENDS;LIBRARIES;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND portlab_)
  target_link_libraries(${name} PRIVATE portlab_warnings ${ARG_DEPENDS} ${ARG_LIBRARIES} GTest::gtest GTest::gmock
    GTest::gtest_main)
  if(ARG_EXPORTS_DRIVER_API)
    portlab_export_driver_api(${name})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 120)
endfunction()

# Makes an executable export exactly the driver API, what drivers call of the emulator beside it (and, for instrumented drivers, the one coverage symbol they need).
function(portlab_export_driver_api target)
  file(STRINGS "${PORTLAB_API_LIST}" symbols REGEX "^[a-z_A-Z0-9]+$")
  file(STRINGS "${PORTLAB_BEAM_LIST}" beam_symbols REGEX "^[a-z_A-Z0-9]+$")
  list(APPEND symbols ${beam_symbols} __sancov_lowest_stack)
  list(JOIN symbols ";\n  " body)
  file(CONFIGURE OUTPUT "${PORTLAB_DYNAMIC_LIST}" CONTENT "{\n  ${body};\n};\n" @ONLY)
  # The objects themselves: all of the API, also the functions nothing here calls, and each exactly once.
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:portlab_driver_api>)
  target_link_libraries(${target} PRIVATE portlab_driver_api)
  target_link_options(${target} PRIVATE "-Wl,--dynamic-list=${PORTLAB_DYNAMIC_LIST}")
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${PORTLAB_DYNAMIC_LIST}")
  if(PORTLAB_FUZZ)
    target_link_options(${target} PRIVATE -nostdlib++ -static-libgcc)  # static as well: fuzz/CMakeLists.txt names it
  elseif(PORTLAB_FLAVOUR STREQUAL "plain")
    # With libstdc++ inside, no template of ours is exported for a shared libstdc++ to bind to.
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()

# faulty_driver(NAME file) / faulty_program(NAME file): one fault, one file, one line.
function(faulty_driver name source)
  add_library(${name} MODULE ${source})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/runtime/include")
  target_link_libraries(${name} PRIVATE portlab_sanitizer portlab_warnings)
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY "${PORTLAB_OUTPUT_ROOT}/drivers/${PORTLAB_FLAVOUR}")
  if(PORTLAB_FUZZ)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(${name} PRIVATE -Wl,-z,nodelete)
  endif()
endfunction()

# Programs are always built plain: their outcome must not depend on the host's flavour.
function(faulty_program name source)
  if(PORTLAB_HOST_ONLY)
    return()
  endif()
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE portlab_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PORTLAB_OUTPUT_ROOT}/programs")
endfunction()
