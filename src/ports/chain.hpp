// Chain: what we need of a Solana cluster, whichever way it is reached. Every call has a deadline
// and may fail; no answer is trusted to be fresh beyond the slot it names. It must never sign
// anything.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/solana/transaction_record.hpp"

namespace obelisk::ports {

// processed can vanish; confirmed is what we act on; finalized cannot change any more.
enum class Commitment { processed, confirmed, finalized };

// How far back a node looks for a signature: a node remembers about a minute; its whole history is
// slow to search for what is not there.
enum class Search { recent, whole };

struct LatestBlockhash {
  base::Hash blockhash;
  std::uint64_t last_valid_block_height = 0;
  std::uint64_t slot = 0;
};

struct Account {
  base::Lamports lamports;
  base::PublicKey owner;
  base::Bytes data;
};

// An account as one node saw it in `slot`; no account: it does not exist there.
struct AccountAt {
  std::uint64_t slot = 0;
  std::optional<Account> account;
};

struct ProgramAccount {
  base::PublicKey address;
  Account account;
};

struct ChainTime {
  std::uint64_t slot = 0;
  base::UnixSeconds unix_s = 0;  // the cluster's clock: the one that leases are paid by
};

struct SignatureStatus {
  std::uint64_t slot = 0;
  Commitment commitment = Commitment::processed;
  std::optional<std::string> error;     // the runtime's error as JSON text; nothing: it succeeded
  std::optional<std::uint32_t> custom;  // the program's own error code, if that is what it was
};

// A block height, and the slot of the block that has it.
struct BlockHeight {
  std::uint64_t height = 0;
  std::uint64_t slot = 0;

  bool operator==(const BlockHeight&) const = default;
};

// What is known of several signatures, in the order asked; nothing for one that is not known. That
// says no more than that it was in no block up to `slot`.
struct SignatureStatuses {
  std::uint64_t slot = 0;
  std::vector<std::optional<SignatureStatus>> found;
};

using solana::TransactionRecord;

// Bytes at an offset of an account's data, as getProgramAccounts filters.
struct DataFilter {
  std::size_t offset = 0;
  base::Bytes bytes;
};

// What running a transaction now would come to.
struct Simulation {
  std::uint64_t slot = 0;
  std::uint64_t compute_units = 0;
  std::optional<std::string> error;  // as in SignatureStatus
  std::optional<std::uint32_t> custom;
};

// One line of an address's history: failed transactions are in it too.
struct HistoryEntry {
  base::Signature signature;
  std::uint64_t slot = 0;
  bool failed = false;

  bool operator==(const HistoryEntry&) const = default;
};

// Which part of a history, newest first: what is older than `before`, newer than `until`.
struct HistoryPage {
  std::size_t limit = 1000;  // 1..1000
  std::optional<base::Signature> before = {};
  std::optional<base::Signature> until = {};
  Commitment commitment = Commitment::confirmed;  // never processed
  // A node that does not know this slot yet has no answer.
  std::uint64_t at_least_slot = 0;
};

// Ends its subscription when destroyed; no callback runs after that.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

class Chain {
 public:
  virtual ~Chain() = default;

  virtual base::Result<LatestBlockhash> latest_blockhash(Commitment commitment) = 0;
  virtual base::Result<BlockHeight> block_height(Commitment commitment) = 0;
  virtual base::Result<ChainTime> now(Commitment commitment) = 0;
  virtual base::Result<AccountAt> account(const base::PublicKey& address,
                                          Commitment commitment) = 0;
  // In the order asked, at most 100.
  virtual base::Result<std::vector<AccountAt>> accounts(
      const std::vector<base::PublicKey>& addresses, Commitment commitment) = 0;
  virtual base::Result<std::vector<ProgramAccount>> program_accounts(
      const base::PublicKey& program, std::optional<std::size_t> data_size,
      const std::vector<DataFilter>& filters, Commitment commitment) = 0;
  virtual base::Result<base::Lamports> minimum_balance(std::size_t data_size) = 0;

  // Hands signed bytes to the cluster. Success means "forwarded", never "landed"; sending the same
  // bytes twice is harmless. With `preflight` the node runs it first and says what would fail.
  virtual base::Result<base::Signature> send(base::ByteView transaction, bool preflight) = 0;
  virtual base::Result<SignatureStatuses> statuses(const std::vector<base::Signature>& signatures,
                                                   Search search) = 0;
  // Runs it on the newest state with a fresh blockhash and without looking at signatures; nothing
  // happens to it.
  virtual base::Result<Simulation> simulate(base::ByteView transaction) = 0;
  // What it took in each of the last blocks to land a transaction that locks all of these (at most
  // 128) for writing: micro-lamports for a compute unit, 0 where nobody paid more than the base.
  virtual base::Result<std::vector<std::uint64_t>> recent_fees(
      const std::vector<base::PublicKey>& writable) = 0;
  virtual base::Result<std::vector<HistoryEntry>> history(const base::PublicKey& address,
                                                          const HistoryPage& page) = 0;
  // The newest of them, at most `limit` (1..1000), newest first.
  base::Result<std::vector<base::Signature>> signatures_for(const base::PublicKey& address,
                                                            std::size_t limit) {
    TRY(const auto entries, history(address, {.limit = limit}));
    std::vector<base::Signature> out;
    for (const HistoryEntry& entry : entries) out.push_back(entry.signature);
    return out;
  }
  // All signatures of the confirmed block in this slot, in the order they ran. Code::not_found:
  // the slot has no block (any more).
  virtual base::Result<std::vector<base::Signature>> block_signatures(std::uint64_t slot) = 0;
  // Nothing if no such transaction is confirmed (yet).
  virtual base::Result<std::optional<TransactionRecord>> transaction(
      const base::Signature& signature) = 0;

  virtual base::Result<base::Signature> airdrop(const base::PublicKey& to,
                                                base::Lamports amount) = 0;

  // Calls back on a thread of the adapter with every change of an account of `program` at
  // `commitment`, and once with no account after every (re)connect: then the caller must read the
  // state anew, since nothing is replayed. A closed account is not reported.
  using ProgramCallback =
      std::function<void(const std::optional<ProgramAccount>&, std::uint64_t slot)>;
  virtual std::unique_ptr<Subscription> watch_program(const base::PublicKey& program,
                                                      Commitment commitment,
                                                      ProgramCallback callback) = 0;
  // Calls back once, on a thread of the adapter, when a node says that the transaction reached
  // `commitment`, well or not. A hint to look sooner: it may never come.
  virtual std::unique_ptr<Subscription> watch_signature(const base::Signature& signature,
                                                        Commitment commitment,
                                                        std::function<void()> callback) = 0;
};

}  // namespace obelisk::ports
