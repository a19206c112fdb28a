// SPDX-License-Identifier: MIT
//
// What every store answers, whatever it is made of.
#include "store/conformance.h"

#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

/// Calls `test(store)` for a new store of each kind.
template <typename Test>
void ForEachKind(Test test) {
  for (const std::string& kind : StoreKinds()) {
    INFO(kind);
    test(MakeStore(kind).get());
  }
}

void Store(StoreUnderTest* store, const std::vector<Window>& windows) {
  const auto writer = store->Write();
  for (const Window& window : windows) MustAppend(writer.get(), window);
  const Status sealed = writer->Seal();
  INFO(sealed.message());
  REQUIRE(sealed.ok());
}

std::vector<Window> RandomWindows(uint64_t seed, uint64_t count, int64_t span_ns) {
  std::mt19937_64 random(seed);
  std::vector<Window> windows;
  for (uint64_t id = 1; id <= count; ++id) {
    const auto at = static_cast<int64_t>(random() % static_cast<uint64_t>(span_ns));
    windows.push_back(RandomWindow(&random, id, kNoon + at));
  }
  return windows;
}

int64_t WeightOf(StoreReader* reader, const Query& query) {
  const Result<QueryResult> answer = reader->Merge(query);
  REQUIRE(answer.ok());
  CHECK(answer->warnings.empty());
  return answer->profile.TotalWeight();
}

// Of one sample, whose weight is its CPU time.
Window HeavyWindow(const std::string& host, int64_t end_ns, int64_t weight) {
  Window window = SmallWindow(host, 1, end_ns);
  window.profile = Profile();
  window.profile.period_ns = 1;
  const FrameId frame = window.profile.InternFrame("heavy");
  window.profile.AddSample(window.profile.InternStack(0, frame), 0, weight, weight);
  return window;
}

// Texts that mean something to SQL, to a shell, to a terminal, and bytes that are no text.
std::vector<std::string> HostileTexts() {
  return {"'; DROP TABLE samples; --",
          "\\'",
          "\\",
          "a\tb\nc\rd",
          std::string("nul\0inside", 10),
          "\xff\xfe\x80 no UTF-8",
          "') OR ('a' = 'a",
          "{x:String}",
          "\xe2\x80\xae right to left",
          std::string(5000, 'x')};
}

}  // namespace

TEST_CASE("Every store: random windows, ranges and filters are answered as a recount answers") {
  ForEachKind([](StoreUnderTest* store) {
    const int64_t span_ns = 30 * kHour;  // over the end of a day
    const std::vector<Window> windows = RandomWindows(11, 120, span_ns);
    Store(store, windows);
    const auto reader = store->Read();
    std::mt19937_64 random(12);
    for (int i = 0; i < 40; ++i) {
      const Query query = RandomQuery(&random, span_ns);
      CheckAnswer(reader.get(), windows, query);
      CHECK((reader->Series(query.from_ns, query.until_ns)->series == SeriesAgain(windows, query)));
    }
  });
}

TEST_CASE("Every store: volumes are those of a recount, interval by interval") {
  ForEachKind([](StoreUnderTest* store) {
    const std::vector<Window> windows = RandomWindows(21, 60, 5 * kHour);
    Store(store, windows);
    const auto reader = store->Read();
    for (const int64_t step : {700 * kSecond, kHour, 24 * kHour}) {
      VolumeQuery query{kNoon + 100 * kSecond, kNoon + 4 * kHour, {}, step};
      if (step == kHour) query.matches = {{"thread", "t1", true}};
      const Result<VolumeResult> result = reader->Volumes(query);
      REQUIRE(result.ok());
      for (size_t i = 0; i < result->intervals; ++i) {
        const int64_t begin_ns = result->first_begin_ns + static_cast<int64_t>(i) * step;
        Query merge;
        merge.from_ns = i == 0 ? query.from_ns : begin_ns + 1;
        merge.until_ns = std::min(query.until_ns, begin_ns + step);
        merge.matches = query.matches;
        int64_t weight = 0;
        for (const SeriesVolume& series : result->series) weight += series.volumes[i].weight;
        int64_t expected = 0;
        for (const auto& [key, sums] : CountAgain(windows, merge).samples) expected += sums.first;
        CHECK(weight == expected);
      }
    }
  });
}

