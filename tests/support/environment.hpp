// SPDX-License-Identifier: BSD-3-Clause
// One center whose neighbors a test may move, and a descriptor that evaluates it.
#ifndef MLSOAP_TEST_ENVIRONMENT_HPP
#define MLSOAP_TEST_ENVIRONMENT_HPP

#include <string>

#include "support/structures.hpp"

namespace testing_support
{

/* One center with its neighbors, whose vectors the test may move. */
struct Environment {
    int center;
    std::vector<int> species, first;
    std::vector<double> dx, dy, dz;

    Environment(const neighbor_list &list, size_t i)
        : center(list.center_species[i]),
          species(list.species + list.first[i], list.species + list.first[i + 1]), first{0, list.first[i + 1] -
                                                                                                list.first[i]},
          dx(list.dx + list.first[i], list.dx + list.first[i + 1]),
          dy(list.dy + list.first[i], list.dy + list.first[i + 1]),
          dz(list.dz + list.first[i], list.dz + list.first[i + 1])
    {
    }
    double &coordinate(size_t pair, size_t axis) { return (axis == 0 ? dx : axis == 1 ? dy : dz)[pair]; }
    mlsoap_environments block() const
    {
        return {sizeof(mlsoap_environments), 1, &center, first.data(), species.data(), dx.data(), dy.data(), dz.data()};
    }
};

/* Features of an environment. */
class Engine
{
  public:
    explicit Engine(std::shared_ptr<descriptor> d) : d_(std::move(d))
    {
        if (d_->class_->workspace_new(d_.get(), &w_, nullptr)) throw std::bad_alloc();
        D_.reset(MEMORY_NEW(double, d_->stride), memory_free);
    }
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;
    ~Engine() { d_->class_->workspace_free(w_); }
    std::vector<double> values(const Environment &e)
    {
        auto block = e.block();
        if (d_->class_->workspace_reserve(d_.get(), w_, e.species.size(), nullptr)) throw std::bad_alloc();
        d_->class_->values(d_.get(), w_, &block, D_.get(), d_->stride);
        return {D_.get(), D_.get() + d_->n_features};
    }

    descriptor_workspace *workspace() { return w_; }

  private:
    std::shared_ptr<descriptor> d_;
    descriptor_workspace *w_ = nullptr;
    std::shared_ptr<double> D_;
};

} // namespace testing_support

#endif
