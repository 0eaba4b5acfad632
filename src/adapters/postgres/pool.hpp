// Pool: so many connections that threads take one each. One that broke is thrown away, and the next
// who needs one opens another. It must never give one connection to two threads.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/postgres/database.hpp"

namespace obelisk::postgres {

class Pool {
 public:
  Pool(std::string conninfo, std::size_t most) : conninfo_(std::move(conninfo)), most_(most) {}

  // One connection, given back when this goes.
  class Lent {
   public:
    Lent(Pool& pool, std::unique_ptr<Database> database)
        : pool_(&pool), database_(std::move(database)) {}
    Lent(Lent&& other) noexcept = default;
    Lent& operator=(Lent&&) = delete;
    ~Lent() {
      if (database_) pool_->give_back(std::move(database_));
    }
    Database& operator*() { return *database_; }

   private:
    Pool* pool_;
    std::unique_ptr<Database> database_;
  };

  // Waits while all are in hand.
  base::Result<Lent> take();

 private:
  void give_back(std::unique_ptr<Database> database);

  const std::string conninfo_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Database>> idle_;
  std::size_t open_ = 0;
};

}  // namespace obelisk::postgres
