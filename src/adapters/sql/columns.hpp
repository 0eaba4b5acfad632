// Between the fields of a record and the columns of the table `lease`: names, values to bind,
// values read. One overload a type; a type that has none does not compile. `Statement` is that of
// whichever database: bind(), bind_null(), integer(), text(), is_null().
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "core/lease/fields.hpp"

namespace obelisk::sql {

// Collects the columns of a field.
class ColumnNames {
 public:
  template <class T>
  void operator()(const char* name, const T&) {
    names_.emplace_back(name);
  }
  void operator()(const char*, const std::optional<lease::SshAccess>&) {
    for (const char* name :
         {"ssh_address", "ssh_port", "ssh_user", "ssh_host_key", "ssh_host_key_signature"}) {
      names_.emplace_back(name);
    }
  }
  void operator()(const char*, const std::optional<lease::Attestation>&) {
    names_.emplace_back("attested_until_s");
    names_.emplace_back("attestation_signature");
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

// Binds the fields one after the other.
template <class Statement>
class Binder {
 public:
  Binder(Statement& statement, int first) : statement_(statement), next_(first) {}

  template <class T>
  void operator()(const char*, const T& value) {
    put(value);
  }
  int next() const { return next_; }

 private:
  void put(std::string_view text) { statement_.bind(next_++, text); }
  void put(const std::string& text) { put(std::string_view(text)); }
  template <std::size_t N, class Tag>
  void put(const base::FixedBytes<N, Tag>& key) {
    put(key.to_string());
  }
  void put(base::Lamports amount) { put(amount.count); }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void put(T value) {
    statement_.bind(next_++, static_cast<std::int64_t>(value));
  }
  void put(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    put(text);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    if (value) return put(*value);
    statement_.bind_null(next_++);
  }
  void put(const std::optional<lease::SshAccess>& ssh) {
    if (!ssh) {
      for (int i = 0; i < 5; ++i) statement_.bind_null(next_++);
      return;
    }
    put(ssh->address);
    put(ssh->port);
    put(ssh->user);
    put(ssh->host_key);
    put(ssh->host_key_signature);
  }
  void put(const std::optional<lease::Attestation>& attestation) {
    if (!attestation) {
      statement_.bind_null(next_++);
      statement_.bind_null(next_++);
      return;
    }
    put(attestation->alive_until);
    put(attestation->signature);
  }

  Statement& statement_;
  int next_;
};

// Reads the fields one after the other. Only what Binder wrote is in there; a key that cannot be
// read makes the row bad.
template <class Statement>
class RowReader {
 public:
  explicit RowReader(const Statement& row) : row_(row) {}

  template <class T>
  void operator()(const char*, T& value) {
    get(value);
  }
  bool ok() const { return ok_; }

 private:
  void get(std::string& text) { text = row_.text(next_++); }
  template <std::size_t N, class Tag>
  void get(base::FixedBytes<N, Tag>& key) {
    const auto parsed = base::FixedBytes<N, Tag>::parse(row_.text(next_++));
    ok_ = ok_ && parsed.has_value();
    if (parsed) key = *parsed;
  }
  void get(base::Lamports& amount) { get(amount.count); }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void get(T& value) {
    value = static_cast<T>(row_.integer(next_++));
  }
  void get(std::vector<std::string>& lines) {
    const std::string text = row_.text(next_++);
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = text.find('\n', from);
      lines.push_back(text.substr(from, end - from));
      from = end + 1;
    }
  }
  template <class T>
  void get(std::optional<T>& value) {
    if (row_.is_null(next_)) {
      ++next_;
      value.reset();
      return;
    }
    get(value.emplace());
  }
  void get(std::optional<lease::SshAccess>& ssh) {
    if (row_.is_null(next_)) {
      next_ += 5;
      return;
    }
    auto& value = ssh.emplace();
    get(value.address);
    get(value.port);
    get(value.user);
    get(value.host_key);
    get(value.host_key_signature);
  }
  void get(std::optional<lease::Attestation>& attestation) {
    if (row_.is_null(next_)) {
      next_ += 2;
      return;
    }
    auto& value = attestation.emplace();
    get(value.alive_until);
    get(value.signature);
  }

  const Statement& row_;
  int next_ = 0;
  bool ok_ = true;
};

}  // namespace obelisk::sql
