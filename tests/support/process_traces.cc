// SPDX-License-Identifier: MIT
#include "support/process_traces.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <locale>
#include <set>
#include <sstream>
#include <thread>

namespace stacksampler {
namespace {

std::string Disposition(int signal) {
  struct sigaction action {};
  if (sigaction(signal, nullptr, &action) != 0) return "";  // the C library's own
  std::ostringstream text;
  // glibc's sigaction() adds its restorer to whatever it is told to put back.
  constexpr int kRestorer = 0x04000000;
  text << signal << ' ' << reinterpret_cast<const void*>(action.sa_handler) << ' '
       << (action.sa_flags & ~kRestorer) << '\n';
  return text.str();
}

std::string Dispositions() {
  std::string text;
  for (int signal = 1; signal <= SIGRTMAX; ++signal) text += Disposition(signal);
  return text;
}

std::string Limits() {
  std::ostringstream text;
  for (int resource = 0; resource < RLIM_NLIMITS; ++resource) {
    rlimit limit{};
    getrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
    text << limit.rlim_cur << '/' << limit.rlim_max << ' ';
  }
  return text.str() + '\n';
}

std::string Surroundings() {
  std::string text;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    text += *variable + std::string("\n");
  }
  const mode_t mask = umask(0);
  umask(mask);
  return text + setlocale(LC_ALL, nullptr) + '\n' + std::locale().name() + '\n' +
         std::to_string(mask) + '\n' + std::filesystem::current_path().string() + '\n';
}

// The kernel lets go of a joined thread a moment later. Its flags (proc(5): the ninth field of
// "stat", the seventh behind the name) tell.
bool IsExiting(const std::filesystem::path& task) {
  constexpr unsigned long kExiting = 4;  // PF_EXITING of the kernel's sched.h
  std::ifstream in(task / "stat");
  std::string text;
  if (!std::getline(in, text)) return true;
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string field;
  for (int i = 0; i < 7; ++i) fields >> field;
  return (std::strtoul(field.c_str(), nullptr, 10) & kExiting) != 0;
}

std::string Tasks() {
  std::set<std::string> tids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    if (!IsExiting(entry.path())) tids.insert(entry.path().filename().string());
  }
  std::string text;
  for (const std::string& tid : tids) text += tid + ' ';
  return text + '\n';
}

std::string Names(const char* folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    names.insert(entry.path().filename().string() + ' ' + target.string());
  }
  std::string text;
  for (const std::string& name : names) text += name + ' ';
  return text + '\n';
}

std::string LinesOf(const char* file, const std::string& prefix) {
  std::ifstream in(file);
  std::string text;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(prefix, 0) == 0) text += line + '\n';
  }
  return text;
}

}  // namespace

std::string ProcessTraces() {
  // A process's first thread makes glibc install a handler of its own.
  static const bool has_threads = [] { return std::thread([] {}).join(), true; }();
  static_cast<void>(has_threads);
  std::string masks;  // not SigQ: it counts what other processes of the user have queued
  for (const char* name : {"SigPnd", "SigBlk", "SigIgn", "SigCgt"}) {
    masks += LinesOf("/proc/thread-self/status", name);
  }
  return Dispositions() + Limits() + Surroundings() + masks + Names("/proc/self/fd") + Tasks() +
         LinesOf("/proc/self/timers", "");
}

std::string SettledTraces(const std::string& expected) {
  std::string traces = ProcessTraces();
  for (int i = 0; i < 10'000 && traces != expected; ++i) {
    std::this_thread::yield();
    traces = ProcessTraces();
  }
  return traces;
}

}  // namespace stacksampler
