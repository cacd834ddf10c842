# cmake -DCOMPILER= -DPREFIX= -DSOURCE= -DBUILD= -P check_consumer.cmake
#
# Configures, builds and tests the consumer project against an installed portlab. Its good driver passes all of its
# tests, its broken one fails those that reach the fault.

function(run_or_die)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# expect(good|bad NAME): whether the consumer's test of that name passes
function(expect outcome name)
  execute_process(COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${BUILD}" -R "^${name}$" --no-tests=error
    --output-on-failure RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if((outcome STREQUAL "good" AND NOT status EQUAL 0) OR (outcome STREQUAL "bad" AND status EQUAL 0))
    message(FATAL_ERROR "test ${name} of the consumer was to be ${outcome}:\n${output}")
  endif()
  if(outcome STREQUAL "bad" AND output MATCHES "No tests were found|Not Run")
    message(FATAL_ERROR "test ${name} of the consumer did not run:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE "${BUILD}")
run_or_die("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BUILD}" -G Ninja "-DCMAKE_PREFIX_PATH=${PREFIX}"
  "-DCMAKE_C_COMPILER=${COMPILER}" -DCMAKE_C_FLAGS=-Wall\ -Wextra\ -Werror)
run_or_die("${CMAKE_COMMAND}" --build "${BUILD}")
run_or_die("${PREFIX}/bin/portlab" --version)

set(fuzz "")
if(COMPILER MATCHES "clang")
  set(fuzz "\\.fuzz")
  expect(good "counter\\.campaign")
  expect(bad "broken\\.campaign")
endif()
foreach(kind "" ${fuzz})
  foreach(input "add_and_sum\\.txt" "write_is_refused\\.txt" "two_ports")
    expect(good "counter${kind}\\.${input}")
  endforeach()
  expect(good "broken${kind}\\.add_and_sum\\.txt")
  expect(bad "broken${kind}\\.write_is_refused\\.txt")
endforeach()
message("the consumer's tests are as expected with ${COMPILER}")
