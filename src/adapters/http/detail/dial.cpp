#include "adapters/http/detail/dial.hpp"

#include <algorithm>
#include <boost/asio/ssl/host_name_verification.hpp>

#include "adapters/http/detail/listen.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Clock = std::chrono::steady_clock;

struct Attempt {
  error_code ec;
  std::string certificate_trouble;
};

// The work itself. The parameters are references to the caller's frame, which waits for the end.
asio::awaitable<void> connect_to(Line& line, const Address& address, const Url& url,
                                 asio::ssl::context* context, Attempt& attempt) {
  asio::generic::stream_protocol::endpoint endpoint(&address.storage, address.size);
  line.stream.socket().open(endpoint.protocol(), attempt.ec);
  if (attempt.ec) co_return;
  keep_private(line.stream.socket().native_handle());
  co_await line.stream.socket().async_connect(endpoint, into(attempt.ec));
  if (attempt.ec) co_return;
  line.stream.no_delay();
  if (context == nullptr) co_return;
  auto& tls = line.stream.use_tls(*context);
  tls.set_verify_mode(asio::ssl::verify_peer, attempt.ec);
  if (!attempt.ec) {
    tls.set_verify_callback(asio::ssl::host_name_verification(url.host), attempt.ec);
  }
  // Servers with several names choose their certificate by it; addresses are not names.
  const bool numeric = url.host.find_first_not_of("0123456789.:") == url.host.npos;
  if (!numeric) SSL_set_tlsext_host_name(tls.native_handle(), url.host.c_str());
  if (!attempt.ec) co_await tls.async_handshake(asio::ssl::stream_base::client, into(attempt.ec));
  const long verdict = SSL_get_verify_result(tls.native_handle());
  if (attempt.ec && verdict != X509_V_OK) {
    attempt.certificate_trouble = X509_verify_cert_error_string(verdict);
  }
}

}  // namespace

Error no_connection(const Url& url, const std::string& why) {
  return Error{Code::unreachable, "No connection to " + url.where() + ": " + why + ".",
               "Check that it runs and that the address is right."};
}

Error no_answer(const Url& url) {
  return Error{Code::timeout, url.where() + " did not answer in time.",
               "Try again; if it stays so, check the other side and the network."};
}

Result<std::shared_ptr<asio::ssl::context>> make_client_tls(const std::string& authority) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code ec;
  if (authority.empty()) {
    context->set_default_verify_paths(ec);
  } else {
    context->load_verify_file(authority, ec);
  }
  if (!ec) return context;
  return Error{Code::missing_dependency, "The certificate authorities cannot be read.",
               authority.empty() ? "Install the package ca-certificates."
                                 : "Check the file " + authority + "."};
}

bool run_until(Line& line, asio::awaitable<void> work, Deadline deadline) {
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(line.io, std::move(work), [&](const std::exception_ptr& thrown) {
    failure = thrown;
    done = true;
  });
  line.io.restart();
  while (!done && line.io.run_one_until(deadline) > 0) {
  }
  const bool late = !done;
  if (late) line.stream.close();
  while (!done) line.io.run_one();
  if (failure) std::rethrow_exception(failure);
  return late;
}

Result<void> dial(Line& line, const Url& url, const std::vector<Address>& addresses,
                  asio::ssl::context* tls, Deadline deadline) {
  Error last = no_connection(url, "it has no address");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // Each address gets its share of what is left, so that a dead one leaves time for the next.
    const auto now = Clock::now();
    const auto share = (deadline - now) / static_cast<int>(addresses.size() - i);
    Attempt attempt;
    const bool late =
        run_until(line, connect_to(line, addresses[i], url, tls, attempt), now + share);
    if (!late && !attempt.ec) return {};
    line.stream.close();
    // Whoever shows a wrong certificate is there; another address would only hide that.
    if (!late && !attempt.certificate_trouble.empty()) {
      return Error{Code::unreachable,
                   "The certificate of " + url.where() +
                       " is not valid: " + attempt.certificate_trouble + ".",
                   "Nothing was sent. Check the address and this machine's clock."};
    }
    last = late ? no_answer(url) : no_connection(url, attempt.ec.message());
  }
  return last;
}

std::string target_of(const Url& url, const Request& request) {
  std::string target = url.path;
  if (target.ends_with('/')) target.pop_back();
  target += request.path.empty() ? "/" : request.path;
  std::string query = url.query;
  if (!query.empty() && !request.query.empty()) query += "&";
  query += request.query;
  return query.empty() ? target : target + "?" + query;
}

bool valid_target(const std::string& target) {
  return target.starts_with('/') && target.size() <= 8192 &&
         std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace obelisk::http
