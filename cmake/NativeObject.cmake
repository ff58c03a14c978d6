# add_native_object(<name> <source> PREFIX <prefix> [WATCHED] [MUTANT <name>]
# [DEFINE <macro>...]): compiles a BPF program natively, with clang, against the headers of
# src/sim/native, into a small shared library, and makes a library <name>_native that carries it in
# its read-only data, as `std::span<const std::byte> <name>_native()` declared in "<name>_native.h".
# The names of the program's ops and programs begin with <prefix>_. WATCHED: it announces every plain
# load and store as well. MUTANT: of the program (cmake/Mutant.cmake). <source> may be a path from
# this folder or an absolute one.
find_program(NATIVE_CLANG NAMES clang-19 REQUIRED)
set(NATIVE_FLAGS -std=gnu11 -O2 -g -fPIC -Wall -Wextra -Werror -Wno-unused-parameter
                 -Wno-unknown-attributes -Wno-missing-declarations
                 -fdebug-prefix-map=${PROJECT_SOURCE_DIR}=. -I${PROJECT_SOURCE_DIR}/src/sim/native
                 -I${PROJECT_SOURCE_DIR}/src)
# For whoever compiles another one by hand: the compiler and its flags, one to a line.
list(JOIN NATIVE_FLAGS "\n" native_lines)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/native_flags.txt @ONLY
     CONTENT "@NATIVE_CLANG@\n@native_lines@\n")

function(add_native_object name source)
  cmake_parse_arguments(arg "WATCHED" "PREFIX;MUTANT" "DEFINE" ${ARGN})
  set(native ${PROJECT_SOURCE_DIR}/src/sim/native)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.native)
  cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE input)
  list(TRANSFORM arg_DEFINE PREPEND -D)
  find_mutant("${arg_MUTANT}" mutant mutated)
  set(watch)
  if(arg_WATCHED)
    set(watch -fsanitize-coverage=func,trace-loads,trace-stores)
  endif()
  add_custom_command(
    OUTPUT ${object}.o
    COMMAND ${NATIVE_CLANG} ${mutant} ${NATIVE_FLAGS} ${watch} ${arg_DEFINE} -include ${native}/prelude.h
            -MD -MF ${object}.o.d -MT ${object}.o -c ${input} -o ${object}.o
    DEPENDS ${input} ${mutated}
    DEPFILE ${object}.o.d
    COMMENT "Native ${source} -> ${name}"
    VERBATIM)
  add_custom_command(
    OUTPUT ${object}.calls.o
    COMMAND ${NATIVE_CLANG} ${NATIVE_FLAGS} -DSIM_PREFIX=${arg_PREFIX}
            -MD -MF ${object}.calls.o.d -MT ${object}.calls.o
            -c ${native}/kernel_calls.c -o ${object}.calls.o
    DEPENDS ${native}/kernel_calls.c
    DEPFILE ${object}.calls.o.d
    VERBATIM)
  add_custom_command(
    OUTPUT ${object}.so
    COMMAND ${NATIVE_CLANG} -shared -Wl,-Bsymbolic -Wl,-z,defs -Wl,--build-id=none
            -o ${object}.so ${object}.o ${object}.calls.o
    DEPENDS ${object}.o ${object}.calls.o
    VERBATIM)
  set(library ${name}_native)
  set(stem ${CMAKE_CURRENT_BINARY_DIR}/${name}_native/${library})
  file(CONFIGURE OUTPUT ${stem}.h @ONLY CONTENT [[
#pragma once
#include <cstddef>
#include <span>

/* The natively compiled scheduler: a shared library, as bytes. */
std::span<const std::byte> @library@();
]])
  file(CONFIGURE OUTPUT ${stem}.S @ONLY CONTENT [[
	.section .rodata
	.balign 16
	.global @library@_begin
	.global @library@_end
@library@_begin:
	.incbin "@object@.so"
@library@_end:
	.section .note.GNU-stack,"",%progbits
]])
  file(CONFIGURE OUTPUT ${stem}.cc @ONLY CONTENT [[
#include "@library@.h"

extern "C" const std::byte @library@_begin[];
extern "C" const std::byte @library@_end[];

std::span<const std::byte> @library@() {
  return {@library@_begin, @library@_end};
}
]])
  set_source_files_properties(${stem}.S PROPERTIES OBJECT_DEPENDS ${object}.so)
  add_library(${library} STATIC ${stem}.S ${stem}.cc)
  target_include_directories(${library} SYSTEM INTERFACE ${CMAKE_CURRENT_BINARY_DIR}/${name}_native)
  target_link_libraries(${library} PRIVATE strict)
endfunction()
