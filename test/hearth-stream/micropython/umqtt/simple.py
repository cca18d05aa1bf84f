"""MQTT 3.1.1 as far as the sketch asks for it, under the names and with the blocking of MicroPython's umqtt.simple."""
import select
import socket


class MQTTException(Exception):
    pass


def field(of):
    of = of.encode() if isinstance(of, str) else of
    return len(of).to_bytes(2, "big") + of


class MQTTClient:
    def __init__(self, client_id, server, port, user, password, keepalive, ssl=None):
        self.given = (client_id, user, password)
        self.address, self.keepalive, self.pid = (server, port), keepalive, 0

    def set_callback(self, callback):
        self.callback = callback

    def set_last_will(self, topic, message, retain, qos):
        self.will, self.will_flags = (topic, message), 4 | qos << 3 | retain << 5

    def connect(self):
        client_id, user, password = self.given
        self.socket = socket.create_connection(self.address, 10)
        self.send(0x10, field("MQTT") + bytes([4, 0xC2 | self.will_flags]) + self.keepalive.to_bytes(2, "big")
                  + field(client_id) + field(self.will[0]) + field(self.will[1]) + field(user) + field(password))
        code = self.packet()[1][1]
        if code:
            raise MQTTException(code)

    def send(self, kind, body):
        size, head = len(body), bytes([kind])
        while size > 127:
            head, size = head + bytes([size & 127 | 128]), size >> 7
        self.socket.sendall(head + bytes([size]) + body)

    def read(self, count):
        got = b""
        while len(got) < count:
            part = self.socket.recv(count - len(got))
            if not part:
                raise OSError(-1)
            got += part
        return got

    def packet(self):
        kind, size, shift, part = self.read(1)[0], 0, 0, 128
        while part & 128:
            part = self.read(1)[0]
            size, shift = size | (part & 127) << shift, shift + 7
        return kind, self.read(size)

    def wait_msg(self):
        kind, body = self.packet()
        if kind & 0xF0 == 0x30:
            end = 2 + int.from_bytes(body[:2], "big")
            start = end + (2 if kind & 6 else 0)
            self.callback(body[2:end], body[start:])
            if kind & 6:
                self.send(0x40, body[end:start])
        return kind, body

    def check_msg(self):
        if select.select([self.socket], [], [], 0)[0]:
            self.wait_msg()

    def acknowledged(self, kind):
        while True:
            got, body = self.wait_msg()
            if got == kind and body[:2] == self.pid.to_bytes(2, "big"):
                return

    def subscribe(self, topic, qos):
        self.pid += 1
        self.send(0x82, self.pid.to_bytes(2, "big") + field(topic) + bytes([qos]))
        self.acknowledged(0x90)

    def publish(self, topic, message, retain, qos):
        self.pid = self.pid % 65535 + 1
        message = message.encode() if isinstance(message, str) else message
        self.send(0x30 | qos << 1 | retain, field(topic) + (self.pid.to_bytes(2, "big") if qos else b"") + message)
        if qos:
            self.acknowledged(0x40)
