// libFuzzer over everything here that reads a stranger's text without Beast: URLs, queries, event
// streams and problems. The first byte chooses which.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/http/detail/event_parser.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/http/url.hpp"
#include "base/check.hpp"

namespace obelisk::http {
namespace {

void read_url(std::string_view text) {
  const auto url = Url::parse(text);
  if (!url) return;
  const std::string head = url->host_header() + url->where() + url->path + url->query;
  for (const char c : head) CHECK(c > 0x20 && c < 0x7f);
  CHECK(url->path.starts_with('/'));
  if (url->scheme == Scheme::unix_socket) return;
  CHECK(url->port != 0 && !url->host.empty());
  const auto again = Url::parse("http://" + url->where() + url->path);
  CHECK(again.ok() && again->host == url->host && again->port == url->port);
}

void read_query(std::string_view text) {
  Request request;
  request.query = text;
  const auto value = request.query_value("a");
  CHECK(!value || value->size() <= 4096);
  const auto decoded = percent_decode(text);
  if (decoded) CHECK(percent_decode(percent_encode(*decoded)) == *decoded);
}

// Whole or in single bytes, the same events come out.
void read_events(std::string_view text) {
  std::string whole;
  std::string pieces;
  const auto into = [](std::string& log) {
    return [&log](const Event& event) {
      log += event.id + '\0' + event.event + '\0' + event.data + '\0';
      CHECK(event.data.size() <= 4096);
      return true;
    };
  };
  EventParser first(4096);
  const auto outcome = first.feed(text, into(whole));
  EventParser second(4096);
  auto last = EventParser::Outcome::more;
  for (std::size_t i = 0; i < text.size() && last == EventParser::Outcome::more; ++i) {
    last = second.feed(text.substr(i, 1), into(pieces));
  }
  CHECK(whole == pieces && outcome == last);
}

void read_problem(std::string_view text) {
  Response response;
  response.status = 409;
  response.body = text;
  const base::Error error = error_from(response);
  CHECK(error.message.size() <= 1024 && error.action.size() <= 1024);
  const std::string words = error.message + error.action;
  for (const char c : words) CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  CHECK(error_from(problem(error)).code == error.code);
}

}  // namespace
}  // namespace obelisk::http

// NOLINTNEXTLINE(readability-identifier-naming): the name libFuzzer asks for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: obelisk::http::read_url(text); break;
    case 1: obelisk::http::read_query(text); break;
    case 2: obelisk::http::read_events(text); break;
    default: obelisk::http::read_problem(text); break;
  }
  return 0;
}
