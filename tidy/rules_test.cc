// SPDX-License-Identifier: GPL-2.0-only
// For each rule a mutant that it must convict, and what stands so close that it must not be.
#include "tidy/rules.h"

#include <gtest/gtest.h>

namespace scx_pair {
namespace {

SourceTree one(std::string path, std::string text) {
  return {{std::move(path), std::move(text)}};
}

TEST(IncludeDirections, AuditThatKnowsThePolicyIsConvicted) {
  for (const char* room : {"policy", "bpf", "host", "sim", "cli"}) {
    const std::string text = "#include \"" + std::string(room) + "/x.h\"\n";
    EXPECT_EQ(include_directions(one("src/audit/judge.cc", text)).size(), 1U) << room;
  }
}

TEST(IncludeDirections, EveryForbiddenDirectionIsConvicted) {
  const std::pair<const char*, const char*> forbidden[] = {
      {"base", "policy"}, {"policy", "bpf"}, {"policy", "audit"}, {"bpf", "host"}, {"bpf", "audit"},
      {"sim", "host"},    {"host", "sim"},   {"host", "policy"},  {"sim", "cli"},  {"vm", "host"},
      {"host", "cli"},    {"host", "audit"}, {"strange", "base"}};
  for (const auto& [from, to] : forbidden) {
    EXPECT_EQ(include_directions(one("src/" + std::string(from) + "/x.h",
                                     "#  include \"" + std::string(to) + "/y.h\"\n"))
                  .size(),
              1U)
        << from << " -> " << to;
  }
}

TEST(IncludeDirections, AllowedDirectionsAreNot) {
  const SourceTree tree = {
      {"src/cli/a.cc", "#include \"host/x.h\"\n#include \"audit/y.h\"\n#include <vector>\n"},
      {"src/bpf/b.bpf.c", "#include \"policy/x.h\"\n#include <bpf/bpf_helpers.h>\n"},
      {"src/host/audit_probe.cc", "#include \"audit/x.h\"\n#include \"audit_probe_object.h\"\n"},
      {"src/sim/world.cc", "#include \"audit/judge.h\"\n#include \"bpf/kernel.h\"\n"},
      {"vm/load/x.cc", "#include \"y.h\"\n"}};
  EXPECT_EQ(include_directions(tree).size(), 0U);
}

TEST(IncludeDirections, IncludeWithoutItsRoomIsConvicted) {
  EXPECT_EQ(include_directions(one("src/host/x.cc", "#include \"topology.h\"\n")).size(), 1U);
  EXPECT_EQ(include_directions(one("src/audit/x.cc", "#include \"probe_object.h\"\n")).size(), 1U);
}

SourceTree link_tree(const std::string& audit) {
  return {{"src/audit/CMakeLists.txt", "add_library(audit STATIC judge.cc)\n" + audit},
          {"src/base/CMakeLists.txt", "add_library(base INTERFACE)\n"},
          {"src/policy/CMakeLists.txt", "add_library(policy INTERFACE)\n"}};
}

TEST(LinkDirections, AuditThatLinksThePolicyIsConvicted) {
  EXPECT_EQ(link_directions(link_tree("target_link_libraries(audit PUBLIC base policy)\n")).size(),
            1U);
  EXPECT_EQ(link_directions(link_tree("add_unit_test(t x.cc\n  LINK base\n  policy)\n")).size(),
            1U);
}

TEST(LinkDirections, OnlyLoadersAndProgramsLinkABpfObject) {
  const std::string link = "target_link_libraries(x PRIVATE scx_pair_object)\n";
  EXPECT_EQ(link_directions(one("src/audit/CMakeLists.txt", link)).size(), 1U);
  EXPECT_EQ(link_directions(one("src/cli/CMakeLists.txt", link)).size(), 0U);
}

TEST(LinkDirections, AllowedLinksAndCommentsAreNot) {
  EXPECT_EQ(link_directions(link_tree("target_link_libraries(audit PUBLIC base fmt::fmt)\n"
                                      "# target_link_libraries(audit PUBLIC policy)\n"))
                .size(),
            0U);
}

TEST(Targets, ForgottenFileIsConvicted) {
  const SourceTree tree = {{"src/host/CMakeLists.txt", "add_library(host a.cc) # b.cc\n"},
                           {"src/host/a.cc", ""},
                           {"src/host/a.h", ""},
                           {"src/host/b.cc", ""},
                           {"src/cli/a.cc", ""},
                           {"vm/CMakeLists.txt", "add_executable(load load/c.cc)\n"},
                           {"vm/load/c.cc", ""}};
  const Complaints complaints = files_without_target(tree);
  ASSERT_EQ(complaints.size(), 2U);
  EXPECT_EQ(complaints[0].path, "src/host/b.cc");
  EXPECT_EQ(complaints[1].path, "src/cli/a.cc");
}

std::string function_of(size_t lines, const std::string& head = "int f(int x)") {
  std::string text = head + " {\n";
  for (size_t i = 2; i < lines; i++) text += "  x++;\n";
  return text + "}\n";
}

TEST(FunctionLength, SeventyOneLinesAreConvicted) {
  EXPECT_EQ(long_functions(one("a.cc", function_of(70))).size(), 0U);
  const Complaints complaints = long_functions(one("a.cc", "int x;\n" + function_of(71)));
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints[0].line, 2U);
  EXPECT_EQ(complaints[0].what, "f() has 71 lines, more than 70");
}

TEST(FunctionLength, FunctionsInsideRoomsAndClassesAreSeen) {
  const std::string inside = "namespace a {\nstruct B : C {\n  enum { kD };\n" +
                             function_of(71, "  B* f(int x) const") + "};\n}\n";
  EXPECT_EQ(long_functions(one("a.cc", inside)).size(), 1U);
  EXPECT_EQ(long_functions(one("a.c", function_of(71, "static struct x *f(struct y *y)"))).size(),
            1U);
  EXPECT_EQ(long_functions(one("a.cc", function_of(71, "TEST(Suite, Name)"))).size(), 1U);
}

TEST(FunctionLength, ManyShortFunctionsAndLongTypesAreNot) {
  std::string text = "namespace a {\n";
  for (int i = 0; i < 30; i++) text += function_of(5);
  text += "struct B {\n";
  for (int i = 0; i < 90; i++) text += "  int b;\n";
  EXPECT_EQ(long_functions(one("a.cc", text + "};\n}\n")).size(), 0U);
}

TEST(FunctionLength, BracesInTextCommentsAndMacrosAreNoBlocks) {
  const std::string tricky =
      "int f() {\n  // }\n  /* } */ char c = '}';\n  auto s = \"}\\\"}\" R\"x(})\" })x\";\n"
      "  int n = 1'000'000;\n#define M } \\\n }\n";
  EXPECT_EQ(long_functions(one("a.cc", tricky + function_of(64, "  if (n)") + "}\n")).size(), 1U);
  EXPECT_EQ(long_functions(one("a.cc", tricky + function_of(62, "  if (n)") + "}\n")).size(), 0U);
}

TEST(FileLength, LinesOverTheLimitAreConvicted) {
  std::string text;
  for (int i = 0; i < 400; i++) text += "\n";
  EXPECT_EQ(long_files(one("src/a/a.cc", text)).size(), 0U);
  EXPECT_EQ(long_files(one("src/a/a.cc", text + "\n")).size(), 1U);
  EXPECT_EQ(long_files(one("src/a/a_test.cc", text + "\n")).size(), 0U);
  EXPECT_EQ(long_files(one("src/a/a_test.cc", text + text)).size(), 1U);
}

TEST(LineWidth, HundredAndOneColumnsAreConvicted) {
  EXPECT_EQ(wide_lines(one("a.h", std::string(100, 'x') + "\n")).size(), 0U);
  EXPECT_EQ(wide_lines(one("a.h", "\n" + std::string(101, 'x') + "\n")).size(), 1U);
  EXPECT_EQ(wide_lines(one("a.py", std::string(101, 'x') + "\n")).size(), 1U);
}

TEST(LineWidth, TabsAndLettersAreCountedAsShown) {
  EXPECT_EQ(wide_lines(one("a.c", "\t" + std::string(92, 'x') + "\n")).size(), 0U);
  EXPECT_EQ(wide_lines(one("a.c", " \t" + std::string(93, 'x') + "\n")).size(), 1U);
  EXPECT_EQ(wide_lines(one("a.c", std::string(98, 'x') + "\u00e4\u00e4\n")).size(), 0U);
}

TEST(Lines, TrailingBlanksAndMissingEndsAreConvicted) {
  EXPECT_EQ(ragged_lines(one("a.md", "x\ny\n")).size(), 0U);
  EXPECT_EQ(ragged_lines(one("a.md", "x \ny\t\nz\r\n")).size(), 3U);
  EXPECT_EQ(ragged_lines(one("a.md", "x")).size(), 1U);
}

TEST(Licence, SourceWithoutItIsConvicted) {
  const std::string words = "SPDX-License-Identifier: GPL-2.0-only";
  EXPECT_EQ(missing_licences(one("a.cc", "// " + words + "\nint x;\n")).size(), 0U);
  EXPECT_EQ(missing_licences(one("a.h", "/* " + words + " */\n")).size(), 0U);
  EXPECT_EQ(missing_licences(one("a.sh", "#!/bin/sh\n# " + words + "\n")).size(), 0U);
  EXPECT_EQ(missing_licences(one("a.cc", "int x;\n// " + words + "\n")).size(), 1U);
  EXPECT_EQ(missing_licences(one("a.cc", "// SPDX-License-Identifier: MIT\n")).size(), 1U);
  EXPECT_EQ(missing_licences(one("a.py", "#!/usr/bin/python3\n")).size(), 1U);
  EXPECT_EQ(missing_licences(one("a.cc", "")).size(), 1U);
}

TEST(Words, UnfinishedBusinessIsConvicted) {
  for (const std::string word : {"TO"
                                 "DO",
                                 "FIX"
                                 "ME"}) {
    EXPECT_EQ(unfinished_business(one("a.cc", "// " + word + ": later\n")).size(), 1U) << word;
  }
  EXPECT_EQ(unfinished_business(one("a.cc", "// methods, autodoc\n")).size(), 0U);
}

TEST(Words, PathOfAMachineIsConvicted) {
  for (const std::string folder : {"wor"
                                   "k",
                                   "roo"
                                   "t",
                                   "hom"
                                   "e"}) {
    const std::string path = "/" + folder + "/x";
    EXPECT_EQ(machine_paths(one("a.md", "see " + path + "\n")).size(), 1U);
    EXPECT_EQ(machine_paths(one("a.cc", "f(\"" + path + "\")\n")).size(), 1U);
    EXPECT_EQ(machine_paths(one("a.sh", path + "\n")).size(), 1U);
  }
  EXPECT_EQ(machine_paths(one("a.cc", "\"/sys/kernel/sched_ext/root/ops\"\n")).size(), 0U);
}

TEST(Words, VagueFileNameIsConvicted) {
  for (const char* path : {"src/base/utils.h", "src/common/x.cc", "vm/misc_test.cc"}) {
    EXPECT_EQ(vague_names(one(path, "")).size(), 1U) << path;
  }
  EXPECT_EQ(vague_names(one("src/base/uncommon.h", "")).size(), 0U);
}

TEST(Words, JumpIsConvictedOutsideBpf) {
  const std::string jump = "  goto out;\n";
  EXPECT_EQ(gotos(one("src/host/x.cc", jump)).size(), 1U);
  EXPECT_EQ(gotos(one("src/bpf/x.bpf.c", jump)).size(), 0U);
  EXPECT_EQ(gotos(one("src/base/x.h", jump)).size(), 1U);
  EXPECT_EQ(gotos(one("src/base/loop.h", jump)).size(), 0U);
  EXPECT_EQ(gotos(one("src/host/x.cc", "// goto\nint gotos = 1; f(\"goto\");\n")).size(), 0U);
}

TEST(Words, JsonThatANameCanMakeThrowIsConvicted) {
  EXPECT_EQ(throwing_json(one("src/cli/x.cc", "return object.dump() + '\\n';\n")).size(), 1U);
  EXPECT_EQ(throwing_json(one("src/sim/x.cc", "out->dump(2);\n")).size(), 1U);
  EXPECT_EQ(throwing_json(one("src/sim/x.cc", "stream << json;\n")).size(), 1U);
  EXPECT_EQ(throwing_json(one("src/sim/x.cc", "json_text(out, 2);\nexit.dump;\n")).size(), 0U);
  EXPECT_EQ(throwing_json(one("src/base/hostile_text.h", "json.dump(2);\n")).size(), 0U);
}

TEST(PolicyPurity, EveryImpurityIsConvicted) {
  for (const char* text :
       {"\twhile (x)\n", "\tu64 now = bpf_ktime_get_ns();\n", "\tp = malloc(4);\n", "\tfree(p);\n",
        "\tprintf(\"\");\n", "\tbpf_spin_lock(l);\n", "\tgoto out;\n", "\tstatic u32 calls;\n",
        "static u32 calls;\n", "u32 calls = 1;\n", "struct x {\n\tint a;\n} the_x;\n",
        "extern u32 calls;\n", "#include <time.h>\n", "\tscx_bpf_kick_cpu(1, 0);\n",
        "static u32 a[2] = {\n\t1, 2,\n};\n"}) {
    EXPECT_GE(impure_policy(one("src/policy/x.h", text)).size(), 1U) << text;
  }
}

TEST(PolicyPurity, PureCodeTestsAndOtherRoomsAreNot) {
  const std::string pure =
      "#pragma once\n#include \"base/types.h\"\nstruct pair {\n\tu64 now_ns;\n};\n"
      "enum { A, B };\nstatic const u32 table[] = {1, 2};\n"
      "/* while the clock ticks */\n"
      "static inline u32 f(const struct pair *p)\n{\n\tu32 i;\n\n\tfor (i = 0; i < 8; i++)\n"
      "\t\tif (p->now_ns > i)\n\t\t\treturn i;\n\treturn 0;\n}\n"
      "static inline struct pair g(u64 now_ns)\n{\n\treturn (struct pair){.now_ns = now_ns};\n}\n";
  for (const Complaint& complaint : impure_policy(one("src/policy/x.h", pure))) {
    ADD_FAILURE() << complaint.line << ": " << complaint.what;
  }
  EXPECT_EQ(impure_policy(one("src/policy/x_test.cc", "  while (true) {\n")).size(), 0U);
  EXPECT_EQ(impure_policy(one("src/host/x.h", "  while (true) {\n")).size(), 0U);
}

TEST(Repeatability, ClocksRandomnessAndDisorderAreConvicted) {
  for (const char* text :
       {"std::unordered_map<int, int> m;\n", "auto t = std::chrono::steady_clock::now();\n",
        "clock_gettime(CLOCK_MONOTONIC, &t);\n", "std::random_device d;\n", "std::thread t;\n",
        "srand(time(nullptr));\n"}) {
    EXPECT_EQ(unrepeatable_code(one("src/audit/x.cc", text)).size(), 1U) << text;
    EXPECT_EQ(unrepeatable_code(one("src/sim/x.cc", text)).size(), 1U) << text;
    EXPECT_EQ(unrepeatable_code(one("src/host/x.cc", text)).size(), 0U) << text;
  }
  EXPECT_EQ(unrepeatable_code(one("src/audit/x.cc", "u64 run_time(u64 now_ns); // clock\n")).size(),
            0U);
}

TEST(Code, CommentsAndLiteralsAreBlankedInPlace) {
  EXPECT_EQ(code_of("a /* b */ c // d\ne"), "a         c     \ne");
  EXPECT_EQ(code_of("f(\"x\\\"y\", 'z', 1'000)"), "f(\"    \", ' ', 1'000)");
  EXPECT_EQ(code_of("R\"(a\")\nb)\"; c"), "      \n   ; c");
}

}  // namespace
}  // namespace scx_pair
