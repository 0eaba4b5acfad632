// Entry: whether a web visitor may pass, by what its first request shows. A pass may stand in the
// field X-Obelisk-Pass, in the link (?obelisk-pass=...), among the WebSocket's sub-protocols
// ("obelisk-pass.TEXT"), or in the cookie that a link leaves behind. It must never let in whoever
// only has the browser of somebody with a cookie: the leases of a gateway are one site to browsers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/tunnel/door_name.hpp"
#include "core/tunnel/pass.hpp"
#include "core/tunnel/request_head.hpp"

namespace obelisk::tunnel {

inline constexpr std::string_view kPassField = "x-obelisk-pass";
// A port's own name, where its everybody's pass is handed in: POST, with the pass in its field.
inline constexpr std::string_view kPublicTarget = "/.obelisk/public";

// The port that the head asks for; nothing for a host that is no "LABEL.domain".
std::optional<DoorName> door_of(const RequestHead& head, std::string_view domain);

// What the gateway knows beside the head.
struct EntryGround {
  DoorName door;
  base::PublicKey renter;
  std::optional<Pass> everybodys;  // kept, where the renter let everybody in
  bool is_tls = false;
  base::UnixSeconds now_s = 0;
};

struct Enter {
  Pass pass;  // what the host is shown
  // A browser's: what comes next on the same connection may be another lease's page asking, since
  // browsers share connections between the pages of a site. A WebSocket's is nobody else's.
  bool is_for_one_request = false;
};
// The link's pass goes into a cookie, and the same page is asked for without it.
struct Redirect {
  std::string target;
  std::string cookie;
};
enum class Denied {
  nothing_shown,
  bad_pass,    // over, another's, for another port, or unreadable
  other_site,  // the cookie is good, and a page of another name asks
  bad_target,  // where the link leads cannot be redirected to
};
struct Refusal {
  Denied why = Denied::nothing_shown;
  std::string words;  // of bad_pass: which
};
using Entry = std::variant<Enter, Redirect, Refusal>;
Entry decide_entry(const RequestHead& head, const EntryGround& ground);

// The target without its pass: a path of the same name. Nothing where a browser could take it for
// another host's.
std::optional<std::string> target_without_pass(std::string_view target);

}  // namespace obelisk::tunnel
