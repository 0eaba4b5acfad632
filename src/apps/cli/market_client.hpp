// MarketClient: the market's API as calls with typed answers. What the market says is a proposal:
// who pays or logs in checks it against the chain first. It must never see a key.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/client.hpp"
#include "api/types.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

class MarketClient {
 public:
  static base::Result<std::unique_ptr<MarketClient>> create(const std::string& url);

  base::Result<api::MarketInfo> info();
  base::Result<api::CardList> cards();
  // The parameters of GET /v1/offers as they are; what they may be is the market's to say.
  base::Result<api::OfferList> offers(
      const std::vector<std::pair<std::string, std::string>>& parameters);
  base::Result<api::Quote> quote(const api::QuoteRequest& request);
  base::Result<api::Quote> quote_by_id(const std::string& id);
  base::Result<api::KeptReport> report(const api::SignedReport& message);
  base::Result<api::LeaseList> leases(const base::PublicKey& renter);
  // Soon or not at all: nobody waits to stop a lease because a market hangs.
  base::Result<api::Lease> lease(const base::PublicKey& lease);
  // Everything that happened to it, whatever many pages that is.
  base::Result<api::Trail> trail(const base::PublicKey& lease);
  // Calls on_event with each event after `last_seq` until it returns false or `stop` is requested.
  base::Result<void> follow(const base::PublicKey& lease, std::uint64_t last_seq,
                            const std::function<bool(const api::LeaseEvent&)>& on_event,
                            std::stop_token stop);

  // Host and port, for messages.
  std::string where() const;

 private:
  explicit MarketClient(http::Url url) : client_(std::move(url)) {}
  base::Result<std::string> get(const std::string& path, const std::string& query = {});
  base::Result<std::string> get_soon(const std::string& path);
  base::Result<std::string> answer_to(const http::Request& request, int timeout_ms);
  // The parsed answer, or an error that says whose answer cannot be read.
  template <class T>
  base::Result<T> read(base::Result<std::string> text,
                       base::Result<T> (*parse)(std::string_view)) const;

  http::Client client_;
};

}  // namespace obelisk::cli
