// Replays a fuzzer's corpus: each file is an input that once reached something new, or broke
// something. A finding that was mended stays here, so that it cannot come back unseen.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

TEST(Corpus, IsReplayedWithoutAFinding) {
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(OBELISK_CORPUS)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    ASSERT_TRUE(file) << entry.path();
    SCOPED_TRACE(entry.path().filename().string());
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                     bytes.size()),
              0);
    ++inputs;
  }
  EXPECT_GT(inputs, 0u);
}

}  // namespace
