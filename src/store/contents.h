// SPDX-License-Identifier: MIT
//
// Purpose: puts together a name for what a range of a store holds, file by file.
// Shapes: 32 hex digits, two checksums over what was added; "" when a file could not be read, for
//   then nobody can say whether it will be read the next time.
// Thread safety: a value.
// Errors: none.
#ifndef STACKSAMPLER_STORE_CONTENTS_H_
#define STACKSAMPLER_STORE_CONTENTS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace stacksampler::store {

class ContentsName {
 public:
  void Add(std::string_view text);
  void Add(int64_t number) { Add(std::to_string(number)); }
  void Spoil() { spoilt_ = true; }
  [[nodiscard]] std::string Take() const;

 private:
  std::string text_;
  bool spoilt_ = false;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CONTENTS_H_
