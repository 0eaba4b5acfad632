// The watch of a simulated market: the real desk with its policy, over the simulated chain and
// machines. It lives and dies with the market's process; what it keeps on disk goes on.
#pragma once

#include <memory>
#include <vector>

#include "apps/watch/answers.hpp"

namespace obelisk::sim {

// What a process finds of what the one before it kept.
inline std::unique_ptr<watch_app::Memory> from_disk(const watch_app::Memory* before) {
  auto out = *watch_app::Memory::open({});
  if (before == nullptr) return out;
  for (const watch::Seen& seen : before->all()) {
    (void)out->change(*watch::seen_from(watch::to_text(seen)), [](watch::Seen&) { return true; });
  }
  return out;
}

struct Watch {
  explicit Watch(watch_app::DeskParts parts)
      : desk(std::move(parts)),
        attestors(watch_app::attestors_of(desk)),
        logins(watch_app::logins_of(desk)) {}
  ports::Attestor& attestor() { return *attestors.front(); }

  watch_app::Desk desk;
  std::vector<std::unique_ptr<ports::Attestor>> attestors;
  std::unique_ptr<ports::Logins> logins;
};

}  // namespace obelisk::sim
