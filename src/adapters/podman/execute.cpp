#include "adapters/podman/execute.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <thread>

#include "adapters/podman/files.hpp"
#include "adapters/podman/process.hpp"
#include "adapters/podman/spawn.hpp"
#include "adapters/podman/usage.hpp"
#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kLook = 20ms;
constexpr auto kGoneWithin = 2s;
constexpr auto kBesideTheCommand = 15s;  // for runc itself to start and to end
constexpr std::size_t kMaxPids = 1 << 20;
constexpr int kTooSlow = 124;
constexpr int kNoProgram = 127;

constexpr std::string_view kPrefix = "obelisk-exec-";

// Says which process of ours made it: what is another's is left from one that was killed.
std::string own_prefix() { return std::string(kPrefix) + std::to_string(::getpid()) + "-"; }

bool is_left(const std::string& name) {
  return name.starts_with(kPrefix) && !name.starts_with(own_prefix());
}

// Of version 1's hierarchy of numbers of processes, or of version 2.
std::string group_of_lease(int pid) { return directory_of(control_groups_of(pid), "pids"); }

// The command's own control group, below the lease's: no process of it can leave. Gone with this.
class CommandGroup {
 public:
  static base::Result<CommandGroup> make(int pid, const std::string& name) {
    const std::string parent = group_of_lease(pid);
    if (parent.empty()) {
      return base::Error{base::Code::not_found, "The lease does not run any more.",
                         "Look at it: obelisk show LEASE"};
    }
    CommandGroup out = adopt(parent, name);
    out.controller_ = control_groups_of(pid).by_controller.contains("pids") ? "pids:" : "";
    if (::mkdir(out.path_.c_str(), 0755) != 0) {
      return system_error("cannot make " + out.path_, errno);
    }
    return out;
  }
  // One that is there already.
  static CommandGroup adopt(const std::string& parent, const std::string& name) {
    CommandGroup out;
    out.name_ = name;
    out.path_ = parent + "/" + name;
    return out;
  }
  CommandGroup(CommandGroup&& other) noexcept = default;
  CommandGroup& operator=(CommandGroup&&) = delete;
  ~CommandGroup() {
    if (path_.empty()) return;
    const auto deadline = Clock::now() + kGoneWithin;
    // One that has ended stays in it until the lease's first process has looked.
    while (::rmdir(path_.c_str()) != 0 && errno == EBUSY && Clock::now() < deadline) {
      end_all();
      std::this_thread::sleep_for(5ms);
    }
  }

  // As runc wants it: the controller's hierarchy where there are several.
  std::string argument() const { return controller_ + name_; }

  void end_all() const {
    const auto pids = read_file(path_ + "/cgroup.procs", kMaxPids);
    std::string_view rest = pids ? std::string_view(*pids) : std::string_view();
    while (!rest.empty()) {
      pid_t pid = 0;
      const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), pid);
      rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
      if (failed != std::errc{} || pid <= 1) break;
      // The descriptor first, then another look: a number that was used again is not hit.
      const UniqueFd process = open_process(pid);
      if (process.valid() && is_in(pid)) signal_process(process, SIGKILL);
    }
  }

 private:
  CommandGroup() = default;
  bool is_in(pid_t pid) const {
    const auto text = read_file("/proc/" + std::to_string(pid) + "/cgroup", 64 << 10);
    return text && text->find(name_) != std::string::npos;
  }

  std::string name_;
  std::string controller_;
  std::string path_;
};

constexpr const char* kNotes = "/state.json";
constexpr std::size_t kMaxNotes = 4 << 20;

// Files that live as long as a command: the pid that runc writes, and the notes that it reads.
class Scratch {
 public:
  static base::Result<Scratch> make(const std::string& path, const std::string& container_id) {
    TRY(const std::string notes, read_file("/run/runc/" + container_id + kNotes, kMaxNotes));
    const auto changed = without_network(notes);
    if (!changed) {
      return base::Error{base::Code::internal, "runc's notes of the lease cannot be read.",
                         "Run `obelisk-host check`."};
    }
    TRY_VOID(make_directory(path, 0700));
    Scratch out(path, container_id);
    TRY_VOID(make_directory(out.notes(), 0700));
    TRY_VOID(write_file(out.notes() + kNotes, *changed, 0600));
    return out;
  }
  Scratch(Scratch&& other) noexcept = default;
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    if (!path_.empty()) (void)remove_tree(path_);
  }
  const std::string& root() const { return path_; }
  std::string pid_file() const { return path_ + "/pid"; }

 private:
  Scratch(std::string path, std::string container_id)
      : path_(std::move(path)), container_id_(std::move(container_id)) {}
  std::string notes() const { return path_ + "/" + container_id_; }

  std::string path_;
  std::string container_id_;
};

// The command's first process: its number as runc wrote it, 0 until then.
pid_t number_in(const std::string& pid_file) {
  const auto text = read_file(pid_file, 64);
  pid_t pid = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), pid);
  return std::max(pid, 0);
}

bool has_ended(const UniqueFd& process) {
  pollfd ended{process.get(), POLLIN, 0};
  return process.valid() && ::poll(&ended, 1, 0) == 1;
}

// Looks after a command while it runs: ends all of it once its first process has ended or its time
// is over. A process that it left in the background would keep its output open for ever.
class Warden {
 public:
  Warden(const CommandGroup& group, std::string pid_file, std::chrono::milliseconds timeout,
         const std::stop_token& stop)
      : group_(group), pid_file_(std::move(pid_file)), deadline_(Clock::now() + timeout) {
    thread_ = std::jthread([this, stop](const std::stop_token& done) { run(done, stop); });
  }
  bool timed_out() const { return timed_out_; }
  bool began() const { return began_; }
  void join() {
    thread_.request_stop();
    thread_.join();
    if (!began_) began_ = exists(pid_file_);
  }

