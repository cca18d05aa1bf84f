"""A made-up heartbeat for Hearth: python3 publisher.py HOST PORT DEVICE PASSWORD [CERTIFICATE]"""
import base64, hashlib, json, math, os, sys, time
import paho.mqtt.client as mqtt
host, port, device, password, *certificate = sys.argv[1:]
base, rate = f"hearth/v1/home/{device}", 250
meta = json.dumps({"v": 1, "rateHz": rate, "placement": "chest", "sentinels": [], "channels": [
    {"id": "ecg", "kind": "ecg", "lead": "II", "unit": "mV", "scale": 0.001, "offset": 0}]}).encode()
boot, meta_hash = (base64.urlsafe_b64encode(raw[:8]).rstrip(b"=").decode() for raw in (os.urandom(8), hashlib.sha256(meta).digest()))
def say(channel, payload, retain=False): client.publish(f"{base}/{channel}", payload, qos=1, retain=retain)
def greet(*_):  # at each connection
    client.subscribe(f"{base}/cmd/#", qos=1)
    say("ecg/meta", meta, retain=True)
    say("status", '{"state":"online"}', retain=True)
def hear(_client, _data, message):
    if message.topic.endswith("/cmd/meta"): say("ecg/meta", meta, retain=True)
    if message.topic.endswith("/cmd/error") and message.payload: print(message.payload.decode(), flush=True)
client = mqtt.Client(*([mqtt.CallbackAPIVersion.VERSION2] if hasattr(mqtt, "CallbackAPIVersion") else []), client_id=device)
client.username_pw_set(device, password)
client.will_set(f"{base}/status", '{"state":"offline"}', qos=1, retain=True)
if certificate: client.tls_set(ca_certs=certificate[0])
client.on_connect, client.on_message = greet, hear
client.connect(host, int(port))
client.loop_start()  # connects again by itself, and sends again what was not acknowledged
waves = ((.18, .025, 120), (.30, .010, 1100), (.32, .009, -250), (.52, .05, 280))  # s, s, uV
def heart(s): return round(sum(uv * math.exp(-(((s - at) / width) ** 2)) for at, width, uv in waves))
start = time.monotonic()
for q in range(10**9):  # a batch a second, sent when its last sample is there
    time.sleep(max(0, start + q + 1 - time.monotonic()))
    say("ecg/raw", json.dumps({"v": 1, "b": boot, "q": q, "n0": q * rate, "t": q * 10**9, "k": 1, "d": 10**9 // rate,
                               "c": [{"i": "ecg", "x": [heart(i / rate) for i in range(rate)]}], "m": meta_hash}))
