// The Arduino core on the host: time goes a millisecond a loop, the pins play a heartbeat. Only what the sketch uses.
#pragma once
#include <cmath>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

enum { INPUT, OUTPUT };

/** The chip's own time since it started. host-main.cpp moves it on, so that a host that is busy makes no chip late. */
inline uint64_t chipUs = 0;
/** As on the chip both begin anew when 32 bits are full; CHIP_MICROS_START puts that moment into the test. */
inline uint32_t micros() {
  static const char* start = getenv("CHIP_MICROS_START");
  return static_cast<uint32_t>(chipUs + (start == nullptr ? 0 : strtoull(start, nullptr, 10)));
}
inline uint32_t millis() { return static_cast<uint32_t>(chipUs / 1000); }
inline void pinMode(int, int) {}
inline int digitalRead(int) { return 0; }
inline uint32_t esp_random() {
  static std::random_device device;
  return device();
}

/** 60 beats a minute, 1.1 mV high, as an AD8232 gives them to 12 bits at 3.3 V. */
inline int analogRead(int) {
  const double s = std::fmod(chipUs / 1e6, 1.0);
  auto wave = [s](double at, double width, double mv) { return mv * std::exp(-std::pow((s - at) / width, 2)); };
  const double mv = wave(.18, .025, .12) + wave(.30, .010, 1.1) - wave(.32, .009, .25) + wave(.52, .05, .28);
  return static_cast<int>(std::lround((mv * 1100 + 1650) / 3300 * 4096));
}

class String {
 public:
  String(const char* of = "") : text(of) {}
  String operator+(const char* more) const { return String((text + more).c_str()); }
  const char* c_str() const { return text.c_str(); }
  bool endsWith(const char* end) const {
    const size_t length = strlen(end);
    return text.size() >= length && text.compare(text.size() - length, length, end) == 0;
  }

 private:
  std::string text;
};

struct SerialPort {
  void begin(int) {}
  void write(const uint8_t* bytes, size_t count) { fwrite(bytes, 1, count, stdout); }
  void println() { fputs("\n", stdout); fflush(stdout); }
  void printf(const char* format, ...) {
    va_list given;
    va_start(given, format);
    vprintf(format, given);
    va_end(given);
    fflush(stdout);
  }
};
inline SerialPort Serial;
