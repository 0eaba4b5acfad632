// Signs people in: hands out challenges, takes them back signed, gives a token for each, lists and
// ends sessions. Any thread may call. It must never keep a token, nor take a challenge twice.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "api/types.hpp"
#include "apps/market/parameters.hpp"
#include "core/identity/sign_in.hpp"
#include "ports/clock.hpp"
#include "ports/session_store.hpp"

namespace obelisk::market_app {

inline constexpr std::size_t kMaxSessions = 32;  // of a wallet, at a time

class SessionDesk {
 public:
  // Everything must outlive it.
  SessionDesk(ports::SessionStore& store, ports::Clock& clock, identity::Origins origins,
              const base::PublicKey& market)
      : store_(store), clock_(clock), origins_(std::move(origins)), market_(market) {}

  const identity::Origins& origins() const { return origins_; }
  // forbidden where the Host header names none of our origins.
  base::Result<identity::Origin> origin_of(std::string_view host_header) const;

  base::Result<api::Challenge> challenge(const base::PublicKey& wallet,
                                         const identity::Origin& origin);
  base::Result<api::SessionToken> open(const api::SessionRequest& request);
  // Nothing where the token lets nobody in.
  base::Result<std::optional<ports::SessionRow>> by_token(std::string_view token);
  // `current`: the session that asks, if one does.
  base::Result<api::SessionList> list(const base::PublicKey& wallet, const PageAsked& page,
                                      const std::string& current);
  base::Result<void> end(const base::PublicKey& wallet, const std::string& id);
  // Forgets sessions that are over, every ten minutes; to be called every second or so.
  void sweep();

 private:
  ports::SessionStore& store_;
  ports::Clock& clock_;
  const identity::Origins origins_;
  const base::PublicKey market_;
  const identity::Challenges challenges_;
  std::atomic<base::UnixMillis> next_sweep_ms_ = 0;
};

}  // namespace obelisk::market_app
