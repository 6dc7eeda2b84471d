#include "client/view/thread_text.h"

#include <algorithm>
#include <array>
#include <vector>

#include "client/view/age_text.h"
#include "client/view/comment_text.h"
#include "client/view/ink.h"
#include "client/view/text_cells.h"

namespace xylem {
namespace {

constexpr int kLevelColumns = 3;
constexpr int kBarColumns = 2;
constexpr std::uint32_t kLevelsMax = 32;

struct Glyphs {
  std::string_view bar;     // down past this line
  std::string_view branch;  // to a reply that has siblings below
  std::string_view corner;  // to the last reply
  std::string_view rule;
};
constexpr Glyphs kUnicodeGlyphs{"│", "├─ ", "└─ ", "─"};
constexpr Glyphs kAsciiGlyphs{"|", "|- ", "`- ", "-"};

class ThreadPage {
 public:
  ThreadPage(const Comments& comments, const ThreadTextOptions& options)
      : comments_(comments),
        options_(options),
        glyphs_(options.unicode ? kUnicodeGlyphs : kAsciiGlyphs),
        width_(std::max(options.width, kWidthMin)),
        deepest_(deepest_level(width_)),
        places_(reading_order(comments, options.sort)) {}

  std::string write() {
    if (comments_.post().state != Comment::State::kMissing) write_post();
    write_summary();
    mark_siblings();
    for (std::size_t i = 0; i < places_.size(); ++i) write_comment(i);
    return std::move(out_);
  }

 private:
  // As many levels as leave two fifths of the width, but no more than 48 columns, to the text.
  static std::uint32_t deepest_level(int width) {
    const int text = std::clamp(width * 2 / 5, 24, 48);
    return std::min(static_cast<std::uint32_t>((width - text - kBarColumns) / kLevelColumns), kLevelsMax);
  }

  std::uint32_t level(std::size_t i) const { return std::min(places_[i].depth, deepest_); }

  // Walks from the end: at each level, whether a sibling was met since the level above it was.
  void mark_siblings() {
    sibling_below_.resize(places_.size());
    std::array<bool, kLevelsMax + 1> met{};
    for (std::size_t i = places_.size(); i-- > 0;) {
      const std::uint32_t own = level(i);
      sibling_below_[i] = met[own];
      met[own] = true;
      std::fill(met.begin() + own + 1, met.end(), false);
    }
  }

  void write_post() {
    const Comment& post = comments_.post();
    const int columns = std::min(width_, kTextColumnsMax);
    for (const std::string& line : wrapped_lines(comments_.post_title(), columns, options_.unicode)) {
      if (line.empty()) continue;
      paint(out_, Ink::kTitle, line, options_.colour);
      out_ += '\n';
    }
    append_headline(out_, comments_, 0, false, columns, options_);
    out_ += '\n';
    for (const std::string& line : wrapped_lines(comments_.post_url(), columns, options_.unicode)) {
      if (line.empty()) continue;
      paint(out_, Ink::kFaint, line, options_.colour);
      out_ += '\n';
    }
    out_ += '\n';
    for (const MessageLine& line : message_lines(post.message, columns, options_.unicode)) {
      append_message_line(out_, line, options_.colour);
      out_ += '\n';
    }
    if (!post.message.empty()) out_ += '\n';
  }

  // ── 1428 comments · best first ───────
  void write_summary() {
    static constexpr std::array<std::string_view, 4> kOrders = {"best first", "highest score first", "newest first",
                                                                "oldest first"};
    std::string line;
    for (int i = 0; i < 2; ++i) line += glyphs_.rule;
    line += ' ' + std::to_string(comments_.count()) + (comments_.count() == 1 ? " comment" : " comments");
    line += options_.unicode ? " · " : " - ";
    line.append(kOrders[static_cast<std::size_t>(options_.sort)]) += ' ';
    for (int i = columns_of(line); i < std::min(width_, kTextColumnsMax); ++i) line += glyphs_.rule;
    paint(out_, Ink::kFaint, line, options_.colour);
    out_ += '\n';
  }

  void write_comment(std::size_t i) {
    const auto [index, depth] = places_[i];
    const std::uint32_t own = level(i);
    const bool has_replies = i + 1 < places_.size() && level(i + 1) > own;
    write_gap(own);
    bar_at_[own] = sibling_below_[i];
    write_bars(own);
    if (own > 0) paint_guide(out_, own, sibling_below_[i] ? glyphs_.branch : glyphs_.corner, options_.colour);
    append_headline(out_, comments_, index, depth > own, width_ - static_cast<int>(own) * kLevelColumns, options_);
    out_ += '\n';

    const int left = static_cast<int>(own) * kLevelColumns + kBarColumns;
    const int columns = std::min(width_ - left, kTextColumnsMax);
    for (const MessageLine& line : message_lines(comments_.at(index).message, columns, options_.unicode)) {
      write_bars(own + 1);
      if (has_replies) {
        paint_guide(out_, own + 1, glyphs_.bar, options_.colour);
      } else if (!line.text.empty()) {
        out_ += ' ';
      }
      if (!line.text.empty()) out_ += ' ';
      append_message_line(out_, line, options_.colour);
      end_line();
    }
  }

  // The line before a comment: only what leads down to it.
  void write_gap(std::uint32_t own) {
    if (own > 0) {
      write_bars(own);
      paint_guide(out_, own, glyphs_.bar, options_.colour);
    }
    end_line();
  }

  // The bars of the levels 1 … below `level`.
  void write_bars(std::uint32_t level) {
    for (std::uint32_t i = 1; i < level; ++i) {
      if (bar_at_[i]) {
        paint_guide(out_, i, glyphs_.bar, options_.colour);
        out_ += "  ";
      } else {
        out_ += "   ";
      }
    }
  }

  // Without blanks at its end.
  void end_line() {
    while (out_.ends_with(' ')) out_.pop_back();
    out_ += '\n';
  }

  const Comments& comments_;
  const ThreadTextOptions& options_;
  const Glyphs& glyphs_;
  const int width_;
  const std::uint32_t deepest_;  // level at which indentation ends
  const std::vector<CommentPlace> places_;
  std::vector<bool> sibling_below_;
  std::array<bool, kLevelsMax + 1> bar_at_{};  // of the ancestor at each level: has it a sibling below?
  std::string out_;
};

}  // namespace

std::string thread_text(const Comments& comments, const ThreadTextOptions& options) {
  return ThreadPage(comments, options).write();
}

}  // namespace xylem
