// SPDX-License-Identifier: BSD-3-Clause
// Brute-force forms of the row selections: what scikit-matter's FPS and CUR(k=1, recompute_every=1) compute, with a
// dense SVD in every step.
#ifndef MLSOAP_SELECTION_ORACLE_HPP
#define MLSOAP_SELECTION_ORACLE_HPP

#include <cmath>
#include <lapacke.h>
#include <random>
#include <vector>

inline std::vector<double> random_rows(size_t rows, size_t columns, unsigned seed, bool unit)
{
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    std::vector<double> X(rows * columns);
    for (size_t i = 0; i < rows; i++) {
        double norm = 0;
        for (size_t j = 0; j < columns; j++) {
            X[i * columns + j] = normal(engine) * (1 + 0.3 * (double)j) + 1;
            norm += X[i * columns + j] * X[i * columns + j];
        }
        for (size_t j = 0; unit && j < columns; j++) X[i * columns + j] /= std::sqrt(norm);
    }
    return X;
}

inline std::vector<size_t> fps_oracle(const std::vector<double> &X, size_t rows, size_t d, size_t n)
{
    std::vector<size_t> selected{0};
    while (selected.size() < n) {
        size_t best = 0;
        long double farthest = -1;
        for (size_t i = 0; i < rows; i++) {
            long double nearest = INFINITY;
            for (size_t s : selected) {
                long double sum = 0;
                for (size_t f = 0; f < d; f++) {
                    long double x = (long double)X[i * d + f] - X[s * d + f];
                    sum += x * x;
                }
                nearest = std::min(nearest, sum);
            }
            if (nearest > farthest) {
                farthest = nearest;
                best = i;
            }
        }
        selected.push_back(best);
    }
    return selected;
}

inline std::vector<size_t> cur_oracle(std::vector<double> X, size_t rows, size_t d, size_t n)
{
    std::vector<size_t> selected;
    std::vector<bool> taken(rows, false);
    while (selected.size() < n) {
        std::vector<double> A(X), S(d), U(rows * rows), V(d * d), work(d + rows);
        LAPACKE_dgesvd(LAPACK_ROW_MAJOR, 'A', 'N', (int)rows, (int)d, A.data(), (int)d, S.data(), U.data(), (int)rows,
                       V.data(), (int)d, work.data());
        size_t best = rows;
        for (size_t i = 0; i < rows; i++)
            if (!taken[i] && (best == rows || U[i * rows] * U[i * rows] > U[best * rows] * U[best * rows])) best = i;
        taken[best] = true;
        selected.push_back(best);
        double norm = 0;
        std::vector<double> v(X.begin() + (long)(best * d), X.begin() + (long)((best + 1) * d));
        for (double x : v) norm += x * x;
        for (double &x : v) x /= std::sqrt(norm);
        for (size_t i = 0; i < rows; i++) {
            double along = 0;
            for (size_t f = 0; f < d; f++) along += X[i * d + f] * v[f];
            for (size_t f = 0; f < d; f++) X[i * d + f] -= along * v[f];
        }
    }
    return selected;
}

#endif
