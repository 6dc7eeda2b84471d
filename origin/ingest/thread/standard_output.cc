#include "origin/ingest/thread/standard_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace xylem {

void StandardOutput::flush() {
  for (std::string_view rest = text_; !rest.empty() && open();) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  text_.clear();
}

Result<void> StandardOutput::finish() {
  flush();
  if (open() || error_ == EPIPE) return {};
  return fail(ErrorCode::kIo, std::string("standard output: ") + std::strerror(error_));
}

}  // namespace xylem
