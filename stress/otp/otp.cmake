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

# Every function of the driver API, every rule of loading.
if(PORTLAB_TESTS AND PORTLAB_FLAVOUR STREQUAL "plain")
  portlab_unit_test(api_probes_test EXPORTS_DRIVER_API LABELS otp DEPENDS stress_otp runtime
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/api_probes_test.cc ${CMAKE_CURRENT_LIST_DIR}/behaviour.cc)
  get_property(_rules GLOBAL PROPERTY PORTLAB_LOAD_RULES)
  add_dependencies(api_probes_test portlab-spawn-server api_probe_drv api_probe_ack_drv ${_rules})
  target_compile_definitions(api_probes_test PRIVATE
    PORTLAB_SPAWN_SERVER_PATH="${PORTLAB_OUTPUT_ROOT}/bin/portlab-spawn-server"
    PORTLAB_DRIVERS="${PORTLAB_OUTPUT_ROOT}/drivers/${PORTLAB_FLAVOUR}"
    PORTLAB_EXPORTED_SYMBOLS="${PORTLAB_API_LIST}")
endif()
include(otp/differ.cmake)
