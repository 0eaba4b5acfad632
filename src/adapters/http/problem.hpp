// An Error as HTTP carries it (RFC 9457, application/problem+json) and back, so that the renter's
// program reports the very words the server meant. It must never let a server's words grow without
// bound or reach a terminal with control characters in them.
#pragma once

#include "adapters/http/message.hpp"
#include "base/error.hpp"

namespace obelisk::http {

// Body: {"type":"urn:obelisk:error:<code>","title","status","detail","code","action",
// "charged_lamports":"<decimal>"}; detail is the error's message. Status: base::http_status.
Response problem(const base::Error& error);
// The same with a status of one's own, for what only HTTP knows: 405, 413, 426 ...
Response problem_with_status(const base::Error& error, int status);

// Adds "request_id" to a problem; another response is left as it is. The id is plain ASCII without
// quotes.
void name_request(Response& response, std::string_view request_id);

// The Error of an answer whose status is not what was hoped for. A body that is no problem of ours
// (another server, a proxy) gives the code nearest to the status and a sentence with the status.
// Each text is cut at 1024 bytes.
base::Error error_from(const Response& response);

}  // namespace obelisk::http
