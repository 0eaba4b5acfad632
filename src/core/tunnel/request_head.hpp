// RequestHead: a web visitor's first request up to its empty line: whom it asks for, and by what
// right. The gateway decides by it, and the server in the lease reads the same bytes again: so it
// must never take what two readers could understand differently, nor wait for more than
// kMaxHeadBytes. What comes after it is nobody's business here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace obelisk::tunnel {

inline constexpr std::size_t kMaxHeadBytes = 16 << 10;
inline constexpr std::size_t kMaxHeadFields = 128;

struct RequestHead {
  std::string method;
  std::string target;  // "/path?query", printable ASCII
  // Names in lower case, values without the spaces around them.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string host;      // as its one Host field says, in lower case: "8888-NAME.gw.example:8443"
  std::size_t size = 0;  // of the head in bytes, with its empty line

  // The one field of that name (in lower case); nothing where there is none, or a second one.
  std::optional<std::string_view> field(std::string_view name) const;
  // `host` without its port.
  std::string_view host_name() const;
};

struct HeadUnfinished {};  // so far it may become one
enum class HeadTrouble { malformed, too_large };

using HeadRead = std::variant<RequestHead, HeadUnfinished, HeadTrouble>;
// What a connection's first bytes are. They may go on after the head.
HeadRead read_head(std::string_view bytes);

// The same request, as one after which the connection ends: "Connection: close" in place of what it
// says of that. `body`: so many bytes of it follow the head. Nothing for a body whose end only its
// own bytes tell.
struct OneRequest {
  std::string head;
  std::uint64_t body = 0;
};
std::optional<OneRequest> one_request(std::string_view bytes, const RequestHead& head);

}  // namespace obelisk::tunnel
