// sbpf-ld: links BPF objects of clang into a program file for the Solana VM, version 3.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sbpf-ld/linker.hpp"

namespace {

using obelisk::sbpf_ld::Input;
using obelisk::sbpf_ld::Linked;
using obelisk::sbpf_ld::Options;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr std::uintmax_t kMaxInputBytes = 64 * 1024 * 1024;

constexpr const char* kHelp =
    "Usage: sbpf-ld [--entry NAME] [--map] [--symbols] -o OUT IN.o...\n"
    "Links BPF objects into a program for the Solana VM (sBPF v3).\n"
    "\n"
    "  -o OUT        the file to write\n"
    "  --entry NAME  the function the VM calls (entrypoint)\n"
    "  --map         print what lies where\n"
    "  --symbols     keep the names of functions, for debuggers\n"
    "  --version     print the version\n"
    "\n"
    "Compile with: clang++-19 --target=bpf -mcpu=v2 -O2 -ffreestanding -fno-exceptions -fno-rtti\n"
    "  -fno-jump-tables -ffunction-sections -fdata-sections -mllvm -bpf-stack-size=4096 -c\n";

struct Command {
  std::string out;
  std::vector<std::string> inputs;
  Options options;
  bool map = false;
};

void complain(const std::string& text) { std::fprintf(stderr, "sbpf-ld: %s\n", text.c_str()); }

// Empty when the command line makes no sense; what is wrong has been said.
std::optional<Command> parse(const std::vector<std::string>& words) {
  Command command;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "-o" || word == "--entry") {
      if (++i == words.size()) {
        complain(word + " needs a value after it. See sbpf-ld --help");
        return std::nullopt;
      }
      (word == "-o" ? command.out : command.options.entry) = words[i];
    } else if (word == "--map") {
      command.map = true;
    } else if (word == "--symbols") {
      command.options.with_symbols = true;
    } else if (word.starts_with("-")) {
      complain("no option " + word + ". See sbpf-ld --help");
      return std::nullopt;
    } else {
      command.inputs.push_back(word);
    }
  }
  if (command.out.empty() || command.inputs.empty()) {
    complain("give -o OUT and at least one object. See sbpf-ld --help");
    return std::nullopt;
  }
  return command;
}

std::optional<std::vector<std::uint8_t>> read_file(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) {
    complain(path + ": " + error.message() + ": check the path");
    return std::nullopt;
  }
  if (size > kMaxInputBytes) {
    complain(path + ": above 64 MiB: not an object of a program");
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    complain(path + ": cannot be read: check its mode");
    return std::nullopt;
  }
  return bytes;
}

// Written beside and renamed, so that nobody ever sees half a program.
bool write_file(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  const std::string partial = path + ".partial";
  std::ofstream file(partial, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(partial, path, error);
  if (file && !error) return true;
  std::filesystem::remove(partial, error);
  complain(path + ": cannot be written: check the folder and the free space");
  return false;
}

int run(const Command& command) {
  std::vector<Input> inputs;
  for (const std::string& path : command.inputs) {
    auto bytes = read_file(path);
    if (!bytes) return kFailed;
    inputs.push_back({path, std::move(*bytes)});
  }
  const Linked linked = obelisk::sbpf_ld::link(std::move(inputs), command.options);
  if (!linked.error.empty()) {
    complain(linked.error);
    return kFailed;
  }
  if (!write_file(command.out, linked.image)) return kFailed;
  if (command.map) std::fputs(linked.map.c_str(), stdout);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h") {
      std::fputs(kHelp, stdout);
      return kDone;
    }
    if (word == "--version") {
      std::puts("sbpf-ld " OBELISK_VERSION);
      return kDone;
    }
  }
  const auto command = parse(words);
  return command ? run(*command) : kUsage;
}
