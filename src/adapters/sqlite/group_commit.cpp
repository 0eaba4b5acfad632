#include "adapters/sqlite/group_commit.hpp"

#include <algorithm>

namespace obelisk::sqlite {
namespace {

// More would keep the first of them waiting for long.
constexpr std::size_t kMostTogether = 256;

}  // namespace

GroupCommit::Counts GroupCommit::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

// The thread that finds nobody committing does it for all who come meanwhile, until its own is
// done; then the next of them leads.
std::optional<base::Error> GroupCommit::submit(Job& job) {
  std::unique_lock lock(mutex_);
  waiting_.push_back(&job);
  changed_.wait(lock, [&] { return job.finished || !led_; });
  if (!job.finished) {
    led_ = true;
    while (!job.finished) {
      const std::size_t count = std::min(waiting_.size(), kMostTogether);
      const std::vector<Job*> jobs(waiting_.begin(),
                                   waiting_.begin() + static_cast<std::ptrdiff_t>(count));
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
      lock.unlock();
      commit_together(jobs);
      lock.lock();
      counts_.commits += 1;
      counts_.writes += jobs.size();
      for (Job* done : jobs) done->finished = true;
    }
    led_ = false;
    changed_.notify_all();
  }
  lock.unlock();
  if (job.thrown) std::rethrow_exception(job.thrown);
  return std::move(job.error);
}

void GroupCommit::commit_together(const std::vector<Job*>& jobs) {
  if (auto done = run_all(jobs); !done) {
    for (Job* job : jobs) job->error = done.error();
  }
}

base::Result<void> GroupCommit::run_all(const std::vector<Job*>& jobs) {
  TRY(auto transaction, Transaction::begin(database_));
  if (jobs.size() == 1) {
    bool worked = false;
    run_job(*jobs.front(), worked);
    if (!worked) return {};  // rolled back by leaving
    return transaction.commit();
  }
  for (Job* job : jobs) TRY_VOID(run_in_savepoint(*job));
  return transaction.commit();
}

base::Result<void> GroupCommit::run_in_savepoint(Job& job) {
  TRY_VOID(database_.execute("SAVEPOINT one"));
  bool worked = false;
  run_job(job, worked);
  if (!worked) TRY_VOID(database_.execute("ROLLBACK TO one"));
  return database_.execute("RELEASE one");
}

// What a job throws is its caller's business, and must not end the others.
void GroupCommit::run_job(Job& job, bool& worked) {
  try {
    worked = job.run();
  } catch (...) {
    job.thrown = std::current_exception();
  }
}

}  // namespace obelisk::sqlite
