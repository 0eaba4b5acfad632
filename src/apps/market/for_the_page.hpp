// What the page has that the API alone had not: its files, phones that pay, who may replace the
// program, receipts. It only holds them together; each of them says what it must never do.
#pragma once

#include "apps/market/config.hpp"
#include "apps/market/page/page.hpp"
#include "apps/market/pay/pay_desk.hpp"
#include "apps/market/program_keeper.hpp"
#include "apps/market/receipts/receipt_desk.hpp"

namespace obelisk::market_app {

struct ForThePage {
  struct Seller {
    QuoteDesk& quotes;
    engine::Leases& leases;
    ports::Store& store;
  };
  ForThePage(const Config& config, ports::Chain& chain, ports::Clock& clock, const Seller& seller,
             ReceiptDesk::Network network)
      : files(page_files(), page_places(), config.web_domains, config.local),
        pays(seller.quotes, seller.leases, seller.store, clock),
        keeper(chain, clock, config.program),
        receipts(chain, clock, config.program, std::move(network)) {}

  // To be called every second or so.
  void step() {
    pays.sweep();
    keeper.step();
  }

  const Page files;
  PayDesk pays;
  ProgramKeeper keeper;
  ReceiptDesk receipts;
};

}  // namespace obelisk::market_app
