// What one `runc exec` in a lease stands on: a control group of its own inside the lease's, so that
// all of it can be ended and no process of it can leave; files that live as long as it does; the
// words that start it. It must never leave a process behind, nor read a shell's syntax.
//
// The lease's network belongs to the host, so that its root cannot change it. runc enters the
// lease's user namespace first and may not enter that network from there: it is started inside the
// network, with a copy of what it noted of the container in which no network is to be entered.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/podman/files.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

struct ExecutePlace {
  std::string container_id;
  int pid = 0;          // the lease's first process
  std::string network;  // the path of its network namespace
  std::string scratch;  // a directory of ours, for files that live as long as the command
  std::map<std::string, std::string> environment;  // beside the container's own
};

// A control group below the lease's. Everything in it is ended, and it is gone, with this.
class CommandGroup {
 public:
  static base::Result<CommandGroup> make(int pid, const std::string& name);
  // One that is there already.
  static CommandGroup adopt(const std::string& parent, const std::string& name);
  CommandGroup(CommandGroup&& other) noexcept = default;
  CommandGroup& operator=(CommandGroup&&) = delete;
  ~CommandGroup();

  // As runc wants it: the controller's hierarchy where there are several.
  std::string argument() const { return controller_ + name_; }
  void end_all() const;

 private:
  CommandGroup() = default;
  bool is_in(pid_t pid) const;

  std::string name_;
  std::string controller_;
  std::string path_;
};

// The pid that runc writes, the notes that it reads, and whatever else lives as long as they do.
class Scratch {
 public:
  static base::Result<Scratch> make(const std::string& path, const std::string& container_id);
  Scratch(Scratch&& other) noexcept = default;
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();

  const std::string& root() const { return path_; }
  std::string pid_file() const { return path_ + "/pid"; }

 private:
  Scratch(std::string path, std::string container_id)
      : path_(std::move(path)), container_id_(std::move(container_id)) {}
  std::string notes() const { return path_ + "/" + container_id_; }

  std::string path_;
  std::string container_id_;
};

// Both, of one command; the group goes first.
struct ExecGround {
  static base::Result<ExecGround> make(const ExecutePlace& place);

  Scratch scratch;
  CommandGroup group;
};

// The words of `runc exec`, as the lease's root in /workspace; `options` are more of runc's.
std::vector<std::string> exec_words(const ExecutePlace& place, const ExecGround& ground,
                                    const std::vector<std::string>& options,
                                    const std::vector<std::string>& command);
// A program and its arguments, without zero bytes.
base::Result<void> check_command(const std::vector<std::string>& words);
base::Error no_program(const std::string& name);

// The command's first process: its number as runc wrote it, 0 until then.
pid_t number_in(const std::string& pid_file);
bool has_ended(const UniqueFd& process);

// Ends what commands of an earlier process of ours left in a lease when it was killed, and their
// files. `pid`: the lease's first process.
void end_left_commands(int pid, const std::string& scratch);

// runc's notes of a container, less the network it would enter; nothing where they are none.
std::optional<std::string> without_network(std::string_view notes);

}  // namespace obelisk::podman
