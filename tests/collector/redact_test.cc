// SPDX-License-Identifier: MIT
#include "collector/redact.h"

#include <utility>

#include "collector/collector.h"
#include "http/server.h"
#include "stacksampler/pprof.h"
#include "store/store_support.h"
#include "stored_bytes.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

Redactor MustRead(const std::vector<std::string>& rules) {
  auto redactor = Redactor::Of(rules);
  INFO(redactor.status().message());
  REQUIRE(redactor.ok());
  return *std::move(redactor);
}

// main -> NAME, in a module, a file and a thread.
Profile Sample(const std::string& name, const std::string& mangled, int64_t weight) {
  Profile profile;
  profile.period_ns = 10;
  Frame frame;
  frame.name = profile.InternString(name);
  frame.mangled_name = profile.InternString(mangled);
  frame.mapping = profile.InternMapping("/opt/acme/libtrade.so", "ab01");
  frame.file = profile.InternString("/opt/acme/src/trade.cc");
  frame.line = 7;
  const StackId main = profile.InternStack(0, profile.InternFrame("main"));
  profile.AddSample(profile.InternStack(main, profile.InternFrame(frame)),
                    profile.InternLabels({{"thread", "acme-7"}}), weight, weight * 10);
  return profile;
}

Profile Apply(const Redactor& redactor, Profile profile) {
  return *Redaction(redactor, &profile).Update();
}

const Frame& Leaf(const Profile& profile) { return profile.frames().back(); }

TEST_CASE("Redactor: a prefix is replaced at the beginning of a text alone") {
  const Redactor redactor = MustRead({"/opt/acme/=", "acme::=x::"});
  CHECK(redactor.Text("/opt/acme/src/trade.cc") == "src/trade.cc");
  CHECK(redactor.Text("/srv/opt/acme/x") == "/srv/opt/acme/x");
  CHECK(redactor.Text("acme::Trade") == "x::Trade");
  CHECK(redactor.Text("std::vector<acme::Trade>") == "std::vector<acme::Trade>");
}

TEST_CASE("Redactor: a regular expression is replaced at every match, with its groups") {
  const Redactor redactor = MustRead({"~(client)_[a-z]+=\\1", "~a=b=c"});
  CHECK(redactor.Text("client_jones::client_smith") == "client::client");
  CHECK(redactor.Text("xa=by") == "xcy");
}

TEST_CASE("Redactor: without rules home directories go all the same") {
  CHECK(Redactor().Text("/home/ann/x.py:main") == "x.py:main");
  CHECK(Redactor().Text("acme::Trade") == "acme::Trade");
}

TEST_CASE("Redactor: bad rules are refused by name, with what to write") {
  for (const char* rule : {"", "=", "=x", "~=x", "prefix", "~(=x", "~a=\\1"}) {
    const auto redactor = Redactor::Of({rule});
    REQUIRE_FALSE(redactor.ok());
    CHECK(redactor.status().code() == StatusCode::kInvalidArgument);
    CHECK(redactor.status().message().find(std::string("--redact '") + rule + "'") == 0);
    CHECK(redactor.status().message().find("PREFIX=REPLACEMENT") != std::string::npos);
  }
}

TEST_CASE("Redactor: name, module, file and labels are changed, weight, line and build-id stay") {
  const Redactor redactor = MustRead({"~(?i)acme=co"});
  const Profile profile = Apply(redactor, Sample("acme::Trade", "_ZN4acme5TradeEv", 3));
  REQUIRE(profile.Validate().ok());
  const Frame& leaf = Leaf(profile);
  CHECK(profile.String(leaf.name) == "co::Trade");
  CHECK(profile.String(leaf.mangled_name).empty());
  CHECK(profile.String(leaf.file) == "/opt/co/src/trade.cc");
  CHECK(leaf.line == 7);
  const Mapping& mapping = profile.mappings()[leaf.mapping];
  CHECK(profile.String(mapping.module) == "/opt/co/libtrade.so");
  CHECK(profile.String(mapping.build_id) == "ab01");
  CHECK(profile.label_sets().back() == Labels{{"thread", "co-7"}});
  CHECK(profile.TotalWeight() == 3);
  CHECK(profile.TotalCpuNs() == 30);
  CHECK(profile.period_ns == 10);
}

TEST_CASE("Redactor: keys of labels are texts of the target's as well") {
  Profile profile = Sample("main", "", 1);
  profile.AddSample(1, profile.InternLabels({{"acme-7", "x"}, {"thread", "t"}}), 2, 20);
  const Profile redacted = Apply(MustRead({"~acme=co"}), profile);
  CHECK(redacted.label_sets().back() == Labels{{"co-7", "x"}, {"thread", "t"}});
  Profile homely;
  homely.AddSample(homely.InternStack(0, homely.InternFrame("main")),
                   homely.InternLabels({{"/home/ann/key", "x"}}), 1, 1);
  CHECK(Apply(Redactor(), homely).label_sets().back() == Labels{{"key", "x"}});
}

