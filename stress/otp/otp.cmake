# Differential tests: real OTP is the oracle. Only in the plain flavour: Debian's drivers are not instrumented, and what
# OTP says does not depend on a sanitizer.
if(PORTLAB_TESTS AND PORTLAB_FLAVOUR STREQUAL "plain")
  portlab_area(stress_otp SOURCES ${CMAKE_CURRENT_LIST_DIR}/real_erl.cc ${CMAKE_CURRENT_LIST_DIR}/actor.cc
    ${CMAKE_CURRENT_LIST_DIR}/tcp_client.cc DEPENDS runtime)
  target_compile_definitions(portlab_stress_otp PRIVATE PORTLAB_OTP_ANSWERS="${CMAKE_CURRENT_LIST_DIR}/otp_answers.erl")

  portlab_unit_test(debian_drivers_test EXPORTS_DRIVER_API LABELS otp DEPENDS stress_otp runtime
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/debian_drivers_test.cc ${CMAKE_CURRENT_LIST_DIR}/behaviour.cc)
  portlab_unit_test(golden_test EXPORTS_DRIVER_API LABELS otp DEPENDS stress_otp runtime
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/golden_test.cc ${CMAKE_CURRENT_LIST_DIR}/golden_programs.cc
    ${CMAKE_CURRENT_LIST_DIR}/golden_pipes.cc ${CMAKE_CURRENT_LIST_DIR}/golden_signals.cc
    ${CMAKE_CURRENT_LIST_DIR}/golden_owners.cc ${CMAKE_CURRENT_LIST_DIR}/golden_files.cc
    ${CMAKE_CURRENT_LIST_DIR}/golden_busy.cc
    ${CMAKE_CURRENT_LIST_DIR}/behaviour.cc)
  foreach(test debian_drivers_test golden_test)
    add_dependencies(${test} portlab-spawn-server)
    target_compile_definitions(${test} PRIVATE
      PORTLAB_SPAWN_SERVER_PATH="${PORTLAB_OUTPUT_ROOT}/bin/portlab-spawn-server"
      PORTLAB_DRIVERS="${PORTLAB_OUTPUT_ROOT}/drivers/${PORTLAB_FLAVOUR}")
  endforeach()
endif()

# Every function, callback and flag of the driver API, every rule of loading.
if(PORTLAB_TESTS AND PORTLAB_FLAVOUR STREQUAL "plain")
  get_property(_rules GLOBAL PROPERTY PORTLAB_LOAD_RULES)
  get_property(_callback_probes GLOBAL PROPERTY PORTLAB_CALLBACK_PROBES)
  portlab_area(stress_coverage SOURCES ${CMAKE_CURRENT_LIST_DIR}/callback_behaviours.cc
    ${CMAKE_CURRENT_LIST_DIR}/ddll_behaviours.cc
    ${CMAKE_CURRENT_LIST_DIR}/ddll_calls.cc ${CMAKE_CURRENT_LIST_DIR}/promises.cc ${CMAKE_CURRENT_LIST_DIR}/script.cc DEPENDS stress_otp runtime)
  portlab_unit_test(api_probes_test EXPORTS_DRIVER_API LABELS otp DEPENDS stress_coverage stress_otp runtime
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/api_probes_test.cc ${CMAKE_CURRENT_LIST_DIR}/reductions_test.cc ${CMAKE_CURRENT_LIST_DIR}/emergency_close_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/zoo_in_erl_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/behaviour.cc)
  # Broken hosts, and the behaviours that notice: also of all that is promised.
  portlab_unit_test(mutation_test EXPORTS_DRIVER_API DEPENDS stress_coverage stress_otp runtime LIBRARIES ${CMAKE_DL_LIBS}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/mutation_test.cc ${CMAKE_CURRENT_LIST_DIR}/coverage_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/mutation.cc
    ${CMAKE_CURRENT_LIST_DIR}/mutants.cc ${CMAKE_CURRENT_LIST_DIR}/ddll_mutants.cc)
  foreach(test api_probes_test mutation_test)
    add_dependencies(${test} portlab-spawn-server echo_drv api_probe_drv api_probe_ack_drv timeslice_drv ${_rules} ${_callback_probes})
  endforeach()
  foreach(target portlab_stress_coverage api_probes_test mutation_test)
    target_compile_definitions(${target} PRIVATE
      PORTLAB_SPAWN_SERVER_PATH="${PORTLAB_OUTPUT_ROOT}/bin/portlab-spawn-server"
      PORTLAB_DRIVERS="${PORTLAB_OUTPUT_ROOT}/drivers/${PORTLAB_FLAVOUR}"
      PORTLAB_DRIVER_HEADER="${PROJECT_SOURCE_DIR}/runtime/include/erl_driver.h"
      PORTLAB_EXPORTED_SYMBOLS="${PORTLAB_API_LIST}" PORTLAB_DIFFER_DDLL="${CMAKE_CURRENT_LIST_DIR}/differ_scenarios_ddll.erl")
  endforeach()
endif()
include(otp/differ.cmake)
