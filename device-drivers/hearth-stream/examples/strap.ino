// An ECG strap of an ESP32 and an AD8232 for Hearth. Needs the library PubSubClient; set the first lines.
#include <WiFi.h>
#include <WiFiClientSecure.h>
#include <PubSubClient.h>
#include <mbedtls/sha256.h>

const char* WIFI_NAME = "my network";
const char* WIFI_PASSWORD = "its password";
const char* HOST = "hearth.local";       // the address that "hearth cert show" names; port 8883 is encrypted
const int PORT = 8883;
const char* DEVICE = "chest-strap";
const char* PASSWORD = "as Hearth printed it";
const char* CERTIFICATE = R"(
-----BEGIN CERTIFICATE-----
what hearth-ca.pem has between these lines
-----END CERTIFICATE-----
)";
const int ECG_PIN = 34, LEAD_OFF_PLUS = 26, LEAD_OFF_MINUS = 27;  // OUTPUT, LO+ and LO- of the AD8232

// The AD8232 amplifies 1100 times; the ESP32 has 4096 steps for 3.3 V: 3300 mV / 4096 / 1100 a step.
const char META[] = R"({"v":1,"rateHz":250,"placement":"chest","channels":[{"id":"ecg","kind":"ecg","lead":"II","unit":"mV",)"
                    R"("scale":0.00073242,"offset":-1.5}],"sentinels":[)"
                    R"({"channel":"ecg","value":-1,"meaning":"lead-off"},{"channel":"ecg","value":-2,"meaning":"not-ready"}],"contact":"measured"})";
const int RATE_HZ = 250, BATCH = 125;    // a batch every half second

WiFiClientSecure net;
PubSubClient mqtt(net);
int16_t samples[BATCH];
uint8_t boot[8], metaHash[8], packet[512];
uint64_t sampleCount = 0;                // goes on whatever happens: what was not sent is a gap
uint32_t nextUs, batchCount = 0;

String topic(const char* channel) { return String("hearth/v1/home/") + DEVICE + "/" + channel; }

size_t head(uint8_t* to, uint8_t kind, uint64_t value) {  // CBOR (RFC 8949): kind in the upper three bits, then the number
  int bytes = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000ULL ? 4 : 8;
  to[0] = kind << 5 | (bytes == 0 ? value : bytes == 1 ? 24 : bytes == 2 ? 25 : bytes == 4 ? 26 : 27);
  for (int i = 0; i < bytes; i++) to[1 + i] = value >> 8 * (bytes - 1 - i);
  return 1 + bytes;
}
uint8_t* text(uint8_t* to, const char* of) { to += head(to, 3, strlen(of)); memcpy(to, of, strlen(of)); return to + strlen(of); }
uint8_t* number(uint8_t* to, const char* key, uint64_t value) { to = text(to, key); return to + head(to, 0, value); }
uint8_t* bytes(uint8_t* to, const void* of, size_t count) { to += head(to, 2, count); memcpy(to, of, count); return to + count; }

void sendBatch(uint64_t firstIndex) {
  uint8_t* at = packet + head(packet, 5, 9);               // a map of nine
  at = number(at, "v", 1);
  at = bytes(text(at, "b"), boot, 8);
  at = number(at, "q", batchCount++);
  at = number(at, "n0", firstIndex);
  at = number(at, "t", firstIndex * (1000000000ULL / RATE_HZ));
  at = number(at, "k", 1);
  at = number(at, "d", 1000000000ULL / RATE_HZ);
  at = text(at, "c");
  at += head(at, 4, 1);                                    // a list of one channel
  at += head(at, 5, 2);                                    // a map of two: i and x
  at = text(text(at, "i"), "ecg");
  at = text(at, "x");
  at += head(at, 6, 77);                                   // tag 77: 16 bit, signed, little-endian, as the ESP32 has them
  at = bytes(at, samples, sizeof samples);
  at = bytes(text(at, "m"), metaHash, 8);
  mqtt.publish(topic("ecg/raw").c_str(), packet, at - packet, false);
}

void sendMeta() { mqtt.publish(topic("ecg/meta").c_str(), (const uint8_t*)META, strlen(META), true); }

void hear(char* where, uint8_t* payload, unsigned int length) {
  String name(where);
  if (name.endsWith("/cmd/meta")) sendMeta();
  if (name.endsWith("/cmd/error")) { Serial.write(payload, length); Serial.println(); }
}

void stayConnected() {
  if (WiFi.status() != WL_CONNECTED || mqtt.connected()) return;
  static uint32_t triedMs = 0;
  if (triedMs != 0 && millis() - triedMs < 5000) return;
  triedMs = millis();
  if (!mqtt.connect(DEVICE, DEVICE, PASSWORD, topic("status").c_str(), 1, true, "{\"state\":\"offline\"}")) {
    Serial.printf("Hearth refuses: %d\n", mqtt.state());   // 4: password, 5: name; -2: address, port or certificate
    return;
  }
  mqtt.subscribe(topic("cmd/#").c_str(), 1);
  sendMeta();
  mqtt.publish(topic("status").c_str(), (const uint8_t*)"{\"state\":\"online\"}", 18, true);
}

void setup() {
  Serial.begin(115200);
  pinMode(LEAD_OFF_PLUS, INPUT);
  pinMode(LEAD_OFF_MINUS, INPUT);
  for (int i = 0; i < 8; i++) boot[i] = esp_random();
  uint8_t hash[32];
  mbedtls_sha256((const uint8_t*)META, strlen(META), hash, 0);
  memcpy(metaHash, hash, 8);
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
  net.setCACert(CERTIFICATE);
  mqtt.setServer(HOST, PORT);
  mqtt.setBufferSize(1024);
  mqtt.setCallback(hear);
  nextUs = micros();
}

void loop() {
  stayConnected();
  mqtt.loop();
  const uint32_t periodUs = 1000000 / RATE_HZ;
  while ((int32_t)(micros() - nextUs) >= 0) {              // also when micros() begins anew, every 71 minutes
    bool isLate = micros() - nextUs > 2 * periodUs;        // connecting took long, say: what was not measured is made up by nobody
    bool isOff = digitalRead(LEAD_OFF_PLUS) || digitalRead(LEAD_OFF_MINUS);
    samples[sampleCount % BATCH] = isLate ? -2 : isOff ? -1 : analogRead(ECG_PIN);
    nextUs += periodUs;
    if (++sampleCount % BATCH == 0 && mqtt.connected()) sendBatch(sampleCount - BATCH);
  }
}
