// The desk's own logins: where they go, what they count as, and whether the world is in sight.
#include <algorithm>

#include "apps/watch/desk.hpp"
#include "core/escrow/bounds.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::watch_app {
namespace {

using base::PublicKey;
using base::Result;
using lease::LoginProblem;
using ports::Commitment;
using watch::LoginAnswer;
using watch::Seen;

constexpr std::int64_t kControlForMs = 60'000;
// Other hosts that are tried for control after one failure; each may hang for seconds.
constexpr std::size_t kMostControls = 2;
constexpr std::size_t kMostAccounts = 100;

LoginAnswer no(LoginProblem problem, const char* why) { return {false, problem, why, {}, 0}; }

}  // namespace

Result<LoginAnswer> Desk::log_in(const watch::QuoteWords& words, const lease::SshAccess& ssh,
                                 bool check_card) {
  TRY(const watch::Quoted quoted, read(words));
  TRY_VOID(take_turn(watch::Act::login, quoted.quote.lease));
  if (!watch::is_sane(ssh)) {
    return no(LoginProblem::wrong_host_key, "the host's SSH address makes no sense");
  }
  if (!watch::is_signed_by(quoted.quote.host, quoted.quote.lease, ssh)) {
    return no(LoginProblem::wrong_host_key, "the host did not sign that host key");
  }
  return log_in_at(quoted.quote, quoted, ssh, check_card);
}

LoginAnswer Desk::log_in_at(const lease::Quote& asked, const watch::Quoted& quoted,
                            const lease::SshAccess& ssh, bool check_card) {
  (void)now();  // a proof is worth what the newest block says
  const auto seen = parts_.memory.find(asked.lease);
  const bool is_known = seen && seen->terms_hash == quoted.hash;
  const bool before_ready = !is_known || seen->served_slot == 0;
  lease::Quote quote = asked;
  if (!before_ready) quote.driver_name = seen->driver_name;
  lease::SshAccess place = ssh;
  LoginAnswer answer = parts_.logins.log_in(quote, place, check_card);
  // A market may name any address: only where it was reached before does silence count.
  const bool elsewhere = is_known && seen->ssh && !watch::is_same_place(*seen->ssh, ssh);
  if (elsewhere && !watch::shows_life(answer, before_ready)) {
    const LoginAnswer there = parts_.logins.log_in(quote, *seen->ssh, check_card);
    if (watch::shows_life(there, before_ready)) {
      answer = there;
      place = *seen->ssh;
    }
  }
  const bool lives = watch::shows_life(answer, before_ready);
  if (lives && !(is_known && watch::is_another_machine(*seen, answer, place))) {
    take_in(quote, quoted, answer, place, check_card && answer.ok);
  } else if (is_known) {
    const auto moment = now().moment;  // of the failure: finding control may take long
    const bool control = has_control(quote.host, place.address);
    parts_.memory.change_known(quote.lease,
                               [&](Seen& known) { watch::failed(known, control, moment); });
  }
  answer.alive_at_s = lives ? now().moment.now_s : 0;
  return answer;
}

void Desk::take_in(const lease::Quote& quote, const watch::Quoted& quoted,
                   const LoginAnswer& answer, const lease::SshAccess& ssh, bool checked) {
  Seen fresh;
  fresh.lease = quote.lease;
  fresh.host = quote.host;
  fresh.terms_hash = quoted.hash;
  fresh.driver_name = quote.driver_name;
  fresh.forget_after_s =
      quoted.terms.expires_at + base::UnixSeconds{escrow::kMaxReadyDeadlineS} + 60;
  const auto moment = now().moment;
  const auto kept = parts_.memory.change(fresh, [&](Seen& known) {
    // `ready` may have been signed while this login was under way.
    if (watch::is_another_machine(known, answer, ssh)) return false;
    const bool other_name = known.served_slot == 0 && known.driver_name != quote.driver_name;
    if (other_name) known.driver_name = quote.driver_name;
    return watch::worked(known, answer, ssh, checked, moment) || other_name;
  });
  if (!kept && parts_.log) parts_.log(kept.error().message, &quote.lease);
}

bool Desk::worked_lately(const PublicKey& host, std::int64_t steady_ms) const {
  for (const Seen& seen : parts_.memory.all()) {
    const bool is_other = seen.host != host && seen.served_slot != 0;
    if (is_other && seen.worked_ms && steady_ms - *seen.worked_ms <= kControlForMs) {
      return true;
    }
  }
  return false;
}

// A login to another host worked lately. Where no other host has a lease, a machine of our own is
// the other one: it dials the same gateways and is visited through them.
bool Desk::has_control(const PublicKey& host, const std::string& address) {
  const std::int64_t steady_ms = parts_.clock.steady_ms();
  // Whatever other hosts do: a gateway that lets nobody through makes no host behind it dark.
  if (parts_.reflects && !parts_.reflects(address)) return false;
  if (worked_lately(host, steady_ms)) return true;
  std::vector<Seen> others = parts_.memory.all();
  std::erase_if(others, [&](const Seen& seen) {
    return seen.host == host || seen.served_slot == 0 || !seen.ssh;
  });
  std::ranges::sort(others, std::ranges::greater{},
                    [](const Seen& seen) { return seen.worked_ms.value_or(INT64_MIN); });
  std::vector<PublicKey> addresses;
  for (const Seen& seen : others) addresses.push_back(seen.lease);
  addresses.resize(std::min(addresses.size(), kMostAccounts));
  const auto accounts = parts_.chain.accounts(addresses, Commitment::confirmed);
  if (!accounts || accounts->size() != addresses.size()) return false;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < addresses.size() && tried < kMostControls; ++i) {
    const auto& there = (*accounts)[i].account;
    const auto lease = there ? escrow::parse_lease(there->data) : std::nullopt;
    if (!lease || lease->state != escrow::State::active) continue;
    ++tried;
    lease::Quote quote;
    quote.lease = others[i].lease;
    quote.host = others[i].host;
    const LoginAnswer answer = parts_.logins.log_in(quote, *others[i].ssh, false);
    if (!answer.ok || watch::is_another_machine(others[i], answer, *others[i].ssh)) continue;
    const auto moment = now().moment;
    parts_.memory.change_known(quote.lease, [&](Seen& known) {
      (void)watch::worked(known, answer, *others[i].ssh, false, moment);
    });
    return true;
  }
  return tried == 0 && now().chain_answers && parts_.reflects;
}

}  // namespace obelisk::watch_app
