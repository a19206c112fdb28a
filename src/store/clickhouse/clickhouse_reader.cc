// SPDX-License-Identifier: MIT
//
// Every query is asked of every server, at once; what they answer is added up here. A server that
// does not answer makes the whole query an error: its targets would be missing.
#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/errno_status.h"
#include "base/varint.h"
#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse/schema.h"
#include "store/clickhouse/selection.h"
#include "store/clickhouse/tiles.h"
#include "store/clickhouse/words.h"
#include "store/contents.h"
#include "store/dictionary.h"
#include "store/volume.h"

namespace stacksampler::store {
namespace {

int64_t ReadInt(ByteReader* in) { return static_cast<int64_t>(in->Fixed64()); }

Status BadAnswer(const Connection& connection) {
  return {StatusCode::kDataLoss, connection.name() + ": the answer's rows are not ours"};
}

Status TooMuch() {
  return {StatusCode::kResourceExhausted,
          "the sums over the range pass 2^63; ask for a shorter range"};
}

Status Uneven() {
  return {StatusCode::kDataLoss,
          "stacks and totals of the range have different sums: rows of samples or tiles are "
          "damaged; drop the partition of `rolled`, then of `tiles`, to have them made anew"};
}

// Servers may answer anything. False when the sum would pass 2^63.
bool AddTo(Volume* sum, const Volume& more) {
  return !__builtin_add_overflow(sum->weight, more.weight, &sum->weight) &&
         !__builtin_add_overflow(sum->cpu_ns, more.cpu_ns, &sum->cpu_ns);
}

bool IsEven(const Totals& totals, const Profile& profile) {
  return totals.weight == profile.TotalWeight() && totals.cpu_ns == profile.TotalCpuNs();
}

// A thread that runs `work`, which throws nothing; where the system gives none it is run here.
template <typename Work>
std::thread Beside(const Work& work) {
  try {
    return std::thread(work);
  } catch (const std::exception&) {  // refused, or no memory for it
    work();
    return {};
  }
}

void JoinIfRuns(std::thread* thread) {
  if (thread->joinable()) thread->join();
}

std::vector<std::string> AsList(const Words::Warnings& warnings) {
  return {warnings.begin(), warnings.end()};
}

class ClickhouseReader : public StoreReader {
 public:
  explicit ClickhouseReader(const ClickhouseUrl& url) {
    for (size_t i = 0; i < url.servers.size(); ++i) connections_.emplace_back(url, i);
  }

  Status Check() const {
    for (const Connection& connection : connections_) {
      if (Status status = CheckSchema(connection); !status.ok()) return status;
    }
    return Status::Ok();
  }

  Result<QueryResult> Merge(const Query& query) override {
    auto results = MergeParts({query});
    if (!results.ok()) return results.status();
    return std::move(results->front());
  }

  // Tiles by their versions, what is left by the keys of its windows.
  Result<std::string> Contents(int64_t from_ns, int64_t until_ns) override {
    if (from_ns > until_ns) return std::string();
    const auto covers = AskCovers({from_ns, until_ns}, kDayNs);
    return covers.ok() ? NameOf(*covers) : covers.status();
  }

  Result<std::vector<QueryResult>> MergeParts(const std::vector<Query>& parts) override {
    const std::lock_guard lock(mutex_);
    words_.ForgetWhatIsTooMuch();
    const int64_t from_ns = parts.front().from_ns;
    const int64_t until_ns = parts.back().until_ns;
    const Result<std::string> before = Contents(from_ns, until_ns);
    if (!before.ok()) return before.status();
    std::vector<QueryResult> results;
    bool warned = false;
    bool even = true;
    for (const Query& part : parts) {
      Result<QueryResult> result = MergePart(part, &even);
      if (!result.ok()) return result.status();
      warned = warned || !result->warnings.empty();
      results.push_back(*std::move(result));
    }
    const Result<std::string> name = NameOfAnswer(*before, from_ns, until_ns, warned);
    if (!name.ok()) return name.status();
    // Windows that came while it was read make them uneven too, but then the range changed its
    // name.
    if (!even && !name->empty()) return Uneven();
    for (QueryResult& result : results) result.contents = *name;
    return results;
  }

