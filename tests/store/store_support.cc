// SPDX-License-Identifier: MIT
#include "store/store_support.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "support/catch.h"

namespace stacksampler::store {
namespace {

std::string LabelsText(const Labels& labels) {
  std::string text = "{";
  for (const auto& [key, value] : labels) text += key + "=" + value + ",";
  return text + "}";
}

std::string FrameText(const Profile& profile, const Frame& frame) {
  const Mapping& mapping = profile.mappings()[frame.mapping];
  std::ostringstream text;
  text << profile.String(frame.name) << '|' << profile.String(frame.mangled_name) << '|'
       << profile.String(mapping.module) << '|' << profile.String(mapping.build_id) << '|'
       << profile.String(frame.file) << '|' << frame.line << '|' << frame.inlined << ';';
  return text.str();
}

std::string StackText(const Profile& profile, StackId stack) {
  std::string text;
  for (const FrameId frame : profile.StackFrames(stack)) {
    text += FrameText(profile, profile.frames()[frame]);
  }
  return text;
}

Labels Union(const Labels& target, const Labels& own) {
  std::map<std::string, std::string> all(own.begin(), own.end());
  for (const auto& [key, value] : target) all[key] = value;
  return {all.begin(), all.end()};
}

bool Holds(const Labels& labels, const std::vector<LabelMatch>& matches) {
  const std::map<std::string, std::string> values(labels.begin(), labels.end());
  std::map<std::string, bool> wanted;  // by key: whether one of its matches holds
  for (const LabelMatch& match : matches) {
    const auto it = values.find(match.key);
    const bool is = match.value == (it == values.end() ? "" : it->second);
    if (match.negated && is) return false;
    if (!match.negated) wanted[match.key] = wanted[match.key] || is;
  }
  return std::all_of(wanted.begin(), wanted.end(), [](const auto& key) { return key.second; });
}

FrameId RandomFrame(std::mt19937_64* random, Profile* profile) {
  const uint64_t pick = (*random)() % 60;
  Frame frame;
  frame.name = profile->InternString("ns::work<int, " + std::to_string(pick % 40) + ">::run");
  frame.mangled_name = profile->InternString(pick % 3 == 0 ? "" : "_Z" + std::to_string(pick));
  frame.mapping = profile->InternMapping("/usr/lib/lib" + std::to_string(pick % 4) + ".so",
                                         pick % 2 == 0 ? "" : "beef");
  frame.file = profile->InternString(pick % 5 == 0 ? "" : "src/a file.cc");
  frame.line = static_cast<uint32_t>(pick % 7);
  frame.inlined = pick % 6 == 0;
  return profile->InternFrame(frame);
}

Labels SeriesOf(const Window& window, LabelSetId labels) {
  const Labels& own = window.profile.label_sets()[labels];
  return window.own_labels_win ? Union(own, window.target) : Union(window.target, own);
}

}  // namespace

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "store-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempDir::~TempDir() { std::filesystem::remove_all(path_); }

std::string TempDir::path(const std::string& name) const {
  return name.empty() ? path_ : path_ + "/" + name;
}

std::vector<std::string> FilesIn(const std::string& dir) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

size_t CountFiles(const std::string& dir, char letter) {
  size_t count = 0;
  for (const std::string& name : FilesIn(dir)) count += name[0] == letter && name[1] == '-';
  return count;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << bytes;
  REQUIRE(out.flush().good());
}

void FlipBit(const std::string& path, size_t byte) {
  std::string bytes = ReadFile(path);
  REQUIRE(byte < bytes.size());
  bytes[byte] = static_cast<char>(bytes[byte] ^ 1);
  WriteFile(path, bytes);
}

void BreakValue(const std::string& path, const std::string& key) {
  const size_t at = ReadFile(path).rfind(key);
  REQUIRE(at != std::string::npos);
  FlipBit(path, at + key.size() + 1);
}

Window SmallWindow(const std::string& host, uint64_t id, int64_t end_ns, int64_t weight) {
  Window window{{{"host", host}, {"port", "16384"}}, {"run", id}, end_ns - kSecond, end_ns, {}};
  Profile& profile = window.profile;
  profile.period_ns = 5'000'000;
  const StackId main = profile.InternStack(0, profile.InternFrame("main"));
  const StackId work = profile.InternStack(main, profile.InternFrame("work"));
  profile.AddSample(work, profile.InternLabels({{"thread", "t"}}), weight,
                    weight * profile.period_ns);
  return window;
}

Window RandomWindow(std::mt19937_64* random, uint64_t id, int64_t end_ns) {
  auto& next = *random;
  Window window;
  window.target = {{"host", "h" + std::to_string(next() % 3)}, {"port", "16384"}};
  window.ref = {"run", id};
  window.start_ns = end_ns - static_cast<int64_t>(next() % (60 * kSecond));
  window.end_ns = end_ns;
  Profile& profile = window.profile;
  profile.period_ns = next() % 4 == 0 ? 0 : static_cast<int64_t>(1 + next() % 2) * 1'000'000;
  for (uint64_t samples = next() % 20; samples > 0; --samples) {
    StackId stack = 0;
    for (uint64_t depth = next() % 12; depth > 0; --depth) {
      stack = profile.InternStack(stack, RandomFrame(random, &profile));
    }
    Labels own;
    if (next() % 5 != 0) own.emplace_back("thread", "t" + std::to_string(next() % 4));
    if (next() % 20 == 0) own.emplace_back("host", "own");
    const auto weight = static_cast<int64_t>(1 + next() % 300);
    profile.AddSample(stack, profile.InternLabels(own), weight, weight * profile.period_ns);
  }
  return window;
}

void AddTimes(std::mt19937_64* random, int64_t bucket_ns, Window* window) {
  auto& next = *random;
  window->bucket_ns = bucket_ns;
  const auto length_ns = static_cast<uint64_t>(window->end_ns - window->start_ns) + 1;
  for (const Sample& sample : window->profile.samples()) {
    for (int64_t left = sample.weight; left > 0 && next() % 8 != 0;) {
      const int64_t weight = std::min<int64_t>(left, static_cast<int64_t>(1 + next() % 50));
      const int64_t time_ns = window->start_ns + static_cast<int64_t>(next() % length_ns);
      window->times.push_back(
          {time_ns, sample.stack, sample.labels, weight, weight * window->profile.period_ns});
      left -= weight;
    }
  }
}

FlatTimes FlattenTimes(const Profile& profile) {
  std::map<int64_t, Profile> buckets;
  Profile words = profile;
  words.ClearSamples();
  for (const TimedSample& timed : profile.timeline()) {
    Profile& bucket = buckets.try_emplace(timed.time_ns, words).first->second;
    bucket.AddSample(timed.stack, timed.labels, timed.weight, timed.cpu_ns);
  }
  FlatTimes flat;
  for (const auto& [begin_ns, bucket] : buckets) flat[begin_ns] = Flatten(bucket);
  return flat;
}

FlatTimes TimesAgain(const std::vector<Window>& windows, const SampleTimesQuery& query) {
  std::map<int64_t, std::vector<Window>> buckets;
  for (const Window& window : windows) {
    Window part = window;
    for (const TimedSample& timed : window.times) {
      const int64_t begin_ns = timed.time_ns - timed.time_ns % window.bucket_ns;
      if (begin_ns < query.from_ns || begin_ns >= query.until_ns) continue;
      part.profile.ClearSamples();
      part.profile.AddSample(timed.stack, timed.labels, timed.weight, timed.cpu_ns);
      buckets[begin_ns].push_back(part);
    }
  }
  Query plain;
  plain.matches = query.matches;
  plain.keep_labels = query.keep_labels;
  FlatTimes flat;
  for (const auto& [begin_ns, parts] : buckets) {
    Flat samples = CountAgain(parts, plain).samples;
    if (!samples.empty()) flat[begin_ns] = std::move(samples);
  }
  return flat;
}

Query RandomQuery(std::mt19937_64* random, int64_t span_ns) {
  auto& next = *random;
  Query query;
  const auto moment = [&] {
    return kNoon + static_cast<int64_t>(next() % static_cast<uint64_t>(span_ns));
  };
  if (next() % 4 != 0) query.from_ns = moment();
  if (next() % 4 != 0) query.until_ns = moment();
  if (query.from_ns > query.until_ns) std::swap(query.from_ns, query.until_ns);
  if (next() % 2 == 0) {
    query.matches.push_back({"thread", "t" + std::to_string(next() % 4), next() % 3 == 0});
  }
  if (next() % 3 == 0) {
    query.matches.push_back({"host", "h" + std::to_string(next() % 3), next() % 3 == 0});
  }
  if (next() % 6 == 0) query.matches.push_back({"thread", "", next() % 2 == 0});
  query.keep_labels = next() % 3 == 0;
  return query;
}

Flat Flatten(const Profile& profile) {
  Flat flat;
  for (const Sample& sample : profile.samples()) {
    auto& sum =
        flat[LabelsText(profile.label_sets()[sample.labels]) + StackText(profile, sample.stack)];
    sum.first += sample.weight;
    sum.second += sample.cpu_ns;
  }
  return flat;
}

Recount CountAgain(const std::vector<Window>& windows, const Query& query) {
  Recount count;
  for (const Window& window : windows) {
    if (window.end_ns < query.from_ns || window.end_ns > query.until_ns) continue;
    const Profile& profile = window.profile;
    bool any = profile.samples().empty() && Holds(window.target, query.matches);
    for (const Sample& sample : profile.samples()) {
      const Labels labels = SeriesOf(window, sample.labels);
      if (!Holds(labels, query.matches)) continue;
      any = true;
      auto& sum = count.samples[LabelsText(query.keep_labels ? labels : Labels()) +
                                StackText(profile, sample.stack)];
      sum.first += sample.weight;
      sum.second += sample.weight * profile.period_ns;
    }
    if (!any) continue;
    count.start_ns =
        count.records == 0 ? window.start_ns : std::min(count.start_ns, window.start_ns);
    count.end_ns = std::max(count.end_ns, window.end_ns);
    ++count.records;
  }
  return count;
}

std::vector<Labels> SeriesAgain(const std::vector<Window>& windows, const Query& range) {
  std::set<Labels> series;
  for (const Window& window : windows) {
    if (window.end_ns < range.from_ns || window.end_ns > range.until_ns) continue;
    if (window.profile.samples().empty()) series.insert(window.target);
    for (const Sample& sample : window.profile.samples()) {
      series.insert(SeriesOf(window, sample.labels));
    }
  }
  return {series.begin(), series.end()};
}

void CheckAnswer(StoreReader* reader, const std::vector<Window>& windows, const Query& query) {
  const Result<QueryResult> answer = reader->Merge(query);
  REQUIRE(answer.ok());
  const Recount expected = CountAgain(windows, query);
  CHECK(answer->warnings.empty());
  CHECK(answer->records == expected.records);
  CHECK(answer->profile.start_ns == expected.start_ns);
  CHECK(answer->profile.end_ns == expected.end_ns);
  CHECK(answer->profile.Validate().ok());
  CHECK((Flatten(answer->profile) == expected.samples));
}

bool Mentions(const std::vector<std::string>& lines, const std::string& words) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(words) != std::string::npos;
  });
}

WriterOptions OptionsFor(std::vector<std::string>* warnings) {
  WriterOptions options;
  options.on_warning = [warnings](const std::string& line) { warnings->push_back(line); };
  return options;
}

std::unique_ptr<StoreWriter> MustWrite(const std::string& dir, const WriterOptions& options) {
  Result<std::unique_ptr<StoreWriter>> writer = OpenWriter(dir, options);
  INFO(writer.status().message());
  REQUIRE(writer.ok());
  return *std::move(writer);
}

std::unique_ptr<StoreReader> MustRead(const std::string& dir) {
  Result<std::unique_ptr<StoreReader>> reader = OpenReader(dir);
  INFO(reader.status().message());
  REQUIRE(reader.ok());
  return *std::move(reader);
}

void MustAppend(StoreWriter* writer, const Window& window) {
  const Result<bool> added = writer->Append(window.record());
  INFO(added.status().message());
  REQUIRE(added.ok());
  REQUIRE(*added);
}

int64_t TotalWeight(const std::string& dir) {
  const Result<QueryResult> answer = MustRead(dir)->Merge({});
  REQUIRE(answer.ok());
  return answer->profile.TotalWeight();
}

}  // namespace stacksampler::store
