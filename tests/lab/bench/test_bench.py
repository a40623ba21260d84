#!/usr/bin/python3
"""What bench.py makes of what it is told."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # noqa: E402


class Names(unittest.TestCase):
    def test_the_aead_of_a_cipher_suite(self):
        """As OpenSSL names them: the floor beside a row is of the AEAD that was used."""
        for cipher, aead in (("ECDHE-ECDSA-AES128-GCM-SHA256", "AES-128-GCM"), ("ECDHE-RSA-AES256-GCM-SHA384", "AES-256-GCM"),
                             ("TLS_AES_128_GCM_SHA256", "AES-128-GCM"), ("TLS_AES_256_GCM_SHA384", "AES-256-GCM"),
                             ("TLS_CHACHA20_POLY1305_SHA256", "ChaCha20-Poly1305"),
                             ("ECDHE-ECDSA-CHACHA20-POLY1305", "ChaCha20-Poly1305")):
            self.assertEqual(bench.aead_of(cipher), aead, cipher)


if __name__ == "__main__":
    unittest.main()
