// The indexer: brings the index up to the chain, one look after the other. It may be killed between
// any two calls: what it had begun is found in the store. It must never take a node's silence for
// an answer, and never leave a block half written.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/index_store.hpp"

namespace obelisk::indexer {

struct Status {
  std::uint64_t head_slot = 0;   // the newest confirmed slot that a node named
  std::uint64_t done_slot = 0;   // everything up to here is in the index
  std::uint64_t final_slot = 0;  // and final up to here
  std::uint64_t listed = 0;      // transactions that are news since the last whole look, so far
  std::uint64_t written = 0;     // of them in the index
  std::uint64_t left = 0;        // that a node listed and does not give: asked for again
};

struct Parts {
  ports::Chain& chain;
  ports::IndexStore& store;
  ports::Clock& clock;
  base::PublicKey program;
  std::function<void(const Status&)> report;  // after every page and block
  std::function<void(const std::string&)> log;
  std::function<bool()> stop;  // true: come back soon, the rest can wait
};

class Indexer {
 public:
  explicit Indexer(Parts parts) : parts_(std::move(parts)) {}

  // Lists what is new, reads it oldest first, settles or undoes what was provisional, reads the
  // accounts of open leases. An error: some of it was done, the rest is for the next look.
  base::Result<Status> look();

 private:
  using Signatures = std::vector<base::Signature>;

  base::Result<void> go_on(std::uint64_t finalized);
  base::Result<void> list(std::uint64_t finalized);
  base::Result<void> put_page(const index::PageAsk& ask,
                              const std::vector<ports::HistoryEntry>& entries,
                              index::PageTaken& taken, std::uint64_t finalized);
  base::Result<void> read_waiting(std::uint64_t finalized);
  base::Result<void> read_slot(const std::vector<index::Listed>& listed, std::uint64_t finalized);
  base::Result<std::vector<ports::TransactionRecord>> records_of(
      const std::vector<index::Listed>& listed);
  base::Result<void> take_out(const base::Signature& signature, ports::IndexWrite& write,
                              std::set<base::PublicKey>& touched);
  base::Result<void> fold_into(ports::IndexWrite& write, const std::set<base::PublicKey>& leases);
  base::Result<void> give_up(const std::vector<index::Listed>& listed, std::uint64_t finalized,
                             ports::IndexWrite& write);
  base::Result<void> sweep(std::uint64_t finalized);
  base::Result<void> sweep_slot(const std::vector<index::TransactionRow>& rows,
                                std::uint64_t finalized);
  base::Result<void> read_accounts();
  base::Result<void> read_some_accounts(const std::vector<base::PublicKey>& leases);
  bool is_stopping() const { return parts_.stop && parts_.stop(); }
  void report() const {
    if (parts_.report) parts_.report(status_);
  }

  Parts parts_;
  Status status_;
  // How often a node did not give what it had listed.
  std::map<base::Signature, int> misses_;
  bool cut_off_ = true;  // the look before this one, here or in another life
  bool changed_ = true;  // since accounts were read
  std::int64_t accounts_ms_ = 0;
};

}  // namespace obelisk::indexer
