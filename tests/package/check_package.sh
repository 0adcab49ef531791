#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The installed package: consumers by find_package and by pkg-config, the header alone as C11 and C++17, no symbol exported
# but the public ones, nothing of the build tree inside.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$BUILD_DIR/package
prefix=$work/prefix
fail() { echo "FAIL: $*" >&2; exit 1; }
rm -rf "$work"
mkdir -p "$work"

cmake --install "$BUILD_DIR" --prefix "$prefix" >"$work/install.log"
library=$(find "$prefix" -name libmlsoap.so)
[ -n "$library" ] || fail "no libmlsoap.so was installed"
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "$library")

cmake -S "$here/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" >"$work/configure.log"
cmake --build "$work/consumer" >"$work/build.log"
"$work/consumer/consumer_c" || fail "the C consumer of the CMake package"
"$work/consumer/consumer_cxx" || fail "the C++ consumer of the CMake package"

export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name mlsoap.pc)")
# shellcheck disable=SC2046
cc -std=c11 -Wall -Wextra -Werror -o "$work/by_pkg_config" "$here/consumer/consumer.c" $(pkg-config --cflags --libs mlsoap)
"$work/by_pkg_config" || fail "the consumer by pkg-config"
[ "$(pkg-config --modversion mlsoap)" = "$("$work/by_pkg_config" | cut -d' ' -f1)" ] || fail "versions differ"

header=$prefix/include/mlsoap.h
cc -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c "$header" || fail "the header alone as C11"
c++ -std=c++17 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ "$header" || fail "the header alone as C++17"

foreign=$(nm -D --defined-only "$library" | awk '$3 !~ /^mlsoap_/ { print $3 }')
[ -z "$foreign" ] || fail "the shared library exports: $foreign"
readelf -d "$library" | grep -q 'SONAME.*libmlsoap\.so\.' || fail "the library has no versioned SONAME"
unresolved=$(ldd -r "$library" 2>&1 | grep -E 'undefined symbol|not found' || :)
[ -z "$unresolved" ] || fail "$unresolved"
# The prefix lies inside the build folder here; what is relocatable is checked by moving it.
mv "$prefix" "$work/moved"
cmake -S "$here/consumer" -B "$work/consumer_moved" -DCMAKE_PREFIX_PATH="$work/moved" >"$work/configure_moved.log"
cmake --build "$work/consumer_moved" >"$work/build_moved.log"
prefix=$work/moved
LD_LIBRARY_PATH=$(dirname "$(find "$prefix" -name libmlsoap.so)")
"$work/consumer_moved/consumer_c" || fail "the consumer of the package that was moved"

for program in mlsoap mlsoap-train; do
    [ -x "$prefix/bin/$program" ] || fail "$program was not installed"
    "$prefix/bin/$program" --version >/dev/null || fail "the installed $program does not start"
done
