// SPDX-License-Identifier: GPL-2.0-only
#include "base/hostile_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace scx_pair {
namespace {

TEST(Printable, PlainNamesStayAsTheyAre) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable(R"(/system.slice/dev-disk\x2duuid.device #~)"),
            R"(/system.slice/dev-disk\x2duuid.device #~)");
  EXPECT_EQ(printable("/größe/名前/\xf0\x9f\x98\x80"), "/größe/名前/\xf0\x9f\x98\x80");
}

TEST(Printable, NoNameBeginsALine) {
  EXPECT_EQ(printable("\nverdict: kept"), R"(\x0averdict: kept)");
  EXPECT_EQ(printable("a\rb\vc\fd"), R"(a\x0db\x0bc\x0cd)");
  EXPECT_EQ(printable("\xc2\x85verdict"), R"(\xc2\x85verdict)");
  EXPECT_EQ(printable("\xe2\x80\xa8verdict"), R"(\xe2\x80\xa8verdict)");
}

TEST(Printable, NoNameReachesTheTerminal) {
  EXPECT_EQ(printable("\x1b[2J"), R"(\x1b[2J)");
  EXPECT_EQ(printable("\x7f\b\a"), R"(\x7f\x08\x07)");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            R"(\xc2\x9b31m)");
  EXPECT_EQ(printable("\xe2\x80\xaegnp"), R"(\xe2\x80\xaegnp)");
  EXPECT_EQ(printable(std::string_view("\0x", 2)), R"(\x00x)");
}

TEST(Printable, BytesThatAreNoTextAreShown) {
  EXPECT_EQ(printable("a\xff"), R"(a\xff)");
  EXPECT_EQ(printable("\xc3"), R"(\xc3)");          // cut off
  EXPECT_EQ(printable("\xc0\x8a"), R"(\xc0\x8a)");  // a line end, longer than it needs to be
  EXPECT_EQ(printable("\xe0\x80\x8a"), R"(\xe0\x80\x8a)");
  EXPECT_EQ(printable("\xed\xa0\x80"), R"(\xed\xa0\x80)");  // half of a pair of UTF-16
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");
  EXPECT_EQ(printable("\xc3\n"), R"(\xc3\x0a)");
}

TEST(PrintableLines, LinesStayAndNothingElse) {
  EXPECT_EQ(printable_lines("CPU 0:\n\tR \x1b[31mtask\n"), "CPU 0:\n\tR \\x1b[31mtask\n");
  EXPECT_EQ(printable_lines("one"), "one");
}

TEST(JsonText, BytesThatAreNoTextAreReplaced) {
  const nlohmann::ordered_json json = {{"path", "/a\xff"}, {"/\xc3", 1}};
  const std::string text = json_text(json);
  EXPECT_EQ(text, R"({"path":"/a\ufffd","/\ufffd":1})");
  EXPECT_EQ(nlohmann::json::parse(text)["path"], "/a\xef\xbf\xbd");
}

TEST(JsonText, NothingInItActsOnATerminal) {
  const std::string text = json_text(nlohmann::json("\x1b[2J\x7f\xc2\x9b\n\xe2\x80\xae"));
  EXPECT_EQ(text, R"("\u001b[2J\u007f\u009b\n\u202e")");
}

}  // namespace
}  // namespace scx_pair
