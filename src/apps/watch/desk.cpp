#include "apps/watch/desk.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::watch_app {
namespace {

using base::Code;
using base::Error;
using base::PublicKey;
using base::Result;
using ports::Commitment;
using watch::Act;
using watch::LoginAnswer;
using watch::PaidKind;
using watch::Seen;

constexpr std::int64_t kFreshMs = 1'000;
constexpr std::size_t kMostRevisions = 16;
constexpr std::size_t kMostQuotes = 200'000;

Act act_of(PaidKind kind) {
  switch (kind) {
    case PaidKind::ready: return Act::ready;
    case PaidKind::dark: return Act::dark;
    case PaidKind::claim: return Act::settle;
    case PaidKind::finish: return Act::settle;
    case PaidKind::cancel: return Act::settle;
  }
  return Act::settle;
}

Error another_word() {
  return {Code::refused, "That transaction is another word than it was asked as.",
          "Ask for each thing by its own name.", 0};
}

}  // namespace

// --- what it sees ---

void Desk::look() {
  const auto time = parts_.chain.now(Commitment::confirmed);
  if (!time) return;
  const auto answer = parts_.chain.account(parts_.ground.market, Commitment::confirmed);
  std::optional<escrow::Market> account;
  if (answer && answer->account && answer->account->owner == parts_.ground.program) {
    account = escrow::parse_market(answer->account->data);
  }
  const std::lock_guard lock(mutex_);
  clock_.saw(time->slot, time->unix_s, parts_.clock.steady_ms());
  if (!account) return;
  market_[account->rev] = *account;
  while (market_.size() > kMostRevisions) market_.erase(market_.begin());
}

Desk::Now Desk::now() {
  const auto is_fresh = [this] {
    const std::lock_guard lock(mutex_);
    const auto at = clock_.answered_ms();
    return at && parts_.clock.steady_ms() - *at <= kFreshMs;
  };
  if (!is_fresh()) look();
  const std::int64_t steady_ms = parts_.clock.steady_ms();
  const std::lock_guard lock(mutex_);
  return {{clock_.now_s(), clock_.may_be_s(steady_ms), steady_ms},
          clock_.started_at_s(),
          clock_.answers(steady_ms)};
}

std::optional<escrow::Market> Desk::market_at(std::uint64_t rev) {
  const auto find = [&]() -> std::optional<escrow::Market> {
    const std::lock_guard lock(mutex_);
    const auto at = market_.find(rev);
    return at == market_.end() ? std::nullopt : std::optional(at->second);
  };
  auto found = find();
  if (found) return found;
  look();  // it may have changed this moment
  return find();
}

std::optional<escrow::Market> Desk::newest_market() {
  const std::lock_guard lock(mutex_);
  if (market_.empty() || !clock_.answers(parts_.clock.steady_ms())) return std::nullopt;
  return market_.rbegin()->second;
}

Result<Desk::Account> Desk::account(const PublicKey& lease) {
  TRY(const auto answer, parts_.chain.account(lease, Commitment::confirmed));
  Account out;
  if (answer.account && answer.account->owner == parts_.ground.program) {
    out.lease = escrow::parse_lease(answer.account->data);
  }
  return out;
}

// --- what it signs ---

watch::Keys Desk::keys() const {
  watch::Keys out;
  for (const ports::Signer* key : parts_.keys) out.attestors.push_back(key->public_key());
  out.login_key = parts_.logins.public_key();
  return out;
}

ports::Signer* Desk::key_of(const PublicKey& key) const {
  const auto at = std::ranges::find_if(
      parts_.keys, [&](const ports::Signer* one) { return one->public_key() == key; });
  return at == parts_.keys.end() ? nullptr : *at;
}

Result<watch::Quoted> Desk::read(const watch::QuoteWords& quote) const {
  const auto is_ours = [this](const PublicKey& key) { return key_of(key) != nullptr; };
  TRY(auto out, watch::read_quoted(parts_.ground, is_ours, quote.terms, quote.signature));
  out.quote.driver_name = quote.driver_name;
  return out;
}

Result<void> Desk::take_turn(Act act, const PublicKey& lease) {
  const std::lock_guard lock(mutex_);
  return limits_.take(act, lease, parts_.clock.steady_ms());
}

Desk::Signature Desk::refused(Error error, const PublicKey* lease) const {
  if (parts_.log) parts_.log(error.message, lease);
  return error;
}

Desk::Signature Desk::quote(const std::string& text) {
  TRY(const auto terms, market::read_terms(text));
  const PublicKey lease =
      settlement::lease_address(parts_.ground.program, terms.renter, terms.nonce).address;
  TRY_VOID(take_turn(Act::quote, lease));
  ports::Signer* const key = key_of(terms.attestor);
  if (key == nullptr) return refused(another_word(), &lease);
  const Now at = now();
  (void)market_at(terms.market_rev);
  const auto account = newest_market();
  const base::Hash hash = market::terms_hash(text);
  watch::QuoteView view{account ? &*account : nullptr, at.moment.now_s, std::nullopt};
  const std::lock_guard lock(mutex_);
  const auto before = quoted_.find(lease);
  if (before != quoted_.end() && before->second.expires_at_s >= view.now_s) {
    view.before = before->second.hash;
  }
  const auto allowed = watch::may_quote(parts_.ground, key->public_key(), terms, hash, view);
  if (!allowed) return refused(allowed.error(), &lease);
  if (quoted_.size() >= kMostQuotes) {
    std::erase_if(quoted_, [&](const auto& one) { return one.second.expires_at_s < view.now_s; });
    if (quoted_.size() >= kMostQuotes) {
      return Error{Code::rate_limited, "The watch has signed too many quotes.", "Wait a minute.",
                   0};
    }
  }
  quoted_[lease] = {hash, terms.expires_at};
  return key->sign(market::quote_message(hash));
}

