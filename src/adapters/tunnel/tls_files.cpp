#include "adapters/tunnel/tls_files.hpp"

#include <sys/stat.h>

namespace obelisk::tunnel {
namespace {

// Changes whenever one of them is written or replaced.
std::string stamp_of(const std::string& certificate_file, const std::string& key_file) {
  std::string out;
  for (const std::string& file : {certificate_file, key_file}) {
    struct stat seen{};
    if (::stat(file.c_str(), &seen) != 0) return {};
    out += std::to_string(seen.st_dev) + " " + std::to_string(seen.st_ino) + " " +
           std::to_string(seen.st_size) + " " + std::to_string(seen.st_mtim.tv_sec) + "." +
           std::to_string(seen.st_mtim.tv_nsec) + "\n";
  }
  return out;
}

}  // namespace

TlsFiles::TlsFiles(std::string certificate_file, std::string key_file, std::string stamp, Tls tls)
    : certificate_file_(std::move(certificate_file)),
      key_file_(std::move(key_file)),
      stamp_(std::move(stamp)),
      tls_(std::move(tls)) {}

base::Result<TlsFiles> TlsFiles::open(std::string certificate_file, std::string key_file) {
  // The stamp first: what is written meanwhile is seen at the next look.
  std::string stamp = stamp_of(certificate_file, key_file);
  TRY(Tls tls, Tls::for_web(certificate_file, key_file));
  return TlsFiles(std::move(certificate_file), std::move(key_file), std::move(stamp),
                  std::move(tls));
}

std::string TlsFiles::look() {
  std::string stamp = stamp_of(certificate_file_, key_file_);
  if (stamp == stamp_ || stamp == refused_) return {};
  auto fresh = Tls::for_web(certificate_file_, key_file_);
  if (!fresh) {
    refused_ = std::move(stamp);
    return "The new certificate cannot be used, the old one stays: " + fresh.error().message;
  }
  tls_ = std::move(*fresh);
  stamp_ = std::move(stamp);
  refused_.clear();
  return "The certificate was replaced: " + certificate_file_;
}

}  // namespace obelisk::tunnel
