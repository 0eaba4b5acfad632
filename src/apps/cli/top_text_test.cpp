#include "apps/cli/top_text.hpp"

#include <gtest/gtest.h>

#include "apps/cli/text/table.hpp"

namespace obelisk::cli {
namespace {

TopFacts facts() {
  TopFacts out;
  out.lease.bytes.fill(7);
  out.what = "1 x RTX 4090";
  LeaseAccount account;
  account.data.state = escrow::State::active;
  account.data.started_at = 1000;
  account.data.seconds = 3600;
  account.data.rate = 1'000'000'000;
  out.account = account;
  out.chain_now_s = 1900;
  out.newest.cpu_milli = 2000;
  out.newest.memory_limit_bytes = 16'000'000'000;
  out.newest.disk_bytes = 2'000'000'000;
  out.newest.idle_s = 720;
  for (std::uint32_t i = 0; i < 10; ++i) {
    api::Reading row;
    row.at_ms = i;
    row.seconds = 10;
    row.cpu_milli = i * 100;
    row.memory_bytes = 4'000'000'000;
    row.disk_used_bytes = 1'900'000'000;
    row.received_bytes_per_s = 1234;
    row.sent_bytes_per_s = 5'600'000;
    row.processes = 12;
    row.gpus = {{"GPU-1", i * 10, std::uint64_t{20'000'000'000}, std::uint64_t{24'000'000'000},
                 320'000, 61}};
    out.rows.push_back(row);
  }
  api::TrailEntry news;
  news.at = "2026-11-29T10:00:00Z";
  news.message = "The host says: Its disk is 95 % full.";
  out.news = {news};
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

TEST(TopText, SaysTimeMoneyAndWhatIsUsed) {
  const std::string text = joined(top_lines(facts(), 100));
  for (const char* part :
       {"running", "time left", "45 min", "used 0.25 SOL, left 0.75 SOL", "idle for", "12 min",
        "  45 %  0.90 of 2.00 cores", "  25 %  4 GB of 16 GB", "  95 %  2 GB of 2 GB",
        "in 1.2 kB/s, out 5.6 MB/s", "  90 %  20 GB of 24 GB, 61 C, 320 W", "processes  12",
        "2026-11-29T10:00:00Z  The host says: Its disk is 95 % full."}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  for (const std::string& line : top_lines(facts(), 80)) EXPECT_LE(width_of(line), 82u) << line;
}

TEST(TopText, WhatIsNotKnownIsADash) {
  TopFacts none;
  const std::string text = joined(top_lines(none, 80));
  EXPECT_NE(text.find("not on the chain"), std::string::npos);
  EXPECT_NE(text.find("processor"), std::string::npos);
  EXPECT_NE(text.find("Its host measures every ten seconds."), std::string::npos);
  EXPECT_EQ(text.find("card 0"), std::string::npos);
}

TEST(Heights, StandOnZero) {
  EXPECT_EQ(heights({0, 50, 100, std::nullopt, 200}, 100, 10), "▁▄█ █");
  EXPECT_EQ(heights({0, 0, 0, 100}, 100, 2), "▁█") << "a short peak stays";
  EXPECT_EQ(heights({}, 100, 5), "");
}

TEST(Rate, HasAUnit) {
  EXPECT_EQ(rate_text(0), "0 B/s");
  EXPECT_EQ(rate_text(999), "999 B/s");
  EXPECT_EQ(rate_text(1234), "1.2 kB/s");
  EXPECT_EQ(rate_text(123'400'000), "123 MB/s");
}

TEST(FreshPart, IsWhatWasNotThereBefore) {
  EXPECT_EQ(fresh_part("a\nb\n", "a\nb\nc\n"), "c\n");
  EXPECT_EQ(fresh_part("a\nb\n", "b\nc\n"), "c\n") << "the window moved on";
  EXPECT_EQ(fresh_part("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(fresh_part("", "x\n"), "x\n");
  EXPECT_EQ(fresh_part("a\n", "y\nz\n"), "y\nz\n") << "all of it is new";
}

}  // namespace
}  // namespace obelisk::cli
