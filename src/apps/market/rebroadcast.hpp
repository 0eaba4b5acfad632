// Rebroadcast: hands what the market took for others to the nodes again, every two seconds, until
// it is in a block or can get into none any more: a node may lose what it was handed once. It must
// never keep more than so many at a time, nor make anybody wait.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "ports/chain.hpp"

namespace obelisk::market_app {

class Rebroadcast {
 public:
  static constexpr std::size_t kMost = 256;  // as many as one question for their status names

  // `chain` must outlive it.
  explicit Rebroadcast(ports::Chain& chain) : chain_(chain) {}

  // From a thread of its own, from now on.
  void start();
  // What a node has taken already. Where there are kMost of them, this one was sent once.
  void add(const base::Signature& id, base::ByteView wire);
  // One time for each of them; what the thread does again and again.
  void round();
  std::size_t count() const;

 private:
  struct Flying {
    base::Signature id;
    base::Bytes wire;
    std::uint64_t last_height = 0;  // the last that it can get into; 0: not known yet
    bool is_over = false;
  };
  void take_back(const std::vector<Flying>& seen);

  ports::Chain& chain_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Flying> flying_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace obelisk::market_app
