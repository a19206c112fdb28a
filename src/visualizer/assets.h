// SPDX-License-Identifier: MIT
//
// Purpose: the page's files, bundled and compressed into the binary at build time.
// Thread safety: free functions, any thread.
// Signal safety: none.
#ifndef STACKSAMPLER_VISUALIZER_ASSETS_H_
#define STACKSAMPLER_VISUALIZER_ASSETS_H_

#include <cstddef>
#include <optional>

#include "http/server.h"

namespace stacksampler::visualizer {

/// One file as the build embeds it (cmake/EmbedFiles.cmake writes kEmbeddedFiles).
struct EmbeddedFile {
  const char* path;  // below "/", such as "/assets/app.js"
  const char* content_type;
  const char* hash;  // of the content, in hex
  const unsigned char* gzip;
  size_t gzip_bytes;
};
extern const EmbeddedFile kEmbeddedFiles[];
extern const size_t kEmbeddedFileCount;

/// The file at request.path, 304 when the client has it, nullopt when there is none.
std::optional<http::Response> ServeAsset(const http::Request& request);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_ASSETS_H_
