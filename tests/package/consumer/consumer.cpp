// SPDX-License-Identifier: BSD-3-Clause
// The header and the symbols from C++.
#include <mlsoap.h>

#include <cstring>

int main()
{
    mlsoap_workspace_free(nullptr);
    mlsoap_potential_free(nullptr);
    mlsoap_descriptor *descriptor = nullptr;
    if (mlsoap_descriptor_new(R"({"species":["Si"],"r_cut":5,"n_max":2,"l_max":0,"sigma":0.5})", &descriptor, nullptr))
        return 2;
    if (mlsoap_descriptor_n_features(descriptor) != 3) return 3;
    mlsoap_descriptor_free(descriptor);
    return std::strcmp(mlsoap_version(), MLSOAP_VERSION) == 0 ? 0 : 1;
}
