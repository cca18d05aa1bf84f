// A plain socket under the name of the encrypted one.
#pragma once
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "Arduino.h"

class WiFiClientSecure {
 public:
  void setCACert(const char*) {}
  bool open(const char* host, int port) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, std::to_string(port).c_str(), &hints, &found) != 0) return false;
    handle = socket(found->ai_family, found->ai_socktype, 0);
    const bool isOpen = ::connect(handle, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    if (!isOpen) close();
    return isOpen;
  }
  void close() {
    if (handle >= 0) ::close(handle);
    handle = -1;
  }
  bool isOpen() const { return handle >= 0; }
  bool hasBytes(int waitMs) const {
    pollfd waiting{handle, POLLIN, 0};
    return handle >= 0 && poll(&waiting, 1, waitMs) > 0;
  }
  bool read(uint8_t* to, size_t count) {
    for (size_t got = 0; got < count;) {
      const ssize_t more = recv(handle, to + got, count - got, 0);
      if (more <= 0) return close(), false;
      got += more;
    }
    return true;
  }
  bool write(const std::string& bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t more = send(handle, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (more <= 0) return close(), false;
      sent += more;
    }
    return true;
  }

 private:
  int handle = -1;
};
