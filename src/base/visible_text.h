// SPDX-License-Identifier: MIT
//
// Purpose: names from anywhere as one line that looks like what it is: control, bidirectional and
//   invisible characters stand there as "\u{202e}", bytes that are not UTF-8 as U+FFFD.
// Thread safety: free functions, any thread.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_BASE_VISIBLE_TEXT_H_
#define STACKSAMPLER_BASE_VISIBLE_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace stacksampler {

std::string VisibleText(std::string_view text);

/// The first code points of a text that is UTF-8, with an ellipsis as the last of `most` where
/// there are more.
std::string Shortened(const std::string& text, size_t most);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_VISIBLE_TEXT_H_
