/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole files; see file.h. */
#define _GNU_SOURCE
#define ZLIB_CONST
#include "core/file.h"

#include "core/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER_SIZE = 1 << 16, CHUNK = 1 << 20, NAMES_TO_TRY = 1000 };

struct file_writer {
    char *path;      /**< the target, symbolic links resolved */
    char *temporary; /**< NULL: the target is written directly */
    int descriptor;
    size_t n_buffered;
    char buffer[BUFFER_SIZE];
};

/* ---------------------------------------------------------------------------------------------------- reading */

static mlsoap_status fail_errno(mlsoap_error *error, const char *path, const char *what)
{
    char reason[128];
    return status_fail_at(error, MLSOAP_ERROR_FILE, path, 0, "%s: %s", what, strerror_r(errno, reason, sizeof reason));
}

/* Read all of a descriptor; `expected` is the size of a regular file, only a hint. */
static mlsoap_status read_all(int descriptor, const char *path, size_t expected, char **bytes, size_t *n_bytes,
                              mlsoap_error *error)
{
    size_t capacity = 0, n = 0;
    *bytes = NULL;
    for (;;) {
        size_t wanted = n + 1 < expected ? expected + 2 : n + CHUNK;
        if (capacity < n + 2 && !MEMORY_RESERVE(bytes, &capacity, wanted))
            return status_prefix(error, status_no_memory(error, wanted, "the contents of the file"), "%s", path);
        size_t room = capacity - n - 1;
        ssize_t got = read(descriptor, *bytes + n, room < SSIZE_MAX ? room : SSIZE_MAX);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(error, path, "cannot read");
        if (got == 0) break;
        n += (size_t)got;
    }
    (*bytes)[n] = '\0';
    *n_bytes = n;
    return MLSOAP_SUCCESS;
}

mlsoap_status file_read(const char *path, int unpack, char **bytes, size_t *n_bytes, mlsoap_error *error)
{
    struct stat info;
    *bytes = NULL;
    *n_bytes = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return fail_errno(error, path, "cannot open");
    mlsoap_status status = MLSOAP_SUCCESS;
    if (fstat(descriptor, &info) != 0)
        status = fail_errno(error, path, "cannot read");
    else if (S_ISDIR(info.st_mode))
        status = status_fail_at(error, MLSOAP_ERROR_FILE, path, 0, "this is a folder; a file is needed");
    else
        status = read_all(descriptor, path, S_ISREG(info.st_mode) ? (size_t)info.st_size : 0, bytes, n_bytes, error);
    close(descriptor);
    if (!status && unpack) status = file_unpack(path, bytes, n_bytes, error);
    if (status) {
        memory_free(*bytes);
        *bytes = NULL;
        *n_bytes = 0;
    }
    return status;
}

/* ---------------------------------------------------------------------------------------------------- gzip */

static void *zlib_new(void *context, unsigned count, unsigned size)
{
    (void)context;
    return memory_new(count, size);
}

static void zlib_free(void *context, void *pointer)
{
    (void)context;
    memory_free(pointer);
}

static bool is_gzip(const char *bytes, size_t n)
{
    return n >= 2 && (unsigned char)bytes[0] == 0x1f && (unsigned char)bytes[1] == 0x8b;
}

/* Inflate one member, appending to out; *used is how much of the input it took. Returns a zlib status. */
static int inflate_member(z_stream *z, const char *bytes, size_t n_bytes, size_t *used, char **out, size_t *capacity,
                          size_t *n_out)
{
    *used = 0;
    for (int result = Z_OK; result != Z_STREAM_END;) {
        if (*capacity < *n_out + 2 && !MEMORY_RESERVE(out, capacity, *n_out + CHUNK)) return Z_MEM_ERROR;
        size_t room = *capacity - *n_out - 1, left = n_bytes - *used;
        z->next_in = (const Bytef *)(bytes + *used);
        z->avail_in = (uInt)(left < INT_MAX ? left : INT_MAX);
        z->next_out = (Bytef *)(*out + *n_out);
        z->avail_out = (uInt)(room < INT_MAX ? room : INT_MAX);
        uInt in = z->avail_in, produced = z->avail_out;
        result = inflate(z, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END) return result;
        *used += in - z->avail_in;
        *n_out += produced - z->avail_out;
        if (result == Z_OK && *used == n_bytes && z->avail_out > 0) return Z_BUF_ERROR; /* truncated */
    }
    return Z_OK;
}

