// SPDX-License-Identifier: MIT
//
// Purpose: where a ClickHouse store is: `clickhouse://[user@]host[:port][,host[:port]...]/database`.
// Shapes: several servers are shards: each keeps a part of the targets, chosen by us.
// Thread safety: values and free functions.
// Errors: kInvalidArgument that names the part that does not fit. A password is never part of a
//   URL, so that no list of processes shows it, and never part of a message.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_URL_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_URL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "stacksampler/status.h"

namespace stacksampler::store {

inline constexpr uint16_t kClickhousePort = 8123;  // of its HTTP interface
inline constexpr size_t kMaxClickhouseServers = 64;
inline constexpr const char* kPasswordVariable = "STACKCOLLECTOR_STORE_PASSWORD";
inline constexpr const char* kPasswordFileVariable = "STACKCOLLECTOR_STORE_PASSWORD_FILE";

struct ClickhouseServer {
  std::string host;
  uint16_t port = kClickhousePort;
};

struct ClickhouseUrl {
  std::vector<ClickhouseServer> servers;  // at least one
  std::string user = "default";
  std::string password;
  std::string database;  // [A-Za-z_][A-Za-z0-9_]*

  /// "host:port,host:port/database": what tells one store from another.
  [[nodiscard]] std::string Place() const;
};

/// Without a password.
Result<ClickhouseUrl> ParseClickhouseUrl(const std::string& url);
/// The first line of the file that kPasswordFileVariable names, else kPasswordVariable, else "".
Result<std::string> PasswordFromEnvironment();

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_URL_H_
