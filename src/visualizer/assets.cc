// SPDX-License-Identifier: MIT
#include "visualizer/assets.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/gzip.h"
#include "http/finish.h"
#include "visualizer/answer.h"

namespace stacksampler::visualizer {
namespace {

constexpr size_t kMostAssetBytes = size_t{16} << 20;

const EmbeddedFile* Find(const std::string& path) {
  const EmbeddedFile* end = kEmbeddedFiles + kEmbeddedFileCount;
  const std::string wanted = path == "/" ? "/index.html" : path;
  const EmbeddedFile* file = std::find_if(
      kEmbeddedFiles, end, [&wanted](const EmbeddedFile& f) { return wanted == f.path; });
  return file == end ? nullptr : file;
}

}  // namespace

std::optional<http::Response> ServeAsset(const http::Request& request) {
  const EmbeddedFile* file = Find(request.path);
  if (file == nullptr) return {};
  const std::string etag = EtagOf(file->hash);
  http::Response response;
  response.content_type = file->content_type;
  response.headers = {{"ETag", etag}, {"Cache-Control", "no-cache"}};
  if (ClientHas(request, etag)) {
    response.status = 304;
    return response;
  }
  const std::string_view gzip(reinterpret_cast<const char*>(file->gzip), file->gzip_bytes);
  if (http::AcceptsGzip(request.Header("accept-encoding"))) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.headers.emplace_back("Vary", "Accept-Encoding");
    response.body = gzip;
  } else {
    // What the build compressed always decompresses.
    response.body = *GzipDecompress(gzip, kMostAssetBytes);
  }
  return response;
}

}  // namespace stacksampler::visualizer
