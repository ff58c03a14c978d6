// SPDX-License-Identifier: GPL-2.0-only
// The rules of the house that a machine can hold. Each takes the files of the project and returns
// what breaks the rule; an empty answer is a tidy house. Each has a mutant in rules_test.cc: a few
// lines that it must convict.
#pragma once

#include <string>
#include <vector>

#include "tidy/source.h"

namespace scx_pair {

struct Complaint {
  std::string path;
  size_t line = 0;  // 0: the whole file
  std::string what;
};
using Complaints = std::vector<Complaint>;

// Rooms know each other in the directions of ARCHITECTURE.md only: by #include, and by what their
// CMake targets link.
Complaints include_directions(const SourceTree& tree);
Complaints link_directions(const SourceTree& tree);

// Every .c and .cc belongs to a target: a CMakeLists.txt beside or above it names it.
Complaints files_without_target(const SourceTree& tree);

// Functions have at most 70 lines, files 400 (tests 600), lines 100 columns.
Complaints long_functions(const SourceTree& tree);
Complaints long_files(const SourceTree& tree);
Complaints wide_lines(const SourceTree& tree);

// Lines end without blanks and files with a line end; sources begin with their licence.
Complaints ragged_lines(const SourceTree& tree);
Complaints missing_licences(const SourceTree& tree);

// No unfinished business, no path of somebody's machine, no file for whatever fits nowhere, no goto
// in C++.
Complaints unfinished_business(const SourceTree& tree);
Complaints machine_paths(const SourceTree& tree);
Complaints vague_names(const SourceTree& tree);
Complaints gotos(const SourceTree& tree);

// What ships turns JSON into text in one place, which no name of a tenant can make throw.
Complaints throwing_json(const SourceTree& tree);

// policy/ is pure: no clock, allocation, output, lock, loop without a bound, or state of its own.
Complaints impure_policy(const SourceTree& tree);

// audit/ and sim/ answer the same to the same input: no clock, no randomness of the machine, no
// thread, no container without an order.
Complaints unrepeatable_code(const SourceTree& tree);

}  // namespace scx_pair
