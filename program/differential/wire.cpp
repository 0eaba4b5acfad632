#include "program/differential/wire.hpp"

#include <algorithm>
#include <set>

#include "base/check.hpp"

namespace obelisk::differential {
namespace {

using base::PublicKey;

constexpr std::size_t kLargestTransaction = 1232;

void put_short(base::Writer& out, std::size_t number) {
  for (; number > 0x7f; number >>= 7) out.u8(static_cast<std::uint8_t>(number | 0x80));
  out.u8(static_cast<std::uint8_t>(number));
}

// The keys of a message in the order of its header: who signs first, who is written to first.
struct Keys {
  std::vector<PublicKey> keys;
  std::uint8_t signers = 0;
  std::uint8_t read_only_signers = 0;
  std::uint8_t read_only = 0;

  std::uint8_t index_of(const PublicKey& key) const {
    const auto found = std::find(keys.begin(), keys.end(), key);
    CHECK(found != keys.end());
    return static_cast<std::uint8_t>(found - keys.begin());
  }
};

Keys keys_of(const PublicKey& payer, const Transaction& transaction) {
  struct Flags {
    bool signs = false;
    bool writes = false;
  };
  std::map<PublicKey, Flags> flags;
  for (const Act& act : transaction) {
    flags[act.call.program];
    for (const escrow::CallAccount& account : act.call.accounts) {
      CHECK(account.key != payer);
      flags[account.key].signs |= account.is_signer;
      flags[account.key].writes |= account.is_writable;
    }
  }
  Keys out;
  out.keys.push_back(payer);
  out.signers = 1;
  for (const auto& [signs, writes] :
       {std::pair{true, true}, {true, false}, {false, true}, {false, false}}) {
    for (const auto& [key, flag] : flags) {
      if (flag.signs != signs || flag.writes != writes) continue;
      out.keys.push_back(key);
      out.signers = static_cast<std::uint8_t>(out.signers + signs);
      out.read_only_signers = static_cast<std::uint8_t>(out.read_only_signers + (signs && !writes));
      out.read_only = static_cast<std::uint8_t>(out.read_only + (!signs && !writes));
    }
  }
  return out;
}

void put_account(base::Writer& out, const PublicKey& key, const Account& account) {
  out.put(key.view());
  out.put(account.owner.view());
  out.u64(account.lamports);
  out.u16(static_cast<std::uint16_t>(account.data.size()));
  out.put(account.data);
}

void put_accounts(base::Writer& out, const Ledger& ledger) {
  out.u16(static_cast<std::uint16_t>(ledger.accounts().size()));
  for (const auto& [key, account] : ledger.accounts()) put_account(out, key, account);
}

// Those of the ledger that the transaction names; programs and sysvars are the VM's own.
void put_named(base::Writer& out, const Ledger& ledger, const Transaction& transaction) {
  std::set<PublicKey> named;
  for (const Act& act : transaction) {
    for (const escrow::CallAccount& account : act.call.accounts) {
      if (ledger.accounts().contains(account.key)) named.insert(account.key);
    }
  }
  out.u16(static_cast<std::uint16_t>(named.size()));
  for (const PublicKey& key : named) put_account(out, key, ledger.at(key));
}

base::Writer begin(FrameKind kind) {
  base::Writer out;
  out.u8(static_cast<std::uint8_t>(kind));
  return out;
}

base::Bytes framed(const base::Writer& body) {
  base::Writer out;
  out.u32(static_cast<std::uint32_t>(body.bytes().size()));
  out.put(body.bytes());
  return std::move(out).take();
}

}  // namespace

base::Bytes encode_transaction(const PublicKey& payer, const Transaction& transaction) {
  const Keys keys = keys_of(payer, transaction);
  base::Writer out;
  put_short(out, keys.signers);
  out.put(base::Bytes(64u * keys.signers, 0));
  out.u8(keys.signers);
  out.u8(keys.read_only_signers);
  out.u8(keys.read_only);
  put_short(out, keys.keys.size());
  for (const PublicKey& key : keys.keys) out.put(key.view());
  out.put(base::Bytes(32, 0));  // any block's hash will do
  put_short(out, transaction.size());
  for (const Act& act : transaction) {
    out.u8(keys.index_of(act.call.program));
    put_short(out, act.call.accounts.size());
    for (const escrow::CallAccount& account : act.call.accounts) out.u8(keys.index_of(account.key));
    put_short(out, act.call.data.size());
    out.put(act.call.data);
  }
  CHECK(out.bytes().size() <= kLargestTransaction);
  return std::move(out).take();
}

base::Bytes start_frame(const Ledger& ledger, std::uint64_t seed) {
  base::Writer out = begin(FrameKind::start);
  out.u64(seed);
  put_accounts(out, ledger);
  return framed(out);
}

base::Bytes step_frame(const Ledger& ledger, const PublicKey& payer, std::uint64_t index,
                       const Step& step) {
  base::Writer out = begin(FrameKind::step);
  out.u32(static_cast<std::uint32_t>(index));
  out.i64(ledger.now);
  out.u64(ledger.slot);
  out.u16(static_cast<std::uint16_t>(step.text.size()));
  out.put(step.text);
  const base::Bytes transaction = encode_transaction(payer, step.transaction);
  out.u16(static_cast<std::uint16_t>(transaction.size()));
  out.put(transaction);
  const Verdict& verdict = step.verdict;
  out.u8(static_cast<std::uint8_t>(verdict.end));
  out.u8(static_cast<std::uint8_t>(verdict.at));
  out.u32(static_cast<std::uint32_t>(verdict.code));
  out.u8(static_cast<std::uint8_t>(verdict.traces.size()));
  for (const Trace& trace : verdict.traces) {
    out.u8(static_cast<std::uint8_t>(trace.row));
    out.u8(static_cast<std::uint8_t>(trace.found));
    out.u8(trace.left_out);
  }
  out.u8(static_cast<std::uint8_t>(verdict.events.size()));
  for (const base::Bytes& event : verdict.events) out.put(event);
  put_named(out, ledger, step.transaction);
  return framed(out);
}

base::Bytes end_frame(const Ledger& ledger) {
  base::Writer out = begin(FrameKind::end);
  put_accounts(out, ledger);
  return framed(out);
}

}  // namespace obelisk::differential
