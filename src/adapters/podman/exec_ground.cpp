#include "adapters/podman/exec_ground.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <thread>

#include "adapters/podman/spawn.hpp"
#include "adapters/podman/usage.hpp"
#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kGoneWithin = 2s;
constexpr std::size_t kMaxPids = 1 << 20;
constexpr std::string_view kPrefix = "obelisk-exec-";
constexpr const char* kNotes = "/state.json";
constexpr std::size_t kMaxNotes = 4 << 20;

// Says which process of ours made it: what is another's is left from one that was killed.
std::string own_prefix() { return std::string(kPrefix) + std::to_string(::getpid()) + "-"; }

bool is_left(const std::string& name) {
  return name.starts_with(kPrefix) && !name.starts_with(own_prefix());
}

// Of version 1's hierarchy of numbers of processes, or of version 2.
std::string group_of_lease(int pid) { return directory_of(control_groups_of(pid), "pids"); }

}  // namespace

base::Result<CommandGroup> CommandGroup::make(int pid, const std::string& name) {
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

CommandGroup CommandGroup::adopt(const std::string& parent, const std::string& name) {
  CommandGroup out;
  out.name_ = name;
  out.path_ = parent + "/" + name;
  return out;
}

CommandGroup::~CommandGroup() {
  if (path_.empty()) return;
  const auto deadline = Clock::now() + kGoneWithin;
  // One that has ended stays in it until the lease's first process has looked.
  while (::rmdir(path_.c_str()) != 0 && errno == EBUSY && Clock::now() < deadline) {
    end_all();
    std::this_thread::sleep_for(5ms);
  }
}

void CommandGroup::end_all() const {
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

bool CommandGroup::is_in(pid_t pid) const {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/cgroup", 64 << 10);
  return text && text->find(name_) != std::string::npos;
}

base::Result<Scratch> Scratch::make(const std::string& path, const std::string& container_id) {
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

Scratch::~Scratch() {
  if (!path_.empty()) (void)remove_tree(path_);
}

base::Result<ExecGround> ExecGround::make(const ExecutePlace& place) {
  std::array<std::uint8_t, 8> random{};
  base::random_bytes(random);
  const std::string name = own_prefix() + base::to_hex(base::ByteView(random));
  TRY(Scratch scratch, Scratch::make(place.scratch + "/" + name, place.container_id));
  TRY(CommandGroup group, CommandGroup::make(place.pid, name));
  return ExecGround{std::move(scratch), std::move(group)};
}

std::vector<std::string> exec_words(const ExecutePlace& place, const ExecGround& ground,
                                    const std::vector<std::string>& options,
                                    const std::vector<std::string>& command) {
  std::vector<std::string> out{"nsenter",
                               "--net=" + place.network,
                               "runc",
                               "--root",
                               ground.scratch.root(),
                               "exec",
                               "--cgroup",
                               ground.group.argument(),
                               "--pid-file",
                               ground.scratch.pid_file(),
                               "--cwd",
                               "/workspace",
                               "--user",
                               "0:0"};
  for (const auto& [name, value] : place.environment) {
    out.insert(out.end(), {"--env", name + "=" + value});
  }
  out.insert(out.end(), options.begin(), options.end());
  out.push_back(place.container_id);
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

base::Result<void> check_command(const std::vector<std::string>& words) {
  const auto has_zero = [](const std::string& word) {
    return word.find('\0') != std::string::npos;
  };
  if (!words.empty() && !words.front().empty() && std::ranges::none_of(words, has_zero)) {
    return {};
  }
  return base::Error{base::Code::invalid_input, "A command is a program and its arguments.",
                     "Name a program, and no zero bytes."};
}

base::Error no_program(const std::string& name) {
  return {base::Code::not_found, "There is no program " + name + " that can be started.",
          "Name one that is in the lease."};
}

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

}  // namespace obelisk::podman
