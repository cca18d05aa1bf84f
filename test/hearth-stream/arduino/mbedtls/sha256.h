// SHA-256 (FIPS 180-4) under mbedtls's name.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

inline int mbedtls_sha256(const unsigned char* input, size_t length, unsigned char* output, int) {
  // The constants are the first 32 bits of the fractional parts of cube and square roots of primes: computed, so that nobody has to copy them.
  auto isPrime = [](int n) { for (int i = 2; i * i <= n; i++) if (n % i == 0) return false; return true; };
  auto fraction = [](long double root) { return static_cast<uint32_t>((root - static_cast<uint64_t>(root)) * 4294967296.0L); };
  uint32_t k[64], h[8];
  for (int n = 2, count = 0; count < 64; n++) {
    if (!isPrime(n)) continue;
    k[count] = fraction(__builtin_cbrtl(n));
    if (count < 8) h[count] = fraction(__builtin_sqrtl(n));
    count++;
  }
  std::string data(reinterpret_cast<const char*>(input), length);
  data += '\x80';
  while (data.size() % 64 != 56) data += '\0';
  for (int i = 7; i >= 0; i--) data += static_cast<char>(static_cast<uint64_t>(length) * 8 >> 8 * i);
  auto turn = [](uint32_t x, int by) { return x >> by | x << (32 - by); };
  for (size_t at = 0; at < data.size(); at += 64) {
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++) {
      w[i] = 0;
      for (int j = 0; j < 4; j++) w[i] = w[i] << 8 | static_cast<uint8_t>(data[at + 4 * i + j]);
    }
    for (int i = 16; i < 64; i++) {
      const uint32_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
    }
    for (int i = 0; i < 8; i++) v[i] = h[i];
    for (int i = 0; i < 64; i++) {
      const uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
      const uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      for (int j = 7; j > 0; j--) v[j] = v[j - 1];
      v[4] += one;
      v[0] = one + two;
    }
    for (int i = 0; i < 8; i++) h[i] += v[i];
  }
  for (int i = 0; i < 32; i++) output[i] = static_cast<unsigned char>(h[i / 4] >> (24 - 8 * (i % 4)));
  return 0;
}
