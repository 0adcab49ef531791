/* SPDX-License-Identifier: BSD-3-Clause */
/* Checkpoints; see checkpoint.h. The file: MAGIC, the number of records, the records, 64 hexadecimal digits of SHA-256.
 * A record: length of the name, name, number of bytes, bytes; numbers are uint64_t. The first is the fingerprint. */
#include "checkpoint.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char MAGIC[8] = "mlsoapC1", FINGERPRINT[] = "fingerprint";

/* Live parts, or (n_parts = 0) bytes of its own. */
typedef struct record {
    char *name;
    checkpoint_part *parts;
    size_t n_parts;
    char *bytes;
    size_t n_bytes;
} record;

struct checkpoint {
    char *path, *fingerprint;
    double interval, last; /* s */
    checkpoint_ask ask;
    void *ask_context;
    long answered;
    training_log *log;
    const char *advice;
    record *records;
    size_t n, capacity;
};

mlsoap_status checkpoint_new(const checkpoint_settings *settings, checkpoint **out, mlsoap_error *error)
{
    checkpoint *c = MEMORY_NEW(checkpoint, 1);
    char *text = settings->path
                     ? json_dumps(settings->fingerprint, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17))
                     : NULL;
    *out = c;
    if (c) {
        *c = (checkpoint){.path = settings->path ? memory_copy_text(settings->path) : NULL,
                          .fingerprint = text ? memory_copy_text(text) : NULL,
                          .interval = settings->interval,
                          .last = clock_seconds(),
                          .ask = settings->ask,
                          .ask_context = settings->ask_context,
                          .log = settings->log,
                          .advice = settings->advice ? settings->advice
                                                     : "give the same data and settings, or remove the file and start "
                                                       "anew without --resume"};
    }
    free(text);
    if (c && (!settings->path || (c->path && c->fingerprint))) return MLSOAP_SUCCESS;
    checkpoint_free(c);
    *out = NULL;
    return status_no_memory(error, 4096, "the checkpoint");
}

static void record_release(record *r)
{
    memory_free(r->name);
    memory_free(r->parts);
    memory_free(r->bytes);
    *r = (record){0};
}

void checkpoint_free(checkpoint *c)
{
    if (!c) return;
    for (size_t i = 0; i < c->n; i++) record_release(&c->records[i]);
    memory_free(c->records);
    memory_free(c->path);
    memory_free(c->fingerprint);
    memory_free(c);
}

const char *checkpoint_path(const checkpoint *c)
{
    return c->path;
}

static record *find(const checkpoint *c, const char *name)
{
    for (size_t i = 0; c && i < c->n; i++)
        if (strcmp(c->records[i].name, name) == 0) return &c->records[i];
    return NULL;
}

void checkpoint_drop(checkpoint *c, const char *name)
{
    record *r = find(c, name);
    if (!r) return;
    record_release(r);
    *r = c->records[--c->n];
}

size_t checkpoint_count(const checkpoint *c)
{
    return c ? c->n : 0;
}

/* A record under a name that is not there yet, empty. */
static record *add(checkpoint *c, const char *name, mlsoap_error *error)
{
    char *copy = memory_copy_text(name);
    if (!copy || !MEMORY_RESERVE(&c->records, &c->capacity, c->n + 1)) {
        memory_free(copy);
        status_no_memory(error, sizeof(record), "the checkpoint");
        return NULL;
    }
    c->records[c->n] = (record){.name = copy};
    return &c->records[c->n++];
}

static size_t total_bytes(const checkpoint_part *parts, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += parts[i].n_bytes;
    return sum;
}

/* ---------------------------------------------------------------------------------------------- hold, keep, find */

mlsoap_status checkpoint_read(const checkpoint *c, const char *name, const checkpoint_part *parts, size_t n,
                              bool *found, mlsoap_error *error)
{
    const record *r = find(c, name);
    *found = false;
    if (!r || r->n_parts > 0) return MLSOAP_SUCCESS;
    if (r->n_bytes != total_bytes(parts, n))
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, c->path, 0,
                              "the state `%s` has %zu bytes and this run needs %zu: it is of another version of this "
                              "program; %s",
                              name, r->n_bytes, total_bytes(parts, n), c->advice);
    for (size_t i = 0, at = 0; i < n; at += parts[i++].n_bytes)
        if (parts[i].n_bytes) memcpy(parts[i].bytes, r->bytes + at, parts[i].n_bytes);
    *found = true;
    return MLSOAP_SUCCESS;
}

mlsoap_status checkpoint_hold(checkpoint *c, const char *name, const checkpoint_part *parts, size_t n, bool *restored,
                              mlsoap_error *error)
{
    bool found = false;
    mlsoap_status status = checkpoint_read(c, name, parts, n, &found, error);
    if (restored) *restored = found;
    if (!c || !c->path || status) return status;
    checkpoint_drop(c, name);
    checkpoint_part *list = MEMORY_NEW(checkpoint_part, n);
    record *r = list ? add(c, name, error) : NULL;
    if (!r) {
        memory_free(list);
        return status_no_memory(error, n * sizeof *list, "the checkpoint");
    }
    memcpy(list, parts, n * sizeof *list);
    r->parts = list;
    r->n_parts = n;
    r->n_bytes = total_bytes(parts, n);
    return MLSOAP_SUCCESS;
}

