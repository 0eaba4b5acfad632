#include "adapters/tunnel/turns.hpp"

#include <boost/asio/post.hpp>

namespace obelisk::tunnel {

Turns& Turns::of_this_lane() {
  static thread_local Turns turns;
  return turns;
}

void Turns::stand_in_line(const boost::asio::any_io_executor& lane, Share share, Begin begin) {
  auto& line = lines_[share];
  if (line.empty()) order_.push_back(share);
  line.push_back(std::move(begin));
  if (is_under_way_) return;
  is_under_way_ = true;
  // Behind everything that is ready already: all of them stand in line before the first one goes.
  boost::asio::post(lane, [this, lane] { let_one_go(lane); });
}

void Turns::let_one_go(const boost::asio::any_io_executor& lane) {
  is_under_way_ = false;
  if (order_.empty()) return;
  const Share share = order_.front();
  order_.pop_front();
  const auto at = lines_.find(share);
  const Begin begin = std::move(at->second.front());
  at->second.pop_front();
  if (at->second.empty()) {
    lines_.erase(at);
  } else {
    order_.push_back(share);
  }
  if (!order_.empty()) {
    is_under_way_ = true;
    boost::asio::post(lane, [this, lane] { let_one_go(lane); });
  }
  begin();
}

}  // namespace obelisk::tunnel
