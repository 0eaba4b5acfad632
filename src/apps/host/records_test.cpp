#include "apps/host/records.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace obelisk::host {
namespace {

class RecordsTest : public testing::Test {
 protected:
  RecordsTest() {
    char name[] = "/tmp/obelisk-records-XXXXXX";
    dir_ = mkdtemp(name);
  }
  ~RecordsTest() override { std::filesystem::remove_all(dir_); }
  std::filesystem::path dir_;
  std::vector<std::string> damaged_;
};

LeaseRecord example(std::uint8_t fill) {
  LeaseRecord record;
  record.wish.type = "lease";
  record.wish.lease.bytes.fill(fill);
  record.wish.want = api::Wanted::open;
  record.wish.terms = "{\"a\":\"line\\nbreak\"}";
  record.wish.ssh_key = "ssh-ed25519 AAAA renter";
  record.watch_key = "ssh-ed25519 BBBB watch";
  record.door_port = 40022;
  record.attestation = api::Attestation{7, 1000, {}};
  return record;
}

TEST_F(RecordsTest, WhatWasSavedIsFoundByTheNextProcess) {
  Records records(dir_ / "leases");
  ASSERT_TRUE(records.save(example(1)));
  LeaseRecord second = example(2);
  second.attestation.reset();
  ASSERT_TRUE(records.save(second));

  const auto found = Records(dir_ / "leases").load(damaged_);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(damaged_.empty());
  const LeaseRecord& first = found.at(example(1).wish.lease);
  EXPECT_EQ(first.wish, example(1).wish);
  EXPECT_EQ(first.watch_key, example(1).watch_key);
  EXPECT_EQ(first.door_port, 40022);
  EXPECT_EQ(first.attestation, example(1).attestation);
  EXPECT_FALSE(found.at(second.wish.lease).attestation);

  records.forget(example(1).wish.lease);
  EXPECT_EQ(records.load(damaged_).size(), 1u);
}

TEST_F(RecordsTest, ADamagedFileIsSetAsideAndSaid) {
  Records records(dir_);
  ASSERT_TRUE(records.save(example(1)));
  std::ofstream(dir_ / "other.lease") << "{\"half\":";
  std::ofstream(dir_ / "port.lease") << api::to_json(example(3).wish) << "\nkey\n70000\n\n";
  EXPECT_EQ(records.load(damaged_).size(), 1u);
  EXPECT_EQ(damaged_.size(), 2u);
  damaged_.clear();
  EXPECT_EQ(records.load(damaged_).size(), 1u);
  EXPECT_TRUE(damaged_.empty());
}

}  // namespace
}  // namespace obelisk::host
