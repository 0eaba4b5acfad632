// Router: which operation of the API description a request means, and the values in its path. The
// routes come from the description alone. It must never answer or look at a body.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "api/types.hpp"

namespace obelisk::market_app {

struct Matched {
  api::Operation operation{};
  std::string_view route;  // as described, "/v1/leases/{lease}": a label that outsiders cannot grow
  api::Access access{};
  api::Caching caching{};
  std::string argument;  // the value of the path's one {name}, decoded; empty where it has none
};
struct UnknownPath {};
struct WrongMethod {
  std::string allowed;  // for the Allow header: "GET, POST"
};

std::variant<Matched, UnknownPath, WrongMethod> match_route(std::string_view method,
                                                            std::string_view path);

}  // namespace obelisk::market_app