mlsoap_status checkpoint_keep(checkpoint *c, const char *name, const checkpoint_part *parts, size_t n,
                              mlsoap_error *error)
{
    size_t size = total_bytes(parts, n), at = 0;
    if (!c || !c->path) return MLSOAP_SUCCESS;
    char *bytes = MEMORY_NEW(char, size + 1);
    if (!bytes) return status_no_memory(error, size, "the checkpoint");
    for (size_t i = 0; i < n; at += parts[i++].n_bytes)
        if (parts[i].n_bytes) memcpy(bytes + at, parts[i].bytes, parts[i].n_bytes);
    checkpoint_drop(c, name);
    record *r = add(c, name, error);
    if (!r) {
        memory_free(bytes);
        return MLSOAP_ERROR_MEMORY;
    }
    r->bytes = bytes;
    r->n_bytes = size;
    return MLSOAP_SUCCESS;
}

const void *checkpoint_find(const checkpoint *c, const char *name, size_t *n_bytes)
{
    const record *r = find(c, name);
    if (!r || r->n_parts > 0) return NULL;
    *n_bytes = r->n_bytes;
    return r->bytes;
}

/* --------------------------------------------------------------------------------------------------------- writing */

typedef struct output {
    file_writer *file;
    hash_state *hash;
    mlsoap_status status;
    mlsoap_error *error;
} output;

static void put(output *o, const void *bytes, size_t n)
{
    if (o->status) return;
    hash_add(o->hash, bytes, n);
    o->status = file_writer_write(o->file, bytes, n, o->error);
}

static void put_number(output *o, size_t number)
{
    uint64_t n = number;
    put(o, &n, sizeof n);
}

static void put_head(output *o, const char *name, size_t n_bytes)
{
    put_number(o, strlen(name));
    put(o, name, strlen(name));
    put_number(o, n_bytes);
}

static void put_all(output *o, const checkpoint *c)
{
    put(o, MAGIC, sizeof MAGIC);
    put_number(o, c->n + 1);
    put_head(o, FINGERPRINT, strlen(c->fingerprint));
    put(o, c->fingerprint, strlen(c->fingerprint));
    for (size_t i = 0; i < c->n; i++) {
        const record *r = &c->records[i];
        put_head(o, r->name, r->n_bytes);
        if (r->n_parts == 0) put(o, r->bytes, r->n_bytes);
        for (size_t k = 0; k < r->n_parts; k++) put(o, r->parts[k].bytes, r->parts[k].n_bytes);
    }
}

mlsoap_status checkpoint_write(const checkpoint *c, mlsoap_error *error)
{
    char hex[HASH_HEX_SIZE];
    output o = {.hash = hash_new(), .error = error};
    if (!o.hash) return status_no_memory(error, 1024, "the checkpoint");
    o.status = file_writer_open(c->path, &o.file, error);
    if (!o.status) put_all(&o, c);
    hash_finish(o.hash, hex);
    if (!o.status) o.status = file_writer_write(o.file, hex, HASH_HEX_SIZE - 1, error);
    if (!o.status) return file_writer_commit(o.file, error);
    file_writer_discard(o.file);
    return o.status;
}

bool checkpoint_due(const checkpoint *c)
{
    if (!c) return false;
    long asked = c->ask ? c->ask(c->ask_context) : 0;
    return asked < 0 || asked > c->answered || clock_seconds() - c->last >= c->interval;
}

mlsoap_status checkpoint_poll(checkpoint *c, mlsoap_error *error)
{
    if (!checkpoint_due(c)) return MLSOAP_SUCCESS;
    mlsoap_error reason = {0};
    long asked = c->ask ? c->ask(c->ask_context) : 0;
    double start = clock_seconds();
    if (asked > 0) c->answered = asked;
    if (!c->path)
        return asked < 0 ? status_fail(error, MLSOAP_ERROR_INTERRUPTED, "stopped by a signal") : MLSOAP_SUCCESS;
    mlsoap_status status = checkpoint_write(c, &reason);
    c->last = clock_seconds();
    training_log_event(c->log, "checkpoint",
                       json_pack("{s:s, s:b, s:f}", "file", c->path, "written", !status, "duration", c->last - start));
    if (status && asked < 0) {
        if (error) *error = reason;
        return status_prefix(error, status, "stopped, and the checkpoint could not be written");
    }
    if (asked < 0)
        return status_fail(error, MLSOAP_ERROR_INTERRUPTED,
                           "stopped by a signal; %s is written: the same command with --resume goes on", c->path);
    if (status) training_log_text(c->log, "warning (checkpoint): %s; the run goes on without", reason.message);
    return MLSOAP_SUCCESS;
}

void checkpoint_remove(const checkpoint *c)
{
    if (c) unlink(c->path);
}

/* --------------------------------------------------------------------------------------------------------- reading */

/* Bytes that are yet to be read. */
typedef struct input {
    const char *bytes;
    size_t n;
} input;

