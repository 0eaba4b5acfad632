#include "program/differential/ledger.hpp"

#include "base/check.hpp"
#include "core/escrow/codec.hpp"
#include "program/differential/model.hpp"

namespace obelisk::differential {
namespace {

using base::PublicKey;

constexpr std::uint64_t kTooLittle = 1;  // the System program's code

struct Flags {
  bool signs = false;
  bool writes = false;
};

// A key has one set of flags in a transaction, whatever place it stands in. Programs that are
// called and reserved keys are read-only, whatever was asked for.
std::map<PublicKey, Flags> merged_flags(const Transaction& transaction) {
  std::map<PublicKey, Flags> flags;
  for (const Act& act : transaction) {
    for (const escrow::CallAccount& account : act.call.accounts) {
      flags[account.key].signs |= account.is_signer;
      flags[account.key].writes |= account.is_writable;
    }
  }
  for (const Act& act : transaction) flags[act.call.program].writes = false;
  for (const PublicKey& reserved :
       {escrow::system_program(), escrow::instructions_sysvar(), escrow::ed25519_program()}) {
    flags[reserved].writes = false;
  }
  return flags;
}

std::uint64_t rent_of(const Account& account) {
  return (escrow::kAccountOverheadBytes + account.data.size()) * escrow::kHighestRentPerByte;
}

// The runtime lets no account be left with less than its rent but for nothing at all; one that was
// so already may only get poorer.
bool rent_holds(const Account& before, const Account& after) {
  if (after.lamports == 0 || after.lamports >= rent_of(after)) return true;
  return before.lamports != 0 && before.lamports < rent_of(before) &&
         before.data.size() == after.data.size() && after.lamports <= before.lamports;
}

// A System transfer between wallets, as the test makes them.
Outcome transfer(Ledger& ledger, const escrow::Call& call) {
  base::Reader data(call.data);
  CHECK(data.u32() == 2);
  const std::uint64_t lamports = data.u64();
  CHECK(data.at_end() && call.accounts.size() == 2);
  Account& from = ledger.edit(call.accounts[0].key);
  if (from.lamports < lamports) return {End::refused, kTooLittle, 0, {}};
  from.lamports -= lamports;
  ledger.edit(call.accounts[1].key).lamports += lamports;
  return {};
}

Frame frame_at(const Transaction& transaction, std::size_t index,
               const std::map<PublicKey, Flags>& flags) {
  CHECK(index < transaction.size());
  Frame frame = {transaction, index, {}};
  for (const escrow::CallAccount& account : transaction[index].call.accounts) {
    const Flags& merged = flags.at(account.key);
    frame.places.push_back({account.key, merged.signs, merged.writes});
  }
  return frame;
}

Outcome run_one(Ledger& ledger, const Frame& frame) {
  const Act& act = frame.all[frame.index];
  if (act.call.program == ledger.program()) return execute(ledger, frame);
  if (act.call.program == escrow::system_program()) return transfer(ledger, act.call);
  CHECK(act.call.program == escrow::ed25519_program());
  return act.forged ? Outcome{End::forged, 0, 0, {}} : Outcome{};
}

}  // namespace

const char* name_of(Row row) {
  switch (row) {
    case Row::create_market: return "create_market";
    case Row::update_market: return "update_market";
    case Row::open: return "open";
    case Row::ready: return "ready";
    case Row::cancel_renter: return "cancel_renter";
    case Row::cancel_anyone: return "cancel_anyone";
    case Row::extend: return "extend";
    case Row::claim: return "claim";
    case Row::stop_served: return "stop_served";
    case Row::stop_disputed: return "stop_disputed";
    case Row::stop_waived: return "stop_waived";
    case Row::stop_dark: return "stop_dark";
    case Row::finish: return "finish";
    case Row::other: return "other";
  }
  return "";
}

const Account& Ledger::at(const PublicKey& key) const {
  static const Account kNone;
  const auto found = accounts_.find(key);
  return found == accounts_.end() ? kNone : found->second;
}

Found Ledger::lease_at(const PublicKey& key) const {
  const Account& account = at(key);
  const auto lease = escrow::parse_lease(account.data);
  if (account.owner != program_ || !lease) return Found::none;
  return static_cast<Found>(lease->state);
}

Verdict Ledger::run(const Transaction& transaction) {
  // Nothing but what a transaction names can change.
  std::map<PublicKey, Account> before;
  for (const Act& act : transaction) {
    for (const escrow::CallAccount& named : act.call.accounts) {
      before.emplace(named.key, at(named.key));
    }
  }
  Verdict verdict = run_all(transaction);
  if (verdict.end == End::done) {
    for (const auto& [key, was] : before) {
      if (!rent_holds(was, at(key))) verdict.end = End::rent;
    }
  }
  if (verdict.end == End::done) return verdict;
  for (auto& [key, was] : before) {
    if (accounts_.contains(key)) accounts_[key] = std::move(was);
  }
  verdict.events.clear();
  return verdict;
}

Verdict Ledger::run_all(const Transaction& transaction) {
  const auto flags = merged_flags(transaction);
  Verdict verdict;
  for (std::size_t i = 0; i < transaction.size(); ++i) {
    const Frame frame = frame_at(transaction, i, flags);
    const bool ours = transaction[i].call.program == program_;
    if (ours) verdict.traces.push_back(trace_of(*this, frame));
    Outcome outcome = run_one(*this, frame);
    if (ours) verdict.traces.back().left_out = outcome.left_out;
    if (outcome.event) verdict.events.push_back(std::move(*outcome.event));
    if (outcome.end == End::done) continue;
    verdict.end = outcome.end;
    verdict.at = i;
    verdict.code = outcome.code;
    // A false signature counts for the claim that it stands before.
    if (outcome.end == End::forged) {
      verdict.traces.push_back(trace_of(*this, frame_at(transaction, i + 1, flags)));
    }
    return verdict;
  }
  return verdict;
}

}  // namespace obelisk::differential
