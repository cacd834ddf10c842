#include "term/integer_text.h"

#include <algorithm>

namespace portlab {
namespace {

constexpr std::uint32_t kNineDigits = 1'000'000'000;
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

std::string Hexadecimal(Bytes magnitude) {
  std::string digits;
  for (std::size_t i = magnitude.size(); i-- > 0;) {
    digits.push_back(kDigits[magnitude[i] >> 4]);
    digits.push_back(kDigits[magnitude[i] & 0xf]);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return "16#" + digits;
}

// limbs = limbs * factor + more
void MultiplyAdd(std::vector<std::uint32_t>& limbs, std::uint32_t factor, std::uint32_t more) {
  std::uint64_t carry = more;
  for (std::uint32_t& limb : limbs) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
}

// limbs = limbs / divisor; the remainder is the result.
std::uint32_t DivideBy(std::vector<std::uint32_t>& limbs, std::uint32_t divisor) {
  std::uint64_t rest = 0;
  for (std::size_t i = limbs.size(); i-- > 0;) {
    rest = (rest << 32) | limbs[i];
    limbs[i] = static_cast<std::uint32_t>(rest / divisor);
    rest %= divisor;
  }
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  return static_cast<std::uint32_t>(rest);
}

}  // namespace

std::string MagnitudeToText(Bytes magnitude) {
  if (magnitude.empty()) return "0";
  if (magnitude.size() > kMaxDecimalBytes) return Hexadecimal(magnitude);
  std::vector<std::uint32_t> limbs((magnitude.size() + 3) / 4);
  for (std::size_t i = 0; i < magnitude.size(); ++i) {
    limbs[i / 4] |= std::uint32_t{magnitude[i]} << (8 * (i % 4));
  }
  std::string reversed;
  while (!limbs.empty()) {
    std::uint32_t group = DivideBy(limbs, kNineDigits);
    for (int i = 0; i < 9; ++i, group /= 10) reversed.push_back(kDigits[group % 10]);
  }
  const std::size_t last = reversed.find_last_not_of('0');
  reversed.resize(last == std::string::npos ? 1 : last + 1);
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

std::optional<std::vector<std::uint8_t>> TextToMagnitude(std::string_view digits, unsigned base) {
  if (digits.empty()) return std::nullopt;
  // Two and a half decimal digits a byte: what MagnitudeToText writes in decimal can be read, and
  // time stays bounded. Base 16 never takes more than two digits a byte, and is handled without
  // multiplication.
  if (base != 16 && digits.size() > kMaxDecimalBytes * 5 / 2) return std::nullopt;
  std::vector<std::uint32_t> limbs;
  std::vector<std::uint8_t> nibbles;
  for (char c : digits) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const std::size_t value = kDigits.find(upper);
    if (value >= base) return std::nullopt;
    if (base == 16) {
      nibbles.push_back(static_cast<std::uint8_t>(value));
    } else {
      MultiplyAdd(limbs, base, static_cast<std::uint32_t>(value));
    }
  }
  std::vector<std::uint8_t> out;
  for (std::uint32_t limb : limbs) {
    for (int shift = 0; shift < 32; shift += 8)
      out.push_back(static_cast<std::uint8_t>(limb >> shift));
  }
  for (std::size_t i = 0; i < nibbles.size(); ++i) {
    const std::uint8_t nibble = nibbles[nibbles.size() - 1 - i];
    if (i % 2 == 0) {
      out.push_back(nibble);
    } else {
      out.back() = static_cast<std::uint8_t>(out.back() | (nibble << 4));
    }
  }
  return out;
}

}  // namespace portlab
