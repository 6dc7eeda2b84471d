# What Xylem builds with; each line has its reason in docs/decisions/. Debian 12 has all of it (deploy/install-deps).
#
# The list is read twice: by the build, and, installed beside XylemConfig.cmake, by a program that finds the package.
# Each side says before what a missing one means: xylem_needs(package …) and xylem_needs_module(target pkg-config-name).
xylem_needs(PkgConfig)
xylem_needs(Threads)
xylem_needs(Protobuf)
xylem_needs(OpenSSL 3 COMPONENTS Crypto)
xylem_needs(fmt)
xylem_needs(spdlog)
xylem_needs(tl-expected)
xylem_needs(nlohmann_json)
xylem_needs(simdjson)
xylem_needs(CLI11)
xylem_needs_module(sodium libsodium)
xylem_needs_module(zstd libzstd)
xylem_needs_module(uv libuv)
xylem_needs_module(cares libcares)
xylem_needs_module(curl libcurl)
xylem_needs_module(tomlplusplus tomlplusplus)
