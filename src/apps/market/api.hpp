// The market's HTTP front: every request becomes one answer, from a handler or as a problem that
// says what happened, what to do and what it cost. It must never let an error leave in another
// form.
#pragma once

#include "apps/market/handlers.hpp"
#include "apps/market/log.hpp"

namespace obelisk::market_app {

class Api {
 public:
  Api(Desk desk, Log& log) : desk_(desk), log_(log) {}
  // Any thread.
  void handle(const http::Request& request, http::Exchange& exchange);

 private:
  Desk desk_;
  Log& log_;
};

}  // namespace obelisk::market_app
