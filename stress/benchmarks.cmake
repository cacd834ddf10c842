# Benchmarks. As tests they only show that they run: no time is ever a reason to fail, and under a sanitizer times mean
# nothing, so only plain builds have them.
if(NOT PORTLAB_FLAVOUR STREQUAL "plain")
  return()
endif()
find_package(benchmark REQUIRED)
portlab_area(ratio_report SOURCES harness/ratio_report.cc DEPENDS base LIBRARIES benchmark::benchmark)
portlab_unit_test(ratio_report_test SOURCES harness/ratio_report_test.cc DEPENDS ratio_report)

add_executable(port_benchmark port_benchmark.cc)
target_link_libraries(port_benchmark PRIVATE portlab_warnings portlab_ratio_report portlab_runtime)
target_compile_definitions(port_benchmark PRIVATE
  PORTLAB_ECHO_DRIVER="${PORTLAB_OUTPUT_ROOT}/drivers/${PORTLAB_FLAVOUR}/echo_drv.so"
  PORTLAB_PAYLOAD_DRIVER="${PORTLAB_OUTPUT_ROOT}/drivers/${PORTLAB_FLAVOUR}/payload_drv.so"
  PORTLAB_TINY_PROGRAM="${PORTLAB_OUTPUT_ROOT}/programs/tiny_program"
  PORTLAB_SPAWN_SERVER_PATH="${PORTLAB_OUTPUT_ROOT}/bin/portlab-spawn-server")
portlab_export_driver_api(port_benchmark)
set_target_properties(port_benchmark PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
add_dependencies(port_benchmark echo_drv payload_drv tiny_program portlab-spawn-server)

add_test(NAME bench.port COMMAND port_benchmark --benchmark_min_time=0.01)
add_test(NAME bench.port_ratios COMMAND port_benchmark --ratios=3)
set_tests_properties(bench.port bench.port_ratios PROPERTIES LABELS bench TIMEOUT 120 RUN_SERIAL ON)

# How many ports there can be, and what they take.
add_executable(many_ports_benchmark many_ports_benchmark.cc)
target_link_libraries(many_ports_benchmark PRIVATE portlab_warnings portlab_runtime)
target_compile_definitions(many_ports_benchmark PRIVATE
  PORTLAB_ECHO_DRIVER="${PORTLAB_OUTPUT_ROOT}/drivers/${PORTLAB_FLAVOUR}/echo_drv.so")
portlab_export_driver_api(many_ports_benchmark)
set_target_properties(many_ports_benchmark PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
add_dependencies(many_ports_benchmark echo_drv)

# The whole measurement, README "Speed": without --rounds and --ports.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME bench.beside_otp COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/otp/beside_otp.py"
  --build "${CMAKE_BINARY_DIR}" --rounds 1 --ports 5000)
set_tests_properties(bench.beside_otp PROPERTIES LABELS bench TIMEOUT 120 RUN_SERIAL ON)

# What external programs cost. The whole measurement is README "Speed" again.
add_executable(program_benchmark program_benchmark.cc)
target_link_libraries(program_benchmark PRIVATE portlab_warnings portlab_runtime)
target_compile_definitions(program_benchmark PRIVATE
  PORTLAB_TINY_PROGRAM="${PORTLAB_OUTPUT_ROOT}/programs/tiny_program"
  PORTLAB_ECHO_PROGRAM="${PORTLAB_OUTPUT_ROOT}/programs/echo_program"
  PORTLAB_SPAWN_SERVER_PATH="${PORTLAB_OUTPUT_ROOT}/bin/portlab-spawn-server")
portlab_export_driver_api(program_benchmark)
set_target_properties(program_benchmark PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
add_dependencies(program_benchmark tiny_program echo_program portlab-spawn-server)
add_test(NAME bench.programs_beside_otp COMMAND Python3::Interpreter -B
  "${CMAKE_CURRENT_SOURCE_DIR}/otp/programs_beside_otp.py" --build "${CMAKE_BINARY_DIR}" --rounds 1 --count 20
  --ballast-mib 64)
set_tests_properties(bench.programs_beside_otp PROPERTIES LABELS bench TIMEOUT 120 RUN_SERIAL ON)
