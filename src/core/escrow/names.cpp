#include "core/escrow/names.hpp"

namespace obelisk::escrow {

std::string_view state_name(State state) {
  switch (state) {
    case State::funded: return "funded";
    case State::active: return "active";
    case State::closing: return "closing";
    case State::closed: break;
  }
  return "closed";
}

std::string_view tag_name(Tag tag) {
  switch (tag) {
    case Tag::create_market: return "create_market";
    case Tag::update_market: return "update_market";
    case Tag::open: return "open";
    case Tag::ready: return "ready";
    case Tag::cancel: return "cancel";
    case Tag::extend: return "extend";
    case Tag::claim: return "claim";
    case Tag::stop: return "stop";
    case Tag::finish: return "finish";
  }
  return "";
}

}  // namespace obelisk::escrow
