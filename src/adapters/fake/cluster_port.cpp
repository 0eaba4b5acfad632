// The port's side of the cluster in memory: what its node answers.
#include <algorithm>

#include "adapters/fake/cluster.hpp"
#include "base/crypto.hpp"
#include "core/escrow/layout.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::fake {

using base::Code;
using base::Error;
using base::Result;
using ports::Commitment;

class Cluster::WatchHandle final : public ports::Subscription {
 public:
  WatchHandle(Cluster& cluster, std::uint64_t id) : cluster_(cluster), id_(id) {}
  ~WatchHandle() override { cluster_.watches_.erase(id_); }

 private:
  Cluster& cluster_;
  std::uint64_t id_;
};

// For a node that is behind everything that it knows is final, and nothing else is there.
std::uint64_t Cluster::seen_slot(Commitment commitment) const {
  return behind_ ? tip_ - behind_slots_ : slot_at(commitment);
}

std::size_t Cluster::seen_count(Commitment commitment) const {
  return behind_ ? behind_count_ : count_at(commitment);
}

const AccountMap& Cluster::seen_accounts(Commitment commitment) const {
  return behind_ ? behind_state_ : accounts_at(commitment);
}

Result<ports::LatestBlockhash> Cluster::latest_blockhash(Commitment commitment) {
  const std::uint64_t slot = seen_slot(commitment);
  return ports::LatestBlockhash{blockhash_of(slot), slot + kBlockhashLife, slot};
}

Result<ports::BlockHeight> Cluster::block_height(Commitment commitment) {
  const std::uint64_t slot = seen_slot(commitment);
  return ports::BlockHeight{slot, slot};
}

Result<ports::ChainTime> Cluster::now(Commitment commitment) {
  const std::uint64_t slot = seen_slot(commitment);
  return ports::ChainTime{slot, time_of(slot)};
}

Result<ports::AccountAt> Cluster::account(const base::PublicKey& address, Commitment commitment) {
  TRY(auto all, accounts({address}, commitment));
  return std::move(all.front());
}

Result<std::vector<ports::AccountAt>> Cluster::accounts(
    const std::vector<base::PublicKey>& addresses, Commitment commitment) {
  const AccountMap& state = seen_accounts(commitment);
  std::vector<ports::AccountAt> out;
  out.reserve(addresses.size());
  for (const base::PublicKey& address : addresses) {
    out.push_back({seen_slot(commitment), std::nullopt});
    if (const auto at = state.find(address); at != state.end()) out.back().account = at->second;
  }
  return out;
}

Result<std::vector<ports::ProgramAccount>> Cluster::program_accounts(
    const base::PublicKey& program, std::optional<std::size_t> data_size,
    const std::vector<ports::DataFilter>& filters, Commitment commitment) {
  std::vector<ports::ProgramAccount> out;
  for (const auto& [address, account] : seen_accounts(commitment)) {
    if (account.owner != program || account.data.empty()) continue;
    if (data_size && account.data.size() != *data_size) continue;
    const auto& data = account.data;
    const bool fits = std::all_of(filters.begin(), filters.end(), [&](const auto& filter) {
      return data.size() >= filter.offset + filter.bytes.size() &&
             std::equal(filter.bytes.begin(), filter.bytes.end(),
                        data.begin() + static_cast<std::ptrdiff_t>(filter.offset));
    });
    if (fits) out.push_back({address, account});
  }
  return out;
}

Result<base::Lamports> Cluster::minimum_balance(std::size_t data_size) {
  return base::Lamports{(escrow::kAccountOverheadBytes + data_size) * escrow::kHighestRentPerByte};
}

Result<base::Signature> Cluster::send(base::ByteView wire, bool preflight) {
  TRY(const auto transaction, solana::decode_transaction(wire));
  if (!transaction.is_signed()) {
    return Error{Code::forbidden, "A signature is missing or wrong.", "Sign it.", 0};
  }
  if (preflight && !is_alive(transaction.message().blockhash, tip_)) {
    return Error{Code::expired, "The node does not know the blockhash.", "Sign a new one.", 0};
  }
  if (preflight) {
    const auto run = execute(processed_state_, program_, {time_of(tip_), tip_}, transaction);
    if (!run.fee_paid) {
      return Error{Code::insufficient_funds, "The payer cannot pay the fee.", "Send it some.", 0};
    }
    if (run.custom == kTooPoor) {
      return Error{Code::insufficient_funds, "The wallet holds too little.", "Send it some.", 0};
    }
    if (run.error) {
      return Error{Code::rejected_on_chain, "It would fail: " + *run.error + ".", "Look at it.", 0};
    }
  }
  const auto is_it = [&](const Pending& other) {
    return other.transaction.id() == transaction.id();
  };
  const bool known =
      place_.contains(transaction.id()) || std::any_of(pool_.begin(), pool_.end(), is_it);
  if (const auto ms = known ? std::nullopt : travel_ms()) {
    pool_.push_back({transaction, now_ms_ + *ms, false, {}, {}});
  }
  return transaction.id();
}

