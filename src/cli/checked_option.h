// SPDX-License-Identifier: GPL-2.0-only
//
// Options whose refusals name the value and what is accepted.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <optional>
#include <string>

#include "base/hostile_text.h"
#include "base/types.h"

namespace scx_pair {

// The whole text as a number, decimal only: no sign, no octal, no hexadecimal, no "inf".
template <typename T>
std::optional<T> parse_number(const std::string& text) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || text.starts_with('-')) return std::nullopt;
  return number;
}

// Adds an option whose text `take` turns into a value; `take` says whether it could. `accepted`
// completes "it takes ...".
template <typename Take>
CLI::Option* add_checked(CLI::App& app, const std::string& name, const std::string& accepted,
                         const std::string& help, Take take) {
  const auto check_and_take = [accepted, take](std::string& text) -> std::string {
    if (!text.empty() && take(text)) return "";
    return fmt::format("\"{}\" is not accepted; it takes {}", printable(text), accepted);
  };
  // The value is taken by the check itself: one parser decides what is legal and what it means.
  return app.add_option_function<std::string>(
                name, [](const std::string&) {}, help)
      ->check(CLI::Validator(check_and_take, ""))
      ->type_name("VALUE");
}

template <typename T>
struct NumberRange {
  T least = 0;
  T most = 0;
};

// A whole number; its default is what `target` holds. `help` says nothing of the range.
template <typename T>
CLI::Option* add_whole_number(CLI::App& app, const std::string& name, T& target,
                              NumberRange<T> range, const std::string& help) {
  return add_checked(app, name,
                     fmt::format("a whole number from {} to {}", range.least, range.most),
                     fmt::format("{}, {} to {}", help, range.least, range.most),
                     [&target, range](const std::string& text) {
                       const std::optional<T> number = parse_number<T>(text);
                       if (!number || *number < range.least || *number > range.most) return false;
                       target = *number;
                       return true;
                     })
      ->default_str(std::to_string(target));
}

// The name of a file to write, which is not empty.
inline CLI::Option* add_output(CLI::App& app, const std::string& name, std::string& target,
                               const std::string& help) {
  return add_checked(app, name, "the name of a file", help, [&target](const std::string& text) {
    target = text;
    return true;
  });
}

}  // namespace scx_pair
