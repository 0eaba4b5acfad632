// ETags: an answer that was seen is not sent again while it is the same. It must never let one
// person's answer be shown to another: what differs by who asks says so.
#pragma once

#include "adapters/http/message.hpp"
#include "api/types.hpp"

namespace obelisk::market_app {

// Quoted: the first 64 bits of the body's SHA-256 in hex.
std::string etag_of(std::string_view body);

// Gives an answer of an operation its ETag and Cache-Control; what is not to be kept is told so.
void add_caching(http::Response& response, api::Caching caching);
// 304 without a body where the request's If-None-Match names the answer's ETag.
void leave_out_what_is_known(http::Response& response, const http::Request& request);

}  // namespace obelisk::market_app
