#include "apps/market/host_hub.hpp"

#include <algorithm>

#include "adapters/http/problem.hpp"
#include "apps/market/outside_words.hpp"
#include "base/check.hpp"
#include "base/crypto.hpp"

namespace obelisk::market_app {

// One connection. Messages of one socket come one after the other, so what only they use needs no
// lock; `socket` is set once, right after the handshake.
struct HostHub::Session {
  std::string remote_address;
  std::int64_t accepted_at_ms = 0;
  std::array<std::uint8_t, 32> challenge{};
  std::optional<base::PublicKey> host;  // proved; used by the socket's own handlers only
  std::int64_t tokens = kMessageBurst;
  std::int64_t tokens_at_ms = 0;

  std::mutex mutex;
  std::shared_ptr<http::WebSocket> socket;  // guarded by mutex
  bool over = false;                        // guarded by mutex

  void attach(std::shared_ptr<http::WebSocket> opened) {
    const std::lock_guard lock(mutex);
    if (!over) socket = std::move(opened);
  }
  std::shared_ptr<http::WebSocket> get() {
    const std::lock_guard lock(mutex);
    return socket;
  }
  bool send(const std::string& message) {
    const auto open = get();
    return open != nullptr && open->send(message);
  }
  void close(std::string_view reason) {
    if (const auto open = get()) open->close(reason);
  }
  // Socket and session hold each other: one of them has to let go.
  void detach() {
    const std::lock_guard lock(mutex);
    over = true;
    socket.reset();
  }
  bool take_token(std::int64_t now_ms) {
    const std::int64_t earned = (now_ms - tokens_at_ms) * kMessagesPerSecond / 1000;
    if (earned > 0) {
      tokens = std::min(kMessageBurst, tokens + earned);
      tokens_at_ms = now_ms;
    }
    return tokens-- > 0;
  }
};

void HostHub::accept(const http::Request& request, http::Exchange& exchange) {
  CHECK(leases_ != nullptr);
  auto session = std::make_shared<Session>();
  session->remote_address = request.remote_address;
  session->accepted_at_ms = clock_.steady_ms();
  session->tokens_at_ms = session->accepted_at_ms;
  base::random_bytes(session->challenge);
  if (!admit(session)) {
    exchange.reply(
        http::problem({base::Code::rate_limited, "Too many connections wait for their hello.",
                       "Try again in 10 seconds."}));
    return;
  }
  http::WebSocketHandlers handlers;
  handlers.on_message = [this, session](std::string_view text) { hear(session, text); };
  handlers.on_close = [this, session](std::string_view) { forget(session); };
  auto socket = exchange.accept_websocket(std::move(handlers), kMaxHostMessageBytes);
  if (socket == nullptr) return forget(session);
  session->attach(socket);
  socket->send(api::to_json(api::MarketChallenge{
      "challenge", base::to_hex(base::ByteView(session->challenge)), market_}));
}

bool HostHub::admit(const SessionPtr& session) {
  const std::lock_guard lock(mutex_);
  const auto same_address = std::ranges::count_if(unproven_, [&](const SessionPtr& other) {
    return other->remote_address == session->remote_address;
  });
  if (unproven_.size() >= limits_.hellos ||
      static_cast<std::uint64_t>(same_address) >= limits_.hellos_per_address) {
    return false;
  }
  unproven_.insert(session);
  return true;
}

void HostHub::sweep() {
  const std::int64_t now_ms = clock_.steady_ms();
  std::vector<SessionPtr> late;
  {
    const std::lock_guard lock(mutex_);
    std::ranges::copy_if(unproven_, std::back_inserter(late), [&](const SessionPtr& session) {
      return now_ms - session->accepted_at_ms > kHelloTimeoutMs;
    });
  }
  for (const SessionPtr& session : late) session->close("no hello within 10 s");
}

void HostHub::tell_refused(const std::vector<base::PublicKey>& addresses) {
  for (const base::PublicKey& address : addresses) notify(address, refused_host());
}

void HostHub::hear(const SessionPtr& session, std::string_view text) {
  if (!session->take_token(clock_.steady_ms())) return session->close("too many messages");
  const auto head = api::message_head_from_json(text);
  if (!head) return session->close("not a message of this protocol");
  if (!session->host) {
    if (head->type != "hello") return session->close("the first message must be a hello");
    return take_hello(session, text);
  }
  // What a connection said before another took over may arrive after it.
  if (!is_current(session)) return;
  if (head->type == "listing") return take_listing(session, text);
  if (head->type == "lease") return take_lease(session, text);
  if (head->type == "card_proof") return take_card_proof(session, text);
  if (head->type == "pulling") return take_pulling(session, text);
  if (head->type == "answer") return take_answer(session, text);
  if (head->type == "trouble") return take_trouble(session, text);
  // Anything else is from a newer host: it is told, and served on.
  give_notice(*session, {base::Code::unsupported, "This market does not know that message.",
                         "Nothing has to be done."});
}

bool HostHub::is_current(const SessionPtr& session) {
  const std::lock_guard lock(mutex_);
  const auto at = hosts_.find(*session->host);
  return at != hosts_.end() && at->second == session;
}

void HostHub::take_hello(const SessionPtr& session, std::string_view text) {
  const auto hello = api::host_hello_from_json(text);
  if (!hello) return session->close("the hello is malformed");
  base::Writer message;
  message.put(std::string_view("OBELISKH"));
  message.put(base::ByteView(session->challenge));
  message.put(market_.view());
  if (!base::verify(hello->host, message.bytes(), hello->signature)) {
    return session->close("the hello is not signed by that key");
  }
  const auto replaced = seat(session, hello->host);
  if (!replaced) return session->close("this market has no room for another host");
  session->host = hello->host;
  if (*replaced != nullptr) (*replaced)->close("a newer connection of this host took over");
  log_.write(Level::info, "Host connected.",
             {{"host", hello->host.to_string()}, {"version", hello->version}});
  api::MarketWelcome welcome{"welcome", program_, leases_->watch_key(), {}};
  if (!gateways_.empty()) welcome.gateways = gateways_;
  session->send(api::to_json(welcome));
  leases_->host_connected(hello->host);
}

std::optional<HostHub::SessionPtr> HostHub::seat(const SessionPtr& session,
                                                 const base::PublicKey& host) {
  const std::lock_guard lock(mutex_);
  const auto at = hosts_.find(host);
  SessionPtr replaced = at == hosts_.end() ? nullptr : at->second;
  const auto here = by_address_.find(session->remote_address);
  const bool full = replaced == nullptr &&
                    (hosts_.size() >= limits_.hosts ||
                     (here != by_address_.end() && here->second >= limits_.hosts_per_address));
  if (full) return std::nullopt;
  if (replaced != nullptr) unseat(replaced);
  unproven_.erase(session);
  hosts_[host] = session;
  ++by_address_[session->remote_address];
  offers_.host_connected(host);
  return replaced;
}

// With the lock held.
void HostHub::unseat(const SessionPtr& session) {
  const auto here = by_address_.find(session->remote_address);
  if (--here->second == 0) by_address_.erase(here);
}

void HostHub::take_listing(const SessionPtr& session, std::string_view text) {
  const auto message = api::host_listing_from_json(text);
  if (!message) return give_notice(*session, message.error());
  const auto taken = offers_.take_listing(*session->host, *message);
  if (!taken) {
    log_.write(Level::warning, "A listing was not taken.",
               {{"host", session->host->to_string()}, {"why", taken.error().message}});
    return give_notice(*session, outside(taken.error()));
  }
  // It is kept all the same: it counts from the moment that the refusal is lifted.
  if (offers_.is_refused(*session->host)) give_notice(*session, refused_host());
  // Also what was known already: after a restart the proofs are not.
  const auto listing = api::listing_from_json(message->listing);
  if (proofs_ == nullptr || !listing) return;
  proofs_->listed(from_api(*listing), message->proven.value_or(std::vector<api::ProvenCard>()));
}

void HostHub::take_card_proof(const SessionPtr& session, std::string_view text) {
  const auto message = api::host_card_proof_from_json(text);
  if (!message) return give_notice(*session, message.error());
  if (proofs_ != nullptr) proofs_->answered(*session->host, *message);
}

void HostHub::take_pulling(const SessionPtr& session, std::string_view text) {
  const auto message = api::host_pulling_from_json(text);
  if (!message) return give_notice(*session, message.error());
  if (pulls_ != nullptr) pulls_->heard(*session->host, *message);
}

void HostHub::take_answer(const SessionPtr& session, std::string_view text) {
  auto message = api::host_answer_from_json(text);
  if (!message) return give_notice(*session, message.error());
  if (asks_ != nullptr) asks_->answered(*session->host, *std::move(message));
}

void HostHub::take_trouble(const SessionPtr& session, std::string_view text) {
  const auto message = api::host_trouble_from_json(text);
  if (!message) return give_notice(*session, message.error());
  leases_->host_troubled(*session->host, *message);
}

void HostHub::take_lease(const SessionPtr& session, std::string_view text) {
  const auto message = api::host_lease_from_json(text);
  if (!message) return give_notice(*session, message.error());
  leases_->host_said(*session->host, *message);
}

void HostHub::give_notice(Session& session, const base::Error& error) {
  session.send(api::to_json(api::MarketNotice{"notice", std::string(base::code_name(error.code)),
                                              error.message, error.action}));
}

void HostHub::forget(const SessionPtr& session) {
  session->detach();
  bool was_current = false;
  {
    const std::lock_guard lock(mutex_);
    unproven_.erase(session);
    if (session->host) {
      const auto at = hosts_.find(*session->host);
      was_current = at != hosts_.end() && at->second == session;
      if (was_current) {
        hosts_.erase(at);
        unseat(session);
        offers_.host_gone(*session->host);
      }
    }
  }
  if (!was_current) return;
  log_.write(Level::info, "Host disconnected.", {{"host", session->host->to_string()}});
  leases_->host_gone(*session->host);
  if (proofs_ != nullptr) proofs_->host_gone(*session->host);
  if (pulls_ != nullptr) pulls_->host_gone(*session->host);
  if (asks_ != nullptr) asks_->host_gone(*session->host);
}

HostHub::SessionPtr HostHub::session_of(const base::PublicKey& host) {
  const std::lock_guard lock(mutex_);
  const auto at = hosts_.find(host);
  return at == hosts_.end() ? nullptr : at->second;
}

void HostHub::notify(const base::PublicKey& host, const base::Error& why) {
  if (const SessionPtr session = session_of(host)) give_notice(*session, why);
}

bool HostHub::send(const base::PublicKey& host, const std::string& message) {
  const SessionPtr session = session_of(host);
  return session != nullptr && session->send(message);
}

bool HostHub::send_lease(const base::PublicKey& host, const api::MarketLease& wish) {
  return send(host, api::to_json(wish));
}

bool HostHub::send_attestation(const base::PublicKey& host,
                               const api::MarketAttestation& attestation) {
  return send(host, api::to_json(attestation));
}

}  // namespace obelisk::market_app
