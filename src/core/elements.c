/* SPDX-License-Identifier: BSD-3-Clause */
/* Chemical elements; see elements.h. Masses: IUPAC abridged standard atomic weights of 2021 (conventional values where
 * an interval is given; Prohaska et al., Pure Appl. Chem. 94, 573 (2022), doi:10.1515/pac-2019-0603); mass number of
 * the longest-lived isotope for elements without a standard weight. */
#include "core/elements.h"

typedef struct element {
    char symbol[4];
    double mass;
} element;

/* clang-format off */
static const element elements[ELEMENT_MAX + 1] = {
    {"X", 0.0},
    {"H", 1.008}, {"He", 4.0026},
    {"Li", 6.94}, {"Be", 9.0122}, {"B", 10.81}, {"C", 12.011}, {"N", 14.007}, {"O", 15.999}, {"F", 18.998}, {"Ne", 20.180},
    {"Na", 22.990}, {"Mg", 24.305}, {"Al", 26.982}, {"Si", 28.085}, {"P", 30.974}, {"S", 32.06}, {"Cl", 35.45}, {"Ar", 39.95},
    {"K", 39.098}, {"Ca", 40.078}, {"Sc", 44.956}, {"Ti", 47.867}, {"V", 50.942}, {"Cr", 51.996}, {"Mn", 54.938},
    {"Fe", 55.845}, {"Co", 58.933}, {"Ni", 58.693}, {"Cu", 63.546}, {"Zn", 65.38}, {"Ga", 69.723}, {"Ge", 72.630},
    {"As", 74.922}, {"Se", 78.971}, {"Br", 79.904}, {"Kr", 83.798},
    {"Rb", 85.468}, {"Sr", 87.62}, {"Y", 88.906}, {"Zr", 91.224}, {"Nb", 92.906}, {"Mo", 95.95}, {"Tc", 97.0},
    {"Ru", 101.07}, {"Rh", 102.91}, {"Pd", 106.42}, {"Ag", 107.87}, {"Cd", 112.41}, {"In", 114.82}, {"Sn", 118.71},
    {"Sb", 121.76}, {"Te", 127.60}, {"I", 126.90}, {"Xe", 131.29},
    {"Cs", 132.91}, {"Ba", 137.33}, {"La", 138.91}, {"Ce", 140.12}, {"Pr", 140.91}, {"Nd", 144.24}, {"Pm", 145.0},
    {"Sm", 150.36}, {"Eu", 151.96}, {"Gd", 157.25}, {"Tb", 158.93}, {"Dy", 162.50}, {"Ho", 164.93}, {"Er", 167.26},
    {"Tm", 168.93}, {"Yb", 173.05}, {"Lu", 174.97}, {"Hf", 178.49}, {"Ta", 180.95}, {"W", 183.84}, {"Re", 186.21},
    {"Os", 190.23}, {"Ir", 192.22}, {"Pt", 195.08}, {"Au", 196.97}, {"Hg", 200.59}, {"Tl", 204.38}, {"Pb", 207.2},
    {"Bi", 208.98}, {"Po", 209.0}, {"At", 210.0}, {"Rn", 222.0},
    {"Fr", 223.0}, {"Ra", 226.0}, {"Ac", 227.0}, {"Th", 232.04}, {"Pa", 231.04}, {"U", 238.03}, {"Np", 237.0},
    {"Pu", 244.0}, {"Am", 243.0}, {"Cm", 247.0}, {"Bk", 247.0}, {"Cf", 251.0}, {"Es", 252.0}, {"Fm", 257.0},
    {"Md", 258.0}, {"No", 259.0}, {"Lr", 262.0}, {"Rf", 267.0}, {"Db", 268.0}, {"Sg", 269.0}, {"Bh", 270.0},
    {"Hs", 269.0}, {"Mt", 277.0}, {"Ds", 281.0}, {"Rg", 282.0}, {"Cn", 285.0}, {"Nh", 286.0}, {"Fl", 290.0},
    {"Mc", 290.0}, {"Lv", 293.0}, {"Ts", 294.0}, {"Og", 294.0},
};
/* clang-format on */

const char *element_symbol(int atomic_number)
{
    return atomic_number >= 0 && atomic_number <= ELEMENT_MAX ? elements[atomic_number].symbol : NULL;
}

int element_from_symbol(const char *text, size_t n)
{
    if (!text || n == 0 || n > 2) return -1;
    char second = n == 2 ? text[1] : '\0';
    for (int z = 0; z <= ELEMENT_MAX; z++)
        if (elements[z].symbol[0] == text[0] && elements[z].symbol[1] == second) return z;
    return -1;
}

double element_mass(int atomic_number)
{
    return atomic_number >= 0 && atomic_number <= ELEMENT_MAX ? elements[atomic_number].mass : 0.0;
}

/* Last element of each period. */
static const int noble[] = {0, 2, 10, 18, 36, 54, 86, 118};

int element_period(int atomic_number)
{
    if (atomic_number < 1 || atomic_number > ELEMENT_MAX) return 0;
    int period = 1;
    while (atomic_number > noble[period]) period++;
    return period;
}

int element_group(int atomic_number)
{
    int period = element_period(atomic_number);
    if (period == 0) return 0;
    int position = atomic_number - noble[period - 1], length = noble[period] - noble[period - 1];
    int s_block = period == 1 ? 1 : 2; /* helium is a noble gas */
    if (position <= s_block) return position;
    int from_end = length - position; /* 0 for the noble gas */
    return 18 - from_end > 3 ? 18 - from_end : 3;
}

static const double covalent_radii[] = {
    0,    0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21, 1.11, 1.07, 1.05,
    1.02, 1.06, 2.03, 1.76, 1.70, 1.60, 1.53, 1.39, 1.39, 1.32, 1.26, 1.24, 1.32, 1.22, 1.22, 1.20, 1.19,
    1.20, 1.20, 1.16, 2.20, 1.95, 1.90, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45, 1.44, 1.42, 1.39,
    1.39, 1.38, 1.39, 1.40, 2.44, 2.15, 2.07, 2.04, 2.03, 2.01, 1.99, 1.98, 1.98, 1.96, 1.94, 1.92, 1.92,
    1.89, 1.90, 1.87, 1.87, 1.75, 1.70, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36, 1.32, 1.45, 1.46, 1.48, 1.40,
    1.50, 1.50, 2.60, 2.21, 2.15, 2.06, 2.00, 1.96, 1.90, 1.87, 1.80, 1.69};

double element_covalent_radius(int atomic_number)
{
    const int known = sizeof covalent_radii / sizeof *covalent_radii - 1;
    if (atomic_number < 1 || atomic_number > ELEMENT_MAX) return 0;
    return covalent_radii[atomic_number < known ? atomic_number : known];
}

double element_bond_length(int a, int b)
{
    return element_covalent_radius(a) + element_covalent_radius(b);
}

int element_position(const int *list, int n, int atomic_number)
{
    for (int e = 0; e < n; e++)
        if (list[e] == atomic_number) return e;
    return -1;
}
