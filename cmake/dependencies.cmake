# SPDX-License-Identifier: BSD-3-Clause
# Everything that is looked for on the machine (Debian names in tests/support/setup.sh).
find_package(PkgConfig REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(LIBMD REQUIRED IMPORTED_TARGET libmd)
if(MLSOAP_BUILD_TOOLS)
  find_package(OpenMP REQUIRED COMPONENTS C)
  pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET libfyaml)
  pkg_check_modules(LAPACKE REQUIRED IMPORTED_TARGET lapacke)
  pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
endif()
