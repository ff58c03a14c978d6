// SPDX-License-Identifier: GPL-2.0-only
#include "host/optional_programs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace scx_pair {
namespace {

using Names = std::vector<std::string>;

// A kernel that refuses every load in which one of these is.
class Kernel {
 public:
  explicit Kernel(std::set<std::string> refused) : refused_(std::move(refused)) {}

  Status load(const Names& programs) {
    for (const std::string& name : programs) {
      if (!refused_.contains(name)) continue;
      return Error{ExitCode::kEnvironment, "load: not " + name + "\nlibbpf: a log\n"};
    }
    loaded_ = programs;
    return Done{};
  }
  Result<ChosenPrograms> choose() {
    return choose_programs({"switch", "wake"}, {"move", "class", "loan"},
                           [this](const Names& programs) { return load(programs); });
  }
  [[nodiscard]] const Names& loaded() const { return loaded_; }

 private:
  std::set<std::string> refused_;
  Names loaded_;
};

TEST(OptionalPrograms, AllAreTakenByAKernelThatTakesThem) {
  Kernel kernel({});
  const auto chosen = kernel.choose();
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen.value().programs, (Names{"switch", "wake", "move", "class", "loan"}));
  EXPECT_TRUE(chosen.value().refusals.empty());
}

TEST(OptionalPrograms, OneThatIsRefusedLeavesTheOthersAndItsReason) {
  for (const std::string name : {"move", "class", "loan"}) {
    Kernel kernel({name});
    const auto chosen = kernel.choose();
    ASSERT_TRUE(chosen.has_value()) << name;
    EXPECT_EQ(chosen.value().programs.size(), 4U) << name;
    EXPECT_EQ(chosen.value().programs, kernel.loaded()) << name;
    EXPECT_EQ(std::ranges::count(kernel.loaded(), name), 0) << name;
    EXPECT_EQ(chosen.value().refusals.at(name), "load: not " + name);
  }
}

TEST(OptionalPrograms, AllCanBeDoneWithout) {
  Kernel kernel({"move", "class", "loan"});
  const auto chosen = kernel.choose();
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(kernel.loaded(), (Names{"switch", "wake"}));
  EXPECT_EQ(chosen.value().refusals.size(), 3U);
}

TEST(OptionalPrograms, OneThatIsNeededIsTheError) {
  Kernel kernel({"wake", "loan"});
  auto chosen = kernel.choose();
  ASSERT_FALSE(chosen.has_value());
  EXPECT_EQ(first_line(chosen.error().what), "load: not wake");
}

}  // namespace
}  // namespace scx_pair
