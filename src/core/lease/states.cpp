#include "core/lease/states.hpp"

#include <algorithm>
#include <initializer_list>

namespace obelisk::lease {
namespace {

bool one_of(State state, std::initializer_list<State> list) {
  return std::find(list.begin(), list.end(), state) != list.end();
}

}  // namespace

bool allowed(State from, State to) {
  if (from == to) return true;
  using enum State;
  switch (from) {
    case quoted: return one_of(to, {preparing, checking, active, contested, stopping, ended});
    case preparing: return one_of(to, {quoted, checking, active, contested, stopping});
    case checking: return one_of(to, {starting, active, contested, stopping});
    case starting: return one_of(to, {active, contested, stopping});
    // Back only where the network took back what it had confirmed.
    case active: return one_of(to, {checking, contested, stopping});
    case stopping: return one_of(to, {quoted, checking, active, contested, ended});
    case contested: return one_of(to, {checking, active, stopping});
    case ended: return false;
  }
  return false;
}

}  // namespace obelisk::lease
