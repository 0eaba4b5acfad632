#include "adapters/cuda/memory_wipe.hpp"

#include "adapters/cuda/scripted_card_test.hpp"

namespace obelisk::cuda {
namespace {

class MemoryWipe : public ScriptedCard {
 protected:
  base::Result<std::uint64_t> wipe() {
    return wipe_memory(clock_,
                       {.library = CUDA_SCRIPTED, .pause = [this] { clock_.steady_ms_ += 10; }},
                       kUuid, 60'000);
  }
  base::Code failing(const std::string& text) {
    script(text);
    const auto done = wipe();
    EXPECT_FALSE(done.ok()) << text;
    EXPECT_EQ(counted("obelisk_cuda_left_over"), 0u) << text;
    return done.ok() ? base::Code::internal : done.error().code;
  }
};

TEST_F(MemoryWipe, WritesOverAllThatTheDriverGives) {
  script(card_line);
  const auto done = wipe();
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(*done, 8u << 20);
  EXPECT_EQ(counted("obelisk_cuda_left_over"), 0u);
}

TEST_F(MemoryWipe, ACardThatSomethingUsesIsNotWiped) {
  EXPECT_EQ(failing(std::string("card uuid=") + kUuid + " memory_mib=8 used_mib=4\n"),
            base::Code::conflict);
}

TEST_F(MemoryWipe, WhatWasNotWrittenIsSeen) {
  EXPECT_EQ(failing(card_line + "flip obelisk_fill 32\n"), base::Code::refused);
}

TEST_F(MemoryWipe, ACardThatFailsOrIsNotThere) {
  EXPECT_EQ(failing(card_line + "fail cuLaunchKernel 719\n"), base::Code::unreachable);
  EXPECT_EQ(failing("card uuid=GPU-00000000-0000-0000-0000-000000000001 memory_mib=8\n"),
            base::Code::not_found);
}

}  // namespace
}  // namespace obelisk::cuda
