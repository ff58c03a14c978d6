// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <regex>

#include "tidy/rules.h"

namespace scx_pair {
namespace {

constexpr size_t kFunctionLinesMax = 70;
constexpr size_t kFileLinesMax = 400;
constexpr size_t kTestLinesMax = 600;
constexpr size_t kColumnsMax = 100;
constexpr size_t kTabColumns = 8;

// Code without preprocessor lines: a macro's braces are nobody's block.
std::string without_directives(std::string code) {
  bool continued = false;
  for (size_t begin = 0; begin < code.size();) {
    const size_t end = std::min(code.find('\n', begin), code.size());
    const std::string_view line = std::string_view(code).substr(begin, end - begin);
    const size_t first = line.find_first_not_of(" \t");
    const bool directive = continued || (first != std::string::npos && line[first] == '#');
    continued = directive && line.ends_with('\\');
    if (directive)
      std::fill(code.begin() + static_cast<std::ptrdiff_t>(begin),
                code.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    begin = end + 1;
  }
  return code;
}

// Finds functions by their braces. A block is a function if the text before it has a bracket and no
// block around it is a function: good enough for a house that writes no macros with braces.
class FunctionScanner {
 public:
  explicit FunctionScanner(const SourceFile& file)
      : file_(file), code_(without_directives(code_of(file.text))) {}

  Complaints run() {
    for (const char c : code_) {
      if (c == '{') open();
      if (c == '}') close();
      if (c == '{' || c == '}' || c == ';') {
        header_.clear();
      } else if (!header_.empty() || (c != ' ' && c != '\t' && c != '\n')) {
        if (header_.empty()) header_line_ = line_;
        header_ += c;
      }
      if (c == '\n') line_++;
    }
    return complaints_;
  }

 private:
  void open() {
    depth_++;
    if (function_depth_ != 0 || header_.find('(') == std::string::npos) return;
    function_depth_ = depth_;
    function_line_ = header_line_;
    const size_t bracket = header_.find('(');
    name_ = header_.substr(0, bracket);
    name_.erase(0, name_.find_last_of(" \n*&") + 1);
  }

  void close() {
    if (depth_ == function_depth_ && depth_ != 0) {
      const size_t lines = line_ - function_line_ + 1;
      if (lines > kFunctionLinesMax) {
        complaints_.push_back({file_.path, function_line_,
                               name_ + "() has " + std::to_string(lines) + " lines, more than " +
                                   std::to_string(kFunctionLinesMax)});
      }
      function_depth_ = 0;
    }
    if (depth_ > 0) depth_--;
  }

  const SourceFile& file_;
  std::string code_;
  Complaints complaints_;
  std::string header_;  // the code since the last brace or semicolon
  std::string name_;
  size_t header_line_ = 1;
  size_t function_line_ = 0;
  size_t line_ = 1;
  size_t depth_ = 0;
  size_t function_depth_ = 0;  // 0: outside any function
};

// Columns as an editor shows them: tabs to the next stop, one for each character of UTF-8.
size_t columns_of(const std::string& line) {
  size_t columns = 0;
  for (const char c : line) {
    if (c == '\t') {
      columns += kTabColumns - columns % kTabColumns;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      columns++;
    }
  }
  return columns;
}

bool is_script(const std::string& path) {
  return path.ends_with(".py") || path.ends_with(".sh") || path.ends_with("/init");
}

}  // namespace

Complaints long_functions(const SourceTree& tree) {
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!is_c_family(file.path)) continue;
    const Complaints found = FunctionScanner(file).run();
    complaints.insert(complaints.end(), found.begin(), found.end());
  }
  return complaints;
}

Complaints long_files(const SourceTree& tree) {
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!is_c_family(file.path)) continue;
    const size_t lines = lines_of(file.text).size();
    const size_t most = is_test(file.path) ? kTestLinesMax : kFileLinesMax;
    if (lines <= most) continue;
    complaints.push_back(
        {file.path, 0,
         "has " + std::to_string(lines) + " lines, more than " + std::to_string(most)});
  }
  return complaints;
}

Complaints wide_lines(const SourceTree& tree) {
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!is_c_family(file.path) && !is_script(file.path)) continue;
    const std::vector<std::string> lines = lines_of(file.text);
    for (size_t i = 0; i < lines.size(); i++) {
      const size_t columns = columns_of(lines[i]);
      if (columns <= kColumnsMax) continue;
      complaints.push_back({file.path, i + 1, "is " + std::to_string(columns) + " columns wide"});
    }
  }
  return complaints;
}

Complaints ragged_lines(const SourceTree& tree) {
  Complaints complaints;
  for (const SourceFile& file : tree) {
    const std::vector<std::string> lines = lines_of(file.text);
    for (size_t i = 0; i < lines.size(); i++) {
      if (lines[i].ends_with(' ') || lines[i].ends_with('\t') || lines[i].ends_with('\r')) {
        complaints.push_back({file.path, i + 1, "ends with a blank"});
      }
    }
    if (!file.text.empty() && !file.text.ends_with('\n')) {
      complaints.push_back({file.path, lines.size(), "has no line end at its end"});
    }
  }
  return complaints;
}

Complaints missing_licences(const SourceTree& tree) {
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!is_c_family(file.path) && !is_script(file.path)) continue;
    const std::vector<std::string> lines = lines_of(file.text);
    // A script's first line says who reads it.
    const size_t at = !lines.empty() && lines[0].starts_with("#!") ? 1 : 0;
    static const std::regex licence(
        R"(^(//|/\*|#) SPDX-License-Identifier: GPL-2\.0-only( \*/)?$)");
    if (lines.size() > at && std::regex_match(lines[at], licence)) continue;
    complaints.push_back({file.path, at + 1, "should name the licence here"});
  }
  return complaints;
}

}  // namespace scx_pair
