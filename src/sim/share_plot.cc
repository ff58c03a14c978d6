// SPDX-License-Identifier: GPL-2.0-only
#include "sim/share_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "audit/report.h"
#include "base/hostile_text.h"
#include "sim/scenario_file.h"
#include "sim/share_layers.h"

namespace scx_pair {
namespace {

constexpr u64 kColumns = 200;

// The layout, in the picture's own units.
constexpr double kWidth = 1080;
constexpr double kHeight = 566;
constexpr double kLeft = 60;
constexpr double kPlotWidth = 690;
constexpr double kLegendLeft = kLeft + kPlotWidth + 24;
constexpr double kLegendRight = kWidth - 24;
constexpr size_t kNameMax = 20;  // characters of a legend

struct Panel {
  double top;
  double height;
  [[nodiscard]] double at(double share) const { return top + height * (1 - share); }
};
constexpr Panel kShares{.top = 92, .height = 320};
constexpr Panel kUsage{.top = 448, .height = 76};

// Neighbours differ much, and the first few most.
constexpr std::array<const char*, kLayersMax> kColours = {
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#edc948", "#499894",
    "#ff9da7", "#9c755f", "#a0cbe8", "#b6992d", "#8cd17d", "#d37295", "#3d4f9f",
    "#ffbe7d", "#2f6b4f", "#d4a6c8", "#8f2d3b", "#86bcb6", "#f1ce63"};
constexpr const char* kRestColour = "#d9cdb8";
constexpr const char* kBusyColour = "#bfd4ea";
constexpr const char* kKernelColour = "#8b7fb8";
constexpr const char* kForcedIdleColour = "#6b7280";
constexpr const char* kIdleColour = "#e2e5ea";
constexpr const char* kInk = "#1f2937";
constexpr const char* kPaleInk = "#6b7280";

// Text as XML takes it: valid UTF-8 without control characters, and nothing that means something.
std::string escaped(const std::string& text) {
  using Json = nlohmann::json;
  const Json valid = Json::parse(json_text(Json(text)));
  std::string out;
  for (const char c : valid.get<std::string>()) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += static_cast<unsigned char>(c) < ' ' ? '?' : c;
    }
  }
  return out;
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

// A name's end, which is where the paths of neighbours differ.
std::string shortened(const std::string& name) {
  auto left = static_cast<size_t>(std::ranges::count_if(name, begins_character));
  if (left <= kNameMax) return name;
  size_t begin = 0;
  while (left >= kNameMax) {
    begin++;
    while (begin < name.size() && !begins_character(name[begin])) begin++;
    left--;
  }
  return "\u2026" + name.substr(begin);
}

std::string colour_of(const ShareLayers& layers, size_t domain) {
  return layers.domains[domain].is_rest ? kRestColour : kColours[domain % kColours.size()];
}

std::string percent_text(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

class Drawing {
 public:
  explicit Drawing(const ShareHistory& history) : history_(history) {}

  template <typename... Arguments>
  void write(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Arguments>(arguments)...);
    out_ += '\n';
  }

  void text(double x, double y, const std::string& style, const std::string& content) {
    write(R"(<text x="{:.1f}" y="{:.1f}" {}>{}</text>)", x, y, style, escaped(content));
  }

  // The area between two borders, each a share by column, from below.
  void area(const Panel& panel, const std::vector<double>& lower, const std::vector<double>& upper,
            const std::string& colour, const std::string& name) {
    if (upper.empty()) return;
    std::vector<std::string> points = border(panel, upper);
    const std::vector<std::string> back = border(panel, lower);
    points.insert(points.end(), back.rbegin(), back.rend());
    write(
        R"(<path d="M{}Z" fill="{}" stroke="#ffffff" stroke-width="0.7"><title>{}</title></path>)",
        fmt::join(points, "L"), colour, escaped(name));
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  // A point in the middle of each column, and the edges on the height of those next to them.
  [[nodiscard]] std::vector<std::string> border(const Panel& panel,
                                                const std::vector<double>& shares) const {
    std::vector<std::string> points;
    const auto point = [&](double x, double share) {
      points.push_back(fmt::format("{:.1f},{:.1f}", x, panel.at(share)));
    };
    point(kLeft, shares.front());
    for (size_t i = 0; i < shares.size(); i++) {
      const u64 begin_ns = i * history_.column_ns;
      const u64 end_ns = std::min(begin_ns + history_.column_ns, history_.window_ns);
      const double middle_ns = static_cast<double>(begin_ns + end_ns) / 2;
      point(kLeft + kPlotWidth * middle_ns / static_cast<double>(history_.window_ns), shares[i]);
    }
    point(kLeft + kPlotWidth, shares.back());
    return points;
  }

  const ShareHistory& history_;
  std::string out_;
};

// A step of 1, 2 or 5 times a power of ten, so that there are four to nine of them.
u64 tick_step(u64 length_ns) {
  u64 step = 1;
  while (step * 10 <= length_ns) step *= 10;
  for (const u64 divisor : {10U, 5U, 2U}) {
    if (step >= divisor && length_ns / (step / divisor) <= 9) return step / divisor;
  }
  return step;
}

std::string time_text(u64 ns, u64 step_ns) {
  if (step_ns >= 100'000'000) return fmt::format("{:g} s", static_cast<double>(ns) / 1e9);
  if (step_ns >= 100'000) return fmt::format("{:g} ms", static_cast<double>(ns) / 1e6);
  return fmt::format("{:g} us", static_cast<double>(ns) / 1e3);
}

void draw_frame(Drawing& drawing, const Scenario& scenario, const ShareHistory& history) {
  for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    drawing.write(R"(<line x1="{0:.1f}" x2="{1:.1f}" y1="{2:.1f}" y2="{2:.1f}" class="grid"/>)",
                  kLeft, kLeft + kPlotWidth, kShares.at(share));
    drawing.text(kLeft - 8, kShares.at(share) + 4, R"(class="axis" text-anchor="end")",
                 fmt::format("{:.0f} %", 100 * share));
    if (share != 0.0 && share != 1.0) continue;
    drawing.text(kLeft - 8, kUsage.at(share) + 4, R"(class="axis" text-anchor="end")",
                 fmt::format("{:.0f} %", 100 * share));
  }
  if (history.window_ns == 0) return;
  const u64 step_ns = tick_step(history.window_ns);
  const u64 begin_ns = scenario.warmup_ns;
  for (u64 at_ns = (begin_ns + step_ns - 1) / step_ns * step_ns;
       at_ns <= begin_ns + history.window_ns; at_ns += step_ns) {
    const double x = kLeft + kPlotWidth * static_cast<double>(at_ns - begin_ns) /
                                 static_cast<double>(history.window_ns);
    for (const Panel& panel : {kShares, kUsage}) {
      drawing.write(R"(<line x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}" class="grid"/>)",
                    x, panel.top, panel.top + panel.height);
    }
    drawing.text(x, kUsage.top + kUsage.height + 18, R"(class="axis" text-anchor="middle")",
                 time_text(at_ns, step_ns));
  }
}

// The first is on top, as in the legend.
void draw_domains(Drawing& drawing, const ShareLayers& layers) {
  if (layers.domains.empty()) return;
  std::vector<double> lower(layers.users.share.size());
  for (size_t i = layers.domains.size(); i-- > 0;) {
    const ShareLayer& layer = layers.domains[i];
    std::vector<double> upper = lower;
    for (size_t column = 0; column < upper.size(); column++) upper[column] += layer.share[column];
    drawing.area(kShares, lower, upper, colour_of(layers, i),
                 fmt::format("{}: {}", layer.name, percent_text(layer.mean)));
    lower = std::move(upper);
  }
}

void draw_entitled_line(Drawing& drawing, double left, double right, double y) {
  drawing.write(R"(<line x1="{0:.1f}" x2="{1:.1f}" y1="{2:.1f}" y2="{2:.1f}" class="entitled"/>)",
                left, right, y);
}

void draw_entitled(Drawing& drawing, const ShareLayers& layers) {
  double border = 1;
  for (size_t i = 0; i + 1 < layers.domains.size() && layers.domains[i].entitled; i++) {
    border -= *layers.domains[i].entitled;
    draw_entitled_line(drawing, kLeft, kLeft + kPlotWidth, kShares.at(border));
  }
}

void draw_swatch(Drawing& drawing, double y, const std::string& colour) {
  drawing.write(R"(<rect x="{:.1f}" y="{:.1f}" width="11" height="11" rx="2" fill="{}"/>)",
                kLegendLeft, y - 10, colour);
}

void draw_legend(Drawing& drawing, const ShareLayers& layers) {
  constexpr const char* kRight = R"(class="label" text-anchor="end")";
  constexpr const char* kHead = R"(class="head" text-anchor="end")";
  const bool entitled = !layers.domains.empty() && layers.domains.front().entitled;
  const double share_right = entitled ? kLegendRight - 80 : kLegendRight;
  drawing.text(kLegendLeft, kShares.top - 4, R"(class="head")", "cgroup");
  drawing.text(share_right, kShares.top - 4, kHead, "share");
  if (entitled) {
    drawing.text(kLegendRight, kShares.top - 4, kHead, "entitled");
    draw_entitled_line(drawing, kLegendRight - 68, kLegendRight - 50, kShares.top - 8);
  }
  const double row = std::clamp(
      (kShares.height - 4) / static_cast<double>(std::max<size_t>(layers.domains.size(), 1)), 15.0,
      20.0);
  for (size_t i = 0; i < layers.domains.size(); i++) {
    const ShareLayer& layer = layers.domains[i];
    const double y = kShares.top + 14 + row * static_cast<double>(i);
    draw_swatch(drawing, y, colour_of(layers, i));
    drawing.text(kLegendLeft + 18, y, R"(class="label")", shortened(layer.name));
    drawing.text(share_right, y, kRight, percent_text(layer.mean));
    if (layer.entitled) drawing.text(kLegendRight, y, kRight, percent_text(*layer.entitled));
  }
}

void draw_usage(Drawing& drawing, const ShareLayers& layers) {
  struct Part {
    const char* name;
    const char* colour;
    const UsageLayer& layer;
  };
  const std::array parts = {Part{"idle", kIdleColour, layers.idle},
                            Part{"forced idle", kForcedIdleColour, layers.forced_idle},
                            Part{"kernel threads", kKernelColour, layers.kernel},
                            Part{"cgroups", kBusyColour, layers.users}};
  std::vector<double> lower(layers.users.share.size());
  for (size_t i = parts.size(); i-- > 0;) {
    const Part& part = parts[i];
    std::vector<double> upper = lower;
    for (size_t column = 0; column < upper.size(); column++) {
      upper[column] += part.layer.share[column];
    }
    drawing.area(kUsage, lower, upper, part.colour,
                 fmt::format("{}: {}", part.name, percent_text(part.layer.mean)));
    lower = std::move(upper);
    const double y = kUsage.top + 14 + 19 * static_cast<double>(i);
    draw_swatch(drawing, y, part.colour);
    drawing.text(kLegendLeft + 18, y, R"(class="label")", part.name);
    drawing.text(kLegendRight, y, R"(class="label" text-anchor="end")",
                 percent_text(part.layer.mean));
  }
}

void draw_head(Drawing& drawing, const Scenario& scenario, const ShareLayers& layers) {
  const size_t cores = pairs_of(scenario.shape).size();
  drawing.write(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}")"
      R"( height="{1:.0f}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Roboto,)"
      R"( 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif">)",
      kWidth, kHeight);
  drawing.write("<title>{}</title>", escaped(scenario.name));
  drawing.write(
      "<style>.label{{font-size:12px;fill:{0}}}.axis,.head{{font-size:11.5px;fill:{1}}}"
      ".grid{{stroke:#111827;stroke-opacity:.13}}"
      ".entitled{{stroke:#111827;stroke-width:1.5;stroke-dasharray:6 4}}</style>",
      kInk, kPaleInk);
  drawing.write(R"(<rect width="{:.0f}" height="{:.0f}" fill="#ffffff"/>)", kWidth, kHeight);
  drawing.text(kLeft, 36, fmt::format(R"(font-size="20" font-weight="600" fill="{}")", kInk),
               scenario.name);
  drawing.text(kLeft, 58, fmt::format(R"(font-size="12.5" fill="{}")", kPaleInk),
               fmt::format("{} cpus in {} {}, kernel {}, seed {}; each point is the mean over {}",
                           cpu_count(scenario.shape), cores, cores == 1 ? "core" : "cores",
                           kernel_version_text(scenario.kernel.version), scenario.seed,
                           duration_text(layers.mean_over_ns)));
  drawing.text(kLeft, kShares.top - 9, R"(class="head")",
               "share of the cpu time that all cgroups had");
  drawing.text(kLeft, kUsage.top - 9, R"(class="head")", "the machine's cpu time");
}

}  // namespace

u64 plot_column_ns(const Scenario& scenario) {
  return std::max<u64>((scenario.duration_ns - scenario.warmup_ns + kColumns - 1) / kColumns, 1);
}

std::string share_plot_svg(const Scenario& scenario, const std::map<u64, std::string>& paths,
                           const ShareHistory& history) {
  const ShareLayers layers = share_layers(scenario, paths, history);
  Drawing drawing(history);
  draw_head(drawing, scenario, layers);
  draw_domains(drawing, layers);
  draw_usage(drawing, layers);
  draw_frame(drawing, scenario, history);
  draw_entitled(drawing, layers);
  draw_legend(drawing, layers);
  drawing.write("</svg>");
  return drawing.take();
}

}  // namespace scx_pair
