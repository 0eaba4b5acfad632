#include "core/watch/control.hpp"

#include <gtest/gtest.h>

#include "core/settlement/settlement.hpp"
#include "core/tunnel/publication.hpp"
#include "core/watch/policy.hpp"
#include "core/watch/testing.hpp"

namespace obelisk::watch {
namespace {

TEST(WatchControl, AGatewayLetsItPublish) {
  const testing::Example example;
  const auto terms = control_terms(
      example.ground,
      {example.attestor.public_key(), example.host.public_key(), example.renter.public_key()},
      testing::kNow);
  tunnel::Publish what;
  what.terms = market::terms_text(terms);
  what.quote_signature =
      example.attestor.sign(market::quote_message(market::terms_hash(what.terms)));
  what.lease = settlement::lease_address(terms.program, terms.renter, terms.nonce).address;
  EXPECT_TRUE(tunnel::check_publish(what, terms.host, {terms.attestor}));
}

}  // namespace
}  // namespace obelisk::watch
