#include "apps/market/indexer/index_thread.hpp"

#include <algorithm>

namespace obelisk::indexer {
namespace {

using ports::Commitment;

constexpr std::chrono::milliseconds kPollEvery{2'000};
// A burst of changes is one look: what is processed is not listed for two slots more anyway.
constexpr std::chrono::milliseconds kAfterKick{500};
constexpr int kLongestPauseMs = 30'000;
constexpr std::uint64_t kMuch = 100;  // transactions: below that nobody waits

}  // namespace

int pause_ms(int failures) {
  int out = 1'000;
  for (int i = 1; i < failures && out < kLongestPauseMs; ++i) out *= 2;
  return std::min(out, kLongestPauseMs);
}

std::optional<std::string> IndexVoice::failed(const base::Error& error) {
  if (std::exchange(behind_, true)) return std::nullopt;
  return "The index is behind: " + error.message + " It goes on by itself; rentals do not need it.";
}

std::optional<std::string> IndexVoice::reading(const Status& status) {
  if (status.listed < kMuch || std::exchange(behind_, true)) return std::nullopt;
  return "The index is behind: " + std::to_string(status.listed) +
         " transactions and more to read. It goes on by itself; rentals do not need it.";
}

std::optional<std::string> IndexVoice::done(const Status& status, const ports::IndexTotals& totals,
                                            const index::Progress& progress) {
  const bool was_behind = std::exchange(behind_, false);
  if (!was_behind && said_start_) return std::nullopt;
  said_start_ = true;
  std::string out = "The index has caught up at slot " + std::to_string(status.done_slot) + ": " +
                    std::to_string(totals.transactions) + " transactions, " +
                    std::to_string(totals.steps) + " steps, " + std::to_string(totals.leases) +
                    " leases.";
  const std::uint64_t from = std::max(progress.known_from, totals.oldest_slot);
  if (totals.transactions > 0 && (!totals.from_birth || progress.known_from > 0)) {
    out += " The node keeps no longer history: it is whole from slot " + std::to_string(from) + ".";
  }
  return out;
}

IndexThread::IndexThread(Outside outside) : outside_(std::move(outside)) {
  const auto watch = [this](Commitment commitment) {
    return outside_.chain.watch_program(
        outside_.program, commitment,
        [this](const std::optional<ports::ProgramAccount>&, std::uint64_t) { kick(); });
  };
  processed_ = watch(Commitment::processed);
  confirmed_ = watch(Commitment::confirmed);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

IndexThread::~IndexThread() {
  processed_.reset();
  confirmed_.reset();
}

void IndexThread::kick() {
  {
    const std::lock_guard lock(mutex_);
    kicked_ = true;
  }
  changed_.notify_all();
}

void IndexThread::run(const std::stop_token& stop) {
  Indexer indexer({outside_.chain, outside_.store, outside_.clock, outside_.program,
                   [this](const Status& status) {
                     say(voice_.reading(status));
                     tell(status);
                   },
                   outside_.log, [&stop] { return stop.stop_requested(); }});
  while (!stop.stop_requested()) {
    look_once(indexer);
    std::unique_lock lock(mutex_);
    if (failures_ > 0) {
      changed_.wait_for(lock, stop, std::chrono::milliseconds(pause_ms(failures_)),
                        [] { return false; });
      continue;
    }
    changed_.wait_for(lock, stop, kPollEvery, [this] { return kicked_; });
    if (!std::exchange(kicked_, false)) continue;
    changed_.wait_for(lock, stop, kAfterKick, [] { return false; });
  }
}

void IndexThread::look_once(Indexer& indexer) {
  const auto status = indexer.look();
  if (!status) {
    ++failures_;
    say(voice_.failed(status.error()));
    return tell(last_);
  }
  failures_ = 0;
  // What a node lists and does not give is asked for again: not caught up, and no failure.
  if (status->left > 0 || status->done_slot < status->head_slot) return tell(*status);
  const auto totals = outside_.store.totals();
  const auto progress = outside_.store.progress();
  if (totals && progress) say(voice_.done(*status, *totals, *progress));
  tell(*status);
}

void IndexThread::say(const std::optional<std::string>& words) const {
  if (words && outside_.log) outside_.log(*words);
}

void IndexThread::tell(const Status& status) {
  last_ = status;
  if (!outside_.report) return;
  outside_.report({status.done_slot, status.final_slot, status.head_slot - status.done_slot,
                   voice_.is_behind() || status.done_slot == 0});
}

}  // namespace obelisk::indexer
