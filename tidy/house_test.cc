// SPDX-License-Identifier: GPL-2.0-only
// The rules, held against the house itself.
#include <gtest/gtest.h>

#include "tidy/rules.h"

namespace scx_pair {
namespace {

const SourceTree& house() {
  static const SourceTree tree = read_source_tree(TIDY_ROOT);
  return tree;
}

void expect_none(const Complaints& complaints) {
  for (const Complaint& complaint : complaints) {
    ADD_FAILURE() << complaint.path << ":" << complaint.line << ": " << complaint.what;
  }
}

TEST(House, WasFound) {
  size_t sources = 0;
  for (const SourceFile& file : house()) sources += is_c_family(file.path) ? 1 : 0;
  EXPECT_GT(sources, 30U);
}

TEST(House, RoomsIncludeOnlyWhomTheyMayKnow) {
  expect_none(include_directions(house()));
}
TEST(House, RoomsLinkOnlyWhomTheyMayKnow) {
  expect_none(link_directions(house()));
}
TEST(House, EveryFileBelongsToATarget) {
  expect_none(files_without_target(house()));
}
TEST(House, FunctionsAreShort) {
  expect_none(long_functions(house()));
}
TEST(House, FilesAreShort) {
  expect_none(long_files(house()));
}
TEST(House, LinesAreNarrow) {
  expect_none(wide_lines(house()));
}
TEST(House, LinesEndCleanly) {
  expect_none(ragged_lines(house()));
}
TEST(House, SourcesNameTheirLicence) {
  expect_none(missing_licences(house()));
}
TEST(House, NothingIsUnfinished) {
  expect_none(unfinished_business(house()));
}
TEST(House, NoPathOfAMachineIsNamed) {
  expect_none(machine_paths(house()));
}
TEST(House, FileNamesSayWhatIsInThem) {
  expect_none(vague_names(house()));
}
TEST(House, NobodyJumps) {
  expect_none(gotos(house()));
}
TEST(House, NoNameMakesJsonThrow) {
  expect_none(throwing_json(house()));
}
TEST(House, PolicyIsPure) {
  expect_none(impure_policy(house()));
}
TEST(House, JudgeAndSimulatorAreRepeatable) {
  expect_none(unrepeatable_code(house()));
}

}  // namespace
}  // namespace scx_pair
