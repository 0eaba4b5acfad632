#include "adapters/tunnel/mirror.hpp"

#include <gtest/gtest.h>

#include "adapters/tunnel/testing.hpp"

namespace obelisk::tunnel {
namespace {

using http::testing::eventually;
using testing::World;

class MirrorOf {
 public:
  // Behind all of these gateways.
  explicit MirrorOf(const std::vector<const World*>& worlds) {
    auto terms = worlds.front()->quoted(7).terms;
    terms.host = pair_.public_key();
    const auto quoted = worlds.front()->sign(terms);
    std::vector<Place> places;
    for (const World* world : worlds) {
      places.push_back(world->place());
      places.back().host = world->options.told_address;
    }
    auto made = Mirror::start(threads_, base::Keypair::from_seed({9}),
                              {quoted.lease, quoted.text, quoted.signature}, places, {});
    EXPECT_TRUE(made);
    mirror_ = *std::move(made);
  }
  bool reflects(const std::string& address) { return mirror_->reflects(address); }

 private:
  const base::Keypair pair_ = base::Keypair::from_seed({9});
  http::IoThreads threads_{1};
  std::unique_ptr<Mirror> mirror_;
};

TEST(Mirror, AGatewayThatLetsVisitorsThroughReflects) {
  World world(false);
  ASSERT_TRUE(world.start_gateway());
  MirrorOf mirror({&world});
  EXPECT_TRUE(eventually([&] { return mirror.reflects("127.0.0.1"); }));
  EXPECT_TRUE(mirror.reflects("198.51.100.7")) << "a host with a port of its own";
  world.gateway.reset();
  EXPECT_TRUE(eventually([&] { return !mirror.reflects("127.0.0.1"); }));
  EXPECT_FALSE(mirror.reflects("198.51.100.7"));
  world.start_gateway();
  EXPECT_TRUE(eventually([&] { return mirror.reflects("127.0.0.1"); }));
}

TEST(Mirror, OneOfTwoThatIsGoneIsNotMadeUpForByTheOther) {
  World one(false);
  World two(false, &one);
  two.options.told_address = "localhost";
  ASSERT_TRUE(one.start_gateway() && two.start_gateway());
  MirrorOf mirror({&one, &two});
  EXPECT_TRUE(eventually([&] { return mirror.reflects("127.0.0.1"); }));
  EXPECT_TRUE(eventually([&] { return mirror.reflects("localhost"); }));
  one.gateway.reset();
  EXPECT_TRUE(eventually([&] { return !mirror.reflects("127.0.0.1"); }));
  EXPECT_TRUE(mirror.reflects("localhost"));
}

TEST(Mirror, AGatewayThatRefusesItDoesNotReflect) {
  World world(false);
  world.options.attestors = {testing::key(99)};
  ASSERT_TRUE(world.start_gateway());
  MirrorOf mirror({&world});
  EXPECT_TRUE(eventually([&] { return world.said("attestor"); }));
  EXPECT_FALSE(mirror.reflects("127.0.0.1"));
}

}  // namespace
}  // namespace obelisk::tunnel
