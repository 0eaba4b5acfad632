// What a gateway itself answers to a web visitor: a short page that says what happened and what to
// do, a redirect, or a yes. It must never say more than whoever asks may know, nor repeat a word of
// theirs that was not read strictly.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/tunnel/door_name.hpp"
#include "core/tunnel/entry.hpp"

namespace obelisk::tunnel {

enum class Trouble {
  malformed,        // 400
  bad_target,       // 400
  bad_pass,         // 401
  no_pass,          // 401
  other_site,       // 403
  nobody_here,      // 404: no such lease
  conflict,         // 409
  length_required,  // 411
  misdirected,      // 421
  too_many,         // 429
  head_too_large,   // 431
  not_listening,    // 502
  host_away,        // 503
};

// The field of an answer that is the gateway's own and not the server's in the lease; its value is
// the trouble's name: "not_listening".
inline constexpr std::string_view kOwnField = "Obelisk-Gateway";
std::string_view trouble_name(Trouble trouble);

// Whole answers with head. `door`: which port it is about, where that is known; `words`: why, where
// there is more to say than the trouble itself.
std::string trouble_answer(Trouble trouble, const std::optional<DoorName>& door = {},
                           std::string_view words = {});
std::string redirect_answer(const Redirect& redirect);
std::string yes_answer(std::string_view words);

}  // namespace obelisk::tunnel
