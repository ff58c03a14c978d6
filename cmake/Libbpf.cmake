# The one place that says which libbpf is used.
#
# struct_ops links and arenas need libbpf 1.4 or newer. Where the distribution has one (Debian 13:
# 1.5), it is taken. Where it does not (Debian 12: 1.1), packaging/build_libbpf.sh builds release
# 1.5.0 from Debian's own signed source package into build/deps/libbpf, and that is taken.
find_package(PkgConfig REQUIRED)
set(LIBBPF_BUILT ${PROJECT_SOURCE_DIR}/build/deps/libbpf)
add_library(bpf INTERFACE)
pkg_check_modules(LIBBPF QUIET IMPORTED_TARGET libbpf>=1.4)
if(LIBBPF_FOUND)
  target_link_libraries(bpf INTERFACE PkgConfig::LIBBPF)
  set(LIBBPF_HEADERS /usr/include)
elseif(EXISTS ${LIBBPF_BUILT}/lib/libbpf.a)
  target_include_directories(bpf SYSTEM INTERFACE ${LIBBPF_BUILT}/include)
  target_link_libraries(bpf INTERFACE ${LIBBPF_BUILT}/lib/libbpf.a elf z)
  set(LIBBPF_HEADERS ${LIBBPF_BUILT}/include)
else()
  message(FATAL_ERROR "No libbpf 1.4 or newer: run packaging/build_libbpf.sh, or `make build`.")
endif()
