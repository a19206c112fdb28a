// SPDX-License-Identifier: MIT
//
// Purpose: one mapping for all that one generation consists of: few TLB entries, freed at a stroke.
// Signal safety: not async-signal-safe.
// Errors: std::bad_alloc when the kernel gives no memory.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_ARENA_H_
#define STACKSAMPLER_SAMPLER_UNWIND_ARENA_H_

#include <cassert>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <vector>

namespace stacksampler::unwind {

class Arena {
 public:
  static constexpr size_t kHugePageBytes = size_t{2} << 20;

  /// Zeroed memory; of huge pages when it would fill one.
  explicit Arena(size_t bytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// What `count` values take here.
  template <typename T>
  static constexpr size_t BytesFor(size_t count) {
    return (count * sizeof(T) + kLineBytes - 1) / kLineBytes * kLineBytes;
  }

  /// Room for `count` values, on cache lines of their own. REQUIRES: the arena has room.
  template <typename T>
  T* Allocate(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* place = reinterpret_cast<T*>(data_ + used_);
    used_ += BytesFor<T>(count);
    assert(used_ <= bytes_);
    return place;
  }

  template <typename T>
  T* Copy(const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    T* copy = Allocate<T>(values.size());
    if (!values.empty()) std::memcpy(copy, values.data(), values.size() * sizeof(T));
    return copy;
  }

  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t kLineBytes = 64;

  size_t bytes_;
  std::byte* data_;
  size_t used_ = 0;
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_ARENA_H_
