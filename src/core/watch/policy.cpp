#include "core/watch/policy.hpp"

#include <string>

#include "core/lease/compare.hpp"

namespace obelisk::watch {
namespace {

using base::Code;
using base::Error;
using escrow::State;
using escrow::to_public_key;

Error no(const char* what, const std::string& why) {
  return {Code::refused, std::string("The watch does not sign ") + what + ": " + why + ".",
          "It signs what it has seen itself; ask again if that has changed."};
}

// Of the account that a statement is about.
base::Result<void> check_account(const char* what, const Ground& ground, const base::PublicKey& key,
                                 const escrow::Lease* account) {
  if (account == nullptr) return no(what, "its node shows no such lease");
  if (to_public_key(account->market) != ground.market) return no(what, "it is of another market");
  if (to_public_key(account->attestor) != key) return no(what, "the lease names another attestor");
  return {};
}

}  // namespace

base::Result<void> may_quote(const Ground& ground, const base::PublicKey& key,
                             const market::Terms& terms, const base::Hash& hash,
                             const QuoteView& view) {
  constexpr const char* kWhat = "this quote";
  if (terms.program != ground.program) return no(kWhat, "it is of another program");
  if (terms.market != ground.market) return no(kWhat, "it is of another market");
  if (terms.attestor != key) return no(kWhat, "it names another attestor");
  if (view.account == nullptr) return no(kWhat, "its node does not show the market account");
  if (to_public_key(view.account->attestor) != key) {
    return no(kWhat, "the market account names another attestor");
  }
  if (view.account->rev != terms.market_rev) return no(kWhat, "the market account has changed");
  if (view.account->paused != 0) return no(kWhat, "the market is paused");
  if (view.account->fee_bps != terms.fee_bps) return no(kWhat, "its fee is not the market's");
  if (terms.expires_at <= view.now_s || terms.expires_at > view.now_s + kLongestQuoteS) {
    return no(kWhat, "it would hold too long, or not at all");
  }
  if (view.before && *view.before != hash) {
    return no(kWhat, "other terms were quoted for its address");
  }
  return {};
}

base::Result<void> may_ready(const Quoted& quoted, std::uint64_t opened_slot,
                             const ReadyView& view) {
  constexpr const char* kWhat = "`ready`";
  const lease::Quote& quote = quoted.quote;
  TRY_VOID(
      check_account(kWhat, {quoted.terms.program, quote.market}, quote.attestor, view.account));
  const escrow::Lease& account = *view.account;
  if (account.state != State::funded || account.opened_slot != opened_slot) {
    return no(kWhat, "it is not the opening that waits for it");
  }
  if (view.market == nullptr) return no(kWhat, "it never saw the market's terms of the quote");
  const auto differs = lease::difference(with_market(quote, *view.market), account);
  if (!differs.empty()) return no(kWhat, std::string(differs) + " is not as quoted");
  if (account.opened_at > quote.expires_at_s)
    return no(kWhat, "it was paid after the quote's time");
  if (view.now_s > account.opened_at + account.ready_deadline_s) {
    return no(kWhat, "its deadline has passed");
  }
  if (view.seen == nullptr || view.seen->terms_hash != quoted.hash) {
    return no(kWhat, "it never logged in there");
  }
  if (view.seen->served_slot != 0 && view.seen->served_slot != opened_slot) {
    return no(kWhat, "its nonce was served before");
  }
  if (!view.seen->checked_ms || view.steady_ms - *view.seen->checked_ms > kCheckedForMs) {
    return no(kWhat, "no login found the machine as quoted just now");
  }
  return {};
}

base::Result<void> may_attest(const Ground& ground, const base::PublicKey& key,
                              const escrow::AttestationFields& fields, const AttestView& view) {
  constexpr const char* kWhat = "this attestation";
  if (fields.program != ground.program) return no(kWhat, "it is of another program");
  TRY_VOID(check_account(kWhat, ground, key, view.account));
  const escrow::Lease& account = *view.account;
  const bool runs = account.state == State::active || account.state == State::closing;
  if (!runs || account.opened_slot != fields.opened_slot) {
    return no(kWhat, "that opening of the lease does not run");
  }
  if (fields.alive_until > account.started_at + account.seconds) {
    return no(kWhat, "it is past the end");
  }
  if (account.state == State::closing && fields.alive_until > account.stopped_at) {
    return no(kWhat, "it is past the stop");
  }
  if (view.seen == nullptr || view.seen->alive_at_s < fields.alive_until) {
    return no(kWhat, "no login of its own proves so much");
  }
  if (view.seen->terms_hash != escrow::to_hash(account.terms_hash)) {
    return no(kWhat, "its logins were for other terms");
  }
  return {};
}

base::Result<void> may_stop_dark(const Ground& ground, const base::PublicKey& key,
                                 const DarkView& view) {
  constexpr const char* kWhat = "a dark stop";
  TRY_VOID(check_account(kWhat, ground, key, view.account));
  if (view.account->state != State::active) return no(kWhat, "the lease does not run");
  if (view.seen == nullptr || !view.seen->ssh) return no(kWhat, "it never reached that machine");
  if (view.now_s - view.started_at_s <= base::UnixSeconds{view.account->gap_limit_s}) {
    return no(kWhat, "it has not been up for the lease's gap limit");
  }
  if (!view.control_ok) return no(kWhat, "it may be the one that is cut off");
  const Seen& seen = *view.seen;
  const bool is_served = seen.served_slot == 0 || seen.served_slot == view.account->opened_slot;
  if (seen.terms_hash != escrow::to_hash(view.account->terms_hash) || !is_served) {
    return no(kWhat, "its logins were for another lease of that address");
  }
  if (seen.first_failure_s == 0) return no(kWhat, "the machine answers");
  if (view.now_s - seen.last_failure_s > kLongestLookAwayS) {
    return no(kWhat, "it has not tried to log in lately");
  }
  if (seen.last_failure_s - seen.first_failure_s <= kDarkAfterS) {
    return no(kWhat, "its logins have not failed for over a minute");
  }
  return {};
}

base::Result<void> may_settle(const Ground& ground, const Paid& paid, const SettleView& view) {
  constexpr const char* kWhat = "that settlement";
  if (view.account == nullptr) return no(kWhat, "its node shows no such lease");
  const escrow::Lease& account = *view.account;
  if (to_public_key(account.market) != ground.market) return no(kWhat, "it is of another market");
  const bool runs = account.state == State::active || account.state == State::closing;
  const bool window_over = account.state == State::closing && view.now_s > account.window_ends;
  const bool time_over =
      account.state == State::active && view.now_s >= account.started_at + account.seconds;
  switch (paid.kind) {
    case PaidKind::ready: return no(kWhat, "it is a `ready`");
    case PaidKind::dark: return no(kWhat, "it is a dark stop");
    case PaidKind::cancel:
      if (account.state == State::funded &&
          view.now_s > account.opened_at + account.ready_deadline_s) {
        return {};
      }
      return no(kWhat, "nobody may cancel that lease yet");
    case PaidKind::claim:
      if (runs && paid.proof && paid.proof->fields.alive_until > account.proven_until) return {};
      return no(kWhat, "the claim proves nothing new");
    case PaidKind::finish:
      if (window_over || time_over) return {};
      return no(kWhat, "nobody may finish that lease yet");
  }
  return no(kWhat, "it is nothing it knows");
}

}  // namespace obelisk::watch
