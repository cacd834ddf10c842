# The tree's own rules as tests, label `lint`. One build is enough for them, so only the plain one has them. Every lint has
# a canary beside it: the same script on a small bad tree, where it must find what is wrong and say so.

if(NOT PORTLAB_TESTS OR NOT PORTLAB_FLAVOUR STREQUAL "plain" OR PORTLAB_COVERAGE)
  return()
endif()
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(PORTLAB_CLANG_FORMAT NAMES clang-format-14 REQUIRED)
set(_lint "${PROJECT_SOURCE_DIR}/cmake/lint")

# portlab_lint(NAME SCRIPT [option...]): adds lint.NAME, which runs cmake/lint/SCRIPT on this tree
function(portlab_lint name script)
  add_test(NAME lint.${name}
    COMMAND Python3::Interpreter -B "${_lint}/${script}" --root "${PROJECT_SOURCE_DIR}" ${ARGN})
  set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT 60)
endfunction()

foreach(name IN ITEMS layers format functions files words symbols named_tests)
  add_test(NAME lint.${name}.canary
    COMMAND Python3::Interpreter -B "${_lint}/canary.py" ${name} --work "${CMAKE_BINARY_DIR}/lint/${name}"
      --clang-format "${PORTLAB_CLANG_FORMAT}" --compiler "${CMAKE_C_COMPILER}" --nm "${CMAKE_NM}")
  set_tests_properties(lint.${name}.canary PROPERTIES LABELS lint TIMEOUT 60)
endforeach()

portlab_lint(layers layers.py)
portlab_lint(format format.py --clang-format "${PORTLAB_CLANG_FORMAT}")
portlab_lint(functions functions.py)
portlab_lint(files sizes.py)
portlab_lint(words words.py)
portlab_lint(named_tests named_tests.py)
if(TARGET portlab-host)
  portlab_lint(symbols symbols.py --nm "${CMAKE_NM}" --binary "$<TARGET_FILE:portlab-host>")
endif()
