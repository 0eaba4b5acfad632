// What obelisk-gateway is told, checked before anything is started. It must never take a secret as
// a value; its key is named by its file.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "adapters/tunnel/gateway.hpp"
#include "base/result.hpp"

namespace obelisk::gateway {

struct Options {
  std::string state_dir;
  std::string key_file;  // made at the first start where it is not there yet
  tunnel::GatewayOptions gateway;
  unsigned threads = 1;
  std::string status_address;  // of /healthz and /metrics; empty: none
  std::uint16_t status_port = 0;
  std::string ready_file;  // empty: none
};

// The line was a question and has been answered.
struct Finished {
  int exit_code = 0;
};
base::Result<std::variant<Options, Finished>> parse_command_line(int count, char** words);

// "20000-29999".
base::Result<tunnel::PortRange> parse_port_range(std::string_view text);

}  // namespace obelisk::gateway
