#include "adapters/podman/usage.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "adapters/podman/exec_ground.hpp"
#include "adapters/podman/execute.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/log_stream.hpp"
#include "adapters/podman/testing.hpp"

namespace obelisk::podman {
namespace {

TEST(ControlGroups, AreReadOfBothVersions) {
  const auto both = parse_control_groups(
      "9:name=systemd:/\n8:pids:/a/b\n2:cpu,cpuacct:/c\n4:memory:/d:e\n0::/u\n");
  EXPECT_EQ(both.by_controller.at("pids"), "/a/b");
  EXPECT_EQ(both.by_controller.at("cpuacct"), "/c");
  EXPECT_EQ(both.by_controller.at("memory"), "/d:e");
  EXPECT_EQ(both.unified, "/u");
  const auto second = parse_control_groups("0::/x.slice/y.scope\n");
  EXPECT_TRUE(second.by_controller.empty());
  EXPECT_EQ(second.unified, "/x.slice/y.scope");
  const auto none = parse_control_groups("nonsense\n:::\n1:pids\n0::../up\n");
  EXPECT_TRUE(none.by_controller.empty());
  EXPECT_FALSE(none.unified);
}

TEST(ControlGroups, TheFirstVersionsDirectoryComesFirst) {
  const testing::Directory top;
  const auto groups = parse_control_groups("8:pids:/a\n0::/u\n");
  EXPECT_EQ(directory_of(groups, "pids", top.path()), top.path() + "/pids/a");
  EXPECT_EQ(directory_of(groups, "memory", top.path()), "") << "nothing mounted has it";
  ASSERT_TRUE(write_file(top.path() + "/cgroup.controllers", "memory pids\n", 0600));
  EXPECT_EQ(directory_of(groups, "memory", top.path()), top.path() + "/u");
}

TEST(Usage, OfAProcessThatIsGoneIsUnknown) {
  const ports::Usage none = usage_of(0, "/nowhere", "nothing0");
  EXPECT_FALSE(none.cpu_us || none.memory_bytes || none.processes || none.disk_bytes ||
               none.sent_bytes || none.received_bytes || none.oom_kills);
}

TEST(LogStream, JoinsPiecesOfBothStreams) {
  const std::string first(
      "\x01\0\0\0\0\0\0\x03"
      "abc",
      11);
  const std::string second(
      "\x02\0\0\0\0\0\0\x01"
      "d",
      9);
  EXPECT_EQ(join_log_stream(first + second), "abcd");
  EXPECT_EQ(join_log_stream(""), "");
  EXPECT_EQ(join_log_stream(first.substr(0, 9)), "a") << "broken off";
  EXPECT_EQ(join_log_stream(std::string("\x01\0\0\0\xff\xff\xff\xffx", 9)), "x");
  EXPECT_EQ(join_log_stream("no such piece"), "");
}

TEST(WithoutNetwork, LeavesTheRestAsItIs) {
  EXPECT_EQ(without_network(R"({"id":"a","namespace_paths":{"NEWNET":"/n","NEWNS":"/m"},)"
                            R"("config":{"namespaces":[{"type":"NEWNS","path":""},)"
                            R"({"type":"NEWNET","path":"/n"}],"x":18446744073709551615}})"),
            R"({"id":"a","namespace_paths":{"NEWNS":"/m"},)"
            R"("config":{"namespaces":[{"type":"NEWNS","path":""}],"x":18446744073709551615}})");
  for (const char* none : {"", "[]", "{}", R"({"namespace_paths":{},"config":{}})"}) {
    EXPECT_FALSE(without_network(none)) << none;
  }
}

TEST(Cut, WhatIsWrongHasAQuarterForSure) {
  ports::CommandEnd end{0, std::string(100, 'o'), std::string(100, 'e')};
  cut(end, 200);
  EXPECT_FALSE(end.truncated);
  cut(end, 80);
  EXPECT_TRUE(end.truncated);
  EXPECT_EQ(end.output.size(), 60u);
  EXPECT_EQ(end.errors.size(), 20u);
  ports::CommandEnd words{0, "o", std::string(100, 'e')};
  cut(words, 80);
  EXPECT_EQ(words.output.size(), 1u);
  EXPECT_EQ(words.errors.size(), 79u);
}

}  // namespace
}  // namespace obelisk::podman
