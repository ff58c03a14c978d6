// SPDX-License-Identifier: GPL-2.0-only
#include <regex>

#include "tidy/rules.h"

namespace scx_pair {
namespace {

// Every line in which `pattern` occurs; `what` and the found text make the complaint.
Complaints find_in_lines(const SourceFile& file, const std::string& text, const std::regex& pattern,
                         const std::string& what) {
  Complaints complaints;
  const std::vector<std::string> lines = lines_of(text);
  for (size_t i = 0; i < lines.size(); i++) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, pattern)) continue;
    complaints.push_back({file.path, i + 1, what + ": " + match[1].str()});
  }
  return complaints;
}

void append(Complaints& all, const Complaints& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// A variable outside all functions that is neither constant, nor a declaration of a type or a
// function.
bool is_mutable_global(const std::string& statement) {
  static const std::regex harmless(
      R"(^\s*(typedef\b|using\b|_Static_assert\b|static_assert\b|extern\s+"C"|$))");
  static const std::regex type_only(R"(^\s*(struct|enum|union)\s+\w*\s*(\{\})?\s*$)");
  static const std::regex constant(R"(\b(const|constexpr)\b)");
  if (std::regex_search(statement, harmless) || std::regex_match(statement, type_only))
    return false;
  if (std::regex_search(statement, constant)) return false;
  return statement.find('(') == std::string::npos;
}

// The statements of a C file that stand outside all braces, with what is in braces cut out.
Complaints mutable_globals(const SourceFile& file, const std::string& code) {
  Complaints complaints;
  std::string statement;
  size_t depth = 0;
  size_t line = 0;
  for (const std::string& text : lines_of(code)) {
    line++;
    if (text.starts_with('#')) continue;
    for (const char c : text + "\n") {
      if (c == '}' && depth > 0) depth--;
      if (depth == 0 && c == ';') {
        if (is_mutable_global(statement)) {
          complaints.push_back({file.path, line, "policy has no state of its own"});
        }
        statement.clear();
      } else if (depth == 0) {
        statement += c == '\n' ? ' ' : c;
      }
      if (c == '{' && depth++ == 0) {
        // What follows a function's body is a new statement; what follows a type may be a variable.
        if (statement.find('(') != std::string::npos) statement.clear();
      }
      if (c == '}' && depth == 0 && statement == "}") statement.clear();
    }
  }
  return complaints;
}

}  // namespace

Complaints unfinished_business(const SourceTree& tree) {
  // Spelt so that this file does not complain about itself.
  static const std::regex marker(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  Complaints complaints;
  for (const SourceFile& file : tree) {
    append(complaints, find_in_lines(file, file.text, marker, "unfinished business"));
  }
  return complaints;
}

Complaints machine_paths(const SourceTree& tree) {
  static const std::regex path(
      "(^|[^A-Za-z0-9_.}>*$-])(/(?:work"
      "|root|home|Users)/[\\w.-]*)");
  Complaints complaints;
  for (const SourceFile& file : tree) {
    append(complaints, find_in_lines(file, file.text, path, "a path of somebody's machine"));
  }
  return complaints;
}

Complaints vague_names(const SourceTree& tree) {
  static const std::regex vague(R"((^|/)(utils?|common|misc|helpers?|internal)(_test)?(\.|/))");
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!std::regex_search(file.path, vague)) continue;
    complaints.push_back({file.path, 0, "a name that says nothing of what is in it"});
  }
  return complaints;
}

Complaints gotos(const SourceTree& tree) {
  static const std::regex jump(R"(\b(goto)\b)");
  Complaints complaints;
  for (const SourceFile& file : tree) {
    // In BPF a forward jump to the one place that unlocks is the best there is, and one instruction
    // that a header wraps exists as a jump only.
    if (!is_c_family(file.path) || room_of(file.path) == "bpf") continue;
    if (file.path.ends_with("src/base/loop.h")) continue;
    append(complaints, find_in_lines(file, code_of(file.text), jump, "not in this house"));
  }
  return complaints;
}

Complaints throwing_json(const SourceTree& tree) {
  static const std::regex dump(R"(((?:\.|->)dump\s*\(|<<\s*\w*[Jj]son\b))");
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!is_c_family(file.path) || is_test(file.path)) continue;
    if (!file.path.starts_with("src/") || file.path == "src/base/hostile_text.h") continue;
    append(complaints, find_in_lines(file, code_of(file.text), dump, "json_text() does this"));
  }
  return complaints;
}

Complaints impure_policy(const SourceTree& tree) {
  static const std::regex impure(
      R"(\b(while|do|goto|extern|asm|__asm__|\w*alloc|free|\w*printf|\w*printk|fopen)"
      R"(|\w*ktime\w*|clock\w*|time|gettimeofday|bpf_(?!arena|cmp)\w+|scx_\w+|\w*_(un)?lock)\b)");
  static const std::regex local_state(R"(^\s+(static)\b)");
  static const std::regex system_header(R"(^\s*#\s*include\s*(<[^>]*>))");
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (room_of(file.path) != "policy" || !is_c_family(file.path) || is_test(file.path)) continue;
    const std::string code = code_of(file.text);
    append(complaints, find_in_lines(file, code, impure, "policy is pure"));
    append(complaints, find_in_lines(file, code, local_state, "policy has no state of its own"));
    append(complaints, find_in_lines(file, code, system_header, "policy knows only base"));
    append(complaints, mutable_globals(file, code));
  }
  return complaints;
}

Complaints unrepeatable_code(const SourceTree& tree) {
  static const std::regex unrepeatable(
      R"(\b(system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|time\s*\()"
      R"(|random_device|rand\s*\(|srand|mt19937\w*|unordered_\w+|std::j?thread|std::async)"
      R"(|__DATE__|__TIME__))");
  Complaints complaints;
  for (const SourceFile& file : tree) {
    const std::string room = room_of(file.path);
    if ((room != "audit" && room != "sim") || !is_c_family(file.path)) continue;
    append(complaints,
           find_in_lines(file, code_of(file.text), unrepeatable, "not the same in every run"));
  }
  return complaints;
}

}  // namespace scx_pair
