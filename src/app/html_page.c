/* SPDX-License-Identifier: BSD-3-Clause */
/* Pages; see html_page.h. */
#include "app/html_page.h"

#include "core/file.h"
#include "core/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light}\n"
    "body{font:16px/1.5 sans-serif;color:#1a1a1a;background:#fff;max-width:68rem;margin:0 auto;padding:1rem}\n"
    "h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0;overflow-wrap:anywhere}\n"
    "h2{font-size:1.2rem;margin:2rem 0 .5rem}\n"
    "h3{font-size:1rem;margin:1.25rem 0 .25rem}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:separate;border-spacing:0;font-variant-numeric:tabular-nums;font-size:.9rem}\n"
    "th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #ccc;white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:#fff;"
    "white-space:normal;overflow-wrap:anywhere;min-width:6rem}\n"
    ".error{border-left-color:#b00020}\n"
    ".good{color:#1b5e20}.bad{color:#b00020;font-weight:bold}\n"
    "thead th{border-bottom:1px solid #666}\n"
    "th.group{text-align:center;border-left:1px solid #ccc}\n"
    "td.first{border-left:1px solid #ccc}\n"
    "tr.total{font-weight:bold}tr.guess{font-style:italic}\n"
    "td.hash{white-space:normal;overflow-wrap:anywhere;min-width:12rem;text-align:left}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}\n"
    "dt{color:#555}\n"
    "dd{margin:0;overflow-wrap:anywhere}\n"
    ".plots{margin-top:1rem;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1.5rem}"
    "\n"
    "figure{margin:0}\n"
    "figure svg{display:block;width:100%;height:auto;border:1px solid #ddd}\n"
    "figcaption,.note{font-size:.9rem;color:#444}\n"
    ".note{border-left:4px solid #8c2d04;padding:.25rem .75rem}\n"
    "pre{font-size:.88rem;overflow-x:auto;background:#f5f5f5;padding:.75rem}\n"
    "@media(max-width:36rem){body{padding:.6rem}dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .4rem 1rem}"
    "th,td{padding:.2rem .4rem}table{font-size:.88rem}}\n"
    "@media "
    "print{body{max-width:none;font-size:11pt}.wide{overflow:visible}table{font-size:8.5pt}.many{font-size:6.5pt}"
    "th,td{padding:.15rem .3rem}.many th,.many td{padding:.1rem "
    ".15rem}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}"
    ".plots{grid-template-columns:1fr 1fr}pre{white-space:pre-wrap}}\n"
    "</style>\n";

void html_put_bytes(html_page *p, const char *bytes, size_t n)
{
    if (p->failed || !MEMORY_RESERVE(&p->text, &p->capacity, p->n + n + 1)) {
        p->failed = true;
        return;
    }
    memcpy(p->text + p->n, bytes, n);
    p->n += n;
    p->text[p->n] = '\0';
}

void html_put(html_page *p, const char *text)
{
    html_put_bytes(p, text, strlen(text));
}

/* Short formatted text of ours: numbers and fixed words. */
void html_format(html_page *p, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (n > 0) html_put_bytes(p, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* Text of others: no character of it acts as markup. */
void html_escape(html_page *p, const char *text)
{
    for (const char *c = text; *c; c++) {
        switch (*c) {
        case '&':
            html_put(p, "&amp;");
            break;
        case '<':
            html_put(p, "&lt;");
            break;
        case '>':
            html_put(p, "&gt;");
            break;
        case '"':
            html_put(p, "&quot;");
            break;
        case '\'':
            html_put(p, "&#39;");
            break;
        default:
            html_put_bytes(p, c, 1);
            break;
        }
    }
}

void html_head(html_page *p, const char *title, const char *what)
{
    html_put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    html_escape(p, title);
    html_format(p, ": %s</title>\n", what);
    html_put(p, style);
    html_put(p, "</head>\n<body>\n<h1>");
    html_escape(p, title);
    html_format(p, ": %s</h1>\n", what);
}

void html_fact(html_page *p, const char *name, const char *value)
{
    html_put(p, "<dt>");
    html_escape(p, name);
    html_put(p, "</dt><dd>");
    html_escape(p, value);
    html_put(p, "</dd>\n");
}

bool html_figure_open(html_page *p, char *svg, const char *caption)
{
    if (!svg) return false;
    html_format(p, "<figure role=\"group\" aria-label=\"%s\">\n", caption);
    html_put(p, svg);
    html_format(p, "<figcaption>%s", caption);
    memory_free(svg);
    return true;
}

void html_figure_close(html_page *p)
{
    html_put(p, "</figcaption>\n</figure>\n");
}

bool html_figure(html_page *p, char *svg, const char *caption)
{
    if (!html_figure_open(p, svg, caption)) return false;
    html_figure_close(p);
    return true;
}

mlsoap_status html_write(html_page *p, const char *path, mlsoap_error *error)
{
    html_format(p, "<p class=\"note\">Written by mlsoap %s.</p>\n</body>\n</html>\n", mlsoap_version());
    return p->failed ? status_no_memory(error, p->n, "a page") : file_write(path, p->text, p->n, error);
}

void html_release(html_page *p)
{
    memory_free(p->text);
    *p = (html_page){0};
}
