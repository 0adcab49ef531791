/* SPDX-License-Identifier: BSD-3-Clause */
/** @file elements.h
 *  Chemical elements: symbols and masses by atomic number 1 ... 118. Number 0 is "X", a point in space. */
#ifndef MLSOAP_ELEMENTS_H
#define MLSOAP_ELEMENTS_H

#include <stddef.h>

enum { ELEMENT_MAX = 118 };

/** "Si" for 14, "X" for 0, NULL where the number is out of range. */
const char *element_symbol(int atomic_number);

/** 14 for "Si" (n characters of text, exact case as chemists write it), -1 where there is no such element. */
int element_from_symbol(const char *text, size_t n);

/** Standard atomic weight (conventional value; mass number of the longest-lived isotope for radioactive elements), u;
 *  0 for numbers out of range. */
double element_mass(int atomic_number);

/** Period (1 ... 7) and group (1 ... 18; lanthanides and actinides 3) in the periodic table; 0 out of range. */
int element_period(int atomic_number);
int element_group(int atomic_number);

/** Position of an atomic number in a list of n, -1 where it is not there. */
int element_position(const int *list, int n, int atomic_number);

/** Covalent radius, Angstrom (Cordero et al. 2008, doi:10.1039/b801115j; low-spin values; 1.69, that of Cm, beyond
 *  it); 0 out of range. */
double element_covalent_radius(int atomic_number);
/** Sum of two covalent radii, Angstrom. */
double element_bond_length(int a, int b);

#endif
