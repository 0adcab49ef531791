// SPDX-License-Identifier: BSD-3-Clause
// The header and the symbols from C++.
#include <mlsoap.h>

#include <cstring>

int main()
{
    mlsoap_workspace_free(nullptr);
    mlsoap_potential_free(nullptr);
    return std::strcmp(mlsoap_version(), MLSOAP_VERSION) == 0 ? 0 : 1;
}
