/* SPDX-License-Identifier: BSD-3-Clause */
/** @file file.h
 *  Whole files in and out. Reading: plain or gzip, by content. Writing: to a temporary file beside the target, fsync,
 *  rename; the old file stays intact unless the new one is complete. */
#ifndef MLSOAP_FILE_H
#define MLSOAP_FILE_H

#include "core/status.h"

/** Read a file (gzip is unpacked when `unpack` is true and the content says so).
 *  @param[out] bytes [*n_bytes + 1], zero-terminated, to be freed with memory_free
 *  Errors: MLSOAP_ERROR_FILE (missing, a folder, not readable), _FORMAT (broken gzip), _MEMORY. */
mlsoap_status file_read(const char *path, int unpack, char **bytes, size_t *n_bytes, mlsoap_error *error);

/** Unpack gzip in memory (one or more members) where the content says so; other bytes stay as they are.
 *  @param[in,out] bytes, n_bytes  from file_read; replaced, or unchanged on failure   @param[in] name for messages */
mlsoap_status file_unpack(const char *name, char **bytes, size_t *n_bytes, mlsoap_error *error);

/** A file being written. */
typedef struct file_writer file_writer;

/** Begin to write `path`; nothing of the target changes until file_writer_commit. A symbolic link is followed; a target
 *  that is not a regular file (/dev/stdout, a pipe) is written directly. Errors: MLSOAP_ERROR_FILE (no such folder, no
 *  right to write, a folder), _MEMORY; of the calls below: _FILE (full disk), _MEMORY. */
mlsoap_status file_writer_open(const char *path, file_writer **writer, mlsoap_error *error);
mlsoap_status file_writer_write(file_writer *writer, const void *bytes, size_t n_bytes, mlsoap_error *error);
mlsoap_status file_writer_print(file_writer *writer, mlsoap_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Flush, fsync, rename, fsync the folder. Frees the writer, also on failure (then the temporary file is gone). */
mlsoap_status file_writer_commit(file_writer *writer, mlsoap_error *error);
/** Give up: remove the temporary file. NULL-safe. */
void file_writer_discard(file_writer *writer);

/** Remove what writers of `path` left behind whose processes were killed; files that a running process of this machine
 *  writes stay. Failures are ignored. */
void file_remove_leftovers(const char *path);

/** Open, write, commit. */
mlsoap_status file_write(const char *path, const void *bytes, size_t n_bytes, mlsoap_error *error);

#endif
