// What the tests of this folder share: a script file, a clock that moves while somebody waits, and
// the stand-in's own count of what was not given back. Through the real path: dlopen, dlsym, the C
// functions of a shared library.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/cuda/cuda_meter.hpp"

namespace obelisk::cuda {

inline constexpr const char* kUuid = "GPU-51301a7e-0000-4000-8000-00000000ab01";
// 4 MiB of it: 16 chunks. Few rounds, for the sake of time.
inline const std::string card_line = std::string("card uuid=") + kUuid + " memory_mib=8\n";

class TurningClock final : public ports::Clock {
 public:
  base::UnixMillis now_ms() override { return steady_ms_; }
  std::int64_t steady_ms() override { return steady_ms_; }
  std::int64_t steady_ms_ = 0;
};

class ScriptedCard : public testing::Test {
 protected:
  ScriptedCard() {
    std::string name = (std::filesystem::temp_directory_path() / "obelisk-cuda-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    EXPECT_GE(fd, 0);
    ::close(fd);
    path_ = name;
    ::setenv("OBELISK_CUDA_SCRIPT", path_.c_str(), 1);
    request_.uuid = kUuid;
    request_.seed.fill(7);
    request_.share_percent = 50;
    request_.rounds = 3;
  }
  ~ScriptedCard() override { std::filesystem::remove(path_); }

  void script(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }

  base::Result<ports::CardFigures> measure(const std::string& library = CUDA_SCRIPTED) {
    CudaMeter meter(clock_, {.library = library, .pause = [this] { clock_.steady_ms_ += 10; }});
    return meter.measure(request_);
  }

  // The code of what goes wrong with this script, and that nothing is left on the card.
  base::Code failing(const std::string& text) {
    script(text);
    auto result = measure();
    EXPECT_FALSE(result.ok()) << text;
    EXPECT_EQ(counted("obelisk_cuda_left_over"), 0u) << text;
    if (result.ok()) return base::Code::internal;
    EXPECT_FALSE(result.error().action.empty());
    message_ = result.error().message;
    return result.error().code;
  }

  // One of the stand-in's counters.
  static std::uint64_t counted(const char* name, const char* library = CUDA_SCRIPTED) {
    void* loaded = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(loaded, nullptr);
    auto* counter = reinterpret_cast<std::uint64_t (*)()>(::dlsym(loaded, name));
    EXPECT_NE(counter, nullptr);
    const std::uint64_t count = counter();
    ::dlclose(loaded);
    return count;
  }

  TurningClock clock_;
  ports::CardMeterRequest request_;
  std::string path_;
  std::string message_;
};

}  // namespace obelisk::cuda