static mlsoap_status fail_gzip(const char *name, int result, mlsoap_error *error)
{
    if (result == Z_MEM_ERROR)
        return status_prefix(error, status_no_memory(error, CHUNK, "the unpacked contents"), "%s", name);
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0, "broken gzip data: %s",
                          result == Z_BUF_ERROR ? "the file is truncated" : "damaged, or not gzip throughout");
}

mlsoap_status file_unpack(const char *name, char **bytes, size_t *n_bytes, mlsoap_error *error)
{
    if (!is_gzip(*bytes, *n_bytes)) return MLSOAP_SUCCESS;
    char *out = NULL;
    size_t capacity = 0, n_out = 0, position = 0;
    z_stream z = {.zalloc = zlib_new, .zfree = zlib_free};
    int result = inflateInit2(&z, 15 + 16); /* gzip header and checksum */
    if (result != Z_OK) return fail_gzip(name, result, error);
    while (result == Z_OK && position < *n_bytes) {
        size_t used;
        result = inflate_member(&z, *bytes + position, *n_bytes - position, &used, &out, &capacity, &n_out);
        position += used;
        if (result == Z_OK) result = inflateReset(&z);
    }
    inflateEnd(&z);
    if (result != Z_OK) {
        memory_free(out);
        return fail_gzip(name, result, error);
    }
    out[n_out] = '\0';
    memory_free(*bytes);
    *bytes = out;
    *n_bytes = n_out;
    return MLSOAP_SUCCESS;
}

/* ---------------------------------------------------------------------------------------------------- writing */

/* The target with symbolic links resolved, so that the rename replaces the file and not the link. */
static char *resolve(const char *path)
{
    char *resolved = realpath(path, NULL);
    char *copy = memory_copy_text(resolved ? resolved : path);
    free(resolved);
    return copy;
}

