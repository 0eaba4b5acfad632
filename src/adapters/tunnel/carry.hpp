// Carrying: bytes from one end to the other, both ways, until both have ended. TCP's own flow
// control is all there is: what one side does not take, the other may not send. It looks at
// nothing and keeps nothing.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "adapters/tunnel/end.hpp"
#include "adapters/tunnel/turns.hpp"
#include "base/public_key.hpp"

namespace obelisk::tunnel {

// Bytes carried so far, by all that share it.
struct Carried {
  std::atomic<std::uint64_t> up{0};    // from the first end to the second
  std::atomic<std::uint64_t> down{0};  // back
};

struct CarryRules {
  // So many bytes go up, and who sends more is cut off; nothing: as many as come.
  std::optional<std::uint64_t> most_up = {};
  // Once the second end sends no more both are closed, whatever the first one does.
  bool ends_with_second = false;
};

// Whose bytes they are: on a busy lane leases take turns, however many connections they have.
Share share_of(const base::PublicKey& lease);

// Starts it on that lane, where both ends move to; `over` is called there, once, at the end.
void carry(asio::io_context& io, Share share, std::shared_ptr<End> first,
           std::shared_ptr<End> second, std::shared_ptr<Carried> count, std::function<void()> over,
           CarryRules rules = {});

}  // namespace obelisk::tunnel
