// SPDX-License-Identifier: MIT
//
// Purpose: where profiles are kept: the one interface over the gdbm directory and, later,
//   ClickHouse.
// Shapes: a record is one window of one target; a series is one label set (host, port, thread,
//   ...); a record's window END decides which range it belongs to; ranges are inclusive at both
//   ends.
// Units: times are nanoseconds since the Unix epoch.
// Thread safety: a writer serves one thread, and seals in one of its own; a reader may be shared by
//   several.
// Errors: a Status that names the directory or file and the way out. Opening never changes a store
//   that it refuses.
#ifndef STACKSAMPLER_STORE_PROFILE_STORE_H_
#define STACKSAMPLER_STORE_PROFILE_STORE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/sample_times.h"

namespace stacksampler::store {

/// Which window of which run of a process a record holds; a restarted collector acknowledges with
/// it.
struct WindowRef {
  std::string instance;  // "" for sources that have no windows
  uint64_t id = 0;
};

/// A target remembers so many instances: processes that answer at one address, in turns or one
/// after the other. The one longest unheard of goes first.
inline constexpr size_t kMaxInstances = 64;

/// One collection of one target.
struct Record {
  Labels labels;  // of the target: {"host", ...}, {"port", ...}; sample labels (thread) come on top
  WindowRef window;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  const Profile* profile = nullptr;  // borrowed for the call; period_ns is taken from it
  /// Not 0, of NextProfileNumber(): every record of this number has the same Profile object, which
  /// only got other samples and grew. REQUIRES: all in it but the samples was made by interning.
  /// The writer then looks at each of its stacks once for as long as its window is open.
  uint64_t profile_number = 0;
  /// When it was that samples of the profile were taken, in the profile's ids, as far as that is
  /// known: their weights are parts of the samples'. Borrowed; kept as weights in buckets of
  /// bucket_ns, from kMinBucketNs to kMaxBucketNs. A time more than kTimesSlackNs outside of the
  /// window is left out.
  const std::vector<TimedSample>* times = nullptr;
  int64_t bucket_ns = 0;
};

/// A number that no other Profile object of this process has. Any thread.
inline uint64_t NextProfileNumber() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

class StoreWriter {
 public:
  virtual ~StoreWriter() = default;
  /// 16 hex digits, made when the store was; names this store's collector to its targets across
  /// restarts.
  [[nodiscard]] virtual const std::string& id() const = 0;
  /// Adds one record: durable after the next Commit(). A record whose (labels, window) is already
  /// stored is ignored and answered with false: nothing is counted twice.
  virtual Result<bool> Append(const Record& record) = 0;
  /// Makes all appended records durable. After Ok they may be acknowledged to their sources. After
  /// an error they stay pending, and become durable with the next Commit() that succeeds: before
  /// it, the caller must not append the same samples under another window id.
  virtual Status Commit() = 0;
  /// The last window stored of each instance of a target, the one heard of last first, so that a
  /// restarted collector can acknowledge them. At most kMaxInstances.
  [[nodiscard]] virtual std::vector<WindowRef> LastWindows(const Labels& target) const = 0;
  /// Closes the open window into an immutable segment now, whatever its age, and waits for all that
  /// is done in the background: seals, totals of days, removals.
  virtual Status Seal() = 0;
};

/// A label that is not there equals "". Of several matches that are not negated and have one key,
/// one must hold; all others must hold all.
struct LabelMatch {
  std::string key;
  std::string value;
  bool negated = false;
};

struct Query {
  int64_t from_ns = INT64_MIN;      // inclusive
  int64_t until_ns = INT64_MAX;     // inclusive
  std::vector<LabelMatch> matches;  // see LabelMatch
  /// Keep the labels of samples (true) or merge all series into unlabelled samples (false).
  bool keep_labels = false;
};

struct QueryResult {
  Profile profile;
  uint64_t records = 0;               // how many windows were merged
  std::vector<std::string> warnings;  // damaged files, by name: never silence
  std::string contents;               // of the range, as Contents() tells it
};

struct Extent {
  int64_t first_ns = 0;  // earliest window end stored
  int64_t last_ns = 0;   // latest window end stored
  bool empty = true;
  std::vector<std::string> warnings;  // damaged files, by name
};

struct SeriesResult {
  std::vector<Labels> series;         // sorted
  std::vector<std::string> warnings;  // damaged files, by name
};

/// How much was sampled when. Intervals are step_ns long and aligned to the epoch; a window belongs
/// to the one in which it ends, where an end on the boundary is the earlier one's. The range clips
/// the first and the last.
struct VolumeQuery {
  int64_t from_ns = 0;              // inclusive
  int64_t until_ns = 0;             // inclusive
  std::vector<LabelMatch> matches;  // see LabelMatch
  int64_t step_ns = 0;
};
inline constexpr uint64_t kMaxVolumeIntervals = 10'000;

struct Volume {
  int64_t weight = 0;
  int64_t cpu_ns = 0;
};

struct SeriesVolume {
  Labels labels;
  std::vector<Volume> volumes;  // one per interval
};

struct VolumeResult {
  int64_t first_begin_ns = 0;  // begin of the first interval
  size_t intervals = 0;        // at least one
  std::vector<SeriesVolume> series;
  bool knows_cpu = true;  // false: some periods are unknown, only weights can be compared
  std::vector<std::string> warnings;
  std::string contents;  // of the range, as Contents() tells it
};

class StoreReader {
 public:
  virtual ~StoreReader() = default;
  /// A name for the records in the range: while two ranges, now or later, have the same one, every
  /// question about either gets the same records. Far cheaper than reading them.
  virtual Result<std::string> Contents(int64_t from_ns, int64_t until_ns) = 0;
  virtual Result<QueryResult> Merge(const Query& query) = 0;
  /// Each query's result, in one pass over the store. REQUIRES: ranges that do not overlap, in
  /// ascending order; the same matches and keep_labels in all.
  virtual Result<std::vector<QueryResult>> MergeParts(const std::vector<Query>& parts) = 0;
  /// kInvalidArgument for more than kMaxVolumeIntervals.
  virtual Result<VolumeResult> Volumes(const VolumeQuery& query) = 0;
  virtual Result<Extent> StoredExtent() = 0;
  /// Distinct label sets with a record in the range.
  virtual Result<SeriesResult> Series(int64_t from_ns, int64_t until_ns) = 0;
  /// When, within windows, something was sampled; empty where no times were kept. They may be in
  /// windows that end kTimesSlackNs before the range and kLongestWindowNs after it:
  /// Contents() of as much names the answer. kInvalidArgument for a range that is empty or begins
  /// before 1970, and for more than kMaxTimedSamples.
  virtual Result<SampleTimes> SampleTimesOf(const SampleTimesQuery& query) {
    const Status status = CheckSampleTimesQuery(query);
    return status.ok() ? NoSampleTimes(query) : Result<SampleTimes>(status);
  }
};

/// How much of one kind of files is kept; what is older goes first. 0 is without limit.
struct Keep {
  /// Counted from the newest window stored or from now, whichever is earlier: a clock that was set
  /// back removes nothing.
  int64_t age_ns = 0;
  uint64_t bytes = 0;
};

struct WriterOptions {
  /// Length of an open window, aligned to the epoch.
  int64_t segment_ns = int64_t{3600} * 1'000'000'000;
  /// A window with a smaller journal stays open past its length, until its day (UTC) ends: many
  /// small segments would consist of dictionaries.
  uint64_t min_journal_bytes = uint64_t{1} << 20;
  /// The open window is sealed early when its journal passes this size.
  uint64_t max_journal_bytes = uint64_t{8} << 20;
  /// Segments, of which every range can be asked. One goes by age only after its day has its total.
  Keep keep_segments;
  /// Totals of days. What a total was made from goes with it.
  Keep keep_days;
  /// A sealed window's journal stays so long, so that whoever listed the directory before, a reader
  /// or a copy, finds one of the two. Readers take the segment.
  std::chrono::seconds journal_grace{60};
  /// Told, in one line each, what was repaired or could not be done yet: a torn record cut off, a
  /// damaged file set aside, a seal that failed and will be tried again. Called by the thread that
  /// calls the writer, in its calls. Default: a line on stderr.
  std::function<void(const std::string&)> on_warning;
  /// Told in the same way which files were removed because of `keep_...`. Default: nothing.
  std::function<void(const std::string&)> on_removed;
};

/// Opens (creating it where the parent exists) the directory for writing: one writer at a time.
Result<std::unique_ptr<StoreWriter>> OpenWriter(const std::string& dir,
                                                const WriterOptions& options = {});
/// Opens the directory read-only, without locks, beside a running writer or as a copy of another
/// machine's.
Result<std::unique_ptr<StoreReader>> OpenReader(const std::string& dir);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_PROFILE_STORE_H_
