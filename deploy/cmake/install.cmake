# `cmake --install`: programs, libraries and headers are registered where they are made (targets.cmake); this adds the
# package that find_package(Xylem) reads.
include(CMakePackageConfigHelpers)
set(xylem_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Xylem)

install(EXPORT XylemTargets NAMESPACE xylem:: DESTINATION ${xylem_package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/XylemConfig.cmake.in ${PROJECT_BINARY_DIR}/XylemConfig.cmake
                              INSTALL_DESTINATION ${xylem_package_dir})
# Before 1.0 a minor version may change the API.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/XylemConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/XylemConfig.cmake ${PROJECT_BINARY_DIR}/XylemConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake DESTINATION ${xylem_package_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/xylem)
