/* SPDX-License-Identifier: BSD-3-Clause */
/** @file html_page.h
 *  Self-contained pages for people: one style for all of them, legible on a phone, in print and without color vision. A
 *  lack of memory is kept in the page and reported when it is written. */
#ifndef MLSOAP_HTML_PAGE_H
#define MLSOAP_HTML_PAGE_H

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

/** What a page is made in; zero-initialize. */
typedef struct html_page {
    char *text;
    size_t n, capacity;
    bool failed; /**< no memory */
} html_page;

/** Markup and text of ours. */
void html_put(html_page *p, const char *text);
void html_put_bytes(html_page *p, const char *bytes, size_t n);
/** At most 511 characters: numbers and fixed words. */
void html_format(html_page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Text of others: no character of it acts as markup. */
void html_escape(html_page *p, const char *text);

/** Everything up to the heading "TITLE: WHAT". Tables stand in <div class="wide">, those of more than
 *  ten columns with class="many", plots as <figure> in <div
 *  class="plots">, remarks in class="note". */
void html_head(html_page *p, const char *title, const char *what);
/** A row of a <dl>. */
void html_fact(html_page *p, const char *name, const char *value);

/** A figure with an SVG (freed) and the beginning of its caption, words of ours; more of the caption may follow until
 *  html_figure_close. False where svg is NULL: nothing was begun. */
bool html_figure_open(html_page *p, char *svg, const char *caption);
void html_figure_close(html_page *p);
/** Both in one, where the caption is complete. */
bool html_figure(html_page *p, char *svg, const char *caption);

/** The foot, and the file (atomically). Errors: MLSOAP_ERROR_FILE, _MEMORY. */
mlsoap_status html_write(html_page *p, const char *path, mlsoap_error *error);
void html_release(html_page *p);

#endif
