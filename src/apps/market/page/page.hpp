// Page: what a browser gets from the market beside the API: the built page's files, and its one
// document at every address of its own. Each document says what it may load: nothing that is not
// from here. It must never answer for a path of the API, nor keep anything between two requests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/http/message.hpp"
#include "apps/market/page/files.hpp"

namespace obelisk::market_app {

class Page {
 public:
  // `files` and `places` outlive it. Terminals of leases are reached below `web_domains`
  // ("gw.example", "localhost:8443"); without TLS only where `is_local`.
  Page(std::span<const PageFile> files, std::span<const std::string_view> places,
       const std::vector<std::string>& web_domains, bool is_local);

  // Nothing: there is no such file and no such place. An address that nobody knows, asked for as a
  // document, gets the page with 404: it says so to a person.
  std::optional<http::Response> answer(const http::Request& request) const;

 private:
  const PageFile* find(std::string_view path) const;
  bool is_place(std::string_view path) const;
  http::Response document(const PageFile& file, const http::Request& request, int status) const;

  std::span<const PageFile> files_;
  std::span<const std::string_view> places_;
  std::string policy_;           // of the page
  std::string terminal_policy_;  // of the document with the terminal in it
};

}  // namespace obelisk::market_app
