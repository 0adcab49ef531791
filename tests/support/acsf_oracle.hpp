// SPDX-License-Identifier: BSD-3-Clause
// Symmetry functions summed as their definition says (spec acsf.md 1 and 2), one at a time: the oracle of the engine.
// Lines are read here a second time, so that the test does not share the parser.
#ifndef MLSOAP_TEST_ACSF_ORACLE_HPP
#define MLSOAP_TEST_ACSF_ORACLE_HPP

#include <map>
#include <sstream>
#include <string>

#include "support/structures.hpp"

namespace testing_support
{

/** Settings of mode runner for H, C, O; `center` is put before each line. */
inline std::string acsf_runner(const std::vector<std::string> &lines, int cutoff_type, double alpha,
                               const std::string &center = "* ")
{
    std::ostringstream text;
    text << R"({"type":"acsf","mode":"runner","species":["H","C","O"],"cutoff":{"type":)" << cutoff_type
         << ",\"alpha\":" << alpha << "},\"functions\":[";
    for (size_t i = 0; i < lines.size(); i++) text << (i ? ",\"" : "\"") << center << lines[i] << "\"";
    return text.str() + "]}";
}

/** One or more lines of every type, with centers, for H, C, O. */
inline std::vector<std::string> acsf_lines()
{
    return {"* 2 H 0.5 0.0 4.0",           "O 2 C 0.1 1.5 4.5",
            "* 3 H O 0.05 1 2 4.0",        "* 3 H O 0.10 -1 2 4.0",
            "* 3 O H 0.25 1 3 4.0",        "C 3 O O 0.03 -1 4 4.5 0.7",
            "* 3 H H 0 -1 1.5 4.0",        "* 9 C H 0.02 1 1 4.5",
            "H 9 O H 0.1 -1 16 4.2 1.0",   "* 12 0.2 0.5 4.0",
            "* 13 0.05 0.3 1 2 4.5",       "* 20 H 0.5 4.0 p2",
            "O 20 O -4.0 4.0 p3a",         "* 20 H 1.0 4.5 e",
            "* 20 C 1.0 4.5 ea",           "* 21 H O 0.0 4.0 20.0 170.0 p2",
            "* 21 O H 0.5 4.0 -90 90 p1a", "* 22 H H 0.0 4.0 60 300 p4",
            "* 22 O C -1.0 4.0 30 150 e",  "* 23 1.0 4.0 p1",
            "* 24 0.5 4.5 40 160 p2a",     "* 25 0.0 4.5 10 170 p3"};
}

class AcsfOracle
{
  public:
    AcsfOracle(const std::string &line, int cutoff_type, double alpha) : cutoff_type_(cutoff_type), alpha_(alpha)
    {
        static const std::map<int, std::string> fields = {{2, "e1 eta rs rc"},
                                                          {3, "e1 e2 eta lambda zeta rc rs"},
                                                          {9, "e1 e2 eta lambda zeta rc rs"},
                                                          {12, "eta rs rc"},
                                                          {13, "eta rs lambda zeta rc"},
                                                          {20, "e1 rl rc sub"},
                                                          {21, "e1 e2 rl rc left right sub"},
                                                          {22, "e1 e2 rl rc left right sub"},
                                                          {23, "rl rc sub"},
                                                          {24, "rl rc left right sub"},
                                                          {25, "rl rc left right sub"}};
        std::istringstream words(line), names;
        std::string name, word;
        words >> center_ >> type_;
        names.str(fields.at(type_));
        while (names >> name && words >> word)
            if (name == "sub")
                sub_ = word;
            else if (name[0] == 'e' && name.size() == 2)
                (name == "e1" ? e1_ : e2_) = number(word);
            else
                p_[name] = std::stod(word);
    }

