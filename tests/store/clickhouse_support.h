// SPDX-License-Identifier: MIT
//
// Purpose: what the tests of a writer to ClickHouse share: one that tries again at once, and what
//   it warned of.
#ifndef STACKSAMPLER_TESTS_STORE_CLICKHOUSE_SUPPORT_H_
#define STACKSAMPLER_TESTS_STORE_CLICKHOUSE_SUPPORT_H_

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/clickhouse/clickhouse_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {

/// Warnings of any thread.
class Told {
 public:
  [[nodiscard]] std::function<void(const std::string&)> Listener() {
    return [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    };
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  [[nodiscard]] bool Has(const std::string& text) const {
    for (const std::string& line : lines()) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

inline ClickhouseOptions Impatient(Told* told) {
  ClickhouseOptions options;
  options.writer.on_warning = told->Listener();
  options.sender.gather = std::chrono::milliseconds(10);
  options.sender.first_pause = std::chrono::milliseconds(5);
  options.sender.last_pause = std::chrono::milliseconds(20);
  options.last_wait = std::chrono::milliseconds(0);
  return options;
}

inline std::unique_ptr<StoreWriter> Write(const ClickhouseUrl& url, const std::string& dir,
                                          const ClickhouseOptions& options) {
  auto writer = OpenClickhouseWriter(url, dir, options);
  INFO(writer.status().message());
  REQUIRE(writer.ok());
  return *std::move(writer);
}

inline void MustSeal(StoreWriter* writer) {
  const Status sealed = writer->Seal();
  INFO(sealed.message());
  REQUIRE(sealed.ok());
}

inline void CheckStored(const ClickhouseUrl& url, const std::vector<Window>& windows) {
  const auto reader = OpenClickhouseReader(url);
  INFO(reader.status().message());
  REQUIRE(reader.ok());
  Query labelled;
  labelled.keep_labels = true;
  CheckAnswer(reader->get(), windows, labelled);
}

inline size_t Journals(const std::string& dir) {
  size_t count = 0;
  for (const std::string& name : FilesIn(dir)) count += name.rfind("j-", 0) == 0;
  return count;
}

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_CLICKHOUSE_SUPPORT_H_
