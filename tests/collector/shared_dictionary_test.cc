// SPDX-License-Identifier: MIT
#include "collector/shared_dictionary.h"

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "stacksampler/pprof.h"
#include "store/store_support.h"
#include "stored_bytes.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

// A dictionary, and a store that what it decodes is appended to.
class Fixture {
 public:
  explicit Fixture(size_t max_bytes = SharedDictionary::kMaxBytes,
                   size_t max_polls = SharedDictionary::kMaxPolls)
      : dictionary(std::make_shared<Redactor>(), max_bytes, max_polls) {}

  SharedSamples Decode(const std::string& text) {
    FoldedReport report;
    SharedSamples samples = dictionary.DecodeFolded(text, &report);
    samples.start_ns = samples.end_ns = store::kNoon + minute_++ * 60 * store::kSecond;
    return samples;
  }

  void Append(const SharedSamples& samples) {
    store::Record record;
    record.labels = {{"host", "web-1"}};
    const Result<bool> added = dictionary.Append(samples, record, writer_.get());
    REQUIRE(added.ok());
    REQUIRE(*added);
  }

  // A record that shares nothing.
  void Append(const Profile& profile) {
    store::Record record;
    record.labels = {{"host", "web-1"}};
    record.profile = &profile;
    REQUIRE(writer_->Append(record).ok());
  }

  // What the store's files hold when all is in a journal, and when all is in a segment.
  std::string Stored() {
    REQUIRE(writer_->Commit().ok());
    const std::string journal = StoredBytes(dir_.path("db"));
    REQUIRE(writer_->Seal().ok());
    return journal + StoredBytes(dir_.path("db"));
  }

  [[nodiscard]] uintmax_t JournalBytes() const {
    uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path("db"))) {
      bytes += entry.file_size();
    }
    return bytes;
  }

  store::Flat Answer() {
    REQUIRE(writer_->Commit().ok());
    return store::Flatten(store::MustRead(dir_.path("db"))->Merge({})->profile);
  }

  SharedDictionary dictionary;

 private:
  const store::TempDir dir_;
  const std::unique_ptr<store::StoreWriter> writer_ = store::MustWrite(dir_.path("db"), {});
  int64_t minute_ = 0;
};

std::string ManyLines(const std::string& leaf) {
  std::string text = "elapsed 60\ngranularity 0.01\n";
  for (int i = 0; i < 300; ++i) {
    text += "main;serve(Request<Message, std::vector<int> >&);" + leaf + std::to_string(i) + " 3\n";
  }
  return text;
}

TEST_CASE("SharedDictionary: a poll of known stacks takes a few bytes a line, without any name") {
  Fixture store;
  const std::string text = ManyLines("handler");
  store.Append(store.Decode(text));
  const uintmax_t with_names = store.JournalBytes();
  store.Append(store.Decode(text));
  const uintmax_t without = store.JournalBytes() - with_names;
  CHECK(without < 300 * 4);
  store.Append(store.Decode(text));
  CHECK(store.JournalBytes() - with_names == 2 * without);
}

