#include "apps/market/indexer/reindex.hpp"

#include <unistd.h>

#include <algorithm>

#include "adapters/files/files.hpp"
#include "adapters/sqlite/sqlite_index.hpp"
#include "apps/market/indexer/index_lock.hpp"
#include "apps/market/indexer/index_thread.hpp"
#include "base/canonical_json.hpp"

namespace obelisk::indexer {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::int64_t kShowEveryMs = 1'000;
// With a node away for so many looks in a row, about two minutes, it is better said.
constexpr int kMostFailures = 8;

Result<base::PublicKey> program_of(const ReindexRequest& request, ports::Chain& chain,
                                   const std::string& file) {
  if (request.program) return *request.program;
  if (request.market) {
    TRY(const auto answer, chain.account(*request.market, ports::Commitment::confirmed));
    if (answer.account) return answer.account->owner;
    return Error{Code::not_found, "There is no account " + request.market->to_string() + ".",
                 "Check --market and --rpc, or give --program."};
  }
  TRY(const auto stored, sqlite::program_of_index(file));
  if (stored) return *stored;
  return Error{Code::usage, "Which program's history to read is not said.",
               "Give --program, or --market with the address of a market account."};
}

class Progress {
 public:
  explicit Progress(const ReindexTools& tools) : tools_(tools) {}

  void look(const Status& status) {
    const std::int64_t now_ms = tools_.clock.steady_ms();
    if (!tools_.show || now_ms - shown_ms_ < kShowEveryMs) return;
    shown_ms_ = now_ms;
    tools_.show(std::to_string(status.written) + " of " + std::to_string(status.listed) +
                " transactions read");
  }

 private:
  const ReindexTools& tools_;
  std::int64_t shown_ms_ = 0;
};

Result<Status> look_until_whole(const ReindexTools& tools, ports::IndexStore& store,
                                const base::PublicKey& program) {
  Progress progress(tools);
  Indexer indexer({tools.chain,
                   store,
                   tools.clock,
                   program,
                   [&](const Status& status) { progress.look(status); },
                   tools.show,
                   {}});
  int failures = 0;
  for (;;) {
    const auto status = indexer.look();
    if (status && status->left == 0 && status->done_slot >= status->head_slot) return *status;
    failures = status ? 0 : failures + 1;
    if (failures == kMostFailures) return status.error();
    if (!status && tools.show) tools.show(status.error().message + " Trying again.");
    tools.pause(status ? 1'000 : pause_ms(failures));
  }
}

void remove_file(const std::string& path) {
  for (const char* end : {"", "-wal", "-shm", "-journal"}) ::unlink((path + end).c_str());
}

Result<Reindexed> build(const ReindexTools& tools, const std::string& built, Reindexed out) {
  TRY(const auto store, sqlite::open_index(built, out.program));
  TRY(const Status status, look_until_whole(tools, *store, out.program));
  TRY(out.totals, store->totals());
  TRY(const index::Progress progress, store->progress());
  out.finalized_slot = status.final_slot;
  out.confirmed_slot = status.done_slot;
  if (out.totals.transactions > 0 && (!out.totals.from_birth || progress.known_from > 0)) {
    out.known_from = std::max(progress.known_from, out.totals.oldest_slot);
  }
  return out;
}

}  // namespace

Result<Reindexed> reindex(const ReindexRequest& request, const ReindexTools& tools) {
  TRY_VOID(files::make_private_directory(request.state_dir));
  TRY(const IndexLock lock, IndexLock::take(request.state_dir));
  Reindexed out;
  out.file = request.state_dir + "/index.sqlite";
  TRY(out.program, program_of(request, tools.chain, out.file));
  const std::string built = out.file + ".new";
  remove_file(built);
  auto done = build(tools, built, out);
  if (done) {
    TRY_VOID(sqlite::replace_index(built, out.file));
    return done;
  }
  remove_file(built);
  return done;
}

std::string to_text(const Reindexed& done) {
  const ports::IndexTotals& totals = done.totals;
  std::string out = std::to_string(totals.transactions) + " transactions (" +
                    std::to_string(totals.failed) + " failed), " + std::to_string(totals.steps) +
                    " steps, " + std::to_string(totals.leases) + " leases.\n";
  out += "Final up to slot " + std::to_string(done.finalized_slot) + "; " +
         std::to_string(totals.provisional) + " transactions since are provisional.\n";
  if (done.known_from != 0) {
    out += "The node keeps no history of the program before slot " +
           std::to_string(done.known_from) + ": the index begins there.\n";
  }
  return out + "Written to " + done.file + ".\n";
}

std::string to_json_line(const Reindexed& done) {
  const ports::IndexTotals& totals = done.totals;
  const auto number = [](std::uint64_t value) {
    return base::CanonicalJson(static_cast<std::int64_t>(value));
  };
  base::CanonicalJson::Object line{{"program", done.program.to_string()},
                                   {"transactions", number(totals.transactions)},
                                   {"failed", number(totals.failed)},
                                   {"steps", number(totals.steps)},
                                   {"leases", number(totals.leases)},
                                   {"provisional", number(totals.provisional)},
                                   {"finalized_slot", number(done.finalized_slot)},
                                   {"confirmed_slot", number(done.confirmed_slot)},
                                   {"newest_final_slot", number(totals.newest_final_slot)},
                                   {"oldest_slot", number(totals.oldest_slot)},
                                   {"whole_from_birth", done.known_from == 0},
                                   {"known_from_slot", number(done.known_from)}};
  return base::CanonicalJson(std::move(line)).text();
}

}  // namespace obelisk::indexer