Result<ports::SignatureStatuses> Cluster::statuses(const std::vector<base::Signature>& signatures,
                                                   ports::Search) {
  ports::SignatureStatuses out{seen_slot(Commitment::processed), {}};
  for (const base::Signature& signature : signatures) {
    out.found.emplace_back();
    const auto at = place_.find(signature);
    if (at == place_.end() || at->second >= seen_count(Commitment::processed)) continue;
    const Landed& landed = landed_[at->second];
    Commitment depth = Commitment::processed;
    if (at->second < confirmed_) depth = Commitment::confirmed;
    if (at->second < finalized_) depth = Commitment::finalized;
    out.found.back() =
        ports::SignatureStatus{landed.record.slot, depth, landed.record.error, landed.custom};
  }
  return out;
}

Result<ports::Simulation> Cluster::simulate(base::ByteView wire) {
  TRY(const auto transaction, solana::decode_transaction(wire));
  const std::uint64_t slot = seen_slot(Commitment::processed);
  const AccountMap& state = seen_accounts(Commitment::processed);
  const auto run = execute(state, program_, {time_of(slot), slot}, transaction);
  if (!run.fee_paid) return ports::Simulation{slot, 0, "\"InsufficientFundsForFee\"", {}};
  return ports::Simulation{slot, 1000, run.error, run.custom};
}

Result<std::vector<std::uint64_t>> Cluster::recent_fees(const std::vector<base::PublicKey>&) {
  return std::vector<std::uint64_t>{0};
}

Result<std::vector<ports::HistoryEntry>> Cluster::history(const base::PublicKey& address,
                                                          const ports::HistoryPage& page) {
  if (seen_slot(page.commitment) < page.at_least_slot) {
    return Error{Code::unreachable, "The node is behind the cluster.", "Try again.", 0};
  }
  std::vector<ports::HistoryEntry> out;
  bool started = !page.before;
  for (std::size_t i = seen_count(page.commitment); i > 0 && out.size() < page.limit; --i) {
    const Landed& landed = landed_[i - 1];
    const base::Signature& signature = landed.record.signature;
    if (page.until && signature == *page.until) break;
    const bool is_in =
        std::find(landed.keys.begin(), landed.keys.end(), address) != landed.keys.end();
    if (started && is_in) out.push_back({signature, landed.record.slot, !!landed.record.error});
    if (page.before && signature == *page.before) started = true;
  }
  return out;
}

Result<std::vector<base::Signature>> Cluster::block_signatures(std::uint64_t slot) {
  std::vector<base::Signature> out;
  for (std::size_t i = 0; i < seen_count(Commitment::confirmed); ++i) {
    if (landed_[i].record.slot == slot) out.push_back(landed_[i].record.signature);
  }
  if (out.empty() && slot > seen_slot(Commitment::confirmed)) {
    return Error{Code::not_found, "No block is there.", "Ask for another slot.", 0};
  }
  return out;
}

Result<std::optional<ports::TransactionRecord>> Cluster::transaction(
    const base::Signature& signature) {
  const auto at = place_.find(signature);
  if (at == place_.end() || at->second >= seen_count(Commitment::confirmed)) {
    return std::optional<ports::TransactionRecord>();
  }
  return std::optional(landed_[at->second].record);
}

// The faucet's own transaction, which nobody has to sign here.
Result<base::Signature> Cluster::airdrop(const base::PublicKey& to, base::Lamports amount) {
  base::PublicKey faucet;
  faucet.bytes.fill(0xfa);
  base::Writer number;
  number.u64(++airdrops_);
  base::Hash blockhash = base::sha256(number.bytes());
  TRY(auto message, solana::compile_message(faucet, {solana::transfer(faucet, to, amount)},
                                            blockhash, solana::MessageVersion::legacy));
  solana::Transaction transaction(std::move(message));
  base::Signature name;
  const base::Hash half = base::sha256(transaction.message_bytes());
  std::copy(half.bytes.begin(), half.bytes.end(), name.bytes.begin());
  base::Bytes wire = transaction.wire();
  std::copy(name.bytes.begin(), name.bytes.end(), wire.begin() + 1);
  TRY(const auto named, solana::decode_transaction(wire));
  pool_.push_back({named, now_ms_, true, to, amount});
  return name;
}

std::uint64_t Cluster::add_watch(Watch watch) {
  watches_[next_watch_] = std::move(watch);
  return next_watch_++;
}

std::unique_ptr<ports::Subscription> Cluster::watch_program(const base::PublicKey& program,
                                                            Commitment commitment,
                                                            ProgramCallback callback) {
  if (program != program_) return std::make_unique<ports::Subscription>();
  callback(std::nullopt, 0);
  return std::make_unique<WatchHandle>(*this, add_watch({commitment, std::move(callback), {}, {}}));
}

std::unique_ptr<ports::Subscription> Cluster::watch_signature(const base::Signature& signature,
                                                              Commitment commitment,
                                                              std::function<void()> callback) {
  const auto id = add_watch({commitment, {}, signature, std::move(callback)});
  return std::make_unique<WatchHandle>(*this, id);
}

}  // namespace obelisk::fake