TEST_CASE("SharedDictionary: polls decoded before others are appended as they were") {
  Fixture store;
  const SharedSamples first = store.Decode("granularity 1\nmain;a 1\nmain;b 2\nmain;a 3\n");
  const SharedSamples second = store.Decode("elapsed 1\ngranularity 0.5\nmain;b 5\nmain;c 7\n");
  CHECK(first.TotalWeight() == 7);
  CHECK(second.TotalWeight() == 12);
  store.Append(second);
  store.Append(first);
  Profile both = store.dictionary.Copy(first);
  CHECK(both.period_ns == 0);
  CHECK(both.TotalWeight() == 7);
  both.Merge(store.dictionary.Copy(second));
  CHECK(both.TotalCpuNs() == 6'000'000'000);
  CHECK(store::Flatten(both).size() == 4);
  CHECK(store.Answer().size() == 4);
}

TEST_CASE("SharedDictionary: a profile of its own between polls ends nothing that is known") {
  Fixture store;
  const std::string text = ManyLines("handler");
  const SharedSamples polled = store.Decode(text);
  store.Append(polled);
  uintmax_t before = store.JournalBytes();
  store.Append(polled);
  const uintmax_t known = store.JournalBytes() - before;
  store.Append(store.dictionary.Copy(store.Decode("main;other 5\n")));
  before = store.JournalBytes();
  store.Append(polled);
  CHECK(store.JournalBytes() - before == known);
  CHECK(store.Answer().size() == 301);
}

TEST_CASE("SharedDictionary: past its bytes a new one is begun, and nothing is lost") {
  Fixture store(100'000);
  Fixture other;
  std::vector<SharedSamples> waiting;
  for (int poll = 0; poll < 40; ++poll) {
    const std::string text = ManyLines("f" + std::to_string(poll % 7) + "_");
    waiting.push_back(store.Decode(text));
    other.Append(other.Decode(text));
    if (poll % 5 == 4) {
      for (const SharedSamples& samples : waiting) store.Append(samples);
      waiting.clear();
    }
  }
  CHECK(store.Answer() == other.Answer());
}

TEST_CASE("SharedDictionary: what is redacted counts beside what was read") {
  auto redactor = Redactor::Of({"nothing-begins-so=x"});
  REQUIRE(redactor.ok());
  SharedDictionary plain(std::make_shared<Redactor>());
  SharedDictionary redacting(std::make_shared<Redactor>(*std::move(redactor)));
  const size_t empty = plain.bytes();
  FoldedReport report;
  (void)plain.DecodeFolded(ManyLines("f"), &report);
  (void)redacting.DecodeFolded(ManyLines("f"), &report);
  // The second profile is as large as the first; only what finds lines again is there once.
  CHECK(redacting.bytes() - plain.bytes() > (plain.bytes() - empty) / 3);
}

TEST_CASE("SharedDictionary: what targets say no more is forgotten, and nothing is lost") {
  constexpr int kPolls = 5;
  Fixture store(SharedDictionary::kMaxBytes, kPolls);
  Fixture other;
  const size_t empty = store.dictionary.bytes();
  size_t most = 0;
  for (int poll = 1; poll <= 10 * kPolls; ++poll) {
    const std::string text = ManyLines("deploy" + std::to_string(poll) + "_");
    store.Append(store.Decode(text));
    other.Append(other.Decode(text));
    if (poll == kPolls - 1) most = store.dictionary.bytes();
    if (poll % kPolls == 0) CHECK(store.dictionary.bytes() == empty);
  }
  REQUIRE(most > empty);
  CHECK(store.dictionary.bytes() == empty);
  CHECK(other.dictionary.bytes() > 10 * most);
  CHECK(store.Answer() == other.Answer());
}

TEST_CASE("SharedDictionary: a home that a later poll brings reaches no file of the store") {
  Fixture store;
  Profile homely;
  homely.AddSample(homely.InternStack(0, homely.InternFrame("plain")),
                   homely.InternLabels({{"thread", "/home/cat/worker"}}), 1, 0);
  const SharedSamples before = store.Decode("main;work 1\n");
  const SharedSamples text = store.Decode("main;run(/home/ann/app/run.py) 2\n");
  auto window = store.dictionary.DecodePprof(EncodePprof(homely));
  REQUIRE(window.ok());
  window->start_ns = window->end_ns = before.end_ns;
  const SharedSamples after = store.Decode("main;work 4\nmain;run(/home/ann/app/run.py) 8\n");
  for (const SharedSamples& samples : {before, text, *window, after}) {
    store.Append(samples);
    CHECK(EncodeFolded(store.dictionary.Copy(samples)).find("/home") == std::string::npos);
  }
  const store::Flat answer = store.Answer();
  int64_t weight = 0;
  for (const auto& [words, values] : answer) weight += values.first;
  CHECK(weight == 16);
  const std::string bytes = store.Stored();
  CHECK(bytes.find("run(app/run.py)") != std::string::npos);
  CHECK(bytes.find("worker") != std::string::npos);
  CHECK(bytes.find("/home") == std::string::npos);
}

TEST_CASE("SharedDictionary: damaged windows leave what others read as it is") {
  Fixture store;
  const SharedSamples good = store.Decode("main;a 1\n");
  std::string bytes = EncodePprof(store.dictionary.Copy(good));
  bytes.resize(bytes.size() - 1);
  CHECK_FALSE(store.dictionary.DecodePprof(bytes).ok());
  store.Append(good);
  store.Append(store.Decode("main;a 2\n"));
  CHECK(EncodeFolded(store.dictionary.Copy(good)) == "main;a 1\n");
}

TEST_CASE("SharedDictionary: many threads decode while one appends") {
  Fixture store(200'000);
  std::vector<std::vector<SharedSamples>> decoded(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < decoded.size(); ++t) {
    threads.emplace_back([&store, &mine = decoded[t], t] {
      FoldedReport report;
      for (int i = 0; i < 20; ++i) {
        mine.push_back(store.dictionary.DecodeFolded(
            ManyLines("t" + std::to_string(t) + "i" + std::to_string(i % 3) + "_"), &report));
      }
    });
  }
  for (int i = 0; i < 20; ++i) store.Append(store.Decode("main;own 1\n"));
  for (std::thread& thread : threads) thread.join();
  int64_t weight = 0;
  for (const auto& mine : decoded) {
    for (const SharedSamples& samples : mine) {
      weight += store.dictionary.Copy(samples).TotalWeight();
    }
  }
  CHECK(weight == 4 * 20 * 300 * 3);
}

}  // namespace
}  // namespace stacksampler::collector
