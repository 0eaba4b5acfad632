// SessionStore: who is signed in, over a restart. A token is here as its SHA-256 alone, so that a
// copy of the database lets nobody in. A session that ended early stays until its time is over:
// the challenge it was made from must not make another. Every write is on disk when the call
// returns. Calls block and may come from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "ports/list_place.hpp"

namespace obelisk::ports {

struct SessionRow {
  std::string id;  // names it to its wallet; says nothing of the token
  base::Hash token_hash;
  base::PublicKey wallet;
  std::string nonce;  // of the challenge that was signed for it
  std::string label;
  base::UnixMillis created_ms = 0;
  base::UnixMillis expires_ms = 0;

  bool operator==(const SessionRow&) const = default;
};

class SessionStore {
 public:
  virtual ~SessionStore() = default;

  // Code::conflict: a session was made from that nonce already, or has that id or token.
  virtual base::Result<void> insert(const SessionRow& row) = 0;
  // Nothing where the token is unknown, revoked or expired at `now_ms`.
  virtual base::Result<std::optional<SessionRow>> by_token(const base::Hash& token_hash,
                                                           base::UnixMillis now_ms) = 0;
  // Those that let in at `now_ms`, newest first, those after `after` where it is given.
  virtual base::Result<std::vector<SessionRow>> of_wallet(const base::PublicKey& wallet,
                                                          base::UnixMillis now_ms,
                                                          const std::optional<ListPlace>& after,
                                                          std::size_t limit) = 0;
  // Ends one of the wallet's own. False: it has none of that id, or it is ended already.
  virtual base::Result<bool> revoke(const base::PublicKey& wallet, const std::string& id) = 0;
  // Forgets those whose time was over before then; how many.
  virtual base::Result<std::uint64_t> forget(base::UnixMillis expired_before_ms) = 0;
};

}  // namespace obelisk::ports
