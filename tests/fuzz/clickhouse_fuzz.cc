// SPDX-License-Identifier: MIT
//
// What a ClickHouse server answers, question after question: texts, and nothing when they end.
#include "fuzz/http_answers.h"
#include "fuzz/profile_checks.h"
#include "fuzz/store_bytes.h"
#include "store/clickhouse/clickhouse_store.h"

using namespace stacksampler;

namespace {

std::vector<std::string_view> answers;
size_t next = 0;

void Merge(store::StoreReader* reader, bool keep_labels) {
  store::Query query = {0, int64_t{1} << 60, {}, keep_labels};
  const auto result = reader->Merge(query);
  if (result.ok()) fuzz::CheckProfile(result->profile);
}

void Volumes(store::StoreReader* reader) {
  const auto result = reader->Volumes({0, int64_t{1} << 60, {}, int64_t{1} << 58});
  if (!result.ok()) return;
  for (const auto& series : result->series) {
    fuzz::Promise(series.volumes.size() == result->intervals, "a series has all intervals");
    for (const store::Volume& volume : series.volumes) {
      fuzz::Promise(volume.weight >= 0 && volume.cpu_ns >= 0, "volumes are not negative");
    }
  }
}

}  // namespace

// An error of the server's is told by the first byte of what it says.
http::Fetched fuzz::NextAnswer() {
  http::Fetched answer;
  if (next < answers.size()) answer.body = answers[next++];
  answer.status = answer.body.rfind("Code: ", 0) == 0 ? 500 : 200;
  return answer;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  answers = fuzz::TextsOf(fuzz::AsText(data, size));
  next = 0;
  store::ClickhouseUrl url;
  url.servers = {{"ch-1"}};
  url.database = "profiles";
  auto reader = store::OpenClickhouseReader(url);
  if (!reader.ok()) return 0;
  Merge(reader->get(), true);
  Volumes(reader->get());
  static_cast<void>((*reader)->StoredExtent());
  static_cast<void>((*reader)->Series(0, INT64_MAX));
  Merge(reader->get(), false);
  return 0;
}
