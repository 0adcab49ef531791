# SPDX-License-Identifier: BSD-3-Clause
# MLSOAP_SANITIZE=address,undefined instruments everything that is built.
if(MLSOAP_SANITIZE)
  add_compile_options(-fsanitize=${MLSOAP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  # gcc 12 warns of uninitialized parts of std::function in <regex> once sanitizers have changed the code.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${MLSOAP_SANITIZE})
endif()
