// What a measurement gives: the figures, and a proof that others can check.
#include "adapters/cuda/proving.hpp"
#include "adapters/cuda/scripted_card_test.hpp"

namespace obelisk::cuda {
namespace {

using Cuda = ScriptedCard;

TEST_F(Cuda, MeasuresACardAndItsProofHolds) {
  script(card_line + "elapsed 500\n");
  auto figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  EXPECT_EQ(figures->memory_bytes, 8u << 20);
  EXPECT_EQ(figures->terms.bytes(), 4u << 20);
  EXPECT_EQ(figures->terms.rounds, 3u);
  EXPECT_EQ(figures->terms.seed, request_.seed);
  // 4 MiB in half a millisecond; half of that is copied.
  EXPECT_EQ(figures->read_bytes_per_s, 8'388'608'000u);
  EXPECT_EQ(figures->copy_bytes_per_s, 4'194'304'000u);
  EXPECT_EQ(figures->to_card_bytes_per_s, 8'388'608'000u);
  EXPECT_EQ(figures->from_card_bytes_per_s, 8'388'608'000u);
  EXPECT_TRUE(figures->simulated);
  const auto verified = cards::verify(figures->terms, figures->proof);
  EXPECT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(counted("obelisk_cuda_left_over"), 0u);
}

TEST_F(Cuda, AnotherSeedGivesAnotherProof) {
  script(card_line);
  auto first = measure();
  ASSERT_TRUE(first.ok());
  request_.seed[0] ^= 1;
  auto second = measure();
  ASSERT_TRUE(second.ok());
  EXPECT_NE(first->proof.root, second->proof.root);
  EXPECT_FALSE(cards::verify(second->terms, first->proof).ok());
}

TEST_F(Cuda, TheAskedCardIsMeasuredAndNotTheFirst) {
  script("card uuid=GPU-00000000-0000-0000-0000-000000000001 memory_mib=4096\n" + card_line +
         "card uuid=nonsense memory_mib=1\n");
  auto figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  EXPECT_EQ(figures->memory_bytes, 8u << 20);
}

// As the driver shows it to a process that was told of it.
TEST_F(Cuda, AnInstanceOfACutCardIsACard) {
  request_.uuid = "MIG-51301a7e-0001-4000-8000-000000000000";
  script("card uuid=" + request_.uuid + " memory_mib=8 multiprocessors=2\n");
  auto figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  EXPECT_EQ(figures->memory_bytes, 8u << 20);
}

TEST_F(Cuda, ASampleIsNoMoreThanWasAskedAndNoSpeeds) {
  script(card_line);
  request_.bytes_most = 2 << 20;
  request_.proof_only = true;
  auto figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  EXPECT_EQ(figures->terms.bytes(), 2u << 20);
  EXPECT_EQ(figures->read_bytes_per_s, 0u);
  EXPECT_FALSE(figures->to_card_bytes_per_s.has_value());
  EXPECT_TRUE(cards::verify(figures->terms, figures->proof).ok());
  EXPECT_EQ(counted("obelisk_cuda_left_over"), 0u);
}

TEST_F(Cuda, AnOldDriverMeansFewerFigures) {
  script(card_line);
  auto figures = measure(CUDA_MINIMAL);
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  EXPECT_GT(figures->read_bytes_per_s, 0u);
  EXPECT_FALSE(figures->copy_bytes_per_s.has_value());
  EXPECT_FALSE(figures->to_card_bytes_per_s.has_value());
  EXPECT_FALSE(figures->from_card_bytes_per_s.has_value());
  EXPECT_TRUE(cards::verify(figures->terms, figures->proof).ok());
  EXPECT_EQ(counted("obelisk_cuda_left_over", CUDA_MINIMAL), 0u);
}

TEST_F(Cuda, AHostThatMayNotPinMemoryHasNoBusFigures) {
  script(card_line + "fail cuMemHostAlloc 2\n");
  auto figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  EXPECT_FALSE(figures->to_card_bytes_per_s.has_value());
  EXPECT_TRUE(figures->copy_bytes_per_s.has_value());
}

// A card that is sold as larger than it is: its memory repeats.
TEST_F(Cuda, LessMemoryThanItSaysFailsTheCheck) {
  script(std::string("card uuid=") + kUuid + " memory_mib=8 real_mib=2\n");
  auto figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  const auto verified = cards::verify(figures->terms, figures->proof);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().code, base::Code::refused);
}

TEST_F(Cuda, WrongWordsFailTheCheck) {
  for (const char* kernel : {"obelisk_fill", "obelisk_meet"}) {
    script(card_line + "flip " + kernel + " 32\n");
    auto figures = measure();
    ASSERT_TRUE(figures.ok()) << figures.error().message;
    const auto verified = cards::verify(figures->terms, figures->proof);
    ASSERT_FALSE(verified.ok()) << kernel;
    EXPECT_EQ(verified.error().code, base::Code::refused);
  }
}

TEST_F(Cuda, ASlowCardIsWaitedFor) {
  script(card_line + "busy 2\n");
  auto figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  EXPECT_GT(figures->proof_ms, 20);
  EXPECT_GT(figures->elapsed_ms, figures->proof_ms);
}

// Launches of half a second are cut small: the pieces together are the same work.
TEST_F(Cuda, ManySmallLaunchesMakeTheSameProof) {
  script(card_line);
  auto quick = measure();
  ASSERT_TRUE(quick.ok());
  const std::uint64_t calls = counted("obelisk_cuda_calls");
  script(card_line + "elapsed 500000\n");
  auto slow = measure();
  ASSERT_TRUE(slow.ok());
  EXPECT_GT(counted("obelisk_cuda_calls"), calls);
  EXPECT_EQ(slow->proof.root, quick->proof.root);
}

TEST(Pace, GrowsWhileLaunchesAreShortAndShrinksWhenTheyAreLong) {
  Pace pace(1000);
  pace.took(5);
  EXPECT_EQ(pace.items(), 2000u);
  pace.took(200);
  EXPECT_EQ(pace.items(), 2000u);
  pace.took(900);
  EXPECT_EQ(pace.items(), 1000u);
  for (int i = 0; i < 100; ++i) pace.took(900);
  EXPECT_EQ(pace.items(), 1000u);
  for (int i = 0; i < 100; ++i) pace.took(0);
  EXPECT_EQ(pace.items(), 1u << 30);
}

}  // namespace
}  // namespace obelisk::cuda
