#include "adapters/podman/images/image.hpp"

#include <boost/json.hpp>
#include <stdexcept>

#include "adapters/podman/layout.hpp"
#include "adapters/podman/sshd_config.hpp"

namespace obelisk::podman {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxLine = 200;
constexpr std::size_t kMaxArguments = 64;
constexpr std::size_t kMaxArgument = 4096;
constexpr std::size_t kMaxPorts = 15;  // 22 is every lease's
constexpr std::uint64_t kMaxBytes = 1ULL << 50;

std::string_view login_name(Login login) { return login == Login::own ? "own" : "mounted"; }

void need(bool holds) {
  if (!holds) throw std::runtime_error("out of bounds");
}

std::string line_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return "";
  std::string out(value->as_string());
  need(out.size() <= kMaxLine);
  for (const char c : out) need(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  return out;
}

// Throws where something is missing, of another type or out of its bounds.
Image read(const json::object& object) {
  Image out;
  out.digest = line_at(object, "digest");
  need(image_directory(out.digest).ok());
  out.template_name = line_at(object, "template");
  out.title = line_at(object, "title");
  out.source = line_at(object, "source");
  out.size_bytes = object.at("size_bytes").to_number<std::uint64_t>();
  need(out.size_bytes <= kMaxBytes);
  const std::string login = line_at(object, "login");
  need(login == login_name(Login::own) || login == login_name(Login::mounted));
  out.login = login == login_name(Login::own) ? Login::own : Login::mounted;
  for (const json::value& word : object.at("start").as_array()) {
    out.start.emplace_back(word.as_string());
    need(out.start.back().size() <= kMaxArgument && out.start.size() <= kMaxArguments);
  }
  for (const json::value& port : object.at("ports").as_array()) {
    out.ports.push_back(port.to_number<std::uint16_t>());
    need(out.ports.back() != 0 && out.ports.size() <= kMaxPorts);
  }
  for (const auto& [name, value] : object.at("environment").as_object()) {
    out.environment.emplace(name, value.as_string());
  }
  need(check_environment(out.environment).ok());
  const json::value* brought = object.if_contains("is_for_renters");
  out.is_for_renters = brought != nullptr && brought->as_bool();
  return out;
}

}  // namespace

std::string image_text(const Image& image) {
  json::object environment;
  for (const auto& [name, value] : image.environment) environment.emplace(name, value);
  const json::object out{{"digest", image.digest},
                         {"template", image.template_name},
                         {"title", image.title},
                         {"source", image.source},
                         {"size_bytes", image.size_bytes},
                         {"login", login_name(image.login)},
                         {"start", json::array(image.start.begin(), image.start.end())},
                         {"ports", json::array(image.ports.begin(), image.ports.end())},
                         {"environment", std::move(environment)},
                         {"is_for_renters", image.is_for_renters}};
  return json::serialize(out) + "\n";
}

base::Result<Image> parse_image(std::string_view text) {
  try {
    return read(json::parse(json::string_view(text.data(), text.size())).as_object());
  } catch (const std::exception&) {
    return base::Error{base::Code::invalid_input, "An image.json cannot be read.",
                       "Make or pull that image again."};
  }
}

}  // namespace obelisk::podman
