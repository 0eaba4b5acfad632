#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "apps/host/measure/kept_rows.hpp"

namespace obelisk::host {
namespace {

constexpr const char* kUuid = "GPU-00000000-0000-0000-0000-000000000001";

CardRow row(std::uint64_t read = 900'000'000'000) {
  CardRow out;
  out.uuid = kUuid;
  out.memory_bytes = std::uint64_t{24} << 30;
  out.proven_bytes = std::uint64_t{21} << 30;
  out.read_bytes_per_s = read;
  out.to_card_bytes_per_s = 25'000'000'000;
  out.from_card_bytes_per_s = 24'000'000'000;
  return out;
}

ports::Gpu gpu(const char* driver = "580.65.06") {
  ports::Gpu out;
  out.uuid = kUuid;
  out.driver_version = driver;
  return out;
}

class Measured : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = ::testing::TempDir() + "/obelisk-measured-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::vector<CardRow> rows(const std::vector<ports::Gpu>& cards = {gpu()}) {
    return measured_rows(
        folder, cards,
        [this](const std::string&) {
          ++asked;
          return answer;
        },
        [this](const std::string& line) { said.push_back(line); });
  }

  std::string folder;
  base::Result<std::string> answer = to_json(row()) + "\n";
  int asked = 0;
  std::vector<std::string> said;
};

TEST_F(Measured, OnceForEachDriver) {
  EXPECT_EQ(rows(), std::vector<CardRow>{row()});
  EXPECT_EQ(rows(), std::vector<CardRow>{row()});
  EXPECT_EQ(asked, 1);
  answer = to_json(row(800'000'000'000));
  EXPECT_EQ(rows({gpu("590.1")}), std::vector<CardRow>{row(800'000'000'000)});
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(rows({gpu("590.1")}).size(), 1U);
  EXPECT_EQ(asked, 2);
}

TEST_F(Measured, WhatFailsIsSaidAndNotTriedAgainWithThatDriver) {
  answer = base::Error{base::Code::timeout, "obelisk-host was too slow.", ""};
  EXPECT_TRUE(rows().empty());
  ASSERT_FALSE(said.empty());
  EXPECT_NE(said.back().find("too slow"), std::string::npos);
  answer = to_json(row());
  EXPECT_TRUE(rows().empty()) << "a card that hangs must not hold up every start";
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(rows({gpu("590.1")}).size(), 1U);
}

TEST_F(Measured, WithoutAMeasureOnlyWhatIsKnown) {
  const auto quiet = [](const std::string&) {};
  EXPECT_TRUE(measured_rows(folder, {gpu()}, {}, quiet).empty());
  EXPECT_EQ(rows().size(), 1U);
  EXPECT_EQ(measured_rows(folder, {gpu()}, {}, quiet).size(), 1U);
}

TEST_F(Measured, NothingThatIsNotTheCardsIsTaken) {
  CardRow other = row();
  other.uuid = "GPU-other";
  CardRow scripted = row();
  scripted.simulated = true;
  for (const std::string& line : {std::string("{}"), std::string("[1]"), to_json(other),
                                  to_json(scripted), std::string(5000, 'x')}) {
    answer = line;
    std::filesystem::remove(folder + "/measured.json");
    EXPECT_TRUE(rows().empty()) << line.substr(0, 80);
  }
}

TEST_F(Measured, ACardInUseIsLeftAlone) {
  auto busy = gpu();
  busy.processes = {1};
  EXPECT_TRUE(rows({busy}).empty());
  EXPECT_EQ(asked, 0);
}

TEST_F(Measured, ADamagedFileIsMeasuredAnew) {
  std::ofstream(folder + "/measured.json") << "580.65.06 {\n\n580.65.06\nx y z";
  EXPECT_EQ(rows().size(), 1U);
  EXPECT_EQ(asked, 1);
}

TEST(AddMeasured, TheLeastOfAllOrNothing) {
  api::Listing listing;
  listing.cards = {{kUuid, "a40", "", 0}, {"GPU-2", "a40", "", 0}};
  add_measured(listing, {row()});
  EXPECT_FALSE(listing.memory_bytes_per_s) << "one of them is not known";
  CardRow second = row(700'000'000'000);
  second.uuid = "GPU-2";
  second.from_card_bytes_per_s = 12'000'000'000;
  add_measured(listing, {row(), second});
  EXPECT_EQ(listing.memory_bytes_per_s, 700'000'000'000U);
  EXPECT_EQ(listing.pcie_bytes_per_s, 12'000'000'000U);
  second.from_card_bytes_per_s.reset();
  listing.pcie_bytes_per_s.reset();
  add_measured(listing, {row(), second});
  EXPECT_FALSE(listing.pcie_bytes_per_s);
}

TEST(CardRow, ComesBackAsItWas) {
  CardRow bare = row();
  bare.to_card_bytes_per_s.reset();
  bare.simulated = true;
  EXPECT_EQ(row_from_json(to_json(bare)), bare);
  EXPECT_NE(to_text(bare).find("Simulated"), std::string::npos);
}

TEST(CardRow, AProofThatDoesNotHoldIsNoRow) {
  ports::CardFigures figures;
  figures.terms.chunks = cards::kMinMemoryChunks;
  EXPECT_FALSE(row_of(kUuid, figures));
}

}  // namespace
}  // namespace obelisk::host
