# add_mutant(<name> <file>...): makes the files below src/ that a mutant of src/sim/mutants/mutants.toml
# changes, in a folder of the build that stands before src/ in the include path of whoever is built
# with MUTANT <name>, or calls use_mutant(<target> <name>).
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
set(MUTANT_FOLDER ${PROJECT_BINARY_DIR}/mutated)

function(add_mutant name)
  set(mutants ${PROJECT_SOURCE_DIR}/src/sim/mutants)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/src/ OUTPUT_VARIABLE originals)
  list(TRANSFORM ARGN PREPEND ${MUTANT_FOLDER}/${name}/ OUTPUT_VARIABLE changed)
  add_custom_command(
    OUTPUT ${changed}
    COMMAND ${Python3_EXECUTABLE} ${mutants}/mutate.py ${name} ${MUTANT_FOLDER}/${name}
    DEPENDS ${mutants}/mutate.py ${mutants}/mutants.toml ${originals}
    COMMENT "Mutant ${name}"
    VERBATIM)
  add_custom_target(mutated_${name} DEPENDS ${changed})
endfunction()

# For a compiler that CMake does not know: the option that puts the mutant's files first, and the
# target that makes them; both empty where <name> is.
function(find_mutant name option target)
  if(name)
    set(${option} -I${MUTANT_FOLDER}/${name} PARENT_SCOPE)
    set(${target} mutated_${name} PARENT_SCOPE)
  else()
    set(${option} "" PARENT_SCOPE)
    set(${target} "" PARENT_SCOPE)
  endif()
endfunction()

function(use_mutant target name)
  target_include_directories(${target} BEFORE PRIVATE ${MUTANT_FOLDER}/${name})
  add_dependencies(${target} mutated_${name})
endfunction()