Desk::Signature Desk::attestation(const PublicKey& key_name,
                                  const escrow::AttestationFields& fields) {
  TRY_VOID(take_turn(Act::attest, fields.lease));
  ports::Signer* const key = key_of(key_name);
  if (key == nullptr) return refused(another_word(), &fields.lease);
  TRY(const Account found, account(fields.lease));
  const auto seen = parts_.memory.find(fields.lease);
  const auto allowed =
      watch::may_attest(parts_.ground, key_name, fields, {found.get(), seen ? &*seen : nullptr});
  if (!allowed) return refused(allowed.error(), &fields.lease);
  if (seen->served_slot != fields.opened_slot) {
    // Of a lease that runs since before this memory: from now on its machine stays the same.
    TRY_VOID(parts_.memory.change(*seen, [&](Seen& known) {
      known.served_slot = fields.opened_slot;
      return true;
    }));
  }
  return key->sign(escrow::encode_attestation(fields));
}

Result<watch::Paid> Desk::read_paid(base::ByteView message, Act act) {
  TRY(auto out, watch::read_paid(message, parts_.ground.program, parts_.most_fee_lamports));
  if (act_of(out.kind) != act || key_of(out.payer) == nullptr) return another_word();
  TRY_VOID(take_turn(act, out.lease));
  return out;
}

Desk::Signature Desk::sign_paid(const watch::Paid& paid, const escrow::Lease& account,
                                base::ByteView message) {
  const auto written =
      watch::check_paid(message, paid, parts_.ground.program,
                        escrow::accounts_of(paid.lease, account), account.opened_slot);
  if (!written) return refused(written.error(), &paid.lease);
  return key_of(paid.payer)->sign(message);
}

Desk::Signature Desk::ready(const watch::QuoteWords& words, base::ByteView message) {
  TRY(const watch::Paid paid, read_paid(message, Act::ready));
  TRY(const watch::Quoted quoted, read(words));
  const PublicKey& lease = quoted.quote.lease;
  if (paid.lease != lease || paid.payer != quoted.quote.attestor) {
    return refused(another_word(), &lease);
  }
  const auto is_checked = [&](const std::optional<Seen>& seen) {
    const std::int64_t steady_ms = parts_.clock.steady_ms();
    return seen && seen->checked_ms && steady_ms - *seen->checked_ms <= watch::kCheckedForMs;
  };
  auto seen = parts_.memory.find(lease);
  if (seen && seen->ssh && seen->terms_hash == quoted.hash && !is_checked(seen)) {
    (void)log_in_at(quoted.quote, quoted, *seen->ssh, true);
    seen = parts_.memory.find(lease);
  }
  TRY(const Account found, account(lease));
  const auto market = market_at(quoted.quote.market_rev);
  const Now at = now();
  const auto allowed = watch::may_ready(quoted, paid.opened_slot,
                                        {found.get(), market ? &*market : nullptr, at.moment.now_s,
                                         seen ? &*seen : nullptr, at.moment.steady_ms});
  if (!allowed) return refused(allowed.error(), &lease);
  TRY_VOID(parts_.memory.change(*seen, [&](Seen& known) {
    known.served_slot = paid.opened_slot;
    return true;
  }));
  return sign_paid(paid, *found.lease, message);
}

Desk::Signature Desk::dark(base::ByteView message) {
  TRY(const watch::Paid paid, read_paid(message, Act::dark));
  TRY(const Account found, account(paid.lease));
  const auto seen = parts_.memory.find(paid.lease);
  const Now at = now();
  const bool control = seen && seen->ssh && has_control(seen->host, seen->ssh->address);
  const auto allowed = watch::may_stop_dark(
      parts_.ground, paid.payer,
      {found.get(), seen ? &*seen : nullptr, at.moment.now_s, at.started_at_s, control});
  if (!allowed) return refused(allowed.error(), &paid.lease);
  return sign_paid(paid, *found.lease, message);
}

Desk::Signature Desk::settlement(base::ByteView message) {
  TRY(const watch::Paid paid, read_paid(message, Act::settle));
  TRY(const Account found, account(paid.lease));
  const Now at = now();
  const auto allowed = watch::may_settle(parts_.ground, paid, {found.get(), at.moment.now_s});
  if (!allowed) return refused(allowed.error(), &paid.lease);
  return sign_paid(paid, *found.lease, message);
}

void Desk::sweep() {
  constexpr std::size_t kAtOnce = 100;
  const Now at = now();
  if (!at.chain_answers) return;
  const std::vector<Seen> all = parts_.memory.all();
  for (std::size_t from = 0; from < all.size(); from += kAtOnce) {
    std::vector<PublicKey> some;
    const std::size_t end = std::min(all.size(), from + kAtOnce);
    for (std::size_t i = from; i < end; ++i) some.push_back(all[i].lease);
    const auto answers = parts_.chain.accounts(some, Commitment::confirmed);
    if (!answers || answers->size() != some.size()) continue;
    for (std::size_t i = 0; i < some.size(); ++i) {
      const auto& there = (*answers)[i].account;
      const bool is_gone = !there || there->owner != parts_.ground.program;
      // Until then it could be opened once more, and must not be served again.
      if (is_gone && at.moment.now_s > all[from + i].forget_after_s) parts_.memory.forget(some[i]);
    }
  }
}

}  // namespace obelisk::watch_app
