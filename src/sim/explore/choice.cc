// SPDX-License-Identifier: GPL-2.0-only
#include "sim/explore/choice.h"

#include <fmt/format.h>

#include <charconv>

namespace scx_pair {
namespace {

// Takes a number from the front of the text.
template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(stop - text.data()));
  return true;
}

bool take_sign(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string text_of(const Deviations& deviations) {
  std::string text;
  for (const auto& [number, option] : deviations) {
    text += fmt::format("{}{}.{}", text.empty() ? "" : ",", number, option);
  }
  return text.empty() ? "-" : text;
}

std::optional<Deviations> parse_deviations(const std::string& text) {
  Deviations deviations;
  if (text == "-") return deviations;
  std::string_view rest = text;
  do {
    u64 number = 0;
    size_t option = 0;
    if (!take_number(rest, number) || !take_sign(rest, '.') || !take_number(rest, option)) {
      return std::nullopt;
    }
    deviations[number] = option;
  } while (take_sign(rest, ','));
  if (!rest.empty()) return std::nullopt;
  return deviations;
}

}  // namespace scx_pair
