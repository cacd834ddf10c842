# What a driver's own build says of portlab.

# portlab_add_driver(NAME source... [LIBRARIES target...])
#
# The driver NAME.so, plain: for OTP as for portlab. With clang NAME_fuzz is built beside it, in the folder fuzz/ under
# the same file name (a driver's name is its file's): for `portlab fuzz`, with coverage, AddressSanitizer and
# UndefinedBehaviorSanitizer.
function(portlab_add_driver name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  if(NOT ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "portlab_add_driver(${name}): name its sources")
  endif()
  portlab_driver_target(${name} "${CMAKE_CURRENT_BINARY_DIR}")
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang" AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    return()
  endif()
  portlab_driver_target(${name}_fuzz "${CMAKE_CURRENT_BINARY_DIR}/fuzz")
  # Sanitizers and counters are the host's; libFuzzer cannot let go of what was once loaded.
  target_compile_options(${name}_fuzz PRIVATE -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
    -fsanitize=address,undefined,fuzzer-no-link)
  target_link_options(${name}_fuzz PRIVATE -fsanitize=address,undefined -Wl,-z,nodelete)
endfunction()

# Both kinds; reads the caller's `name` and arguments.
macro(portlab_driver_target target folder)
  add_library(${target} MODULE ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${target} PRIVATE portlab::erl_driver ${ARG_LIBRARIES})
  set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX ".so" OUTPUT_NAME "${name}"
    LIBRARY_OUTPUT_DIRECTORY "${folder}")
endmacro()

# portlab_add_fuzz_test(NAME DRIVER driver CORPUS folder [START_ARGS text] [EXECUTIONS n])
#
# Every file of the corpus is a test, NAME.<file>: the driver carries out its operations, and neither crashes nor breaks
# the driver API's contract. Any compiler will do. A file named *.txt holds operations as text, such as
#
#   open p0 ""
#   control p0 0x7 "payload"
#   close p0
#
# What the fuzz build adds: the same inputs under its sanitizers, NAME.fuzz.<file>, and with EXECUTIONS a campaign of so
# many, NAME.campaign, whose findings are in portlab-fuzz/NAME of the build folder.
function(portlab_add_fuzz_test name)
  cmake_parse_arguments(ARG "" "DRIVER;CORPUS;START_ARGS;EXECUTIONS" "" ${ARGN})
  if(NOT TARGET "${ARG_DRIVER}" OR NOT ARG_CORPUS)
    message(FATAL_ERROR "portlab_add_fuzz_test(${name}): DRIVER takes a target of portlab_add_driver, CORPUS a folder")
  endif()
  get_filename_component(corpus "${ARG_CORPUS}" ABSOLUTE)
  file(GLOB inputs CONFIGURE_DEPENDS "${corpus}/*")
  if(NOT inputs)
    message(FATAL_ERROR "portlab_add_fuzz_test(${name}): there is no input in ${corpus}")
  endif()
  set(flags "")
  if(ARG_START_ARGS)
    list(APPEND flags "--start-args=${ARG_START_ARGS}")
  endif()
  foreach(input IN LISTS inputs)
    get_filename_component(file "${input}" NAME)
    add_test(NAME ${name}.${file} COMMAND "${PORTLAB_HOME}/bin/portlab-replay-plain" "${input}"
      "--driver=$<TARGET_FILE:${ARG_DRIVER}>" ${flags})
    if(TARGET ${ARG_DRIVER}_fuzz)
      add_test(NAME ${name}.fuzz.${file} COMMAND "${PORTLAB_HOME}/bin/portlab-replay-asan" "${input}"
        "--driver=$<TARGET_FILE:${ARG_DRIVER}_fuzz>" ${flags})
    endif()
  endforeach()
  if(TARGET ${ARG_DRIVER}_fuzz AND ARG_EXECUTIONS)
    add_test(NAME ${name}.campaign COMMAND "${PORTLAB_TOOL}" fuzz "$<TARGET_FILE:${ARG_DRIVER}_fuzz>" --execs
      ${ARG_EXECUTIONS} --seed 1 --out "${CMAKE_BINARY_DIR}/portlab-fuzz/${name}" ${flags})
  endif()
endfunction()
