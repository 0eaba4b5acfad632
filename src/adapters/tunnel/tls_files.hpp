// TlsFiles: the certificate that browsers are shown, as two files have it. Whoever renews it writes
// them anew, one after the other, and tells nobody; so they are looked at now and then. It must
// never give up a certificate that works for one that does not.
#pragma once

#include <string>

#include "adapters/tunnel/tls.hpp"

namespace obelisk::tunnel {

class TlsFiles {
 public:
  // invalid_input where they cannot be used.
  static base::Result<TlsFiles> open(std::string certificate_file, std::string key_file);

  const Tls& tls() const { return tls_; }
  // What has happened since the last look, in words for the log; empty: nothing.
  std::string look();

 private:
  TlsFiles(std::string certificate_file, std::string key_file, std::string stamp, Tls tls);
  std::string certificate_file_;
  std::string key_file_;
  std::string stamp_;    // of what is in use
  std::string refused_;  // of what was looked at and cannot be used
  Tls tls_;
};

}  // namespace obelisk::tunnel
