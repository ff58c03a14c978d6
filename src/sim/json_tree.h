// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace scx_pair {

// Where something stands in a file; both count from 1.
struct TextPosition {
  u32 line = 1;
  u32 column = 1;
};

// A JSON value that knows where it stands, for errors a person can act on. Members of an object
// keep their order.
struct JsonNode {
  enum class Kind : u8 { kNull, kBool, kWhole, kReal, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  TextPosition position{};
  bool flag = false;   // kBool
  s64 whole = 0;       // kWhole
  double real = 0;     // kReal, and kWhole too
  std::string text{};  // kString
  std::string name{};  // of a member: its key
  std::vector<JsonNode> children{};
};

// "an object", "a string", for a sentence.
const char* kind_text(JsonNode::Kind kind);

// Reads one JSON value; comments in the manner of C are skipped, a key that comes twice is refused.
// Errors read "<file>:<line>:<column>: ...".
Result<JsonNode> parse_json_tree(const std::string& text, const std::string& file);

}  // namespace scx_pair
