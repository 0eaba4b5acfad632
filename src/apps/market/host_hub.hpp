// The hosts' side of the market: one WebSocket a host, opened by the host and proved by its key.
// It passes messages between hosts and engine and decides nothing about a lease. Everything that
// comes in is hostile until it is signed, and bounded even then. It must never let one host speak
// for another, nor two connections for one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "adapters/http/server.hpp"
#include "apps/market/asks/ask_desk.hpp"
#include "apps/market/card_proofs.hpp"
#include "apps/market/engine/seams.hpp"
#include "apps/market/limits.hpp"
#include "apps/market/log.hpp"
#include "apps/market/offer_desk.hpp"
#include "apps/market/pulls/pull_desk.hpp"
#include "core/tunnel/place.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

inline constexpr std::int64_t kHelloTimeoutMs = 10'000;
inline constexpr std::size_t kMaxHostMessageBytes = 64 << 10;
inline constexpr std::int64_t kMessageBurst = 400;
inline constexpr std::int64_t kMessagesPerSecond = 50;

class HostHub final : public engine::HostLink {
 public:
  // Everything must outlive it.
  HostHub(OfferDesk& offers, ports::Clock& clock, Log& log, const base::PublicKey& program,
          const base::PublicKey& market, const Limits& limits = {})
      : offers_(offers),
        clock_(clock),
        log_(log),
        program_(program),
        market_(market),
        limits_(limits) {}

  // The engine, which needs this hub to be built. Once, before the first connection.
  void serve(engine::Leases& leases) { leases_ = &leases; }
  // Who asks hosts for proofs of their cards; without, nobody does.
  void prove_by(CardProofs& proofs) { proofs_ = &proofs; }
  // Who has hosts bring images; without, nobody does.
  void pull_by(PullDesk& pulls) { pulls_ = &pulls; }
  // Named to every host that is welcomed from now on.
  void name_gateways(const std::vector<tunnel::Place>& places) {
    for (const tunnel::Place& place : places) gateways_.push_back(tunnel::to_string(place));
  }
  // Who asks hosts about their leases; without, nobody does.
  void ask_by(AskDesk& asks) { asks_ = &asks; }

  // Answers the request: with a socket and a challenge, or with a problem.
  void accept(const http::Request& request, http::Exchange& exchange);
  // Closes connections that never proved a key; to be called every second or so.
  void sweep();
  // Tells these hosts, where they are connected, that they are refused now.
  void tell_refused(const std::vector<base::PublicKey>& addresses);

  // Queues it; false where that host is not connected.
  bool send(const base::PublicKey& host, const std::string& message);
  void notify(const base::PublicKey& host, const base::Error& why);
  bool send_lease(const base::PublicKey& host, const api::MarketLease& wish) override;
  bool send_attestation(const base::PublicKey& host,
                        const api::MarketAttestation& attestation) override;

 private:
  struct Session;
  using SessionPtr = std::shared_ptr<Session>;

  SessionPtr session_of(const base::PublicKey& host);
  bool admit(const SessionPtr& session);
  void hear(const SessionPtr& session, std::string_view text);
  bool is_current(const SessionPtr& session);
  void take_hello(const SessionPtr& session, std::string_view text);
  void take_listing(const SessionPtr& session, std::string_view text);
  void take_lease(const SessionPtr& session, std::string_view text);
  // Takes the place of the host's older connection, which it returns. Nothing: there is no room.
  std::optional<SessionPtr> seat(const SessionPtr& session, const base::PublicKey& host);
  void unseat(const SessionPtr& session);
  void forget(const SessionPtr& session);
  void give_notice(Session& session, const base::Error& error);
  void take_card_proof(const SessionPtr& session, std::string_view text);
  void take_pulling(const SessionPtr& session, std::string_view text);
  void take_answer(const SessionPtr& session, std::string_view text);
  void take_trouble(const SessionPtr& session, std::string_view text);

  OfferDesk& offers_;
  ports::Clock& clock_;
  Log& log_;
  const base::PublicKey program_;
  const base::PublicKey market_;
  const Limits limits_;
  engine::Leases* leases_ = nullptr;
  CardProofs* proofs_ = nullptr;
  PullDesk* pulls_ = nullptr;
  AskDesk* asks_ = nullptr;
  std::vector<std::string> gateways_;

  std::mutex mutex_;
  std::set<SessionPtr> unproven_;                  // guarded by mutex_
  std::map<base::PublicKey, SessionPtr> hosts_;    // guarded by mutex_
  std::map<std::string, std::size_t> by_address_;  // of hosts_; guarded by mutex_
};

}  // namespace obelisk::market_app
