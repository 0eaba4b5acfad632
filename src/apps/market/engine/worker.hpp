// Does what core/lease decided, one outbox row at a time: tells hosts, logs in, signs, sends. Every
// row may come twice; each is checked against the record before anything is done. It must never
// change a lease but by posting what happened.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "apps/market/engine/attestors.hpp"
#include "apps/market/engine/card_checks.hpp"
#include "apps/market/engine/chain_view.hpp"
#include "apps/market/engine/closing.hpp"
#include "apps/market/engine/control.hpp"
#include "apps/market/engine/outbox.hpp"
#include "apps/market/engine/settle.hpp"
#include "ports/logins.hpp"

namespace obelisk::engine {

class Worker {
 public:
  struct Parts {
    ports::Store& store;
    ports::Chain& chain;
    ports::Clock& clock;
    Attestors attestors;
    ports::Logins& logins;
    Settle& settle;
    ChainView& view;
    Control& control;
    base::PublicKey program;
    HostLink* link = nullptr;  // set before the first row
    // Returns once the event is taken in and written.
    std::function<void(const base::PublicKey&, lease::Event)> post;
    // A lease of another host that should answer a login, if there is one.
    std::function<std::optional<lease::Record>(const base::PublicKey& host)> another;
    Log log;
    CardChecks* cards = nullptr;  // null: cards are asked for nothing
  };

  explicit Worker(Parts parts) : parts_(std::move(parts)) {}
  void set_link(HostLink& link) { parts_.link = &link; }
  void set_cards(CardChecks& cards) { parts_.cards = &cards; }

  WorkResult run(ports::OutboxRow& row);
  // Ends what takes long, for a shutdown.
  void stop() { stopped_ = true; }
  // Sends the whole wish for one lease as it is written now, and its newest attestation. Where the
  // host is away nothing happens: everything is sent again when it is back. False: the store did
  // not answer, and it has to be done again.
  bool tell(const base::PublicKey& lease);
  bool give(const base::PublicKey& lease);

 private:
  WorkResult do_effect(const lease::Effect& effect, const lease::Record& record,
                       ports::OutboxRow& row);
  WorkResult log_in(const lease::Effect& effect, const lease::Record& record);
  watch::LoginAnswer check_machine(const lease::Quote& quote, const lease::SshAccess& access);
  void seek_control(const base::PublicKey& host);
  WorkResult attest(const lease::Effect& effect, const lease::Record& record,
                    std::uint32_t attempts);
  WorkResult send_ready(const lease::Record& record, ports::OutboxRow& row);
  WorkResult settle(const lease::Effect& effect, const lease::Record& record,
                    ports::OutboxRow& row);
  bool is_gone_for_good(const lease::Record& record);
  bool never_was(const lease::Record& record, const History& history) const;
  std::uint32_t final_tries(const base::PublicKey& lease, bool is_final);
  WorkResult finished(const base::PublicKey& lease);
  WorkResult read_close(const lease::Record& record, std::uint32_t attempts);
  // What was sent for this row, and where to write down what is sent next.
  Trail trail_of(ports::OutboxRow& row);
  // What the account says now, without waiting for a push or a poll.
  void look(const base::PublicKey& lease);

  base::Result<std::optional<lease::Record>> now(const base::PublicKey& lease) {
    return parts_.store.by_lease(lease);
  }

  Parts parts_;
  std::atomic<bool> stopped_ = false;
  // Reading a wish and sending it are one step, so that an old wish never follows a newer one.
  std::mutex telling_;
  std::mutex final_mutex_;
  std::map<base::PublicKey, std::uint32_t> final_tries_;  // guarded by final_mutex_
};

}  // namespace obelisk::engine
