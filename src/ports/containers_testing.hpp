// For tests: containers of which nothing is there. A test overrides what it looks at.
#pragma once

#include "ports/containers.hpp"

namespace obelisk::ports::testing {

class NoContainers : public Containers {
 public:
  base::Result<void> check() override { return {}; }
  base::Result<Container> start(const ContainerSpec&) override { return Container{}; }
  base::Result<void> authorize(const std::string&, const LoginKeys&) override { return {}; }
  base::Result<void> tell(const std::string&, const std::string&) override { return {}; }
  base::Result<void> set_end(const std::string&, const std::string&) override { return {}; }
  base::Result<Usage> usage(const std::string&) override { return Usage(); }
  base::Result<std::string> last_output(const std::string&, std::size_t) override {
    return std::string();
  }
  base::Result<CommandEnd> execute(const std::string&, const Command&,
                                   const std::stop_token&) override {
    return CommandEnd();
  }
  base::Result<std::unique_ptr<Terminal>> open_terminal(const std::string&,
                                                        const TerminalWish&) override {
    return base::Error{base::Code::unsupported, "no terminals here", ""};
  }
  base::Result<std::vector<Container>> list() override { return std::vector<Container>(); }
  base::Result<void> wipe(const std::string&) override { return {}; }
};

}  // namespace obelisk::ports::testing
