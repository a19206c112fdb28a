// SPDX-License-Identifier: MIT
#include "sampler/symbolize/shown_name.h"

#include <string>

#include "sampler/symbolize/short_name.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

struct Symbol {
  const char* linker_name;
  const char* shown;
};

// As g++ and clang write them.
constexpr Symbol kSymbols[] = {
    {"_Z2ffic", "ff"},
    {"_Z4manymPKcz", "many"},
    {"_Z4fptrPFviERA3_iSt8functionIFiNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEEE",
     "fptr"},
    {"_ZN1D1vEv", "D::v"},
    {"_ZN1DD0Ev", "D::~D"},
    {"_ZN4deep2v11QIiSaIiEEC1Ei", "deep::v1::Q<int, std::allocator<int>>::Q"},
    {"_ZN4deep2v11QIiSaIiEED2Ev", "deep::v1::Q<int, std::allocator<int>>::~Q"},
    {"_ZN4deep2v11QIiSaIiEE1sEv", "deep::v1::Q<int, std::allocator<int>>::s"},
    {"_ZN12_GLOBAL__N_14anonEi", "(anonymous namespace)::anon"},
    {"_ZN12_GLOBAL__N_11S1mEv", "(anonymous namespace)::S::m"},
    {"_ZNVKR1A1fEv", "A::f"},
    {"_ZNKR5Outer2InIPFviEE1mES2_", "Outer::In<void (*)(int)>::m"},
    // Templates begin with their return type.
    {"_Z3lamIiEDaT_", "lam<int>"},
    {"_ZN12_GLOBAL__N_15anontIiEET_S1_", "(anonymous namespace)::anont<int>"},
    {"_Z4cpp_IiEPKPKT_S0_", "cpp_<int>"},
    {"_Z4noexIiEhT_", "noex<int>"},
    {"_Z4callIiJicEET_PFS0_DpT0_ES2_", "call<int, int, char>"},
    {"_Z4packIJicSt6vectorIiSaIiEEEEvDpT_", "pack<int, char, std::vector<int>>"},
    {"_Z2ttISaiET_IT0_ES2_", "tt<std::allocator, int>"},
    {"_Z2enIiENSt9enable_ifIXgtstT_Li2EEiE4typeES1_", "en<int>"},
    {"_ZN1IILi4EE1gIiEENSt9enable_ifILb1ET_E4typeES3_", "I<4>::g<int>"},
    {"_Z4sfinIiEvT_PSt17integral_constantIbXltstS0_Li8EEE", "sfin<int>"},
    {"_ZNK4deep2v11QIiSaIiEE4convIdEEPT_S5_i",
     "deep::v1::Q<int, std::allocator<int>>::conv<double>"},
    {"_Z2dtISt6vectorIiSaIiEEEDTcldtfp_4sizeEET_", "dt<std::vector<int>>"},
    {"_Z3dtaIiEDcT_", "dta<int>"},
    {"_Z3dtpIiEDTdecvPT_Li0EES1_", "dtp<int>"},
    {"_Z2mpIiEM1AiT_", "mp<int>"},
    // Return types that stand around the name.
    {"_Z2fpIiEPFvcET_", "fp<int>"},
    {"_Z3fppIiEPFPFT_cEiES0_", "fpp<int>"},
    {"_Z3arrIiERA10_KcT_", "arr<int>"},
    {"_Z3mfpIiEM1AKFviET_", "mfp<int>"},
    // Template arguments that hold functions, operators and comparisons.
    {"_Z2apIXadL_Z2fficEEEiv", "ap<&(ff(int, char))>"},
    {"_Z4valsIJLi1ELc99EL1E1EXadL_Z3defiEEEEiv", "vals<1, (char)99, (E)1, &(def(int))>"},
    {"_Z3mltIXadL_ZNK1AltERKS0_EEEvv", "mlt<&(A::operator<(A const&) const)>"},
    {"_Z4mptrIXadL_ZNVKR1A1fEvEEEvv", "mptr<&(A::f() const volatile &)>"},
    // Default arguments, and strings of before and since C++11.
    {"_Z1fISt6vectorIiSaIcEEEvT_", "f<std::vector<int, std::allocator<char>>>"},
    {"_Z1fISt3mapINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEESt3setIjSt4lessIjESaIjEES8_"
     "IS6_ESaISt4pairIKS6_SB_EEEEvT_",
     "f<std::map<std::string, std::set<unsigned int>>>"},
    {"_Z1fISt5tupleIJiSaIiEEEEvT_", "f<std::tuple<int, std::allocator<int>>>"},
    {"_Z1fIN2my6vectorIiSaIiEEEEvT_", "f<my::vector<int, std::allocator<int>>>"},
    {"_ZNSs6appendEPKc", "std::basic_string<char>::append"},
    {"_ZNSsC1EPKcRKSaIcE", "std::basic_string<char>::basic_string"},
    {"_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE6appendEPKc", "std::string::append"},
    {"_ZNSt7__cxx1112basic_stringIwSt11char_traitsIwESaIwEE6appendEPKw", "std::wstring::append"},
    {"_Z1fISt10unique_ptrIiSt14default_deleteIiEEEvT_", "f<std::unique_ptr<int>>"},
    {"_Z1fISt17basic_string_viewIcSt11char_traitsIcEEEvT_", "f<std::string_view>"},
    // Operators.
    {"_ZNK1AclEi", "A::operator()"},
    {"_ZN3FooIiEclIJidEEEDcDpT_", "Foo<int>::operator()<int, double>"},
    {"_ZNK1AltERKS_", "A::operator<"},
    {"_ZltIiEbRKSt6vectorIT_SaIS1_EES1_", "operator< <int>"},
    {"_ZlsIiEbRKSt6vectorIT_SaIS1_EES1_", "operator<< <int>"},
    {"_ZStlsISt11char_traitsIcEERSt13basic_ostreamIcT_ES5_PKc",
     "std::operator<< <std::char_traits<char>>"},
    {"_ZN1AlsEi", "A::operator<<"},
    {"_ZN1AssEi", "A::operator<=>"},
    {"_ZN1AptEv", "A::operator->"},
    {"_ZN1ApmEi", "A::operator->*"},
    {"_ZpmIiEPT_RKSt6vectorIS0_SaIS0_EES1_", "operator->*<int>"},
    {"_ZNKO1AixEi", "A::operator[]"},
    {"_ZN1AcmEi", "A::operator,"},
    {"_ZN3FooIiEdeEv", "Foo<int>::operator*"},
    {"_ZN3FooIiEntEv", "Foo<int>::operator!"},
    {"_ZN3FooIiEppEi", "Foo<int>::operator++"},
    {"_ZN3FooIiEaSIiEERS0_RKT_", "Foo<int>::operator=<int>"},
    {"_ZeqRK3FooIiES2_", "operator=="},
    {"_ZN1AnwEm", "A::operator new"},
    {"_ZN1AdlEPv", "A::operator delete"},
    {"_Zli3_kmy", "operator\"\" _km"},
    {"_ZN9operators13operator_like11my_operatorEi", "operators::operator_like::my_operator"},
    // Conversions.
    {"_ZNK1AcvbEv", "A::operator bool"},
    {"_ZNK1AcvmEv", "A::operator unsigned long"},
    {"_ZNK1AcvPT_IiEEv", "A::operator int*<int>"},
    {"_ZNK1AcvNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEEv", "A::operator std::string"},
    {"_ZNK2CvcvPKcEv", "Cv::operator char const*"},
    {"_ZNK2CvcvPFviEEv", "Cv::operator void (*)(int)"},
    {"_ZNK2CvcvSt8functionIFviEEEv", "Cv::operator std::function<void (int)>"},
    {"_ZNK4Convcv7newtypeEv", "Conv::operator newtype"},
    {"_ZNR4ConvcvRbEv", "Conv::operator bool&"},
    {"_ZNKSt15__exception_ptr13exception_ptrcvMS0_FvvEEv",
     "std::__exception_ptr::exception_ptr::operator void "
     "(std::__exception_ptr::exception_ptr::*)()"},
    // Local entities and lambdas.
    {"_ZZ3lamIiEDaT_EN1L1sEi", "lam<int>::L::s"},
    {"_ZZ3lamIiEDaT_ENKUlS0_E_clIcEEDaS0_", "lam<int>::{lambda(auto:1)#1}::operator()<char>"},
    {"_ZZ3lamIiEDaT_ENUliE0_clEi", "lam<int>::{lambda(int)#2}::operator()"},
    {"_ZZZ3lamIiEDaT_ENKUlvE1_clEvENKUliE_clEi",
     "lam<int>::{lambda()#3}::operator()::{lambda(int)#1}::operator()"},
    {"_ZNSt17_Function_handlerIFiiEZN11WithDefault1gESt8functionIS0_EEd_UliE_E10_M_managerERSt9_"
     "Any_dataRKS6_St18_Manager_operation",
     "std::_Function_handler<#jd22bk>::_M_manager"},
    {"_ZZ4lam2vE1s", "lam2::s"},
    {"_ZZN3FooIiEdeEvE1t", "Foo<int>::operator*::t"},
    {"_ZZNR4ConvcvRbEvE1b", "Conv::operator bool&::b"},
    {"_ZZ3foovENK3$_0clEi", "foo::$_0::operator()"},
    // ABI tags.
    {"_Z6abitagB5cxx11v", "abitag"},
    {"_ZN3TagB3barB3foo1xEv", "Tag::x"},
    {"_ZN6Config4nameB5cxx11Ev", "Config::name"},
    // The demangler's own words.
    {"_ZThn16_N1D1vEv", "non-virtual thunk to D::v"},
    {"_ZTv0_n24_N1DD0Ev", "virtual thunk to D::~D"},
    {"_ZTch0_v0_n24_N1D1wEv", "covariant return thunk to D::w"},
    {"_ZGVZ4lam2vE1s", "guard variable for lam2::s"},
    {"_ZTH3tlsB5cxx11", "TLS init function for tls"},
    {"_ZTW3tlsB5cxx11", "TLS wrapper function for tls"},
    {"_ZTV1D", "vtable for D"},
    {"_ZTISt6vectorIPKcSaIS1_EE", "typeinfo for std::vector<char const*>"},
    // Suffixes of copies and parts are dropped; others tell functions apart.
    {"_Z2ffic.constprop.0", "ff"},
    {"_Z2ffic.part.0.isra.0.cold", "ff"},
    {"_ZN1D1vEv.lto_priv.3", "D::v"},
    {"_ZN1D1vEv.llvm.1234567890", "D::v"},
    {"_Z2ffic.localalias", "ff"},
    {"qsort_r.cold", "qsort_r"},
    {"qsort_r.cold.7", "qsort_r"},
    {"quicksort.isra.0", "quicksort"},
    {"_Z3foov._omp_fn.0", "foo._omp_fn.0"},
    {"_Z3foov.avx2", "foo.avx2"},
    {"main.main", "main.main"},
    {"main.part", "main.part"},
    {"_ZNSt6locale5facetD2Ev@@GLIBCXX_3.4", "std::locale::facet::~facet"},
    {"memcpy@@GLIBC_2.14", "memcpy"},
    {"printf@plt", "printf"},
    // What is not mangled, or mangled by others, stays.
    {"main", "main"},
    {"i", "i"},
    {"_start", "_start"},
    {"__libc_start_main", "__libc_start_main"},
    {"_GLOBAL__sub_I_main", "_GLOBAL__sub_I_main"},
    {"_RNvCskwGfYPst2Cb_3foo3bar", "_RNvCskwGfYPst2Cb_3foo3bar"},
    {"_ZN4core3ptr13drop_in_place17h0123456789abcdefE",
     "core::ptr::drop_in_place::h0123456789abcdef"},
    {"camlStdlib__List__map_507", "camlStdlib__List__map_507"},
    {".cold", ".cold"},
    {"_Z", "_Z"},
    {"_Zgarbage", "_Zgarbage"},
    {"", ""},
};

