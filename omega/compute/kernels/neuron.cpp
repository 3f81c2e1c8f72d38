// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/neuron.h"

#include <algorithm>

#include "omega/compute/kernels/argument_checks.h"
#include "omega/compute/kernels/instruction_choice.h"
#include "omega/compute/kernels/lif_parameters.h"
#include "omega/compute/kernels/neuron_loops.h"

namespace omega::compute {

namespace isa_baseline {
extern const NeuronLoops neuron_loops;
}
namespace isa_avx2 {
extern const NeuronLoops neuron_loops;
}
namespace isa_avx512 {
extern const NeuronLoops neuron_loops;
}

const NeuronLoops& neuron_loops() { return loops_of(&isa_baseline::neuron_loops, &isa_avx2::neuron_loops, &isa_avx512::neuron_loops); }

namespace {

/// Neurons of a piece: whole words of spikes.
constexpr int64_t kTileNeurons = 1024;

}  // namespace

void lif_step(const ArrayView& currents, const LifParameters& parameters, MutableArrayView potentials, MutableArrayView waits, SpikeArray& fired,
              const Execution& execution) {
  require_floats("currents", currents.type);
  require_contiguous("currents", currents);
  require_array("potentials", potentials, currents.type, currents.shape);
  require_array("waits", waits, ElementType::int32, currents.shape);
  require_shape("fired", fired.shape(), currents.shape);
  check_lif(parameters);
  const int64_t columns = fired.columns();
  const int64_t tiles = (columns + kTileNeurons - 1) / kTileNeurons;
  const auto run = [&]<class T>(std::type_identity<T>) {
    const LifConstants<T> constants = lif_constants<T>(parameters);
    run_pieces(execution, fired.rows() * tiles, [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      for (int64_t i = begin; i < end; ++i) {
        const int64_t row = i / tiles;
        const int64_t column = i % tiles * kTileNeurons;
        const int64_t at = row * columns + column;
        neuron_loops().of<T>().lif(currents.as<T>() + at, potentials.as<T>() + at, waits.as<int32_t>() + at, std::min(kTileNeurons, columns - column),
                                   constants, fired.mutable_row(row) + column / 64);
      }
    });
  };
  if (currents.type == ElementType::float32) {
    run(std::type_identity<float>());
  } else {
    run(std::type_identity<double>());
  }
}

void tanh_of(const ArrayView& input, MutableArrayView output, const Execution& execution) {
  require_floats("input", input.type);
  require_contiguous("input", input);
  require_array("output", output, input.type, input.shape);
  const int64_t count = input.count();
  const auto run = [&]<class T>(std::type_identity<T>) {
    run_pieces(execution, (count + kTileNeurons - 1) / kTileNeurons, [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      const int64_t at = begin * kTileNeurons;
      neuron_loops().of<T>().tanh(input.as<T>() + at, output.as<T>() + at, std::min(end * kTileNeurons, count) - at);
    });
  };
  if (input.type == ElementType::float32) {
    run(std::type_identity<float>());
  } else {
    run(std::type_identity<double>());
  }
}

}  // namespace omega::compute
