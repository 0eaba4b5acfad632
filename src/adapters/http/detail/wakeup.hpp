// Wakeup: lets one coroutine sleep until somebody wakes it or a time is over. Everything here
// happens on one input-output thread; others post to it. A wake-up before the sleep is not lost.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace obelisk::http {

class Wakeup {
 public:
  explicit Wakeup(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  void wake() {
    woken_ = true;
    timer_.cancel();
  }

  // True if woken, false if the time was over first.
  boost::asio::awaitable<bool> sleep_until(std::chrono::steady_clock::time_point end) {
    if (!woken_) {
      timer_.expires_at(end);
      boost::system::error_code ignored;
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    co_return std::exchange(woken_, false);
  }

  boost::asio::awaitable<bool> sleep_for(std::chrono::milliseconds time) {
    return sleep_until(std::chrono::steady_clock::now() + time);
  }

  boost::asio::awaitable<bool> sleep() {
    return sleep_until(std::chrono::steady_clock::time_point::max());
  }

 private:
  boost::asio::steady_timer timer_;
  bool woken_ = false;
};

}  // namespace obelisk::http
