// What the build made of the kernels, as far as that can be seen without a card.
#include "adapters/cuda/ptx.hpp"

#include <gtest/gtest.h>

#include "adapters/cuda/kernels/work.hpp"

namespace obelisk::cuda {
namespace {

bool says(std::string_view text) { return ptx().find(text) != std::string_view::npos; }

TEST(Ptx, NamesEachKernelOnceAndNothingElseThatCanBeStarted) {
  for (const char* name : {kFillKernel, kMeetKernel, kDigestKernel, kReadKernel}) {
    EXPECT_TRUE(says(".visible .entry " + std::string(name) + "(")) << name;
  }
  std::size_t entries = 0;
  for (std::size_t at = 0; (at = ptx().find(".entry ", at)) != std::string_view::npos; ++at) {
    ++entries;
  }
  EXPECT_EQ(entries, 4u);
}

// The oldest that we promise: Volta, and drivers since CUDA 10. Newer ones read it.
TEST(Ptx, IsForTheOldestCardsAndDrivers) {
  EXPECT_TRUE(says("\n.version 6.3\n"));
  EXPECT_TRUE(says("\n.target sm_70\n"));
  EXPECT_TRUE(says("\n.address_size 64\n"));
}

TEST(Ptx, EndsWithAZeroAndHoldsNoPathOfThisMachine) {
  EXPECT_EQ(*(ptx().data() + ptx().size()), '\0');
  EXPECT_EQ(ptx().find('\0'), std::string_view::npos);
  EXPECT_FALSE(says(SOURCE_FOLDER));
  EXPECT_FALSE(says(".file"));
  EXPECT_FALSE(says(".cpp"));
}

// A kernel reads its parameters as one struct: as many bytes as the host hands it.
TEST(Ptx, ItsParametersAreOneWork) {
  EXPECT_TRUE(
      says(".param .align 8 .b8 obelisk_meet_param_0[" + std::to_string(sizeof(Work)) + "]"));
}

// Cells move sixteen bytes at a time: four loads of four words where two cells meet.
TEST(Ptx, CellsAreReadInWholeVectors) {
  const std::size_t from = ptx().find(".entry obelisk_meet(");
  const std::size_t to = ptx().find(".entry obelisk_digest(");
  ASSERT_LT(from, to);
  const std::string_view meet = ptx().substr(from, to - from);
  std::size_t vectors = 0;
  for (std::size_t at = 0; (at = meet.find("ld.global.v4", at)) != std::string_view::npos; ++at) {
    ++vectors;
  }
  EXPECT_EQ(vectors, 4u);
  EXPECT_EQ(meet.find("ld.local"), std::string_view::npos);
}

}  // namespace
}  // namespace obelisk::cuda
