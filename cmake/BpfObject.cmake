# add_bpf_object(<name> <source>): compiles one BPF program with clang and makes a library that
# carries the object file in its read-only data, as `std::span<const std::byte> <name>_object()`
# declared in "<name>_object.h". STANDS_FOR gives it another's function, so that a program can be
# linked with a variant (a mutant, see cmake/Mutant.cmake) instead. No skeleton: the few maps a loader
# touches are found by name, so neither bpftool nor its version is part of the build.
find_program(BPF_CLANG NAMES clang-19 REQUIRED)

# -fno-builtin: clang 19 merges neighbouring stores of zero into a memset, and for a memset it forgets
# to make an arena pointer one the kernel can use.
function(add_bpf_object name source)
  cmake_parse_arguments(arg "" "STANDS_FOR;MUTANT" "" ${ARGN})
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(input ${CMAKE_CURRENT_SOURCE_DIR}/${source})
  find_mutant("${arg_MUTANT}" mutant mutated)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -std=gnu11 -O2 -g -Wall -Wextra -Werror
            -Wno-unused-parameter -Wno-missing-declarations
            -fdebug-prefix-map=${PROJECT_SOURCE_DIR}=. -fno-stack-protector -fno-builtin
            ${mutant} -I${PROJECT_SOURCE_DIR}/src -isystem ${LIBBPF_HEADERS}
            -MD -MF ${object}.d -MT ${object} -c ${input} -o ${object}
    DEPENDS ${input} ${mutated}
    DEPFILE ${object}.d
    COMMENT "BPF ${source} -> ${name}.bpf.o"
    VERBATIM)
  set(library ${name}_object)
  set(symbol ${library})
  if(arg_STANDS_FOR)
    set(symbol ${arg_STANDS_FOR}_object)
  endif()
  set(stem ${CMAKE_CURRENT_BINARY_DIR}/${name}/${symbol})
  file(CONFIGURE OUTPUT ${stem}.h @ONLY CONTENT [[
#pragma once
#include <cstddef>
#include <span>

/* The compiled BPF object file, as bytes. */
std::span<const std::byte> @symbol@();
]])
  file(CONFIGURE OUTPUT ${stem}.S @ONLY CONTENT [[
	.section .rodata
	.balign 16
	.global @symbol@_begin
	.global @symbol@_end
@symbol@_begin:
	.incbin "@object@"
@symbol@_end:
	.section .note.GNU-stack,"",%progbits
]])
  file(CONFIGURE OUTPUT ${stem}.cc @ONLY CONTENT [[
#include "@symbol@.h"

extern "C" const std::byte @symbol@_begin[];
extern "C" const std::byte @symbol@_end[];

std::span<const std::byte> @symbol@() {
  return {@symbol@_begin, @symbol@_end};
}
]])
  set_source_files_properties(${stem}.S PROPERTIES OBJECT_DEPENDS ${object})
  add_library(${library} STATIC ${stem}.S ${stem}.cc)
  target_include_directories(${library} SYSTEM INTERFACE ${CMAKE_CURRENT_BINARY_DIR}/${name})
  target_link_libraries(${library} PRIVATE strict)
endfunction()
