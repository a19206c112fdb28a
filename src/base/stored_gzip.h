// SPDX-License-Identifier: MIT
//
// Purpose: a gzip file around bytes as they are: whoever may not load zlib can still write what
//   every reader of gzip takes. Not one byte is saved.
// Thread safety: free functions.
// Signal safety: none.
// Source: RFC 1952 (gzip), RFC 1951 section 3.2.4 (stored blocks).
#ifndef STACKSAMPLER_BASE_STORED_GZIP_H_
#define STACKSAMPLER_BASE_STORED_GZIP_H_

#include <string>
#include <string_view>

namespace stacksampler {

std::string GzipStored(std::string_view bytes);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_STORED_GZIP_H_
