"""Takes the settings of an encrypted connection; umqtt.simple here stays plain."""
PROTOCOL_TLS_CLIENT = CERT_REQUIRED = 0


class SSLContext:
    def __init__(self, protocol):
        pass

    def load_verify_locations(self, cadata):
        pass
