// SPDX-License-Identifier: MIT
//
// Purpose: the store on ClickHouse servers, behind the same interface as the directory of gdbm
//   files.
// Shapes: docs/clickhouse.md. A writer's directory is its outbox.
// Thread safety: as StoreWriter and StoreReader.
// Errors: name server and database. A reader that does not get every server's part gives an error.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_CLICKHOUSE_STORE_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_CLICKHOUSE_STORE_H_

#include <chrono>
#include <memory>
#include <string>

#include "stacksampler/status.h"
#include "store/clickhouse/sender.h"
#include "store/clickhouse/url.h"
#include "store/profile_store.h"

namespace stacksampler::store {

struct ClickhouseOptions {
  WriterOptions writer;  // of it: max_journal_bytes, on_warning
  SenderOptions sender;
  /// A writer that ends waits so long for servers that take; the rest stays in the outbox.
  std::chrono::milliseconds last_wait{10000};
};

/// Opens the outbox `dir`. A server that cannot be reached is a warning: windows wait for it.
/// Commit() makes durable in the outbox; Seal() returns when the servers have everything.
Result<std::unique_ptr<StoreWriter>> OpenClickhouseWriter(const ClickhouseUrl& url,
                                                          const std::string& dir,
                                                          const ClickhouseOptions& options = {});
Result<std::unique_ptr<StoreReader>> OpenClickhouseReader(const ClickhouseUrl& url);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_CLICKHOUSE_STORE_H_
