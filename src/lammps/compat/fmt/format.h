/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file format.h
 *  Stand-in for the fmt headers that Debian's liblammps-dev of 29Sep2021 includes but does not ship. It declares the
 * few names that those headers mention, so that they parse; the functions that take a format and arguments cannot be
 *  used (call error->all, error->one and utils::logmesg with one finished std::string). */
#ifndef MLSOAP_COMPAT_FMT_FORMAT_H
#define MLSOAP_COMPAT_FMT_FORMAT_H

#include <string>

namespace fmt
{
inline namespace v7_lmp
{

class string_view;
class format_args;

/** Declared only: a call would not link, and does not compile, as both classes are incomplete. */
template <typename... Args, typename S> format_args make_args_checked(const S &format, const Args &...args);

} // namespace v7_lmp
} // namespace fmt

#endif
