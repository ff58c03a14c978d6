// SPDX-License-Identifier: GPL-2.0-only
#include "tidy/source.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace scx_pair {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolders[] = {"bench", "cmake", "docs", "packaging",
                                         "src",   "tidy",  "vm"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Blanks a text from left to right; each step consumes one comment, literal or character.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), code_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return code_;
  }

 private:
  bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  // Blanks up to `end`, but for line ends.
  void blank_to(size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; at_++) {
      if (text_[at_] != '\n') code_[at_] = ' ';
    }
  }

  void step() {
    if (sees("//")) {
      blank_to(text_.find('\n', at_));
    } else if (sees("/*")) {
      const size_t end = text_.find("*/", at_ + 2);
      blank_to(end == std::string_view::npos ? end : end + 2);
    } else if (sees("R\"")) {
      const size_t open = text_.find('(', at_);
      if (open == std::string_view::npos) return blank_to(open);
      const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
      const size_t end = text_.find(close, open);
      blank_to(end == std::string_view::npos ? end : end + close.size());
    } else if (text_[at_] == '"' || (text_[at_] == '\'' && !is_digit_separator())) {
      blank_literal();
    } else {
      at_++;
    }
  }

  bool is_digit_separator() const { return at_ > 0 && is_word(text_[at_ - 1]); }

  // The quotes stay, so that a literal is still seen to be there.
  void blank_literal() {
    const char quote = text_[at_];
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    at_++;
    blank_to(end);
    at_++;
  }

  std::string_view text_;
  std::string code_;
  size_t at_ = 0;
};

void read_folder(const fs::path& root, const fs::path& folder, SourceTree& tree) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path().lexically_relative(root).string();
    if (path.find("__pycache__") != std::string::npos) continue;
    std::ifstream file(entry.path());
    tree.push_back(
        {path, {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}});
  }
}

}  // namespace

SourceTree read_source_tree(const fs::path& root) {
  SourceTree tree;
  for (const std::string_view folder : kFolders) {
    if (fs::exists(root / folder)) read_folder(root, root / folder, tree);
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".md") && name != "Makefile" && name != "CMakeLists.txt") continue;
    std::ifstream file(entry.path());
    tree.push_back(
        {name, {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}});
  }
  std::sort(tree.begin(), tree.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return tree;
}

std::string code_of(std::string_view text) {
  return Blanker(text).run();
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string room_of(std::string_view path) {
  if (path.starts_with("src/")) path.remove_prefix(4);
  const size_t slash = path.find('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

bool is_c_family(std::string_view path) {
  return path.ends_with(".h") || path.ends_with(".c") || path.ends_with(".cc");
}

bool is_test(std::string_view path) {
  return path.ends_with("_test.cc");
}

}  // namespace scx_pair
