// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "tidy/rules.h"

namespace scx_pair {
namespace {

using Rooms = std::set<std::string>;

// Who may know whom. A room always knows itself. The auditor never knows what it judges, and the
// simulator, which runs the BPF source and is judged by the auditor, and the host never know each
// other.
const std::map<std::string, Rooms>& may_know() {
  static const std::map<std::string, Rooms> known = {
      {"base", {}},
      {"policy", {"base"}},
      {"bpf", {"base", "policy"}},
      {"audit", {"base"}},
      {"sim", {"base", "policy", "bpf", "audit"}},
      {"host", {"base"}},
      {"cli", {"base", "host", "audit", "sim"}},
      {"vm", {"base"}},
      {"tidy", {}},
      {"bench", {"base", "policy", "sim", "audit"}},
  };
  return known;
}

bool allowed(const std::string& path, const std::string& from, const std::string& to) {
  if (from == to) return true;
  const auto rooms = may_know().find(from);
  if (rooms == may_know().end()) return false;
  if (rooms->second.contains(to)) return true;
  // The door: the host's probe fills the auditor's records.
  return from == "host" && to == "audit" && path.find("audit_probe") != std::string::npos;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

bool is_cmake_list(const std::string& path) {
  return path == "CMakeLists.txt" || path.ends_with("/CMakeLists.txt");
}

// The text of a CMakeLists.txt without comments.
std::string cmake_code(const SourceFile& file) {
  return std::regex_replace(file.text, std::regex("#[^\n]*"), "");
}

std::vector<std::string> words_of(const std::string& text) {
  static const std::regex word(R"([^\s()]+)");
  std::vector<std::string> words;
  for (std::sregex_iterator match(text.begin(), text.end(), word), end; match != end; ++match) {
    words.push_back(match->str());
  }
  return words;
}

// Calls of a CMake command, each as the words between its brackets.
std::vector<std::vector<std::string>> calls_of(const std::string& code,
                                               const std::string& command) {
  const std::regex call("\\b" + command + R"(\s*\(([^()]*)\))");
  std::vector<std::vector<std::string>> calls;
  for (std::sregex_iterator match(code.begin(), code.end(), call), end; match != end; ++match) {
    calls.push_back(words_of((*match)[1].str()));
  }
  return calls;
}

// The room of each target that a CMakeLists.txt declares.
std::map<std::string, std::string> rooms_of_targets(const SourceTree& tree) {
  std::map<std::string, std::string> rooms;
  for (const SourceFile& file : tree) {
    if (!is_cmake_list(file.path)) continue;
    const std::string code = cmake_code(file);
    for (const char* command : {"add_library", "add_executable", "add_unit_test"}) {
      for (const auto& words : calls_of(code, command)) {
        if (!words.empty()) rooms[words.front()] = room_of(file.path);
      }
    }
  }
  return rooms;
}

std::string complaint_text(const std::string& from, const std::string& to,
                           const std::string& what) {
  return "the room " + from + " may not know " + to + " (" + what + ")";
}

// What an include of ours breaks, or nothing.
std::string include_fault(const SourceFile& file, const std::string& included) {
  const std::string from = room_of(file.path);
  if (included.find('/') != std::string::npos) {
    const std::string to = room_of(included);
    return allowed(file.path, from, to) ? "" : complaint_text(from, to, included);
  }
  // A generated header carries a BPF object: only a loader and the program that picks one see it.
  if (included.ends_with("_object.h")) {
    return from == "host" || from == "cli" ? "" : complaint_text(from, "bpf", included);
  }
  // So does one that carries a natively compiled scheduler.
  if (included.ends_with("_native.h")) {
    const bool may = from == "sim" || from == "cli" || from == "bench";
    return may ? "" : complaint_text(from, "sim", included);
  }
  return from == "vm" ? "" : "includes start at src/: \"" + from + "/" + included + "\"";
}

void judge_link(const SourceFile& file, const std::map<std::string, std::string>& rooms,
                const std::vector<std::string>& words, Complaints& complaints) {
  const std::string from = room_of(file.path);
  for (const std::string& word : words) {
    if (word.ends_with("_object") && from != "host" && from != "cli") {
      complaints.push_back({file.path, 0, complaint_text(from, "bpf", "links " + word)});
    }
    const auto target = rooms.find(word);
    if (target == rooms.end()) continue;
    // Of the host only the probe has a door to the auditor; the rule on includes says so.
    if (target->second == "audit" && from == "host") continue;
    if (allowed(file.path, from, target->second)) continue;
    complaints.push_back({file.path, 0, complaint_text(from, target->second, "links " + word)});
  }
}

}  // namespace

Complaints include_directions(const SourceTree& tree) {
  static const std::regex include(R"re(^\s*#\s*include\s+"([^"]+)")re");
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!is_c_family(file.path)) continue;
    const std::vector<std::string> lines = lines_of(file.text);
    for (size_t i = 0; i < lines.size(); i++) {
      std::smatch match;
      if (!std::regex_search(lines[i], match, include)) continue;
      const std::string fault = include_fault(file, match[1].str());
      if (!fault.empty()) complaints.push_back({file.path, i + 1, fault});
    }
  }
  return complaints;
}

Complaints link_directions(const SourceTree& tree) {
  const std::map<std::string, std::string> rooms = rooms_of_targets(tree);
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!is_cmake_list(file.path)) continue;
    const std::string code = cmake_code(file);
    for (const auto& words : calls_of(code, "target_link_libraries")) {
      judge_link(file, rooms, words, complaints);
    }
    for (const auto& words : calls_of(code, "add_unit_test")) {
      judge_link(file, rooms, {std::find(words.begin(), words.end(), "LINK"), words.end()},
                 complaints);
    }
  }
  return complaints;
}

Complaints files_without_target(const SourceTree& tree) {
  std::set<std::string> named;
  for (const SourceFile& file : tree) {
    if (!is_cmake_list(file.path)) continue;
    for (const std::string& word : words_of(cmake_code(file))) {
      named.insert(folder_of(file.path) + word);
    }
  }
  Complaints complaints;
  for (const SourceFile& file : tree) {
    if (!is_c_family(file.path) || file.path.ends_with(".h") || named.contains(file.path)) continue;
    complaints.push_back({file.path, 0, "belongs to no target"});
  }
  return complaints;
}

}  // namespace scx_pair