 private:
  void run(const std::stop_token& done, const std::stop_token& stop) {
    UniqueFd process;
    bool ended = false;
    while (!done.stop_requested()) {
      const pid_t pid = process.valid() || ended ? 0 : number_in(pid_file_);
      if (pid > 1) {
        began_ = true;
        process = open_process(pid);
        ended = !process.valid();  // quicker than this look
      }
      ended = ended || has_ended(process);
      const bool late = Clock::now() > deadline_;
      if (late && !ended) timed_out_ = true;
      if (late || ended || stop.stop_requested()) group_.end_all();
      std::this_thread::sleep_for(kLook);
    }
  }

  const CommandGroup& group_;
  const std::string pid_file_;
  const Clock::time_point deadline_;
  std::atomic<bool> timed_out_ = false;
  std::atomic<bool> began_ = false;
  std::jthread thread_;
};

std::vector<std::string> arguments(const ExecutePlace& place, const CommandGroup& group,
                                   const Scratch& scratch, const ports::Command& command) {
  std::vector<std::string> out{"nsenter",      "--net=" + place.network,
                               "runc",         "--root",
                               scratch.root(), "exec",
                               "--cgroup",     group.argument(),
                               "--pid-file",   scratch.pid_file(),
                               "--cwd",        "/workspace",
                               "--user",       "0:0"};
  for (const auto& [name, value] : place.environment) {
    out.insert(out.end(), {"--env", name + "=" + value});
  }
  out.push_back(place.container_id);
  out.insert(out.end(), command.words.begin(), command.words.end());
  return out;
}

base::Result<void> check(const ports::Command& command) {
  const auto has_zero = [](const std::string& word) {
    return word.find('\0') != std::string::npos;
  };
  if (!command.words.empty() && !command.words.front().empty() &&
      std::ranges::none_of(command.words, has_zero)) {
    return {};
  }
  return base::Error{base::Code::invalid_input, "A command is a program and its arguments.",
                     "Name a program, and no zero bytes."};
}

}  // namespace

void end_left_commands(int pid, const std::string& scratch) {
  const std::string parent = group_of_lease(pid);
  const auto groups = names_in(parent);
  for (const std::string& name : groups ? *groups : std::vector<std::string>{}) {
    if (is_left(name)) CommandGroup::adopt(parent, name).end_all();
  }
  const auto files = names_in(scratch);
  for (const std::string& name : files ? *files : std::vector<std::string>{}) {
    if (is_left(name)) (void)remove_tree(scratch + "/" + name);
  }
}

std::optional<std::string> without_network(std::string_view notes) {
  boost::system::error_code failed;
  boost::json::value value =
      boost::json::parse(boost::json::string_view(notes.data(), notes.size()), failed);
  if (failed || !value.is_object()) return std::nullopt;
  boost::json::object& all = value.as_object();
  boost::json::value* paths = all.if_contains("namespace_paths");
  boost::json::value* config = all.if_contains("config");
  if (paths == nullptr || !paths->is_object() || config == nullptr || !config->is_object()) {
    return std::nullopt;
  }
  boost::json::value* spaces = config->as_object().if_contains("namespaces");
  if (spaces == nullptr || !spaces->is_array()) return std::nullopt;
  paths->as_object().erase("NEWNET");
  boost::json::array kept;
  for (const boost::json::value& space : spaces->as_array()) {
    const auto* entry = space.if_object();
    const auto* type = entry == nullptr ? nullptr : entry->if_contains("type");
    if (type == nullptr || *type != "NEWNET") kept.push_back(space);
  }
  *spaces = kept;
  return boost::json::serialize(value);
}

void cut(ports::CommandEnd& end, std::size_t max_bytes) {
  if (end.output.size() + end.errors.size() <= max_bytes) return;
  const std::size_t left = max_bytes - std::min(max_bytes, end.output.size());
  end.errors.resize(std::min(end.errors.size(), std::max(max_bytes / 4, left)));
  end.output.resize(std::min(end.output.size(), max_bytes - end.errors.size()));
  end.truncated = true;
}

base::Result<ports::CommandEnd> execute(const ExecutePlace& place, const ports::Command& command,
                                        const std::stop_token& stop) {
  TRY_VOID(check(command));
  std::array<std::uint8_t, 8> random{};
  base::random_bytes(random);
  const std::string name = own_prefix() + base::to_hex(base::ByteView(random));
  TRY(const Scratch scratch, Scratch::make(place.scratch + "/" + name, place.container_id));
  TRY(const CommandGroup group, CommandGroup::make(place.pid, name));
  Warden warden(group, scratch.pid_file(), command.timeout, stop);
  auto ran = run({.argv = arguments(place, group, scratch, command),
                  .input = command.input,
                  .timeout = command.timeout + kBesideTheCommand});
  warden.join();
  group.end_all();
  if (!ran) return std::move(ran).error();
  if (stop.stop_requested()) {
    return base::Error{base::Code::unreachable, "The host is stopping; the command was ended.",
                       "Try again in a minute."};
  }
  ports::CommandEnd out{ran->status, std::move(ran->output), std::move(ran->errors), false, false};
  if (warden.timed_out()) {
    out.timed_out = true;
    out.exit_code = kTooSlow;
  } else if (!warden.began() && out.exit_code != 0) {
    out.exit_code = kNoProgram;
    out.errors = "There is no program " + command.words.front() + " that can be started.\n";
  }
  cut(out, command.max_output_bytes);
  return out;
}

}  // namespace obelisk::podman
