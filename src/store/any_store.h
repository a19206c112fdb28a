// SPDX-License-Identifier: MIT
//
// Purpose: the store that a command line names: a directory, or ClickHouse servers.
// Thread safety: free functions.
// Errors: the stores'; kInvalidArgument for a URL that is none.
#ifndef STACKSAMPLER_STORE_ANY_STORE_H_
#define STACKSAMPLER_STORE_ANY_STORE_H_

#include <memory>
#include <string>

#include "stacksampler/status.h"
#include "store/profile_store.h"

namespace stacksampler::store {

struct StorePlace {
  std::string dbpath;  // the store's directory; with a URL a collector's outbox
  std::string url;     // "" or "clickhouse://..."; the password comes from the environment
};

inline constexpr const char* kStoreOptionHelp =
    "clickhouse://[user@]host:port/database instead of a directory; the password is read from the "
    "file that STACKCOLLECTOR_STORE_PASSWORD_FILE names, or from STACKCOLLECTOR_STORE_PASSWORD";

/// What is wrong with the words of a URL; Ok for "".
Status CheckStoreUrl(const std::string& url);
Result<std::unique_ptr<StoreWriter>> OpenAnyWriter(const StorePlace& place,
                                                   const WriterOptions& options = {});
Result<std::unique_ptr<StoreReader>> OpenAnyReader(const StorePlace& place);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_ANY_STORE_H_
