# Debian ships llhttp as generated C inside node-llhttp. The strict machine refuses what request smuggling lives on.
find_path(LLHTTP_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp REQUIRED NO_DEFAULT_PATH)
find_path(LLHTTP_INCLUDE_DIR llhttp.h PATHS /usr/share/include/llhttp REQUIRED NO_DEFAULT_PATH)
add_library(llhttp STATIC ${LLHTTP_SOURCE_DIR}/api.c ${LLHTTP_SOURCE_DIR}/http.c ${LLHTTP_SOURCE_DIR}/llhttp.c)
target_compile_definitions(llhttp PRIVATE LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp PRIVATE -O2 -w)
target_include_directories(llhttp SYSTEM PRIVATE ${LLHTTP_INCLUDE_DIR}
                           INTERFACE $<BUILD_INTERFACE:${LLHTTP_INCLUDE_DIR}>)
set_target_properties(llhttp PROPERTIES OUTPUT_NAME xylem_llhttp POSITION_INDEPENDENT_CODE ON)
xylem_install_library(llhttp)
