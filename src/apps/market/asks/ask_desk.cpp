#include "apps/market/asks/ask_desk.hpp"

#include <array>

#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

std::string new_id() {
  std::array<std::uint8_t, 16> bytes{};
  base::random_bytes(bytes);
  return base::to_hex(base::ByteView(bytes));
}

Error not_connected() {
  return {Code::unreachable, "The host is not connected to this market right now.",
          "Try again in a minute. Its leases run on; ssh goes to the host without us."};
}

Error too_late() {
  return {Code::timeout, "The host did not answer in time.",
          "Try again. A host of an older version does not know this question."};
}

Error too_many() {
  return {Code::rate_limited, "Too many questions wait for the host.",
          "Wait until one is answered."};
}

}  // namespace

bool AskDesk::has_room(const Key& key, const Pending& pending) const {
  if (pending_.size() >= kMaxAsks) return false;
  std::size_t of_host = 0;
  std::size_t of_lease = 0;
  std::size_t bytes = pending.bytes;
  for (auto at = pending_.lower_bound({key.first, ""});
       at != pending_.end() && at->first.first == key.first; ++at) {
    ++of_host;
    bytes += at->second.bytes;
    if (at->second.lease == pending.lease) ++of_lease;
  }
  return of_host < kMaxAsksPerHost && of_lease < kMaxAsksPerLease && bytes <= kMaxAskedBytesPerHost;
}

void AskDesk::ask(const base::PublicKey& host, api::MarketAsk question, std::int64_t timeout_ms,
                  const Done& done) {
  question.type = "ask";
  question.id = new_id();
  const std::string message = api::to_json(question);
  const Key key{host, question.id};
  // Of the host itself: as of a lease of its name, which none has.
  const Pending pending{question.lease.value_or(host), clock_.steady_ms() + timeout_ms,
                        message.size(), done};
  bool is_in = false;
  bool stopped = false;
  {
    const std::lock_guard lock(mutex_);
    stopped = stopped_;
    is_in = !stopped && has_room(key, pending);
    // Before it is sent: the answer may be quicker than the next line.
    if (is_in) pending_.emplace(key, pending);
  }
  if (!is_in) return done(stopped ? not_connected() : too_many());
  if (send_(host, message)) return;
  give_up([&](const Key& other, const Pending&) { return other == key; }, not_connected());
}

void AskDesk::answered(const base::PublicKey& host, api::HostAnswer answer) {
  Done done;
  {
    const std::lock_guard lock(mutex_);
    const auto at = pending_.find({host, answer.id});
    if (at == pending_.end()) return;
    done = std::move(at->second.done);
    pending_.erase(at);
  }
  done(std::move(answer));
}

void AskDesk::give_up(const std::function<bool(const Key&, const Pending&)>& goes,
                      const Error& why) {
  std::vector<Done> gone;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = pending_.begin(); at != pending_.end();) {
      if (!goes(at->first, at->second)) {
        ++at;
        continue;
      }
      gone.push_back(std::move(at->second.done));
      at = pending_.erase(at);
    }
  }
  for (const Done& done : gone) done(why);
}

void AskDesk::host_gone(const base::PublicKey& host) {
  give_up([&](const Key& key, const Pending&) { return key.first == host; }, not_connected());
}

void AskDesk::sweep() {
  const std::int64_t now_ms = clock_.steady_ms();
  give_up([&](const Key&, const Pending& one) { return now_ms > one.until_ms; }, too_late());
}

void AskDesk::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  give_up([](const Key&, const Pending&) { return true; }, not_connected());
}

std::size_t AskDesk::size() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

}  // namespace obelisk::market_app
