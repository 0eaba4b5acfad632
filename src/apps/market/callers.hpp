// Who asks: the wallet that signed a request or that a token stands for, or nobody. Any thread may
// call. It must never take a request for somebody's because of anything but a signature or a token.
#pragma once

#include <optional>
#include <string>

#include "adapters/http/message.hpp"
#include "apps/market/request_nonces.hpp"
#include "apps/market/session_desk.hpp"

namespace obelisk::market_app {

struct Caller {
  std::optional<base::PublicKey> wallet;
  std::string session;  // its id, where a token said who asks
  std::string remote_address;

  bool is(const base::PublicKey& other) const { return wallet == other; }
};

class Callers {
 public:
  // Everything must outlive it.
  Callers(SessionDesk& sessions, ports::Clock& clock, const base::PublicKey& market);

  // A request without Authorization is anybody's. unauthorized where there is one that does not
  // hold: never anybody's instead.
  base::Result<Caller> of(const http::Request& request);

 private:
  base::Result<base::PublicKey> signer_of(const http::Request& request, std::string_view header);
  base::Result<ports::SessionRow> session_of(std::string_view token);

  SessionDesk& sessions_;
  ports::Clock& clock_;
  const base::PublicKey market_;
  RequestNonces nonces_;
};

// unauthorized, with words on how to say who asks.
base::Error nobody_asks();

}  // namespace obelisk::market_app
