// SPDX-License-Identifier: MIT
//
// Purpose: asks one ClickHouse server over HTTP: queries, statements, inserts.
// Shapes: rows travel as RowBinary both ways; SQL holds numbers and our own words only, texts of
//   others stand in it as SqlText().
// Thread safety: const members from any thread.
// Errors: each names server and database, and the way out. kNotFound: no such database or table;
//   kPermissionDenied: user, password or rights; kResourceExhausted: a limit of the server's or
//   ours; kUnavailable: the server cannot be reached. An answer that is not whole is an error.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_CONNECTION_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_CONNECTION_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "stacksampler/status.h"
#include "store/clickhouse/url.h"

namespace stacksampler::store {

/// `text` as an expression that holds whatever bytes: unhex('...').
std::string SqlText(std::string_view text);

class Connection {
 public:
  static constexpr std::chrono::seconds kTimeout{60};
  static constexpr size_t kMaxAnswerBytes = size_t{256} << 20;
  static constexpr size_t kMaxInsertBytes = size_t{256} << 20;

  /// To the server `url.servers[place]`. REQUIRES: place < url.servers.size().
  Connection(const ClickhouseUrl& url, size_t place, size_t max_insert_bytes = kMaxInsertBytes);

  /// The rows of a SELECT, as RowBinary.
  [[nodiscard]] Result<std::string> Select(const std::string& sql) const;
  /// A statement that gives nothing.
  [[nodiscard]] Status Run(const std::string& sql) const;
  /// `rows` as RowBinary into "table (columns)". REQUIRES: not more than max_insert_bytes().
  [[nodiscard]] Status Insert(const std::string& table, const std::string& rows) const;
  /// CREATE DATABASE IF NOT EXISTS.
  [[nodiscard]] Status CreateDatabase() const;

  [[nodiscard]] size_t max_insert_bytes() const { return max_insert_bytes_; }
  /// "clickhouse://host:port/database"
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  [[nodiscard]] Result<std::string> Ask(const std::string& parameters,
                                        const std::string& body) const;
  [[nodiscard]] Status Explain(int http_status, std::string_view text) const;
  [[nodiscard]] Status Unreachable(const Status& status) const;

  ClickhouseServer server_;
  std::string user_;
  std::string password_;
  std::string database_;
  std::string name_;
  size_t max_insert_bytes_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_CONNECTION_H_
