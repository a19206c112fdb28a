// SPDX-License-Identifier: MIT
#include "store/kept_files.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "store/file_identity.h"

namespace stacksampler::store {
namespace {

// What is kept of segments between queries: some 100 KB each.
constexpr size_t kMaxKeptSegments = 1024;
// The vocabulary is begun anew when more than a third of it is of binaries that no kept file knows.
// That is counted again each time it has grown by a quarter, and not while it is so small.
constexpr size_t kLeastWords = size_t{1} << 14;
constexpr size_t kMaxVocabularyStacks = size_t{1} << 22;
// What rows are read with: at 100 targets 0.7 MB each. Only the files at a range's ends are asked.
constexpr size_t kMaxSegmentsWithRows = 4;

size_t WordsOf(const Profile& vocabulary) {
  return vocabulary.stacks().size() + vocabulary.label_sets().size();
}

// Which stacks and label sets of a vocabulary files know; strings and frames come with them.
class KnownWords {
 public:
  explicit KnownWords(const Profile& vocabulary)
      : stacks_(vocabulary.stacks().size()), label_sets_(vocabulary.label_sets().size()) {}
  void Add(const DictionaryMap& ids) {
    for (const StackId id : ids.stacks()) stacks_[id] = true;
    for (const LabelSetId id : ids.label_sets()) label_sets_[id] = true;
  }
  [[nodiscard]] size_t Count() const {
    return static_cast<size_t>(std::count(stacks_.begin(), stacks_.end(), true) +
                               std::count(label_sets_.begin(), label_sets_.end(), true));
  }

 private:
  std::vector<bool> stacks_;
  std::vector<bool> label_sets_;
};

}  // namespace

Status KeptFiles::List() {
  if (spoilt_) ForgetAll();
  spoilt_ = false;
  const Result<Listed> listed = kept_listing_.Refresh();
  if (!listed.ok()) return listed.status();
  if (*listed != Listed::kNot) ++listings_;
  if (*listed == Listed::kSomeGone) ForgetRemovedSegments();
  if (*listed != Listed::kNot) ForgetClosedTails();
  ForgetWhatIsTooMuch();
  return Status::Ok();
}

Status KeptFiles::ListAnew() {
  kept_listing_.Forget();
  return List();
}

Result<KeptSegment*> KeptFiles::SegmentAt(const std::string& path) {
  const Result<FileIdentity> identity = IdentityAt(path);
  if (!identity.ok()) return identity.status();
  auto it = segments_.find(path);
  if (it == segments_.end() || !(it->second.segment.identity() == *identity)) {
    Result<Segment> segment = Segment::Open(path);
    if (!segment.ok()) return segment.status();
    it = segments_.insert_or_assign(path, KeptSegment{*std::move(segment)}).first;
  }
  it->second.last_use = ++uses_;
  it->second.identified = listings_;
  return &it->second;
}

Result<SegmentMeta> KeptFiles::HeadAt(const std::string& path) {
  const auto known = segments_.find(path);
  if (known != segments_.end() && known->second.identified == listings_) {
    return known->second.segment.meta();
  }
  const Result<KeptSegment*> kept = SegmentAt(path);
  if (!kept.ok()) return kept.status();
  return (*kept)->segment.meta();
}

Result<KeptTail*> KeptFiles::TailAt(const std::string& path) {
  const Result<FileIdentity> identity = IdentityAt(path);
  if (!identity.ok()) return identity.status();
  auto it = tails_.find(path);
  if (it == tails_.end() || it->second.inode != identity->inode) {
    it = tails_.insert_or_assign(path, KeptTail{identity->inode, JournalTail(path)}).first;
  }
  if (Status status = it->second.tail.Refresh(&vocabulary_); !status.ok()) return status;
  return &it->second;
}

void KeptFiles::ForgetAll() {
  vocabulary_ = Profile();
  segments_.clear();
  tails_.clear();
  look_at_words_ = 0;
}

void KeptFiles::ForgetWhatIsTooMuch() {
  if (vocabulary_.stacks().size() > kMaxVocabularyStacks) ForgetAll();
  if (WordsOf(vocabulary_) > look_at_words_) ForgetUnknownWords();
  while (segments_.size() > kMaxKeptSegments) {
    segments_.erase(std::min_element(
        segments_.begin(), segments_.end(),
        [](const auto& a, const auto& b) { return a.second.last_use < b.second.last_use; }));
  }
  ForgetRows();
}

// Programs get new names with each deploy, and retention takes the old ones from the store. Ids are
// all over what is kept, so that nothing can be taken out of the middle.
void KeptFiles::ForgetUnknownWords() {
  KnownWords known(vocabulary_);
  for (const auto& [path, kept] : segments_) known.Add(kept.segment.ids());
  for (const auto& [path, kept] : tails_) known.Add(kept.tail.ids());
  const size_t words = WordsOf(vocabulary_);
  if (2 * words > 3 * known.Count()) ForgetAll();
  look_at_words_ = std::max(kLeastWords, WordsOf(vocabulary_) + WordsOf(vocabulary_) / 4);
}

// All but those of the segments that were used last.
void KeptFiles::ForgetRows() {
  std::vector<KeptSegment*> with;
  for (auto& [path, kept] : segments_) {
    if (kept.segment.keeps_rows()) with.push_back(&kept);
  }
  std::sort(with.begin(), with.end(),
            [](const auto* a, const auto* b) { return a->last_use > b->last_use; });
  for (size_t i = kMaxSegmentsWithRows; i < with.size(); ++i) with[i]->segment.ForgetRows();
}

// Retention removes them day after day.
void KeptFiles::ForgetRemovedSegments() {
  std::set<std::string> there;
  for (const Stem& stem : listing().segments) there.insert(Path(SegmentName(stem)));
  for (const DayStem& day : listing().days) there.insert(Path(DayName(day)));
  std::erase_if(segments_, [&](const auto& kept) { return there.count(kept.first) == 0; });
}

void KeptFiles::ForgetClosedTails() {
  std::set<std::string> open;
  for (const Stem& stem : listing().journals) open.insert(Path(JournalName(stem)));
  for (auto it = tails_.begin(); it != tails_.end();) {
    it = open.count(it->first) != 0 ? std::next(it) : tails_.erase(it);
  }
}

}  // namespace stacksampler::store
