// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios as files: docs/scenarios.md. Everything is checked before a scenario is handed out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "sim/scenario.h"

namespace scx_pair {

// What the caller wants otherwise than the file; it is checked like the file's own values.
struct ScenarioWishes {
  std::optional<u64> seed;
  std::optional<u64> duration_ns;
  std::optional<u32> kernel_version;
  std::optional<u32> cpus;  // so many in all: the number of cores is changed
};

// Reads a scenario. The error is "<file>:<line>:<column>: <field>: <what is wrong>", kUsage.
Result<Scenario> parse_scenario(const std::string& text, const std::string& file,
                                const ScenarioWishes& wishes = {});

// What a file holds: a scenario, or a recording. The error is "<file>: <why>", kUsage.
Result<std::string> read_bytes(const std::filesystem::path& file);

// Reads a file and then the scenario in it, as it is there.
Result<Scenario> read_scenario(const std::filesystem::path& file);

// "7.1" as 701; nothing where it is no version from 6.12 to 7.99.
std::optional<u32> parse_kernel_version(const std::string& text);
std::string kernel_version_text(u32 version);

// The file of a scenario: parse_scenario() makes the same scenario of it. Requires: a valid one.
std::string scenario_json(const Scenario& scenario);

}  // namespace scx_pair
