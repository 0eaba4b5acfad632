// Url: where a server is, taken apart once so that nobody parses addresses by hand. It reads what a
// person typed; it must never resolve a name or open a connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::http {

enum class Scheme { http, https, ws, wss, unix_socket };

struct Url {
  Scheme scheme = Scheme::http;
  std::string host;         // lower case; "::1" without brackets; empty for a unix socket
  std::uint16_t port = 0;   // 1 to 65535, by default 80 or 443; 0 for a unix socket
  std::string path = "/";   // starts with '/', still encoded; always "/" for a unix socket
  std::string query;        // without '?'; may be empty
  std::string socket_file;  // only for unix:///run/podman/podman.sock

  // Reads http, https, ws, wss and unix URLs of at most 2048 bytes. A user name or password in it,
  // spaces and control characters are invalid_input; a fragment is dropped.
  static base::Result<Url> parse(std::string_view text);

  bool secure() const;
  bool web_socket() const;
  // "127.0.0.1:8899", "[::1]:80" or the socket's file: for messages to people. Never the path or
  // the query, which may carry an API key.
  std::string where() const;
  // What the Host header says: without the port where it is the scheme's own.
  std::string host_header() const;
};

}  // namespace obelisk::http