  Result<VolumeResult> Volumes(const VolumeQuery& query) override {
    if (Status status = CheckVolumeQuery(query); !status.ok()) return status;
    const std::lock_guard lock(mutex_);
    words_.ForgetWhatIsTooMuch();
    const Result<std::string> before = Contents(query.from_ns, query.until_ns);
    if (!before.ok()) return before.status();
    const auto covers = AskCovers({query.from_ns, query.until_ns}, query.step_ns);
    if (!covers.ok()) return covers.status();
    if (const Result<Totals> totals = AskTotals(*covers, query.matches); !totals.ok()) {
      return totals.status();
    }
    const Profile no_series;
    Result<VolumeResult> result = VolumeSums(query, no_series).Take();
    if (!result.ok()) return result;
    if (Status status = AddVolumes(query, *covers, &*result); !status.ok()) return status;
    Result<std::string> name =
        NameOfAnswer(*before, query.from_ns, query.until_ns, !result->warnings.empty());
    if (!name.ok()) return name.status();
    result->contents = *std::move(name);
    return result;
  }

  // Of the first and the last day alone: a part of the whole that does not grow.
  Result<Extent> StoredExtent() override {
    const Result<Answers> days = AskAll(
        "SELECT toInt64(count()), toInt64(min(toInt64(partition))), "
        "toInt64(max(toInt64(partition))) FROM system.parts WHERE database = currentDatabase() "
        "AND table = 'samples' AND active AND rows > 0");
    if (!days.ok()) return days.status();
    Extent extent;
    for (size_t i = 0; i < connections_.size(); ++i) {
      ByteReader in((*days)[i]);
      const int64_t parts = ReadInt(&in);
      const int64_t first = ReadInt(&in);
      const int64_t last = ReadInt(&in);
      if (!in.done()) return BadAnswer(connections_[i]);
      if (parts == 0) continue;
      if (Status status = WidenExtent(connections_[i], first, last, &extent); !status.ok()) {
        return status;
      }
    }
    return extent;
  }

  Result<SeriesResult> Series(int64_t from_ns, int64_t until_ns) override {
    const std::lock_guard lock(mutex_);
    words_.ForgetWhatIsTooMuch();
    const Result<Answers> answers =
        AskAll("SELECT DISTINCT series FROM samples WHERE end_ns >= " + std::to_string(from_ns) +
               " AND end_ns <= " + std::to_string(until_ns));
    if (!answers.ok()) return answers.status();
    std::set<Labels> sorted;
    Words::Warnings warnings;
    for (size_t i = 0; i < connections_.size(); ++i) {
      Words::Ids ids;
      for (ByteReader in((*answers)[i]); in.remaining() > 0;) ids.insert(in.Fixed64());
      Status status = words_.LearnLabels(connections_[i], ids, &warnings);
      if (!status.ok()) return status;
      for (const uint64_t id : ids) sorted.insert(words_.labels(id));
    }
    return SeriesResult{{sorted.begin(), sorted.end()}, {warnings.begin(), warnings.end()}};
  }

 private:
  // One per connection.
  using Answers = std::vector<std::string>;
  using Covers = std::vector<Cover>;

  // Calls `ask(i)` for each connection, at once; the first error is the error of all.
  template <typename T, typename Ask>
  [[nodiscard]] Result<std::vector<T>> AskEach(Ask ask) const {
    std::vector<Result<T>> results(connections_.size(), Status(StatusCode::kInternal, "not asked"));
    const auto take = [&](size_t i) { results[i] = IfMemoryLasts([&] { return ask(i); }); };
    std::vector<std::thread> others(connections_.size());
    for (size_t i = 1; i < others.size(); ++i) others[i] = Beside([&, i] { take(i); });
    take(0);
    for (std::thread& other : others) JoinIfRuns(&other);
    std::vector<T> answers;
    for (Result<T>& result : results) {
      if (!result.ok()) return result.status();
      answers.push_back(*std::move(result));
    }
    return answers;
  }

  [[nodiscard]] Result<Answers> AskAll(const std::string& sql) const {
    return AskEach<std::string>([&](size_t i) { return connections_[i].Select(sql); });
  }

  // Each server has tiles of its own.
  [[nodiscard]] Result<Covers> AskCovers(const Range& range, int64_t longest_ns) const {
    return AskEach<Cover>([&](size_t i) { return CoverOf(connections_[i], range, longest_ns); });
  }

  [[nodiscard]] Result<std::string> NameOf(const Covers& covers) const {
    const auto rests = AskEach<std::string>([&](size_t i) -> Result<std::string> {
      if (covers[i].rest.empty()) return std::string();
      return connections_[i].Select(SelectKeys(covers[i].rest));
    });
    if (!rests.ok()) return rests.status();
    ContentsName name;
    for (size_t i = 0; i < covers.size(); ++i) {
      for (const Tile& tile : covers[i].tiles) {
        name.Add(static_cast<int64_t>(tile.tier));
        name.Add(tile.bucket);
        name.Add(static_cast<int64_t>(tile.version));
      }
      name.Add((*rests)[i]);
    }
    return name.Take();
  }

