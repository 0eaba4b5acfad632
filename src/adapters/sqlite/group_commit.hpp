// GroupCommit: one writer for many threads. Whoever writes while another commit is on its way waits
// for the next one, and all who wait share it: a disk takes so many syncs a second, whatever they
// hold. It must never let one's failure undo another's write, nor return before its own is on disk.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "adapters/sqlite/database.hpp"

namespace obelisk::sqlite {

class GroupCommit {
 public:
  explicit GroupCommit(Database database) : database_(std::move(database)) {}

  // Runs `f(Database&)`, which gives a base::Result, in a transaction; the result once that is on
  // disk, or why it is not. Any thread; `f` must not call write().
  template <class F>
  auto write(const F& f) -> decltype(f(std::declval<Database&>())) {
    using Answer = decltype(f(std::declval<Database&>()));
    std::optional<Answer> answer;
    Job job;
    job.run = [&]() -> bool {
      answer.emplace(f(database_));
      return answer->ok();
    };
    if (auto error = submit(job)) return Answer(*std::move(error));
    return *std::move(answer);
  }

  // How many transactions there were, and how many writes they held: for tests and figures.
  struct Counts {
    std::uint64_t commits = 0;
    std::uint64_t writes = 0;
  };
  Counts counts() const;

 private:
  struct Job {
    std::function<bool()> run;
    std::optional<base::Error> error;  // of the transaction around it
    std::exception_ptr thrown;
    bool finished = false;
  };

  std::optional<base::Error> submit(Job& job);
  void commit_together(const std::vector<Job*>& jobs);
  base::Result<void> run_all(const std::vector<Job*>& jobs);
  base::Result<void> run_in_savepoint(Job& job);
  static void run_job(Job& job, bool& worked);

  Database database_;  // used by the leading thread alone
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Job*> waiting_;  // guarded by mutex_
  bool led_ = false;           // guarded by mutex_: some thread is committing
  Counts counts_;              // guarded by mutex_
};

}  // namespace obelisk::sqlite
