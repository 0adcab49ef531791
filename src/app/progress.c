/* SPDX-License-Identifier: BSD-3-Clause */
/* Progress on stderr; see progress.h. */
#include "app/progress.h"

#include "core/clock.h"
#include "core/memory.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };
static const double bar_interval = 0.2;   /* s between changes of a bar */
static const double line_interval = 10.0; /* s between plain lines */
static const double long_work = 2.0;      /* s from which on the end is worth a line */

struct progress {
    pthread_mutex_t lock;
    char what[64];
    size_t n_total, n_done, n_skipped;
    double start, last, last_told; /* s */
    progress_listener listener;
    void *context;
    int is_terminal, was_shown;
};

/* "45 s", "3 min 20 s", "2 h 5 min" */
static const char *duration_text(double seconds, char text[32])
{
    long s = (long)(seconds + 0.5);
    if (s < 60)
        snprintf(text, 32, "%ld s", s);
    else if (s < 3600)
        snprintf(text, 32, "%ld min %ld s", s / 60, s % 60);
    else
        snprintf(text, 32, "%ld h %ld min", s / 3600, s % 3600 / 60);
    return text;
}

progress *progress_begin(const char *what, size_t n_total)
{
    progress *p = MEMORY_NEW(progress, 1);
    if (!p) return NULL;
    if (pthread_mutex_init(&p->lock, NULL)) {
        memory_free(p);
        return NULL;
    }
    snprintf(p->what, sizeof p->what, "%s", what);
    p->n_total = n_total;
    p->start = p->last = p->last_told = clock_seconds();
    p->is_terminal = isatty(STDERR_FILENO);
    return p;
}

void progress_listen(progress *p, progress_listener listener, void *context)
{
    if (!p) return;
    p->listener = listener;
    p->context = context;
}

void progress_skip(progress *p, size_t n)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->n_done = n < p->n_total - p->n_done ? p->n_done + n : p->n_total;
    p->n_skipped = p->n_done;
    pthread_mutex_unlock(&p->lock);
}

static double seconds_left(const progress *p, double elapsed)
{
    return elapsed * (double)(p->n_total - p->n_done) / (double)(p->n_done - p->n_skipped);
}

static void show(progress *p, double elapsed)
{
    char left[32];
    double fraction = (double)p->n_done / (double)p->n_total;
    duration_text(seconds_left(p, elapsed), left);
    if (p->is_terminal) {
        char bar[BAR_WIDTH + 1];
        int filled = (int)(fraction * BAR_WIDTH);
        memset(bar, ' ', BAR_WIDTH);
        memset(bar, '#', (size_t)filled);
        bar[BAR_WIDTH] = '\0';
        fprintf(stderr, "\r%s [%s] %3.0f %%, %s left\033[K", p->what, bar, 100 * fraction, left);
    } else {
        fprintf(stderr, "%s: %zu of %zu (%.0f %%), %s left\n", p->what, p->n_done, p->n_total, 100 * fraction, left);
    }
    fflush(stderr);
    p->was_shown = 1;
}

void progress_add(progress *p, size_t n)
{
    if (!p || n == 0) return;
    pthread_mutex_lock(&p->lock);
    p->n_done = n < p->n_total - p->n_done ? p->n_done + n : p->n_total;
    double t = clock_seconds();
    if (t - p->last >= (p->is_terminal ? bar_interval : line_interval) && p->n_done < p->n_total) {
        p->last = t;
        show(p, t - p->start);
    }
    if (p->listener && t - p->last_told >= line_interval && p->n_done < p->n_total) {
        p->last_told = t;
        p->listener(p->context, p->what, p->n_done, p->n_total, seconds_left(p, t - p->start));
    }
    pthread_mutex_unlock(&p->lock);
}

void progress_end(progress *p)
{
    if (!p) return;
    char text[32];
    double elapsed = clock_seconds() - p->start;
    if (p->was_shown || elapsed > long_work)
        fprintf(stderr, "%s%s: done in %s%s\n", p->is_terminal ? "\r" : "", p->what, duration_text(elapsed, text),
                p->is_terminal ? "\033[K" : "");
    pthread_mutex_destroy(&p->lock);
    memory_free(p);
}
