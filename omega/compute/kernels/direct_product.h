// SPDX-License-Identifier: Apache-2.0
// The loops of direct_step(), one compilation for each instruction set.
#pragma once

#include <cstdint>

namespace omega::compute {

/// A K x N matrix in memory of somebody else: element (k, n) at data[k * stride + n] (rows) or data[n * stride + k] (columns).
template <class T>
struct MatrixLayout {
  const T* data;
  int64_t stride;  ///< elements from one row, or column, to the next
  bool in_rows;
};

/// Rows of factors that go through the matrix together; what is left over of a batch goes row by row.
inline constexpr int64_t kFactorRows = 4;
/// How many groups that makes.
inline int64_t factor_groups(int64_t batch) { return batch / kFactorRows + batch % kFactorRows; }

/// The terms k of a product in the order in which they are added, for each group of rows: from k_of + g * K on those of which a factor is not 0, live[g] of
/// them, ascending; then the rest, which can only make what they are added to no number.
struct TermOrder {
  const int32_t* k_of;
  const int64_t* live;
};

/// outputs[b][n] += sum over k of factors[b][k] * matrix(k, n) for n in [first, last), all b; factors B x K, outputs B x N, without gaps. `order` is that of
/// the factors; only matrices in rows need one.
template <class T>
using AddProduct = void (*)(const MatrixLayout<T>& matrix, const T* factors, int64_t batch, int64_t terms, const TermOrder& order, T* outputs, int64_t columns,
                            int64_t first, int64_t last);

struct DirectProducts {
  AddProduct<float> float32;
  AddProduct<double> float64;
};
extern const DirectProducts kDirectProductsBaseline;
extern const DirectProducts kDirectProductsAvx2;
extern const DirectProducts kDirectProductsAvx512;

}  // namespace omega::compute
