// MQTT 3.1.1 as far as PubSubClient speaks it: QoS 0 out, any QoS in, one buffer that a packet must fit into.
#pragma once
#include "WiFiClientSecure.h"

class PubSubClient {
 public:
  using Callback = void (*)(char*, uint8_t*, unsigned int);
  explicit PubSubClient(WiFiClientSecure& of) : net(of) {}
  void setServer(const char* name, int number) { host = name; port = number; }
  void setBufferSize(size_t bytes) { bufferBytes = bytes; }
  void setCallback(Callback of) { callback = of; }
  bool connected() const { return net.isOpen(); }
  int state() const { return stateCode; }

  bool connect(const char* id, const char* user, const char* password, const char* willTopic, int willQos, bool willRetain, const char* will) {
    stateCode = -2;
    if (!net.open(host, port)) return false;
    std::string body = field("MQTT") + std::string("\x04", 1) + char(0xC6 | willQos << 3 | (willRetain ? 0x20 : 0)) + std::string("\0\x0f", 2);
    body += field(id) + field(willTopic) + field(will) + field(user) + field(password);
    uint8_t answer[4];
    if (!sendPacket(0x10, body) || !net.hasBytes(15000) || !net.read(answer, 4)) return net.close(), false;
    stateCode = answer[3];
    if (stateCode != 0) net.close();
    return stateCode == 0;
  }
  bool subscribe(const char* filter, int qos) { return sendPacket(0x82, std::string("\0\x01", 2) + field(filter) + char(qos)); }
  bool publish(const char* topic, const uint8_t* payload, unsigned int length, bool isRetained) {
    if (!connected() || strlen(topic) + length + 7 > bufferBytes) return false;
    return sendPacket(0x30 | (isRetained ? 1 : 0), field(topic) + std::string(reinterpret_cast<const char*>(payload), length));
  }
  bool loop() {
    if (!connected()) return false;
    if (millis() - saidMs > 10000) sendPacket(0xC0, "");
    while (net.hasBytes(0)) {
      uint8_t kind = 0, part = 0;
      size_t length = 0;
      if (!net.read(&kind, 1)) return false;
      for (int shift = 0; net.read(&part, 1); shift += 7) {
        length |= static_cast<size_t>(part & 0x7f) << shift;
        if ((part & 0x80) == 0) break;
      }
      std::string body(length, '\0');
      if (length > 0 && !net.read(reinterpret_cast<uint8_t*>(&body[0]), length)) return false;
      if ((kind & 0xf0) == 0x30 && length <= bufferBytes) take(kind, body);
    }
    return connected();
  }

 private:
  void take(uint8_t kind, const std::string& body) {
    const size_t topicBytes = static_cast<uint8_t>(body[0]) << 8 | static_cast<uint8_t>(body[1]);
    std::string topic = body.substr(2, topicBytes), payload = body.substr(2 + topicBytes + ((kind & 6) != 0 ? 2 : 0));
    if ((kind & 6) != 0) sendPacket(0x40, body.substr(2 + topicBytes, 2));
    if (callback != nullptr) callback(&topic[0], reinterpret_cast<uint8_t*>(&payload[0]), payload.size());
  }
  static std::string field(const std::string& text) { return std::string{char(text.size() >> 8), char(text.size())} + text; }
  bool sendPacket(uint8_t kind, const std::string& body) {
    std::string packet(1, char(kind));
    size_t left = body.size();
    do {
      packet += char((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
      left >>= 7;
    } while (left > 0);
    saidMs = millis();
    return net.write(packet + body);
  }

  WiFiClientSecure& net;
  Callback callback = nullptr;
  const char* host = "";
  int port = 0, stateCode = -1;
  size_t bufferBytes = 256;
  uint32_t saidMs = 0;
};
