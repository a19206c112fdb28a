// SPDX-License-Identifier: MIT
#include "store/any_store.h"

#include <utility>

#include "store/clickhouse/clickhouse_store.h"

namespace stacksampler::store {
namespace {

Result<ClickhouseUrl> UrlWithPassword(const std::string& text) {
  Result<ClickhouseUrl> url = ParseClickhouseUrl(text);
  if (!url.ok()) return url;
  Result<std::string> password = PasswordFromEnvironment();
  if (!password.ok()) return password.status();
  url->password = *std::move(password);
  return url;
}

}  // namespace

Status CheckStoreUrl(const std::string& url) {
  return url.empty() ? Status::Ok() : ParseClickhouseUrl(url).status();
}

Result<std::unique_ptr<StoreWriter>> OpenAnyWriter(const StorePlace& place,
                                                   const WriterOptions& options) {
  if (place.url.empty()) return OpenWriter(place.dbpath, options);
  const Result<ClickhouseUrl> url = UrlWithPassword(place.url);
  if (!url.ok()) return url.status();
  ClickhouseOptions with_servers;
  with_servers.writer = options;
  return OpenClickhouseWriter(*url, place.dbpath, with_servers);
}

Result<std::unique_ptr<StoreReader>> OpenAnyReader(const StorePlace& place) {
  if (place.url.empty()) return OpenReader(place.dbpath);
  const Result<ClickhouseUrl> url = UrlWithPassword(place.url);
  if (!url.ok()) return url.status();
  return OpenClickhouseReader(*url);
}

}  // namespace stacksampler::store
