#include "apps/market/handlers.hpp"

namespace obelisk::market_app {
namespace {

base::Error not_here() {
  return {base::Code::not_found, "This market has no images brought.",
          "Rent with an image that is there."};
}

}  // namespace

Answer create_pull(const Desk& desk, const http::Request& request, const Caller& caller) {
  if (desk.pulls == nullptr) return not_here();
  TRY(const auto wanted, api::image_pull_request_from_json(request.body));
  TRY(const auto pull, desk.pulls->begin(wanted, *caller.wallet));
  return json_response(201, api::to_json(pull));
}

Answer get_pull(const Desk& desk, const std::string& pull) {
  if (desk.pulls == nullptr) return not_here();
  TRY(const auto found, desk.pulls->look(pull));
  return json_response(200, api::to_json(found));
}

}  // namespace obelisk::market_app
