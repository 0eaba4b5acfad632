#include "adapters/podman/libpod.hpp"

#include <boost/json.hpp>
#include <thread>

#include "adapters/podman/log_stream.hpp"

namespace obelisk::podman {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr const char* kContainers = "/v4.0.0/libpod/containers";
constexpr auto kWarmEvery = seconds(30);  // well within the service's idle time
constexpr auto kRemovedWithin = seconds(20);
constexpr std::size_t kMaxWords = 400;

http::Request request_for(const char* method, const std::string& path, std::string query = "") {
  http::Request request;
  request.method = method;
  request.path = std::string(kContainers) + path;
  request.query = std::move(query);
  return request;
}

http::Url socket_url(const Layout& layout) {
  auto url = http::Url::parse("unix://" + layout.socket());
  CHECK(url.ok());
  return *url;
}

std::string cleaned(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool plain = c >= 0x20 && c < 0x7f;
    if (plain) out.push_back(c);
    if (!plain && !out.empty() && out.back() != ' ') out.push_back(' ');
  }
  return out.size() > kMaxWords ? out.substr(out.size() - kMaxWords) : out;
}

// podman says {"cause":..., "message":..., "response":500}.
std::string message_of(const http::Response& response) {
  boost::system::error_code failed;
  json::value parsed = json::parse(response.body, failed);
  if (!failed && parsed.is_object()) {
    const json::value* message = parsed.as_object().if_contains("message");
    if (message != nullptr && message->is_string()) return cleaned(message->as_string().c_str());
  }
  return cleaned(response.body);
}

base::Error refused_by_podman(const std::string& what, const http::Response& response) {
  return {base::Code::internal,
          "podman could not " + what + " (" + std::to_string(response.status) +
              "): " + message_of(response) + ".",
          "Run `obelisk-host check`."};
}

}  // namespace

Libpod::Libpod(const Layout& layout, Service& service)
    : service_(service),
      client_(socket_url(layout)),
      warmer_([this](const std::stop_token& stopped) { keep_warm(stopped); }) {}

void Libpod::keep_warm(const std::stop_token& stopped) {
  std::unique_lock lock(warming_);
  while (!wake_.wait_for(lock, stopped, kWarmEvery, [&] { return stopped.stop_requested(); })) {
    http::Request ping;
    ping.path = "/_ping";
    // Whether it answers does not matter: the next real call starts what is not there.
    if (called_) client_.call(ping, seconds(5)).ok();
  }
}

base::Result<http::Response> Libpod::call(const http::Request& request, milliseconds timeout) {
  if (!called_.exchange(true)) TRY_VOID(service_.ensure());
  auto answer = client_.call(request, timeout);
  if (answer || answer.error().code != base::Code::unreachable) return answer;
  // It was killed, or another call is just starting it.
  TRY_VOID(service_.ensure());
  return client_.call(request, timeout);
}

base::Result<void> Libpod::create_and_start(const std::string& lease, const std::string& body) {
  TRY_VOID(remove(lease));
  http::Request create = request_for("POST", "/create");
  create.headers = {{"Content-Type", "application/json"}};
  create.body = body;
  TRY(http::Response created, call(create, seconds(30)));
  if (created.status != 201) return refused_by_podman("create the container", created);
  http::Request start = request_for("POST", "/" + container_name(lease) + "/start");
  TRY(http::Response started, call(start, seconds(60)));
  // 304: it was running already, which a repeated call finds.
  if (started.status == 204 || started.status == 304) return {};
  return refused_by_podman("start the container", started);
}

base::Result<std::vector<PodmanContainer>> Libpod::list() {
  http::Request request = request_for(
      "GET", "/json", "all=true&filters=" + http::percent_encode(R"({"label":["obelisk.lease"]})"));
  TRY(http::Response response, call(request, seconds(30)));
  if (response.status != 200) return refused_by_podman("list its containers", response);
  return parse_containers(response.body);
}

base::Result<void> Libpod::remove(const std::string& lease) {
  http::Request request =
      request_for("DELETE", "/" + container_name(lease), "force=true&timeout=0&volumes=true");
  auto deadline = std::chrono::steady_clock::now() + kRemovedWithin;
  // Removing races with conmon's own tidying and then answers an error although it worked: only
  // "not found" means that it is gone.
  while (true) {
    TRY(http::Response response, call(request, seconds(30)));
    if (response.status == 404) return {};
    if (std::chrono::steady_clock::now() > deadline) {
      return refused_by_podman("remove the container", response);
    }
    if (response.status >= 400) std::this_thread::sleep_for(milliseconds(20));
  }
}

base::Result<std::string> Libpod::last_output(const std::string& lease, std::size_t lines) {
  http::Request request =
      request_for("GET", "/" + container_name(lease) + "/logs",
                  "stdout=true&stderr=true&follow=false&tail=" + std::to_string(lines));
  TRY(const http::Response response, call(request, seconds(5)));
  if (response.status != 200) return refused_by_podman("read a lease's output", response);
  return join_log_stream(response.body);
}

std::string Libpod::last_words(const std::string& lease) {
  http::Request request = request_for("GET", "/" + container_name(lease) + "/logs",
                                      "stdout=true&stderr=true&tail=5&follow=false");
  auto response = call(request, seconds(5));
  return response && response->status == 200 ? cleaned(response->body) : "";
}

}  // namespace obelisk::podman
