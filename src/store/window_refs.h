// SPDX-License-Identifier: MIT
//
// Purpose: which windows of which target are stored, so that nothing is counted twice and a
//   restarted collector knows where it stopped.
// Shapes: per target the last id of its most recent instances (several processes may answer at one
//   address). Each sealed segment carries all of them on, as of its end.
// Thread safety: one thread at a time.
// Errors: Decode() fails the ByteReader.
#ifndef STACKSAMPLER_STORE_WINDOW_REFS_H_
#define STACKSAMPLER_STORE_WINDOW_REFS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/varint.h"
#include "store/profile_store.h"

namespace stacksampler::store {

/// What the instance of an imported record begins with: no process that could acknowledge.
inline constexpr std::string_view kImportInstance = "import-";

class WindowRefs {
 public:
  /// A target that is not heard of for so many segments is forgotten.
  static constexpr uint64_t kMaxSegments = 1024;

  /// Ids of an instance rise: one that is not above the last is stored. Sources without windows
  /// (instance "") are never held back.
  [[nodiscard]] bool Stored(const Labels& target, const WindowRef& window) const;
  void Remember(const Labels& target, const WindowRef& window, uint64_t segment_number);
  /// Of each process that could acknowledge it, the one heard of last first.
  [[nodiscard]] std::vector<WindowRef> Last(const Labels& target) const;

  /// Forgets what is too old and gives the rest.
  std::string Encode(uint64_t segment_number);
  /// REQUIRES: empty.
  void Decode(ByteReader* in);

 private:
  struct Target {
    uint64_t segment_number = 0;
    std::vector<WindowRef> instances;  // the most recent last
  };
  std::map<Labels, Target> targets_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_WINDOW_REFS_H_
