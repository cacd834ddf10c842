# The differential harness: the same Erlang text on OTP and, through the bridge, here.
if(NOT PORTLAB_TESTS OR NOT PORTLAB_FLAVOUR STREQUAL "plain" OR PORTLAB_COVERAGE)
  return()
endif()
set(_differ "${CMAKE_CURRENT_LIST_DIR}")
set(_differ_drivers "${PORTLAB_OUTPUT_ROOT}/otp/drivers")

# differ_driver(NAME FLAGS [DEFINITION]): the probe as a driver of this name with these driver_flags
function(differ_driver name flags)
  faulty_driver(${name} ${_differ}/differ_drv.c)
  target_sources(${name} PRIVATE ${_differ}/differ_operations.c ${_differ}/differ_output.c)
  target_compile_definitions(${name} PRIVATE DIFFER_NAME=${name} "DIFFER_FLAGS=${flags}" ${ARGN})
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${_differ_drivers}")
endfunction()
differ_driver(differ_drv ERL_DRV_FLAG_USE_PORT_LOCKING)
differ_driver(differ_soft_drv "(ERL_DRV_FLAG_USE_PORT_LOCKING | ERL_DRV_FLAG_SOFT_BUSY)" DIFFER_OUTPUTV)
differ_driver(differ_lock_drv 0)
differ_driver(differ_ack_drv "(ERL_DRV_FLAG_USE_PORT_LOCKING | ERL_DRV_FLAG_USE_INIT_ACK)")

# differ_test(NAME SCRIPT arguments...): alone on the machine, since what waits is told from what is slow by time.
function(differ_test name script)
  add_test(NAME differ.${name} COMMAND sh "${_differ}/${script}" --drivers "${_differ_drivers}"
    --tool "${PORTLAB_OUTPUT_ROOT}/bin/portlab" ${ARGN})
  set_tests_properties(differ.${name} PROPERTIES LABELS otp TIMEOUT 280 RUN_SERIAL ON)
endfunction()
differ_test(scenarios differ scenarios)
differ_test(random differ --long 200 random 20 500)
differ_test(canary differ_canary)
