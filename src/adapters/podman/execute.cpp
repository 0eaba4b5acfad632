#include "adapters/podman/execute.hpp"

#include <atomic>
#include <thread>

#include "adapters/podman/process.hpp"
#include "adapters/podman/spawn.hpp"

namespace obelisk::podman {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kLook = 20ms;
constexpr auto kBesideTheCommand = 15s;  // for runc itself to start and to end
constexpr int kTooSlow = 124;
constexpr int kNoProgram = 127;

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

}  // namespace

void cut(ports::CommandEnd& end, std::size_t max_bytes) {
  if (end.output.size() + end.errors.size() <= max_bytes) return;
  const std::size_t left = max_bytes - std::min(max_bytes, end.output.size());
  end.errors.resize(std::min(end.errors.size(), std::max(max_bytes / 4, left)));
  end.output.resize(std::min(end.output.size(), max_bytes - end.errors.size()));
  end.truncated = true;
}

base::Result<ports::CommandEnd> execute(const ExecutePlace& place, const ports::Command& command,
                                        const std::stop_token& stop) {
  TRY_VOID(check_command(command.words));
  TRY(const ExecGround ground, ExecGround::make(place));
  Warden warden(ground.group, ground.scratch.pid_file(), command.timeout, stop);
  auto ran = run({.argv = exec_words(place, ground, {}, command.words),
                  .input = command.input,
                  .timeout = command.timeout + kBesideTheCommand});
  warden.join();
  ground.group.end_all();
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
    out.errors = no_program(command.words.front()).message + "\n";
  }
  cut(out, command.max_output_bytes);
  return out;
}

}  // namespace obelisk::podman
