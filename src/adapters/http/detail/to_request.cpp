#include "adapters/http/detail/to_request.hpp"

namespace obelisk::http {
namespace {

namespace beast_http = beast::http;

// "http://host/path" is what a proxy is sent; it means "/path" to us.
std::string_view origin_form(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == target.npos) return target;
  const std::size_t path = target.find('/', scheme + 3);
  return path == target.npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

std::optional<Request> to_request(SocketLoop::OpeningRequest& message) {
  std::string_view target(message.target().data(), message.target().size());
  target = origin_form(target);
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/') && target != "*") return std::nullopt;
  Request request;
  const auto method =
      message.method() == beast_http::verb::head ? beast_http::verb::get : message.method();
  request.method = std::string(beast_http::to_string(method));
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace obelisk::http
