# What makes a build quick: a compiler cache where one is installed, and LLVM's linker where the
# compilers find it, which they do by the name ld.lld alone.
find_program(CCACHE NAMES ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(LLD NAMES ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()
