// SPDX-License-Identifier: MIT
#include "store/contents.h"

#include <cstdio>

#include "store/checksum.h"

namespace stacksampler::store {

// Each part ends with a byte that no path holds, so that parts cannot run into each other.
void ContentsName::Add(std::string_view text) {
  text_ += text;
  text_ += '\0';
}

std::string ContentsName::Take() const {
  if (spoilt_) return "";
  char hex[33];
  std::snprintf(hex, sizeof hex, "%016llx%016llx",
                static_cast<unsigned long long>(Checksum(text_, 1)),
                static_cast<unsigned long long>(Checksum(text_, 2)));
  return hex;
}

}  // namespace stacksampler::store
