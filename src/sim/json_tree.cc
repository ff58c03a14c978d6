// SPDX-License-Identifier: GPL-2.0-only
#include "sim/json_tree.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/hostile_text.h"

namespace scx_pair {
namespace {

constexpr size_t kDepthMax = 32;

// Follows the parser through the text. The parser reports every token but ':' and ',', in order, so
// the next token begins where the blanks, comments and these two end.
class TokenCursor {
 public:
  explicit TokenCursor(const std::string& text) : text_(text) {}

  // Goes to the next token and over it; the value is where it begins.
  TextPosition next() {
    skip_between();
    const TextPosition begin = position_;
    if (at_end()) return begin;
    if (text_[offset_] == '"') {
      skip_string();
    } else if (is_bracket(text_[offset_])) {
      step();
    } else {
      while (!at_end() && !is_between(text_[offset_]) && !is_bracket(text_[offset_])) step();
    }
    return begin;
  }

 private:
  static bool is_bracket(char c) { return c == '{' || c == '}' || c == '[' || c == ']'; }
  static bool is_between(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ':' || c == ',' || c == '/';
  }
  [[nodiscard]] bool at_end() const { return offset_ >= text_.size(); }

  void step() {
    if (text_[offset_] == '\n') {
      position_.line++;
      position_.column = 0;
    }
    // A character of UTF-8 is one column.
    offset_++;
    if (at_end() || (static_cast<unsigned char>(text_[offset_]) & 0xc0U) != 0x80U) {
      position_.column++;
    }
  }

  void skip_comment() {
    const bool to_line_end = text_.compare(offset_, 2, "//") == 0;
    const size_t stop = to_line_end ? text_.find('\n', offset_) : text_.find("*/", offset_ + 2);
    const size_t end = stop == std::string::npos ? text_.size() : stop + (to_line_end ? 0 : 2);
    while (offset_ < end) step();
  }

  void skip_between() {
    while (!at_end() && is_between(text_[offset_])) {
      if (text_[offset_] == '/') {
        skip_comment();
      } else {
        step();
      }
    }
  }

  void skip_string() {
    step();
    while (!at_end() && text_[offset_] != '"') {
      if (text_[offset_] == '\\') step();
      if (!at_end()) step();
    }
    if (!at_end()) step();
  }

  const std::string& text_;
  size_t offset_ = 0;
  TextPosition position_;
};

// Builds the tree from the parser's events; each returns whether to go on.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(const std::string& text, std::string file)
      : text_(text), file_(std::move(file)), cursor_(text) {}

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({.kind = JsonNode::Kind::kBool, .flag = value}); }
  bool number_integer(number_integer_t value) override { return add(whole(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<u64>(std::numeric_limits<s64>::max())) {
      return add(whole(static_cast<s64>(value)));
    }
    return add({.kind = JsonNode::Kind::kReal, .real = static_cast<double>(value)});
  }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return add({.kind = JsonNode::Kind::kReal, .real = value});
  }
  bool string(string_t& value) override {
    return add({.kind = JsonNode::Kind::kString, .text = value});
  }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(size_t /*size*/) override { return open(JsonNode::Kind::kObject); }
  bool start_array(size_t /*size*/) override { return open(JsonNode::Kind::kArray); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    key_position_ = cursor_.next();
    key_ = value;
    if (keys_.back().insert(key_).second) return true;
    return refuse(key_position_, fmt::format("\"{}\" twice in one object", key_));
  }

  bool parse_error(size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: <what>"
    const std::string what = error.what();
    const size_t colon = what.find(": ");
    return refuse(position_of(position),
                  colon == std::string::npos ? what : what.substr(colon + 2));
  }

  std::optional<Error>& error() { return error_; }
  JsonNode& root() { return root_; }

 private:
  static JsonNode whole(s64 value) {
    return {.kind = JsonNode::Kind::kWhole, .whole = value, .real = static_cast<double>(value)};
  }

  // `offset` counts the bytes read when the parser gave up, the last of which it did not like.
  [[nodiscard]] TextPosition position_of(size_t offset) const {
    TextPosition position;
    for (size_t i = 0; i + 1 < offset && i < text_.size(); i++) {
      position.column++;
      if (text_[i] == '\n') position = {position.line + 1, 1};
    }
    return position;
  }

  bool refuse(TextPosition where, const std::string& what) {
    error_ = Error{ExitCode::kUsage, fmt::format("{}:{}:{}: {}", printable(file_), where.line,
                                                 where.column, printable(what))};
    return false;
  }

  // A member stands where its key does.
  JsonNode placed(JsonNode node, TextPosition position) {
    const bool is_member = !open_.empty() && open_.back().kind == JsonNode::Kind::kObject;
    node.position = is_member ? key_position_ : position;
    if (is_member) node.name = key_;
    return node;
  }

  void attach(JsonNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().children.push_back(std::move(node));
    }
  }

  bool add(JsonNode node) {
    const TextPosition position = cursor_.next();
    attach(placed(std::move(node), position));
    return true;
  }

  bool open(JsonNode::Kind kind) {
    const TextPosition position = cursor_.next();
    if (open_.size() == kDepthMax) return refuse(position, "nested too deeply");
    open_.push_back(placed({.kind = kind}, position));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    cursor_.next();
    JsonNode node = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    attach(std::move(node));
    return true;
  }

  const std::string& text_;
  std::string file_;
  TokenCursor cursor_;
  std::vector<JsonNode> open_;
  std::vector<std::set<std::string>> keys_;  // of each open one
  JsonNode root_;
  std::string key_;
  TextPosition key_position_;
  std::optional<Error> error_;
};

}  // namespace

const char* kind_text(JsonNode::Kind kind) {
  switch (kind) {
    case JsonNode::Kind::kNull:
      return "null";
    case JsonNode::Kind::kBool:
      return "true or false";
    case JsonNode::Kind::kWhole:
    case JsonNode::Kind::kReal:
      return "a number";
    case JsonNode::Kind::kString:
      return "a string";
    case JsonNode::Kind::kArray:
      return "an array";
    case JsonNode::Kind::kObject:
      break;
  }
  return "an object";
}

Result<JsonNode> parse_json_tree(const std::string& text, const std::string& file) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Error{ExitCode::kUsage, printable(file) + ": is empty"};
  }
  TreeBuilder builder(text, file);
  const bool parsed =
      nlohmann::json::sax_parse(text, &builder, nlohmann::json::input_format_t::json,
                                /*strict=*/true, /*ignore_comments=*/true);
  if (builder.error()) return std::move(*builder.error());
  if (!parsed) return Error{ExitCode::kUsage, printable(file) + ": not JSON"};
  return std::move(builder.root());
}

}  // namespace scx_pair
