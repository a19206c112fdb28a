// SPDX-License-Identifier: MIT
#include "sampler/symbolize/symbol_files.h"

#include <unistd.h>

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace stacksampler::symbolize {
namespace {

// Without a build-id a debug file must be read as a whole to be trusted; beyond this it is not.
constexpr size_t kMaxChecksumBytes = size_t{256} << 20;

// The running program, even after its file was replaced or deleted.
constexpr char kRunningProgram[] = "/proc/self/exe";

bool IsFileOf(const Module& module, const ElfFile& file) {
  if (!module.build_id.empty()) return file.build_id() == module.build_id;
  return !module.head.empty() && file.build_id().empty() &&
         file.Head(module.head.size()) == module.head;
}

std::unique_ptr<ElfFile> OpenVdso(const Module& module) {
  // The kernel maps whole pages; the section headers lie behind the last segment.
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<uintptr_t>(module.image);
  const uintptr_t end = (module.end + page - 1) / page * page;
  return ElfFile::OfImage({static_cast<const char*>(module.image), end - start});
}

// The checksum of .gnu_debuglink: reflected polynomial 0x04c11db7, as in zlib, which the sampler
// does not link.
std::optional<uint32_t> Crc32(const FileCopy& file) {
  if (file.bytes().size() > kMaxChecksumBytes) return {};
  static const std::array<uint32_t, 256> kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < table.size(); ++i) {
      table[i] = i;
      for (int bit = 0; bit < 8; ++bit) {
        table[i] = (table[i] >> 1) ^ ((table[i] & 1) != 0 ? 0xedb88320 : 0);
      }
    }
    return table;
  }();
  uint32_t crc = 0xffffffff;
  const bool whole = file.ForEachBlock([&](std::string_view block) {
    for (const char c : block) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  });
  return whole ? std::optional(~crc) : std::nullopt;
}

bool IsDebugFileOf(const ElfFile& file, const DebugLink& link, const ElfFile& debug) {
  if (!file.build_id().empty()) return file.build_id() == debug.build_id();
  return Crc32(*debug.copy()) == link.crc;
}

}  // namespace

std::unique_ptr<ElfFile> OpenModuleFile(const Module& module) {
  if (module.path == "[vdso]") return OpenVdso(module);
  for (const std::string& path : {module.path, std::string(kRunningProgram)}) {
    std::unique_ptr<ElfFile> file = ElfFile::Open(path);
    if (file != nullptr && IsFileOf(module, *file)) return file;
  }
  return nullptr;
}

std::string BuildIdPath(const std::string& directory, const std::string& build_id) {
  return directory + "/.build-id/" + build_id.substr(0, 2) + "/" + build_id.substr(2);
}

std::unique_ptr<ElfFile> OpenDebugFile(const ElfFile& file, const std::string& path,
                                       const std::string& debug_root) {
  const DebugLink link = file.ReadDebugLink();
  std::vector<std::string> paths;
  if (file.build_id().size() > 2) {
    paths.push_back(BuildIdPath(debug_root, file.build_id()) + ".debug");
  }
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  if (!link.file_name.empty() && !directory.empty()) {  // the vdso has a link but no directory
    paths.push_back(directory + link.file_name);
    paths.push_back(directory + ".debug/" + link.file_name);
    paths.push_back(debug_root + directory + link.file_name);
  }
  for (const std::string& candidate : paths) {
    std::unique_ptr<ElfFile> debug = ElfFile::Open(candidate);
    if (debug != nullptr && IsDebugFileOf(file, link, *debug)) return debug;
  }
  return nullptr;
}

}  // namespace stacksampler::symbolize
