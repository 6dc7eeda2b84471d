// A real Knot DNS server with one zone, on loopback and a free port, its files in a folder of the test's own.
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <string>

#include "client/uv/socket_address.h"
#include "tests/unit/discovery/temporary_folder.h"

namespace xylem {

class Knot {
 public:
  static constexpr const char* kProgram = "/usr/sbin/knotd";
  static bool installed() { return ::access(kProgram, X_OK) == 0; }

  // `records` are lines of a zone file, names relative to `zone`.
  Knot(const std::string& zone, const std::string& records) : zone_(zone), address_(free_address()) {
    std::ofstream(folder_.path() / "knot.conf")
        << "server:\n  listen: 127.0.0.1@" << address_.port() << "\n  rundir: " << folder_.path().string()
        << "\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n"
        << "control:\n  listen: " << (folder_.path() / "knot.sock").string() << "\n"
        << "database:\n  storage: " << (folder_.path() / "db").string() << "\n"
        << "log:\n  - target: stderr\n    any: warning\n"
        << "zone:\n  - domain: " << zone << "\n    storage: " << folder_.path().string()
        << "\n    file: zone\n    zonefile-load: whole\n    journal-content: none\n    zonefile-sync: -1\n";
    write_zone(records);
    start();
  }
  ~Knot() { stop(); }
  Knot(const Knot&) = delete;
  Knot& operator=(const Knot&) = delete;

  const SocketAddress& address() const { return address_; }

  void change(const std::string& records) {
    write_zone(records);
    ::kill(process_, SIGHUP);
  }
  void stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
  }
  std::string log() const {
    std::ifstream file(folder_.path() / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  // A port that is free for UDP and TCP now; nobody keeps it for us, but the kernel hands out others first.
  static SocketAddress free_address() {
    while (true) {
      const int tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      sockaddr_storage any;
      socklen_t size = SocketAddress::v4({127, 0, 0, 1}, 0).to_sockaddr(any);
      auto* address = reinterpret_cast<sockaddr*>(&any);
      const bool free =
          ::bind(tcp, address, size) == 0 && ::getsockname(tcp, address, &size) == 0 && ::bind(udp, address, size) == 0;
      ::close(tcp);
      ::close(udp);
      if (free) return SocketAddress::from(*address);
    }
  }

  void write_zone(const std::string& records) {
    std::ofstream(folder_.path() / "zone") << "$ORIGIN " << zone_ << ".\n$TTL 1\n@ SOA ns hostmaster " << ++serial_
                                           << " 60 60 600 1\n@ NS ns\nns A 127.0.0.1\n"
                                           << records;
  }

  void start() {
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives the test
    const int log = ::open((folder_.path() / "log").c_str(), O_CREAT | O_WRONLY, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execl(kProgram, kProgram, "-c", (folder_.path() / "knot.conf").c_str(), nullptr);
    ::_exit(127);
  }

  const TemporaryFolder folder_;
  const std::string zone_;
  const SocketAddress address_;
  int serial_ = 0;
  pid_t process_ = -1;
};

}  // namespace xylem