static bool take_number(input *in, size_t *number)
{
    uint64_t n;
    if (in->n < sizeof n) return false;
    memcpy(&n, in->bytes, sizeof n);
    in->bytes += sizeof n;
    in->n -= sizeof n;
    *number = (size_t)n;
    return true;
}

/* n bytes after their number. */
static const char *take_block(input *in, size_t *n)
{
    const char *bytes = in->bytes + sizeof(uint64_t);
    if (!take_number(in, n) || *n > in->n) return NULL;
    in->bytes += *n;
    in->n -= *n;
    return bytes;
}

static mlsoap_status fail_damaged(const checkpoint *c, const char *what, mlsoap_error *error)
{
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, c->path, 0, "%s: %s", what, c->advice);
}

/* Head and checksum; `in` becomes what is between. */
static mlsoap_status check_bytes(const checkpoint *c, const char *bytes, size_t n, input *in, mlsoap_error *error)
{
    char hex[HASH_HEX_SIZE];
    const size_t n_hex = HASH_HEX_SIZE - 1;
    if (n < sizeof MAGIC || memcmp(bytes, MAGIC, sizeof MAGIC) != 0)
        return fail_damaged(c, "this is no file of states", error);
    if (n < sizeof MAGIC + n_hex) return fail_damaged(c, "the file is cut short", error);
    n -= n_hex;
    mlsoap_status status = hash_bytes(bytes, n, hex, error);
    if (status) return status;
    if (memcmp(hex, bytes + n, n_hex) != 0) return fail_damaged(c, "the file is damaged (its checksum)", error);
    *in = (input){bytes + sizeof MAGIC, n - sizeof MAGIC};
    return MLSOAP_SUCCESS;
}

/* The first difference of two JSON values as "path: `a` there and `b` here". */
static bool differ(const json_t *there, const json_t *here, const char *path, char *text, size_t size)
{
    char inner[256];
    const char *key;
    const json_t *value;
    if (json_equal(there, here)) return false;
    if (json_is_object(there) && json_is_object(here)) {
        json_object_foreach((json_t *)(uintptr_t)here, key, value)
        {
            snprintf(inner, sizeof inner, "%s%s%s", path, path[0] ? "." : "", key);
            if (differ(json_object_get(there, key), value, inner, text, size)) return true;
        }
        json_object_foreach((json_t *)(uintptr_t)there, key, value)
        {
            snprintf(inner, sizeof inner, "%s%s%s", path, path[0] ? "." : "", key);
            if (differ(value, json_object_get(here, key), inner, text, size)) return true;
        }
    }
    char *a = there ? json_dumps(there, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    char *b = here ? json_dumps(here, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    snprintf(text, size, "%s: %.200s there and %.200s here", path, a ? a : "nothing", b ? b : "nothing");
    free(a);
    free(b);
    return true;
}

static mlsoap_status check_fingerprint(const checkpoint *c, const char *text, size_t n, mlsoap_error *error)
{
    char what[640] = "the form of its description";
    if (strlen(c->fingerprint) == n && memcmp(c->fingerprint, text, n) == 0) return MLSOAP_SUCCESS;
    json_t *there = json_loadb(text, n, 0, NULL), *here = json_loads(c->fingerprint, 0, NULL);
    differ(there, here, "", what, sizeof what);
    json_decref(there);
    json_decref(here);
    return status_fail_at(error, MLSOAP_ERROR_VALUE, c->path, 0, "the file is of another run (%s): %s", what,
                          c->advice);
}

static mlsoap_status take_record(checkpoint *c, input *in, size_t i, mlsoap_error *error)
{
    size_t n_name, n;
    const char *name = take_block(in, &n_name), *bytes = name ? take_block(in, &n) : NULL;
    if (!bytes) return fail_damaged(c, "the file is damaged (a record does not end)", error);
    bool first = n_name == strlen(FINGERPRINT) && memcmp(name, FINGERPRINT, n_name) == 0;
    if (first != (i == 0)) return fail_damaged(c, "the file is damaged (its order)", error);
    if (first) return check_fingerprint(c, bytes, n, error);
    char text[128];
    snprintf(text, sizeof text, "%.*s", (int)(n_name < sizeof text ? n_name : sizeof text - 1), name);
    return checkpoint_keep(c, text, &(checkpoint_part){(void *)(uintptr_t)bytes, n}, 1, error);
}

mlsoap_status checkpoint_resume(checkpoint *c, bool *found, mlsoap_error *error)
{
    char *bytes = NULL;
    size_t n = 0, n_records = 0;
    input in = {0};
    *found = access(c->path, F_OK) == 0;
    if (!*found) return MLSOAP_SUCCESS;
    mlsoap_status status = file_read(c->path, 0, &bytes, &n, error);
    if (!status) status = check_bytes(c, bytes, n, &in, error);
    if (!status && !take_number(&in, &n_records)) status = fail_damaged(c, "the file is damaged", error);
    for (size_t i = 0; i < n_records && !status; i++) status = take_record(c, &in, i, error);
    memory_free(bytes);
    return status;
}
