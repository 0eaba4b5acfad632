#include "adapters/tunnel/turns.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

namespace obelisk::tunnel {
namespace {

namespace asio = boost::asio;

// Takes so many turns, and writes its letter at each.
asio::awaitable<void> carry(asio::any_io_executor lane, Share share, int turns, char letter,
                            std::string& order) {
  for (int i = 0; i < turns; ++i) {
    co_await Turns::of_this_lane().next(lane, share);
    order += letter;
  }
}

std::string order_of(const std::vector<std::pair<Share, int>>& carriers) {
  asio::io_context io;
  std::string order;
  char letter = 'a';
  for (const auto& [share, turns] : carriers) {
    asio::co_spawn(io, carry(io.get_executor(), share, turns, letter++, order), asio::detached);
  }
  io.run();
  return order;
}

TEST(Turns, OneAloneIsNeverKeptWaiting) { EXPECT_EQ(order_of({{1, 5}}), "aaaaa"); }

TEST(Turns, ThoseOfOneShareStandInOneLine) {
  EXPECT_EQ(order_of({{1, 2}, {1, 2}, {1, 2}}), "abcabc");
}

TEST(Turns, AShareWithManyGetsWhatAShareWithOneGets) {
  EXPECT_EQ(order_of({{1, 2}, {1, 2}, {1, 2}, {1, 2}, {2, 4}}), "aebecedeabcd")
      << "e goes every other time, and nobody waits once it has ended";
}

TEST(Turns, NobodyIsLeftInLine) {
  std::vector<std::pair<Share, int>> carriers;
  std::size_t all = 0;
  for (int i = 1; i <= 40; ++i) {
    carriers.emplace_back(i % 7, i);
    all += static_cast<std::size_t>(i);
  }
  EXPECT_EQ(order_of(carriers).size(), all);
}

}  // namespace
}  // namespace obelisk::tunnel
