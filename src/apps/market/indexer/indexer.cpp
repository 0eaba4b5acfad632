#include "apps/market/indexer/indexer.hpp"

#include <algorithm>
#include <utility>

#include "core/escrow/codec.hpp"
#include "core/index/fold.hpp"
#include "ports/landed.hpp"

namespace obelisk::indexer {
namespace {

using base::Code;
using base::Result;
using index::Listed;
using ports::Commitment;

constexpr std::size_t kAccountsAtOnce = 100;
constexpr std::int64_t kAccountsEveryMs = 15'000;
constexpr std::size_t kSweepAtOnce = 1000;
// Nodes write what they list a moment later than they list it; after so many looks it is lost.
constexpr int kMostMisses = 5;

// Newest first, going on where the last page ended: a node that starts over would never end.
bool goes_on(const std::vector<ports::HistoryEntry>& entries, const index::Progress& progress) {
  std::uint64_t slot =
      progress.listing ? progress.listing->before_slot : ~static_cast<std::uint64_t>(0);
  for (const ports::HistoryEntry& entry : entries) {
    if (entry.slot > slot) return false;
    if (progress.listing && entry.signature == progress.listing->before) return false;
    slot = entry.slot;
  }
  return true;
}

index::Reading reading_of(const ports::AccountAt& answer, const base::PublicKey& program) {
  index::Reading out;
  out.slot = answer.slot;
  // Lamports that somebody sent to the address are not a lease.
  if (!answer.account || answer.account->owner != program) return out;
  out.lamports = answer.account->lamports;
  out.lease = escrow::parse_lease(answer.account->data);
  return out;
}

}  // namespace

Result<Status> Indexer::look() {
  TRY(const ports::ChainTime finalized, parts_.chain.now(Commitment::finalized));
  TRY(const ports::ChainTime head, parts_.chain.now(Commitment::confirmed));
  status_.head_slot = std::max(status_.head_slot, head.slot);
  status_.listed = 0;
  status_.written = 0;
  status_.left = 0;
  if (std::exchange(cut_off_, true)) TRY_VOID(go_on(finalized.slot));
  status_.left = 0;
  TRY_VOID(list(finalized.slot));
  TRY_VOID(read_waiting(finalized.slot));
  TRY_VOID(sweep(finalized.slot));
  if (is_stopping()) return status_;
  TRY_VOID(read_accounts());
  cut_off_ = false;
  if (status_.left == 0) {
    status_.done_slot = std::max(status_.done_slot, head.slot);
    status_.final_slot = std::max(status_.final_slot, finalized.slot);
  }
  report();
  return status_;
}

// What a look that was cut off had listed to the end is read first: a long history would else be
// listed all over again each time.
Result<void> Indexer::go_on(std::uint64_t finalized) {
  TRY(const index::Progress progress, parts_.store.progress());
  if (progress.listing) return {};
  return read_waiting(finalized);
}

Result<void> Indexer::list(std::uint64_t finalized) {
  TRY(index::Progress progress, parts_.store.progress());
  while (!is_stopping()) {
    TRY(const auto anchor, parts_.store.anchor(progress.listed_finalized));
    const index::PageAsk ask = index::next_page(progress, anchor);
    ports::HistoryPage page;
    page.limit = ask.limit;
    page.before = ask.before;
    page.until = ask.until;
    TRY(const auto entries, parts_.chain.history(parts_.program, page));
    if (!goes_on(entries, progress)) {
      return base::Error{Code::unreachable, "The node lists the program's history out of order.",
                         "Use another RPC node."};
    }
    index::PageTaken taken;
    taken.progress = progress;
    TRY_VOID(put_page(ask, entries, taken, finalized));
    progress = taken.progress;
    report();
    if (taken.done) return {};
  }
  return {};
}

Result<void> Indexer::put_page(const index::PageAsk& ask,
                               const std::vector<ports::HistoryEntry>& entries,
                               index::PageTaken& taken, std::uint64_t finalized) {
  std::vector<Listed> page;
  std::vector<Listed> news;
  for (const ports::HistoryEntry& entry : entries) {
    page.push_back({entry.signature, entry.slot});
    TRY(const auto row, parts_.store.transaction(entry.signature));
    if (index::is_news(page.back(), row)) news.push_back(page.back());
  }
  taken = index::take_page(taken.progress, ask, page, finalized);
  status_.listed += news.size();
  return parts_.store.put_page(news, taken.first, taken.progress);
}

Result<void> Indexer::read_waiting(std::uint64_t finalized) {
  std::uint64_t slot = 0;
  while (!is_stopping()) {
    TRY(const auto listed, parts_.store.waiting_after(slot));
    if (listed.empty()) return {};
    slot = listed.front().slot;
    TRY_VOID(read_slot(listed, finalized));
    report();
  }
  return {};
}

// What of these a node gives in the slot where it listed them.
Result<std::vector<ports::TransactionRecord>> Indexer::records_of(
    const std::vector<Listed>& listed) {
  std::vector<ports::TransactionRecord> out;
  for (const Listed& one : listed) {
    auto record = parts_.chain.transaction(one.signature);
    if (!record) {
      if (record.error().code != Code::unsupported) return std::move(record).error();
      continue;  // it does not keep so old ones
    }
    if (*record && (*record)->slot == one.slot) out.push_back(**std::move(record));
  }
  return out;
}

// The place in the block is asked for even where the slot has one transaction of ours: whether it
// has a second one nobody knows for sure, and the order must not depend on when it was asked.
Result<void> Indexer::read_slot(const std::vector<Listed>& listed, std::uint64_t finalized) {
  const std::uint64_t slot = listed.front().slot;
  TRY(const auto records, records_of(listed));
  Signatures block;
  if (!records.empty()) {
    auto answer = parts_.chain.block_signatures(slot);
    const bool none = !answer && (answer.error().code == Code::not_found ||
                                  answer.error().code == Code::unsupported);
    if (!answer && !none) return std::move(answer).error();
    if (answer) block = *std::move(answer);
  }
  ports::IndexWrite write;
  std::set<base::PublicKey> touched;
  for (const ports::TransactionRecord& record : records) {
    const auto at = std::find(block.begin(), block.end(), record.signature);
    if (at == block.end()) continue;
    const auto place = static_cast<std::uint32_t>(at - block.begin());
    TRY(auto decoded, index::decode(ports::landed_of(record, place), parts_.program));
    decoded.transaction.is_final = slot <= finalized;
    TRY_VOID(take_out(record.signature, write, touched));
    write.transactions.push_back(std::move(decoded.transaction));
    for (const index::StepRow& step : decoded.steps) {
      if (step.lease) touched.insert(*step.lease);
      write.steps.push_back(step);
    }
    write.done.push_back(record.signature);
    misses_.erase(record.signature);
  }
  status_.written += write.transactions.size();
  TRY_VOID(give_up(listed, finalized, write));
  TRY_VOID(fold_into(write, touched));
  if (write.done.empty()) return {};
  changed_ = true;
  return parts_.store.write(write);
}

// If it is there already, at another place of the chain.
Result<void> Indexer::take_out(const base::Signature& signature, ports::IndexWrite& write,
                               std::set<base::PublicKey>& touched) {
  TRY(const auto known, parts_.store.transaction(signature));
  if (!known) return {};
  TRY(const auto steps, parts_.store.steps_of(signature));
  for (const index::StepRow& step : steps) {
    if (step.lease) touched.insert(*step.lease);
  }
  write.undone.push_back(signature);
  return {};
}

Result<void> Indexer::fold_into(ports::IndexWrite& write, const std::set<base::PublicKey>& leases) {
  for (const base::PublicKey& lease : leases) {
    TRY(auto steps, parts_.store.steps_of_lease(lease));
    std::erase_if(steps, [&](const index::StepRow& step) {
      return std::find(write.undone.begin(), write.undone.end(), step.signature) !=
             write.undone.end();
    });
    for (const index::StepRow& step : write.steps) {
      if (step.lease == lease) steps.push_back(step);
    }
    write.leases.push_back({lease, index::fold(lease, std::move(steps))});
  }
  return {};
}

// What a final slot's listing shows and no node gives is a hole: the index says from where it is
// whole, and goes on.
Result<void> Indexer::give_up(const std::vector<Listed>& listed, std::uint64_t finalized,
                              ports::IndexWrite& write) {
  const std::uint64_t slot = listed.front().slot;
  bool lost = false;
  for (const Listed& one : listed) {
    if (std::find(write.done.begin(), write.done.end(), one.signature) != write.done.end()) {
      continue;
    }
    ++status_.left;
    if (slot > finalized || ++misses_[one.signature] < kMostMisses) continue;
    misses_.erase(one.signature);
    --status_.left;
    write.done.push_back(one.signature);
    lost = true;
  }
  if (!lost) return {};
  TRY(index::Progress progress, parts_.store.progress());
  progress.known_from = std::max(progress.known_from, slot + 1);
  write.progress = progress;
  if (parts_.log) {
    parts_.log("A transaction of slot " + std::to_string(slot) +
               " is listed, and no node gives it. The index is whole from slot " +
               std::to_string(progress.known_from) +
               " on. Build it again from a node with a longer history: obelisk-market reindex.");
  }
  return {};
}

Result<void> Indexer::sweep(std::uint64_t finalized) {
  TRY(const auto rows, parts_.store.provisional_to(finalized, kSweepAtOnce));
  for (std::size_t from = 0; from < rows.size() && !is_stopping();) {
    std::size_t end = from;
    while (end < rows.size() && rows[end].slot == rows[from].slot) ++end;
    TRY_VOID(sweep_slot({rows.begin() + static_cast<std::ptrdiff_t>(from),
                         rows.begin() + static_cast<std::ptrdiff_t>(end)},
                        finalized));
    from = end;
  }
  return {};
}

Result<void> Indexer::sweep_slot(const std::vector<index::TransactionRow>& rows,
                                 std::uint64_t finalized) {
  std::optional<Signatures> block;
  auto answer = parts_.chain.block_signatures(rows.front().slot);
  if (!answer && answer.error().code == Code::unsupported) return {};  // nothing is said
  if (!answer && answer.error().code != Code::not_found) return std::move(answer).error();
  if (answer) block = *std::move(answer);
  ports::IndexWrite write;
  std::set<base::PublicKey> touched;
  std::vector<Listed> moved;
  for (const index::TransactionRow& row : rows) {
    std::optional<std::uint64_t> told;
    if (!block) {
      TRY(const auto record, parts_.chain.transaction(row.signature));
      if (record) told = record->slot;
    }
    switch (index::judge(row, finalized, block, told)) {
      case index::Verdict::wait: break;
      case index::Verdict::settle: write.settled.push_back(row.signature); break;
      case index::Verdict::move: moved.push_back({row.signature, row.slot}); break;
      case index::Verdict::undo: TRY_VOID(take_out(row.signature, write, touched)); break;
    }
  }
  if (!moved.empty()) TRY_VOID(read_slot(moved, finalized));
  TRY_VOID(fold_into(write, touched));
  if (write.settled.empty() && write.undone.empty()) return {};
  if (!write.undone.empty() && parts_.log) {
    parts_.log("Slot " + std::to_string(rows.front().slot) + " lost its block: " +
               std::to_string(write.undone.size()) + " transactions are out of the index again.");
  }
  changed_ = changed_ || !write.undone.empty();
  return parts_.store.write(write);
}

Result<void> Indexer::read_accounts() {
  const std::int64_t now_ms = parts_.clock.steady_ms();
  if (!changed_ && now_ms - accounts_ms_ < kAccountsEveryMs) return {};
  base::PublicKey after;
  for (;;) {
    TRY(const auto leases, parts_.store.open_leases(after, kAccountsAtOnce));
    if (leases.empty()) break;
    after = leases.back();
    TRY_VOID(read_some_accounts(leases));
  }
  changed_ = false;
  accounts_ms_ = now_ms;
  return {};
}

// Always from the steps anew: what an account said that was rolled back leaves nothing behind.
Result<void> Indexer::read_some_accounts(const std::vector<base::PublicKey>& leases) {
  TRY(const auto answers, parts_.chain.accounts(leases, Commitment::confirmed));
  if (answers.size() != leases.size()) {
    return base::Error{Code::unreachable, "The node answers for other accounts.",
                       "Use another RPC node."};
  }
  ports::IndexWrite write;
  for (std::size_t i = 0; i < leases.size(); ++i) {
    TRY(auto steps, parts_.store.steps_of_lease(leases[i]));
    auto rows = index::fold(leases[i], std::move(steps));
    if (rows.empty()) continue;
    rows.back() = index::lay_over(rows.back(), reading_of(answers[i], parts_.program));
    TRY(const auto known, parts_.store.leases_at(leases[i]));
    if (rows != known) write.leases.push_back({leases[i], std::move(rows)});
  }
  if (write.leases.empty()) return {};
  return parts_.store.write(write);
}

}  // namespace obelisk::indexer
