// The insides of IoThreads, for those who run coroutines on them: lanes, each one io_context and
// the thread that runs it.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "adapters/http/io_threads.hpp"

namespace obelisk::http {

class IoThreads::Impl {
 public:
  explicit Impl(unsigned threads) {
    for (unsigned i = 0; i < std::clamp(threads, 1U, 64U); ++i) {
      lanes_.push_back(std::make_unique<Lane>());
    }
  }
  ~Impl() {
    for (auto& lane : lanes_) lane->work.reset();
    for (auto& lane : lanes_) lane->io.stop();
    for (auto& lane : lanes_) lane->thread.join();
  }

  // They take turns, and what was given one stays with it.
  boost::asio::io_context& next() { return lanes_[turn_++ % lanes_.size()]->io; }

 private:
  struct Lane {
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        io.get_executor()};
    std::thread thread{[this] { io.run(); }};
  };
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<std::size_t> turn_ = 0;
};

}  // namespace obelisk::http