TEST_CASE("ShownName: keeps the name alone") {
  for (const Symbol& symbol : kSymbols) {
    INFO(symbol.linker_name);
    CHECK(ShownName(symbol.linker_name) == symbol.shown);
  }
}

TEST_CASE("ShortName: what is short enough keeps its arguments, default ones aside") {
  CHECK(ShortName("a::b<c::d<int> >::e<2>") == "a::b<c::d<int>>::e<2>");
  CHECK(ShortName("operator< <int>") == "operator< <int>");
  CHECK(ShortName("a<&(b::operator<(b const&) const)>") == "a<&(b::operator<(b const&) const)>");
  CHECK(ShortName("unclosed<a(") == "unclosed<a(");
}

TEST_CASE("ShortName: longer names lose arguments from the inside out, each list for its tag") {
  const std::string inner = "one::two<three::four<five::six>, seven::eight>";
  CHECK(ShortName("f<" + inner + ">::g") == "f<one::two<three::four<five::six>, seven::eight>>::g");
  const std::string tagged = ShortName("long_function_name<" + inner + ">::g");
  CHECK(tagged.size() <= kMaxShownCharacters);
  CHECK(tagged.substr(0, tagged.find('#')) == "long_function_name<one::two<");
  CHECK(tagged.substr(tagged.find('>')) == ">>::g");
  // The same list has the same tag wherever it stands, and another list another one.
  const std::string other = ShortName("other_function_name<" + inner + ">::hh");
  CHECK(other.substr(other.find('#'), 7) == tagged.substr(tagged.find('#'), 7));
  const std::string unlike = ShortName("long_function_name<" + inner + "i>::g");
  CHECK(unlike != tagged);
}

