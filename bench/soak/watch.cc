// SPDX-License-Identifier: MIT
#include "watch.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace stacksampler::bench {
namespace {

void CountDescriptors(const std::string& dir, ProcessLook* look) {
  std::error_code error;
  std::filesystem::directory_iterator it(dir, error);
  for (; !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    std::error_code gone;
    const std::string what = std::filesystem::read_symlink(it->path(), gone).string();
    ++(what.rfind("socket:", 0) == 0 ? look->sockets : look->descriptors);
  }
}

// Of the line behind the program's name, which may hold anything: user and system time.
double CpuSecondsOf(const std::string& proc) {
  std::ifstream file(proc + "/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  constexpr int kBefore = 11;
  std::string skipped;
  for (int i = 0; i < kBefore; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

uint64_t* KindOf(const std::string& name, DiskLook* look) {
  switch (name.size() > 2 && name[1] == '-' ? name[0] : '?') {
    case 'h':
      return &look->windows;
    case 'd':
      return &look->days;
    case 'j':
      return &look->journals;
    default:
      return &look->others;
  }
}

}  // namespace

ProcessLook LookAtProcess(pid_t pid) {
  const std::string proc = "/proc/" + std::to_string(pid);
  ProcessLook look;
  constexpr double kKilobytes = 1024;
  std::ifstream status(proc + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> look.resident_mib;
    if (word == "Threads:") status >> look.threads;
  }
  look.resident_mib /= kKilobytes;
  CountDescriptors(proc + "/fd", &look);
  look.cpu_seconds = CpuSecondsOf(proc);
  return look;
}

DiskLook LookAtStore(const std::string& dir) {
  DiskLook look;
  std::error_code error;
  std::filesystem::directory_iterator it(dir, error);
  for (; !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    std::error_code gone;
    const uintmax_t bytes = it->file_size(gone);
    if (!gone) *KindOf(it->path().filename().string(), &look) += bytes;
  }
  return look;
}

double Trend::SlopeFrom(double first_day) const {
  double count = 0;
  double days = 0;
  double values = 0;
  double squares = 0;
  double products = 0;
  for (const Seen& seen : seen_) {
    if (seen.day < first_day) continue;
    count += 1;
    days += seen.day;
    values += seen.value;
    squares += seen.day * seen.day;
    products += seen.day * seen.value;
  }
  const double spread = count * squares - days * days;
  return spread > 0 ? (count * products - days * values) / spread : 0;
}

double Trend::Highest() const {
  double highest = 0;
  for (const Seen& seen : seen_) highest = std::max(highest, seen.value);
  return highest;
}

}  // namespace stacksampler::bench
