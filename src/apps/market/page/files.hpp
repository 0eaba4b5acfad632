// The files of the page as they were built from web/, embedded in the program: nothing is read from
// disk while people look at it, and no other version can lie beside this one.
#pragma once

#include <span>
#include <string_view>

namespace obelisk::market_app {

struct PageFile {
  std::string_view path;  // "/assets/index-BvH18aBZ.js"
  std::string_view content_type;
  std::string_view etag;  // quoted
  std::string_view body;
  std::string_view gzip;  // the same compressed; empty where that saves nothing
  bool is_hashed;         // its name changes with what is in it
};

// In the order of their paths.
std::span<const PageFile> page_files();
// The addresses of the page that are no files: "/market", "/rent/*" (one segment for the star).
std::span<const std::string_view> page_places();

}  // namespace obelisk::market_app
