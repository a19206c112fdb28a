// SPDX-License-Identifier: MIT
//
// Purpose: Debian's clickhouse-server for a test: in a folder of its own, on free ports of
//   127.0.0.1, with little memory; killed at the end, also when the test is. With CLICKHOUSE_BRIDGE
//   defined, today's engine behind that script instead, which knows no users.
#ifndef STACKSAMPLER_TESTS_STORE_CLICKHOUSE_SERVER_H_
#define STACKSAMPLER_TESTS_STORE_CLICKHOUSE_SERVER_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "store/clickhouse/url.h"
#include "store/store_support.h"

namespace stacksampler::store {

inline constexpr const char* kSecretUser = "profiler";
inline constexpr const char* kSecretPassword = "pass word%&=";

class ClickhouseTestServer {
 public:
  /// Starts it, and waits until it answers. User `default` has no password, kSecretUser has one.
  ClickhouseTestServer();
  ~ClickhouseTestServer();
  ClickhouseTestServer(const ClickhouseTestServer&) = delete;
  ClickhouseTestServer& operator=(const ClickhouseTestServer&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }
  /// kill -9.
  void Kill();
  /// On the same port and the same files. REQUIRES: killed.
  void Start();
  /// The answer of a statement as tab separated text, without the newline at its end.
  std::string Ask(const std::string& database, const std::string& sql) const;

 private:
  void WriteConfig() const;

  TempDir dir_;
  uint16_t port_ = 0;
  uint16_t tcp_port_ = 0;
  pid_t pid_ = -1;
};

/// One to two servers of this process, started when first asked for.
ClickhouseTestServer& SharedServer(size_t place);
/// A database of the shared servers that no other call names.
ClickhouseUrl NewDatabase(size_t servers);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_CLICKHOUSE_SERVER_H_
