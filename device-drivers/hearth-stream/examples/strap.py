"""An ECG strap of an ESP32 and an AD8232 for Hearth, in MicroPython. Once: import mip; mip.install("umqtt.simple"). Set the first lines."""
import array, hashlib, json, machine, network, os, ssl, time
from umqtt.simple import MQTTClient

WIFI_NAME, WIFI_PASSWORD = "my network", "its password"
HOST, PORT = "hearth.local", 8883  # the address that "hearth cert show" names; port 8883 is encrypted
DEVICE, PASSWORD = "chest-strap", "as Hearth printed it"
CERTIFICATE = """-----BEGIN CERTIFICATE-----
what hearth-ca.pem has between these lines
-----END CERTIFICATE-----
"""
ecg, off_plus, off_minus = machine.ADC(machine.Pin(34)), machine.Pin(26, machine.Pin.IN), machine.Pin(27, machine.Pin.IN)  # OUTPUT, LO+ and LO- of the AD8232

RATE_HZ, BATCH = 250, 125  # a batch every half second
NOT_READY, LEAD_OFF = -2, -1
# The AD8232 amplifies 1100 times; read_u16 has 65536 steps for 3.3 V, halved to fit 16 bits with a sign: 3300 mV / 32768 / 1100 a step.
META = json.dumps({"v": 1, "rateHz": RATE_HZ, "placement": "chest", "contact": "measured", "channels": [
    {"id": "ecg", "kind": "ecg", "lead": "II", "unit": "mV", "scale": 0.000091553, "offset": -1.5}], "sentinels": [
    {"channel": "ecg", "value": LEAD_OFF, "meaning": "lead-off"}, {"channel": "ecg", "value": NOT_READY, "meaning": "not-ready"}]}).encode()
META_HASH, BOOT = hashlib.sha256(META).digest()[:8], os.urandom(8)
BASE = "hearth/v1/home/" + DEVICE + "/"
PERIOD_US = 1000000 // RATE_HZ


def head(kind, value):  # CBOR (RFC 8949): kind in the upper three bits, then the number
    if value < 24:
        return bytes([kind << 5 | value])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([kind << 5 | code]) + value.to_bytes(size, "big")


def text(of):
    return head(3, len(of)) + of.encode()


def number(key, value):
    return text(key) + head(0, value)


def raw(key, of):
    return text(key) + head(2, len(of)) + of


def batch(q, x):
    n0 = q * BATCH
    x = bytes(x)  # 16 bit, signed, little-endian, as the ESP32 has them
    return (head(5, 9) + number("v", 1) + raw("b", BOOT) + number("q", q) + number("n0", n0) + number("t", n0 * PERIOD_US * 1000)
            + number("k", 1) + number("d", PERIOD_US * 1000)
            + text("c") + head(4, 1) + head(5, 2) + text("i") + text("ecg") + text("x") + head(6, 77) + head(2, len(x)) + x
            + raw("m", META_HASH))


# The timer fills one half while the other is sent. What came too late is not measured any more, and nobody makes it up.
samples, taken, next_us = array.array("h", [NOT_READY] * (2 * BATCH)), 0, 0


def sample(_timer):
    global taken, next_us
    while time.ticks_diff(time.ticks_us(), next_us) >= 0:
        late = time.ticks_diff(time.ticks_us(), next_us) > 2 * PERIOD_US
        off = off_plus.value() or off_minus.value()
        samples[taken % (2 * BATCH)] = NOT_READY if late else LEAD_OFF if off else ecg.read_u16() >> 1
        taken, next_us = taken + 1, time.ticks_add(next_us, PERIOD_US)


def hear(topic, message):
    global is_asked
    if topic.endswith(b"/cmd/meta"):
        is_asked = True  # answered in its turn: another publish may wait for its acknowledgement now
    if topic.endswith(b"/cmd/error") and message:
        print(message.decode())


def connect():
    global client, is_asked
    context = None
    if PORT == 8883:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=CERTIFICATE)
    client = MQTTClient(DEVICE, HOST, PORT, DEVICE, PASSWORD, 60, ssl=context)
    client.set_callback(hear)
    client.set_last_will(BASE + "status", '{"state":"offline"}', True, 1)
    client.connect()
    client.subscribe(BASE + "cmd/#", 1)
    client.publish(BASE + "ecg/meta", META, True, 1)
    is_asked = False
    client.publish(BASE + "status", '{"state":"online"}', True, 1)


def main():
    global next_us, is_asked
    wifi = network.WLAN(network.STA_IF)
    wifi.active(True)
    wifi.connect(WIFI_NAME, WIFI_PASSWORD)
    next_us = time.ticks_us()
    machine.Timer(0).init(freq=RATE_HZ, callback=sample)
    sent, waiting, is_connected = 0, None, False
    while True:
        try:
            if not is_connected and wifi.isconnected():
                connect()
                is_connected = True
            full = taken // BATCH
            if waiting is None and full > sent:
                sent = full  # the numbers of what was overwritten meanwhile are left out: a gap
                half = (full - 1) % 2 * BATCH
                waiting = batch(full - 1, samples[half:half + BATCH])
            if is_connected:
                if is_asked:
                    client.publish(BASE + "ecg/meta", META, True, 1)
                    is_asked = False
                if waiting is not None:
                    client.publish(BASE + "ecg/raw", waiting, False, 1)  # comes back when it is on Hearth's disk
                    waiting = None
                client.check_msg()
        except Exception as error:  # the network, the address or the password: 4 and 5 are Hearth's refusals of name and password
            print("not connected:", error)
            is_connected = False
            time.sleep(5)
        time.sleep_ms(10)


main()
