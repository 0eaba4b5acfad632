// The port's side of the fake cluster: what a node answers.
#include <algorithm>

#include "adapters/fake/fake_chain.hpp"
#include "base/crypto.hpp"

namespace obelisk::fake {

using base::Result;
using ports::Commitment;

class FakeChain::WatchHandle final : public ports::Subscription {
 public:
  WatchHandle(FakeChain& chain, std::uint64_t id) : chain_(chain), id_(id) {}
  ~WatchHandle() override {
    const std::lock_guard lock(chain_.mutex_);
    chain_.watches_.erase(id_);
  }

 private:
  FakeChain& chain_;
  std::uint64_t id_;
};

Result<ports::LatestBlockhash> FakeChain::latest_blockhash(Commitment) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  ports::LatestBlockhash out;
  base::Writer bytes;
  bytes.u64(slot_);
  bytes.u64(++nonce_);
  out.blockhash = base::sha256(bytes.bytes());
  out.last_valid_block_height = slot_ + 150;
  out.slot = slot_;
  return out;
}

Result<ports::BlockHeight> FakeChain::block_height(Commitment) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  return ports::BlockHeight{slot_, slot_};
}

Result<ports::ChainTime> FakeChain::now(Commitment) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  return ports::ChainTime{slot_, now_s_};
}

Result<ports::AccountAt> FakeChain::account(const base::PublicKey& address, Commitment commitment) {
  TRY(auto all, accounts({address}, commitment));
  return std::move(all.front());
}

Result<std::vector<ports::AccountAt>> FakeChain::accounts(
    const std::vector<base::PublicKey>& addresses, Commitment commitment) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  std::vector<ports::AccountAt> out;
  for (const base::PublicKey& address : addresses) {
    const auto found = at(commitment).find(address);
    out.push_back({slot_, std::nullopt});
    if (found != at(commitment).end()) out.back().account = found->second;
  }
  return out;
}

Result<std::vector<ports::ProgramAccount>> FakeChain::program_accounts(
    const base::PublicKey& program, std::optional<std::size_t> data_size,
    const std::vector<ports::DataFilter>& filters, Commitment commitment) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  std::vector<ports::ProgramAccount> out;
  for (const auto& [address, account] : at(commitment)) {
    if (account.owner != program) continue;
    if (data_size && account.data.size() != *data_size) continue;
    const auto matches = [&](const ports::DataFilter& filter) {
      return account.data.size() >= filter.offset + filter.bytes.size() &&
             std::equal(filter.bytes.begin(), filter.bytes.end(),
                        account.data.begin() + static_cast<std::ptrdiff_t>(filter.offset));
    };
    if (std::all_of(filters.begin(), filters.end(), matches)) out.push_back({address, account});
  }
  return out;
}

Result<base::Lamports> FakeChain::minimum_balance(std::size_t data_size) {
  return base::Lamports{(128 + data_size) * escrow::kHighestRentPerByte};
}

// Everything is put back.
std::optional<std::uint32_t> FakeChain::dry_run(const solana::Transaction& transaction) {
  const Accounts processed = processed_;
  const Accounts confirmed = confirmed_;
  const auto landed = landed_;
  const auto pushes = pushes_;
  land(transaction);
  const auto custom = landed_.empty() ? std::nullopt : landed_.back().custom;
  processed_ = processed;
  confirmed_ = confirmed;
  landed_ = landed;
  pushes_ = pushes;
  return custom;
}

Result<base::Signature> FakeChain::send(base::ByteView wire, bool preflight) {
  base::Signature signature;
  {
    const std::lock_guard lock(mutex_);
    TRY_VOID(check_up());
    TRY(const auto transaction, solana::decode_transaction(wire));
    if (!transaction.is_signed()) {
      return base::Error{base::Code::forbidden, "A signature is missing or wrong.", "Sign it.", 0};
    }
    if (preflight) {
      const auto custom = dry_run(transaction);
      if (custom) return rejected(*custom);
    }
    signature = land(transaction);
  }
  deliver();
  return signature;
}

Result<ports::SignatureStatuses> FakeChain::statuses(const std::vector<base::Signature>& signatures,
                                                     ports::Search) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  ports::SignatureStatuses out{slot_, {}};
  for (const base::Signature& signature : signatures) {
    out.found.emplace_back();
    for (const Landed& landed : landed_) {
      if (landed.record.signature != signature) continue;
      Commitment depth = landed.confirmed ? Commitment::confirmed : Commitment::processed;
      if (landed.finalized) depth = Commitment::finalized;
      out.found.back() =
          ports::SignatureStatus{landed.record.slot, depth, landed.record.error, landed.custom};
    }
  }
  return out;
}

Result<ports::Simulation> FakeChain::simulate(base::ByteView wire) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  TRY(const auto transaction, solana::decode_transaction(wire));
  ports::Simulation out;
  out.slot = slot_;
  out.compute_units = 1000;
  out.custom = dry_run(transaction);
  if (out.custom) out.error = "{\"Custom\":" + std::to_string(*out.custom) + "}";
  return out;
}

Result<std::vector<std::uint64_t>> FakeChain::recent_fees(const std::vector<base::PublicKey>&) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  return std::vector<std::uint64_t>{0};
}

Result<std::vector<ports::HistoryEntry>> FakeChain::history(const base::PublicKey& address,
                                                            const ports::HistoryPage& page) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  if (slot_ < page.at_least_slot) {
    return base::Error{base::Code::unreachable, "The node is behind the cluster.", "Try again."};
  }
  std::vector<ports::HistoryEntry> out;
  bool started = !page.before;
  for (auto at = landed_.rbegin(); at != landed_.rend() && out.size() < page.limit; ++at) {
    if (page.until && at->record.signature == *page.until) break;
    const bool ours = address == program_ || at->touched.contains(address);
    if (started && at->confirmed && ours) {
      out.push_back({at->record.signature, at->record.slot, at->record.error.has_value()});
    }
    if (page.before && at->record.signature == *page.before) started = true;
  }
  return out;
}

Result<std::vector<base::Signature>> FakeChain::block_signatures(std::uint64_t slot) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  std::vector<base::Signature> out;
  for (const Landed& landed : landed_) {
    if (landed.confirmed && landed.record.slot == slot) out.push_back(landed.record.signature);
  }
  if (out.empty()) return base::Error{base::Code::not_found, "No block is there.", "Ask another."};
  return out;
}

Result<std::optional<ports::TransactionRecord>> FakeChain::transaction(
    const base::Signature& signature) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(check_up());
  if (hidden_ > 0 && hidden_-- > 0) return std::optional<ports::TransactionRecord>();
  for (const Landed& landed : landed_) {
    if (landed.record.signature == signature && landed.confirmed) {
      return std::optional(landed.record);
    }
  }
  return std::optional<ports::TransactionRecord>();
}

Result<base::Signature> FakeChain::airdrop(const base::PublicKey&, base::Lamports) {
  return base::Error{base::Code::unsupported, "Nobody has a balance here.", "Do without.", 0};
}

std::unique_ptr<ports::Subscription> FakeChain::watch_program(const base::PublicKey&,
                                                              Commitment commitment,
                                                              ProgramCallback callback) {
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = next_watch_++;
    watches_[id] = {commitment, std::move(callback)};
  }
  return std::make_unique<WatchHandle>(*this, id);
}

std::unique_ptr<ports::Subscription> FakeChain::watch_signature(const base::Signature&, Commitment,
                                                                std::function<void()>) {
  return std::make_unique<ports::Subscription>();
}

}  // namespace obelisk::fake
