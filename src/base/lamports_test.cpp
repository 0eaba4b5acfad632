#include "base/lamports.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace obelisk::base {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Lamports, SumsThatDoNotFitAreNothing) {
  EXPECT_EQ(checked_add({1}, {2}), Lamports{3});
  EXPECT_FALSE(checked_add({kMax}, {1}));
  EXPECT_EQ(checked_sub({3}, {3}), Lamports{0});
  EXPECT_FALSE(checked_sub({2}, {3}));
}

TEST(Lamports, DecimalStringsAreExactAndCanonical) {
  EXPECT_EQ(to_decimal({kMax}), "18446744073709551615");
  EXPECT_EQ(lamports_from_decimal("18446744073709551615"), Lamports{kMax});
  for (const char* text : {"", "-1", "+1", "01", "1.0", " 1", "18446744073709551616", "1e9"}) {
    EXPECT_FALSE(lamports_from_decimal(text)) << text;
  }
}

TEST(Lamports, PeopleReadFourFigures) {
  const struct {
    std::uint64_t count;
    const char* text;
  } cases[] = {{0, "0 SOL"},
               {1, "0.000000001 SOL"},
               {6'100'000, "0.0061 SOL"},
               {31'415'926, "0.03142 SOL"},
               {1'000'000'000, "1 SOL"},
               {12'345'000'000, "12.35 SOL"},
               {99'995, "0.0001 SOL"},
               {kMax, "18440000000 SOL"}};
  for (const auto& c : cases) EXPECT_EQ(to_sol_text({c.count}), c.text);
  EXPECT_EQ(to_sol_exact({2'951'040}), "0.002951040");
}

}  // namespace
}  // namespace obelisk::base