TEST_CASE("Redactor: a build-id is a number or nothing, without any rule") {
  const std::pair<const char*, const char*> build_ids[] = {
      {"ab01EF", "ab01EF"}, {"", ""}, {"acme's secret", ""}, {"/home/ann/x", ""}, {"ab01/ef", ""}};
  for (const auto& [given, kept] : build_ids) {
    Profile profile;
    Frame frame;
    frame.name = profile.InternString("main");
    frame.mapping = profile.InternMapping("app", given);
    profile.AddSample(profile.InternStack(0, profile.InternFrame(frame)), 0, 1, 1);
    const Profile redacted = Apply(Redactor(), profile);
    const Frame& leaf = Leaf(redacted);
    CHECK(redacted.String(redacted.mappings()[leaf.mapping].build_id) == kept);
    CHECK(redacted.String(redacted.mappings()[leaf.mapping].module) == "app");
  }
}

TEST_CASE("Redactor: a linker's name goes when its declaration says what may not be told") {
  // The shown name was shortened: the argument stands in the linker's alone.
  const Profile profile =
      Sample("Run<#jd22bk>", "_Z3RunIN4acme6SecretEEvv", 1);  // void Run<acme::Secret>()
  const auto mangled_after = [&](const std::string& rule) {
    const Profile redacted = Apply(MustRead({rule}), profile);
    return redacted.String(Leaf(redacted).mangled_name);
  };
  CHECK(mangled_after("~acme::Secret=x").empty());
  CHECK(mangled_after("~[0-9]acme=x").empty());
  CHECK(mangled_after("~acme::Public=x") == "_Z3RunIN4acme6SecretEEvv");
}

TEST_CASE("Redactor: stacks that read alike afterwards are one, with the sum of their weights") {
  Profile profile = Sample("client_jones", "", 3);
  profile.Merge(Sample("client_smith", "", 4));
  REQUIRE(profile.samples().size() == 2);
  const Profile redacted = Apply(MustRead({"~client_.*=client"}), profile);
  REQUIRE(redacted.samples().size() == 1);
  CHECK(redacted.samples()[0].weight == 7);
  CHECK(redacted.samples()[0].cpu_ns == 70);
}

// A store filled from one answer of a target, sealed.
std::string StoredOf(const std::string& body, bool is_window, CollectorOptions options) {
  options.fetch.total_timeout = std::chrono::minutes(2);
  auto server = http::Server::Listen({}, [&](const http::Request&) {
    http::Response response;
    response.body = body;
    if (is_window) {
      response.headers = {{"X-Stacksampler-Instance", "ab12"}, {"X-Stacksampler-Window", "1"}};
    }
    return response;
  });
  REQUIRE(server.ok());
  const store::TempDir dir;
  const auto writer = store::MustWrite(dir.path("db"), {});
  Collector collector({{"127.0.0.1", (*server)->port()}}, writer.get(), options);
  REQUIRE(collector.RunOnce());
  const std::string journal = StoredBytes(dir.path("db"));
  REQUIRE(writer->Seal().ok());
  return journal + StoredBytes(dir.path("db"));
}

TEST_CASE("Redactor: what the rules take out is nowhere in the store's files") {
  CollectorOptions options;
  const std::string body = EncodePprof(Sample("acme::Trade", "_ZN4acme5TradeEv", 3));
  REQUIRE(StoredOf(body, true, options).find("acme") != std::string::npos);
  options.redactor = std::make_shared<Redactor>(MustRead({"~acme=employer"}));
  const std::string bytes = StoredOf(body, true, options);
  CHECK(bytes.find("acme") == std::string::npos);
  CHECK(bytes.find("employer::Trade") != std::string::npos);
  CHECK(bytes.find("/opt/employer/src/trade.cc") != std::string::npos);
}

TEST_CASE("Redactor: homes in the text of an original target are nowhere in the store's files") {
  const std::string text =
      "elapsed 1.0\ngranularity 0.005\nmain(/home/ann/app/run.py);work(/root/lib.py) 3\n";
  const std::string bytes = StoredOf(text, false, {});
  CHECK(bytes.find("main(app/run.py)") != std::string::npos);
  CHECK(bytes.find("/home/ann") == std::string::npos);
  CHECK(bytes.find("/root/") == std::string::npos);
}

}  // namespace
}  // namespace stacksampler::collector
