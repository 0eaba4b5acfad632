// Everything that can go wrong: each has its code, says what to do, and leaves nothing on the card.
#include <set>

#include "adapters/cuda/scripted_card_test.hpp"

namespace obelisk::cuda {
namespace {

using base::Code;
using CudaFailures = ScriptedCard;

TEST_F(CudaFailures, NoLibraryOrOneThatLacksAFunction) {
  script(card_line);
  auto result = measure("libobelisk-is-not-there.so.1");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Code::missing_dependency);
  result = measure(CUDA_BROKEN);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Code::missing_dependency);
  EXPECT_NE(result.error().message.find("cuEventElapsedTime"), std::string::npos);
}

TEST_F(CudaFailures, ADriverThatDoesNotStart) {
  EXPECT_EQ(failing(card_line + "fail cuInit 803\n"), Code::missing_dependency);
  EXPECT_NE(message_.find("different versions"), std::string::npos);
  EXPECT_EQ(failing(card_line + "fail cuInit 100\n"), Code::not_found);
  EXPECT_EQ(failing("nonsense\n"), Code::missing_dependency);
}

TEST_F(CudaFailures, NoSuchCard) {
  EXPECT_EQ(failing(""), Code::not_found);
  EXPECT_EQ(failing("card uuid=GPU-00000000-0000-0000-0000-000000000001 memory_mib=64\n"),
            Code::not_found);
}

TEST_F(CudaFailures, ARequestOutOfRangeTouchesNoDriver) {
  script(card_line);
  const auto good = request_;
  auto refuses = [&] {
    auto result = measure("libobelisk-is-not-there.so.1");
    request_ = good;
    return !result.ok() && result.error().code == Code::invalid_input;
  };
  request_.uuid = "CPU-51301a7e-0000-4000-8000-00000000ab01";
  EXPECT_TRUE(refuses());
  request_.uuid = "GPU-1";
  EXPECT_TRUE(refuses());
  for (std::uint32_t share : {0u, 99u}) {
    request_.share_percent = share;
    EXPECT_TRUE(refuses());
  }
  for (std::int64_t limit_ms : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{3'600'001}}) {
    request_.time_limit_ms = limit_ms;
    EXPECT_TRUE(refuses());
  }
  for (std::uint32_t rounds : {0u, 21u}) {
    request_.rounds = rounds;
    EXPECT_TRUE(refuses());
  }
}

TEST_F(CudaFailures, AShareOfLessThanTwoMebibytes) {
  request_.share_percent = 20;
  EXPECT_EQ(failing(card_line), Code::invalid_input);
}

TEST_F(CudaFailures, ACardInUse) {
  EXPECT_EQ(failing(std::string("card uuid=") + kUuid + " memory_mib=8 used_mib=6\n"),
            Code::conflict);
  EXPECT_NE(message_.find("2 MiB"), std::string::npos);
  EXPECT_EQ(failing(card_line + "fail cuMemAlloc_v2 2\n"), Code::conflict);
  EXPECT_EQ(failing(card_line + "fail cuMemAlloc_v2 2 1\n"), Code::conflict);
  EXPECT_EQ(failing(card_line + "fail cuCtxCreate_v2 46\n"), Code::conflict);
}

TEST_F(CudaFailures, ACardOrDriverTooOldForOurKernels) {
  for (const char* code : {"200", "209", "218", "221", "222", "223"}) {
    EXPECT_EQ(failing(card_line + "fail cuModuleLoadData " + code + "\n"), Code::unsupported);
  }
}

