// The text of the server's answers: status line and headers, and the refusals it gives by itself.
// Pure: it must never know of a socket.
#pragma once

#include <string>
#include <vector>

#include "adapters/http/message.hpp"

namespace obelisk::http {

enum class Persistence { close, keep_alive, keep_alive_http10 };

// Everything before the body, with the empty line. Headers of the response that would contradict
// ours (Content-Length, Connection, Transfer-Encoding) are left out.
std::string reply_head(const Response& response, Persistence persistence);
// The head of an event stream, which ends with its connection.
std::string event_stream_head(const std::vector<Header>& headers);
// Whether all headers may be sent as they are.
bool valid_headers(const std::vector<Header>& headers);
// No answer to HEAD, 204 or 304 has a body.
bool has_body(int status);

// Answers for requests that no handler sees.
Response refuse_method();                          // 405
Response refuse_large_body(std::size_t limit);     // 413
Response refuse_large_headers(std::size_t limit);  // 431
Response refuse_many_headers(std::size_t limit);   // 431
Response refuse_long_url(std::size_t limit);       // 414
Response refuse_slow(int limit_ms);                // 408
Response refuse_malformed(std::string_view what);  // 400
Response refuse_version();                         // 505
Response refuse_without_upgrade();                 // 426
Response refuse_full();                            // 503
Response refuse_busy();                            // 503
Response handler_failed();                         // 500

}  // namespace obelisk::http
