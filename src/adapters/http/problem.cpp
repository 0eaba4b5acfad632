#include "adapters/http/problem.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

namespace obelisk::http {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxBody = 64 << 10;
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxDepth = 8;

std::string quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += {kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

// "insufficient_funds" as a title: "Insufficient funds".
std::string title_of(Code code) {
  std::string title(base::code_name(code));
  std::replace(title.begin(), title.end(), '_', ' ');
  title.front() = static_cast<char>(title.front() - 'a' + 'A');
  return title;
}

// A server's words reach terminals and logs: cut on a whole character, and no control bytes.
std::string tame(std::string_view text) {
  if (text.size() > kMaxText) {
    std::size_t end = kMaxText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if (byte < 0x20 || byte == 0x7f) out[i] = ' ';
    // U+0080 to U+009F are control characters as well, two bytes long in UTF-8.
    if (byte == 0xC2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xA0) {
      out[i] = out[i + 1] = ' ';
    }
  }
  return out;
}

std::string text_at(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return tame(value->get_string());
}

std::uint64_t lamports_at(const boost::json::object& object, std::string_view name) {
  const std::string text = text_at(object, name);
  std::uint64_t lamports = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lamports);
  return error == std::errc() && end == text.data() + text.size() ? lamports : 0;
}

Code code_for_status(int status) {
  switch (status) {
    case 400: return Code::usage;
    case 401: return Code::unauthorized;
    case 403: return Code::forbidden;
    case 402: return Code::insufficient_funds;
    case 404: return Code::not_found;
    case 405:
    case 426:
    case 501: return Code::unsupported;
    case 408:
    case 504: return Code::timeout;
    case 409: return Code::conflict;
    case 410: return Code::expired;
    case 413:
    case 414:
    case 415:
    case 422:
    case 431: return Code::invalid_input;
    case 429: return Code::rate_limited;
    case 502:
    case 503: return Code::unreachable;
    default: return Code::internal;
  }
}

Error plain_error(const Response& response) {
  Error error;
  error.code = code_for_status(response.status);
  error.message = "The server answered " + std::to_string(response.status) + " (" +
                  std::string(reason_phrase(response.status)) + ").";
  const bool later = error.code == Code::rate_limited || error.code == Code::unreachable ||
                     error.code == Code::timeout || error.code == Code::internal;
  error.action = later ? "Try again in a minute." : "Check the address and the request.";
  return error;
}

}  // namespace

Response problem(const Error& error) {
  return problem_with_status(error, base::http_status(error.code));
}

Response problem_with_status(const Error& error, int status) {
  const std::string code(base::code_name(error.code));
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = "{\"type\":" + quoted("urn:obelisk:error:" + code) +
                  ",\"title\":" + quoted(title_of(error.code)) +
                  ",\"status\":" + std::to_string(response.status) +
                  ",\"detail\":" + quoted(error.message) + ",\"code\":" + quoted(code) +
                  ",\"action\":" + quoted(error.action) +
                  ",\"charged_lamports\":" + quoted(std::to_string(error.charged_lamports)) + "}";
  return response;
}

void name_request(Response& response, std::string_view request_id) {
  if (response.content_type != "application/problem+json" || !response.body.ends_with('}')) return;
  response.body.insert(response.body.size() - 1, ",\"request_id\":" + quoted(request_id));
}

Error error_from(const Response& response) {
  if (response.body.size() > kMaxBody) return plain_error(response);
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::error_code failed;
  const auto parsed = boost::json::parse(response.body, failed, {}, options);
  if (failed || !parsed.is_object()) return plain_error(response);
  const boost::json::object& object = parsed.get_object();
  const std::string name = text_at(object, "code");
  const std::string detail = text_at(object, "detail");
  if (name.empty() || detail.empty()) return plain_error(response);
  Error error;
  error.code = base::code_from_name(name);
  if (error.code == Code::internal && name != "internal") {
    error.code = code_for_status(response.status);
  }
  error.message = detail;
  error.action = text_at(object, "action");
  error.charged_lamports = lamports_at(object, "charged_lamports");
  return error;
}

}  // namespace obelisk::http
