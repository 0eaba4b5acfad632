// MarketClient: the market's API as calls with typed answers. What the market says is a proposal:
// who pays or logs in checks it against the chain first. It must never see a key.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/client.hpp"
#include "api/types.hpp"
#include "apps/cli/voice.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

class MarketClient {
 public:
  static base::Result<std::unique_ptr<MarketClient>> create(const std::string& url);

  // Where the voice comes from that what is one wallet's alone is asked with; called when it is
  // first needed, and again where there was none. Without it everything is asked as anybody.
  using FindVoice = std::function<base::Result<std::shared_ptr<Voice>>()>;
  void speak_with(FindVoice find) { find_voice_ = std::move(find); }

  base::Result<api::MarketInfo> info();
  base::Result<api::CardList> cards();
  // The parameters of GET /v1/offers as they are; what they may be is the market's to say.
  base::Result<api::OfferList> offers(
      const std::vector<std::pair<std::string, std::string>>& parameters);
  // The parameters of GET /v1/history as they are.
  base::Result<api::History> history(
      const std::vector<std::pair<std::string, std::string>>& parameters);
  // How leases ended, of GET /v1/outcomes, its parameters as they are.
  base::Result<api::OutcomeList> outcomes(
      const std::vector<std::pair<std::string, std::string>>& parameters);
  // Calls on_event with what becomes of the offers that a search finds, the snapshot first, until
  // it returns false or `stop` is requested.
  base::Result<void> follow_offers(const std::string& query,
                                   const std::function<bool(const api::OfferEvent&)>& on_event,
                                   std::stop_token stop);
  base::Result<api::Quote> quote(const api::QuoteRequest& request);
  base::Result<api::Quote> quote_by_id(const std::string& id);
  // Its cards are free at once; soon or not at all.
  base::Result<void> give_up_quote(const std::string& id);
  // Has a host bring an image, as the wallet that asks; and how far it is.
  base::Result<api::ImagePull> begin_pull(const api::ImagePullRequest& wanted);
  base::Result<api::ImagePull> pull(const std::string& id);
  base::Result<api::KeptReport> report(const api::SignedReport& message);
  // Those of the wallet that asks, as many pages as it takes.
  base::Result<api::LeaseList> leases();
  // Soon or not at all: nobody waits to stop a lease because a market hangs. Whole for its renter
  // and its host; with no voice, or one that the market does not hear, what anybody may see.
  base::Result<api::Lease> lease(const base::PublicKey& lease);
  // Everything that happened to it, whatever many pages that is.
  base::Result<api::Trail> trail(const base::PublicKey& lease);
  // What it uses, after that time of its host's clock.
  base::Result<api::Readings> readings(const base::PublicKey& lease, base::UnixMillis since_ms);
  // These two need a key that signs: the lease's host checks the signature.
  base::Result<api::LeaseLogs> logs(const base::PublicKey& lease, std::uint32_t lines);
  base::Result<api::ExecResult> exec(const base::PublicKey& lease, const api::ExecRequest& request);
  // Calls on_event with each event after `last_seq` until it returns false or `stop` is requested.
  base::Result<void> follow(const base::PublicKey& lease, std::uint64_t last_seq,
                            const std::function<bool(const api::LeaseEvent&)>& on_event,
                            std::stop_token stop);

  base::Result<api::Challenge> challenge(const base::PublicKey& wallet);
  base::Result<api::SessionToken> open_session(const api::SessionRequest& request);
  base::Result<api::SessionList> sessions();
  base::Result<void> end_session(const std::string& id);

  // Host and port, for messages.
  std::string where() const;
  const http::Url& url() const { return client_.base(); }

 private:
  explicit MarketClient(http::Url url) : client_(std::move(url)) {}
  base::Result<std::string> get(const std::string& path, const std::string& query = {});
  base::Result<std::string> get_soon(const std::string& path);
  base::Result<std::string> post(const std::string& path, const std::string& body, int timeout_ms);
  // The same as somebody; asked once more where our clocks were apart.
  base::Result<std::string> own_answer_to(http::Request request, int timeout_ms);
  base::Result<std::shared_ptr<Voice>> voice();
  base::Result<base::PublicKey> market_key();
  base::Result<http::Response> call(const http::Request& request, int timeout_ms);
  static base::Result<std::string> body_of(http::Response response);
  base::Result<std::string> answer_to(const http::Request& request, int timeout_ms);
  // The parsed answer, or an error that says whose answer cannot be read.
  template <class T>
  base::Result<T> read(base::Result<std::string> text,
                       base::Result<T> (*parse)(std::string_view)) const;

  // Every page of a list of the wallet's.
  template <class T>
  base::Result<T> pages(const std::string& path, base::Result<T> (*parse)(std::string_view),
                        const std::function<void(T& all, T page)>& join);

  http::Client client_;
  FindVoice find_voice_;
  std::mutex mutex_;
  std::shared_ptr<Voice> voice_;               // guarded by mutex_
  std::optional<base::PublicKey> market_key_;  // guarded by mutex_
};

}  // namespace obelisk::cli
