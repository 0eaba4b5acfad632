// Containers whose every call is a crash point first. It must never change what a call does or
// answers.
#pragma once

#include <memory>

#include "adapters/crash/crash_point.hpp"
#include "ports/containers.hpp"

namespace obelisk::crash {

class CrashingContainers final : public ports::Containers {
 public:
  CrashingContainers(std::unique_ptr<ports::Containers> real, CrashPoint& point)
      : real_(std::move(real)), point_(point) {}

  base::Result<void> check() override {
    point_.hit("containers.check");
    return real_->check();
  }
  base::Result<ports::Container> start(const ports::ContainerSpec& spec) override {
    point_.hit("containers.start");
    return real_->start(spec);
  }
  base::Result<void> authorize(const std::string& lease, const ports::LoginKeys& keys) override {
    point_.hit("containers.authorize");
    return real_->authorize(lease, keys);
  }
  base::Result<void> tell(const std::string& lease, const std::string& line) override {
    return real_->tell(lease, line);  // changes nothing that outlives a crash
  }
  base::Result<void> set_end(const std::string& lease, const std::string& text) override {
    point_.hit("containers.set_end");
    return real_->set_end(lease, text);
  }
  // These change nothing that outlives a crash.
  base::Result<ports::Usage> usage(const std::string& lease) override {
    return real_->usage(lease);
  }
  base::Result<std::string> last_output(const std::string& lease, std::size_t lines) override {
    return real_->last_output(lease, lines);
  }
  base::Result<ports::CommandEnd> execute(const std::string& lease, const ports::Command& command,
                                          const std::stop_token& stop) override {
    return real_->execute(lease, command, stop);
  }
  base::Result<std::unique_ptr<ports::Terminal>> open_terminal(
      const std::string& lease, const ports::TerminalWish& wish) override {
    return real_->open_terminal(lease, wish);
  }
  base::Result<std::vector<ports::Container>> list() override {
    point_.hit("containers.list");
    return real_->list();
  }
  base::Result<void> wipe(const std::string& lease) override {
    point_.hit("containers.wipe");
    return real_->wipe(lease);
  }

 private:
  const std::unique_ptr<ports::Containers> real_;
  CrashPoint& point_;
};

}  // namespace obelisk::crash
