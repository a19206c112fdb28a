// SPDX-License-Identifier: MIT
#include "visualizer/merged_store.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "profile/text_bytes.h"
#include "visualizer/stack_edit.h"

namespace stacksampler::visualizer {
namespace {

// What a node of an unordered_map takes beside its value, about.
constexpr size_t kIndexBytes = 40;
// What an id takes in an IdTable, about.
constexpr size_t kSlotBytes = 12;

size_t BytesOf(const MergedStacks& merged) { return merged.tree.bytes(); }

size_t BytesOf(const CallTree& tree) {
  return tree.nodes.size() * sizeof(CallNode) + TextBytes(tree);
}

size_t BytesOf(const Profile& profile) {
  size_t bytes = profile.samples().size() * (sizeof(Sample) + kSlotBytes) +
                 profile.timeline().size() * sizeof(TimedSample) +
                 profile.stacks().size() * (sizeof(StackNode) + kSlotBytes) +
                 profile.frames().size() * (sizeof(Frame) + kSlotBytes);
  for (const std::string* text : profile.strings()) {
    bytes += sizeof(std::string) + text->size() + kIndexBytes;
  }
  return bytes;
}

size_t BytesOf(const store::QueryResult& result) { return BytesOf(result.profile); }
size_t BytesOf(const store::SampleTimes& times) { return BytesOf(times.profile); }

size_t BytesOf(const std::vector<store::QueryResult>& parts) {
  return std::accumulate(parts.begin(), parts.end(), size_t{0},
                         [](size_t sum, const auto& part) { return sum + BytesOf(part); });
}

size_t BytesOf(const store::VolumeResult& volumes) {
  return volumes.series.size() * (volumes.intervals * sizeof(store::Volume) + kIndexBytes);
}

const std::string& ContentsOf(const store::QueryResult& result) { return result.contents; }
const std::string& ContentsOf(const store::VolumeResult& result) { return result.contents; }
const std::string& ContentsOf(const std::vector<store::QueryResult>& parts) {
  return parts.front().contents;
}

/// Numbers and texts as one key: each text with its length, so that none runs into the next.
class Key {
 public:
  explicit Key(const char* kind) : text_(kind) {}
  Key& Add(int64_t number) {
    text_ += ' ' + std::to_string(number);
    return *this;
  }
  Key& Add(const std::string& text) {
    Add(static_cast<int64_t>(text.size()));
    text_ += ':' + text;
    return *this;
  }
  Key& Add(const std::vector<store::LabelMatch>& matches) {
    for (const store::LabelMatch& match : matches) {
      Add(match.key).Add(match.value).Add(match.negated ? 1 : 0);
    }
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Every member of the query that changes the tree stands in the key.
std::string KeyOfTree(const char* kind, const TreeQuery& query) {
  Key key(kind);
  key.Add(query.by).Add(query.edit).Add(query.filters);
  if (query.at) key.Add(query.at->begin_ns).Add(query.at->end_ns);
  return key.text();
}

/// The last end of a window that may hold something of the time before `until_ns`.
int64_t LastWindowOf(int64_t until_ns) {
  return until_ns > INT64_MAX - store::kLongestWindowNs ? INT64_MAX
                                                        : until_ns + store::kLongestWindowNs;
}

/// The first end of one: their clocks differ by so much.
int64_t FirstWindowOf(int64_t from_ns) {
  return from_ns < INT64_MIN + store::kTimesSlackNs ? INT64_MIN : from_ns - store::kTimesSlackNs;
}

/// The windows that a tree is made of.
Span WindowsOf(const TreeQuery& query) {
  if (query.at) return {FirstWindowOf(query.at->begin_ns), LastWindowOf(query.at->end_ns)};
  return {query.range.from.ns, query.range.until.ns};
}

store::SampleTimesQuery SpanQuery(const TreeQuery& query, bool keep_labels) {
  return {query.at->begin_ns, query.at->end_ns, query.filters, keep_labels};
}

std::string KeyOf(const std::string& contents, const std::string& what) {
  return contents.empty() ? "" : contents + ' ' + what;
}

}  // namespace

/// `read` answers the value and the contents that it was read from.
template <typename T, typename Read>
Result<std::shared_ptr<const T>> MergedStore::Share(int64_t from_ns, int64_t until_ns,
                                                    const std::string& what, Read read) {
  const Result<std::string> contents = reader_->Contents(from_ns, until_ns);
  if (!contents.ok()) return contents.status();
  const auto made = cache_.Get(KeyOf(*contents, what), [&]() -> Result<ResultCache::Made> {
    std::string read_contents;
    Result<T> value = read(&read_contents);
    if (!value.ok()) return value.status();
    const size_t bytes = BytesOf(*value);
    return ResultCache::Made{KeyOf(read_contents, what),
                             std::make_shared<const T>(*std::move(value)), bytes};
  });
  if (!made.ok()) return made.status();
  return std::static_pointer_cast<const T>(*made);
}

Result<store::QueryResult> MergedStore::ReadTree(const TreeQuery& query) {
  if (!query.at) return reader_->Merge(StoreQuery(query));
  const Span windows = WindowsOf(query);
  Result<std::string> contents = reader_->Contents(windows.begin_ns, windows.end_ns);
  if (!contents.ok()) return contents.status();
  auto times = reader_->SampleTimesOf(SpanQuery(query, !query.by.empty()));
  if (!times.ok()) return times.status();
  return store::QueryResult{std::move(times->profile), 0, std::move(times->warnings),
                            *std::move(contents)};
}

Result<std::shared_ptr<const MergedStacks>> MergedStore::Stacks(const TreeQuery& query) {
  const Span windows = WindowsOf(query);
  return Share<MergedStacks>(
      windows.begin_ns, windows.end_ns, KeyOfTree("stacks", query),
      [&](std::string* contents) -> Result<MergedStacks> {
        const Result<store::QueryResult> merged = ReadTree(query);
        if (!merged.ok()) return merged.status();
        *contents = merged->contents;
        const TreeUnit unit = UnitOf(merged->profile);
        EditedProfile edited;
        const Profile& profile = Edited(merged->profile, query.edit, &edited);
        return MergedStacks{StackTree(profile, unit, query.by), merged->records,
                            LeftOut(edited, unit), merged->warnings, merged->contents};
      });
}

Result<std::shared_ptr<const CallTree>> MergedStore::Tree(const TreeQuery& query) {
  const Span windows = WindowsOf(query);
  return Share<CallTree>(windows.begin_ns, windows.end_ns, KeyOfTree("tree", query),
                         [&](std::string* contents) -> Result<CallTree> {
                           const auto stacks = Stacks(query);
                           if (!stacks.ok()) return stacks.status();
                           *contents = (*stacks)->contents;
                           return WholeTree((*stacks)->tree, SiblingOrder::kHeavyFirst);
                         });
}

Result<std::shared_ptr<const Profile>> MergedStore::Samples(const TreeQuery& query,
                                                            bool keep_labels) {
  const auto of = [](const auto& made) -> Result<std::shared_ptr<const Profile>> {
    if (!made.ok()) return made.status();
    return std::shared_ptr<const Profile>(*made, &(*made)->profile);
  };
  if (query.at) return of(SampleTimes(SpanQuery(query, keep_labels)));
  store::Query asked = StoreQuery(query);
  asked.keep_labels = asked.keep_labels || keep_labels;
  return of(Merge(asked));
}

// What began in the range depends on its ends, not only on its windows. Where one comes meanwhile
// the answer has it and the name does not: it is newer than its name, never older.
Result<std::shared_ptr<const store::SampleTimes>> MergedStore::SampleTimes(
    const store::SampleTimesQuery& query) {
  const int64_t first_ns = FirstWindowOf(query.from_ns);
  const int64_t last_ns = LastWindowOf(query.until_ns);
  Key key("times");
  key.Add(query.keep_labels ? 1 : 0).Add(query.matches).Add(query.from_ns).Add(query.until_ns);
  return Share<store::SampleTimes>(
      first_ns, last_ns, key.text(), [&](std::string* contents) -> Result<store::SampleTimes> {
        const Result<std::string> named = reader_->Contents(first_ns, last_ns);
        if (!named.ok()) return named.status();
        *contents = *named;
        return reader_->SampleTimesOf(query);
      });
}

Result<std::shared_ptr<const store::QueryResult>> MergedStore::Merge(const store::Query& query) {
  Key key("profile");
  key.Add(query.keep_labels ? 1 : 0).Add(query.matches);
  return Share<store::QueryResult>(query.from_ns, query.until_ns, key.text(),
                                   [&](std::string* contents) {
                                     auto merged = reader_->Merge(query);
                                     if (merged.ok()) *contents = ContentsOf(*merged);
                                     return merged;
                                   });
}

Result<std::shared_ptr<const std::vector<store::QueryResult>>> MergedStore::MergeParts(
    const std::vector<store::Query>& parts) {
  Key key("parts");
  key.Add(parts.front().keep_labels ? 1 : 0).Add(parts.front().matches);
  for (const store::Query& part : parts) key.Add(part.from_ns).Add(part.until_ns);
  return Share<std::vector<store::QueryResult>>(parts.front().from_ns, parts.back().until_ns,
                                                key.text(), [&](std::string* contents) {
                                                  auto merged = reader_->MergeParts(parts);
                                                  if (merged.ok()) *contents = ContentsOf(*merged);
                                                  return merged;
                                                });
}

// Which intervals there are follows from the ends of the range, beside its contents.
Result<std::shared_ptr<const store::VolumeResult>> MergedStore::Volumes(
    const store::VolumeQuery& query) {
  const int64_t step = std::max<int64_t>(query.step_ns, 1);
  Key key("volumes");
  key.Add(query.step_ns).Add(query.matches);
  key.Add(query.from_ns / step).Add(query.until_ns / step).Add(query.until_ns % step == 0 ? 1 : 0);
  key.Add(query.from_ns < 0 ? query.from_ns : 0).Add(query.until_ns < 0 ? query.until_ns : 0);
  return Share<store::VolumeResult>(query.from_ns, query.until_ns, key.text(),
                                    [&](std::string* contents) {
                                      auto volumes = reader_->Volumes(query);
                                      if (volumes.ok()) *contents = ContentsOf(*volumes);
                                      return volumes;
                                    });
}

}  // namespace stacksampler::visualizer
