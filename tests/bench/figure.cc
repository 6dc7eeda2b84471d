#include "tests/bench/figure.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace xylem {
namespace {

std::string text_of(const Spread& spread, const char* format) {
  const auto number = [&](double value) { return fmt::format(fmt::runtime(format), value); };
  return fmt::format("{} / {} / {}", number(spread.min), number(spread.median), number(spread.max));
}

nlohmann::json json_of(const std::vector<double>& values) {
  const Spread spread = spread_of(values);
  return {{"min", spread.min}, {"median", spread.median}, {"max", spread.max}, {"rounds", values}};
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {values.front(), median, values.back()};
}

std::vector<double> Figure::ratios() const {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < floor_costs.size(); ++i) ratios.push_back(subject_costs[i] / floor_costs[i]);
  return ratios;
}

void measure(Figure& figure, int rounds, const std::function<double()>& floor, const std::function<double()>& subject) {
  fmt::print(stderr, "{}", figure.name);
  floor();
  subject();
  for (int round = 0; round < rounds; ++round) {
    const bool floor_first = round % 2 == 0;
    if (floor_first) figure.floor_costs.push_back(floor());
    figure.subject_costs.push_back(subject());
    if (!floor_first) figure.floor_costs.push_back(floor());
    fmt::print(stderr, " .");
  }
  fmt::print(stderr, " {:.2f}\n", spread_of(figure.ratios()).median);
}

std::string table_of(const std::vector<Figure>& figures) {
  std::string out = fmt::format("{:<32} {:<28} {:>24} {:>24} {:>20}\n", "number (min / median / max)", "unit", "floor",
                                "xylem", "ratio");
  for (const Figure& figure : figures) {
    out +=
        fmt::format("{:<32} {:<28} {:>24} {:>24} {:>20}\n", figure.name, figure.unit,
                    text_of(spread_of(figure.floor_costs), "{:.4g}"),
                    text_of(spread_of(figure.subject_costs), "{:.4g}"), text_of(spread_of(figure.ratios()), "{:.2f}"));
  }
  return out;
}

std::string json_of(const std::vector<Figure>& figures, bool quick) {
  nlohmann::ordered_json out{{"quick", quick}, {"figures", nlohmann::json::array()}};
  for (const Figure& figure : figures) {
    nlohmann::ordered_json one{{"name", figure.name},
                               {"unit", figure.unit},
                               {"floor_is", figure.floor},
                               {"ratio", json_of(figure.ratios())},
                               {"xylem", json_of(figure.subject_costs)},
                               {"floor", json_of(figure.floor_costs)}};
    for (const auto& [name, value] : figure.facts) one["facts"][name] = value;
    out["figures"].push_back(std::move(one));
  }
  return out.dump(2) + "\n";
}

}  // namespace xylem
