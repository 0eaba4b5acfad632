// The SessionStore in memory, for tests and the simulator.
#pragma once

#include <algorithm>
#include <mutex>

#include "ports/session_store.hpp"

namespace obelisk::fake {

class MemorySessionStore final : public ports::SessionStore {
 public:
  base::Result<void> insert(const ports::SessionRow& row) override {
    const std::lock_guard lock(mutex_);
    for (const Kept& kept : rows_) {
      if (kept.row.nonce == row.nonce || kept.row.id == row.id ||
          kept.row.token_hash == row.token_hash) {
        return base::Error{base::Code::conflict, "This challenge was used already.",
                           "Ask for a new one."};
      }
    }
    rows_.push_back({row});
    return {};
  }

  base::Result<std::optional<ports::SessionRow>> by_token(const base::Hash& token_hash,
                                                          base::UnixMillis now_ms) override {
    const std::lock_guard lock(mutex_);
    for (const Kept& kept : rows_) {
      if (kept.row.token_hash == token_hash && kept.lets_in(now_ms)) return std::optional(kept.row);
    }
    return std::optional<ports::SessionRow>();
  }

  base::Result<std::vector<ports::SessionRow>> of_wallet(
      const base::PublicKey& wallet, base::UnixMillis now_ms,
      const std::optional<ports::ListPlace>& after, std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    std::vector<ports::SessionRow> out;
    for (const Kept& kept : rows_) {
      const bool behind = !after || place(kept.row) > std::pair(-after->at_ms, after->name);
      if (kept.row.wallet == wallet && kept.lets_in(now_ms) && behind) out.push_back(kept.row);
    }
    std::ranges::sort(out, {}, place);
    if (out.size() > limit) out.resize(limit);
    return out;
  }

  base::Result<bool> revoke(const base::PublicKey& wallet, const std::string& id) override {
    const std::lock_guard lock(mutex_);
    for (Kept& kept : rows_) {
      if (kept.row.wallet != wallet || kept.row.id != id || kept.revoked) continue;
      kept.revoked = true;
      return true;
    }
    return false;
  }

  base::Result<std::uint64_t> forget(base::UnixMillis expired_before_ms) override {
    const std::lock_guard lock(mutex_);
    return std::erase_if(rows_,
                         [&](const Kept& kept) { return kept.row.expires_ms < expired_before_ms; });
  }

 private:
  struct Kept {
    ports::SessionRow row;
    bool revoked = false;
    bool lets_in(base::UnixMillis now_ms) const { return !revoked && row.expires_ms > now_ms; }
  };
  // Newest first, then by id.
  static std::pair<base::UnixMillis, std::string> place(const ports::SessionRow& row) {
    return {-row.created_ms, row.id};
  }

  std::mutex mutex_;
  std::vector<Kept> rows_;  // guarded by mutex_
};

}  // namespace obelisk::fake
