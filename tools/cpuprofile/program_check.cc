// SPDX-License-Identifier: MIT
#include "cpuprofile/program_check.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include "base/errno_status.h"

namespace stacksampler::cpuprofile {
namespace {

constexpr int kMaxScriptDepth = 4;  // as the kernel's own
constexpr size_t kMaxScriptLine = 255;
constexpr size_t kMaxProgramHeaders = 512;
constexpr char kWayOut[] = "; link it with libstacksampler instead, and call run_profiler()";

#if defined(__x86_64__)
constexpr ElfW(Half) kOurMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr ElfW(Half) kOurMachine = EM_AARCH64;
#endif

Status Cannot(const std::string& path, const std::string& why) {
  return {StatusCode::kUnsupported, "cannot record " + path + ": " + why};
}

bool IsExecutableFile(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

// The loader ignores LD_PRELOAD where the kernel grants more rights than the caller has.
bool GrantsRights(const std::string& path, const struct stat& info) {
  const bool other_user = (info.st_mode & S_ISUID) != 0 && info.st_uid != getuid();
  const bool other_group = (info.st_mode & S_ISGID) != 0 && info.st_gid != getgid();
  const bool capabilities =
      getuid() != 0 && getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
  return other_user || other_group || capabilities;
}

bool HasInterpreter(std::ifstream* file, const ElfW(Ehdr) & header) {
  file->seekg(static_cast<std::streamoff>(header.e_phoff));
  for (size_t i = 0; i < header.e_phnum && i < kMaxProgramHeaders; ++i) {
    ElfW(Phdr) segment;
    if (!file->read(reinterpret_cast<char*>(&segment), sizeof segment)) return false;
    if (segment.p_type == PT_INTERP) return true;
  }
  return false;
}

// "#!/usr/bin/env python3" -> {"/usr/bin/env", "python3"}.
std::vector<std::string> ScriptLine(std::ifstream* file) {
  std::string line(kMaxScriptLine, '\0');
  file->clear();
  file->seekg(2);
  file->getline(line.data(), static_cast<std::streamsize>(line.size()));
  std::vector<std::string> words;
  for (char* word = strtok(line.data(), " \t"); word != nullptr; word = strtok(nullptr, " \t")) {
    words.emplace_back(word);
  }
  return words;
}

Status Check(const std::string& path, int depth) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, "run " + path);
  std::ifstream file(path, std::ios::binary);
  if (!file) return ErrnoStatus(errno, "open " + path);
  ElfW(Ehdr) header{};
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  if (file.gcount() >= 2 && std::memcmp(header.e_ident, "#!", 2) == 0) {
    const std::vector<std::string> words = ScriptLine(&file);
    if (words.empty() || depth == kMaxScriptDepth)
      return Cannot(path, "a script without interpreter");
    return Check(words[0], depth + 1);
  }
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return Cannot(path, "no ELF program and no script");
  if (GrantsRights(path, info)) {
    return Cannot(path, std::string("setuid, setgid or with file capabilities, so that the loader "
                                    "preloads nothing") +
                            kWayOut);
  }
  if (header.e_machine != kOurMachine || header.e_ident[EI_CLASS] != ELFCLASS64) {
    return Cannot(path, "built for another architecture than this cpuprofile");
  }
  if (!HasInterpreter(&file, header)) {
    return Cannot(path,
                  std::string("statically linked, so that nothing can be preloaded") + kWayOut);
  }
  return Status::Ok();
}

}  // namespace

Result<std::string> FindProgram(const std::string& name) {
  const Status missing(StatusCode::kNotFound, "run " + name + ": no such program");
  if (name.find('/') != std::string::npos) {
    return IsExecutableFile(name) ? Result<std::string>(name) : missing;
  }
  const char* variable = getenv("PATH");
  const std::string folders = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  for (size_t begin = 0, end = 0; end != folders.size(); begin = end + 1) {
    end = std::min(folders.find(':', begin), folders.size());
    const std::string folder = folders.substr(begin, end - begin);
    const std::string path = (folder.empty() ? "." : folder) + '/' + name;
    if (IsExecutableFile(path)) return path;
  }
  return missing;
}

Status CheckPreloadable(const std::string& path) { return Check(path, 0); }

}  // namespace stacksampler::cpuprofile