/* Create "<path>.part-<pid>-<n>" beside the target with the mode of the file it will replace. */
static mlsoap_status open_temporary(file_writer *w, const struct stat *old, mlsoap_error *error)
{
    size_t size = strlen(w->path) + 64;
    w->temporary = MEMORY_NEW(char, size);
    if (!w->temporary) return status_no_memory(error, size, "a file name");
    for (int n = 0; n < NAMES_TO_TRY; n++) {
        snprintf(w->temporary, size, "%s.part-%ld-%d", w->path, (long)getpid(), n);
        w->descriptor = open(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (w->descriptor >= 0 || errno != EEXIST) break;
    }
    if (w->descriptor < 0) {
        mlsoap_status status = fail_errno(error, w->path, "cannot write here");
        memory_free(w->temporary);
        w->temporary = NULL;
        return status;
    }
    if (old && fchmod(w->descriptor, old->st_mode & 07777) != 0)
        return fail_errno(error, w->path, "cannot keep the mode of the file");
    return MLSOAP_SUCCESS;
}

mlsoap_status file_writer_open(const char *path, file_writer **writer, mlsoap_error *error)
{
    struct stat info;
    *writer = NULL;
    file_writer *w = MEMORY_NEW(file_writer, 1);
    if (!w) return status_no_memory(error, sizeof *w, "a file to write");
    w->descriptor = -1;
    w->path = resolve(path);
    mlsoap_status status = MLSOAP_SUCCESS;
    bool exists = stat(path, &info) == 0;
    if (!w->path) {
        status = status_no_memory(error, strlen(path) + 1, "a file name");
    } else if (exists && S_ISDIR(info.st_mode)) {
        status =
            status_fail_at(error, MLSOAP_ERROR_FILE, path, 0, "cannot write: this is a folder; a file name is needed");
    } else if (exists && !S_ISREG(info.st_mode)) {
        w->descriptor = open(path, O_WRONLY | O_CLOEXEC);
        if (w->descriptor < 0) status = fail_errno(error, path, "cannot write");
    } else {
        status = open_temporary(w, exists ? &info : NULL, error);
    }
    if (status)
        file_writer_discard(w);
    else
        *writer = w;
    return status;
}

static mlsoap_status write_all(file_writer *w, const char *bytes, size_t n_bytes, mlsoap_error *error)
{
    while (n_bytes > 0) {
        ssize_t n = write(w->descriptor, bytes, n_bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(error, w->path, "cannot write");
        bytes += n;
        n_bytes -= (size_t)n;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status flush(file_writer *w, mlsoap_error *error)
{
    size_t n = w->n_buffered;
    w->n_buffered = 0;
    return write_all(w, w->buffer, n, error);
}

mlsoap_status file_writer_write(file_writer *w, const void *bytes, size_t n_bytes, mlsoap_error *error)
{
    if (n_bytes > BUFFER_SIZE - w->n_buffered) {
        mlsoap_status status = flush(w, error);
        if (status) return status;
    }
    if (n_bytes > BUFFER_SIZE) return write_all(w, bytes, n_bytes, error);
    if (n_bytes > 0) memcpy(w->buffer + w->n_buffered, bytes, n_bytes);
    w->n_buffered += n_bytes;
    return MLSOAP_SUCCESS;
}

mlsoap_status file_writer_print(file_writer *w, mlsoap_error *error, const char *format, ...)
{
    char line[1024], *text = line;
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (n < 0)
        return status_fail(error, MLSOAP_ERROR_INTERNAL, "cannot format a line of %s: please report it", w->path);
    if ((size_t)n >= sizeof line) {
        text = MEMORY_NEW(char, (size_t)n + 1);
        if (!text) return status_no_memory(error, (size_t)n + 1, "a line of text");
        va_start(arguments, format);
        vsnprintf(text, (size_t)n + 1, format, arguments);
        va_end(arguments);
    }
    mlsoap_status status = file_writer_write(w, text, (size_t)n, error);
    if (text != line) memory_free(text);
    return status;
}

/* fsync of the folder makes the rename last through a power cut; file systems that cannot do it are let off. */
static void sync_folder(char *path)
{
    int descriptor = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    fsync(descriptor);
    close(descriptor);
}

mlsoap_status file_writer_commit(file_writer *w, mlsoap_error *error)
{
    mlsoap_status status = flush(w, error);
    if (!status && w->temporary && fsync(w->descriptor) != 0) status = fail_errno(error, w->path, "cannot write");
    int closed = close(w->descriptor);
    w->descriptor = -1;
    if (!status && closed != 0) status = fail_errno(error, w->path, "cannot write");
    if (!status && w->temporary) {
        if (rename(w->temporary, w->path) != 0) {
            status = fail_errno(error, w->path, "cannot replace the file");
        } else {
            memory_free(w->temporary);
            w->temporary = NULL;
            sync_folder(w->path);
        }
    }
    file_writer_discard(w);
    return status;
}

void file_writer_discard(file_writer *w)
{
    if (!w) return;
    if (w->descriptor >= 0) close(w->descriptor);
    if (w->temporary) unlink(w->temporary);
    memory_free(w->temporary);
    memory_free(w->path);
    memory_free(w);
}

void file_remove_leftovers(const char *path)
{
    char *folder = resolve(path), *name = resolve(path);
    DIR *entries = folder && name ? opendir(dirname(folder)) : NULL;
    const char *base = name ? basename(name) : NULL;
    for (struct dirent *e; entries && (e = readdir(entries));) {
        long pid;
        int n, end = 0;
        size_t length = strlen(base);
        if (strncmp(e->d_name, base, length) != 0) continue;
        if (sscanf(e->d_name + length, ".part-%ld-%d%n", &pid, &n, &end) != 2 || e->d_name[length + (size_t)end])
            continue;
        if (pid <= 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH) continue;
        unlinkat(dirfd(entries), e->d_name, 0);
    }
    if (entries) closedir(entries);
    memory_free(folder);
    memory_free(name);
}

mlsoap_status file_write(const char *path, const void *bytes, size_t n_bytes, mlsoap_error *error)
{
    file_writer *writer;
    mlsoap_status status = file_writer_open(path, &writer, error);
    if (status) return status;
    status = file_writer_write(writer, bytes, n_bytes, error);
    if (!status) return file_writer_commit(writer, error);
    file_writer_discard(writer);
    return status;
}
