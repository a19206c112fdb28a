// SPDX-License-Identifier: MIT
#include "profile/file_format.h"

#include <algorithm>
#include <utility>

#include "base/gzip.h"
#include "profile/callgrind_writer.h"
#include "profile/cpuprofile_reader.h"
#include "profile/dot_writer.h"
#include "profile/speedscope_writer.h"
#include "profile/svg_writer.h"
#include "profile/whole_file.h"
#include "stacksampler/cpuprofile.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"

namespace stacksampler {
namespace {

constexpr size_t kSniffedBytes = 4096;

struct FormatRow {
  const char* name;
  const char* extension;
};

const FormatRow& RowOf(FileFormat format) {
  static constexpr FormatRow kRows[] = {{"folded", ".folded"},
                                        {"pprof", ".pb.gz"},
                                        {"cpuprofile", ".cpuprofile"},
                                        {"speedscope", ".speedscope.json"},
                                        {"callgrind", ".callgrind"},
                                        {"dot", ".dot"},
                                        {"svg", ".svg"}};
  return kRows[static_cast<size_t>(format)];
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool IsTextByte(unsigned char byte) {
  return byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t';
}

Result<LoadedProfile> ParseFolded(std::string_view bytes) {
  FoldedDocument document = DecodeFolded(bytes);
  LoadedProfile loaded;
  loaded.profile = std::move(document.profile);
  for (const FoldedError& error : document.first_errors) {
    loaded.warnings.push_back("line " + std::to_string(error.line) + ": " + error.reason);
  }
  const uint64_t unlisted = document.malformed_lines - document.first_errors.size();
  if (unlisted > 0) loaded.warnings.push_back(std::to_string(unlisted) + " more malformed lines");
  if (loaded.profile.samples().empty() && document.malformed_lines > 0) {
    return Status(StatusCode::kDataLoss, "no folded stacks; " + loaded.warnings.front());
  }
  return loaded;
}

Result<LoadedProfile> Loaded(Result<Profile> profile) {
  if (!profile.ok()) return profile.status();
  LoadedProfile loaded;
  loaded.profile = *std::move(profile);
  return loaded;
}

Result<LoadedProfile> ParsePlain(std::string_view bytes, FileFormat format) {
  switch (format) {
    case FileFormat::kPprof:
      return Loaded(DecodePprof(bytes));
    case FileFormat::kCpuProfile:
      return Loaded(DecodeCpuProfile(bytes));
    case FileFormat::kFolded:
      return ParseFolded(bytes);
    default:
      break;
  }
  return Status(StatusCode::kUnsupported,
                std::string(FileFormatName(format)) + " is written, not read");
}

Result<LoadedProfile> Parse(std::string_view bytes, std::optional<FileFormat> format) {
  std::string unpacked;
  if (LooksGzipped(bytes)) {
    Result<std::string> result = GzipDecompress(bytes, kMaxProfileBytes);
    if (!result.ok()) return result.status();
    unpacked = *std::move(result);
    bytes = unpacked;
  }
  if (bytes.empty()) return Status(StatusCode::kDataLoss, "empty; not a profile");
  if (!format) format = FileFormatFromContent(bytes);
  Result<LoadedProfile> loaded = ParsePlain(bytes, *format);
  if (loaded.ok()) loaded->format = *format;
  return loaded;
}

}  // namespace

const char* FileFormatName(FileFormat format) { return RowOf(format).name; }

const char* FileFormatExtension(FileFormat format) { return RowOf(format).extension; }

std::optional<FileFormat> FileFormatFromName(std::string_view name) {
  for (const FileFormat format : kFileFormats) {
    if (name == FileFormatName(format)) return format;
  }
  return {};
}

bool IsReadable(FileFormat format) { return format < FileFormat::kSpeedscope; }

std::optional<FileFormat> FileFormatFromPath(std::string_view path) {
  if (EndsWith(path, ".gz")) path.remove_suffix(3);
  if (EndsWith(path, ".txt")) return FileFormat::kFolded;
  if (EndsWith(path, ".pb") || EndsWith(path, ".pprof")) return FileFormat::kPprof;
  for (const FileFormat format : kFileFormats) {
    if (EndsWith(path, FileFormatExtension(format))) return format;
  }
  return {};
}

FileFormat FileFormatFromContent(std::string_view bytes) {
  const size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin != std::string_view::npos && bytes[begin] == '{') return FileFormat::kCpuProfile;
  const std::string_view head = bytes.substr(0, kSniffedBytes);
  const bool text = std::all_of(head.begin(), head.end(), IsTextByte);
  return text ? FileFormat::kFolded : FileFormat::kPprof;
}

Result<LoadedProfile> ParseProfile(const std::string& name, std::string_view bytes,
                                   std::optional<FileFormat> format) {
  Result<LoadedProfile> loaded = Parse(bytes, format);
  if (!loaded.ok()) {
    return Status(loaded.status().code(), "read " + name + ": " + loaded.status().message());
  }
  return loaded;
}

Result<LoadedProfile> ReadProfileFile(const std::string& path, std::optional<FileFormat> format) {
  const Result<std::string> bytes = ReadWholeFile(path, kMaxProfileBytes);
  if (!bytes.ok()) return bytes.status();
  return ParseProfile(path, *bytes, format);
}

std::string SerializeProfile(const Profile& profile, FileFormat format,
                             const std::string& group_by) {
  switch (format) {
    case FileFormat::kFolded:
      break;
    case FileFormat::kPprof:
      return GzipCompress(EncodePprof(profile));
    case FileFormat::kCpuProfile:
      return EncodeCpuProfile(profile);
    case FileFormat::kSpeedscope:
      return EncodeSpeedscope(profile);
    case FileFormat::kCallgrind:
      return EncodeCallgrind(profile);
    case FileFormat::kDot:
      return EncodeDot(profile);
    case FileFormat::kSvg:
      return EncodeSvg(profile, group_by);
  }
  return EncodeFolded(profile, {false, group_by});
}

Status WriteProfileFile(const std::string& path, const Profile& profile, FileFormat format) {
  std::string bytes = SerializeProfile(profile, format);
  if (EndsWith(path, ".gz") && format != FileFormat::kPprof) bytes = GzipCompress(bytes);
  return WriteWholeFile(path, bytes);
}

}  // namespace stacksampler
