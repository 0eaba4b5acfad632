#include "adapters/tunnel/mirror.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <future>

#include "adapters/http/detail/lanes.hpp"
#include "adapters/http/detail/listen.hpp"
#include "adapters/tunnel/end.hpp"

namespace obelisk::tunnel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAcceptPause{100};
constexpr seconds kPatience{5};

class MirrorKey final : public ports::Signer {
 public:
  explicit MirrorKey(base::Keypair pair) : pair_(std::move(pair)) {}
  const base::PublicKey& public_key() const override { return pair_.public_key(); }
  base::Signature sign(base::ByteView message) override { return pair_.sign(message); }

 private:
  base::Keypair pair_;
};

std::string new_word() {
  std::array<std::uint8_t, 32> bytes{};
  base::random_bytes(bytes);
  return "OBELISK mirror " + base::to_hex(bytes) + "\n";
}

// Tells everybody who connects the word, until it is closed.
class Teller : public std::enable_shared_from_this<Teller> {
 public:
  Teller(asio::io_context& io, std::string word) : acceptor_(io), word_(std::move(word)) {}
  base::Result<std::uint16_t> start() {
    TRY(const std::uint16_t port, http::listen(acceptor_, "127.0.0.1", 0));
    asio::co_spawn(acceptor_.get_executor(), tell_all(shared_from_this()), asio::detached);
    return port;
  }
  void close() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
    });
  }

 private:
  asio::awaitable<void> tell_all(std::shared_ptr<Teller> self) {
    asio::steady_timer pause(acceptor_.get_executor());
    while (acceptor_.is_open()) {
      error_code ec;
      auto socket = co_await acceptor_.async_accept(into(ec));
      if (!ec) {
        // Some fifty bytes fit into the buffer of a connection that is new: this waits for nobody.
        co_await asio::async_write(socket, asio::buffer(word_), into(ec));
        continue;
      }
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(into(ec));
    }
  }

  tcp::acceptor acceptor_;
  const std::string word_;
};

// One visit from an ordinary thread.
bool hears(const ports::Way& way, const std::string& word) {
  tcp::iostream stream;
  stream.expires_after(kPatience);
  stream.connect(way.address, std::to_string(way.port));
  std::string heard(word.size(), '\0');
  stream.read(heard.data(), static_cast<std::streamsize>(heard.size()));
  return stream.good() && heard == word;
}

}  // namespace

class Mirror::Impl {
 public:
  Impl(http::IoThreads& threads, base::Keypair host, const base::PublicKey& lease, Log log,
       bool is_plain)
      : lease_(lease),
        key_(std::move(host)),
        teller_(std::make_shared<Teller>(threads.impl().next(), word_)),
        dialer_(threads, key_, {.is_plain = is_plain, .warm_streams = 1, .ends_with_target = true},
                {std::move(log)}) {}
  ~Impl() {
    dialer_.stop();
    teller_->close();
  }

  base::Result<void> start(const MirrorQuote& quote, const std::vector<Place>& gateways) {
    TRY(const std::uint16_t port, teller_->start());
    dialer_.publish({quote.lease, quote.terms, quote.signature, "127.0.0.1", port});
    dialer_.use(gateways);
    // One that was never reached yet does not reflect either.
    const std::lock_guard lock(mutex_);
    for (const Place& place : gateways) ++most_[place.host];
    return {};
  }

  bool reflects(const std::string& address) {
    const auto ways = dialer_.ways(lease_, milliseconds(0));
    const auto [now, ever] = count(ways, address);
    if (ever == 0) {
      return std::ranges::any_of(ways, [&](const auto& way) { return hears(way, word_); });
    }
    return now >= ever && std::ranges::all_of(ways, [&](const auto& way) {
             return way.address != address || hears(way, word_);
           });
  }

 private:
  // How many gateways have that address, and had it at most: one that is gone does not reflect.
  std::pair<std::size_t, std::size_t> count(const std::vector<ports::Way>& ways,
                                            const std::string& address) {
    std::map<std::string, std::size_t> now;
    for (const ports::Way& way : ways) ++now[way.address];
    const std::lock_guard lock(mutex_);
    for (const auto& [known, times] : now) most_[known] = std::max(most_[known], times);
    const auto at = most_.find(address);
    return {now[address], at == most_.end() ? 0 : at->second};
  }

  const base::PublicKey lease_;
  const std::string word_ = new_word();
  MirrorKey key_;
  std::shared_ptr<Teller> teller_;
  Dialer dialer_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> most_;  // guarded by mutex_
};

Mirror::Mirror(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Mirror::~Mirror() = default;

base::Result<std::unique_ptr<Mirror>> Mirror::start(http::IoThreads& threads, base::Keypair host,
                                                    const MirrorQuote& quote,
                                                    const std::vector<Place>& gateways, Log log,
                                                    bool is_plain) {
  if (!log) log = [](const std::string&) {};
  auto impl =
      std::make_unique<Impl>(threads, std::move(host), quote.lease, std::move(log), is_plain);
  TRY_VOID(impl->start(quote, gateways));
  return std::unique_ptr<Mirror>(new Mirror(std::move(impl)));
}

bool Mirror::reflects(const std::string& address) { return impl_->reflects(address); }

}  // namespace obelisk::tunnel
