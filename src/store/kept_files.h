// SPDX-License-Identifier: MIT
//
// Purpose: what a reader keeps of a store's directory between queries: its listing, the files that
//   it has opened, and the vocabulary that their ids were translated to.
// Shapes: a file is known by its path and its identity, so that one that was replaced is opened
//   again. Of a file that a question leaves out the head will do, looked at once a listing. What is
//   kept is bounded; the least used goes first.
// Thread safety: one thread at a time.
// Errors: kNotFound when a file that was listed is gone: list again.
#ifndef STACKSAMPLER_STORE_KEPT_FILES_H_
#define STACKSAMPLER_STORE_KEPT_FILES_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/journal_tail.h"
#include "store/kept_listing.h"
#include "store/segment.h"

namespace stacksampler::store {

struct KeptSegment {
  Segment segment;
  uint64_t last_use = 0;
  uint64_t identified = 0;  // the number of the listing since which its identity was looked at
};

struct KeptTail {
  ino_t inode = 0;
  JournalTail tail;
};

class KeptFiles {
 public:
  using Now = std::function<KeptListing::Clock::time_point()>;
  explicit KeptFiles(const std::string& dir, Now now = KeptListing::Clock::now)
      : dir_(dir), kept_listing_(dir, std::move(now)) {}
  KeptFiles(const KeptFiles&) = delete;
  KeptFiles& operator=(const KeptFiles&) = delete;

  /// Lists the directory where it may have changed, and forgets what is gone or too much: what the
  /// calls below gave is void.
  Status List();
  /// The same after a file vanished that was listed.
  Status ListAnew();
  /// Runs what uses the files. Where it throws, as when memory ends, a file may be kept that was
  /// read by half: the next List() forgets all.
  template <typename Read>
  auto Using(Read read) {
    spoilt_ = true;
    auto result = read();
    spoilt_ = false;
    return result;
  }
  [[nodiscard]] const Listing& listing() const { return kept_listing_.listing(); }
  [[nodiscard]] std::string Path(const std::string& name) const { return PathIn(dir_, name); }
  [[nodiscard]] size_t kept_segments() const { return segments_.size(); }
  [[nodiscard]] Profile* vocabulary() { return &vocabulary_; }

  /// A sealed segment or a day's total.
  Result<KeptSegment*> SegmentAt(const std::string& path);
  /// Its head, as it is or was at any time since the directory was listed: to tell whether a
  /// question needs the file at all.
  Result<SegmentMeta> HeadAt(const std::string& path);
  /// A journal, read to its end as of now.
  Result<KeptTail*> TailAt(const std::string& path);

 private:
  void ForgetAll();
  void ForgetWhatIsTooMuch();
  void ForgetUnknownWords();
  void ForgetRemovedSegments();
  void ForgetRows();
  void ForgetClosedTails();

  const std::string dir_;
  KeptListing kept_listing_;
  uint64_t listings_ = 0;  // made so far
  Profile vocabulary_;
  std::map<std::string, KeptSegment> segments_;
  std::map<std::string, KeptTail> tails_;
  uint64_t uses_ = 0;
  bool spoilt_ = false;
  size_t look_at_words_ = 0;  // how large the vocabulary is when it is looked at again
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_KEPT_FILES_H_