TEST_CASE("Every store: a window that ends on a boundary is the earlier interval's") {
  ForEachKind([](StoreUnderTest* store) {
    std::vector<Window> windows;
    for (const int64_t seconds : {0, 1, 10, 11, 20}) {
      windows.push_back(
          SmallWindow("a", static_cast<uint64_t>(seconds) + 1, kNoon + seconds * kSecond));
    }
    Store(store, windows);
    const auto reader = store->Read();
    const auto weights = [&](int64_t from_s, int64_t until_s) {
      const auto result =
          reader->Volumes({kNoon + from_s * kSecond, kNoon + until_s * kSecond, {}, 10 * kSecond});
      REQUIRE(result.ok());
      std::vector<int64_t> sums(result->intervals);
      for (const SeriesVolume& series : result->series) {
        for (size_t i = 0; i < sums.size(); ++i) sums[i] += series.volumes[i].weight;
      }
      return sums;
    };
    CHECK(weights(0, 20) == std::vector<int64_t>{3, 2});
    CHECK(weights(5, 25) == std::vector<int64_t>{1, 2, 0});
    CHECK(weights(10, 10) == std::vector<int64_t>{1});
    CHECK(reader->Volumes({0, 10'001, {}, 1}).status().code() == StatusCode::kInvalidArgument);
  });
}

TEST_CASE("Every store: a sample's own labels never stand in for the target's") {
  ForEachKind([](StoreUnderTest* store) {
    Window window = SmallWindow("liar", 1, kNoon, 3);
    const StackId stack = window.profile.samples()[0].stack;
    const Labels forged = {{"host", "victim"}, {"port", "1"}, {"thread", "t"}, {"tier", "web"}};
    window.profile.AddSample(stack, window.profile.InternLabels(forged), 4, 4);
    Store(store, {window});
    const auto reader = store->Read();
    Query query{0, kNoon, {{"host", "victim"}}};
    CHECK(WeightOf(reader.get(), query) == 0);
    query.matches = {{"host", "liar"}};
    CHECK(WeightOf(reader.get(), query) == 7);
    query.matches = {{"tier", "web"}};
    CHECK(WeightOf(reader.get(), query) == 4);
    query.matches = {};
    CheckAnswer(reader.get(), {window}, query);
    const auto stored = reader->Series(0, kNoon);
    REQUIRE(stored.ok());
    CHECK(stored->series.size() == 2);
    for (const Labels& labels : stored->series) {
      CHECK(std::count(labels.begin(), labels.end(), Label("host", "liar")) == 1);
      CHECK(std::count(labels.begin(), labels.end(), Label("host", "victim")) == 0);
    }
  });
}

TEST_CASE("Every store: both edges of a range belong to it, and the extent is what is stored") {
  ForEachKind([](StoreUnderTest* store) {
    Store(store, {});
    CHECK(store->Read()->StoredExtent()->empty);
    Store(store, {SmallWindow("a", 1, kNoon + 1), SmallWindow("b", 2, kNoon + 2),
                  SmallWindow("c", 3, kNoon + 50 * kHour)});
    const auto reader = store->Read();
    Query query;
    query.from_ns = kNoon + 2;
    query.until_ns = kNoon + 2;
    CHECK(reader->Merge(query)->records == 1);
    query.from_ns = kNoon + 1;
    CHECK(reader->Merge(query)->records == 2);
    query.until_ns = kNoon;
    query.from_ns = 0;
    CHECK(reader->Merge(query)->records == 0);
    const Result<Extent> extent = reader->StoredExtent();
    CHECK_FALSE(extent->empty);
    CHECK(extent->first_ns == kNoon + 1);
    CHECK(extent->last_ns == kNoon + 50 * kHour);
  });
}

TEST_CASE("Every store: targets of different rates merge into CPU time and no single period") {
  ForEachKind([](StoreUnderTest* store) {
    Window slow = SmallWindow("b", 1, kNoon, 10);
    slow.profile.period_ns = 20'000'000;
    Store(store, {SmallWindow("a", 1, kNoon, 10)});
    CHECK(store->Read()->Merge({})->profile.period_ns == 5'000'000);
    Store(store, {slow});
    const Result<QueryResult> answer = store->Read()->Merge({});
    CHECK(answer->profile.period_ns == 0);
    CHECK(answer->profile.TotalWeight() == 20);
    CHECK(answer->profile.TotalCpuNs() == 250'000'000);
  });
}

TEST_CASE("Every store: a window counts once, and what has no windows counts each time") {
  ForEachKind([](StoreUnderTest* store) {
    const Window window = SmallWindow("a", 7, kNoon);
    Window without = SmallWindow("b", 0, kNoon);
    without.ref.instance = "";
    Store(store, {window, without, without});
    {
      const auto writer = store->Write();
      CHECK(writer->LastWindows(window.target).at(0).id == 7);
      CHECK(writer->LastWindows(window.target).at(0).instance == "run");
      CHECK(writer->LastWindows(without.target).empty());
      CHECK_FALSE(*writer->Append(window.record()));
      CHECK_FALSE(*writer->Append(SmallWindow("a", 6, kNoon).record()));
      MustAppend(writer.get(), without);
      MustAppend(writer.get(), SmallWindow("a", 8, kNoon));
      REQUIRE(writer->Seal().ok());
    }
    CHECK(WeightOf(store->Read().get(), {}) == 5);
    CHECK(store->Read()->Merge({})->records == 5);
  });
}

TEST_CASE("Every store: each process that answered at an address is known by its last window") {
  ForEachKind([](StoreUnderTest* store) {
    const auto at = [](const char* instance, uint64_t id, int64_t seconds) {
      Window window = SmallWindow("a", id, kNoon + seconds * kSecond);
      window.ref.instance = instance;
      return window;
    };
    Store(store, {at("run1", 4, 1), at("run2", 1, 2), at("run1", 5, 3), at("run3", 1, 4)});
    Store(store, {at("run2", 2, 5)});
    const auto writer = store->Write();
    const std::vector<WindowRef> last = writer->LastWindows(at("", 1, 0).target);
    REQUIRE(last.size() == 3);
    CHECK((last[0].instance == "run2" && last[0].id == 2));
    CHECK((last[1].instance == "run3" && last[1].id == 1));
    CHECK((last[2].instance == "run1" && last[2].id == 5));
    for (const WindowRef& ref : last) {
      CHECK_FALSE(*writer->Append(at(ref.instance.c_str(), ref.id, 6).record()));
    }
  });
}

TEST_CASE("Every store: a range keeps its name until a window of it is stored") {
  constexpr int64_t kMinute = 60 * kSecond;
  ForEachKind([](StoreUnderTest* store) {
    Store(store, {SmallWindow("a", 1, kNoon + kMinute), SmallWindow("a", 2, kNoon + 90 * kMinute)});
    Query range;
    range.from_ns = kNoon;
    range.until_ns = kNoon + 2 * kHour;
    const auto name_of = [&] { return *store->Read()->Contents(range.from_ns, range.until_ns); };
    const std::string name = name_of();
    CHECK_FALSE(name.empty());
    Query filtered = range;
    filtered.matches = {{"host", "nobody", false}};
    CHECK(store->Read()->Merge(range)->contents == name);
    CHECK(store->Read()->Merge(filtered)->contents == name);
    const VolumeQuery volumes = {range.from_ns, range.until_ns, {}, 10 * kMinute};
    CHECK(store->Read()->Volumes(volumes)->contents == name);
    Store(store, {SmallWindow("a", 3, kNoon + 5 * kHour)});
    CHECK(name_of() == name);
    Store(store, {SmallWindow("a", 4, kNoon + 30 * kMinute)});
    const std::string later = name_of();
    CHECK(later != name);
    CHECK(store->Read()->Merge(range)->contents == later);
    CHECK(*store->Read()->Contents(range.until_ns + 1, range.until_ns + kHour) != name);
  });
}

TEST_CASE("Every store: a window without samples is a record of its target") {
  ForEachKind([](StoreUnderTest* store) {
    Window idle = SmallWindow("a", 1, kNoon);
    idle.profile = Profile();
    Store(store, {idle});
    const auto reader = store->Read();
    CHECK(reader->Merge({})->records == 1);
    CHECK(reader->Merge({})->profile.samples().empty());
    CHECK((reader->Series(kNoon, kNoon)->series == std::vector<Labels>{idle.target}));
  });
}

TEST_CASE("Every store: hostile names and labels come back byte for byte, and filter as text") {
  ForEachKind([](StoreUnderTest* store) {
    std::vector<Window> windows;
    for (const std::string& text : HostileTexts()) {
      Window window = SmallWindow(text, 1, kNoon);
      window.ref.instance = text;
      window.profile = Profile();
      Profile& profile = window.profile;
      profile.period_ns = 1000;
      Frame frame;
      frame.name = profile.InternString(text);
      frame.mangled_name = profile.InternString("_Z" + text);
      frame.mapping = profile.InternMapping(text, text);
      frame.file = profile.InternString(text);
      profile.AddSample(profile.InternStack(0, profile.InternFrame(frame)),
                        profile.InternLabels({{text, text}}), 3, 3000);
      windows.push_back(window);
    }
    Store(store, windows);
    const auto reader = store->Read();
    Query labelled;
    labelled.keep_labels = true;
    CheckAnswer(reader.get(), windows, labelled);
    CHECK((reader->Series(0, INT64_MAX)->series == SeriesAgain(windows, {})));
    for (const std::string& text : HostileTexts()) {
      Query query;
      query.matches = {{"host", text}, {text, text}};
      CHECK(WeightOf(reader.get(), query) == 3);
      query.matches = {{text, text, true}};
      CHECK(WeightOf(reader.get(), query) == 3 * static_cast<int64_t>(windows.size() - 1));
    }
    const auto writer = store->Write();
    CHECK(writer->LastWindows(windows[0].target).at(0).instance == HostileTexts()[0]);
  });
}

TEST_CASE("Every store: sums up to 2^63 are exact, and past it refused") {
  ForEachKind([](StoreUnderTest* store) {
    Store(store,
          {HeavyWindow("a", kNoon, INT64_MAX / 2), HeavyWindow("b", kNoon + 1, INT64_MAX / 2 + 1)});
    CHECK(WeightOf(store->Read().get(), {}) == INT64_MAX);
    Store(store, {SmallWindow("c", 1, kNoon + 2, 1)});
    const auto reader = store->Read();
    CHECK(reader->Merge({}).status().code() == StatusCode::kResourceExhausted);
    CHECK(reader->Volumes({kNoon, kNoon + 2, {}, kHour}).status().code() ==
          StatusCode::kResourceExhausted);
    Query until;
    until.until_ns = kNoon + 1;
    CHECK(WeightOf(reader.get(), until) == INT64_MAX);
  });
}

TEST_CASE("Every store: a record that is not valid is refused, and nothing of it stays") {
  ForEachKind([](StoreUnderTest* store) {
    {
      const auto writer = store->Write();
      Window window = SmallWindow("a", 1, kNoon);
      window.start_ns = kNoon + 1;
      CHECK(writer->Append(window.record()).status().code() == StatusCode::kInvalidArgument);
      window = SmallWindow("a", 1, kNoon);
      std::swap(window.target[0], window.target[1]);
      CHECK(writer->Append(window.record()).status().code() == StatusCode::kInvalidArgument);
      REQUIRE(writer->Seal().ok());
    }
    CHECK(store->Read()->Merge({})->records == 0);
  });
}

}  // namespace stacksampler::store
