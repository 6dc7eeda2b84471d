// A number beside its floor: what something costs with the production code, and what the same bytes cost with the bare
// system calls, measured by turns in one run. Costs are compared, never rates: lower is better, and the ratio says how
// many times the floor it is. Machines differ and are busy; the ratio of neighbours differs least.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace xylem {

struct Spread {
  double min = 0;
  double median = 0;
  double max = 0;
};
Spread spread_of(std::vector<double> values);

struct Figure {
  std::string name;                                   // "verify-append, live"
  std::string unit;                                   // of a cost: "us CPU a record"
  std::string floor;                                  // what the floor does, in a line
  std::vector<double> floor_costs, subject_costs;     // by rounds
  std::vector<std::pair<std::string, double>> facts;  // sizes, rates: what one needs to judge it

  std::vector<double> ratios() const;
};

// Both once to warm up, then `rounds` times one after the other; who comes first changes each round.
void measure(Figure& figure, int rounds, const std::function<double()>& floor, const std::function<double()>& subject);

std::string table_of(const std::vector<Figure>& figures);
std::string json_of(const std::vector<Figure>& figures, bool quick);

}  // namespace xylem
