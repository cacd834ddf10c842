# Every knob of the build, in one place. Code, tests and expectations ask these variables which build they are in.

set(PORTLAB_SANITIZER "" CACHE STRING "Sanitizers to build with: empty, 'address,undefined' or 'thread'")
option(PORTLAB_FUZZ "Link the fuzz targets with libFuzzer (needs clang)" OFF)
option(PORTLAB_COVERAGE "Source-based coverage (needs clang)" OFF)
option(PORTLAB_HOST_ONLY "Build only the host and its drivers: how one build makes a second flavour" OFF)
set(PORTLAB_HOST_FLAVOURS "" CACHE STRING "Hosts to build beside this one: any of asan;tsan;fuzz")
set(PORTLAB_OUTPUT_ROOT "${CMAKE_BINARY_DIR}" CACHE PATH "Folder that gets bin/, drivers/ and programs/")

if(PORTLAB_FUZZ)
  set(PORTLAB_FLAVOUR fuzz)
  add_compile_definitions(PORTLAB_FUZZ_HOST)
elseif(PORTLAB_SANITIZER STREQUAL "")
  set(PORTLAB_FLAVOUR plain)
elseif(PORTLAB_SANITIZER STREQUAL "address,undefined")
  set(PORTLAB_FLAVOUR asan)
elseif(PORTLAB_SANITIZER STREQUAL "thread")
  set(PORTLAB_FLAVOUR tsan)
else()
  message(FATAL_ERROR "PORTLAB_SANITIZER is '${PORTLAB_SANITIZER}'; it takes: empty, 'address,undefined', 'thread'")
endif()
if((PORTLAB_FUZZ OR PORTLAB_COVERAGE) AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "PORTLAB_FUZZ and PORTLAB_COVERAGE need clang; use the 'fuzz' or 'coverage' preset")
endif()
if(PORTLAB_FUZZ AND NOT PORTLAB_SANITIZER STREQUAL "address,undefined")
  message(FATAL_ERROR "PORTLAB_FUZZ needs PORTLAB_SANITIZER=address,undefined; use the 'fuzz' preset")
endif()

set(PORTLAB_TESTS ON)
if(PORTLAB_HOST_ONLY OR PORTLAB_FUZZ OR NOT PROJECT_IS_TOP_LEVEL)
  set(PORTLAB_TESTS OFF)  # the fuzz build holds the fuzz targets and their tests only
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PORTLAB_OUTPUT_ROOT}/bin")
find_package(Threads REQUIRED)

# Flags of the sanitizer in force; on everything that ends up in a process that loads drivers.
add_library(portlab_sanitizer INTERFACE)
if(NOT PORTLAB_SANITIZER STREQUAL "")
  set(_flags -fsanitize=${PORTLAB_SANITIZER} -fno-omit-frame-pointer -fno-sanitize-recover=all -O1)
  target_compile_options(portlab_sanitizer INTERFACE ${_flags})
  target_link_options(portlab_sanitizer INTERFACE -fsanitize=${PORTLAB_SANITIZER})
endif()
if(PORTLAB_COVERAGE)
  target_compile_options(portlab_sanitizer INTERFACE -fprofile-instr-generate -fcoverage-mapping
    "SHELL:-mllvm -runtime-counter-relocation")
  target_link_options(portlab_sanitizer INTERFACE -fprofile-instr-generate)
endif()

# Flags of the runtime itself: the sanitizer in force, but in a fuzz build none. There the driver is what is looked at: it
# has coverage and sanitizers, the allocator and libc's functions are the sanitizer's for the whole process, and the
# runtime between them is as fast as it can be: optimised across its files where a target links with -flto=thin, as the
# host of `portlab fuzz` does; other targets take the same objects as they are. The preset asan-ubsan replays the same inputs with all of it instrumented.
add_library(portlab_runtime_flags INTERFACE)
if(PORTLAB_FUZZ)
  target_compile_options(portlab_runtime_flags INTERFACE -O2 -fno-omit-frame-pointer -flto=thin -ffat-lto-objects)
  target_link_options(portlab_runtime_flags INTERFACE -fsanitize=${PORTLAB_SANITIZER})
else()
  target_link_libraries(portlab_runtime_flags INTERFACE portlab_sanitizer)
endif()

add_library(portlab_warnings INTERFACE)
target_compile_options(portlab_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>)
