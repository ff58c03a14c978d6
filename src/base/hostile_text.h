// SPDX-License-Identifier: GPL-2.0-only
//
// Names of tasks and cgroups are chosen by tenants and are any bytes. Whoever prints one, or prints
// what contains one, does it through these functions: no name begins a line of a report, none moves
// the cursor of a terminal, and none makes JSON that is no JSON.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/types.h"

namespace scx_pair {

// One character of UTF-8. No bytes: what is there is none.
struct Utf8Character {
  size_t bytes = 0;
  u32 code = 0;
};

// Requires: text is not empty.
inline Utf8Character first_character(std::string_view text) {
  const auto byte = [text](size_t at) -> u32 { return static_cast<unsigned char>(text[at]); };
  const u32 first = byte(0);
  if (first < 0x80) return {.bytes = 1, .code = first};
  const size_t bytes = first >= 0xf5   ? 0
                       : first >= 0xf0 ? 4
                       : first >= 0xe0 ? 3
                       : first >= 0xc2 ? 2
                                       : 0;
  if (bytes == 0 || text.size() < bytes) return {};
  u32 code = first & (0x7fU >> bytes);
  for (size_t at = 1; at < bytes; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(at) & 0x3f);
  }
  static constexpr std::array<u32, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast[bytes] || code > 0x10ffff || surrogate) return {};
  return {.bytes = bytes, .code = code};
}

// Whether a character only acts on a terminal or on the text around it: controls, ends of lines,
// marks without a width, and changes of direction.
inline bool is_control(u32 code) {
  const auto within = [code](u32 first, u32 last) { return code >= first && code <= last; };
  return code < 0x20 || within(0x7f, 0x9f) || code == 0xad || code == 0x61c ||
         within(0x200b, 0x200f) || within(0x2028, 0x202e) || within(0x2060, 0x206f) ||
         code == 0xfeff || within(0xfff9, 0xfffb) || within(0xe0000, 0xe0fff);
}

// For text on one line: every byte of a control character, or of what is no UTF-8, as \xNN.
inline std::string printable(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const size_t bytes = character.bytes == 0 ? 1 : character.bytes;
    if (character.bytes != 0 && !is_control(character.code)) {
      out += text.substr(0, bytes);
    } else {
      for (const char c : text.substr(0, bytes)) {
        const auto value = static_cast<unsigned char>(c);
        out += {'\\', 'x', kDigits[value >> 4], kDigits[value & 0xf]};
      }
    }
    text.remove_prefix(bytes);
  }
  return out;
}

// The same for text that has lines of its own, such as a dump of the kernel: they stay, and so do
// tabs. Names in it should have gone through printable() before, or they may begin a line.
inline std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find_first_of("\n\t");
    out += printable(text.substr(0, end));
    if (end == std::string_view::npos) break;
    out += text[end];
    text.remove_prefix(end + 1);
  }
  return out;
}

// JSON as text that is JSON whatever the strings in it are: what is no UTF-8 becomes U+FFFD. All of
// it is ASCII, so that a terminal is as safe as a parser. A negative indent is one line. `Json` is
// an nlohmann::basic_json, which this room does not know.
template <typename Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', true, Json::error_handler_t::replace);
}

}  // namespace scx_pair
