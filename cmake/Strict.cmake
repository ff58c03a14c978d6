# One interface target that every target of ours links: warnings are errors, and the sanitizers when
# asked for. `src/` is the only include root.
add_library(strict INTERFACE)
target_compile_options(strict INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
target_include_directories(strict INTERFACE ${PROJECT_SOURCE_DIR}/src)
if(SCX_PAIR_SANITIZE)
  target_compile_options(strict INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                                          -fno-omit-frame-pointer)
  target_link_options(strict INTERFACE -fsanitize=address,undefined)
endif()

# add_unit_test(<name> <source>... LINK <target>... [DEFINE <macro>...]): one GoogleTest binary, each
# test a ctest case. Without SCX_PAIR_TESTS: nothing.
function(add_unit_test name)
  if(NOT SCX_PAIR_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "LINK;DEFINE" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE strict ${arg_LINK} GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE ${arg_DEFINE})
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${name})
endfunction()
