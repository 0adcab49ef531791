/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers and text; see parse.h. A decimal number is digits * 10^exponent. Up to 19 digits and exponents of -19 ... 0
 * (nearly everything in data files) are converted by one exact 128-bit integer division and one rounding; the rest goes
 * to strtod_l in the C locale. */
#define _GNU_SOURCE
#include "core/parse.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 400, LONGEST_NAME = 64, DIGITS_MAX = 19 };

static const uint64_t powers_of_ten[DIGITS_MAX + 1] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

/** The parts of a decimal number. */
typedef struct decimal {
    uint64_t digits; /**< the first DIGITS_MAX significant digits */
    long exponent;   /**< of the last of them */
    bool negative;
    bool exact; /**< no digit was left out */
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool word_is(const char *text, size_t n, const char *word)
{
    if (strlen(word) != n) return false;
    for (size_t i = 0; i < n; i++)
        if (lower(text[i]) != word[i]) return false;
    return true;
}

/* Digits with at most one point; returns the number of characters taken, 0 where there is no digit. */
static size_t scan_digits(const char *text, size_t n, decimal *d)
{
    size_t i = 0;
    int n_significant = 0;
    bool point = false, any = false;
    for (; i < n; i++) {
        if (text[i] == '.' && !point) {
            point = true;
        } else if (is_digit(text[i])) {
            any = true;
            if (n_significant < DIGITS_MAX) {
                d->digits = 10 * d->digits + (uint64_t)(text[i] - '0');
                if (d->digits) n_significant++;
                if (point) d->exponent--;
            } else {
                if (text[i] != '0') d->exact = false;
                if (!point) d->exponent++;
            }
        } else {
            break;
        }
    }
    return any ? i : 0;
}

/* An exponent such as e-05 at the end of the number; false where it is malformed. */
static bool scan_exponent(const char *text, size_t n, decimal *d)
{
    if (n == 0) return true;
    if (lower(text[0]) != 'e' && lower(text[0]) != 'd') return false;
    size_t i = 1;
    bool negative = i < n && text[i] == '-';
    if (i < n && (text[i] == '-' || text[i] == '+')) i++;
    if (i == n) return false;
    long exponent = 0;
    for (; i < n; i++) {
        if (!is_digit(text[i])) return false;
        if (exponent < 100000) exponent = 10 * exponent + (text[i] - '0');
    }
    d->exponent += negative ? -exponent : exponent;
    return true;
}

/* digits / 10^k, correctly rounded (to nearest, ties to even). Where both are exact as doubles, that is one division;
 * else the quotient of the shifted digits keeps at least 63
 * bits and the remainder makes the last bit sticky; the conversion to double then rounds once. */
static double divide_exactly(uint64_t digits, long k)
{
    if (digits <= UINT64_C(1) << 53) return (double)digits / (double)powers_of_ten[k];
    int zeros = __builtin_clzll(digits);
    unsigned __int128 numerator = (unsigned __int128)(digits << zeros) << 63;
    uint64_t divisor = powers_of_ten[k];
    unsigned __int128 quotient = numerator / divisor;
    int shift = 0;
    bool sticky = numerator != quotient * divisor;
    while (quotient >> 64) {
        int n = 64 - __builtin_clzll((uint64_t)(quotient >> 64));
        if (quotient & (((unsigned __int128)1 << n) - 1)) sticky = true;
        quotient >>= n;
        shift += n;
    }
    uint64_t mantissa = (uint64_t)quotient | (sticky ? 1 : 0);
    return ldexp((double)mantissa, shift - zeros - 63);
}

static parse_result parse_by_library(const char *text, size_t n, double *value)
{
    char copy[LONGEST_NUMBER + 1];
    if (n > LONGEST_NUMBER) return PARSE_NOT_A_NUMBER;
    for (size_t i = 0; i < n; i++) copy[i] = lower(text[i]) == 'd' ? 'e' : text[i];
    copy[n] = '\0';
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) return PARSE_NOT_A_NUMBER;
    *value = strtod_l(copy, NULL, c_locale);
    freelocale(c_locale);
    return isfinite(*value) ? PARSE_OK : PARSE_NOT_FINITE;
}

