#include "apps/market/router.hpp"

#include "adapters/http/message.hpp"

namespace obelisk::market_app {
namespace {

constexpr std::size_t kMaxArgument = 256;

// One segment from the front of a path that starts with '/'.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

// The argument where `path` is `route`; the description has at most one {name} a path.
std::optional<std::string> argument_of(std::string_view route, std::string_view path) {
  std::string argument;
  while (!route.empty() && !path.empty()) {
    const std::string_view expected = take_segment(route);
    const std::string_view given = take_segment(path);
    if (!expected.starts_with('{')) {
      if (expected != given) return std::nullopt;
      continue;
    }
    auto decoded = http::percent_decode(given);
    if (!decoded || decoded->empty() || decoded->size() > kMaxArgument) return std::nullopt;
    argument = *std::move(decoded);
  }
  return route.empty() && path.empty() ? std::optional(argument) : std::nullopt;
}

}  // namespace

std::variant<Matched, UnknownPath, WrongMethod> match_route(std::string_view method,
                                                            std::string_view path) {
  if (!path.starts_with('/')) return UnknownPath{};
  WrongMethod other;
  for (const api::Route& route : api::kRoutes) {
    auto argument = argument_of(route.path, path);
    if (!argument) continue;
    if (route.method == method) {
      return Matched{route.operation, route.path, route.access, route.caching,
                     *std::move(argument)};
    }
    if (!other.allowed.empty()) other.allowed += ", ";
    other.allowed += route.method;
  }
  if (other.allowed.empty()) return UnknownPath{};
  return other;
}

}  // namespace obelisk::market_app
