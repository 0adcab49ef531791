# SPDX-License-Identifier: BSD-3-Clause
# Interface target mlsoap_warnings: what all our code is compiled with.
add_library(mlsoap_warnings INTERFACE)
target_compile_options(mlsoap_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wvla -Wformat=2
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
  # Without these three the compiler keeps errno and traps of sqrt alive, and vector loops suffer; NaN and infinity stay.
  -fno-math-errno -fno-trapping-math -ffp-contract=fast
  $<$<BOOL:${MLSOAP_WARNINGS_AS_ERRORS}>:-Werror>)