// Each function, at its first call and, where it is called again, later.
TEST_F(CudaFailures, EachFunctionThatFailsIsAnError) {
  const std::set<std::string> once = {
      "cuDeviceGetCount", "cuDeviceTotalMem_v2", "cuDeviceGetAttribute", "cuCtxCreate_v2",
      "cuMemGetInfo_v2",  "cuModuleLoadData",    "cuStreamCreate",       "cuMemHostAlloc"};
  const std::set<std::string> often = {
      "cuMemAlloc_v2",        "cuModuleGetFunction", "cuEventCreate",  "cuEventRecord",
      "cuEventQuery",         "cuEventElapsedTime",  "cuLaunchKernel", "cuMemcpyDtoHAsync_v2",
      "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoDAsync_v2"};
  for (const auto& function : once) {
    EXPECT_EQ(failing(card_line + "fail " + function + " 719\n"), Code::unreachable) << function;
  }
  for (const auto& function : often) {
    for (const char* after : {" 719\n", " 719 1\n"}) {
      EXPECT_EQ(failing(card_line + "fail " + function + after), Code::unreachable) << function;
    }
  }
  // A card that cannot say who it is is not the one that was asked for.
  for (const char* function : {"cuDeviceGet", "cuDeviceGetUuid_v2"}) {
    EXPECT_EQ(failing(card_line + "fail " + function + " 999\n"), Code::not_found) << function;
  }
}

// What fails in giving back is nobody's error: the figures are there.
TEST_F(CudaFailures, GivingBackMayFail) {
  for (const char* function : {"cuMemFree_v2", "cuMemFreeHost", "cuModuleUnload",
                               "cuStreamDestroy_v2", "cuEventDestroy_v2", "cuCtxDestroy_v2"}) {
    script(card_line + "fail " + function + " 999\n");
    EXPECT_TRUE(measure().ok()) << function;
    EXPECT_EQ(counted("obelisk_cuda_left_over"), 0u) << function;
  }
}

TEST_F(CudaFailures, ACardThatVanishesAtAnyMoment) {
  request_.rounds = 1;
  script(card_line);
  ASSERT_TRUE(measure().ok());
  // The last twelve give back.
  const std::uint64_t calls = counted("obelisk_cuda_calls") - 12;
  ASSERT_GT(calls, 100u);
  const std::set<Code> fine = {Code::unreachable, Code::not_found, Code::missing_dependency};
  for (std::uint64_t after = 0; after < calls; after += after < 40 ? 1 : 13) {
    EXPECT_TRUE(fine.contains(failing(card_line + "lose " + std::to_string(after) + "\n")))
        << after;
  }
}

TEST_F(CudaFailures, OverTime) {
  // A kernel that never ends.
  EXPECT_EQ(failing(card_line + "busy 1000000000\n"), Code::timeout);
  // Many that end, and are too many together.
  request_.time_limit_ms = 45;
  EXPECT_EQ(failing(card_line + "busy 1\n"), Code::timeout);
  request_.time_limit_ms = 10'000;
  script(card_line + "busy 1\n");
  EXPECT_TRUE(measure().ok());
}

TEST_F(CudaFailures, AnswersThatCannotBe) {
  for (const char* elapsed : {"nan", "-1", "0"}) {
    EXPECT_EQ(failing(card_line + "elapsed " + elapsed + "\n"), Code::refused) << elapsed;
  }
  for (const char* card :
       {" memory_mib=8 used_mib=9\n", " memory_mib=2000000\n", " memory_mib=8 multiprocessors=0\n",
        " memory_mib=8 multiprocessors=9999\n"}) {
    EXPECT_EQ(failing(std::string("card uuid=") + kUuid + card), Code::refused) << card;
  }
}

TEST_F(CudaFailures, MemoryThatChangesBetweenTwoLooks) {
  // One bit of every leaf after it was digested.
  EXPECT_EQ(failing(card_line + "flip obelisk_digest 1024\n"), Code::refused);
  EXPECT_NE(message_.find("changes"), std::string::npos);
  // One bit between two passes of reading.
  EXPECT_EQ(failing(card_line + "flip obelisk_read 8000000\n"), Code::refused);
  EXPECT_NE(message_.find("passes"), std::string::npos);
}

TEST_F(CudaFailures, AScriptThatCannotBeReadFailsLoudly) {
  for (const char* text :
       {"card uuid\n", "card memory_mib=x\n", "card nonsense=1\n", "lose x\n", "busy\n",
        "fail cuInit\n", "fail cuInit 1 x\n", "elapsed x\n", "flip obelisk_fill 0\n"}) {
    EXPECT_EQ(failing(card_line + text), Code::missing_dependency) << text;
  }
}

}  // namespace
}  // namespace obelisk::cuda
