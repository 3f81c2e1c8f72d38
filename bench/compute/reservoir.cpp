// SPDX-License-Identifier: Apache-2.0
// One step of reservoirs and sums of spikes, in microseconds, by Omega (COMPUTE_OMEGA) or by Eigen and OpenBLAS, whichever is faster (COMPUTE_PEERS).
// usage: reservoir tanh|lif N DENSITY BATCH THREADS [bfloat16]; reservoir sum bits|bytes THREADS (giga-spikes a second)
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#ifdef COMPUTE_OMEGA
#include "omega/compute/kernels/reservoir_step.h"
#include "omega/compute/kernels/sum.h"
#else
#include <cblas.h>

#include <Eigen/Dense>
#include <Eigen/Sparse>
extern "C" void openblas_set_num_threads(int);
#endif

namespace {

/// Seconds of the fastest of many calls: half a second of them, at least five.
template <class Call>
double least(Call&& call) {
  using Clock = std::chrono::steady_clock;
  call();
  double best = 1e9;
  const auto begin = Clock::now();
  for (int i = 0; i < 5 || Clock::now() - begin < std::chrono::milliseconds(500); ++i) {
    const auto start = Clock::now();
    call();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

/// What all engines compute: inputs spike with probability 0.1, neurons with 0.05.
struct Example {
  int64_t neurons, inputs, batch;
  std::vector<float> input, recurrent, states, spikes, fired;

  Example(int64_t n, double density, int64_t b) : neurons(n), inputs(n == 100 ? 50 : 100), batch(b) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<double> uniform;
    const auto fill = [&](std::vector<float>& values, int64_t count, double kept, bool spike, float scale) {
      values.resize(static_cast<size_t>(count));
      for (float& value : values) {
        value = uniform(random) < kept ? (spike ? 1.0F : scale * normal(random)) : 0.0F;
      }
    };
    fill(input, inputs * neurons, 1, false, 0.1F);
    fill(recurrent, neurons * neurons, density, false, static_cast<float>(0.9 / std::sqrt(static_cast<double>(neurons) * density)));
    fill(states, batch * neurons, 1, false, 0.5F);
    fill(spikes, batch * inputs, 0.1, true, 1);
    fill(fired, batch * neurons, 0.05, true, 1);
  }
};

#ifdef COMPUTE_OMEGA
using namespace omega::compute;

double reservoir_seconds(const Example& e, bool lif, unsigned threads, bool bfloat16) {
  omega::task::Scheduler scheduler(threads);
  const Execution execution{.scheduler = &scheduler};
  const PreparedReservoir reservoir(view_of(e.input.data(), {e.inputs, e.neurons}), view_of(e.recurrent.data(), {e.neurons, e.neurons}),
                                    bfloat16 ? Precision::bfloat16 : Precision::full);
  std::fprintf(stderr, "%s\n", reservoir.describe().c_str());
  const Shape shape{e.batch, e.neurons};
  if (!lif) {
    std::vector<float> outputs(e.states.size());
    return least([&] {
      reservoir.step(view_of(e.states.data(), shape), view_of(e.spikes.data(), {e.batch, e.inputs}), {Activation::Kind::tanh},
                     mutable_view_of(outputs.data(), shape), execution);
    });
  }
  const SpikeArray spikes = SpikeArray::from_dense(view_of(e.spikes.data(), {e.batch, e.inputs}));
  const SpikeArray before = SpikeArray::from_dense(view_of(e.fired.data(), shape));
  SpikeArray fired(shape);
  std::vector<float> potentials(e.states.size());
  std::vector<int32_t> waits(e.states.size());
  return least([&] {
    std::copy_n(before.row(0), before.rows() * before.words_per_row(), fired.mutable_row(0));
    reservoir.step_lif(spikes, {.decay = 0.95, .threshold = 1, .refractory = 2}, mutable_view_of(potentials.data(), shape),
                       mutable_view_of(waits.data(), shape), fired, execution);
  });
}

double sum_seconds(bool bits, unsigned threads, double& spikes_counted) {
  omega::task::Scheduler scheduler(threads);
  const omega::task::Attachment attachment(scheduler);
  const Shape shape{128, 1000, 512};
  constexpr int kArrays = 16;
  std::vector<Array> bytes;  // on huge pages, as NumPy's
  std::mt19937 random(1);
  for (int i = 0; i < (bits ? 1 : kArrays); ++i) {
    bytes.emplace_back(ElementType::boolean, shape);
    std::generate_n(bytes.back().as<uint8_t>(), shape.count(), [&] { return (random() & 15) == 0 ? 1 : 0; });
  }
  std::vector<SpikeArray> packed;
  for (int i = 0; bits && i < kArrays; ++i) {
    packed.push_back(SpikeArray::from_dense(bytes[0].view()));
  }
  Array output(ElementType::int64, {128, 512});
  spikes_counted = static_cast<double>(shape.count()) * kArrays;
  return least([&] {
    for (size_t i = 0; i < kArrays; ++i) {
      bits ? fold_axis(Fold::sum, packed[i], 1, output.mutable_view()) : fold_axis(Fold::sum, bytes[i].view(), 1, output.mutable_view());
    }
  });
}
#else
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// currents = spikes @ input + rows @ recurrent.T by each library, then what follows, fused as far as Eigen does.
double reservoir_seconds(const Example& e, bool lif, unsigned threads, bool /*bfloat16*/) {
  Eigen::setNbThreads(static_cast<int>(threads));
  openblas_set_num_threads(static_cast<int>(threads));
  using Map = Eigen::Map<const Matrix>;
  const Matrix input = Map(e.input.data(), e.inputs, e.neurons);
  const Matrix recurrent = Map(e.recurrent.data(), e.neurons, e.neurons);
  const Matrix rows = Map(lif ? e.fired.data() : e.states.data(), e.batch, e.neurons);
  const Matrix spikes = Map(e.spikes.data(), e.batch, e.inputs);
  const Eigen::SparseMatrix<float, Eigen::RowMajor> sparse = recurrent.sparseView();
  const bool is_sparse = sparse.nonZeros() * 4 <= e.neurons * e.neurons;
  Matrix currents(e.batch, e.neurons), potentials = Matrix::Zero(e.batch, e.neurons), fired(e.batch, e.neurons);
  Eigen::ArrayXXi waits = Eigen::ArrayXXi::Zero(e.batch, e.neurons);
  const auto finish = [&] {
    if (!lif) {
      currents = currents.array().tanh();
      return;
    }
    float* v = potentials.data();
    int* w = waits.data();
    const float* c = currents.data();
    float* f = fired.data();
    for (int64_t i = 0; i < e.batch * e.neurons; ++i) {
      const float risen = w[i] > 0 ? 0 : 0.95F * v[i] + c[i];
      const bool fires = w[i] <= 0 && risen >= 1;
      v[i] = fires ? 0 : risen;
      w[i] = fires ? 2 : w[i] > 0 ? w[i] - 1 : 0;
      f[i] = fires ? 1.0F : 0.0F;
    }
  };
  double best = least([&] {
    currents.noalias() = spikes * input;
    currents.noalias() += rows * recurrent.transpose();
    finish();
  });
  if (is_sparse) {
    best = std::min(best, least([&] {
                      currents.noalias() = spikes * input;
                      currents.transpose() += sparse * rows.transpose();
                      finish();
                    }));
  }
  const auto n = static_cast<int>(e.neurons), i = static_cast<int>(e.inputs), b = static_cast<int>(e.batch);
  return std::min(best, least([&] {
                    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, b, n, i, 1, spikes.data(), i, input.data(), n, 0, currents.data(), n);
                    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, b, n, n, 1, rows.data(), n, recurrent.data(), n, 1, currents.data(), n);
                    finish();
                  }));
}
double sum_seconds(bool, unsigned, double&) { return NAN; }
#endif

}  // namespace

int main(int count, char** arguments) {
  const std::string what = count > 1 ? arguments[1] : "";
  if (what == "sum" && count == 4) {
    double spikes = 0;
    const double seconds = sum_seconds(std::string(arguments[2]) == "bits", static_cast<unsigned>(std::atoi(arguments[3])), spikes);
    std::printf("%.1f\n", spikes / seconds * 1e-9);
    return 0;
  }
  const bool bfloat16 = count == 7 && std::string(arguments[6]) == "bfloat16";
  if (count != 6 && !bfloat16) {
    return 1;
  }
  const Example example(std::atoi(arguments[2]), std::atof(arguments[3]), std::atoi(arguments[4]));
  std::printf("%.1f\n", 1e6 * reservoir_seconds(example, what == "lif", static_cast<unsigned>(std::atoi(arguments[5])), bfloat16));
}
