/** What the panel says by which sensors of one's own are connected. */

export const reachTexts = {
  heading: "Connect a sensor of your own",
  address: "Address",
  or: " or ",
  port: "Port (MQTT with TLS)",
  authorityFingerprint: "Fingerprint of this home’s certificate authority (SHA-256)",
  fingerprint: "Fingerprint of the certificate (SHA-256)",
  until: "Certificate valid until",
  authoritySays: "A sensor is given this file once, to know this home by. It stays the same when the certificate is renewed.",
  download: "Save hearth-ca.pem",
  asText: "The same as text, for a sketch",
  noTls: "No sensor on the home network can come in: no such door is open.",
  plain: "Without encryption",
  plainSays: "127.0.0.1 is this machine itself. Other addresses stand here only where hearth.yaml allows them (mqtt.lanWithoutTls).",
  tryIt: "Try it",
  trySays:
    "It sends one temperature, which is then shown. Put its name and password, as the terminal showed them, for DEVICE and PASSWORD.",
  trySaysFile: "The command reads hearth-ca.pem from the folder where it is called.",
  copy: "Copy",
  copied: "Copied.",
  selected: "Selected: copy it with Ctrl-C.",
  unknown: "The gateway did not say how sensors reach it.",
} as const;
