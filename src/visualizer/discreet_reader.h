// SPDX-License-Identifier: MIT
//
// Purpose: a store whose warnings and errors go to browsers: they name its files, not the folder
//   that holds them, which tells of the machine and often of a user.
// Thread safety: as the reader that it asks.
// Signal safety: none.
// Errors: those of the reader, without the folder.
#ifndef STACKSAMPLER_VISUALIZER_DISCREET_READER_H_
#define STACKSAMPLER_VISUALIZER_DISCREET_READER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/profile_store.h"

namespace stacksampler::visualizer {

class DiscreetReader : public store::StoreReader {
 public:
  /// `folder` as the reader writes it in front of its files' names.
  DiscreetReader(std::unique_ptr<store::StoreReader> reader, std::string folder);

  Result<std::string> Contents(int64_t from_ns, int64_t until_ns) override;
  Result<store::QueryResult> Merge(const store::Query& query) override;
  Result<std::vector<store::QueryResult>> MergeParts(
      const std::vector<store::Query>& parts) override;
  Result<store::VolumeResult> Volumes(const store::VolumeQuery& query) override;
  Result<store::Extent> StoredExtent() override;
  Result<store::SeriesResult> Series(int64_t from_ns, int64_t until_ns) override;
  Result<store::SampleTimes> SampleTimesOf(const store::SampleTimesQuery& query) override;

 private:
  [[nodiscard]] std::string WithoutFolder(std::string text) const;
  [[nodiscard]] Status WithoutFolder(const Status& status) const;
  template <typename T>
  Result<T> WithoutFolder(Result<T> answer) const;

  const std::unique_ptr<store::StoreReader> reader_;
  const std::string folder_;  // without a slash at its end
};

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_DISCREET_READER_H_
