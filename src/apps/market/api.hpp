// The market's HTTP front: every request becomes one answer, from a handler or as a problem that
// says what happened, what to do and what it cost; each has an id, a count and a line in the log.
// It must never let an error leave in another form.
#pragma once

#include "apps/market/handlers.hpp"
#include "apps/market/log.hpp"
#include "apps/market/router.hpp"
#include "apps/market/traced_exchange.hpp"

namespace obelisk::market_app {

class Api {
 public:
  Api(Desk desk, Log& log) : desk_(desk), log_(log) {}
  // Any thread.
  void handle(const http::Request& request, http::Exchange& exchange);
  // What is known already, for the input-output thread; nothing: handle() has to. It is counted and
  // has an id, and no line in the log: it costs less than one.
  http::Known quick(const http::QuickRequest& request);

 private:
  void answer_matched(const Matched& route, const http::Request& request, TracedExchange& exchange);
  Answer answer_once(const Matched& route, const http::Request& request);
  base::Result<void> open_stream(const Matched& route, const http::Request& request,
                                 TracedExchange& exchange);
  base::Result<Caller> caller_of(const Matched& route, const http::Request& request);
  // A file or document of the page; nothing: there is none.
  std::optional<http::Response> page_for(const http::Request& request) const;
  http::Response problem_of(const base::Error& error);
  void ask_host(const Matched& route, const http::Request& request, TracedExchange& exchange);
  // How a request ended; never a body, a query or a header of it.
  struct Ended {
    std::string request_id;
    std::string method;
    std::string from;
    int status = 0;
    std::size_t bytes = 0;
    std::int64_t took_us = 0;
  };
  void note_end(const Matched& route, const Ended& ended);

  Desk desk_;
  Log& log_;
};

}  // namespace obelisk::market_app
