#include "core/lease/record.hpp"

namespace obelisk::lease {

std::string_view to_string(State state) {
  switch (state) {
    case State::quoted: return "quoted";
    case State::preparing: return "preparing";
    case State::checking: return "checking";
    case State::starting: return "starting";
    case State::active: return "active";
    case State::stopping: return "stopping";
    case State::contested: return "contested";
    case State::ended: return "ended";
  }
  return "?";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::none: return "none";
    case Outcome::never_paid: return "never_paid";
    case Outcome::not_ready: return "not_ready";
    case Outcome::cancelled: return "cancelled";
    case Outcome::stopped_by_renter: return "stopped_by_renter";
    case Outcome::stopped_by_host: return "stopped_by_host";
    case Outcome::host_dark: return "host_dark";
    case Outcome::ran_to_the_end: return "ran_to_the_end";
  }
  return "?";
}

std::string_view to_string(HostState state) {
  switch (state) {
    case HostState::unknown: return "unknown";
    case HostState::starting: return "starting";
    case HostState::running: return "running";
    case HostState::open: return "open";
    case HostState::failed: return "failed";
    case HostState::gone: return "gone";
  }
  return "?";
}

std::string_view to_string(Wanted wanted) {
  switch (wanted) {
    case Wanted::nothing: return "nothing";
    case Wanted::running: return "running";
    case Wanted::open: return "open";
    case Wanted::gone: return "gone";
  }
  return "?";
}

}  // namespace obelisk::lease
