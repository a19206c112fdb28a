// SPDX-License-Identifier: MIT
#include "base/home_path.h"

#include "support/catch.h"

namespace stacksampler {
namespace {

TEST_CASE("WithoutHomes: a path in somebody's home directory is told from there on") {
  for (const char* path : {"/home/ann/app/x.cc", "/root/app/x.cc", "/Users/ann/app/x.cc",
                           "/var/home/ann/app/x.cc", "/export/home/ann/app/x.cc"}) {
    INFO(path);
    CHECK(HasHome(path));
    CHECK(WithoutHomes(path) == "app/x.cc");
  }
}

TEST_CASE("WithoutHomes: finds paths wherever they begin in a name") {
  CHECK(WithoutHomes("LazyCompile:~f /home/ann/x.js:1:2") == "LazyCompile:~f x.js:1:2");
  CHECK(WithoutHomes("file:///home/ann/x.mjs") == "file://x.mjs");
  CHECK(WithoutHomes("f<(lambda at /root/x.cc:1:2)>(\"/home/b/y\")") ==
        "f<(lambda at x.cc:1:2)>(\"y\")");
  CHECK(WithoutHomes("/home/ann/home/b/x") == "home/b/x");
}

TEST_CASE("WithoutHomes: the process's own home is one wherever it is, the first that was set") {
  CHECK_FALSE(HasHome("/srv/people/ann/x.cc"));
  for (const char* none : {"", "/", "//", "people/ann", ".", "/usr/"}) SetOwnHome(none);
  CHECK_FALSE(HasHome("/x.cc"));
  SetOwnHome("/srv/people/ann/");
  SetOwnHome("/srv/others");
  CHECK(WithoutHomes("LazyCompile:~f /srv/people/ann/x.js:1") == "LazyCompile:~f x.js:1");
  CHECK(WithoutHomes("/home/bob/x.cc") == "x.cc");
  for (const char* text : {"/srv/people/anna/x.cc", "/srv/others/x.cc", "/mnt/srv/people/ann/x"}) {
    CHECK_FALSE(HasHome(text));
  }
}

TEST_CASE("WithoutHomes: leaves alone what is no home directory") {
  for (const char* text : {"", "/", "/home", "/home/", "/home/ann", "/home//x", "/homes/ann/x",
                           "/srv/home/ann/x", "/usr/include/c++/12/vector", "a/home/b/c",
                           "/rooted/x", "x = a /home; b /c", "operator/", "/home/a b/c"}) {
    INFO(text);
    CHECK_FALSE(HasHome(text));
    CHECK(WithoutHomes(text) == text);
  }
}

}  // namespace
}  // namespace stacksampler
