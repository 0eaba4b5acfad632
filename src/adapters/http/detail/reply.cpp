#include "adapters/http/detail/reply.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "adapters/http/problem.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using base::Error;

constexpr std::array<std::string_view, 4> kOurs{"content-length", "connection", "transfer-encoding",
                                                "content-type"};

bool ours(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kOurs.begin(), kOurs.end(), lower) != kOurs.end();
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

void add_all(std::string& head, const std::vector<Header>& headers) {
  for (const Header& header : headers) {
    if (!ours(header.name)) add(head, header.name, header.value);
  }
}

std::string seconds(int ms) {
  const std::string tenths = ms % 1000 == 0 ? "" : "." + std::to_string(ms % 1000 / 100);
  return std::to_string(ms / 1000) + tenths + " s";
}

Response refuse(int status, Code code, std::string message, std::string action) {
  return problem_with_status(Error{code, std::move(message), std::move(action)}, status);
}

}  // namespace

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

bool valid_headers(const std::vector<Header>& headers) {
  return std::all_of(headers.begin(), headers.end(), valid_header);
}

std::string reply_head(const Response& response, Persistence persistence) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  if (has_body(response.status)) {
    if (!response.content_type.empty()) add(head, "Content-Type", response.content_type);
    add(head, "Content-Length", std::to_string(response.body.size() * response.times));
  }
  switch (persistence) {
    case Persistence::close: add(head, "Connection", "close"); break;
    case Persistence::keep_alive_http10: add(head, "Connection", "keep-alive"); break;
    case Persistence::keep_alive: break;
  }
  add_all(head, response.headers);
  return head + "\r\n";
}

std::string event_stream_head(const std::vector<Header>& headers) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  add(head, "Content-Type", "text/event-stream");
  add(head, "Connection", "close");
  add(head, "Cache-Control", "no-store");
  add(head, "X-Accel-Buffering", "no");
  add_all(head, headers);
  return head + "\r\n";
}

Response refuse_method() {
  Response response = refuse(405, Code::unsupported, "This method is not served.",
                             "Use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.");
  response.headers.push_back({"Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"});
  return response;
}

Response refuse_large_body(std::size_t limit) {
  return refuse(413, Code::invalid_input,
                "The body is larger than " + std::to_string(limit) + " bytes.",
                "Send less in one request.");
}

Response refuse_large_headers(std::size_t limit) {
  return refuse(431, Code::invalid_input,
                "The headers are larger than " + std::to_string(limit) + " bytes.",
                "Send fewer or shorter headers.");
}

Response refuse_many_headers(std::size_t limit) {
  return refuse(431, Code::invalid_input,
                "The request has more than " + std::to_string(limit) + " headers.",
                "Send fewer headers.");
}

Response refuse_long_url(std::size_t limit) {
  return refuse(414, Code::invalid_input,
                "Path and query are longer than " + std::to_string(limit) + " bytes.",
                "Ask for less in one request.");
}

Response refuse_slow(int limit_ms) {
  return refuse(408, Code::timeout, "The request was not whole after " + seconds(limit_ms) + ".",
                "Send it again, faster.");
}

Response refuse_malformed(std::string_view what) {
  return refuse(400, Code::usage,
                "This is not a valid HTTP/1.1 request: " + std::string(what) + ".",
                "Check the program that sent it.");
}

Response refuse_version() {
  return refuse(505, Code::unsupported, "Only HTTP/1.0 and HTTP/1.1 are spoken here.",
                "Send the request as HTTP/1.1.");
}

Response refuse_without_upgrade() {
  Response response = refuse(426, Code::usage, "This address only speaks WebSocket.",
                             "Connect with a WebSocket client.");
  response.headers.push_back({"Upgrade", "websocket"});
  return response;
}

Response refuse_full() {
  Response response = refuse(503, Code::rate_limited, "All connections of this server are in use.",
                             "Try again in 5 s.");
  response.headers.push_back({"Retry-After", "5"});
  return response;
}

Response refuse_busy() {
  Response response = refuse(503, Code::rate_limited, "The server has more work than it can take.",
                             "Try again in 1 s.");
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

Response handler_failed() {
  return refuse(500, Code::internal, "The server has a bug and could not answer this request.",
                "Nothing was charged by this request. Report it if it stays so.");
}

}  // namespace obelisk::http
