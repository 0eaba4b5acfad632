#include "apps/host/market_ask.hpp"

#include "adapters/http/client.hpp"
#include "adapters/http/problem.hpp"
#include "api/types.hpp"

namespace obelisk::host {

using namespace std::chrono_literals;

base::Result<std::string> ask_market_for(const std::string& market_url, const std::string& target) {
  TRY(const http::Url url, http::Url::parse(market_url));
  http::ClientOptions options;
  options.max_response_bytes = 4 << 20;
  http::Client client(url, options);
  http::Request request;
  request.method = "GET";
  request.path = target;
  TRY(const http::Response answer, client.call(request, 5s));
  if (answer.status != 200) return http::error_from(answer);
  return answer.body;
}

base::Result<Served> ask_served(const std::string& market_url) {
  TRY(const std::string body, ask_market_for(market_url, "/v1/market"));
  TRY(const api::MarketInfo info, api::market_info_from_json(body));
  return Served{info.program, info.market};
}

base::Result<base::PublicKey> which_program(const Config& config) {
  if (const auto pinned = base::PublicKey::parse(config.program)) return *pinned;
  if (const auto said = said_last(config)) return said->program;
  if (config.market_url.empty()) {
    return base::Error{base::Code::usage, "Which program pays this host is not known here.",
                       "Give --market URL or --program ADDRESS."};
  }
  TRY(const Served served, ask_served(config.market_url));
  return served.program;
}

}  // namespace obelisk::host
