// Turns: who carries next on one lane. Those of one share stand in one line, and the lines take
// turns: a lease with a hundred busy connections gets what a lease with one gets. A turn is work
// that does not wait. Used on its own lane alone; it must never let one wait while nobody carries.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>

namespace obelisk::tunnel {

// Any number: who has the same one shares a line.
using Share = std::uint64_t;

class Turns {
 public:
  // Of the thread that asks, which is its lane's.
  static Turns& of_this_lane();

  boost::asio::awaitable<void> next(boost::asio::any_io_executor lane, Share share) {
    return boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
        [this, lane, share](auto handler) {
          const auto kept = std::make_shared<decltype(handler)>(std::move(handler));
          stand_in_line(lane, share, [kept] { std::move (*kept)(); });
        },
        boost::asio::use_awaitable);
  }

 private:
  using Begin = std::function<void()>;
  void stand_in_line(const boost::asio::any_io_executor& lane, Share share, Begin begin);
  void let_one_go(const boost::asio::any_io_executor& lane);

  std::map<Share, std::deque<Begin>> lines_;  // none is empty
  std::deque<Share> order_;                   // of lines_
  bool is_under_way_ = false;                 // let_one_go() is going to be called
};

}  // namespace obelisk::tunnel
