# SPDX-License-Identifier: BSD-3-Clause
# Flags of the kernels: src/kernels/kernels_<isa>.c is compiled for its instruction set, everything else for the baseline.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(MLSOAP_ISA_FLAGS_avx2 -mavx2 -mfma)
  set(MLSOAP_ISA_FLAGS_avx512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma -mprefer-vector-width=512)
endif()
