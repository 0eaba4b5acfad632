// The hosts of a simulated world: machines behind a door, some slow, some dark for a while, some
// that lie about what they made, some whose connection comes and goes. They do what the market
// wishes as a real host does. What they really serve is the truth that the market is held to.
#pragma once

#include <memory>
#include <set>

#include "apps/market/engine/seams.hpp"
#include "apps/market/offer_desk.hpp"
#include "ports/logins.hpp"
#include "sim/payments.hpp"
#include "sim/store.hpp"

namespace obelisk::sim {

class Hosts final : public engine::HostLink, public ports::Logins {
 public:
  Hosts(Stage& stage, SimStore& store, Payments& payments, std::size_t count);

  // The market's parts as long as its process lives; nullptr: it is dead, and every line with it.
  void meet(engine::Leases* leases, market_app::OfferDesk* offers);
  void step();
  // Something is being made, or somebody is away.
  bool is_busy() const;
  std::int64_t next_ms() const;
  // From now on they all do well.
  void calm_down();
  // Calls see(host, lease, its cards) for every machine.
  template <class See>
  void each_machine(See see) const {
    for (const Host& host : hosts_) {
      for (const auto& [lease, box] : host.boxes) see(host.key->public_key(), lease, box.cards);
    }
  }

  // --- engine::HostLink ---
  bool send_lease(const base::PublicKey& host, const api::MarketLease& wish) override;
  bool send_attestation(const base::PublicKey& host,
                        const api::MarketAttestation& attestation) override;
  // --- ports::Logins ---
  watch::LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess& access,
                            bool check_card) override;
  const std::string& public_key() const override { return watch_key_; }

 private:
  struct Box {
    api::HostLeaseState state = api::HostLeaseState::starting;
    std::int64_t made_ms = 0;
    std::set<std::string> cards;
    bool exists = false;                 // a liar only says so
    bool was_paid = false;               // its lease was seen confirmed
    std::int64_t absent_since_ms = 0;    // it is not on the chain; 0: it is
    base::UnixSeconds payable_to_s = 0;  // nobody can pay it after that
    std::string boot;
    std::string boot_at_check;
  };
  struct Host {
    std::unique_ptr<KeySigner> key;
    std::size_t cards = 1;
    std::int64_t make_ms = 4'000;  // how long a machine takes
    std::int64_t lies = 0;         // in percent of its leases
    std::int64_t flaps = 0;        // in percent, whenever it changes its mind
    std::int64_t darkens = 0;
    bool is_careless = false;   // makes a machine of cards that another one has
    bool claims_itself = true;  // what it holds proof of, as the protocol says
    bool connected = false;
    std::int64_t line_ms = 0;  // when its connection changes next
    std::int64_t whim_ms = 0;  // when it may go dark next
    std::int64_t dark_to_ms = 0;
    std::vector<api::MarketLease> inbox;
    std::map<base::PublicKey, Box> boxes;
    std::map<base::PublicKey, api::MarketAttestation> proofs;
    std::set<base::PublicKey> claimed;
  };

  Host* find(const base::PublicKey& key);
  void list(Host& host);
  void connect(Host& host);
  void disconnect(Host& host);
  void have_whims(Host& host);
  void drop_what_is_over(Host& host);
  void obey(Host& host, const api::MarketLease& wish);
  void make(Host& host, const base::PublicKey& lease);
  void go_on(Host& host);
  void say(Host& host, const base::PublicKey& lease, api::HostLeaseState state);
  void claim(Host& host);
  bool is_dark(const Host& host) { return stage_.now_ms() < host.dark_to_ms; }

  Stage& stage_;
  SimStore& store_;
  Payments& payments_;
  Random random_;
  engine::Leases* leases_ = nullptr;
  market_app::OfferDesk* offers_ = nullptr;
  std::vector<Host> hosts_;
  bool calm_ = false;
  std::string watch_key_ = "ssh-ed25519 AAAA watch";
};

}  // namespace obelisk::sim