static bool is_not_finite_word(const char *text, size_t n)
{
    return word_is(text, n, "nan") || word_is(text, n, "inf") || word_is(text, n, "infinity");
}

parse_result parse_real(const char *text, size_t n, double *value)
{
    decimal d = {.exact = true};
    size_t i = 0;
    if (n > 0 && (text[0] == '-' || text[0] == '+')) {
        d.negative = text[0] == '-';
        i = 1;
    }
    size_t taken = scan_digits(text + i, n - i, &d);
    if (taken == 0) return is_not_finite_word(text + i, n - i) ? PARSE_NOT_FINITE : PARSE_NOT_A_NUMBER;
    i += taken;
    if (!scan_exponent(text + i, n - i, &d)) return PARSE_NOT_A_NUMBER;
    double magnitude;
    if (d.digits == 0) {
        magnitude = 0.0;
    } else if (d.exact && d.exponent == 0) {
        magnitude = (double)d.digits;
    } else if (d.exact && d.exponent < 0 && d.exponent >= -DIGITS_MAX) {
        magnitude = divide_exactly(d.digits, -d.exponent);
    } else {
        return parse_by_library(text, n, value);
    }
    *value = d.negative ? -magnitude : magnitude;
    return PARSE_OK;
}

parse_result parse_integer(const char *text, size_t n, long min, long max, long *value)
{
    size_t i = 0;
    bool negative = false;
    if (n > 0 && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        i = 1;
    }
    if (i == n) return PARSE_NOT_A_NUMBER;
    long result = 0;
    bool overflow = false;
    for (; i < n; i++) {
        if (!is_digit(text[i])) return PARSE_NOT_A_NUMBER;
        long digit = negative ? -(long)(text[i] - '0') : (long)(text[i] - '0');
        if (!overflow)
            overflow = __builtin_mul_overflow(result, 10L, &result) || __builtin_add_overflow(result, digit, &result);
    }
    if (overflow || result < min || result > max) return PARSE_OUT_OF_RANGE;
    *value = result;
    return PARSE_OK;
}

const char *parse_result_text(parse_result result)
{
    switch (result) {
    case PARSE_OK:
        return "valid";
    case PARSE_NOT_A_NUMBER:
        return "a number";
    case PARSE_NOT_FINITE:
        return "finite";
    case PARSE_OUT_OF_RANGE:
        return "in range";
    }
    return "valid";
}

/* The decimal point of the process locale may be any bytes: whatever is not part of a number becomes one point. */
static void restore_point(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (is_digit(*from) || strchr("+-einfa", *from))
            *to++ = *from;
        else if (to == text || to[-1] != '.')
            *to++ = '.';
    }
    *to = '\0';
}

char *format_real(double value, char text[32])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, value);
        restore_point(text);
        double back;
        if (!isfinite(value) || (parse_real(text, strlen(text), &back) == PARSE_OK && back == value)) break;
    }
    return text;
}

static size_t min_of_3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein distance, without regard to case; both texts at most LONGEST_NAME long. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[LONGEST_NAME + 1];
    size_t n_a = strlen(a), n_b = strlen(b);
    for (size_t j = 0; j <= n_b; j++) row[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t above = row[j];
            size_t replaced = diagonal + (lower(a[i - 1]) != lower(b[j - 1]) ? 1 : 0);
            row[j] = min_of_3(above + 1, row[j - 1] + 1, replaced);
            diagonal = above;
        }
    }
    return row[n_b];
}

const char *parse_nearest(const char *name, const char *const *names)
{
    size_t n = strlen(name);
    if (n == 0 || n > LONGEST_NAME) return NULL;
    size_t best_distance = n / 3 > 2 ? n / 3 : 2;
    if (best_distance >= n) best_distance = n - 1; /* all letters replaced is not a likeness */
    const char *best = NULL;
    for (size_t i = 0; names[i]; i++) {
        if (strlen(names[i]) > LONGEST_NAME) continue;
        size_t distance = edit_distance(name, names[i]);
        if (distance < best_distance || (!best && distance == best_distance)) {
            best = names[i];
            best_distance = distance;
        }
    }
    return best;
}

bool text_equal_no_case(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}
