#include "core/solana/loader.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana {
namespace {

base::Bytes of(std::uint32_t kind, std::size_t rest) {
  base::Bytes out{static_cast<std::uint8_t>(kind), 0, 0, 0};
  out.resize(4 + rest, 7);
  return out;
}

TEST(Loader, AProgramPointsAtItsData) {
  EXPECT_EQ(program_data_address(of(2, 32))->bytes[0], 7);
  EXPECT_FALSE(program_data_address(of(3, 32)));
  EXPECT_FALSE(program_data_address(of(2, 31)));
  EXPECT_FALSE(program_data_address(of(2, 33)));
}

TEST(Loader, TheDataSaysWhoMayReplaceIt) {
  base::Bytes data = of(3, 8 + 1 + 32 + 500);
  data[12] = 1;
  EXPECT_FALSE(program_owner(data)->is_final);
  EXPECT_EQ(program_owner(data)->authority->bytes[31], 7);
  data[12] = 0;
  EXPECT_EQ(program_owner(data), (ProgramOwner{true, std::nullopt}));
  data[12] = 2;
  EXPECT_FALSE(program_owner(data)) << "never final by bytes that are unknown";
  EXPECT_FALSE(program_owner(of(3, 20)));
  EXPECT_FALSE(program_owner(of(2, 60)));
}

}  // namespace
}  // namespace obelisk::solana
