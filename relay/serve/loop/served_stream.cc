#include "relay/serve/loop/served_stream.h"

#include <fcntl.h>
#include <sys/sendfile.h>

#include <cerrno>

#include "relay/serve/loop/serving_loop.h"

namespace xylem {

ServedStream::ServedStream(ServingLoop& loop, TcpStream stream) : loop_(loop), stream_(std::move(stream)) {
  stream_.set_events(*this);
}

void ServedStream::open() {
  loop_.call([&](ServeCore& core, MonoTime now) {
    id_ = core.open(*this, stream_.peer_address(), now);
    if (!released_) stream_.read_start();
  });
}

void ServedStream::on_bytes(ByteView bytes) {
  loop_.call([&](ServeCore& core, MonoTime now) { core.on_bytes(id_, bytes, now); });
}

void ServedStream::on_end() {
  loop_.call([&](ServeCore& core, MonoTime now) { core.on_end(id_, now); });
}

void ServedStream::on_drained() {
  loop_.call([&](ServeCore& core, MonoTime now) { core.on_drained(id_, now); });
}

void ServedStream::on_error(const Error&) {
  loop_.call([&](ServeCore&, MonoTime) { fail(); });
}

void ServedStream::on_writable() {
  loop_.call([&](ServeCore& core, MonoTime now) {
    push_file();
    if (!failed_ && queued_bytes() == 0) core.on_drained(id_, now);
  });
}

void ServedStream::send(std::span<const SharedBytes> pieces) {
  if (failed_) return;
  if (file_ == nullptr) {
    if (!stream_.write(pieces)) fail();
    return;
  }
  for (const SharedBytes& piece : pieces) file_->behind_bytes += piece.size();
  file_->behind.insert(file_->behind.end(), pieces.begin(), pieces.end());
}

void ServedStream::send_file(const ColdRun& run) {
  if (failed_) return;
  file_ = std::make_unique<FileOut>();
  file_->rest = run;
  // What comes after it is asked for next: let the disk begin.
  ::posix_fadvise(run.file->descriptor(), static_cast<off_t>(run.offset), static_cast<off_t>(2 * run.bytes),
                  POSIX_FADV_WILLNEED);
  push_file();
}

void ServedStream::push_file() {
  ColdRun& rest = file_->rest;
  while (rest.bytes > 0) {
    auto offset = static_cast<off_t>(rest.offset);
    const ssize_t sent = ::sendfile(stream_.fd(), rest.file->descriptor(), &offset, rest.bytes);
    if (sent > 0) {
      rest.offset += static_cast<std::uint64_t>(sent);
      rest.bytes -= static_cast<std::size_t>(sent);
    } else if (sent < 0 && errno == EINTR) {
      continue;
    } else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!stream_.notify_writable()) fail();
      return;
    } else {
      return fail();  // also a file that is shorter than its index says
    }
  }
  finish_file();
}

void ServedStream::finish_file() {
  const std::unique_ptr<FileOut> file = std::move(file_);
  if (!file->behind.empty()) send(file->behind);
}

std::size_t ServedStream::queued_bytes() const {
  if (failed_ || released_) return 0;
  return stream_.queued_bytes() + (file_ == nullptr ? 0 : file_->rest.bytes + file_->behind_bytes);
}

void ServedStream::set_reading(bool on) {
  if (failed_ || released_) return;
  on ? stream_.read_start() : stream_.read_stop();
}

void ServedStream::close() {
  if (!failed_ && file_ == nullptr) loop_.lingering_.add(std::move(stream_));
  abort();
}

void ServedStream::abort() {
  stream_.close();
  file_.reset();
  released_ = true;
  loop_.finished_.push_back(this);
}

void ServedStream::fail() {
  if (failed_ || released_) return;
  failed_ = true;
  file_.reset();
  stream_.close();
  loop_.failed_.push_back(this);
}

}  // namespace xylem
