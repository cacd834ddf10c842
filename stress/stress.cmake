# The open/close stress, as a program (`portlab stress` runs it) and as bounded tests of it.
faulty_driver(churn_drv harness/churn_drv.c)
portlab_area(stress_harness SOURCES harness/churn.cc harness/holdings.cc DEPENDS runtime)

find_package(CLI11 REQUIRED)
add_executable(portlab-stress port_churn_stress.cc)
target_link_libraries(portlab-stress PRIVATE portlab_stress_harness portlab_warnings CLI11::CLI11)
target_compile_definitions(portlab-stress PRIVATE PORTLAB_FLAVOUR_NAME="${PORTLAB_FLAVOUR}")
portlab_export_driver_api(portlab-stress)
set_target_properties(portlab-stress PROPERTIES OUTPUT_NAME portlab-stress-${PORTLAB_FLAVOUR})
add_dependencies(portlab-stress churn_drv abort_program portlab-spawn-server)

# stress_test(NAME arguments...): one seed, bounded rounds; alone on the machine.
function(stress_test name)
  add_test(NAME stress.${name} COMMAND portlab-stress ${ARGN})
  set_tests_properties(stress.${name} PROPERTIES LABELS stress TIMEOUT 280 RUN_SERIAL ON)
endfunction()

if(PORTLAB_FLAVOUR STREQUAL "plain")
  stress_test(one_host_100000_rounds --seed 1 --rounds 100000)
  stress_test(otp_counter --seed 2 --rounds 20000 --counter otp --program-percent 0)
  stress_test(limit_1 --seed 3 --rounds 20000 --limit 1 --program-percent 0)
else()
  stress_test(around_the_limit --seed 1 --rounds 4000)
endif()
add_test(NAME stress.seed_repeats_operations
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:portlab-stress> -P "${CMAKE_CURRENT_SOURCE_DIR}/harness/seed_repeats.cmake")
set_tests_properties(stress.seed_repeats_operations PROPERTIES LABELS stress TIMEOUT 120 RUN_SERIAL ON)

# Everything a driver can do at once, and twins of that driver with one thing wrong.
faulty_driver(crowd_drv harness/crowd_drv.c)
foreach(twin races frees_twice keeps)
  faulty_driver(crowd_${twin}_drv harness/crowd_drv.c)
  string(TOUPPER "CROWD_${twin}" _definition)
  target_compile_definitions(crowd_${twin}_drv PRIVATE ${_definition})
endforeach()
portlab_area(stress_crowd SOURCES harness/crowd.cc DEPENDS runtime)
add_executable(portlab-crowd crowd_stress.cc)
target_link_libraries(portlab-crowd PRIVATE portlab_stress_crowd portlab_warnings CLI11::CLI11)
portlab_export_driver_api(portlab-crowd)
set_target_properties(portlab-crowd PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
portlab_unit_test(crowd_test SOURCES crowd_test.cc DEPENDS launch)
add_dependencies(crowd_test portlab-crowd crowd_drv crowd_races_drv crowd_frees_twice_drv crowd_keeps_drv)
target_compile_definitions(crowd_test PRIVATE PORTLAB_CROWD_PROGRAM="$<TARGET_FILE:portlab-crowd>"
  PORTLAB_DRIVERS="${PORTLAB_OUTPUT_ROOT}/drivers/${PORTLAB_FLAVOUR}")