    double operator()(const neighbor_list &list, size_t i)
    {
        if (center_ != "*" && number(center_) != list.center_species[i]) return 0;
        double sum = 0;
        bool triples = type_ == 3 || type_ == 9 || type_ == 13 || type_ == 21 || type_ == 22 || type_ >= 24;
        for (int j = list.first[i]; j < list.first[i + 1]; j++) {
            if (!triples && (e1_ == 0 || list.species[j] == e1_))
                sum += radial(length(list, j)) * (e1_ ? 1 : list.species[j]);
            for (int k = j + 1; triples && k < list.first[i + 1]; k++) {
                int zj = list.species[j], zk = list.species[k];
                if (e1_ == 0)
                    sum += zj * zk * triple(list, j, k);
                else if ((zj == e1_ && zk == e2_) || (zj == e2_ && zk == e1_))
                    sum += triple(list, j, k);
            }
        }
        return sum;
    }

  private:
    static int number(const std::string &symbol)
    {
        return symbol == "H" ? 1 : symbol == "C" ? 6 : symbol == "O" ? 8 : 14;
    }
    static double length(const neighbor_list &list, int j)
    {
        return std::sqrt(list.dx[j] * list.dx[j] + list.dy[j] * list.dy[j] + list.dz[j] * list.dz[j]);
    }
    static double shape(char kind, double x)
    {
        switch (kind) {
        case '1':
            return 1 + x * x * (2 * x - 3);
        case '2':
            return 1 + std::pow(x, 3) * (x * (15 - 6 * x) - 10);
        case '3':
            return 1 + std::pow(x, 4) * (x * (x * (20 * x - 70) + 84) - 35);
        case '4':
            return 1 + std::pow(x, 5) * (x * (x * ((315 - 70 * x) * x - 540) + 420) - 126);
        default:
            return std::exp(1 - 1 / (1 - x * x));
        }
    }
    double cutoff(double r)
    {
        double rc = p_["rc"], inner = alpha_ * rc, x = (r - inner) / (rc - inner);
        if (r >= rc) return 0;
        if (cutoff_type_ == 2) return std::pow(std::tanh(1 - r / rc), 3);
        if (cutoff_type_ == 3) return std::pow(std::tanh(1 - r / rc) / std::tanh(1.0), 3);
        if (r < inner || cutoff_type_ == 0) return 1;
        if (cutoff_type_ == 1) return 0.5 * (std::cos(M_PI * x) + 1);
        return shape("e1234"[cutoff_type_ - 4], x);
    }
    double compact(double x, double low, double high, bool bent)
    {
        double u = std::fabs(x - (low + high) / 2) / ((high - low) / 2);
        if (!(x > low && x < high)) return 0;
        return shape(sub_[0] == 'e' ? 'e' : sub_[1], bent ? u * (2 - u) : u);
    }
    double radial(double r)
    {
        if (!sub_.empty()) return compact(r, p_["rl"], p_["rc"], sub_.back() == 'a');
        return std::exp(-p_["eta"] * (r - p_["rs"]) * (r - p_["rs"])) * cutoff(r);
    }
    double triple(const neighbor_list &l, int j, int k)
    {
        double a = length(l, j), b = length(l, k), x = l.dx[k] - l.dx[j], y = l.dy[k] - l.dy[j], z = l.dz[k] - l.dz[j];
        double cosine = (l.dx[j] * l.dx[k] + l.dy[j] * l.dy[k] + l.dz[j] * l.dz[k]) / (a * b);
        double W = radial(a) * radial(b), degree = M_PI / 180;
        if (type_ != 9 && type_ != 22 && type_ != 25) W *= radial(std::sqrt(x * x + y * y + z * z));
        if (!sub_.empty())
            return std::fabs(cosine) >= 1
                       ? 0
                       : W * compact(std::acos(cosine), p_["left"] * degree, p_["right"] * degree, false);
        double s = 1 + p_["lambda"] * cosine;
        return s <= 0 ? 0 : W * std::pow(2, 1 - p_["zeta"]) * std::pow(s, p_["zeta"]);
    }

    int cutoff_type_;
    double alpha_;
    std::string center_, sub_;
    int type_ = 0, e1_ = 0, e2_ = 0;
    std::map<std::string, double> p_;
};

} // namespace testing_support

#endif
