// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/reasoning_cores.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "omega/compute/spiking/counter_random.h"
#include "omega/compute/spiking/numbers.h"

namespace omega::compute {

namespace {

void check_positive(const char* field, double value) {
  if (!(value >= 1)) {
    throw std::invalid_argument(std::string(field) + ": " + std::to_string(value) + " is not at least 1");
  }
}

void scale_to_length_one(double* x, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += x[i] * x[i];
  }
  for (int64_t i = 0; i < count && sum > 0; ++i) {
    x[i] /= std::sqrt(sum);
  }
}

/// Adds the edge energies of one image to cells x cells x orientations.
void add_edges(const double* image, int64_t height, int64_t width, int64_t rows, int64_t columns, int64_t orientations, double* energies) {
  const auto pixel = [&](int64_t y, int64_t x) { return image[std::clamp<int64_t>(y, 0, height - 1) * width + std::clamp<int64_t>(x, 0, width - 1)]; };
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const double dx = pixel(y, x + 1) - pixel(y, x - 1);
      const double dy = pixel(y + 1, x) - pixel(y - 1, x);
      const double magnitude = std::sqrt(dx * dx + dy * dy);
      if (!(magnitude > 0)) {
        continue;
      }
      // Direction in [0, pi), in units of bins.
      double place = std::atan2(dy, dx) / std::numbers::pi * static_cast<double>(orientations);
      place = place < 0 ? place + static_cast<double>(orientations) : place;
      const double whole = std::floor(place);
      const double share = place - whole;
      const int64_t low = static_cast<int64_t>(whole) % orientations;
      double* const cell = energies + (y * rows / height * columns + x * columns / width) * orientations;
      cell[low] += magnitude * (1 - share);
      cell[(low + 1) % orientations] += magnitude * share;
    }
  }
}

/// In place, by Cooley and Tukey; the size is a power of two.
void fourier(std::vector<std::complex<double>>& x) {
  const size_t n = x.size();
  for (size_t i = 1, j = 0; i < n; ++i) {
    size_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) {
      j ^= bit;
    }
    j ^= bit;
    if (i < j) {
      std::swap(x[i], x[j]);
    }
  }
  for (size_t length = 2; length <= n; length *= 2) {
    for (size_t k = 0; k < length / 2; ++k) {
      const std::complex<double> turn = std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length));
      for (size_t i = k; i < n; i += length) {
        const std::complex<double> other = turn * x[i + length / 2];
        x[i + length / 2] = x[i] - other;
        x[i] += other;
      }
    }
  }
}

double to_mel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double to_hertz(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

/// bands x bins weights of triangular bands; a band narrower than the bins takes the nearest one.
std::vector<double> mel_bands(int64_t bands, int64_t bins, double sample_rate) {
  std::vector<double> weights(static_cast<size_t>(bands * bins));
  const double top = to_mel(sample_rate / 2);
  const double per_bin = bins > 1 ? sample_rate / 2 / static_cast<double>(bins - 1) : sample_rate / 2;
  for (int64_t b = 0; b < bands; ++b) {
    const auto edge = [&](int64_t i) { return to_hertz(top * static_cast<double>(i) / static_cast<double>(bands + 1)) / per_bin; };
    const double low = edge(b);
    const double middle = edge(b + 1);
    const double high = edge(b + 2);
    double sum = 0;
    for (int64_t k = 0; k < bins; ++k) {
      const auto at = static_cast<double>(k);
      const double weight = std::max(0.0, std::min((at - low) / (middle - low), (high - at) / (high - middle)));
      weights[static_cast<size_t>(b * bins + k)] = weight;
      sum += weight;
    }
    if (sum == 0) {
      weights[static_cast<size_t>(b * bins + std::min<int64_t>(std::llround(middle), bins - 1))] = 1;
    }
  }
  return weights;
}

/// The token of a vector: a bit for each of 16 random planes.
int64_t token_of(const double* vector, int64_t width) {
  constexpr uint32_t kPlanes = 16;
  const RandomStream random(0, 64);
  int64_t token = 0;
  for (uint32_t plane = 0; plane < kPlanes; ++plane) {
    double side = 0;
    for (int64_t i = 0; i < width; ++i) {
      side += vector[i] * random.normal(static_cast<uint64_t>(i), plane);
    }
    token |= static_cast<int64_t>(side > 0) << plane;
  }
  return token;
}

std::vector<int64_t> tokens_of(const ArrayView& text) {
  std::vector<int64_t> tokens;
  if (text.rank() == 2) {
    const Rows<const std::byte> reader(text);
    std::vector<double> row(static_cast<size_t>(reader.columns()));
    for (int64_t r = 0; r < reader.count(); ++r) {
      read_row(reader, text.type, r, row.data());
      tokens.push_back(token_of(row.data(), reader.columns()));
    }
    return tokens;
  }
  if (text.rank() != 1) {
    throw std::invalid_argument("text: shape " + text.shape.describe() + " where tokens (count,) or vectors (count, width) are expected");
  }
  if (text.type == ElementType::float32 || text.type == ElementType::float64) {
    throw std::invalid_argument("text: " + std::string(name_of(text.type)) + text.shape.describe() +
                                "; tokens are integers, and vectors of tokens have two axes (count, width)");
  }
  for (const double token : numbers_of(text)) {
    tokens.push_back(static_cast<int64_t>(token));
  }
  return tokens;
}

}  // namespace

