# One build makes every host the machine's compilers can make: a sub-build of this same source tree per flavour, holding
# only `portlab-host-<flavour>` and the drivers for it, put beside this build's own.

if(PORTLAB_HOST_ONLY OR PORTLAB_HOST_FLAVOURS STREQUAL "")
  return()
endif()
include(ExternalProject)
find_program(PORTLAB_CLANGXX NAMES clang++-19)
find_program(PORTLAB_CLANG NAMES clang-19)
set(_sanitizer_asan "address,undefined")
set(_sanitizer_tsan "thread")
set(_sanitizer_fuzz "address,undefined")
foreach(flavour IN LISTS PORTLAB_HOST_FLAVOURS)
  if(NOT DEFINED _sanitizer_${flavour})
    message(FATAL_ERROR "PORTLAB_HOST_FLAVOURS names '${flavour}'; it takes: asan, tsan, fuzz")
  endif()
  if(NOT PORTLAB_CLANGXX OR NOT PORTLAB_CLANG)
    message(WARNING "clang-19 not found: portlab-host-${flavour} is not built (install clang-19 and libclang-rt-19-dev)")
    continue()
  endif()
  set(_fuzz OFF)
  if(flavour STREQUAL "fuzz")
    set(_fuzz ON)
  endif()
  ExternalProject_Add(portlab-host-${flavour}-build
    SOURCE_DIR "${PROJECT_SOURCE_DIR}"
    # Beside this build, as deep as the presets': relative paths are the same, so the compiler cache is shared with them.
    BINARY_DIR "${CMAKE_BINARY_DIR}-${flavour}"
    PREFIX "${CMAKE_BINARY_DIR}/flavours/${flavour}-stamps"
    CMAKE_GENERATOR Ninja
    CMAKE_ARGS -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=${PORTLAB_CLANG}
      -DCMAKE_CXX_COMPILER=${PORTLAB_CLANGXX} -DCMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER}
      -DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER} -DPORTLAB_SANITIZER=${_sanitizer_${flavour}}
      -DPORTLAB_HOST_ONLY=ON -DPORTLAB_FUZZ=${_fuzz}
      -DPORTLAB_OUTPUT_ROOT=${PORTLAB_OUTPUT_ROOT}
      -DCMAKE_C_FLAGS_RELWITHDEBINFO=${CMAKE_C_FLAGS_RELWITHDEBINFO}
      -DCMAKE_CXX_FLAGS_RELWITHDEBINFO=${CMAKE_CXX_FLAGS_RELWITHDEBINFO}
      -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld -DCMAKE_MODULE_LINKER_FLAGS=-fuse-ld=lld
      -DCMAKE_COMPILE_WARNING_AS_ERROR=${CMAKE_COMPILE_WARNING_AS_ERROR}
    BUILD_ALWAYS ON
    USES_TERMINAL_BUILD ON
    INSTALL_COMMAND "")
endforeach()
