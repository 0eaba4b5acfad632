// For tests: a chain in memory with one quoted lease, machines that answer as told, and a watch
// over both, asked in its own process or by its socket. Only tests include it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "adapters/fake/fake_chain.hpp"
#include "adapters/fake/fake_clock.hpp"
#include "adapters/watch/client.hpp"
#include "adapters/watch/server.hpp"
#include "apps/watch/answers.hpp"
#include "core/solana/programs.hpp"
#include "core/watch/testing.hpp"

namespace obelisk::watch_app::testing {

using watch::testing::Example;
using watch::testing::kNow;

class KeySigner final : public ports::Signer {
 public:
  explicit KeySigner(std::uint8_t fill) : key_(watch::testing::keypair(fill)) {}
  const base::PublicKey& public_key() const override { return key_.public_key(); }
  base::Signature sign(base::ByteView message) override { return key_.sign(message); }

 private:
  base::Keypair key_;
};

// Machines by their address.
class Machines final : public ports::Logins {
 public:
  watch::LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess& ssh,
                            bool check_card) override {
    const std::lock_guard lock(mutex_);
    calls.push_back(ssh.address);
    if (!up.contains(ssh.address)) return {false, {}, "no answer", {}, 0};
    if (check_card && quote.driver_name != driver) {
      return {false, lease::LoginProblem::wrong_card, "another processor", mark, 0};
    }
    return {true, {}, {}, mark, 0};
  }
  const std::string& public_key() const override { return line_; }

  std::set<std::string> up{"10.0.0.1"};
  std::string mark = "boot/1";
  std::string driver = "EPYC";
  std::vector<std::string> calls;

 private:
  std::mutex mutex_;
  const std::string line_ = "ssh-ed25519 AAAA obelisk-watch";
};

class World {
 public:
  World() {
    folder_ = (std::filesystem::temp_directory_path() / "obelisk-watch-XXXXXX").string();
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    chain.put_market(example.ground.market, example.market);
    boot();
  }
  ~World() {
    down();
    std::filesystem::remove_all(folder_);
  }

  void down() {
    server_.reset();
    link = {};
    desk.reset();
    memory_.reset();
  }
  // Also again: what was in its process is gone.
  void boot() {
    down();
    memory_ = *Memory::open(folder_ + "/leases");
    desk = std::make_unique<Desk>(DeskParts{
        chain, clock, machines, {&key}, example.ground, *memory_, {}, [this](const std::string&) {
          return reflects.load();
        }});
    desk->look();
    if (!by_socket) {
      link = {attestors_of(*desk), logins_of(*desk)};
      return;
    }
    watch_link::ServerOptions options;
    options.path = folder_ + "/watch.sock";
    options.line_ms = 300;
    server_ = *watch_link::Server::start(
        options, [this](const std::string& line) { return answer_to(*desk, line); });
    link = *watch_link::open_watch(options.path, 1000);
  }
  void use_socket() {
    by_socket = true;
    boot();
  }
  std::string socket() const { return folder_ + "/watch.sock"; }

  ports::Attestor& attestor() { return *link.attestors.front(); }
  lease::Quote quote() const {
    lease::Quote out = example.quoted().quote;
    out.driver_name = "EPYC";
    return out;
  }
  void pass(base::UnixSeconds seconds) {
    clock.advance_ms(seconds * 1000);
    chain.advance_s(seconds);
    desk->look();
  }
  std::uint64_t open() {
    chain.open(example.lease(), example.account());
    return chain.lease(example.lease())->opened_slot;
  }
  watch::LoginAnswer log_in(bool check_card, const std::string& address = "10.0.0.1") {
    return link.logins->log_in(quote(), example.ssh(address), check_card);
  }
  base::Bytes message(const std::vector<escrow::Call>& calls) {
    return settlement::transaction(key.public_key(), calls, 3000,
                                   chain.latest_blockhash(ports::Commitment::confirmed)->blockhash)
        ->message_bytes();
  }
  escrow::LeaseAccounts accounts() const {
    return escrow::accounts_of(example.lease(), example.account());
  }
  base::Result<base::Signature> ready() {
    return attestor().ready(
        quote(), message({escrow::encode_ready(example.ground.program, accounts(), slot())}));
  }
  base::Result<base::Signature> dark() {
    return attestor().dark(
        message({escrow::encode_stop(example.ground.program, accounts(), escrow::StopHow::dark)}));
  }
  base::Result<base::Signature> attest(std::int64_t alive_until) {
    return attestor().attestation({example.ground.program, example.lease(), slot(), alive_until});
  }
  std::uint64_t slot() const {
    const auto there = chain.lease(example.lease());
    return there ? there->opened_slot : 0;
  }
  // Paid, looked at, and its `ready` on the chain.
  void make_active() {
    open();
    EXPECT_TRUE(log_in(true).ok);
    auto transaction = settlement::transaction(
        key.public_key(), {escrow::encode_ready(example.ground.program, accounts(), slot())}, 3000,
        chain.latest_blockhash(ports::Commitment::confirmed)->blockhash);
    const auto signature = attestor().ready(quote(), transaction->message_bytes());
    ASSERT_TRUE(signature.ok()) << signature.error().message;
    ASSERT_TRUE(transaction->add_signature(key.public_key(), *signature).ok());
    ASSERT_TRUE(chain.send(transaction->wire(), true).ok());
    ASSERT_EQ(chain.lease(example.lease())->state, escrow::State::active);
  }

  Example example;
  KeySigner key{11};
  fake::FakeChain chain{example.ground.program, kNow};
  fake::FakeClock clock;
  Machines machines;
  std::unique_ptr<Desk> desk;
  watch_link::Watch link;
  bool by_socket = false;
  std::atomic<bool> reflects = true;  // visitors get through the gateways

 private:
  std::string folder_;
  std::unique_ptr<Memory> memory_;
  std::unique_ptr<watch_link::Server> server_;
};

}  // namespace obelisk::watch_app::testing
