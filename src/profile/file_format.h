// SPDX-License-Identifier: MIT
//
// Purpose: profiles in files of any format that we know, told apart by content, and written by
//   name.
// Thread safety: free functions.
// Signal safety: none.
// Errors: name the file and what is wrong with it; input is at most kMaxProfileBytes, packed and
//   unpacked.
#ifndef STACKSAMPLER_PROFILE_FILE_FORMAT_H_
#define STACKSAMPLER_PROFILE_FILE_FORMAT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler {

inline constexpr size_t kMaxProfileBytes = size_t{1} << 30;

/// From kSpeedscope on they are written, not read.
enum class FileFormat { kFolded, kPprof, kCpuProfile, kSpeedscope, kCallgrind, kDot, kSvg };
inline constexpr FileFormat kFileFormats[] = {
    FileFormat::kFolded,    FileFormat::kPprof, FileFormat::kCpuProfile, FileFormat::kSpeedscope,
    FileFormat::kCallgrind, FileFormat::kDot,   FileFormat::kSvg};

/// "folded", "pprof", "cpuprofile", "speedscope", "callgrind", "dot", "svg".
const char* FileFormatName(FileFormat format);
/// What a file's name ends in: ".folded", ".pb.gz", ...
const char* FileFormatExtension(FileFormat format);
std::optional<FileFormat> FileFormatFromName(std::string_view name);
bool IsReadable(FileFormat format);
/// .folded .txt, .pb .pprof, .cpuprofile, .speedscope.json, .callgrind, .dot, .svg; a last ".gz"
/// does not count.
std::optional<FileFormat> FileFormatFromPath(std::string_view path);
/// Of bytes that are not gzipped: '{' begins JSON, a control character stands in no text.
FileFormat FileFormatFromContent(std::string_view bytes);

struct LoadedProfile {
  Profile profile;
  std::vector<std::string> warnings;  // one line each: what was left out, and why
  FileFormat format = FileFormat::kFolded;
};

/// Undoes gzip around any format. Without `format` the content decides. `name` is for messages.
Result<LoadedProfile> ParseProfile(const std::string& name, std::string_view bytes,
                                   std::optional<FileFormat> format = {});
/// "-" is standard input.
Result<LoadedProfile> ReadProfileFile(const std::string& path,
                                      std::optional<FileFormat> format = {});

/// pprof is gzipped, as its readers expect. `group_by` is a label that becomes the root frame where
/// the format has nothing else to keep it in: in folded stacks and the SVG.
std::string SerializeProfile(const Profile& profile, FileFormat format,
                             const std::string& group_by = "");
/// Whole or not at all; "-" is standard output. A name that ends in ".gz" is gzipped.
Status WriteProfileFile(const std::string& path, const Profile& profile, FileFormat format);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_FILE_FORMAT_H_
