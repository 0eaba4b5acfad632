#include "core/tunnel/web_answer.hpp"

#include "core/tunnel/pass.hpp"

namespace obelisk::tunnel {
namespace {

struct Row {
  const char* name;
  const char* status;
  const char* says;
};

Row row_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::malformed: return {"malformed", "400 Bad Request", "The request cannot be read."};
    case Trouble::bad_target:
      return {"bad_target", "400 Bad Request",
              "The link leads to no path of this name. Make a new one."};
    case Trouble::bad_pass: return {"bad_pass", "401 Unauthorized", "The pass does not fit."};
    case Trouble::no_pass:
      return {"no_pass", "401 Unauthorized",
              "Nobody gets in here without a pass of the lease's renter."};
    case Trouble::other_site:
      return {"other_site", "403 Forbidden",
              "A page of another name asked. Open this address by itself."};
    case Trouble::nobody_here:
      return {"nobody_here", "404 Not Found",
              "No such lease is here. It may be over, or reached by another gateway."};
    case Trouble::conflict: return {"conflict", "409 Conflict", "Not kept."};
    case Trouble::length_required:
      return {
          "length_required", "411 Length Required",
          "With a cookie, only requests that say how long they are. A program may show its pass "
          "in the field X-Obelisk-Pass and no cookie."};
    case Trouble::misdirected:
      return {"misdirected", "421 Misdirected Request",
              "The connection was made to another name than the request asks for."};
    case Trouble::too_many:
      return {"too_many", "429 Too Many Requests",
              "Too many visitors at once. Try again in a moment."};
    case Trouble::head_too_large:
      return {"head_too_large", "431 Request Header Fields Too Large",
              "The request's fields are larger than 16 KiB."};
    case Trouble::not_listening:
      return {"not_listening", "502 Bad Gateway", "Nothing listens on this port in the lease yet."};
    case Trouble::host_away:
      return {"host_away", "503 Service Unavailable",
              "The lease's host cannot be reached right now. Try again in a moment."};
  }
  return {"", "500 Internal Server Error", ""};
}

std::string next_step(Trouble trouble, const std::optional<DoorName>& door) {
  if (!door) return {};
  const bool is_terminal = door->port == kTerminal;
  const std::string lease = door->lease.to_string();
  if (trouble == Trouble::no_pass || trouble == Trouble::bad_pass) {
    if (is_terminal) return "The renter opens it by: obelisk exec -t " + lease + "\n";
    return "The renter gets a link by: obelisk open " + lease + " " + std::to_string(door->port) +
           "\n";
  }
  if (trouble == Trouble::not_listening && !is_terminal) {
    return "Start the server in the lease, on port " + std::to_string(door->port) +
           " of 127.0.0.1 or of every address, then load this page again.\n";
  }
  return {};
}

std::string answer(std::string_view status, std::string_view fields, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) +
         "Content-Type: text/plain; charset=utf-8\r\nContent-Length: " +
         std::to_string(body.size()) +
         "\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
         "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n" +
         std::string(body);
}

std::string own(std::string_view name) {
  return std::string(kOwnField) + ": " + std::string(name) + "\r\n";
}

}  // namespace

std::string_view trouble_name(Trouble trouble) { return row_of(trouble).name; }

std::string trouble_answer(Trouble trouble, const std::optional<DoorName>& door,
                           std::string_view words) {
  const Row row = row_of(trouble);
  std::string body =
      std::string(words.empty() ? row.says : words) + "\n" + next_step(trouble, door);
  return answer(row.status, own(row.name), body);
}

std::string redirect_answer(const Redirect& redirect) {
  return answer(
      "303 See Other",
      own("pass") + "Location: " + redirect.target + "\r\nSet-Cookie: " + redirect.cookie + "\r\n",
      "");
}

std::string yes_answer(std::string_view words) {
  return answer("200 OK", own("done"), std::string(words) + "\n");
}

}  // namespace obelisk::tunnel
