// SPDX-License-Identifier: MIT
#include "collector/redact.h"

#include <utility>

#include "redact_support.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

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
  const Profile profile = Apply(redactor, AcmeProfile("acme::Trade", "_ZN4acme5TradeEv", 3));
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
  Profile profile = AcmeProfile("main", "", 1);
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
      AcmeProfile("Run<#jd22bk>", "_Z3RunIN4acme6SecretEEvv", 1);  // void Run<acme::Secret>()
  const auto mangled_after = [&](const std::string& rule) {
    const Profile redacted = Apply(MustRead({rule}), profile);
    return redacted.String(Leaf(redacted).mangled_name);
  };
  CHECK(mangled_after("~acme::Secret=x").empty());
  CHECK(mangled_after("~[0-9]acme=x").empty());
  CHECK(mangled_after("~acme::Public=x") == "_Z3RunIN4acme6SecretEEvv");
}

TEST_CASE("Redactor: stacks that read alike afterwards are one, with the sum of their weights") {
  Profile profile = AcmeProfile("client_jones", "", 3);
  profile.Merge(AcmeProfile("client_smith", "", 4));
  REQUIRE(profile.samples().size() == 2);
  const Profile redacted = Apply(MustRead({"~client_.*=client"}), profile);
  REQUIRE(redacted.samples().size() == 1);
  CHECK(redacted.samples()[0].weight == 7);
  CHECK(redacted.samples()[0].cpu_ns == 70);
}

}  // namespace
}  // namespace stacksampler::collector
