// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "visualizer/fixture.h"
#include "visualizer/source_files.h"
#include "visualizer/source_view.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// A folder with sources, and a secret beside it.
class Tree {
 public:
  Tree() {
    std::string text = (fs::temp_directory_path() / "source_XXXXXX").string();
    REQUIRE(mkdtemp(text.data()) != nullptr);
    top_ = fs::canonical(text);
    fs::create_directories(top_ / "src/net");
    Write("src/main.cc", "int main() {\n  return 0;\n}\n");
    Write("src/net/tcp.cc", "// tcp\n");
    Write("secret", "the secret\n");
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() { fs::remove_all(top_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(top_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return top_ / name; }
  [[nodiscard]] SourceFiles Open(const std::string& before = "") const {
    auto files = SourceFiles::Open({before + path("src")});
    REQUIRE(files.ok());
    return *files;
  }

 private:
  fs::path top_;
};

std::string Why(const SourceFiles& files, const std::string& file) {
  const auto text = files.Read(file);
  return text.ok() ? "READ: " + *text : text.status().message();
}

constexpr const char* kNotThere = "no such file below the source roots";

TEST_CASE("SourceFiles: reads what lies below a root, as recorded or by a map of paths") {
  const Tree tree;
  CHECK(*tree.Open().Read(tree.path("src/net/tcp.cc")) == "// tcp\n");
  CHECK(*tree.Open("/build/shop=").Read("/build/shop/net/tcp.cc") == "// tcp\n");
  CHECK(*tree.Open("/build/shop/=").Read("/build/shop/net/../main.cc") ==
        "int main() {\n  return 0;\n}\n");
  CHECK(Why(tree.Open("/build/shop="), "/build/shopping/main.cc") == kNotThere);
}

TEST_CASE("SourceFiles: a relative name is looked for below every root") {
  const Tree tree;
  for (const char* file : {"net/tcp.cc", "./net/tcp.cc", "../../net/tcp.cc", ".././net/tcp.cc"}) {
    CHECK(Why(tree.Open("/build="), file) == "READ: // tcp\n");
  }
  CHECK(Why(tree.Open("../..="), "../../net/tcp.cc") == "READ: // tcp\n");
}

TEST_CASE("SourceFiles: no name in a profile leads out of the roots") {
  const Tree tree;
  const SourceFiles files = tree.Open("/build=");
  fs::create_symlink(tree.path("secret"), tree.path("src/link.cc"));
  fs::create_directory_symlink(tree.path(""), tree.path("src/up"));
  for (const char* file :
       {"/build/../secret", "/build/net/../../secret", "/build/link.cc", "/build/up/secret",
        "/build//../secret", "/build/../../../../../../etc/passwd", "/etc/passwd", "etc/passwd",
        "../secret", "secret", "/build", "/build/", "", ".", "/", "//etc/passwd"}) {
    INFO(file);
    const std::string why = Why(files, file);
    CHECK(why.find("READ") == std::string::npos);
    CHECK(why.find("secret") == std::string::npos);
  }
  CHECK(Why(files, tree.path("secret")) == kNotThere);
  CHECK(Why(files, std::string("/build/main.cc\0.png", 19)) == kNotThere);
  CHECK(Why(files, "/build/" + std::string(5000, 'a')) == kNotThere);
}

TEST_CASE("SourceFiles: a link to a file below the root is a file below the root") {
  const Tree tree;
  fs::create_symlink(tree.path("src/main.cc"), tree.path("src/inside.cc"));
  CHECK(Why(tree.Open("/b="), "/b/inside.cc").find("READ: int main") == 0);
}

TEST_CASE("SourceFiles: only regular files of text and of bounded size, and no waiting for pipes") {
  const Tree tree;
  const SourceFiles files = tree.Open("/b=");
  REQUIRE(mkfifo(tree.path("src/pipe.cc").c_str(), 0600) == 0);
  tree.Write("src/huge.cc", std::string(kMaxSourceBytes + 1, 'x'));
  tree.Write("src/full.cc", std::string(kMaxSourceBytes, 'x'));
  tree.Write("src/binary.cc", std::string("ELF\0\1", 5));
  CHECK(Why(files, "/b/pipe.cc") == "it is no regular file");
  CHECK(Why(files, "/b/net") == "it is no regular file");
  CHECK(Why(files, "/b/huge.cc") == "it is larger than 2 MiB");
  CHECK(Why(files, "/b/full.cc").size() == kMaxSourceBytes + 6);
  CHECK(Why(files, "/b/binary.cc") == "it is no text");
}

TEST_CASE("SourceFiles: a root that is none is refused by name") {
  const Tree tree;
  for (const std::string& root : {tree.path("nowhere"), tree.path("secret"), std::string("/x=")}) {
    const auto files = SourceFiles::Open({root});
    REQUIRE_FALSE(files.ok());
    CHECK(files.status().message().find("--source-root " + root) == 0);
  }
}

/// Frames {name, file, line, inlined} root first, with a weight.
struct Line {
  const char* name;
  const char* file;
  uint32_t line;
  bool inlined = false;
};

Profile WithLines() {
  Profile profile;
  profile.period_ns = kPeriodNs;
  const auto add = [&](const std::vector<Line>& lines, int64_t weight) {
    StackId stack = 0;
    for (const Line& each : lines) {
      Frame frame;
      frame.name = profile.InternString(each.name);
      frame.file = profile.InternString(each.file);
      frame.line = each.line;
      frame.inlined = each.inlined;
      stack = profile.InternStack(stack, profile.InternFrame(frame));
    }
    profile.AddSample(stack, 0, weight, weight * kPeriodNs);
  };
  add({{"main", "/b/main.cc", 1}, {"help", "/b/main.cc", 3, true}}, 4);
  add({{"main", "/b/main.cc", 1}, {"main", "/b/main.cc", 1}}, 2);
  add({{"main", "/b/main.cc", 1}, {"send", "/b/net/tcp.cc", 1}}, 3);
  add({{"main", "/b/other.cc", 7}}, 1);
  return profile;
}

json SourceOf(const Tree& tree, Fixture::Params params, bool with_root = true) {
  Fixture fixture;
  fixture.store.Add({}, kNowNs, WithLines());
  const auto handler = MakeHandler(
      &fixture.store, [] { return kNowNs; }, with_root ? tree.Open("/b=") : SourceFiles());
  return json::parse(handler({"GET", "/api/v1/source", std::move(params), {}, "127.0.0.1"}).body);
}

TEST_CASE("Source: lines with the self and total of what begins there, a stack once") {
  const Tree tree;
  json answer = SourceOf(tree, {{"fn", "main"}});
  answer.erase("range");
  CHECK(answer == json::parse(R"({
    "unit": "microseconds", "fn": "main", "file": "/b/main.cc",
    "files": ["/b/main.cc", "/b/other.cc"], "total": 50000, "found": true, "reason": "",
    "lines": ["int main() {", "  return 0;", "}"],
    "costs": {"line": [1, 3], "self": [10000, 20000], "total": [45000, 20000],
              "names": [["main"], ["help"]]}})"));
}

TEST_CASE("Source: another of the function's files may be chosen, any other may not") {
  const Tree tree;
  CHECK(SourceOf(tree, {{"fn", "main"}, {"file", "/b/other.cc"}})["file"] == "/b/other.cc");
  CHECK(SourceOf(tree, {{"fn", "main"}, {"file", "/b/net/tcp.cc"}})["file"] == "/b/main.cc");
  CHECK(SourceOf(tree, {{"fn", "main"}, {"file", "/etc/passwd"}})["file"] == "/b/main.cc");
}

TEST_CASE("Source: says why there is none, and still what the lines cost") {
  const Tree tree;
  const json missing = SourceOf(tree, {{"fn", "main"}, {"file", "/b/other.cc"}});
  CHECK(missing["found"] == false);
  CHECK(missing["reason"] == kNotThere);
  CHECK(missing["costs"]["line"] == json({7}));
  CHECK(SourceOf(tree, {{"fn", "main"}}, false)["reason"] ==
        "the visualizer was started without --source-root");
  CHECK(SourceOf(tree, {{"fn", "nobody"}})["reason"] ==
        "the profile does not know the function's file");
}

}  // namespace
}  // namespace stacksampler::visualizer