  [[nodiscard]] Words::Warnings LossesOf(const Covers& covers) const {
    Words::Warnings warnings;
    for (size_t i = 0; i < covers.size(); ++i) {
      if (covers[i].lost == 0) continue;
      warnings.insert(connections_[i].name() + ": " + std::to_string(covers[i].lost) +
                      " of the sums of hours and days that `rolled` names are not whole in "
                      "`tiles`; the answer is made of samples, as far as those were not dropped");
    }
    return warnings;
  }

  // What was read while a range had one name is what the name stands for. Where a warning says that
  // words are missing they may come, and nothing of the range tells.
  Result<std::string> NameOfAnswer(const std::string& before, int64_t from_ns, int64_t until_ns,
                                   bool warned) {
    if (warned) return std::string();
    Result<std::string> after = Contents(from_ns, until_ns);
    return !after.ok() || *after == before ? after : std::string();
  }

  // At once: each goes over the same rows.
  // `even`, set to false: the stacks do not add up to the totals.
  Result<QueryResult> MergePart(const Query& query, bool* even) {
    if (query.from_ns > query.until_ns) return QueryResult();
    const auto covers = AskCovers({query.from_ns, query.until_ns}, kDayNs);
    if (!covers.ok()) return covers.status();
    Result<Totals> totals = Status(StatusCode::kInternal, "not asked");
    std::thread asks_totals =
        Beside([&] { totals = IfMemoryLasts([&] { return AskTotals(*covers, query.matches); }); });
    const auto cells = IfMemoryLasts([&] { return AskCells(query, *covers); });
    JoinIfRuns(&asks_totals);
    if (!totals.ok()) return totals.status();
    if (!cells.ok()) return cells.status();
    QueryResult result;
    result.records = totals->records;
    Words::Warnings warnings = LossesOf(*covers);
    if (Status status = AddSamples(query, *cells, &result.profile, &warnings); !status.ok()) {
      return status;
    }
    result.warnings = AsList(warnings);
    *even = *even && IsEven(*totals, result.profile);
    result.profile.start_ns = totals->start_ns;
    result.profile.end_ns = totals->end_ns;
    const bool one_period = totals->least_period_ns == totals->most_period_ns;
    result.profile.period_ns = one_period ? totals->most_period_ns : 0;
    return result;
  }

  [[nodiscard]] Result<Totals> AskTotals(const Covers& covers,
                                         const std::vector<LabelMatch>& matches) const {
    const auto answers = AskEach<std::string>(
        [&](size_t i) { return connections_[i].Select(SelectTotals(covers[i], matches)); });
    if (!answers.ok()) return answers.status();
    Totals totals;
    for (const std::string& answer : *answers) {
      const Result<Totals> part = ReadTotals(answer);
      if (!part.ok()) return part.status();
      Add(*part, &totals);
    }
    if (totals.overflow) return TooMuch();
    return totals;
  }

  [[nodiscard]] Result<Answers> AskCells(const Query& query, const Covers& covers) const {
    return AskEach<std::string>([&](size_t i) {
      return connections_[i].Select(SelectCells(covers[i], query.matches, query.keep_labels));
    });
  }

  // No sum of a stack can pass 2^63: it is part of the totals.
  Status AddSamples(const Query& query, const Answers& answers, Profile* profile,
                    Words::Warnings* warnings) {
    StackCopier copier(words_.vocabulary(), profile);
    for (size_t i = 0; i < connections_.size(); ++i) {
      Status status =
          AddRows(connections_[i], answers[i], query.keep_labels, &copier, profile, warnings);
      if (!status.ok()) return status;
    }
    return Status::Ok();
  }

  struct Row {
    uint64_t series = 0;
    uint64_t stack = 0;
    int64_t weight = 0;
    int64_t cpu_ns = 0;
  };

  Status AddRows(const Connection& connection, const std::string& answer, bool with_series,
                 StackCopier* copier, Profile* profile, Words::Warnings* warnings) {
    std::vector<Row> rows;
    Words::Ids stacks;
    Words::Ids series;
    Volume sum = {profile->TotalWeight(), profile->TotalCpuNs()};
    for (ByteReader in(answer); in.remaining() > 0;) {
      Row row;
      if (with_series) row.series = in.Fixed64();
      row.stack = in.Fixed64();
      row.weight = ReadInt(&in);
      row.cpu_ns = ReadInt(&in);
      if (!in.ok() || row.weight < 0 || row.cpu_ns < 0) return BadAnswer(connection);
      if (!AddTo(&sum, {row.weight, row.cpu_ns})) return TooMuch();
      if (row.weight == 0) continue;
      stacks.insert(row.stack);
      if (with_series) series.insert(row.series);
      rows.push_back(row);
    }
    if (Status status = words_.LearnStacks(connection, stacks, warnings); !status.ok()) {
      return status;
    }
    if (Status status = words_.LearnLabels(connection, series, warnings); !status.ok()) {
      return status;
    }
    for (const Row& row : rows) {
      const LabelSetId labels = with_series ? profile->InternLabels(words_.labels(row.series)) : 0;
      profile->AddSample(copier->Copy(words_.stack(row.stack)), labels, row.weight, row.cpu_ns);
    }
    return Status::Ok();
  }

