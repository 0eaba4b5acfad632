#include "adapters/podman/host_key.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/podman/files.hpp"
#include "adapters/podman/process.hpp"

namespace obelisk::podman {
namespace {

// ssh-keygen is the judge: it must find in the private file the public key we announced.
TEST(HostKey, OpenSshReadsWhatWeWrite) {
  std::string file =
      (std::filesystem::temp_directory_path() / ("obelisk-key-" + std::to_string(::getpid())))
          .string();
  for (int first : {0, 1, 128, 255}) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = static_cast<std::uint8_t>(first);
    base::Keypair key = base::Keypair::from_seed(seed);
    ASSERT_TRUE(write_file(file, private_file_text(key), 0600, ::geteuid()).ok());
    auto read = run_checked({.argv = {"ssh-keygen", "-y", "-f", file}, .input = ""});
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, public_line(key.public_key()) + "\n");
  }
  ASSERT_TRUE(remove_file(file).ok());
}

TEST(HostKey, LinesAreNoLongerThanOpenSshWrites) {
  std::string text = private_file_text(base::Keypair::random());
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = text.find('\n', start);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - start, 70u);
    start = end + 1;
  }
}

}  // namespace
}  // namespace obelisk::podman
