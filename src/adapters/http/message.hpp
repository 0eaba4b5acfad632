// What travels over HTTP, as plain values: a request, a response, their headers. Used by both the
// server and the client. It must never know of sockets, JSON or who asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obelisk::http {

struct Header {
  std::string name;
  std::string value;
};

// One request. At the server: as it arrived, checked and bounded. For the client: what to send;
// `remote_address` is then unused, and Host, Content-Length and Connection are written for you.
struct Request {
  std::string method = "GET";   // upper case; the server hands HEAD on as GET, without the body
  std::string path = "/";       // starts with '/', still percent-encoded, without '?'
  std::string query;            // what follows '?', still percent-encoded, may be empty
  std::vector<Header> headers;  // in the order they came
  std::string body;
  std::size_t swallowed = 0;   // at the server: of a body that was dropped as it came
  std::string remote_address;  // the peer's address without its port, "127.0.0.1" or "::1"

  // The first header of that name, whatever its case. The view lives as long as this request.
  std::optional<std::string_view> header(std::string_view name) const;
  // The first parameter of that name, percent-decoded ('+' is a space). Nothing if it is absent,
  // longer than 4096 bytes or wrongly encoded; "?a&b=" has both with an empty value.
  std::optional<std::string> query_value(std::string_view name) const;
};

// One response. A status is just a number here: 404 is an answer, not an error.
struct Response {
  int status = 200;  // 200 to 599
  std::vector<Header> headers;
  std::string content_type = "application/json";  // empty: no Content-Type header
  std::string body;
  // At the server: the body is sent so many times on end, and kept once.
  std::size_t times = 1;

  // The first header of that name, whatever its case. The view lives as long as this response.
  std::optional<std::string_view> header(std::string_view name) const;
};

// "%2F" undone, a "+" left alone; nothing if a '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);
// Everything but letters, digits and -._~ becomes %XX: safe as a path segment or a query value.
std::string percent_encode(std::string_view text);
// Whether these may stand in a message without letting anybody smuggle a line into it.
bool valid_header(const Header& header);
// "Not Found" for 404; "Unknown" for a status we do not send.
std::string_view reason_phrase(int status);

}  // namespace obelisk::http
