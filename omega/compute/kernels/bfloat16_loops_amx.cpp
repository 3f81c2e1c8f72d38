// SPDX-License-Identifier: Apache-2.0
// Products in bfloat16 by matrix tiles: 32 states times 32 neurons, a block of presynaptic numbers at a time.
#define OMEGA_ISA isa_amx
#include "omega/compute/kernels/bfloat16_rows.inc"

namespace omega::compute::OMEGA_ISA {
namespace {

constexpr int64_t kTileRows = 16;
/// Tiles 0 … 3 are sums, 4 and 5 states, 6 and 7 weights.
constexpr int kWeights = 6;

/// What LDTILECFG reads.
struct alignas(64) TileShapes {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {};
};
static_assert(sizeof(TileShapes) == 64);

/// Tiles have shapes on this thread as long as this lives.
class ShapedTiles {
 public:
  /// Tiles of states and sums have so many rows, at most kTileRows.
  explicit ShapedTiles(int64_t rows) {
    TileShapes shapes;
    for (int tile = 0; tile < 8; ++tile) {
      shapes.rows[tile] = static_cast<uint8_t>(tile < kWeights ? rows : kTileRows);
    }
    asm volatile("ldtilecfg %0" ::"m"(shapes));
  }
  ~ShapedTiles() { _tile_release(); }
  ShapedTiles(const ShapedTiles&) = delete;
  ShapedTiles& operator=(const ShapedTiles&) = delete;
};

/// 16 bits a state.
void round(const float* from, int64_t count, int64_t room, std::byte* to) {
  for (int64_t i = 0; i < room; i += kLanesOf<float>) {
    using Upper __attribute__((vector_size(kVectorBytes / 2))) = uint16_t;
    const auto upper = __builtin_convertvector(rounded(load_part(from + i, count - i)) >> 16, Upper);
    store(reinterpret_cast<uint16_t*>(to) + i, upper);
  }
}

/// Sums of 32 rows of states, or of 16: without the lower two tiles of sums.
template <bool kBoth>
inline void multiply(const Bfloat16PanelTask& task, int64_t row, float* sums) {
  const int64_t state_bytes = task.state_stride * static_cast<int64_t>(sizeof(uint16_t));
  constexpr int64_t kRowBytes = kBfloat16Columns * static_cast<int64_t>(sizeof(uint32_t));
  const std::byte* states = task.states + row * state_bytes;
  const uint32_t* weights = task.panel;
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (kBoth) {
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t block = 0; block < task.blocks; ++block) {
    _tile_loadd(4, states, state_bytes);
    _tile_loadd(6, weights, kRowBytes);
    _tile_loadd(7, weights + kBfloat16Columns / 2, kRowBytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if constexpr (kBoth) {
      _tile_loadd(5, states + kTileRows * state_bytes, state_bytes);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    states += kBfloat16Block * sizeof(uint16_t);
    weights += kBfloat16Block / 2 * kBfloat16Columns;
  }
  _tile_stored(0, sums, kRowBytes);
  _tile_stored(1, sums + kBfloat16Columns / 2, kRowBytes);
  if constexpr (kBoth) {
    _tile_stored(2, sums + kTileRows * kBfloat16Columns, kRowBytes);
    _tile_stored(3, sums + kTileRows * kBfloat16Columns + kBfloat16Columns / 2, kRowBytes);
  }
}

void panel(const Bfloat16PanelTask& task) {
  static_assert(kBfloat16Rows == 2 * kTileRows && kBfloat16Columns == 2 * kTileRows);
  alignas(64) float sums[kBfloat16Rows * kBfloat16Columns];
  {
    const ShapedTiles tiles(task.rows < kTileRows ? task.rows : kTileRows);
    if (task.rows > kTileRows) {
      multiply<true>(task, 0, sums);
    } else {
      multiply<false>(task, 0, sums);
    }
  }
  activate(task, 0, task.rows, sums);
}

}  // namespace

extern const Bfloat16Products bfloat16_products;
constinit const Bfloat16Products bfloat16_products = {sizeof(uint16_t), round, panel};

}  // namespace omega::compute::OMEGA_ISA
