// Runs the sketch as the chip would: set-up once, then a round each millisecond until the process is ended.
#include SKETCH
#include <chrono>
#include <thread>

int main() {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  const auto began = std::chrono::steady_clock::now();
  setup();
  for (;;) {
    chipUs += 1000;
    loop();
    std::this_thread::sleep_until(began + std::chrono::microseconds(chipUs));
  }
}
