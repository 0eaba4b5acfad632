#include "apps/host/records.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "adapters/files/files.hpp"
#include "core/market/terms.hpp"

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
  record.opened_slot = 7;
  record.attestation = api::Attestation{7, 1000, {}};
  record.sent = solana::Attempt{{1, 0, 255}, UINT64_MAX};
  return record;
}

TEST_F(RecordsTest, WhatWasSavedIsFoundByTheNextProcess) {
  Records records(dir_ / "leases");
  ASSERT_TRUE(records.save(example(1)));
  LeaseRecord second = example(2);
  second.attestation.reset();
  second.sent.reset();
  ASSERT_TRUE(records.save(second));

  const auto found = Records(dir_ / "leases").load(damaged_);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(damaged_.empty());
  const LeaseRecord& first = found.at(example(1).wish.lease);
  EXPECT_EQ(first.wish, example(1).wish);
  EXPECT_EQ(first.watch_key, example(1).watch_key);
  EXPECT_EQ(first.door_port, 40022);
  EXPECT_EQ(first.opened_slot, 7u);
  EXPECT_EQ(first.attestation, example(1).attestation);
  EXPECT_EQ(first.sent, example(1).sent);
  EXPECT_FALSE(found.at(second.wish.lease).attestation);
  EXPECT_FALSE(found.at(second.wish.lease).sent);

  records.forget(example(1).wish.lease);
  EXPECT_EQ(records.load(damaged_).size(), 1u);
}

market::Terms terms() {
  market::Terms t;
  const auto key = [](std::uint8_t fill) {
    base::PublicKey out;
    out.bytes.fill(fill);
    return out;
  };
  t.program = key(1);
  t.market = key(2);
  t.market_rev = 1;
  t.attestor = key(3);
  t.renter = key(4);
  t.host = key(5);
  t.nonce = 1;
  t.expires_at = 100;
  t.offer = "0123456789abcdef";
  t.card = "cpu";
  t.cards = {{"CPU-0", 1'000'000'000}};
  t.image = "sha256:" + std::string(64, 'a');
  t.disk_bytes = 2'000'000'000;
  t.ram_bytes = 2'000'000'000;
  t.cpu_milli = 1000;
  t.ports = {market::kSshPort};
  t.lamports_per_hour = 9'857'143;
  t.seconds = 3600;
  t.max_seconds = 3600;
  t.fee_bps = 250;
  t.debit = *market::breakdown_for({t.lamports_per_hour, 9'800'000}, t.seconds);
  t.micro_usd_per_sol = 140'000'000;
  t.sol_price_at_ms = 1;
  t.sol_price_source = "fixed";
  t.ssh_key = "SHA256:" + std::string(43, 'A');
  return t;
}

// What settles the lease when market and record are gone.
TEST_F(RecordsTest, TheAttestationIsAFileOfItsOwnAndStays) {
  Records records(dir_);
  LeaseRecord record = example(1);
  record.wish.terms = market::terms_text(terms());
  record.attestation = api::Attestation{UINT64_MAX, 1000, {}};  // even what a hostile market says
  ASSERT_TRUE(records.save(record));
  record.attestation = api::Attestation{7, 1060, {}};
  ASSERT_TRUE(records.save(record));
  const auto path = dir_ / (record.wish.lease.to_string() + ".attestation.json");
  const auto text = files::read_bounded(path);
  ASSERT_TRUE(text) << text.error().message;
  const auto read = api::attestation_from_json(*text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, *record.attestation);
  for (const base::PublicKey& named : {record.wish.lease, terms().attestor, terms().program}) {
    EXPECT_NE(text->find(named.to_string()), std::string::npos);
  }
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));

  records.forget(record.wish.lease);
  EXPECT_TRUE(records.load(damaged_).empty());
  EXPECT_TRUE(damaged_.empty());
  EXPECT_TRUE(std::filesystem::exists(path));
  const auto long_ago = std::filesystem::file_time_type::clock::now() - kKeepAttestations;
  std::filesystem::last_write_time(path, long_ago - std::chrono::hours(1));
  ASSERT_TRUE(records.save(record));
  std::filesystem::last_write_time(path, long_ago - std::chrono::hours(1));
  records.load(damaged_);
  EXPECT_TRUE(std::filesystem::exists(path)) << "its lease is still here";
  records.forget(record.wish.lease);
  records.load(damaged_);
  EXPECT_FALSE(std::filesystem::exists(path));
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
