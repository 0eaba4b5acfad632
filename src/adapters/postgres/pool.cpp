#include "adapters/postgres/pool.hpp"

namespace obelisk::postgres {

base::Result<Pool::Lent> Pool::take() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !idle_.empty() || open_ < most_; });
    if (!idle_.empty()) {
      auto database = std::move(idle_.back());
      idle_.pop_back();
      return Lent(*this, std::move(database));
    }
    ++open_;
  }
  auto opened = Database::open(conninfo_);
  if (opened) return Lent(*this, std::make_unique<Database>(*std::move(opened)));
  {
    const std::lock_guard lock(mutex_);
    --open_;
  }
  changed_.notify_one();
  return std::move(opened).error();
}

void Pool::give_back(std::unique_ptr<Database> database) {
  {
    const std::lock_guard lock(mutex_);
    if (database->is_alive()) {
      idle_.push_back(std::move(database));
    } else {
      // The others of before the server went are as dead.
      open_ -= 1 + idle_.size();
      idle_.clear();
    }
  }
  changed_.notify_all();
}

}  // namespace obelisk::postgres