Array VisualReasoningCore::process(const ArrayView& images) const {
  check_positive("cells", static_cast<double>(cells));
  check_positive("orientations", static_cast<double>(orientations));
  if (images.rank() < 2) {
    throw std::invalid_argument("images: shape " + images.shape.describe() + " where (…, height, width) is expected");
  }
  const int64_t height = images.shape[images.rank() - 2];
  const int64_t width = images.shape[images.rank() - 1];
  const int64_t rows = std::min(cells, height);
  const int64_t columns = std::min(cells, width);
  std::vector<int64_t> extents(images.shape.extents().begin(), images.shape.extents().end() - 2);
  extents.insert(extents.end(), {rows, columns, orientations});
  Array features(ElementType::float64, Shape(extents));
  std::fill_n(features.as<double>(), features.shape().count(), 0.0);
  const std::vector<double> pixels = numbers_of(images);
  const int64_t size = rows * columns * orientations;
  for (int64_t i = 0; i < (size == 0 ? 0 : features.shape().count() / size); ++i) {
    add_edges(pixels.data() + i * height * width, height, width, rows, columns, orientations, features.as<double>() + i * size);
    scale_to_length_one(features.as<double>() + i * size, size);
  }
  return features;
}

Array AudioReasoningCore::process(const ArrayView& sound) const {
  check_positive("bands", static_cast<double>(bands));
  check_positive("sample_rate", sample_rate);
  check_positive("frame", static_cast<double>(frame));
  check_positive("hop", static_cast<double>(hop));
  if (sound.rank() != 1 && sound.rank() != 2) {
    throw std::invalid_argument("sound: shape " + sound.shape.describe() + " where a wave (samples,) or frames (frames, samples) are expected");
  }
  const std::vector<double> samples = numbers_of(sound);
  const bool cut = sound.rank() == 1;
  const auto count = static_cast<int64_t>(samples.size());
  const int64_t length = cut ? std::min(frame, count) : sound.shape[1];
  const int64_t step = cut ? hop : length;
  const int64_t frames = cut ? (count == 0 ? 0 : 1 + (count - length) / hop) : sound.shape[0];
  size_t size = 2;
  while (size < static_cast<size_t>(length)) {
    size *= 2;
  }
  const auto bins = static_cast<int64_t>(size / 2 + 1);
  const std::vector<double> weights = mel_bands(bands, bins, sample_rate);
  Array features(ElementType::float64, Shape{frames, bands});
  std::vector<std::complex<double>> spectrum(size);
  for (int64_t f = 0; f < frames; ++f) {
    std::ranges::fill(spectrum, 0.0);
    for (int64_t i = 0; i < length; ++i) {
      const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(length));
      spectrum[static_cast<size_t>(i)] = window * samples[static_cast<size_t>(f * step + i)];
    }
    fourier(spectrum);
    for (int64_t b = 0; b < bands; ++b) {
      double energy = 0;
      for (int64_t k = 0; k < bins; ++k) {
        energy += weights[static_cast<size_t>(b * bins + k)] * std::norm(spectrum[static_cast<size_t>(k)]);
      }
      features.as<double>()[f * bands + b] = std::log(energy + 1e-10);
    }
  }
  return features;
}

Array TextReasoningCore::process(const ArrayView& text) const {
  check_positive("features", static_cast<double>(features));
  check_positive("longest", static_cast<double>(longest));
  const std::vector<int64_t> tokens = tokens_of(text);
  Array vector(ElementType::float64, Shape{features});
  std::fill_n(vector.as<double>(), features, 0.0);
  for (size_t from = 0; from < tokens.size(); ++from) {
    std::array<uint32_t, 4> hash{};
    for (size_t i = from; i < tokens.size() && i < from + static_cast<size_t>(longest); ++i) {
      const auto token = static_cast<uint64_t>(tokens[i]);
      hash = philox({hash[0] ^ static_cast<uint32_t>(token), hash[1] ^ static_cast<uint32_t>(token >> 32), hash[2], static_cast<uint32_t>(i - from)},
                    {hash[3], 0x74657874});
      const auto place = static_cast<int64_t>(((static_cast<uint64_t>(hash[0]) << 32) | hash[1]) % static_cast<uint64_t>(features));
      vector.as<double>()[place] += (hash[2] & 1) != 0 ? 1 : -1;
    }
  }
  scale_to_length_one(vector.as<double>(), features);
  return vector;
}

}  // namespace omega::compute
