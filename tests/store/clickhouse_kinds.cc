// SPDX-License-Identifier: MIT
#include <cstdint>
#include <utility>

#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse/roller.h"
#include "store/clickhouse_server.h"
#include "store/conformance.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// Sums up all that is stored whenever it seals.
class RollingWriter : public StoreWriter {
 public:
  RollingWriter(ClickhouseUrl url, std::unique_ptr<StoreWriter> writer)
      : url_(std::move(url)), writer_(std::move(writer)) {}

  [[nodiscard]] const std::string& id() const override { return writer_->id(); }
  Result<bool> Append(const Record& record) override { return writer_->Append(record); }
  Status Commit() override { return writer_->Commit(); }
  [[nodiscard]] std::vector<WindowRef> LastWindows(const Labels& target) const override {
    return writer_->LastWindows(target);
  }

  Status Seal() override {
    if (Status status = writer_->Seal(); !status.ok()) return status;
    for (size_t place = 0; place < url_.servers.size(); ++place) {
      const Connection connection(url_, place);
      Roller roller(connection, [](const std::string& line) { FAIL(line); });
      if (Status status = roller.Learn(); !status.ok()) return status;
      if (Status status = roller.RollUp(INT64_MAX); !status.ok()) return status;
    }
    return Status::Ok();
  }

 private:
  const ClickhouseUrl url_;
  const std::unique_ptr<StoreWriter> writer_;
};

class Servers : public StoreUnderTest {
 public:
  Servers(size_t servers, bool rolls) : url_(NewDatabase(servers)), rolls_(rolls) {}

  std::unique_ptr<StoreWriter> Write() override {
    auto writer = OpenClickhouseWriter(url_, dir_.path("outbox"));
    INFO(writer.status().message());
    REQUIRE(writer.ok());
    if (!rolls_) return *std::move(writer);
    return std::make_unique<RollingWriter>(url_, *std::move(writer));
  }

  std::unique_ptr<StoreReader> Read() override {
    auto reader = OpenClickhouseReader(url_);
    INFO(reader.status().message());
    REQUIRE(reader.ok());
    return *std::move(reader);
  }

 private:
  const ClickhouseUrl url_;
  const bool rolls_;
  const TempDir dir_;
};

}  // namespace

std::vector<std::string> StoreKinds() {
  return {"one ClickHouse server", "two as shards", "two as shards, summed up"};
}

std::unique_ptr<StoreUnderTest> MakeStore(const std::string& kind) {
  return std::make_unique<Servers>(kind == StoreKinds()[0] ? 1 : 2, kind == StoreKinds()[2]);
}

}  // namespace stacksampler::store
