// What is the desk's, the socket's or the memory's alone.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapters/watch/line_socket.hpp"
#include "apps/watch/testing.hpp"

namespace obelisk::watch_app {
namespace {

using testing::kNow;
using watch_link::connect_to;
using watch_link::in_ms;
using watch_link::read_line;
using watch_link::write_line;

std::string ask(const std::string& socket, const std::string& line) {
  const auto to = connect_to(socket);
  if (!to || !write_line(*to, line, in_ms(2000))) return "";
  const auto answer = read_line(*to, 50'000, in_ms(2000));
  return answer ? *answer : "";
}

TEST(Socket, IsOursAloneAndTakesOneBoundedLine) {
  testing::World world;
  world.use_socket();
  struct stat file{};
  ASSERT_EQ(::stat(world.socket().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_NE(ask(world.socket(), "{\"keys\":{}}").find("attestors"), std::string::npos);
  EXPECT_NE(ask(world.socket(), "{\"sign\":{\"message\":\"AAAA\"}}").find("invalid_input"),
            std::string::npos);
  EXPECT_EQ(ask(world.socket(), std::string(100'000, 'x')), "") << "too long for an answer";
  EXPECT_NE(ask(world.socket(), "{\"keys\":{}}"), "") << "and nobody else is worse off";
}

TEST(Socket, WhoSaysNothingIsSentAway) {
  testing::World world;
  world.use_socket();
  const auto silent = connect_to(world.socket());
  ASSERT_TRUE(silent.ok());
  const auto end = read_line(*silent, 100, in_ms(3000));
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().code, base::Code::unreachable) << "ended by the watch, in its time";
}

TEST(Socket, WithoutAWatchTheMarketHearsSo) {
  testing::World world;
  world.use_socket();
  auto link = *watch_link::open_watch(world.socket(), 100);
  world.down();
  EXPECT_EQ(link.attestors.front()->quote(world.example.text).error().code,
            base::Code::unreachable);
  EXPECT_FALSE(link.logins->log_in(world.quote(), world.example.ssh(), false).ok);
  EXPECT_EQ(watch_link::open_watch(world.socket(), 50).error().code, base::Code::unreachable);
  world.boot();
  EXPECT_TRUE(link.attestors.front()->quote(world.example.text).ok()) << "back, and all goes on";
}

// A machine of another host, whose lease runs too.
struct TwoHosts : ::testing::Test {
  TwoHosts() {
    world.make_active();
    watch::Seen other;
    other.lease = market::testing::key(40);
    other.host = market::testing::key(41);
    other.terms_hash = world.example.hash;
    other.served_slot = 1;
    other.boot_mark = "boot/1";
    other.ssh = world.example.ssh("10.0.0.7");
    auto memory = *Memory::open(folder());
    EXPECT_TRUE(memory->change(other, [](watch::Seen&) { return true; }).ok());
    auto account = world.example.active();
    account.host = escrow::to_key(other.host);
    world.chain.open(other.lease, account);
    world.boot();
    world.pass(200);
    EXPECT_TRUE(world.log_in(false).ok);
  }
  std::string folder() const {
    const std::string socket = world.socket();
    return socket.substr(0, socket.rfind('/')) + "/leases";
  }
  void fail_for_over_a_minute() {
    for (int second = 0; second <= 70; second += 10) {
      EXPECT_FALSE(world.log_in(false).ok);
      world.pass(10);
    }
  }
  testing::World world;
};

TEST_F(TwoHosts, WithNoControlNobodyIsStopped) {
  world.machines.up.clear();
  fail_for_over_a_minute();
  const auto answer = world.dark();
  ASSERT_FALSE(answer.ok()) << "both are silent: it may be the watch";
  EXPECT_NE(answer.error().message.find("cut off"), std::string::npos) << answer.error().message;
}

TEST_F(TwoHosts, WithControlTheDarkOneIsStopped) {
  world.machines.up = {"10.0.0.7"};
  fail_for_over_a_minute();
  EXPECT_TRUE(world.dark().ok()) << "it looked at the other by itself";
  EXPECT_NE(std::ranges::find(world.machines.calls, "10.0.0.7"), world.machines.calls.end());
}

TEST(Memory, ForgetsALeaseOnlyOnceItCannotComeAgain) {
  testing::World world;
  world.make_active();
  const auto is_known = [&] { return world.log_in(false).alive_at_s != 0; };
  EXPECT_TRUE(is_known());
  world.pass(30);
  const auto stop =
      escrow::encode_stop(world.example.ground.program, world.accounts(), escrow::StopHow::served);
  ASSERT_TRUE(world.chain.submit(world.example.renter.public_key(), {stop}).ok());
  world.desk->sweep();
  world.chain.open(world.example.lease(), world.example.account());
  EXPECT_FALSE(world.ready().ok()) << "closed, and its address opened again";
  ASSERT_TRUE(
      world.chain
          .submit(world.example.renter.public_key(),
                  {escrow::encode_cancel(world.example.ground.program, world.accounts(), true)})
          .ok());
  world.pass(800);
  world.desk->sweep();
  const std::string leases = world.socket().substr(0, world.socket().rfind('/')) + "/leases";
  EXPECT_TRUE(std::filesystem::is_empty(leases));
}

TEST(Memory, ADamagedFileIsNamed) {
  testing::World world;
  world.make_active();
  const std::string leases = world.socket().substr(0, world.socket().rfind('/')) + "/leases";
  for (const auto& entry : std::filesystem::directory_iterator(leases)) {
    EXPECT_EQ(entry.status().permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::resize_file(entry.path(), 20);
  }
  const auto opened = Memory::open(leases);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find(".seen"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::watch_app
