// Stand-ins for the engine's tests: a key, logins that answer as told, a hub that remembers, a
// store that dies. Only tests include it.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "adapters/fake/memory_store.hpp"
#include "apps/market/engine/card_checks.hpp"
#include "apps/market/engine/seams.hpp"
#include "base/crypto.hpp"
#include "ports/logins.hpp"
#include "ports/signer.hpp"

namespace obelisk::engine::testing {

class KeySigner final : public ports::Signer {
 public:
  explicit KeySigner(std::uint8_t fill) : key_(base::Keypair::from_seed(seed(fill))) {}
  const base::PublicKey& public_key() const override { return key_.public_key(); }
  base::Signature sign(base::ByteView message) override { return key_.sign(message); }

 private:
  static std::array<std::uint8_t, 32> seed(std::uint8_t fill) {
    std::array<std::uint8_t, 32> out{};
    out.fill(fill);
    return out;
  }
  base::Keypair key_;
};

class FakeLogins final : public ports::Logins {
 public:
  watch::LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess&,
                            bool check_card) override {
    ++count;
    checked = check_card;
    if (check_card && worse != watch::LoginAnswer{}.problem) {
      return {false, worse, "it has other cards", mark};
    }
    if (down.contains(quote.host)) {
      return {false, lease::LoginProblem::unreachable, "no answer", {}};
    }
    return {true, {}, {}, mark};
  }
  const std::string& public_key() const override { return line_; }

  int count = 0;
  bool checked = false;
  std::set<base::PublicKey> down;
  std::string mark = "boot/1";
  // What a look at the cards finds; `unreachable`: what was quoted.
  lease::LoginProblem worse = lease::LoginProblem::unreachable;

 private:
  std::string line_ = "ssh-ed25519 AAAA watch";
};

// Dies at a chosen write: from then on nothing is kept and nothing gets out, as after kill -9.
class DyingStore final : public fake::MemoryStore {
 public:
  std::function<void()> on_death;
  int writes_left = -1;  // negative: it lives
  bool reads_fail = false;

  base::Result<std::optional<lease::Record>> by_lease(const base::PublicKey& lease) override {
    if (reads_fail) return dead();
    return MemoryStore::by_lease(lease);
  }

  base::Result<std::optional<std::vector<ports::LeaseEventRow>>> apply(
      const ports::LeaseWrite& write) override {
    if (!lives()) return dead();
    return MemoryStore::apply(write);
  }
  base::Result<void> outbox_done(std::string_view id) override {
    if (!lives()) return dead();
    return MemoryStore::outbox_done(id);
  }
  base::Result<void> outbox_retry(std::string_view id, base::UnixMillis due_ms) override {
    if (!lives()) return dead();
    return MemoryStore::outbox_retry(id, due_ms);
  }

 private:
  static base::Error dead() { return {base::Code::internal, "dead", "", 0}; }
  bool lives() {
    if (writes_left < 0) return true;
    if (writes_left == 0) {
      on_death();
      return false;
    }
    --writes_left;
    return true;
  }
};

class FakeCards final : public CardChecks {
 public:
  void ask(const lease::Quote&) override { ++asked; }
  CardSaid said(const lease::Quote&) override { return answer; }
  int asked = 0;
  CardSaid answer{CardCheck::waiting, ""};
};

class FakeLink final : public HostLink {
 public:
  bool send_lease(const base::PublicKey&, const api::MarketLease& wish) override {
    if (!up) return false;
    wishes.push_back(wish);
    return true;
  }
  bool send_attestation(const base::PublicKey&, const api::MarketAttestation& given) override {
    if (!up) return false;
    attestations.push_back(given);
    return true;
  }
  bool up = true;
  std::vector<api::MarketLease> wishes;
  std::vector<api::MarketAttestation> attestations;
};

// What a host says of a machine that runs, signed as a host signs it.
inline api::HostLease running(const lease::Quote& quote, ports::Signer& host,
                              api::HostLeaseState state = api::HostLeaseState::running) {
  api::HostLease out;
  out.type = "lease";
  out.lease = quote.lease;
  out.state = state;
  api::SshAccess ssh{"127.0.0.1", 2222, "root", "ssh-ed25519 AAAAHOST", {}};
  base::Writer message;
  message.put("OBELISKS");
  message.put(quote.lease.view());
  message.put(ssh.host_key);
  ssh.host_key_signature = host.sign(message.bytes());
  out.ssh = ssh;
  out.boot_id = "boot-1";
  return out;
}

}  // namespace obelisk::engine::testing
