#!/usr/bin/python3
"""Through a proxy to the endpoints by their own names: what it may answer, and how it is got round."""

import os
import socket
import ssl
import threading

import cli
from cli import ENTITIES

LOGIN = "user:p%40ss-word"


class TlsFront:
    """A proxy that wants TLS: hands everything on to the simulator's."""

    def __init__(self, sim, chain, key):
        self.port_behind = sim.proxy["port"]
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
                near = self.context.wrap_socket(peer, server_side=True)
            except ssl.SSLError:
                continue
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port_behind))
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=pair, daemon=True).start()

    @staticmethod
    def _pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


class Proxy(cli.CliTest):
    options = ("--sources", "--entities", "3", "--proxy-login", "user:p@ss-word")

    def env(self, **extra):
        env = cli.clean(self.home, AWS_CA_BUNDLE=self.sim.ca, HTTPS_PROXY=self.url(LOGIN))
        env.update(extra)
        return {k: v for k, v in env.items() if v is not None}

    def url(self, login=None, scheme="http", port=None):
        return f"{scheme}://{login + '@' if login else ''}127.0.0.1:{port or self.sim.proxy['port']}"

    def at(self, do, **when):
        self.sim.scenario([{"when": {"server": "proxy", **when}, "do": do}])

    def refused(self, words, *args, code=255, **extra):
        self.sim.clear()
        run = self.run_(*ENTITIES, *args, **extra)
        self.assertError(run, code, words)
        for secret in (b"p%40ss-word", b"p@ss-word", b"ss-word", b"dXNlcjpwQHNzLXdvcmQ"):
            self.assertNotIn(secret, run.err)
        self.assertEqual(self.sim.requests("iam"), [])
        return run.err.decode()

    def failed(self, **extra):
        return f'Failed to connect to proxy URL: "{self.url()}" (HTTPS_PROXY).'

    def test_through(self):
        run = self.run_(*ENTITIES)
        self.assertCode(run, 0)
        entry = self.sim.requests("proxy")[0]
        self.assertEqual((entry["path"], entry["headers"]["host"]), ("iam.amazonaws.com:443",) * 2)
        self.assertEqual(self.sim.requests("iam")[0]["sni"], "iam.amazonaws.com")
        self.assertEqual(run.out, self.run_(*ENTITIES, HTTPS_PROXY=None, https_proxy=self.url(LOGIN)).out)

    def test_as_the_aws_cli(self):
        """For the same variables, the same way."""
        for extra in ({}, {"AWS_ENDPOINT_URL_IAM": self.sim.url}, {"AWS_ENDPOINT_URL_IAM": self.sim.url, "NO_PROXY": "localhost"}):
            ways = []
            for by in (self.run_, self.aws):
                self.sim.clear()
                self.assertCode(by(*ENTITIES, **extra), 0)
                ways.append([e["path"] for e in self.sim.requests("proxy")])
            self.assertEqual(ways[0], ways[1], extra)

    def test_hosts_as_the_aws_cli(self):
        """Which STS a role is asked of, by region, FIPS and dual-stack."""
        config = os.path.join(self.home, "config")
        with open(config, "w", encoding="utf-8") as f:
            f.write("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/reader\ncredential_source = Environment\n")
        fips, dual = {"AWS_USE_FIPS_ENDPOINT": "true"}, {"AWS_USE_DUALSTACK_ENDPOINT": "true"}
        for region, extra in (("eu-west-1", {}), ("us-east-1", fips), ("eu-west-1", dual), ("cn-north-1", {})):
            args = ("--profile", "p", "--region", region)
            called = []
            for by in (self.run_, self.aws):
                self.sim.clear()
                by(*ENTITIES, *args, AWS_MAX_ATTEMPTS="1", AWS_CONFIG_FILE=config, AWS_STS_REGIONAL_ENDPOINTS="regional",
                   **extra)
                called.append(self.sim.requests("proxy")[0]["path"])
            self.assertEqual(called[0], called[1], (args, extra))

    def test_login(self):
        said = self.refused(self.failed() + " The proxy answered CONNECT with 407 Proxy Authentication Required",
                            HTTPS_PROXY=self.url())
        self.assertIn("HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT", said)
        said = self.refused(self.failed() + " The proxy answered CONNECT with 407", HTTPS_PROXY=self.url("user:wrong"))
        self.assertIn("does not take the user and password", said)
        self.assertNotIn("wrong", said)

    def test_refusals(self):
        self.refused(self.failed() + " The proxy answered CONNECT with 403 Forbidden. NO_PROXY names",
                     "--region", "cn-north-1")
        self.at({"status": 451, "reason": "Not \u202ehere"})      # nothing that turns a terminal's line round
        self.refused(self.failed() + " The proxy answered CONNECT with 451 Not \\xe2", "--max-attempts", "3")
        self.assertEqual(len(self.sim.requests("proxy")), 1)            # said once, and meant
        self.at({"status": 502, "reason": "Bad Gateway"})
        said = self.refused(self.failed() + " The proxy answered CONNECT with 502 Bad Gateway", "--max-attempts", "2")
        self.assertIn("could not reach the endpoint", said)
        self.assertEqual(len(self.sim.requests("proxy")), 2)
        self.sim.scenario([{"when": {"server": "proxy"}, "times": 1, "do": {"status": 503}}])
        self.assertCode(self.run_(*ENTITIES), 0)

    def test_nonsense(self):
        one = ("--max-attempts", "1")
        self.at({"raw": "SSH-2.0-OpenSSH_9.2\r\n"})
        self.refused(self.failed() + " What answered there is no HTTP proxy", *one)
        self.at({"cut": {"part": "head", "after": 9, "how": "close"}})
        self.refused("", *one)
        self.at({"stall": {"part": "head", "seconds": 3000}})
        self.refused("Connect timeout on endpoint URL: ", *one, "--cli-connect-timeout", "0.5")
        self.at({"dribble": {"bytes": 1, "ms": 1}, "headers": {"X-Filler": "x" * 50}})
        self.assertCode(self.run_(*ENTITIES), 0)
        self.at({"informational": [100, 103]})
        self.assertCode(self.run_(*ENTITIES), 0)

    def test_nobody(self):
        self.refused('Failed to connect to proxy URL: "http://127.0.0.1:1" (HTTPS_PROXY). Connection refused.',
                     HTTPS_PROXY="http://u:p@127.0.0.1:1")
        self.refused('Failed to connect to proxy URL: "http://no-such-host.invalid:1" (HTTPS_PROXY). Its host name is '
                     "not known", HTTPS_PROXY="http://no-such-host.invalid:1")
        for url in ("http://u:ss-word@h:x", "socks5://h", "http://u:ss-word@"):
            self.refused("The proxy URL in HTTPS_PROXY is not usable: ", HTTPS_PROXY=url)

    def test_round_it(self):
        """NO_PROXY: straight to a host that nobody knows here."""
        for value in ("iam.aws.invalid", ".aws.invalid", "invalid", "*", "x, IAM.aws.invalid", "iam.aws.invalid:1"):
            self.refused('Could not connect to the endpoint URL: "https://iam.aws.invalid:1/"', "--endpoint-url",
                         "https://iam.aws.invalid:1", "--max-attempts", "1", NO_PROXY=value)
            self.assertEqual(self.sim.requests("proxy"), [], value)
        for value in ("amazonaws.co", "aws.com", "iam.amazonaws.com:444"):
            self.sim.clear()
            self.assertCode(self.run_(*ENTITIES, NO_PROXY=value), 0)
            self.assertEqual(len(self.sim.requests("proxy")), 1, value)

    def test_tls_to_the_proxy(self):
        folder = os.path.dirname(self.sim.ca)
        front = TlsFront(self.sim, os.path.join(folder, "ecdsa-leaf-chain.pem"), os.path.join(folder, "ecdsa-leaf.key"))
        self.addCleanup(front.close)
        url = self.url(LOGIN, "https", front.port)
        self.assertCode(self.run_(*ENTITIES, HTTPS_PROXY=url), 0)
        self.assertEqual(len(self.sim.requests("proxy")), 1)
        said = self.refused(f"SSL validation failed for https://127.0.0.1:{front.port}", HTTPS_PROXY=url,
                            AWS_CA_BUNDLE="/etc/ssl/certs/ca-certificates.crt")
        self.assertIn("certificate verify failed", said)

    def test_certificates_behind_it(self):
        """The proxy is no way round the check of the endpoint's certificate."""
        self.sim.scenario([{"do": {"certificate": "wrong-name"}}])
        said = self.refused("SSL validation failed for https://iam.amazonaws.com/ certificate verify failed")
        self.assertNotIn("127.0.0.1", said)

    def test_sources_behind_it(self):
        """STS and AWS IoT go through it; metadata and containers do not."""
        config = os.path.join(self.home, "config")
        with open(config, "w", encoding="utf-8") as f:
            f.write("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/reader\ncredential_source = Environment\n")
        self.assertCode(self.run_(*ENTITIES, "--profile", "p", AWS_CONFIG_FILE=config), 0)
        self.assertEqual([e["path"] for e in self.sim.requests("proxy")],
                         ["sts.us-east-1.amazonaws.com:443", "iam.amazonaws.com:443"])
        self.sim.clear()
        iot = self.sim.iot
        self.assertCode(self.run_(*ENTITIES, "--iot-endpoint", iot["name"], "--iot-role-alias", "sim-alias", "--iot-cert",
                                  iot["cert"], "--iot-key", iot["key"]), 0)
        self.assertEqual(self.sim.requests("iot")[0]["sni"], iot["name"])
        self.assertEqual([e["path"] for e in self.sim.requests("proxy")], [iot["name"] + ":443", "iam.amazonaws.com:443"])
        self.sim.clear()
        none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
        self.assertCode(self.run_(*ENTITIES, AWS_CONTAINER_CREDENTIALS_FULL_URI=self.sim.container["url"] + "/task",
                                  HTTP_PROXY=self.url(LOGIN), **none), 0)
        self.assertEqual([e["path"] for e in self.sim.requests("proxy")], ["iam.amazonaws.com:443"])

    def test_debug(self):
        run = self.run_(*ENTITIES, "--debug")
        self.assertCode(run, 0)
        self.assertIn(f"proxy {self.url()} (HTTPS_PROXY)".encode(), run.err)
        for secret in (b"ss-word", b"dXNlcjpwQHNzLXdvcmQ"):
            self.assertNotIn(secret, run.err)


if __name__ == "__main__":
    cli.main()
