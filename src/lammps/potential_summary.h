/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file potential_summary.h
 *  What a potential file says about itself, in lines for the log: how good it is and where it was trained. */
#ifndef MLSOAP_POTENTIAL_SUMMARY_H
#define MLSOAP_POTENTIAL_SUMMARY_H

#include "mlsoap.h"

#include <string>

/** Mean absolute errors of the test set (else of validation, else of training) and the domain of the training data:
 *  elements, density, shortest distances. Lines that end with \n; what the file does not hold is said to be missing. */
std::string potential_summary(const mlsoap_potential *potential);

#endif
