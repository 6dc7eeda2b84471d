# How targets are made. xylem_flags carries every flag; xylem_library and xylem_program are the only ways to a target
# of ours (tests have their own in tests/), so each is built, installed and exported alike, without a second list.
add_library(xylem_flags INTERFACE)
target_compile_features(xylem_flags INTERFACE cxx_std_20)
target_include_directories(xylem_flags INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                 $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/xylem>)
target_compile_options(xylem_flags INTERFACE "$<BUILD_INTERFACE:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;\
-Wnon-virtual-dtor;-Woverloaded-virtual;-Wimplicit-fallthrough;-fno-omit-frame-pointer>")
# g++ (not clang) warns of designated initializers that leave members at their default, which is what they are for.
target_compile_options(xylem_flags INTERFACE
  $<BUILD_INTERFACE:$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-missing-field-initializers>>)
# Every byte from a peer is hostile: a mistake of ours shall end the process, not hand it over.
target_compile_definitions(xylem_flags INTERFACE $<BUILD_INTERFACE:_GLIBCXX_ASSERTIONS>)
target_compile_options(xylem_flags INTERFACE "$<BUILD_INTERFACE:-fstack-protector-strong>"
  "$<BUILD_INTERFACE:$<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>>")
target_link_options(xylem_flags INTERFACE "$<BUILD_INTERFACE:LINKER:-z,relro,-z,now>")
if(XYLEM_SANITIZE)
  target_compile_options(xylem_flags INTERFACE
    "$<BUILD_INTERFACE:-fsanitize=${XYLEM_SANITIZE};-fno-sanitize-recover=all>")
  # The code that sanitizers add hides from g++ what is initialized (GCC bug 105562 and others); they look themselves.
  target_compile_options(xylem_flags INTERFACE
    $<BUILD_INTERFACE:$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>>)
  target_link_options(xylem_flags INTERFACE "$<BUILD_INTERFACE:-fsanitize=${XYLEM_SANITIZE}>")
endif()
if(XYLEM_FUZZ)
  target_compile_options(xylem_flags INTERFACE $<BUILD_INTERFACE:-fsanitize=fuzzer-no-link>)
endif()

# Everything but programs and tests, e.g. to see that another compiler takes it.
add_custom_target(xylem_libraries)

# xylem_install_library(target): into lib/ and the package's targets.
function(xylem_install_library target)
  add_dependencies(xylem_libraries ${target})
  install(TARGETS ${target} EXPORT XylemTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()
install(TARGETS xylem_flags EXPORT XylemTargets)

# xylem_library(NAME folder-name SOURCES … DEPS … PRIVATE_DEPS …): one static library per folder, xylem_NAME, alias
# xylem::NAME. Its headers are installed under include/xylem/ with the path they are included by; generated ones are
# nobody's business but the library's.
function(xylem_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(xylem_${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(xylem::${ARG_NAME} ALIAS xylem_${ARG_NAME})
  set_target_properties(xylem_${ARG_NAME} PROPERTIES EXPORT_NAME ${ARG_NAME} POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(xylem_${ARG_NAME} PUBLIC xylem_flags ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})

  # Several sources at a time, in half the time. The release build sees that each stands alone.
  set_target_properties(xylem_${ARG_NAME} PROPERTIES UNITY_BUILD ${XYLEM_UNITY})

  xylem_install_library(xylem_${ARG_NAME})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  file(GLOB headers CONFIGURE_DEPENDS *.h)
  install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xylem/${folder})
endfunction()

# xylem_program(NAME xylem-relay SOURCES … DEPS …): an installed program.
function(xylem_program)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE xylem_flags ${ARG_DEPS})
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  install(TARGETS ${ARG_NAME} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
