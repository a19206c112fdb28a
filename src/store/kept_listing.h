// SPDX-License-Identifier: MIT
//
// Purpose: the files of a store, listed anew only when they may be others than before: a month has
//   hundreds of them, and a question is mostly about a few.
// Shapes: whatever is made, renamed or removed in a directory changes its stamp, unless that comes
//   within the same tick of the file system's clock as the change before. So a listing is kept only
//   when the directory had its stamp for longer than a tick before it was read; what came after has
//   another stamp then. Only the steady clock is asked, and the stamps are compared with each
//   other alone: it does not matter what time it is there.
// Thread safety: one thread at a time.
// Signal safety: none.
// Errors: those of ListStore().
#ifndef STACKSAMPLER_STORE_KEPT_LISTING_H_
#define STACKSAMPLER_STORE_KEPT_LISTING_H_

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "stacksampler/status.h"
#include "store/store_dir.h"

namespace stacksampler::store {

/// What a look at a directory did: it did not list it, or it did, and the sealed files of before
/// are all there, or some are gone.
enum class Listed { kNot, kAllThere, kSomeGone };

class KeptListing {
 public:
  using Clock = std::chrono::steady_clock;
  /// Longer than a tick of any file system's clock: the coarsest count two seconds.
  static constexpr std::chrono::seconds kSettles{3};
  /// There are file systems, made of something else, on which a directory keeps its stamp.
  static constexpr std::chrono::seconds kLongest{10};

  explicit KeptListing(std::string dir, std::function<Clock::time_point()> now = Clock::now)
      : dir_(std::move(dir)), now_(std::move(now)) {}

  /// Lists the directory unless it is as it was.
  Result<Listed> Refresh();
  /// The next Refresh() lists it.
  void Forget() { is_kept_ = false; }
  [[nodiscard]] const Listing& listing() const { return listing_; }

 private:
  // Device, inode, and when it was changed.
  using Stamp = std::array<int64_t, 6>;
  static std::optional<Stamp> StampOf(const std::string& dir);

  const std::string dir_;
  const std::function<Clock::time_point()> now_;
  Listing listing_;
  std::optional<Stamp> stamp_;
  Clock::time_point since_;   // the stamp is known
  Clock::time_point listed_;  // before the listing began
  bool is_kept_ = false;      // until the stamp changes
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_KEPT_LISTING_H_
