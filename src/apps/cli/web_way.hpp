// WebWay: a port of a lease as its gateways serve it: where it is, the renter's pass for it, and
// what the gateway says when it is asked. It must never send a pass to an address that is none of
// that lease's.
#pragma once

#include <string>
#include <vector>

#include "api/types.hpp"
#include "base/result.hpp"
#include "core/tunnel/pass.hpp"
#include "ports/signer.hpp"

namespace obelisk::cli {

// Its address at each gateway, the preferred one first, without a path. unsupported where no
// gateway serves it, with the ssh line that does.
base::Result<std::vector<std::string>> web_ways(const api::Lease& lease, std::uint16_t port);

// 1 to 65535.
base::Result<std::uint16_t> read_port(std::string_view text);

// Until when a pass is for, where `for_s` was said (0: 12 hours): never much longer than the lease.
base::UnixSeconds pass_end(const api::Lease& lease, base::UnixSeconds now_s, std::uint32_t for_s);

tunnel::Pass sign_pass(ports::Signer& wallet, const base::PublicKey& lease, std::uint16_t port,
                       tunnel::Audience audience, base::UnixSeconds from_s,
                       base::UnixSeconds until_s);

struct WebAnswer {
  enum class Kind {
    server,   // of the server in the lease, whatever it is
    silent,   // a server takes the connection and has not answered yet
    gateway,  // the gateway's own: `trouble` says which
    away,     // no gateway
  };
  Kind kind = Kind::away;
  std::string trouble;  // "not_listening"
  std::string words;    // for people
};
// What comes back for "/", with a pass or without one.
WebAnswer ask_web(const std::string& address, const tunnel::Pass* pass);
// Hands the gateway a word about everybody.
base::Result<void> tell_gateway(const std::string& address, const tunnel::Pass& pass);

}  // namespace obelisk::cli
