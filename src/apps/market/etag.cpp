#include "apps/market/etag.hpp"

#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

constexpr std::size_t kTagBytes = 8;

// Whether a list of tags ("a", W/"b", or *) has this one.
bool has_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag) return true;
  }
  return false;
}

}  // namespace

std::string etag_of(std::string_view body) {
  const base::Hash hash = base::sha256(base::view_of(body));
  return '"' + base::to_hex(hash.view().first(kTagBytes)) + '"';
}

void add_caching(http::Response& response, api::Caching caching) {
  if (caching == api::Caching::none || response.status != 200) {
    response.headers.push_back({"Cache-Control", "no-store"});
    return;
  }
  const bool own = caching == api::Caching::own;
  response.headers.push_back({"ETag", etag_of(response.body)});
  // Kept, and asked about each time: prices and states change at any moment.
  response.headers.push_back({"Cache-Control", own ? "private, no-cache" : "public, no-cache"});
  if (own) response.headers.push_back({"Vary", "Authorization"});
}

void leave_out_what_is_known(http::Response& response, const http::Request& request) {
  const auto tag = response.header("ETag");
  const auto known = request.header("If-None-Match");
  if (response.status != 200 || !tag || !known || !has_tag(*known, *tag)) return;
  response.status = 304;
  response.body.clear();
}

}  // namespace obelisk::market_app
