// Finding: one thing that was looked at on a host, what it means, and what to do about it. People
// read the text, programs the id and the level. It must never carry a secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace obelisk::host {

// error: this machine cannot host like this. warning: it can, and somebody will regret it.
enum class Level : std::uint8_t { ok, warning, error };
std::string_view to_string(Level level);

struct Finding {
  std::string id;  // stable: docs/hosting.md lists them
  Level level = Level::ok;
  std::string text;
  std::string fix;  // empty where nothing is to be done

  bool operator==(const Finding&) const = default;
};

// ok for none.
Level worst(const std::vector<Finding>& findings);

// Lines for a terminal: the level's sign, the text, and below it what to do.
std::vector<std::string> to_lines(const std::vector<Finding>& findings);
// {"level":"warning","findings":[{"id","level","text","fix"}]}, in their order.
std::string to_json(const std::vector<Finding>& findings);

}  // namespace obelisk::host
