#include "adapters/podman/images/manifest.hpp"

#include <boost/json.hpp>
#include <stdexcept>

#include "adapters/podman/layout.hpp"
#include "adapters/podman/sshd_config.hpp"

namespace obelisk::podman {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxLayers = 256;
constexpr std::size_t kMaxInstances = 256;
constexpr std::size_t kMaxVariables = 48;  // the host adds its own
constexpr std::uint64_t kMaxLayerBytes = 1ULL << 44;

base::Error damaged(const std::string& what) {
  return {base::Code::invalid_input, "The registry's answer is no image: " + what + ".",
          "Check the reference; the image may be damaged there."};
}

json::object parsed(std::string_view text) {
  json::parse_options options;
  options.max_depth = 16;
  return json::parse(json::string_view(text.data(), text.size()), {}, options).as_object();
}

std::string digest_in(const json::object& object) {
  std::string out(object.at("digest").as_string());
  if (!image_directory(out)) throw std::runtime_error("a digest is malformed");
  return out;
}

std::string text_in(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

// Empty where the index has nothing for this machine.
std::string instance_of(const json::array& manifests) {
  if (manifests.size() > kMaxInstances) throw std::runtime_error("it lists too many images");
  for (const json::value& entry : manifests) {
    const json::object& object = entry.as_object();
    const json::value* platform = object.if_contains("platform");
    if (platform == nullptr || !platform->is_object()) continue;
    if (text_in(platform->as_object(), "os") == "linux" &&
        text_in(platform->as_object(), "architecture") == "amd64") {
      return digest_in(object);
    }
  }
  return "";
}

Manifest read(const json::object& object) {
  Manifest out;
  out.config = digest_in(object.at("config").as_object());
  const json::array& layers = object.at("layers").as_array();
  if (layers.empty() || layers.size() > kMaxLayers) throw std::runtime_error("its layers");
  for (const json::value& layer : layers) {
    digest_in(layer.as_object());
    const auto size = layer.as_object().at("size").to_number<std::uint64_t>();
    if (size > kMaxLayerBytes) throw std::runtime_error("a layer's size");
    out.layer_bytes += size;
  }
  out.layers = layers.size();
  return out;
}

}  // namespace

base::Result<Manifest> parse_manifest(std::string_view text) {
  try {
    const json::object object = parsed(text);
    const json::value* manifests = object.if_contains("manifests");
    if (manifests == nullptr) return read(object);
    Manifest out;
    out.instance = instance_of(manifests->as_array());
    if (!out.instance->empty()) return out;
  } catch (const std::exception& error) {
    return damaged(error.what());
  }
  return base::Error{base::Code::unsupported, "That image has nothing for Linux on amd64.",
                     "Choose one that is built for it."};
}

base::Result<std::map<std::string, std::string>> parse_environment(std::string_view config) {
  std::map<std::string, std::string> out;
  try {
    const json::object object = parsed(config);
    const json::value* inner = object.if_contains("config");
    if (inner == nullptr || !inner->is_object()) return out;
    const json::value* variables = inner->as_object().if_contains("Env");
    if (variables == nullptr || variables->is_null()) return out;
    for (const json::value& variable : variables->as_array()) {
      const std::string text(variable.as_string());
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos || out.size() == kMaxVariables) continue;
      std::map<std::string, std::string> one{{text.substr(0, equals), text.substr(equals + 1)}};
      if (check_environment(one)) out.merge(one);
    }
  } catch (const std::exception& error) {
    return damaged(error.what());
  }
  return out;
}

}  // namespace obelisk::podman
