// The id-mapped mount: one shared image looks, in each lease, as if it belonged to that lease's own
// uid range, and nothing has to be copied or chowned.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "adapters/podman/files.hpp"
#include "adapters/podman/mounts.hpp"

namespace obelisk::podman {

namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

// Runs in the child: lives until the parent closes its end (or dies), then goes.
int wait_for_parent(void* argument) {
  auto* ends = static_cast<Pipe*>(argument);
  ::close(ends->write);
  char byte = 0;
  while (::read(ends->read, &byte, 1) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

// A process in a new user namespace, only there to hold that namespace while we open it.
class NamespaceHolder {
 public:
  NamespaceHolder() = default;
  NamespaceHolder(const NamespaceHolder&) = delete;
  NamespaceHolder& operator=(const NamespaceHolder&) = delete;
  ~NamespaceHolder() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  base::Result<UniqueFd> open(std::uint32_t base, std::uint32_t count) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("cannot make a pipe", errno);
    UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    Pipe pipe{ends[0], ends[1]};
    pid_ = ::clone(wait_for_parent, stack_.data() + stack_.size(), CLONE_NEWUSER | SIGCHLD, &pipe);
    if (pid_ < 0) {
      return base::Error{
          base::Code::missing_dependency,
          "The kernel refused a user namespace (error " + std::to_string(errno) + ").",
          "Allow them: sysctl user.max_user_namespaces=65536."};
    }
    std::string process = "/proc/" + std::to_string(pid_);
    std::string map = "0 " + std::to_string(base) + " " + std::to_string(count) + "\n";
    TRY_VOID(write_in_place(process + "/uid_map", map));
    TRY_VOID(write_in_place(process + "/gid_map", map));
    UniqueFd space(::open((process + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
    if (!space.valid()) return system_error("cannot open the user namespace", errno);
    return space;
  }

 private:
  pid_t pid_ = -1;
  alignas(16) std::array<char, 65536> stack_{};
};

}  // namespace

base::Result<void> mount_idmapped(const std::string& source, const std::string& target,
                                  std::uint32_t base, std::uint32_t count) {
  NamespaceHolder holder;
  TRY(UniqueFd space, holder.open(base, count));
  UniqueFd tree(::open_tree(AT_FDCWD, source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!tree.valid()) return system_error("cannot take " + source + " as an image", errno);
  mount_attr attributes{};
  // Read-only here too: a delete that went astray in a lease must not reach the shared image.
  attributes.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
  attributes.userns_fd = static_cast<std::uint64_t>(space.get());
  if (::mount_setattr(tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0) {
    return system_error("cannot map the owners of " + source +
                            " (the kernel must be 5.12 or newer, 5.19 for overlays)",
                        errno);
  }
  if (::move_mount(tree.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return system_error("cannot mount the image at " + target, errno);
  }
  return {};
}

}  // namespace obelisk::podman
