// SPDX-License-Identifier: Apache-2.0
// Reasoning cores: features of an image, a sound or a text, each by its field's standard first step. Values; any thread; equal inputs give equal bits.
#pragma once

#include <cstdint>
#include <span>

#include "omega/compute/arrays/array.h"

namespace omega::compute {

/// Oriented edge energies, pooled: gradients by central differences, their magnitudes shared between the two nearest of `orientations` unsigned directions,
/// summed over a grid of cells, each image's vector scaled to length 1 (histograms of oriented gradients: Dalal and Triggs 2005, without overlapping blocks).
struct VisualReasoningCore {
  int64_t cells = 4;  ///< rows and columns of the grid; an image of fewer pixels has as many as pixels
  int64_t orientations = 8;

  /// Images (…, height, width) of any type to (…, cells, cells, orientations) float64. Throws std::invalid_argument naming the shape or the field that is
  /// wrong.
  [[nodiscard]] Array process(const ArrayView& images) const;
};

/// Logarithms of mel-band energies of short-time spectra (Davis and Mermelstein 1980, before their cosine transform): Hann windows, power spectra, triangular
/// bands spaced evenly in mel from 0 to half the sample rate.
struct AudioReasoningCore {
  int64_t bands = 16;
  double sample_rate = 16000;  ///< [Hz]
  int64_t frame = 400;         ///< samples of a frame cut from a wave
  int64_t hop = 160;           ///< samples between frames

  /// A wave (samples,) or frames (frames, samples) of any type to (frames, bands) float64: log(energy + 1e-10). A wave shorter than a frame is one frame.
  /// Throws std::invalid_argument naming the shape or the field that is wrong.
  [[nodiscard]] Array process(const ArrayView& sound) const;
};

/// Hashed n-grams: each run of 1 to `longest` tokens adds a signed 1 at the place its hash names, and the vector is scaled to length 1 (feature hashing:
/// Weinberger et al. 2009).
struct TextReasoningCore {
  int64_t features = 256;
  int64_t longest = 3;

  /// Tokens (count,) of an integer type, or bytes of a text as uint8; or vectors of tokens (count, width) of any type, each of which becomes the token of 16
  /// bits that says on which sides of random planes it lies (Charikar 2002). Gives (features,) float64. Throws std::invalid_argument naming the shape or the
  /// field.
  [[nodiscard]] Array process(const ArrayView& text) const;
};

}  // namespace omega::compute
