#include "adapters/keyfile/keyfile.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

namespace obelisk::keyfile {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxFileBytes = 4096;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// The file's text while it is being read; the key is in it, so it is wiped at the end.
struct Text {
  std::array<char, kMaxFileBytes + 1> bytes{};
  std::size_t size = 0;
  ~Text() { ::explicit_bzero(bytes.data(), bytes.size()); }
  std::string_view view() const { return {bytes.data(), size}; }
};

std::string reason(int error) { return std::string(std::strerror(error)); }

Error cannot_open(const std::string& file, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return {Code::not_found, "There is no key file " + file + ".",
            "Name your key file, or make a key with `obelisk wallet new`."};
  }
  return {Code::forbidden, "The key file " + file + " cannot be read: " + reason(error) + ".",
          "Check who owns it: `ls -l " + file + "`."};
}

base::Result<void> check_kind(const std::string& file, int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return cannot_open(file, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error{Code::invalid_input, file + " is not a regular file.", "Name a key file."};
  }
  if ((status.st_mode & 077) != 0) {
    return Error{Code::forbidden, "Others can read the key file " + file + ".",
                 "Run `chmod 600 " + file + "`. If others may have read it, move your funds."};
  }
  if (status.st_size > static_cast<off_t>(kMaxFileBytes)) {
    return Error{Code::invalid_input,
                 file + " has " + std::to_string(status.st_size) + " bytes: no key file has.",
                 "Name a key file as the Solana CLI writes it."};
  }
  return {};
}

base::Result<void> read_all(const std::string& file, int fd, Text& text) {
  while (text.size < text.bytes.size()) {
    const ssize_t got = ::read(fd, text.bytes.data() + text.size, text.bytes.size() - text.size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_open(file, errno);
    if (got == 0) return {};
    text.size += static_cast<std::size_t>(got);
  }
  return Error{Code::invalid_input, file + " grew while it was read.", "Try again."};
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    skip_space();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::uint8_t> number() {
    skip_space();
    unsigned value = 0;
    std::size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
      value = value * 10 + static_cast<unsigned>(rest_[digits] - '0');
      if (++digits > 3) return std::nullopt;
    }
    if (digits == 0 || value > 255 || (digits > 1 && rest_.front() == '0')) return std::nullopt;
    rest_.remove_prefix(digits);
    return static_cast<std::uint8_t>(value);
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    while (!rest_.empty() &&
           std::string_view(" \t\r\n").find(rest_.front()) != std::string_view::npos) {
      rest_.remove_prefix(1);
    }
  }
  std::string_view rest_;
};

struct Secret {
  std::array<std::uint8_t, 64> bytes{};
  ~Secret() { ::explicit_bzero(bytes.data(), bytes.size()); }
};

bool parse(std::string_view text, Secret& out) {
  Scanner in(text);
  if (!in.take('[')) return false;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    if (i > 0 && !in.take(',')) return false;
    const auto byte = in.number();
    if (!byte) return false;
    out.bytes[i] = *byte;
  }
  return in.take(']') && in.at_end();
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

// A new name survives a power cut only once its folder is on the disk too.
bool sync_folder(const std::filesystem::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd.get() >= 0 && ::fsync(fd.get()) == 0;
}

// Each missing folder is made for its owner alone.
bool make_folders(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (folder.empty() || std::filesystem::is_directory(folder, ignored)) return true;
  if (!make_folders(folder.parent_path())) return false;
  return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST;
}

Error cannot_write(const std::string& file, int error) {
  return {Code::missing_dependency,
          "The key file " + file + " cannot be written: " + reason(error) + ".",
          "Name a file in a folder that you may write to."};
}

}  // namespace

base::Result<base::Keypair> load_keypair(const std::string& file) {
  // Not blocking: a FIFO put in the file's place must not hang us.
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (fd.get() < 0) return cannot_open(file, errno);
  TRY_VOID(check_kind(file, fd.get()));
  Text text;
  TRY_VOID(read_all(file, fd.get(), text));
  Secret secret;
  if (!parse(text.view(), secret)) {
    return Error{Code::invalid_input, file + " is not a key file: 64 numbers from 0 to 255.",
                 "Name a key file as the Solana CLI writes it."};
  }
  auto keypair = base::Keypair::from_bytes(secret.bytes);
  if (!keypair) {
    Error error = std::move(keypair).error();
    error.message = file + ": " + error.message;
    return error;
  }
  return keypair;
}

base::Result<void> save_new_keypair(const std::string& file, const base::Keypair& keypair) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  if (!make_folders(folder)) return cannot_write(file, errno);
  const Descriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.get() < 0 && errno == EEXIST) {
    return Error{Code::conflict, file + " exists already, and a key is never overwritten.",
                 "Use that key, or name another file."};
  }
  if (fd.get() < 0) return cannot_write(file, errno);
  std::string text = "[";
  text.reserve(512);  // so that growing leaves no copy of the key behind
  Secret secret{keypair.secret_bytes()};
  for (const std::uint8_t byte : secret.bytes) {
    if (text.size() > 1) text += ',';
    text += std::to_string(byte);
  }
  text += "]\n";
  const bool written = write_all(fd.get(), text) && ::fsync(fd.get()) == 0 &&
                       sync_folder(folder.empty() ? std::filesystem::path(".") : folder);
  const int error = errno;
  ::explicit_bzero(text.data(), text.size());
  if (written) return {};
  ::unlink(file.c_str());  // half a key is worse than none
  return cannot_write(file, error);
}

base::Result<base::Keypair> create_keypair(const std::string& file) {
  base::Keypair keypair = base::Keypair::random();
  TRY_VOID(save_new_keypair(file, keypair));
  return keypair;
}

}  // namespace obelisk::keyfile
