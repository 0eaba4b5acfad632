#include "apps/cli/lease_file.hpp"

#include <gtest/gtest.h>

#include "apps/cli/temporary_dir.hpp"
#include "base/crypto.hpp"

namespace obelisk::cli {
namespace {

base::PublicKey key(std::uint8_t seed) { return base::Keypair::from_seed({seed}).public_key(); }

LeaseFile example(std::uint8_t seed = 1) {
  LeaseFile out;
  out.lease = key(seed);
  out.program = key(2);
  out.host = key(3);
  out.quote = std::string(64, 'a');
  out.card = "rtx-4090";
  out.card_name = "RTX 4090";
  out.market_url = "http://127.0.0.1:1";
  out.terms = "{\"a\":\"b\"}";
  out.quote_signature.bytes.fill(4);
  out.quoted = {12'823'183};
  out.micro_usd_per_sol = 140'000'000;
  out.seconds = 3600;
  out.ready_deadline_s = 60;
  out.identity_file = "/keys/id_ed25519";
  return out;
}

TEST(LeaseFile, IsReadBackExactly) {
  const TemporaryDir dir;
  LeaseFile file = example();
  ASSERT_TRUE(save_lease_file(dir.path(), file));
  EXPECT_EQ(**load_lease_file(dir.path(), file.lease), file);
  file.open = base::Signature{{5}};
  file.dial_ms = 1234;
  ASSERT_TRUE(save_lease_file(dir.path(), file));
  EXPECT_EQ(**load_lease_file(dir.path(), file.lease), file);
}

TEST(LeaseFile, AnUnknownLeaseIsNoError) {
  const TemporaryDir dir;
  const auto loaded = load_lease_file(dir.path(), key(1));
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(*loaded);
}

TEST(LeaseFile, DamageIsAnErrorAndNoMore) {
  const std::string good = lease_file_text(example());
  EXPECT_TRUE(parse_lease_file(good));
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), good.substr(0, good.size() / 2),
        std::string("{\"version\":2}")}) {
    EXPECT_FALSE(parse_lease_file(text)) << text;
  }
  for (const char* field : {"lease", "program", "host", "quoted_lamports", "seconds", "version"}) {
    std::string text = good;
    text.replace(text.find("\"" + std::string(field) + "\""), 2, "\"_");
    EXPECT_FALSE(parse_lease_file(text)) << field;
  }
}

TEST(LeaseFile, AnotherLeasesFileIsNotBelieved) {
  const TemporaryDir dir;
  dir.write("leases/" + key(7).to_string() + "/lease.json", lease_file_text(example(1)));
  EXPECT_FALSE(load_lease_file(dir.path(), key(7)));
}

TEST(FindLease, TakesAnAddressOrTheBeginningOfAKnownOne) {
  const TemporaryDir dir;
  ASSERT_TRUE(save_lease_file(dir.path(), example(1)));
  ASSERT_TRUE(save_lease_file(dir.path(), example(2)));
  const std::string whole = key(1).to_string();
  EXPECT_EQ(*find_lease(dir.path(), whole), key(1));
  EXPECT_EQ(*find_lease(dir.path(), whole.substr(0, 6)), key(1));
  EXPECT_EQ(*find_lease(dir.path(), key(9).to_string()),
            key(9));  // unknown here, a key all the same
  for (const std::string& text : {std::string(), std::string("zzzz"), whole.substr(0, 3),
                                  std::string("../../etc"), std::string(200, '1')}) {
    const auto found = find_lease(dir.path(), text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(base::exit_code(found.error().code), 2);
  }
  EXPECT_EQ(known_leases(dir.path()).size(), 2u);
}

}  // namespace
}  // namespace obelisk::cli
