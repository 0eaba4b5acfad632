// For tests: certificates, made anew each time.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace obelisk::http::testing {

// A folder with chain.pem and key.pem for a name ("localhost", "*.gw.test"), signed by itself, gone
// afterwards.
class Certificate {
 public:
  explicit Certificate(std::string name) : name_(std::move(name)) {
    folder_ = (std::filesystem::temp_directory_path() / "obelisk-certificate-XXXXXX").string();
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    renew(1);
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::string folder() const { return folder_; }
  std::string chain() const { return folder_ + "/chain.pem"; }
  std::string key() const { return folder_ + "/key.pem"; }

  // Another key and certificate in the place of both.
  void renew(long serial) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name_.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name_).c_str());
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    EXPECT_NE(X509_sign(certificate, key, EVP_sha256()), 0);
    write(chain(), [&](std::FILE* file) { PEM_write_X509(file, certificate); });
    write(this->key(), [&](std::FILE* file) {
      PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

 private:
  template <class Write>
  static void write(const std::string& path, Write write_to) {
    std::FILE* file = std::fopen((path + ".new").c_str(), "w");
    ASSERT_NE(file, nullptr);
    write_to(file);
    std::fclose(file);
    ASSERT_EQ(::chmod((path + ".new").c_str(), 0600), 0);
    std::filesystem::rename(path + ".new", path);
  }
  const std::string name_;
  std::string folder_;
};

}  // namespace obelisk::http::testing
