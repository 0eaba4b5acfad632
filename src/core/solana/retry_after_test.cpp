#include "core/solana/retry_after.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana {
namespace {

TEST(RetryAfter, SecondsOrADate) {
  // Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's own example.
  constexpr base::UnixMillis kThen = 784'111'777'000;
  struct Row {
    std::string_view header;
    std::optional<int> ms;
  };
  for (const Row& row : {Row{"0", 0},
                         {"7", 7'000},
                         {"3600", 60'000},
                         {"4294967295", 60'000},
                         {"Sun, 06 Nov 1994 08:49:37 GMT", 5'000},
                         {"Sun, 06 Nov 1994 08:49:30 GMT", 0},
                         {"Tue, 06 Dec 1994 08:49:37 GMT", 60'000},
                         {"", {}},
                         {"-1", {}},
                         {"1.5", {}},
                         {"soon", {}},
                         {"4294967296", {}},
                         {"Sun, 06 Nov 1994 08:49:37 UTC", {}},
                         {"Sun, 31 Feb 1994 08:49:37 GMT", {}},
                         {"Sun, 06 Abc 1994 08:49:37 GMT", {}},
                         {"Sun, 06 Nov 1994 24:49:37 GMT", {}},
                         {"Sun, 06-Nov-1994 08:49:37 GMT", {}}}) {
    EXPECT_EQ(retry_after_ms(row.header, kThen - 5'000), row.ms) << row.header;
  }
}

}  // namespace
}  // namespace obelisk::solana
