#include "adapters/podman/disk.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "adapters/podman/files.hpp"
#include "adapters/podman/process.hpp"

namespace obelisk::podman {

namespace {

constexpr int kLoopAttempts = 64;
constexpr unsigned kLoopMajor = 7;

struct Loop {
  UniqueFd fd;
  std::string device;
};

// The device node of loop `number`; made where no devtmpfs made it.
base::Result<UniqueFd> open_loop(int number, std::string& device) {
  device = "/dev/loop" + std::to_string(number);
  UniqueFd fd(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) {
    ::mknod(device.c_str(), S_IFBLK | 0660, makedev(kLoopMajor, static_cast<unsigned>(number)));
    fd = UniqueFd(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  }
  if (!fd.valid()) return system_error("cannot open " + device, errno);
  return fd;
}

// Another process may take the free number first: then the next one is asked for.
base::Result<Loop> attach_loop(const std::string& image) {
  UniqueFd file(::open(image.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return system_error("cannot open " + image, errno);
  UniqueFd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!control.valid()) return system_error("cannot open /dev/loop-control", errno);
  for (int attempt = 0; attempt < kLoopAttempts; ++attempt) {
    int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return system_error("no free loop device", errno);
    Loop loop;
    TRY(loop.fd, open_loop(number, loop.device));
    loop_config config{};
    config.fd = static_cast<__u32>(file.get());
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    std::strncpy(reinterpret_cast<char*>(config.info.lo_file_name), image.c_str(),
                 LO_NAME_SIZE - 1);
    if (::ioctl(loop.fd.get(), LOOP_CONFIGURE, &config) == 0) return loop;
    if (errno != EBUSY) return system_error("cannot attach " + image, errno);
  }
  return system_error("cannot attach " + image, EBUSY);
}

}  // namespace

base::Result<void> create_disk(const std::string& image, std::uint64_t bytes) {
  UniqueFd fd(::open(image.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return system_error("cannot make " + image, errno);
  if (::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) {
    return system_error("cannot make " + image + " " + std::to_string(bytes) + " bytes long",
                        errno);
  }
  // Its room is taken now, so that nothing a renter writes is lost when the machine's disk is full.
  // A file system that cannot do so keeps what others may still grow in its own count alone.
  if (::fallocate(fd.get(), 0, 0, static_cast<off_t>(bytes)) != 0 && errno != EOPNOTSUPP) {
    return system_error("cannot take " + std::to_string(bytes) + " bytes for " + image, errno);
  }
  fd.reset();
  // Nothing is written that can be written later.
  auto made = run_checked({.argv = {"mkfs.ext4", "-q", "-F", "-m", "0", "-E",
                                    "lazy_itable_init=1,lazy_journal_init=1,nodiscard", image},
                           .input = "",
                           .timeout = std::chrono::seconds(60)});
  if (!made) return std::move(made).error();
  return {};
}

base::Result<void> mount_disk(const std::string& image, const std::string& target) {
  TRY(Loop loop, attach_loop(image));
  if (::mount(loop.device.c_str(), target.c_str(), "ext4", MS_NODEV | MS_NOSUID, "nodiscard") !=
      0) {
    return system_error("cannot mount " + image + " at " + target, errno);
  }
  return {};
}

std::vector<std::string> loops_of(const std::string& image) {
  std::vector<std::string> out;
  auto names = names_in("/sys/block");
  if (!names) return out;
  for (const std::string& name : *names) {
    if (!name.starts_with("loop")) continue;
    auto backing = read_file("/sys/block/" + name + "/loop/backing_file", 8192);
    // An unlinked file is shown with " (deleted)" after its name.
    if (backing && (*backing == image + "\n" || *backing == image + " (deleted)\n")) {
      out.push_back("/dev/" + name);
    }
  }
  return out;
}

std::uint64_t allocated_bytes(const std::string& image) {
  struct stat info{};
  if (::lstat(image.c_str(), &info) != 0) return 0;
  return static_cast<std::uint64_t>(info.st_blocks) * 512;
}

base::Result<std::uint64_t> free_bytes(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) return system_error("cannot measure " + path, errno);
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

bool same_file_system(const std::string& a, const std::string& b) {
  struct stat first{};
  struct stat second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev;
}

}  // namespace obelisk::podman
