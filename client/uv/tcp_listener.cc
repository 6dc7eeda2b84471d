#include "client/uv/tcp_listener.h"

namespace xylem {
namespace {

int set_reuse_port(const uv_tcp_t& uv) {
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<const uv_handle_t*>(&uv), &fd);
  const int on = 1;
  return ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0 ? 0 : -errno;
}

}  // namespace

Result<TcpListener> TcpListener::listen(Loop& loop, const SocketAddress& address, const ListenOptions& options,
                                        OnConnection on_connection) {
  sockaddr_storage to;
  address.to_sockaddr(to);
  TcpListener out;
  auto state = std::make_unique<State>(State{{}, options.stream, std::move(on_connection), 0});
  int status =
      out.handle_.open(std::move(state), [&](uv_tcp_t* uv) { return uv_tcp_init_ex(loop.raw(), uv, to.ss_family); });
  if (status == 0 && options.reuse_port) status = set_reuse_port(out.handle_->uv);
  if (status == 0) {
    const unsigned flags = options.v6_only && !address.is_v4() ? unsigned{UV_TCP_IPV6ONLY} : 0U;
    status = uv_tcp_bind(&out.handle_->uv, reinterpret_cast<const sockaddr*>(&to), flags);
  }
  if (status == 0) status = uv_listen(out.stream(), options.backlog, &TcpListener::on_uv_connection);
  if (status != 0) return fail(uv_error(status, "listen on " + address.to_string()));
  return out;
}

void TcpListener::on_uv_connection(uv_stream_t* uv, int status) {
  State& state = Handle<State>::of(uv);
  Result<TcpStream> stream = fail(ErrorCode::kIo);
  if (status == 0) stream = TcpStream::open(Loop::of(uv->loop), AF_UNSPEC);
  if (!stream || uv_accept(uv, stream->handle_->stream()) != 0) {
    ++state.accept_errors;
    return;
  }
  stream->set_options(state.stream);
  state.on_connection(std::move(*stream));
}

SocketAddress TcpListener::address() const {
  sockaddr_storage address{};
  int size = sizeof(address);
  uv_tcp_getsockname(&handle_->uv, reinterpret_cast<sockaddr*>(&address), &size);
  return SocketAddress::from(reinterpret_cast<const sockaddr&>(address));
}

}  // namespace xylem
