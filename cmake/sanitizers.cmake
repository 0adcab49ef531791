# SPDX-License-Identifier: BSD-3-Clause
# MLSOAP_SANITIZE=address,undefined instruments everything that is built.
if(MLSOAP_SANITIZE)
  add_compile_options(-fsanitize=${MLSOAP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MLSOAP_SANITIZE})
endif()
