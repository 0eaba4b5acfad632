// Dial: everything that opens an outgoing connection from a plain thread: one deadline for name,
// connection and TLS, and the words for what goes wrong. Shared by the client and its WebSocket.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "adapters/http/detail/resolve.hpp"
#include "adapters/http/detail/stream.hpp"
#include "adapters/http/message.hpp"
#include "adapters/http/url.hpp"

namespace obelisk::http {

using Deadline = std::chrono::steady_clock::time_point;

// A stream with an io_context of its own, so that any thread can drive it, one at a time.
struct Line {
  asio::io_context io{1};
  Stream stream{Stream::Socket(io)};
};

base::Result<std::shared_ptr<asio::ssl::context>> make_client_tls(const std::string& authority);

// Connects line.stream to the first of the addresses that answers, with TLS if `tls` is given.
base::Result<void> dial(Line& line, const Url& url, const std::vector<Address>& addresses,
                        asio::ssl::context* tls, Deadline deadline);

base::Error no_connection(const Url& url, const std::string& why);
base::Error no_answer(const Url& url);
// What the target of a request to `url` is: its path and query put before the request's.
std::string target_of(const Url& url, const Request& request);
// Whether a request line with this target can be nothing but that.
bool valid_target(const std::string& target);

// Runs the coroutine on this thread until it is done; at the deadline the line is closed, which
// ends the coroutine too. True if the deadline was what ended it.
bool run_until(Line& line, asio::awaitable<void> work, Deadline deadline);

}  // namespace obelisk::http
