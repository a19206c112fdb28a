// SPDX-License-Identifier: MIT
//
// What the compiler is interrupted at: never linked, compiled with -O2 by bench/run.
#include <bits/stdc++.h>

template <int kNumber>
struct Work {
  struct Item {
    std::string name;
    std::array<int, kNumber + 1> values;
    bool operator<(const Item& other) const { return name < other.name; }
  };

  static size_t Run(const std::string& text) {
    std::map<std::string, std::vector<Item>> items;
    const std::regex words("([a-z]+)=(\\d+)");
    for (std::sregex_iterator it(text.begin(), text.end(), words), end; it != end; ++it) {
      items[it->str(1)].push_back({it->str(2), {}});
    }
    std::set<Item> sorted;
    for (auto& [name, list] : items) {
      std::sort(list.begin(), list.end(), [](auto& a, auto& b) { return a.values < b.values; });
      sorted.insert(list.begin(), list.end());
    }
    std::unordered_map<size_t, std::function<size_t(const Item&)>> calls;
    for (auto& item : sorted) calls[item.name.size()] = [&](auto& other) { return other < item; };
    return calls.size() + Work<kNumber - 1>::Run(text);
  }
};

template <>
struct Work<0> {
  static size_t Run(const std::string& text) { return text.size(); }
};

size_t RunAll(const std::string& text) { return Work<24>::Run(text); }
