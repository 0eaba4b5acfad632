#include "adapters/http/prepared.hpp"

#include <algorithm>

#include "adapters/http/detail/reply.hpp"

namespace obelisk::http {
namespace {

constexpr std::string_view kWeak = "W/";

std::string_view without_weak(std::string_view tag) {
  if (tag.starts_with(kWeak)) tag.remove_prefix(kWeak.size());
  return tag;
}

}  // namespace

Prepared::Prepared(const Response& response)
    : text_(reply_head(response, Persistence::keep_alive)), head_bytes_(text_.size()) {
  text_ += response.body;
  const auto etag = response.header("ETag");
  if (!etag) return;
  etag_ = without_weak(*etag);
  Response unchanged = response;
  unchanged.status = 304;
  unchanged.body.clear();
  not_modified_ = reply_head(unchanged, Persistence::keep_alive);
}

// Tags in a list have commas between; ours hold none.
bool Prepared::is_named_by(std::string_view if_none_match) const {
  if (etag_.empty()) return false;
  while (!if_none_match.empty()) {
    const std::size_t end = std::min(if_none_match.find(','), if_none_match.size());
    std::string_view tag = if_none_match.substr(0, end);
    if_none_match.remove_prefix(std::min(end + 1, if_none_match.size()));
    tag.remove_prefix(std::min(tag.find_first_not_of(" \t"), tag.size()));
    tag = tag.substr(0, tag.find_last_not_of(" \t") + 1);
    if (tag == "*" || without_weak(tag) == etag_) return true;
  }
  return false;
}

}  // namespace obelisk::http