  Status AddVolumes(const VolumeQuery& query, const Covers& covers, VolumeResult* result) {
    const int64_t first = result->first_begin_ns / query.step_ns;
    const auto answers = AskEach<std::string>([&](size_t i) {
      return connections_[i].Select(SelectVolumes(covers[i], query.matches, query.step_ns, first));
    });
    if (!answers.ok()) return answers.status();
    SeriesSums sums;
    Words::Warnings warnings = LossesOf(covers);
    for (size_t i = 0; i < connections_.size(); ++i) {
      Status status = AddVolumeRows(connections_[i], (*answers)[i], result, &sums, &warnings);
      if (!status.ok()) return status;
    }
    for (auto& [labels, volumes] : sums.volumes)
      result->series.push_back({labels, std::move(volumes)});
    result->warnings = AsList(warnings);
    return Status::Ok();
  }

  struct SeriesSums {
    std::map<Labels, std::vector<Volume>> volumes;
    Volume total;
  };

  Status AddVolumeRows(const Connection& connection, const std::string& answer,
                       VolumeResult* result, SeriesSums* sums, Words::Warnings* warnings) {
    constexpr size_t kRowBytes = 5 * sizeof(int64_t);
    Words::Ids series;
    for (size_t at = 0; at + kRowBytes <= answer.size(); at += kRowBytes) {
      series.insert(ByteReader(std::string_view(answer).substr(at)).Fixed64());
    }
    if (Status status = words_.LearnLabels(connection, series, warnings); !status.ok()) {
      return status;
    }
    for (ByteReader in(answer); in.remaining() > 0;) {
      const uint64_t id = in.Fixed64();
      const uint64_t place = in.Fixed64();
      Volume volume;
      volume.weight = ReadInt(&in);
      volume.cpu_ns = ReadInt(&in);
      const int64_t period_ns = ReadInt(&in);
      const bool good =
          in.ok() && place < result->intervals && volume.weight >= 0 && volume.cpu_ns >= 0;
      if (!good) return BadAnswer(connection);
      if (!AddTo(&sums->total, volume)) return TooMuch();
      std::vector<Volume>& volumes = sums->volumes[words_.labels(id)];
      volumes.resize(result->intervals);
      AddTo(&volumes[place], volume);  // a part of the total
      result->knows_cpu = result->knows_cpu && period_ns > 0;
    }
    return Status::Ok();
  }

  static Status WidenExtent(const Connection& connection, int64_t first_day, int64_t last_day,
                            Extent* extent) {
    constexpr int64_t kLastDay = INT64_MAX / kDayNs - 1;
    if (first_day < 0 || first_day > last_day || last_day > kLastDay) return BadAnswer(connection);
    const auto in_day = [](int64_t day) {
      return "(end_ns >= " + std::to_string(day * kDayNs) + " AND end_ns - " +
             std::to_string(day * kDayNs) + " < " + std::to_string(kDayNs) + ")";
    };
    const Result<std::string> row = connection.Select(
        "SELECT toInt64(count()), toInt64(min(end_ns)), toInt64(max(end_ns)) "
        "FROM samples WHERE " +
        in_day(first_day) + " OR " + in_day(last_day));
    if (!row.ok()) return row.status();
    ByteReader in(*row);
    const int64_t rows = ReadInt(&in);
    const int64_t first_ns = ReadInt(&in);
    const int64_t last_ns = ReadInt(&in);
    if (!in.done()) return BadAnswer(connection);
    if (rows == 0) return Status::Ok();  // dropped meanwhile
    extent->first_ns = extent->empty ? first_ns : std::min(extent->first_ns, first_ns);
    extent->last_ns = extent->empty ? last_ns : std::max(extent->last_ns, last_ns);
    extent->empty = false;
    return Status::Ok();
  }

  std::vector<Connection> connections_;
  std::mutex mutex_;  // guards words_
  Words words_;
};

}  // namespace

Result<std::unique_ptr<StoreReader>> OpenClickhouseReader(const ClickhouseUrl& url) {
  auto reader = std::make_unique<ClickhouseReader>(url);
  if (Status status = reader->Check(); !status.ok()) return status;
  return std::unique_ptr<StoreReader>(std::move(reader));
}

}  // namespace stacksampler::store
