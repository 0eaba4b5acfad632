// Voice: what makes a request to the market somebody's: the wallet's signature of it, or the token
// of a session where there is no key at hand. Any thread may speak. It must never sign anything but
// a request for the host it was made for.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "adapters/http/message.hpp"
#include "base/public_key.hpp"
#include "ports/clock.hpp"
#include "ports/signer.hpp"

namespace obelisk::cli {

class Voice {
 public:
  // `host` is the Host header of what is sent. Signer and clock must outlive it.
  Voice(ports::Signer& wallet, ports::Clock& clock, std::string host)
      : wallet_(&wallet), clock_(&clock), host_(std::move(host)) {}
  explicit Voice(std::string token) : token_(std::move(token)) {}

  // Adds the Authorization header, in the place of one that is there.
  void speak(http::Request& request, const base::PublicKey& market) const;
  bool signs() const { return wallet_ != nullptr; }
  // What the market's clock said just now: signatures go by it. False where it is as ours.
  bool heard(base::UnixMillis market_now_ms);

 private:
  ports::Signer* wallet_ = nullptr;  // null: a token speaks
  ports::Clock* clock_ = nullptr;
  std::string host_;
  std::string token_;
  std::atomic<base::UnixMillis> offset_ms_ = 0;
};

}  // namespace obelisk::cli