TEST_CASE("ShortName: names of scopes are never cut, however long") {
  const std::string scope(200, 'x');
  const std::string name = ShortName(scope + "<some::rather::long::argument>::f");
  CHECK(name.substr(0, scope.size() + 2) == scope + "<#");
  CHECK(name.size() == scope.size() + 12);
}

TEST_CASE("ShortName: brackets nested deep, or never closed, are read in bounded depth") {
  std::string name = "f";
  for (int i = 0; i < 100; ++i) name += "<a";
  for (int i = 0; i < 100; ++i) name += ">";
  CHECK(ShortName(name).size() <= kMaxShownCharacters);
  CHECK_FALSE(ShortName(std::string(10'000, '<')).empty());
  CHECK_FALSE(ShortName(std::string(10'000, '(')).empty());
}

// Before the tag of the rest.
std::string ShownBeforeTag(const std::string& symbol) {
  const std::string shown = ShownName(symbol);
  return shown.substr(0, shown.find('#'));
}

TEST_CASE("ShownName: of a symbol too long to demangle, the scopes before the first arguments") {
  const std::string arguments = 'I' + std::string(100'000, 'i') + 'E';
  CHECK(ShownBeforeTag("_ZN4deep2v11QIJ" + arguments + "EE1sEv") == "deep::v1::Q<");
  CHECK(ShownBeforeTag("_ZNKSt8function" + arguments + "clEv") == "std::function<");
  CHECK(ShownBeforeTag("_ZN12_GLOBAL__N_13fun" + arguments + "Evv") ==
        "(anonymous namespace)::fun<");
  CHECK(ShownBeforeTag("_Z4call" + arguments + "vv") == "call<");
  CHECK(ShownBeforeTag("_ZZN1A1f" + arguments + "EvvENKUlvE_clEv") == "A::f<");
  CHECK(ShownName("_Z4call" + arguments + "vv.avx2").ends_with(">.avx2"));
  // Symbols that differ are shown so, and the same one always alike.
  CHECK(ShownName("_Z4call" + arguments + "vv") != ShownName("_Z4call" + arguments + "vi"));
  CHECK(ShownName("_Z4call" + arguments + "vv") == ShownName("_Z4call" + arguments + "vv"));
}

TEST_CASE("ShownName: of what can be read in no way, the first characters and a tag") {
  for (const std::string unread : {"P", "9", "99999999999999999999", "N", "St", "Thn16_"}) {
    std::string symbol = "_Z";
    while (symbol.size() < 5'000) symbol += unread;
    INFO(unread);
    CHECK(ShownName(symbol).size() <= kMaxShownCharacters + 2);
    CHECK(ShownName(symbol) != ShownName(symbol + 'P'));
  }
  CHECK(ShownName("_ZPPP") == "_ZPPP");
}

TEST_CASE("ShownName: no cut or doubling of a symbol loses the name") {
  for (const Symbol& symbol : kSymbols) {
    const std::string whole = symbol.linker_name;
    for (size_t length = 1; length <= whole.size(); ++length) {
      INFO(whole.substr(0, length));
      CHECK_FALSE(ShownName(whole.substr(0, length)).empty());
    }
    if (!whole.empty()) CHECK_FALSE(ShownName(whole + whole).empty());
  }
}

}  // namespace
}  // namespace stacksampler::symbolize
